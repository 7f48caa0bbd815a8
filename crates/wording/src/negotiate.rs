//! Which language to speak: RFC 4647 lookup over BCP 47 tags, `Accept-Language`, and Windows language numbers.

use unic_langid::LanguageIdentifier;

/// A language whose catalogue is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, also the language of last resort.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// What became of a language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// This language serves it.
    Found(Language),
    /// A tag by form, but no catalogue serves it: the next rule decides.
    Untranslated,
    /// Not a language tag at all (BCP 47).
    NotATag,
}

impl Lookup {
    /// The language, if one was found.
    pub fn found(self) -> Option<Language> {
        match self {
            Self::Found(language) => Some(language),
            Self::Untranslated | Self::NotATag => None,
        }
    }
}

impl Language {
    /// Every language, in the order of the language menu.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// The tag for `lang` and `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// What its own speakers call it, for the language menu.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ko => "한국어",
        }
    }

    /// Looks `tag` up by cutting subtags from its end (RFC 4647 §3.4); any case, `_` for `-`.
    pub fn lookup(tag: &str) -> Lookup {
        let tag = tag.replace('_', "-").to_ascii_lowercase();
        if !is_well_formed(&tag) {
            return Lookup::NotATag;
        }

        ranges(&tag)
            .find_map(|range| Self::ALL.into_iter().find(|language| language.tag() == range))
            .map_or(Lookup::Untranslated, Lookup::Found)
    }

    /// The first language of `ui_locales` that can be spoken: tags parted by blanks, best first (OpenID Connect Core §3.1.2.1).
    pub fn of_ui_locales(tags: &str) -> Option<Self> {
        tags.split_ascii_whitespace().find_map(|tag| Self::lookup(tag).found())
    }

    /// The language of a Windows language number in decimal, as old redeem links carry in `lc`: 1033 is English, 1042 Korean.
    ///
    /// The low ten bits name the language, the rest the country (MS-LCID §2.2).
    pub fn of_lcid(number: &str) -> Option<Self> {
        match number.parse::<u32>().ok()? & 0x3ff {
            0x09 => Some(Self::En),
            0x12 => Some(Self::Ko),
            _ => None,
        }
    }

    /// The best language of an `Accept-Language` header: by weight, then by order; weight 0 means "not this one" (RFC 9110 §12.5.4).
    pub fn of_accept_language(header: &str) -> Option<Self> {
        let mut wanted: Vec<(u16, Self)> = header.split(',').filter_map(weighted).collect();
        wanted.sort_by_key(|&(weight, _)| std::cmp::Reverse(weight));

        wanted.first().map(|&(_, language)| language)
    }

    /// For Fluent, which takes the plural rules from it.
    pub(crate) fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().expect("our own tags are well formed")
    }
}

/// Where Microsoft's tags and ours part; the longest match of a range wins, before it is cut.
const ALIASES: [(&str, &str); 8] = [
    ("zh-tw", "zh-hant"),
    ("zh-hk", "zh-hant"),
    ("zh-mo", "zh-hant"),
    ("zh-cn", "zh-hans"),
    ("zh-sg", "zh-hans"),
    ("zh", "zh-hans"),
    ("pt", "pt-br"),
    ("no", "nb"),
];

/// The tags to try for a well-formed, lower-case tag, best first.
fn ranges(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |range| {
        let (cut, _) = range.rsplit_once('-')?;
        // A single letter introduces what was just cut, so it goes too (RFC 4647 §3.4).
        Some(cut.rsplit_once('-').filter(|(_, last)| last.len() == 1).map_or(cut, |(rest, _)| rest))
    })
    .flat_map(|range| {
        let alias = ALIASES.iter().find(|(from, _)| *from == range).map(|(_, to)| *to);
        std::iter::once(range).chain(alias)
    })
}

/// Whether `tag` (lower case) has the form of RFC 5646 §2.1. Registered or not is nobody's business here.
fn is_well_formed(tag: &str) -> bool {
    let mut subtags = tag.split('-').peekable();
    let is_word = |subtag: &str| subtag.bytes().all(|b| b.is_ascii_lowercase());
    let is_mixed = |subtag: &str| subtag.bytes().all(|b| b.is_ascii_alphanumeric());

    match subtags.next() {
        Some("x" | "i") => {
            return tag.len() > 2 && subtags.all(|s| (1..=8).contains(&s.len()) && is_mixed(s));
        }
        Some(language) if (2..=8).contains(&language.len()) && is_word(language) => {}
        _ => return false,
    }
    while let Some(subtag) = subtags.next() {
        let fits = match subtag.len() {
            1 => is_mixed(subtag) && subtags.peek().is_some_and(|next| next.len() > 1 || subtag == "x"),
            2..=8 => is_mixed(subtag),
            _ => false,
        };
        if subtag == "x" && fits {
            return subtags.all(|s| (1..=8).contains(&s.len()) && is_mixed(s));
        }
        if !fits {
            return false;
        }
    }
    true
}

