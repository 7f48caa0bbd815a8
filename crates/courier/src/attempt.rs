//! What an attempt means for its outbox row: decided here, without IO.

use jiff::Timestamp;
use vestibule_model::Payload;
use vestibule_model::audit::{Activity, AuditEvent, Initiator};
use vestibule_model::clock::Context;
use vestibule_model::invitation::MAIL_SERVICE;
use vestibule_store::outbox::{Attempt, Claim};

use crate::backoff;
use crate::transport::Trouble;

/// A mail whose outcome was lost is sent once more, and never again: its guest has it twice at most (`redemption.md` 3.6).
pub(crate) const MOST_LOST: u32 = 2;

/// The end of a mail that was handed over as often as may be.
pub(crate) fn outcome_unknown() -> Attempt {
    Attempt::Failed { reply: "outcome unknown".to_owned() }
}

/// What becomes of the row. `None` leaves it to its lease: when that has run out, the row is tried once more, and the
/// claim counts what was lost.
pub(crate) fn conclude(claim: &Claim, result: Result<String, Trouble>, now: Timestamp) -> Option<Attempt> {
    let trouble = match result {
        Ok(reply) => return Some(Attempt::Sent { reply }),
        Err(trouble) => trouble,
    };
    match trouble {
        Trouble::Refused(reply) => Some(Attempt::Failed { reply }),
        Trouble::OutcomeLost(_) if claim.lost_outcomes + 1 >= MOST_LOST => Some(outcome_unknown()),
        Trouble::OutcomeLost(_) => None,
        Trouble::Unreachable(reply) | Trouble::Deferred(reply) => {
            Some(match backoff::next_try(&claim.message, claim.attempts + 1, now) {
                Some(at) => Attempt::Again { at, reply },
                None => Attempt::Dead { reply },
            })
        }
    }
}

/// `Invitation Email` (T21), once the guest's own invitation has been taken, refused or given up. Copies and passcodes
/// leave no event. The caller adds the guest.
pub(crate) fn told(claim: &Claim, attempt: &Attempt, context: &Context) -> Option<AuditEvent> {
    let Payload::Invitation(facts) = &claim.message.payload else { return None };
    let initiator = Initiator::Service { name: MAIL_SERVICE.to_owned() };
    let event = AuditEvent::new(Activity::InvitationEmail, initiator, context)
        .with("invitationId", facts.invitation.to_string())
        .with("recipient", facts.invited.as_typed());

    match attempt {
        Attempt::Sent { reply } => Some(event.with("smtpReply", reply)),
        Attempt::Failed { reply } | Attempt::Dead { reply } => {
            Some(event.with("smtpReply", reply).failed(reply))
        }
        Attempt::Again { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use vestibule_model::audit::Outcome;
    use vestibule_model::clock::SeededIds;
    use vestibule_model::message::Message;

    use super::*;
    use crate::testing::{ASKED, copy, invitation, passcode};

    fn claim(message: Message, attempts: u32, lost_outcomes: u32) -> Claim {
        Claim { tenant: uuid::Uuid::nil().into(), message, attempts, lost_outcomes }
    }

    #[test]
    fn every_outcome_has_its_end() {
        let words = || "words".to_owned();
        let again =
            |seconds| Some(Attempt::Again { at: ASKED + SignedDuration::from_secs(seconds), reply: words() });
        let unknown = Some(Attempt::Failed { reply: "outcome unknown".into() });
        for (message, attempts, lost, result, end) in [
            (invitation(), 0, 0, Ok(words()), Some(Attempt::Sent { reply: words() })),
            (invitation(), 0, 0, Err(Trouble::Refused(words())), Some(Attempt::Failed { reply: words() })),
            (invitation(), 0, 0, Err(Trouble::Unreachable(words())), again(60)),
            (invitation(), 1, 0, Err(Trouble::Deferred(words())), again(300)),
            (invitation(), 0, 0, Err(Trouble::OutcomeLost(words())), None),
            (invitation(), 1, 1, Err(Trouble::OutcomeLost(words())), unknown),
            (invitation(), 1, 1, Ok(words()), Some(Attempt::Sent { reply: words() })),
            (passcode(), 0, 0, Err(Trouble::Unreachable(words())), again(2)),
            (passcode(), 2, 0, Err(Trouble::Unreachable(words())), Some(Attempt::Dead { reply: words() })),
        ] {
            let case = format!("{attempts} {lost} {result:?}");
            assert_eq!(conclude(&claim(message, attempts, lost), result, ASKED), end, "{case}");
        }
    }

    #[test]
    fn only_the_end_of_the_guests_own_invitation_is_told() {
        let context = Context {
            now: ASKED,
            ids: Arc::new(SeededIds::new(1)),
            correlation: uuid::Uuid::nil(),
            client: None,
        };
        let sent = Attempt::Sent { reply: "250 ok".into() };
        let dead = Attempt::Dead { reply: "421 later".into() };
        let again = Attempt::Again { at: ASKED, reply: "421 later".into() };
        let failure = Outcome::Failure { reason: "421 later".into() };
        for (message, attempt, outcome) in [
            (invitation(), &sent, Some(Outcome::Success)),
            (invitation(), &dead, Some(failure)),
            (invitation(), &again, None),
            (copy(), &sent, None),
            (passcode(), &dead, None),
        ] {
            let told = told(&claim(message, 0, 0), attempt, &context);
            assert_eq!(told.as_ref().map(|event| &event.outcome), outcome.as_ref());
            if let Some(event) = told {
                assert_eq!(event.activity.name(), "Invitation Email");
                let reply = if outcome == Some(Outcome::Success) { "250 ok" } else { "421 later" };
                assert!(event.details.contains(&("smtpReply".into(), reply.into())), "{:?}", event.details);
                assert!(!format!("{event:?}").contains("ticket"));
            }
        }
    }
}
