use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentValue;
use fluent_bundle::{FluentArgs, FluentResource};
use jiff::SignedDuration;

use crate::{Args, Language, Particle, emphasis, particles};

/// Every text in every language. Made once and shared.
pub struct Catalogue {
    english: FluentBundle<FluentResource>,
    korean: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// Reads the catalogues that were compiled in.
    pub fn new() -> Self {
        Self { english: bundle(Language::En), korean: bundle(Language::Ko) }
    }

    /// The text `id` as plain text, with nothing escaped.
    ///
    /// A text that a language lacks is said in English; one that nobody has, by its id. Neither happens in a release:
    /// a test compares the ids and variables of all languages, and a debug build stops at an unknown id.
    pub fn text(&self, language: Language, id: &str, args: &Args<'_>) -> String {
        emphasis::without_marks(self.format(language, id, args).into()).into_owned()
    }

    /// The text `id` as HTML: everything escaped, emphasis as `<strong>`, no line that begins with a particle.
    pub fn html(&self, language: Language, id: &str, args: &Args<'_>) -> String {
        emphasis::to_html(&particles::kept_with_their_word(&self.format(language, id, args)))
    }

    /// A length of time in words, never shorter than it is: "40 seconds", "15 minutes", "5 hours".
    pub fn duration(&self, language: Language, length: SignedDuration) -> String {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;

        let seconds = u64::try_from(length.as_secs()).unwrap_or(0) + u64::from(length.subsec_nanos() > 0);
        let (id, count) = match seconds {
            s if s < 2 * MINUTE && s != MINUTE => ("duration-seconds", s),
            s if s < 2 * HOUR && s != HOUR => ("duration-minutes", s.div_ceil(MINUTE)),
            s if s < 2 * DAY && s != DAY => ("duration-hours", s.div_ceil(HOUR)),
            s => ("duration-days", s.div_ceil(DAY)),
        };

        self.text(language, id, &Args::new().count("count", count))
    }

    /// Ids of texts that are said in English for want of `language`. For `vestibule check`; empty in a release.
    pub fn untranslated(&self, language: Language) -> Vec<&'static str> {
        ids(Language::En).filter(|id| !self.bundle(language).has_message(id)).collect()
    }

    fn format(&self, language: Language, id: &str, args: &Args<'_>) -> String {
        let found = [self.bundle(language), &self.english]
            .into_iter()
            .find_map(|bundle| Some((bundle, bundle.get_message(id)?.value()?)));
        let Some((bundle, pattern)) = found else {
            debug_assert!(false, "no text is called {id}");
            return id.to_owned();
        };

        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(args.fluent()), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{id} in {}: {errors:?}", language.tag());
        said
    }

    fn bundle(&self, language: Language) -> &FluentBundle<FluentResource> {
        match language {
            Language::En => &self.english,
            Language::Ko => &self.korean,
        }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::new()
    }
}

/// The catalogue files of one language.
fn sources(language: Language) -> [&'static str; 3] {
    match language {
        Language::En => [
            include_str!("../locales/en/redeem.ftl"),
            include_str!("../locales/en/mail.ftl"),
            include_str!("../locales/en/errors.ftl"),
        ],
        Language::Ko => [
            include_str!("../locales/ko/redeem.ftl"),
            include_str!("../locales/ko/mail.ftl"),
            include_str!("../locales/ko/errors.ftl"),
        ],
    }
}

/// The ids of one language's texts: a text begins at the start of a line, and nothing else does so in lower case.
fn ids(language: Language) -> impl Iterator<Item = &'static str> {
    let lines = sources(language).into_iter().flat_map(str::lines);
    lines
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split(' ').next())
}

/// Isolation marks are off: texts also become mail headers, and names come in without bidirectional marks.
fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = FluentResource::try_new(source.to_owned())
            .expect("the catalogues are compiled in, and a test parses them");
        bundle.add_resource(resource).expect("no id occurs twice, a test sees to it");
    }
    for (name, function) in FUNCTIONS {
        bundle.add_function(name, function).expect("each function has its own name");
    }
    bundle
}

type Function = for<'a> fn(&[FluentValue<'a>], &FluentArgs<'_>) -> FluentValue<'a>;

/// What catalogues may call.
const FUNCTIONS: [(&str, Function); 3] = [("EM", em), ("JOSA", josa), ("NIM", nim)];

