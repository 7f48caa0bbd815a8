//! Literals as they are written, before anybody knows what they are compared with.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use uuid::Uuid;

/// A literal of the grammar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Literal {
    Null,
    Text(String),
    Bool(bool),
    Integer(i64),
    /// A number with a fraction or an exponent, or too large: no property holds one.
    Decimal,
    DateTime(Timestamp),
    Guid(Uuid),
    /// No property holds one.
    Duration,
}

impl Literal {
    /// Reads a literal that stands without quotes.
    pub(crate) fn read(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("null") {
            return Some(Self::Null);
        }
        if word.eq_ignore_ascii_case("true") {
            return Some(Self::Bool(true));
        }
        if word.eq_ignore_ascii_case("false") {
            return Some(Self::Bool(false));
        }

        number(word).or_else(|| guid(word).map(Self::Guid)).or_else(|| date_time(word).map(Self::DateTime))
    }

    /// The name that messages use for its type.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "Edm.Null",
            Self::Text(_) => "Edm.String",
            Self::Bool(_) => "Edm.Boolean",
            Self::Integer(number) if *number > i32::MAX as i64 || *number < i32::MIN as i64 => "Edm.Int64",
            Self::Integer(_) => "Edm.Int32",
            Self::Decimal => "Edm.Decimal",
            Self::DateTime(_) => "Edm.DateTimeOffset",
            Self::Guid(_) => "Edm.Guid",
            Self::Duration => "Edm.Duration",
        }
    }
}

fn number(word: &str) -> Option<Literal> {
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if ![whole, fraction, exponent].into_iter().all(is_digits) {
        return None;
    }

    Some(word.parse().map_or(Literal::Decimal, Literal::Integer))
}

/// Reads a GUID with its dashes, in any case.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    const LENGTH: usize = 36;
    if text.len() == LENGTH { Uuid::try_parse(text).ok() } else { None }
}

/// Reads `yyyy-mm-dd`, or that with `Thh:mm[:ss[.f]]` and a zone. A date alone is its midnight in UTC.
///
/// The tenth to twelfth digit of a fraction is beyond what any instant here holds, and is cut off. Instants later than can be
/// held (the last two days of the year 9999) are the latest that can; earlier than the year 0000, the first of that year.
pub(crate) fn date_time(text: &str) -> Option<Timestamp> {
    const DATE_LENGTH: usize = 10;
    let date = date(text.get(..DATE_LENGTH)?)?;
    let (time, offset) = match text.get(DATE_LENGTH..)?.strip_prefix(['T', 't']) {
        Some(rest) => time_and_zone(rest)?,
        None if text.len() == DATE_LENGTH => (Time::midnight(), Offset::UTC),
        None => return None,
    };

    Some(instant(date.to_datetime(time), offset))
}

fn instant(local: DateTime, offset: Offset) -> Timestamp {
    const YEAR_ZERO: i64 = -62_167_219_200;
    let first = Timestamp::from_second(YEAR_ZERO).unwrap_or(Timestamp::MIN);

    match offset.to_timestamp(local) {
        Ok(instant) => instant.max(first),
        // The only way out of the range that leads past its end: years before 0000 cannot be written.
        Err(_) => Timestamp::MAX,
    }
}

fn date(text: &str) -> Option<Date> {
    let [year, month, day] = fields(text, '-', [4, 2, 2])?;

    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn time_and_zone(text: &str) -> Option<(Time, Offset)> {
    let zone_start = text.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at(zone_start);

    Some((time(clock)?, offset(zone)?))
}

fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, nanoseconds(fraction)?),
        None => (text, 0),
    };
    let [hour, minute, second] = match fields(clock, ':', [2, 2, 2]) {
        Some(fields) => fields,
        None if fraction == 0 && !text.contains('.') => {
            let [hour, minute] = fields(clock, ':', [2, 2])?;
            [hour, minute, 0]
        }
        None => return None,
    };

    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, fraction).ok()
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    const MAX_DIGITS: usize = 12;
    if fraction.len() > MAX_DIGITS || !is_digits(fraction) {
        return None;
    }

    format!("{fraction:0<9.9}").parse().ok()
}

fn offset(zone: &str) -> Option<Offset> {
    const MAX_SECONDS: i32 = 14 * 3600;
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(Offset::UTC),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let [hours, minutes] = fields(rest, ':', [2, 2])?;
    let seconds = hours * 3600 + minutes * 60;

    if minutes < 60 && seconds <= MAX_SECONDS { Offset::from_seconds(sign * seconds).ok() } else { None }
}

/// Numbers of exactly so many digits, with `separator` between them.
fn fields<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length && is_digits(part))?;
        *number = part.parse().ok()?;
    }

    parts.next().is_none().then_some(numbers)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_the_grammar_writes_them() {
        for (text, instant) in [
            ("2026-01-01", "2026-01-01T00:00:00Z"),
            ("2026-01-01T10:20Z", "2026-01-01T10:20:00Z"),
            ("2026-01-01T10:20:30Z", "2026-01-01T10:20:30Z"),
            ("2026-01-01t10:20:30z", "2026-01-01T10:20:30Z"),
            ("2026-01-01T10:20:30.5Z", "2026-01-01T10:20:30.5Z"),
            ("2026-01-01T10:20:30.123456789012Z", "2026-01-01T10:20:30.123456789Z"),
            ("2026-01-01T10:20:30+09:00", "2026-01-01T01:20:30Z"),
            ("2026-01-01T10:20-05:30", "2026-01-01T15:50:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999999Z"),
            ("0000-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(date_time(text), Some(instant.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "2026-13-01",
            "2026-02-29",
            "2026-1-1",
            "26-01-01",
            "2026-01-01T",
            "2026-01-01T10:20",
            "2026-01-01T10:20:30",
            "2026-01-01T10:20.5Z",
            "2026-01-01T10:20:30.Z",
            "2026-01-01T10:20:30.1234567890123Z",
            "2026-01-01T24:00Z",
            "2026-01-01T10:60Z",
            "2026-01-01T10:20:30+9:00",
            "2026-01-01T10:20:30+15:00",
            "2026-01-01T10:20:30+09:60",
            "2026-01-01T10:20:30ZZ",
            "2026-01-01 10:20Z",
            "2026-01-0é",
            "",
        ] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    #[test]
    fn words_are_literals_of_one_kind() {
        for (word, literal) in [
            ("null", Some(Literal::Null)),
            ("NULL", Some(Literal::Null)),
            ("True", Some(Literal::Bool(true))),
            ("false", Some(Literal::Bool(false))),
            ("0", Some(Literal::Integer(0))),
            ("-17", Some(Literal::Integer(-17))),
            ("1.5", Some(Literal::Decimal)),
            ("1e9", Some(Literal::Decimal)),
            ("99999999999999999999", Some(Literal::Decimal)),
            (
                "CBB896F9-8306-49d0-b56b-b8e39cd28825",
                Some(Literal::Guid("cbb896f9-8306-49d0-b56b-b8e39cd28825".parse().unwrap())),
            ),
            ("cbb896f9830649d0b56bb8e39cd28825", None),
            ("-", None),
            ("1.", None),
            ("nul", None),
        ] {
            assert_eq!(Literal::read(word), literal, "{word}");
        }
    }
}
