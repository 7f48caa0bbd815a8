use crate::emphasis;

/// A Korean particle with two forms, chosen by the last sound of the word before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Particle {
    /// 은/는: what the sentence is about.
    Topic,
    /// 이/가: who does it.
    Subject,
    /// 을/를: what it is done to.
    Object,
    /// 과/와: together with.
    With,
    /// 으로/로: toward, by means of. A final ㄹ counts as a vowel here.
    Toward,
}

impl Particle {
    /// The particle that catalogues write as this pair, the form after a consonant first.
    pub fn of_pair(pair: &str) -> Option<Self> {
        Some(match pair {
            "은/는" => Self::Topic,
            "이/가" => Self::Subject,
            "을/를" => Self::Object,
            "과/와" => Self::With,
            "으로/로" => Self::Toward,
            _ => return None,
        })
    }

    /// The form that follows `word`; both forms when its last sound is not written in Hangul.
    ///
    /// Digits count as "not Hangul" too: in a name nobody can tell whether 365 is read in Korean or in English.
    /// Closing brackets, quotation marks and the like have no sound and are passed over.
    pub fn after(self, word: &str) -> &'static str {
        let ending = word.chars().rev().find(|c| c.is_alphanumeric()).map_or(Ending::Unknown, Ending::of);
        let (consonant, vowel, both) = match self {
            Self::Topic => ("은", "는", "은(는)"),
            Self::Subject => ("이", "가", "이(가)"),
            Self::Object => ("을", "를", "을(를)"),
            Self::With => ("과", "와", "과(와)"),
            Self::Toward => ("으로", "로", "(으)로"),
        };

        match ending {
            Ending::Vowel => vowel,
            Ending::Rieul if self == Self::Toward => vowel,
            Ending::Consonant | Ending::Rieul => consonant,
            Ending::Unknown => both,
        }
    }
}

/// `text` in which no line can break between a closing bracket and the particle behind it: browsers may break there even
/// where words are kept whole. A word joiner is not seen and not spoken.
pub(crate) fn kept_with_their_word(text: &str) -> String {
    const WORD_JOINER: char = '\u{2060}';

    let mut kept = String::with_capacity(text.len());
    let mut is_closed = false;
    for character in text.chars() {
        if is_closed && matches!(character, '가'..='힣') {
            kept.push(WORD_JOINER);
        }
        is_closed = character == ')' || (is_closed && emphasis::is_mark(character));
        kept.push(character);
    }
    kept
}

/// How a word ends, as far as particles care.
enum Ending {
    Vowel,
    Rieul,
    Consonant,
    Unknown,
}

impl Ending {
    /// Precomposed syllables count 28 finals each, none first and ㄹ eighth (The Unicode Standard, 3.12); names that
    /// came decomposed end in a vowel or a final of the Hangul Jamo block.
    fn of(last: char) -> Self {
        match last {
            '가'..='힣' => match (u32::from(last) - u32::from('가')) % 28 {
                0 => Self::Vowel,
                8 => Self::Rieul,
                _ => Self::Consonant,
            },
            '\u{1161}'..='\u{1175}' => Self::Vowel,
            '\u{11AF}' => Self::Rieul,
            '\u{11A8}'..='\u{11C2}' => Self::Consonant,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Particle::{self, Object, Subject, Topic, Toward, With};

    #[test]
    fn a_particle_behind_a_bracket_stays_with_its_word() {
        let emphasised = format!("{}에서", crate::emphasis::mark("콘토소(주)"));
        for (text, kept) in [
            ("contoso(contoso.com)에서", "contoso(contoso.com)\u{2060}에서"),
            ("127.0.0.1(으)로 이동합니다.", "127.0.0.1(으)\u{2060}로 이동합니다."),
            ("오후 3:00 (KST)에 요청했습니다.", "오후 3:00 (KST)\u{2060}에 요청했습니다."),
            (&emphasised, &emphasised.replace('에', "\u{2060}에")),
            ("contoso (contoso.com) invites", "contoso (contoso.com) invites"),
            ("이유(선택 사항)", "이유(선택 사항)"),
        ] {
            assert_eq!(super::kept_with_their_word(text), kept);
        }
    }

    #[test]
    fn the_form_follows_the_last_sound() {
        for (word, particle, form) in [
            ("콘토소", Topic, "는"),
            ("한국", Topic, "은"),
            ("서울", Topic, "은"),
            ("서울", Toward, "로"),
            ("부산", Toward, "으로"),
            ("제주", Toward, "로"),
            ("콘토소", Subject, "가"),
            ("한국", Object, "을"),
            ("제주", With, "와"),
            ("부산", With, "과"),
            ("한국(주)", Object, "를"),
            ("“한국”", Subject, "이"),
            ("\u{1112}\u{1161}\u{11AB}", Subject, "이"),
            ("\u{1109}\u{1165}\u{110B}\u{116E}\u{11AF}", Toward, "로"),
            ("\u{1112}\u{1161}", Subject, "가"),
        ] {
            assert_eq!(particle.after(word), form, "{word}");
        }
    }

    #[test]
    fn both_forms_stand_where_the_sound_is_not_hangul() {
        for (particle, form) in
            [(Topic, "은(는)"), (Subject, "이(가)"), (Object, "을(를)"), (With, "과(와)"), (Toward, "(으)로")]
        {
            for word in ["Contoso", "Studio 54", "콘토소 (Contoso)", "東京", "", "…"] {
                assert_eq!(particle.after(word), form, "{word}");
            }
        }
    }

    #[test]
    fn a_pair_that_catalogues_may_not_write_is_none() {
        assert_eq!(Particle::of_pair("는/은"), None);
    }
}
