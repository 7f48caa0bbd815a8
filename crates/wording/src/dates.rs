//! Moments in words, each language in the form and the zone its readers expect.

use jiff::{Timestamp, tz};

use crate::Language;

/// A moment as mail and pages say it: `Friday, 20 November 2026, 15:00 UTC`, `2026년 11월 20일 (금) 오후 3:00 (KST)`.
///
/// Korean is read in Korea, whose clocks have stood nine hours before UTC without summer time since 1988.
pub fn moment(language: Language, at: Timestamp) -> String {
    match language {
        Language::En => english(at),
        Language::Ko => korean(at),
    }
}

/// A moment as error pages show it in every language, for whoever looks it up in a log: `2026-11-20 15:00:05 UTC`.
pub fn reference(at: Timestamp) -> String {
    at.to_zoned(tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn english(at: Timestamp) -> String {
    at.to_zoned(tz::TimeZone::UTC).strftime("%A, %-d %B %Y, %H:%M UTC").to_string()
}

fn korean(at: Timestamp) -> String {
    let at = at.to_zoned(tz::TimeZone::fixed(tz::offset(9)));
    let weekday =
        ["월", "화", "수", "목", "금", "토", "일"][usize::from(at.weekday().to_monday_zero_offset() as u8)];
    let half = if at.hour() < 12 { "오전" } else { "오후" };
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };

    format!(
        "{}년 {}월 {}일 ({weekday}) {half} {hour}:{:02} (KST)",
        at.year(),
        at.month(),
        at.day(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_the_form_and_zone_of_the_language() {
        for (at, english, korean) in [
            (
                "2026-11-20T06:00:00Z",
                "Friday, 20 November 2026, 06:00 UTC",
                "2026년 11월 20일 (금) 오후 3:00 (KST)",
            ),
            (
                "2026-11-20T15:00:00Z",
                "Friday, 20 November 2026, 15:00 UTC",
                "2026년 11월 21일 (토) 오전 12:00 (KST)",
            ),
            (
                "2026-12-31T03:05:59Z",
                "Thursday, 31 December 2026, 03:05 UTC",
                "2026년 12월 31일 (목) 오후 12:05 (KST)",
            ),
        ] {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(moment(Language::En, at), english);
            assert_eq!(moment(Language::Ko, at), korean);
        }
    }

    #[test]
    fn a_reference_time_is_utc_to_the_second() {
        assert_eq!(reference("2026-11-20T15:00:05.9Z".parse().unwrap()), "2026-11-20 15:00:05 UTC");
    }
}
