//! When a mail is tried again (`redemption.md` 3.6).

use jiff::{SignedDuration, Timestamp};
use vestibule_model::message::{Message, Payload};

/// Waits between the tries of ordinary mail; the last one repeats until the mail's end.
const ORDINARY: [SignedDuration; 6] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(60),
    SignedDuration::from_mins(240),
    SignedDuration::from_hours(6),
];

/// When a passcode is tried, counted from the moment it was asked for.
const PASSCODE: [SignedDuration; 3] =
    [SignedDuration::ZERO, SignedDuration::from_secs(2), SignedDuration::from_secs(5)];

/// When `message` is tried next, after `attempts` tries of which the last has just failed. `None`: given up.
pub(crate) fn next_try(message: &Message, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let attempts = usize::try_from(attempts).unwrap_or(usize::MAX);
    let next = match &message.payload {
        Payload::Invitation(_) | Payload::InvitationCopy(_) => {
            now + ORDINARY[attempts.saturating_sub(1).min(ORDINARY.len() - 1)]
        }
        Payload::Passcode(facts) => now.max(facts.asked_at + *PASSCODE.get(attempts)?),
    };

    (next < message.ends_at).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ASKED, invitation, passcode};

    fn after(seconds: i64) -> Timestamp {
        ASKED + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn ordinary_mail_is_tried_again_after_ever_longer_waits() {
        let message = invitation();
        for (attempts, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 360), (7, 360), (40, 360)]
        {
            let next = next_try(&message, attempts, ASKED).unwrap();
            assert_eq!(next, after(minutes * 60), "after {attempts} attempts");
        }
    }

    #[test]
    fn ordinary_mail_is_given_up_when_the_next_try_would_come_after_its_end() {
        let message = invitation();

        assert_eq!(next_try(&message, 9, message.ends_at - SignedDuration::from_hours(6)), None);
        assert!(next_try(&message, 9, message.ends_at - SignedDuration::from_hours(7)).is_some());
    }

    #[test]
    fn a_passcode_is_tried_at_0_2_and_5_seconds_and_never_later() {
        let message = passcode();
        for (attempts, now, next) in
            [(1, 0, Some(2)), (1, 3, Some(3)), (2, 3, Some(5)), (2, 6, Some(6)), (2, 10, None), (3, 6, None)]
        {
            assert_eq!(
                next_try(&message, attempts, after(now)),
                next.map(after),
                "{attempts} attempts, {now} s"
            );
        }
    }
}
