//! The outbox: leases, fairness, and what is left of a mail.

use futures_util::future::join_all;
use jiff::SignedDuration;
use vestibule_model::message::Delivery;
use vestibule_model::{Activity, Change, Lane, Message, User};

use super::sample::{World, digest, noon};
use crate::outbox::Attempt;
use crate::sql::Statement;
use crate::{Store, Unit};

const LEASE: SignedDuration = SignedDuration::from_secs(30);

pub(super) async fn run(store: &Store) {
    let (one, other) = (World::new(store, 1).await, World::new(store, 2).await);
    a_row_is_held_by_one_worker_until_its_lease_ends(&one).await;
    an_outcome_erases_the_payload(&one).await;
    lost_outcomes_are_counted(&one).await;
    mail_about_a_dead_ticket_does_not_leave(&one).await;
    a_mail_that_cannot_be_read_holds_up_no_other(&one).await;
    tenants_take_turns(&one, &other).await;
    waiting_workers_are_woken(&one).await;
}

async fn post(world: &World, messages: Vec<Message>) {
    world.store.commit(Unit { outbox: messages, ..Unit::new(world.id()) }).await.expect("nothing to break");
}

async fn a_row_is_held_by_one_worker_until_its_lease_ends(world: &World) {
    let user = world.guest("taylor@fabrikam.com");
    let messages: Vec<Message> = (0..20).map(|_| world.message(&user, Lane::Ordinary)).collect();
    post(world, messages.clone()).await;
    let store = &world.store;
    assert_eq!(store.next_due(Lane::Ordinary).await.expect("an answer"), Some(noon()));
    assert_eq!(store.next_due(Lane::Passcode).await.expect("an answer"), None);
    let early = store.claim(Lane::Ordinary, noon() - LEASE, LEASE, 50).await.expect("an answer");
    assert!(early.is_empty(), "nothing is due yet");

    let claimed = join_all((0..4).map(|_| store.claim(Lane::Ordinary, noon(), LEASE, 50))).await;
    let mut held: Vec<_> = claimed.into_iter().flat_map(|claims| claims.expect("an answer")).collect();
    held.sort_by_key(|claim| claim.message.id);
    let got: Vec<Message> = held.iter().map(|claim| claim.message.clone()).collect();
    assert_eq!(got, messages, "each once");
    assert!(held.iter().all(|claim| claim.attempts == 0 && claim.lost_outcomes == 0));
    assert!(store.claim(Lane::Ordinary, noon(), LEASE, 50).await.expect("an answer").is_empty());
    assert_eq!(store.next_due(Lane::Ordinary).await.expect("an answer"), Some(noon() + LEASE));

    let again = store.claim(Lane::Ordinary, noon() + LEASE, LEASE, 50).await.expect("an answer");
    assert_eq!(again.len(), 20, "the leases have run out");
    assert!(again.iter().all(|claim| claim.attempts == 1 && claim.lost_outcomes == 0));
    assert!(store.begin_hand_over(&held[0], noon()).await.is_err(), "the old lease is worth nothing");
    for claim in &again {
        store.begin_hand_over(claim, noon()).await.expect("held");
        let sent = Attempt::Sent { reply: "250 ok".into() };
        store.end_attempt(claim, sent, None).await.expect("held");
    }
    assert_eq!(store.next_due(Lane::Ordinary).await.expect("an answer"), None);
}

