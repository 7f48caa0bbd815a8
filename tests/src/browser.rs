//! Chromium, driven as a guest uses it: by the names of what can be seen.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, Key};

use crate::process::{self, Process};
use crate::tools::{self, Tool};
use crate::wait;

const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a page may take.
pub(crate) const PAGE_LIMIT: Duration = Duration::from_secs(20);

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As most people browse.
    On,
    /// As the pages must also work.
    Off,
}

/// A browser with a new, empty profile, closed when dropped.
#[derive(Debug)]
pub struct Browser {
    // Order matters: chromedriver is killed before its profile goes.
    driver: WebDriver,
    chromedriver: SocketAddr,
    _chromedriver: Process,
    _profile: TempDir,
}

impl Drop for Browser {
    /// Ends the session over a connection of its own: the driver's way blocks the test's only thread until it times out.
    fn drop(&mut self) {
        let session = self.driver.session_id().to_string();
        if self.driver.clone().leak().is_ok() {
            let _ = end_session(self.chromedriver, &session);
        }
    }
}

fn end_session(chromedriver: SocketAddr, session: &str) -> Result<()> {
    let mut connection = TcpStream::connect(chromedriver)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(connection, "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    connection.read_to_end(&mut Vec::new())?;
    Ok(())
}

impl Browser {
    /// A browser that trusts the authority in the file `ca`; `None`, said loudly, where there is no Chromium.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(ca: &Path, scripts: Scripts) -> Option<Self> {
        let chromium = Tool::Chromium.find()?;
        let chromedriver = Tool::Chromedriver.find()?;
        Some(
            Self::open(&chromium, &chromedriver, ca, scripts)
                .await
                .unwrap_or_else(|error| panic!("{error:#}")),
        )
    }

    async fn open(chromium: &str, chromedriver: &str, ca: &Path, scripts: Scripts) -> Result<Self> {
        crate::http::use_one_crypto_provider();
        let profile = TempDir::with_prefix("vestibule-chromium-")?;
        trust(profile.path(), ca).await?;

        let port = process::free_port()?;
        let mut command = process::clean(chromedriver);
        command.arg(format!("--port={port}")).env("HOME", profile.path());
        let chromedriver = Process::start(&mut command, &profile.path().join("log"))?;
        let url = format!("http://127.0.0.1:{port}");
        wait::until(START_LIMIT, "chromedriver", async || {
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;

        let capabilities = capabilities(chromium, profile.path(), scripts)?;
        let driver = WebDriver::new(url, capabilities).await.context("no browser session")?;
        driver.set_page_load_timeout(PAGE_LIMIT).await?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Ok(Self { driver, chromedriver: address, _chromedriver: chromedriver, _profile: profile })
    }

    /// The driver, for what has no method here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens `url`.
    ///
    /// # Errors
    ///
    /// It cannot be loaded.
    pub async fn open_page(&self, url: &str) -> Result<()> {
        self.driver.goto(url).await.with_context(|| format!("opening {url}"))
    }

    /// The address shown.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn address(&self) -> Result<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// The name of the screen shown: `data-screen` of `main`; empty on a page of somebody else.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn screen(&self) -> Result<String> {
        match self.driver.find(By::Css("main[data-screen]")).await {
            Ok(main) => Ok(main.attr("data-screen").await.unwrap_or_default().unwrap_or_default()),
            Err(_) => Ok(String::new()),
        }
    }

    /// Waits until the screen `name` is shown.
    ///
    /// # Errors
    ///
    /// Another one stays; the error holds its text.
    pub async fn expect_screen(&self, name: &str) -> Result<()> {
        let what = format!("screen {name}");
        let seen = wait::until(PAGE_LIMIT, &what, async || Ok((self.screen().await? == name).then_some(())));
        if let Err(error) = seen.await {
            let screen = self.screen().await?;
            anyhow::bail!("{error}; {} shows {screen}: {}", self.address().await?, self.text().await?);
        }
        Ok(())
    }

    /// Waits until the page says `part`: what was pressed may take effect after the press is over.
    ///
    /// # Errors
    ///
    /// It does not in time; the error holds what it says.
    pub async fn expect_text(&self, part: &str) -> Result<()> {
        let what = format!("text {part}");
        let seen = wait::until(PAGE_LIMIT, &what, async || {
            // Between two pages there is no text at all.
            Ok(self.text().await.unwrap_or_default().contains(part).then_some(()))
        });
        if let Err(error) = seen.await {
            anyhow::bail!("{error}; {} says: {}", self.address().await?, self.text().await?);
        }
        Ok(())
    }

    /// Waits until the address begins with `start`.
    ///
    /// # Errors
    ///
    /// It does not in time.
    pub async fn expect_address(&self, start: &str) -> Result<()> {
        let what = format!("address {start}");
        let seen = wait::until(PAGE_LIMIT, &what, async || {
            Ok(self.address().await?.starts_with(start).then_some(()))
        });
        if let Err(error) = seen.await {
            anyhow::bail!("{error}; at {}: {}", self.address().await?, self.text().await?);
        }
        Ok(())
    }

    /// Everything that can be read on the page.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn text(&self) -> Result<String> {
        Ok(self.driver.find(By::Tag("body")).await?.text().await?)
    }

    /// Presses the button or link named `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error holds the page's text.
    pub async fn press(&self, name: &str) -> Result<()> {
        let path = format!(
            "//*[(self::button or self::a or self::summary) and (normalize-space(.)='{name}' or @aria-label='{name}')]"
        );
        match self.driver.find(By::XPath(path)).await {
            Ok(element) => Ok(element.click().await?),
            Err(_) => anyhow::bail!("nothing named {name} to press on: {}", self.text().await?),
        }
    }

    /// Types `text` into the field labelled `label`, in place of what was there.
    ///
    /// # Errors
    ///
    /// There is none; the error holds the page's text.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let Ok(found) = self.driver.find(By::XPath(format!("//label[normalize-space(.)='{label}']"))).await
        else {
            anyhow::bail!("no field labelled {label} on: {}", self.text().await?);
        };
        let id = found.attr("for").await?.context("a label that names no field")?;
        let field = self.driver.find(By::Id(id)).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Presses a key, as on a keyboard, wherever the focus is.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn key(&self, key: Key) -> Result<()> {
        // Sent to the focused element: an action chain whose key leads to another page is played there once more.
        Ok(self.driver.active_element().await?.send_keys(TypingData::from(key)).await?)
    }

    /// Types `text` wherever the focus is.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn type_keys(&self, text: &str) -> Result<()> {
        Ok(self.driver.active_element().await?.send_keys(text).await?)
    }

    /// Presses Tab until what is named `name` has the focus.
    ///
    /// # Errors
    ///
    /// It never gets it.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        const MORE_THAN_ANY_PAGE_HAS: usize = 40;
        let mut passed = Vec::new();
        for _ in 0..MORE_THAN_ANY_PAGE_HAS {
            let focused = self.focused().await?;
            if focused == name {
                return Ok(());
            }
            passed.push(focused);
            self.key(Key::Tab).await?;
        }
        anyhow::bail!("{name} never got the focus; it went over {passed:?}")
    }

    /// The name of what has the focus: its text, else that of its label.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn focused(&self) -> Result<String> {
        let script = "const it = document.activeElement;
            const name = it.labels?.[0]?.innerText ?? it.getAttribute('aria-label') ?? it.innerText ?? it.tagName;
            return name.trim();";
        Ok(self.driver.execute(script, vec![]).await?.json().as_str().unwrap_or_default().to_owned())
    }

    /// What axe-core complains of on this page: one line for each violation. `None` without axe.
    ///
    /// `without` names rules that do not apply.
    ///
    /// # Errors
    ///
    /// It cannot be run.
    pub async fn axe(&self, without: &[&str]) -> Result<Option<Vec<String>>> {
        let Some(script) = Tool::Axe.find() else { return Ok(None) };
        self.driver.execute(fs::read_to_string(script)?, vec![]).await?;
        let run = "const [without, done] = arguments;
            const rules = Object.fromEntries(without.map(name => [name, { enabled: false }]));
            axe.run(document, { resultTypes: ['violations'], rules })
                .then(found => done(found.violations.map(one => ({ rule: one.id, help: one.help, at: one.nodes.map(n => n.html) }))))
                .catch(error => done([{ rule: 'axe itself', help: String(error), at: [] }]));";
        let found = self.driver.execute_async(run, vec![json!(without)]).await?;
        let violations = found.json().as_array().cloned().context("axe answered nothing")?;
        Ok(Some(violations.iter().map(Value::to_string).collect()))
    }

    /// Pretends a window of `width` CSS pixels and a colour scheme.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn pretend(&self, width: u32, scheme: &str) -> Result<()> {
        let cdp = self.driver.cdp();
        let metrics = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600});
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        cdp.send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// The languages the browser asks for, most wanted first.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn speak(&self, languages: &str) -> Result<()> {
        let cdp = self.driver.cdp();
        let agent = self.driver.execute("return navigator.userAgent", vec![]).await?;
        let parameters = json!({"userAgent": agent.json(), "acceptLanguage": languages});
        cdp.send_raw("Emulation.setUserAgentOverride", parameters).await?;
        Ok(())
    }

    /// A picture of the whole page, also of what must be scrolled to.
    ///
    /// # Errors
    ///
    /// The browser does not answer.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        use base64::Engine as _;

        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.driver.cdp().send_raw("Page.captureScreenshot", parameters).await?;
        let data = answer["data"].as_str().context("a picture without data")?;
        Ok(base64::engine::general_purpose::STANDARD.decode(data)?)
    }
}

/// Puts `ca` into the certificate store that Chromium reads below `home`.
async fn trust(home: &Path, ca: &Path) -> Result<()> {
    let Some(certutil) = tools::in_path("certutil") else {
        anyhow::bail!("certutil is not here: apt-get install libnss3-tools");
    };
    let folder = home.join(".pki/nssdb");
    fs::create_dir_all(&folder)?;
    let store = format!("sql:{}", folder.display());

    let mut new = process::clean(&certutil);
    new.args(["-N", "--empty-password", "-d", &store]);
    let mut add = process::clean(&certutil);
    add.args(["-A", "-n", "vestibule", "-t", "C,,", "-d", &store, "-i"]).arg(ca);
    for command in [new, add] {
        let output = process::finish(command).await?;
        ensure!(output.status.success(), "certutil: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn capabilities(chromium: &str, profile: &Path, scripts: Scripts) -> Result<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(chromium)?;
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en-US",
        "--window-size=1180,900",
    ] {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.join("data").display()))?;
    if scripts == Scripts::Off {
        const BLOCK: u8 = 2;
        let preferences = json!({"profile.managed_default_content_settings.javascript": BLOCK});
        capabilities.add_experimental_option("prefs", preferences)?;
    }
    Ok(capabilities)
}
