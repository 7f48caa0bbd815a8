//! From characters to words.

/// A word of a filter and where it starts, in bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind<'t>,
    pub(crate) start: usize,
}

/// What a word is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Kind<'t> {
    /// A name, path, keyword, or a literal without quotes.
    Word(&'t str),
    /// What stood between quotes.
    Quoted(String),
    /// `duration'…'`, which is compared with nothing here.
    Duration,
    Open,
    Close,
    Comma,
    Colon,
    /// What cannot be a word. Nothing after it is read.
    Broken,
    /// After the last word, so that a parser may always look at one more.
    End,
}

/// Cuts `text` into words, the last of which is [`Kind::End`].
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        let kind = match first {
            ' ' | '\t' => {
                at += 1;
                continue;
            }
            '(' => punctuation(&mut at, Kind::Open),
            ')' => punctuation(&mut at, Kind::Close),
            ',' => punctuation(&mut at, Kind::Comma),
            ':' => punctuation(&mut at, Kind::Colon),
            '\'' => quoted(text, &mut at).map_or(Kind::Broken, Kind::Quoted),
            _ => word(text, &mut at).unwrap_or(Kind::Broken),
        };
        let is_broken = kind == Kind::Broken;
        tokens.push(Token { kind, start });
        if is_broken {
            break;
        }
    }
    tokens.push(Token { kind: Kind::End, start: text.len() });

    tokens
}

fn punctuation<'t>(at: &mut usize, kind: Kind<'t>) -> Kind<'t> {
    *at += 1;
    kind
}

/// Reads from the opening quote to past the closing one. `''` is one apostrophe; U+0000 is refused, since no string holds it.
fn quoted(text: &str, at: &mut usize) -> Option<String> {
    let mut content = String::new();
    let mut rest = &text[*at + 1..];
    loop {
        let end = rest.find('\'')?;
        content.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(more) => {
                content.push('\'');
                rest = more;
            }
            None => break,
        }
    }
    *at = text.len() - rest.len();
    let is_closed = rest.is_empty() || rest.starts_with([' ', '\t', ')', ',']);

    (is_closed && !content.contains('\0')).then_some(content)
}

fn word<'t>(text: &'t str, at: &mut usize) -> Option<Kind<'t>> {
    let rest = &text[*at..];
    // A colon belongs to a time, but not to `x:x`.
    let may_be_time = rest.starts_with(|first: char| first.is_ascii_digit());
    let ends = |c: char| matches!(c, ' ' | '\t' | '(' | ')' | ',' | '\'') || (c == ':' && !may_be_time);
    let length = rest.find(ends).unwrap_or(rest.len());
    let word = &rest[..length];
    *at += length;
    if !rest[length..].starts_with('\'') {
        return Some(Kind::Word(word));
    }
    if !word.eq_ignore_ascii_case("duration") {
        return None;
    }

    quoted(text, at).map(|_| Kind::Duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn words_end_at_blanks_and_punctuation() {
        assert_eq!(
            kinds("otherMails/any( x : x eq 'a')"),
            [
                Kind::Word("otherMails/any"),
                Kind::Open,
                Kind::Word("x"),
                Kind::Colon,
                Kind::Word("x"),
                Kind::Word("eq"),
                Kind::Quoted("a".to_owned()),
                Kind::Close,
                Kind::End,
            ]
        );
    }

    #[test]
    fn a_time_keeps_its_colons() {
        assert_eq!(kinds("2026-01-01T00:00:00Z"), [Kind::Word("2026-01-01T00:00:00Z"), Kind::End]);
        assert_eq!(kinds("x:x"), [Kind::Word("x"), Kind::Colon, Kind::Word("x"), Kind::End]);
    }

    #[test]
    fn two_apostrophes_are_one() {
        for (text, content) in [("'O''Brien'", "O'Brien"), ("''''", "'"), ("''", ""), ("'''a'", "'a")] {
            assert_eq!(kinds(text)[0], Kind::Quoted(content.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_word_that_cannot_be_one_is_pointed_at() {
        for (text, start) in
            [("a eq 'b", 5), ("a eq'b'", 2), ("'a'b", 0), ("guid'a'", 0), ("a '''", 2), ("é 'a\0'", 3)]
        {
            let broken = tokens(text).into_iter().find(|token| token.kind == Kind::Broken);

            assert_eq!(broken.map(|token| token.start), Some(start), "{text}");
        }
    }
}