async fn an_outcome_erases_the_payload(world: &World) {
    let user = world.guest("erased@fabrikam.com");
    let store = &world.store;
    let at = noon() + SignedDuration::from_mins(5);
    let outcomes = [
        (Attempt::Sent { reply: "250".into() }, Delivery::Sent, "250"),
        (Attempt::Failed { reply: "550 a\0b".into() }, Delivery::Failed, "550 a\u{fffd}b"),
        (Attempt::Dead { reply: "given up".into() }, Delivery::Dead, "given up"),
        (Attempt::Again { at, reply: "451".into() }, Delivery::Queued, "451"),
    ];
    for (attempt, state, reply) in outcomes {
        let message = world.message(&user, Lane::Ordinary);
        post(world, vec![message.clone()]).await;
        let claim =
            store.claim(Lane::Ordinary, noon(), LEASE, 1).await.expect("an answer").pop().expect("due");
        let event = world.event_on(Activity::InvitationEmail, &user);
        store.end_attempt(&claim, attempt, Some(event.clone())).await.expect("held");

        let delivery = store.delivery(world.id(), message.id).await.expect("an answer").expect("known");
        assert_eq!(
            (delivery.state.clone(), delivery.reply.as_deref(), delivery.attempts),
            (state, Some(reply), 1)
        );
        let told = store.audit_event(world.id(), event.id, &world.caller()).await.expect("an answer").1;
        assert_eq!(told, Some(event));
        let sql = "SELECT sealed FROM outbox WHERE tenant_id = $1 AND id = $2";
        let row = store.row(Statement::in_tenant(world.id(), sql).bind(message.id)).await.expect("an answer");
        let sealed: Option<Vec<u8>> = row.expect("the row stays").opt(0).expect("bytes");
        assert_eq!(sealed.is_some(), delivery.state == Delivery::Queued);
        let clear = sealed.unwrap_or_default();
        assert!(!clear.windows(8).any(|window| window == b"12345678"), "the code lies there in clear");
    }
    assert_eq!(store.next_due(Lane::Ordinary).await.expect("an answer"), Some(at));
    let last = store.claim(Lane::Ordinary, at, LEASE, 1).await.expect("an answer").pop().expect("due again");
    store.end_attempt(&last, Attempt::Dead { reply: "over".into() }, None).await.expect("held");
    let late = store.end_attempt(&last, Attempt::Dead { reply: "over".into() }, None).await;
    assert!(late.is_err(), "it was settled");
}

async fn lost_outcomes_are_counted(world: &World) {
    let user = world.guest("lost@fabrikam.com");
    let store = &world.store;
    post(world, vec![world.message(&user, Lane::Ordinary)]).await;
    let claim_at = async |leases: i32| {
        let claims = store.claim(Lane::Ordinary, noon() + LEASE * leases, LEASE, 1).await.expect("an answer");
        claims.into_iter().next().expect("the lease has run out")
    };
    let crash = async |leases: i32| {
        let claim = claim_at(leases).await;
        store.begin_hand_over(&claim, noon()).await.expect("held");
        claim
    };
    assert_eq!(crash(0).await.lost_outcomes, 0);

    let deferred = crash(1).await;
    assert_eq!((deferred.lost_outcomes, deferred.attempts), (1, 1));
    let again = Attempt::Again { at: noon() + LEASE * 2, reply: "451 later".into() };
    store.end_attempt(&deferred, again, None).await.expect("held");
    let state = store.delivery(world.id(), deferred.message.id).await.expect("an answer").expect("known");
    assert!(state.has_begun, "the relay may still have it from the first time");

    assert_eq!(crash(2).await.lost_outcomes, 1, "one that was answered is none that was lost");
    let last = claim_at(3).await;
    assert_eq!((last.lost_outcomes, last.attempts), (2, 3));
    store.end_attempt(&last, Attempt::Failed { reply: "unknown".into() }, None).await.expect("held");
}

