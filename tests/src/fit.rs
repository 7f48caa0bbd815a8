//! Whether a page fits a narrow phone, a finger and a keyboard: what axe does not measure.

use anyhow::Result;
use serde_json::Value;
use thirtyfour::Key;

use crate::Browser;

/// What on the page is wider than the window, and which controls are lower than 44 pixels; one line for each.
///
/// A link in the middle of a sentence may be as low as the sentence.
///
/// # Errors
///
/// The browser does not answer.
pub async fn misfits(browser: &Browser) -> Result<Vec<String>> {
    const SCRIPT: &str = "const width = document.documentElement.clientWidth;
        const name = it => it.outerHTML.slice(0, 120);
        const isSeen = it => it.checkVisibility() && it.getBoundingClientRect().width > 1;
        const all = [...document.querySelectorAll('body *')].filter(isSeen);
        const wide = document.documentElement.scrollWidth > width
            ? all.filter(it => it.getBoundingClientRect().right > width + 0.5) : [];
        const low = all.filter(it => it.matches('a, button, input, select, textarea, summary')
            && getComputedStyle(it).display !== 'inline' && it.getBoundingClientRect().height < 44);
        return [...wide.map(it => 'too wide: ' + name(it)), ...low.map(it => 'too low: ' + name(it))];";

    lines(browser, SCRIPT).await
}

/// Which controls the Tab key does not reach, and which of them do not show that they have the focus.
///
/// # Errors
///
/// The browser does not answer.
pub async fn unreached(browser: &Browser) -> Result<Vec<String>> {
    const CONTROLS: &str =
        "const name = it => it.outerHTML.slice(0, 120);
        document.activeElement.blur();
        window.unreached = new Set([...document.querySelectorAll('a, button, input, select, textarea, summary')]
            .filter(it => it.checkVisibility() && it.type !== 'hidden'));
        return [...window.unreached].map(name);";
    const FOCUSED: &str = "const it = document.activeElement;
        if (!window.unreached.delete(it)) return [];
        const style = getComputedStyle(it);
        const isShown = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 3;
        return isShown ? [] : ['shows no focus: ' + it.outerHTML.slice(0, 120)];";
    const LEFT: &str =
        "return [...window.unreached].map(it => 'never has the focus: ' + it.outerHTML.slice(0, 120));";

    // Tab begins behind what had the focus, and passes by the window's own edge before it comes round again.
    const ROUND_THE_EDGE: usize = 3;

    let mut found = Vec::new();
    let controls = lines(browser, CONTROLS).await?.len();
    for _ in 0..controls + ROUND_THE_EDGE {
        browser.key(Key::Tab).await?;
        found.extend(lines(browser, FOCUSED).await?);
    }
    found.extend(lines(browser, LEFT).await?);
    Ok(found)
}

async fn lines(browser: &Browser, script: &str) -> Result<Vec<String>> {
    let answer = browser.driver().execute(script, vec![]).await?;
    let lines = answer.json().as_array().cloned().unwrap_or_default();
    Ok(lines.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
