/// A name from outside as it may be shown: without controls, invisible and bidirectional marks, addresses and links, so
/// that a display name cannot pose as any of them (`redemption.md` 3.3). May come out empty.
///
/// A bare host such as `Booking.com` stays: organisations are called so.
pub fn clean_name(name: &str) -> String {
    let visible: String =
        name.chars().filter(|&c| !is_hidden(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();

    visible
        .split_whitespace()
        .filter(|word| !is_address(word) && !is_link(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// An inviter's own words, line by line, as text: without controls and without marks that turn around what follows. All
/// else stays as it was written (`redemption.md` 3.1).
pub fn message_lines(body: &str) -> Vec<String> {
    let is_turning = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let is_unwanted = |c: char| (c.is_control() && c != '\t') || is_turning(c);
    let body = body.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");

    body.trim_matches('\n')
        .split('\n')
        .map(|line| line.chars().filter(|&c| !is_unwanted(c)).collect())
        .collect()
}

/// Marks that turn or hide text, and the two characters with which catalogues emphasise. The joiners U+200C and U+200D
/// stay: Persian and Hindi are spelled with them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E000}' | '\u{E001}'
        | '\u{E0000}'..='\u{E007F}')
}

/// Whether `word` holds an at sign, also in its small and full-width forms.
fn is_address(word: &str) -> bool {
    word.contains(['@', '\u{FE6B}', '\u{FF20}'])
}

fn is_link(word: &str) -> bool {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let is_host =
        |host: &str| host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && !rest.is_empty());

    word.contains("://")
        || ["www.", "mailto:", "javascript:", "data:"].iter().any(|begin| word.starts_with(begin))
        || word.split_once('/').is_some_and(|(host, _)| is_host(host))
}

#[cfg(test)]
mod tests {
    use super::{clean_name, message_lines};

    #[test]
    fn a_message_keeps_its_lines_and_loses_what_turns_text_around() {
        let typed = "\nHello \u{202E}olleH\u{202C}\r\n\r\nsee https://a.example\u{7}\u{2028}<b>you</b>\n";

        assert_eq!(message_lines(typed), ["Hello olleH", "", "see https://a.example", "<b>you</b>"]);
    }

    #[test]
    fn a_name_cannot_pose_as_an_address_a_link_or_a_header() {
        for (name, shown) in [
            ("Kim Min", "Kim Min"),
            ("김민지", "김민지"),
            ("  Kim \t Min ", "Kim Min"),
            ("Kim\r\nBcc: x@evil.example", "Kim Bcc:"),
            ("Kim\0Min", "Kim Min"),
            ("ceo@contoso.com", ""),
            ("ceo＠contoso.com Kim", "Kim"),
            ("Kim https://evil.example/a", "Kim"),
            ("Kim (www.evil.example)", "Kim"),
            ("evil.example/login Kim", "Kim"),
            ("Booking.com", "Booking.com"),
            ("St.John A/S", "St.John A/S"),
            ("Min \u{202E}gnp.exe", "Min gnp.exe"),
            ("K\u{2066}i\u{2069}m\u{FEFF}", "Kim"),
            ("مریم می\u{200C}خواهد", "مریم می\u{200C}خواهد"),
        ] {
            assert_eq!(clean_name(name), shown, "{name:?}");
        }
    }
}
