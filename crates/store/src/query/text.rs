//! Conditions on one folded text, in words that both engines know.

use vestibule_odata::TextOp;

use super::compile::{FALSE, Params};
use crate::sql::Bind;

/// The first text after all that begin with `prefix`; `None` when there is none. Text is ordered by code point on both engines.
pub(crate) fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// `subject` (SQL) begins with, ends with or contains `part`, which is folded; or it does not. Of a null neither is true.
pub(super) fn test(subject: &str, op: TextOp, part: &str, is_negated: bool, params: &mut Params) -> String {
    let there = format!("{subject} IS NOT NULL");
    if part.contains('\0') {
        return if is_negated { there } else { FALSE.into() };
    }
    if part.is_empty() {
        return if is_negated { FALSE.into() } else { there };
    }
    let place = params.add(part.bound());
    match op {
        TextOp::StartsWith => starts(subject, &place, after_prefix(part), is_negated, params),
        TextOp::EndsWith => {
            let ends = format!(
                "length({subject}) >= length({place})
                 AND substr({subject}, length({subject}) - length({place}) + 1) = {place}"
            );
            if is_negated { format!("NOT ({ends})") } else { format!("({ends})") }
        }
        TextOp::Contains => {
            let sign = if is_negated { "=" } else { "<>" };
            format!("replace({subject}, {place}, '') {sign} {subject}")
        }
    }
}

fn starts(subject: &str, from: &str, until: Option<String>, is_negated: bool, params: &mut Params) -> String {
    let until = until.map(|until| params.add(until.bound()));
    match (until, is_negated) {
        (Some(until), false) => format!("({subject} >= {from} AND {subject} < {until})"),
        (Some(until), true) => format!("({subject} < {from} OR {subject} >= {until})"),
        (None, false) => format!("{subject} >= {from}"),
        (None, true) => format!("{subject} < {from}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_comes_right_after_everything_that_begins_with_it() {
        for (prefix, end) in [
            ("ab", Some("ac")),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(after_prefix(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