/// `EM($name)`: the value, emphasised.
fn em<'a>(positional: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    match positional {
        [FluentValue::String(words)] => FluentValue::from(emphasis::mark(words)),
        _ => FluentValue::Error,
    }
}

/// `JOSA($name, "을/를")`: the particle alone, as it follows the value.
fn josa<'a>(positional: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    let [FluentValue::String(word), FluentValue::String(pair)] = positional else {
        return FluentValue::Error;
    };
    match Particle::of_pair(pair) {
        Some(particle) => FluentValue::from(particle.after(word)),
        None => FluentValue::Error,
    }
}

/// `NIM($name, "이/가")`: the honorific after a person's name, then the particle; after a mail address the particle alone.
fn nim<'a>(positional: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    let (name, pair) = match positional {
        [FluentValue::String(name)] => (name, None),
        [FluentValue::String(name), FluentValue::String(pair)] => (name, Some(pair)),
        _ => return FluentValue::Error,
    };
    let honorific = if name.contains('@') { "" } else { " 님" };
    let Some(pair) = pair else {
        return FluentValue::from(honorific);
    };
    match Particle::of_pair(pair) {
        Some(particle) => {
            FluentValue::from(format!("{honorific}{}", particle.after(&format!("{name}{honorific}"))))
        }
        None => FluentValue::Error,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Id → the names of its variables, read from the source itself.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut messages = BTreeMap::new();
        let mut current = String::new();
        for line in
            sources(language).iter().flat_map(|source| source.lines()).filter(|line| !line.starts_with('#'))
        {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                current = line.split(' ').next().unwrap().to_owned();
                let unheard = messages.insert(current.clone(), BTreeSet::new()).is_none();
                assert!(unheard, "{current} occurs twice in {}", language.tag());
            }
            for variable in line.split('$').skip(1) {
                let end =
                    variable.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(variable.len());
                messages.get_mut(&current).unwrap().insert(variable[..end].to_owned());
            }
        }
        messages
    }

    fn contoso() -> Args<'static> {
        Args::new().with("organisation", "Contoso").with("domain", "contoso.com").with("inviter", "김민지")
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_variables() {
        for language in Language::ALL {
            assert_eq!(messages(language), messages(Language::En), "{}", language.tag());
        }
    }

    #[test]
    fn nothing_is_untranslated() {
        for language in Language::ALL {
            assert_eq!(Catalogue::new().untranslated(language), [""; 0]);
        }
        assert!(ids(Language::En).count() > 100);
    }

    #[test]
    fn every_text_can_be_said_in_every_language() {
        let catalogue = Catalogue::new();
        for language in Language::ALL {
            for (id, variables) in messages(language) {
                let args = variables.iter().fold(Args::new(), |args, name| match name.as_str() {
                    "tries" | "count" | "step" | "steps" => args.count(leak(name), 2),
                    _ => args.with(leak(name), format!("<{name}>")),
                });
                let said = catalogue.text(language, &id, &args);

                assert!(!said.is_empty() && !said.contains('{'), "{id}: {said}");
                for name in variables
                    .iter()
                    .filter(|name| !["tries", "count", "step", "steps"].contains(&name.as_str()))
                {
                    assert!(said.contains(&format!("<{name}>")), "{id} leaves out {name}: {said}");
                }
            }
        }
    }

    fn leak(name: &str) -> &'static str {
        String::leak(name.to_owned())
    }

    #[test]
    fn korean_stays_formal_and_addresses_nobody_as_dangsin() {
        for line in sources(Language::Ko)
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| !line.starts_with('#'))
        {
            assert!(!line.contains("당신"), "{line}");
            for sentence in line.split_inclusive(['.', '?']).filter(|sentence| sentence.ends_with(['.', '?']))
            {
                let formal = ["니다.", "십시오.", "니까?"].iter().any(|ending| sentence.ends_with(ending));
                assert!(formal, "{sentence}");
            }
        }
    }

    #[test]
    fn english_neither_shouts_nor_hurries() {
        for line in sources(Language::En)
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| !line.starts_with('#'))
        {
            for word in ["!", "click here", "Click here", "urgent", "immediately"] {
                assert!(!line.contains(word), "{line}");
            }
        }
    }

    #[test]
    fn texts_read_as_the_contract_gives_them() {
        let catalogue = Catalogue::new();
        for (id, args, english) in [
            ("invited-title", Args::new(), "You're invited"),
            ("code-wrong", Args::new().count("tries", 4), "That code isn't right. 4 tries left."),
            ("code-wrong", Args::new().count("tries", 1), "That code isn't right. 1 try left."),
            ("code-dead", Args::new(), "Too many wrong codes. Ask for a new one."),
            ("code-expired", Args::new(), "That code has expired. Ask for a new one."),
            ("code-malformed", Args::new(), "Enter the 8 digits from the e-mail."),
            ("code-unsent", Args::new(), "We could not send the e-mail. Try again in a few minutes."),
            (
                "code-lead",
                Args::new().with("address", "s•••@gmail.com").with("lifetime", "30 minutes"),
                "We sent a code to s•••@gmail.com. It works for 30 minutes.",
            ),
            ("cancelled-lead", contoso(), "Nothing was shared with Contoso. The invitation stays open."),
            ("apps-empty", contoso(), "Contoso hasn't shared any app with you yet."),
            ("blocked-title", contoso(), "You won't get invitations from Contoso any more"),
            ("mail-from-name", contoso(), "Invitations on behalf of Contoso"),
            ("mail-subject", contoso().with("inviter", "Min"), "Min invites you to Contoso"),
            ("passcode-subject", contoso(), "Contoso: your sign-in code"),
        ] {
            assert_eq!(catalogue.text(Language::En, id, &args), english, "{id}");
        }
    }

    #[test]
    fn korean_particles_follow_the_name() {
        let catalogue = Catalogue::new();
        for (id, args, korean) in [
            ("mail-subject", contoso(), "Contoso의 김민지 님이 초대했습니다"),
            ("done-continue", Args::new().with("host", "콘토소.한국"), "콘토소.한국으로 계속"),
            ("done-continue", Args::new().with("host", "contoso.com"), "contoso.com(으)로 계속"),
            ("apps-greeting", Args::new().with("name", "김민지"), "김민지 님, 안녕하십니까"),
            ("apps-greeting", Args::new().with("name", "t@fabrikam.com"), "t@fabrikam.com, 안녕하십니까"),
            (
                "mail-cc",
                Args::new().with("name", "김민지"),
                "김민지 님을 초대했습니다. 따로 하실 일은 없습니다.",
            ),
            (
                "mail-cc",
                Args::new().with("name", "t@f.com"),
                "t@f.com을(를) 초대했습니다. 따로 하실 일은 없습니다.",
            ),
        ] {
            assert_eq!(catalogue.text(Language::Ko, id, &args), korean, "{id}");
        }
    }

    #[test]
    fn html_escapes_names_and_emphasises_what_the_catalogue_marks() {
        let catalogue = Catalogue::new();
        let hostile = Args::new().with("organisation", "<b>\"A&B'\u{E000}").with("domain", "a.com");

        assert_eq!(
            catalogue.html(Language::En, "invited-lead", &hostile),
            "<strong>&lt;b&gt;&quot;A&amp;B&#39;</strong> (a.com) invites you to join as a guest."
        );
        let url = Args::new().with_core("url", "https://", "myapp.contoso.com", "/a?b&c");
        assert_eq!(
            catalogue.html(Language::En, "mail-destination", &url),
            "If you accept, you will be taken to https://<strong>myapp.contoso.com</strong>/a?b&amp;c"
        );
    }

    #[test]
    fn lengths_of_time_are_rounded_up_and_worded() {
        let catalogue = Catalogue::new();
        for (length, english, korean) in [
            (SignedDuration::from_secs(-5), "0 seconds", "0초"),
            (SignedDuration::from_millis(500), "1 second", "1초"),
            (SignedDuration::from_secs(40), "40 seconds", "40초"),
            (SignedDuration::from_secs(60), "1 minute", "1분"),
            (SignedDuration::from_secs(61), "61 seconds", "61초"),
            (SignedDuration::from_secs(121), "3 minutes", "3분"),
            (SignedDuration::from_mins(30), "30 minutes", "30분"),
            (SignedDuration::from_mins(60), "1 hour", "1시간"),
            (SignedDuration::from_mins(121), "3 hours", "3시간"),
            (SignedDuration::from_hours(24), "1 day", "1일"),
            (SignedDuration::from_hours(49), "3 days", "3일"),
        ] {
            assert_eq!(catalogue.duration(Language::En, length), english);
            assert_eq!(catalogue.duration(Language::Ko, length), korean);
        }
    }
}