async fn mail_about_a_dead_ticket_does_not_leave(world: &World) {
    let store = &world.store;
    let invite = async |name: &str| {
        let (user, invitation, unit) = world.invite(&format!("{name}@fabrikam.com"));
        let mail = unit.outbox[0].id;
        store.commit(unit).await.expect("free");
        (user, invitation, mail)
    };
    let claim =
        async || store.claim(Lane::Ordinary, noon(), LEASE, 1).await.expect("an answer").pop().expect("due");
    let revoke = async |user: &User, at| {
        let revoked = Change::RevokeTickets { user: user.id, at };
        let anew = Message {
            ticket: Some(digest(user.id.0.as_u128() as u64)),
            ..world.message(user, Lane::Ordinary)
        };
        store
            .commit(Unit { outbox: vec![anew.clone()], ..world.unit(vec![revoked]) })
            .await
            .expect("nothing to break");
        anew.id
    };
    let state = async |mail| store.delivery(world.id(), mail).await.expect("an answer").expect("known");
    let over = async || {
        while let Some(claim) =
            store.claim(Lane::Ordinary, noon() + LEASE, LEASE, 1).await.expect("an answer").pop()
        {
            store.end_attempt(&claim, Attempt::Sent { reply: "250".into() }, None).await.expect("held");
        }
    };

    let (waiting, _, mail) = invite("waiting").await;
    let (_, _, of_another) = invite("another").await;
    let anew = revoke(&waiting, noon()).await;
    assert_eq!((state(mail).await.state, state(of_another).await.state), (Delivery::Dead, Delivery::Queued));
    assert_eq!(state(mail).await.reply.as_deref(), Some("its link died before it was sent"));
    assert_eq!(state(anew).await.state, Delivery::Queued, "what the same unit sends is about another ticket");
    let sql = "SELECT sealed FROM outbox WHERE tenant_id = $1 AND id = $2";
    let row = store.row(Statement::in_tenant(world.id(), sql).bind(mail)).await.expect("an answer");
    assert_eq!(row.expect("it stays").opt::<Vec<u8>>(0).expect("bytes"), None, "its link is erased");
    over().await;

    let (held, _, mail) = invite("held").await;
    let claimed = claim().await;
    revoke(&held, noon()).await;
    assert!(store.begin_hand_over(&claimed, noon()).await.is_err(), "whoever holds it goes no further");
    assert_eq!(state(mail).await.state, Delivery::Dead);
    over().await;

    let (begun, _, mail) = invite("begun").await;
    let claimed = claim().await;
    store.begin_hand_over(&claimed, noon()).await.expect("held");
    revoke(&begun, noon()).await;
    assert_eq!(state(mail).await.state, Delivery::Queued, "the relay has it already");
    revoke(&begun, noon() + LEASE).await;
    assert_eq!(state(mail).await.state, Delivery::Dead, "it is not sent again");
    over().await;

    let (_, invitation, mail) = invite("sixth").await;
    for number in 1..=5 {
        assert_eq!(state(mail).await.state, Delivery::Queued, "{number} tickets live");
        world.commit(vec![Change::AddTicket(world.ticket(&invitation, number))]).await;
    }
    assert_eq!(state(mail).await.state, Delivery::Dead, "the sixth ticket killed the oldest");
}

async fn a_mail_that_cannot_be_read_holds_up_no_other(world: &World) {
    let user = world.guest("unread@fabrikam.com");
    let store = &world.store;
    let (broken, whole) = (world.message(&user, Lane::Ordinary), world.message(&user, Lane::Ordinary));
    post(world, vec![broken.clone(), whole.clone()]).await;
    let spoil = "UPDATE outbox SET sealed = $3 WHERE tenant_id = $1 AND id = $2";
    let spoil = Statement::in_tenant(world.id(), spoil).bind(broken.id).bind(vec![0_u8; 40]);
    store.apply_one(spoil).await.expect("it is there");

    let claims = store.claim(Lane::Ordinary, noon(), LEASE, 2).await.expect("an answer");
    assert_eq!(claims.iter().map(|claim| claim.message.id).collect::<Vec<_>>(), [whole.id]);

    store.end_attempt(&claims[0], Attempt::Sent { reply: "250".into() }, None).await.expect("held");

    let state =
        async || store.delivery(world.id(), broken.id).await.expect("an answer").expect("known").state;
    for (now, wanted) in [(broken.ends_at - LEASE, Delivery::Queued), (broken.ends_at, Delivery::Dead)] {
        let claims = store.claim(Lane::Ordinary, now, LEASE, 2).await.expect("an answer");
        assert!(claims.is_empty());
        assert_eq!(state().await, wanted);
    }
    assert_eq!(store.next_due(Lane::Ordinary).await.expect("an answer"), None, "it does not wait for ever");
}

async fn tenants_take_turns(one: &World, other: &World) {
    let (user, guest) = (one.guest("one@fabrikam.com"), other.guest("other@fabrikam.com"));
    post(one, (0..10).map(|_| one.message(&user, Lane::Ordinary)).collect()).await;
    post(other, vec![other.message(&guest, Lane::Ordinary)]).await;

    let claims = one.store.claim(Lane::Ordinary, noon(), LEASE, 4).await.expect("an answer");
    assert_eq!(claims.len(), 4);
    assert!(
        claims.iter().any(|claim| claim.tenant == other.id()),
        "one tenant's ten leave room for the other's one"
    );
}

async fn waiting_workers_are_woken(world: &World) {
    let (early, late) = (world.store.clone(), world.store.clone());
    early.changed().await;
    let user = world.guest("woken@fabrikam.com");
    let began = std::time::Instant::now();
    let waiting = tokio::spawn(async move { early.changed().await });
    post(world, vec![world.message(&user, Lane::Passcode)]).await;
    waiting.await.expect("no panic");
    late.changed().await; // Did not wait for it at all, and hears of it all the same.
    assert!(
        began.elapsed() < std::time::Duration::from_millis(900),
        "the poll of a second would have found it too"
    );
}