/// One member of `Accept-Language`, its weight in thousandths.
fn weighted(member: &str) -> Option<(u16, Language)> {
    let mut parts = member.split(';').map(str::trim);
    let language = Language::lookup(parts.next()?).found()?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(weight) => thousandths(weight)?,
        None => 1000,
    };

    (weight > 0).then_some((weight, language))
}

fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    let thousandths = (weight * 1000.0).round() as u16;
    Some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_cuts_subtags_until_a_catalogue_serves() {
        for (tag, found) in [
            ("ko", Lookup::Found(Language::Ko)),
            ("ko-KR", Lookup::Found(Language::Ko)),
            ("KO_kr", Lookup::Found(Language::Ko)),
            ("ko-Kore-KR-u-ca-gregory", Lookup::Found(Language::Ko)),
            ("en-GB-oxendict", Lookup::Found(Language::En)),
            ("en-x-a", Lookup::Found(Language::En)),
            ("kok", Lookup::Untranslated),
            ("de-DE", Lookup::Untranslated),
            ("zh-TW", Lookup::Untranslated),
            ("es-419", Lookup::Untranslated),
            ("x-private", Lookup::Untranslated),
            ("i-klingon", Lookup::Untranslated),
            ("", Lookup::NotATag),
            ("e", Lookup::NotATag),
            ("en-", Lookup::NotATag),
            ("en-u", Lookup::NotATag),
            ("en--GB", Lookup::NotATag),
            ("en GB", Lookup::NotATag),
            ("한국어", Lookup::NotATag),
            ("12-en", Lookup::NotATag),
            ("x", Lookup::NotATag),
            ("x-", Lookup::NotATag),
            ("en-abcdefghi", Lookup::NotATag),
        ] {
            assert_eq!(Language::lookup(tag), found, "{tag}");
        }
    }

    #[test]
    fn ranges_go_by_the_aliases_before_they_are_cut() {
        for (tag, tried) in [
            ("zh-tw", &["zh-tw", "zh-hant", "zh", "zh-hans"][..]),
            ("zh-cn", &["zh-cn", "zh-hans", "zh", "zh-hans"]),
            ("pt", &["pt", "pt-br"]),
            ("no-no", &["no-no", "no", "nb"]),
            ("en-u-ca-gregory", &["en-u-ca-gregory", "en-u-ca", "en"]),
        ] {
            assert_eq!(ranges(tag).collect::<Vec<_>>(), tried, "{tag}");
        }
    }

    #[test]
    fn accept_language_goes_by_weight_then_by_order() {
        for (header, best) in [
            ("ko-KR,ko;q=0.9,en;q=0.8", Some(Language::Ko)),
            ("en;q=0.5, ko;q=0.7", Some(Language::Ko)),
            ("de-DE, fr;q=0.9, ko ; q=0.1", Some(Language::Ko)),
            ("en, ko", Some(Language::En)),
            ("ko;q=0, en;q=0.001", Some(Language::En)),
            ("ko;q=2, en;q=0.1", Some(Language::En)),
            ("*", None),
            ("de", None),
            ("", None),
            (";;,q=1", None),
        ] {
            assert_eq!(Language::of_accept_language(header), best, "{header}");
        }
    }

    #[test]
    fn old_links_name_the_language_by_number() {
        for (number, language) in [
            ("1033", Some(Language::En)),
            ("2057", Some(Language::En)),
            ("1042", Some(Language::Ko)),
            ("1031", None),
            ("-1", None),
            ("ko", None),
        ] {
            assert_eq!(Language::of_lcid(number), language, "{number}");
        }
    }

    #[test]
    fn ui_locales_takes_the_first_that_can_be_spoken() {
        assert_eq!(Language::of_ui_locales("de fr-CA ko-KR en"), Some(Language::Ko));
        assert_eq!(Language::of_ui_locales("de"), None);
    }
}
