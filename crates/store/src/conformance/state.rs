//! Protocol state: each change is counted exactly once, however many press at the same moment.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use vestibule_model::state::{
    Counter, CounterKind, FLOW_IDLE, FLOWS_WITHOUT_PASSCODE, Flow, Intent, Passcode, Session,
};
use vestibule_model::{Guard, Method, Proof, StateChange};

use super::sample::{World, address, digest, noon};
use crate::read::identity::SigningKeyRow;
use crate::sql::Statement;
use crate::{CommitError, Store, Unit};

/// How often each race of two is run.
const ROUNDS: u64 = 12;

pub(super) async fn run(store: &Store) {
    let world = World::new(store, 1).await;
    a_flow_moves_once_from_each_version(&world).await;
    of_one_invitation_so_many_flows_stand_and_none_with_a_code_goes(&world).await;
    a_passcode_has_so_many_tries_and_one_use(&world).await;
    a_new_passcode_kills_the_older_one_of_its_flow(&world).await;
    events_are_counted_up_to_the_limit(&world).await;
    a_session_names_its_user_until_it_ends(&world).await;
    the_first_signing_key_stays(&world).await;
}

async fn commit(world: &World, state: StateChange) -> Result<(), CommitError> {
    world.store.commit(Unit { state: vec![state], ..Unit::new(world.id()) }).await
}

pub(super) fn flow(world: &World, id: u64) -> Flow {
    Flow {
        id: digest(id),
        public_id: world.context.random_id(),
        version: 1,
        invitation: world.context.new_id(),
        user: world.user_id(),
        ticket: digest(9),
        intent: Intent::Accept,
        proof: None,
        language: "ko".into(),
        is_done: false,
        created_at: noon(),
        expires_at: noon() + SignedDuration::from_mins(60),
    }
}

async fn a_flow_moves_once_from_each_version(world: &World) {
    let flow = flow(world, 1);
    commit(world, StateChange::OpenFlow(Box::new(flow.clone()))).await.expect("a new id");
    let again = commit(world, StateChange::OpenFlow(Box::new(flow.clone()))).await;
    assert!(matches!(again, Err(CommitError::Stale(Guard::State))), "{again:?}");

    let moved = Flow { id: digest(2), version: 2, is_done: true, ..flow.clone() };
    let racing = (0..8).map(|number| {
        let flow = Flow { id: if number == 0 { digest(2) } else { digest(20 + number) }, ..moved.clone() };
        commit(world, StateChange::MoveFlow { was: digest(1), flow: Box::new(flow) })
    });
    let outcomes = join_all(racing).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let was = world.store.flow(world.id(), digest(1), noon()).await.expect("an answer");
    assert_eq!(was, None, "the old cookie is void");

    let other = super::state::flow(world, 3);
    commit(world, StateChange::OpenFlow(Box::new(other.clone()))).await.expect("a new id");
    let end = other.expires_at;
    let before = end - SignedDuration::from_secs(1);
    assert_eq!(world.store.flow(world.id(), digest(3), before).await.expect("an answer"), Some(other));
    assert_eq!(world.store.flow(world.id(), digest(3), end).await.expect("an answer"), None);
}

async fn of_one_invitation_so_many_flows_stand_and_none_with_a_code_goes(world: &World) {
    let most = u64::from(FLOWS_WITHOUT_PASSCODE);
    let minute = SignedDuration::from_mins(1);
    let (invitation, elsewhere) = (world.context.new_id(), flow(world, 1_000));
    let begun = |id: u64, at: Timestamp| Flow {
        invitation,
        created_at: at,
        expires_at: at + FLOW_IDLE,
        ..flow(world, id)
    };
    let open = |flow: Flow| commit(world, StateChange::OpenFlow(Box::new(flow)));
    let stands =
        async |id: u64| world.store.flow(world.id(), digest(id), noon()).await.expect("an answer").is_some();
    let count = async || {
        let sql = "SELECT count(*) FROM flow WHERE tenant_id = $1 AND invitation_id = $2";
        let row = world.store.row(Statement::in_tenant(world.id(), sql).bind(invitation)).await;
        row.expect("an answer").expect("a row").get::<u64>(0).expect("a number")
    };
    open(elsewhere).await.expect("a new id");
    let with_code = begun(1_001, noon());
    let code = passcode(world, with_code.public_id);
    open(with_code).await.expect("a new id");
    commit(world, StateChange::PutPasscode(Box::new(code.clone()))).await.expect("never broken");

    for number in 0..most {
        open(begun(2_000 + number, noon() + minute)).await.expect("a new id");
    }
    assert_eq!(count().await, most + 1);
    open(begun(3_000, noon() + 2 * minute)).await.expect("a new one is never refused");
    assert_eq!(count().await, most + 1, "it took the place of another");
    assert!(stands(3_000).await && stands(1_001).await && stands(1_000).await);
    let outcomes = join_all((0..24).map(|number| open(begun(4_000 + number, noon() + 3 * minute)))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(count().await, most + 1, "also when many begin at once");
    assert!(!stands(3_000).await && stands(1_001).await, "the longest idle goes, but none with a code");

    open(begun(6_000, noon() + 4 * minute + FLOW_IDLE)).await.expect("a new id");
    assert_eq!(count().await, 1, "the dead make room first");
}

fn passcode(world: &World, flow: uuid::Uuid) -> Passcode {
    Passcode {
        id: world.context.new_id(),
        flow,
        hash: digest(1),
        created_at: noon(),
        expires_at: noon() + SignedDuration::from_mins(30),
        tries: 0,
        used_at: None,
    }
}

async fn a_passcode_has_so_many_tries_and_one_use(world: &World) {
    let code = passcode(world, world.context.random_id());
    commit(world, StateChange::PutPasscode(Box::new(code.clone()))).await.expect("never broken");
    let attempt = |now| commit(world, StateChange::TryPasscode { id: code.id, at_most: 5, now });

    let outcomes = join_all((0..12).map(|_| attempt(noon()))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5, "{outcomes:?}");
    let kept = world.store.passcode(world.id(), code.flow).await.expect("an answer").expect("alive");
    assert_eq!(kept, Passcode { tries: 5, ..code.clone() });

    let spent =
        join_all((0..8).map(|_| commit(world, StateChange::SpendPasscode { id: code.id, now: noon() })))
            .await;
    assert_eq!(spent.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{spent:?}");

    let old = passcode(world, world.context.random_id());
    commit(world, StateChange::PutPasscode(Box::new(old.clone()))).await.expect("never broken");
    let late = commit(world, StateChange::TryPasscode { id: old.id, at_most: 5, now: old.expires_at }).await;
    assert!(late.is_err(), "its time is over");
}

async fn a_new_passcode_kills_the_older_one_of_its_flow(world: &World) {
    let flow = world.context.random_id();
    let (older, newer) = (passcode(world, flow), passcode(world, flow));
    for code in [&older, &newer] {
        commit(world, StateChange::PutPasscode(Box::new(code.clone()))).await.expect("never broken");
    }
    let attempt = StateChange::TryPasscode { id: older.id, at_most: 5, now: noon() };
    assert!(commit(world, attempt).await.is_err());
    assert_eq!(world.store.passcode(world.id(), flow).await.expect("an answer"), Some(newer.clone()));

    for _ in 0..ROUNDS {
        let flow = world.context.random_id();
        let put = || commit(world, StateChange::PutPasscode(Box::new(passcode(world, flow))));
        let (one, other) = futures_util::future::join(put(), put()).await;
        assert!(one.is_ok() && other.is_ok());
        let sql = "SELECT count(*) FROM passcode WHERE tenant_id = $1 AND flow = $2 AND dropped_at IS NULL";
        let live =
            world.store.row(Statement::in_tenant(world.id(), sql).bind(flow)).await.expect("an answer");
        assert_eq!(live.expect("a row").get::<u64>(0).expect("a number"), 1, "the newest only");
    }
}

async fn events_are_counted_up_to_the_limit(world: &World) {
    let counter = Counter { kind: CounterKind::WrongPasscode, key: digest(1) };
    let other = Counter { kind: CounterKind::PasscodeSent, key: digest(1) };
    let second = SignedDuration::from_secs(1);
    let since = noon() - second;
    let ids: Vec<uuid::Uuid> = (0..20).map(|_| world.context.random_id()).collect();
    let racing = ids
        .iter()
        .map(|id| commit(world, StateChange::Count { counter, id: *id, at: noon(), since, at_most: 7 }));
    let outcomes = join_all(racing).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 7, "{outcomes:?}");

    for round in 0..ROUNDS {
        let counter = Counter { kind: CounterKind::PasscodeLock, key: digest(100 + round) };
        let count = || {
            let id = world.context.random_id();
            commit(world, StateChange::Count { counter, id, at: noon(), since, at_most: 1 })
        };
        let (one, other) = futures_util::future::join(count(), count()).await;
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }

    let asked = [(counter, since), (other, since), (counter, noon())];
    let counted = world.store.counted(world.id(), &asked, noon()).await.expect("an answer");
    assert_eq!(counted.iter().map(|counted| counted.events).collect::<Vec<_>>(), [7, 0, 0]);
    assert_eq!((counted[0].oldest, counted[0].newest), (Some(noon()), Some(noon())));
    assert_eq!(counted[1].oldest, None);

    let taken =
        ids.iter().zip(&outcomes).find(|(_, outcome)| outcome.is_ok()).map(|(id, _)| *id).expect("seven");
    commit(world, StateChange::Uncount { counter, id: taken }).await.expect("never broken");
    let once_more =
        StateChange::Count { counter, id: world.context.random_id(), at: noon(), since, at_most: 7 };
    commit(world, once_more).await.expect("one was taken back");
    let later = noon() + second;
    let anew =
        StateChange::Count { counter, id: world.context.random_id(), at: later, since: noon(), at_most: 1 };
    commit(world, anew).await.expect("the others have left the window");

    let (earlier, window) = (noon() - SignedDuration::from_hours(1), SignedDuration::from_mins(10));
    let asked = [(counter, earlier - window)];
    let counted = world.store.counted(world.id(), &asked, earlier).await.expect("an answer");
    assert_eq!(counted[0].events, 0, "what was counted before the clock was set back does not count");
    let id = world.context.random_id();
    let back = StateChange::Count { counter, id, at: earlier, since: earlier - window, at_most: 1 };
    commit(world, back).await.expect("nor does it stand in the way");
}

async fn a_session_names_its_user_until_it_ends(world: &World) {
    let user = world.guest("taylor@fabrikam.com");
    world.keep(&user).await;
    let session = Session {
        id: digest(1),
        user: user.id,
        proof: Proof::established_by(Method::EmailPasscode, address("taylor@fabrikam.com"), noon()),
        created_at: noon(),
        expires_at: noon() + SignedDuration::from_hours(24),
    };
    commit(world, StateChange::OpenSession(Box::new(session.clone()))).await.expect("a new id");

    let ask = |now| world.store.session(world.id(), digest(1), now);
    let found = ask(noon()).await.expect("an answer");
    assert_eq!(found, Some((session.clone(), user, world.tenant.clone())));
    assert!(ask(session.expires_at).await.expect("an answer").is_none());
    commit(world, StateChange::CloseSession { id: digest(1) }).await.expect("never broken");
    assert!(ask(noon()).await.expect("an answer").is_none());
}

async fn the_first_signing_key_stays(world: &World) {
    let key = |kid: usize| SigningKeyRow {
        kid: format!("key{kid}"),
        private: vec![1, 2, 3],
        certificate: vec![4],
        created_at: noon(),
    };
    let offers = join_all((0..6).map(|kid| world.store.offer_signing_key(key(kid)))).await;
    let first = world.store.signing_keys().await.expect("an answer");
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].private, [1, 2, 3]);
    for offer in offers {
        let kids: Vec<String> = offer.expect("an answer").into_iter().map(|key| key.kid).collect();
        assert_eq!(kids, [first[0].kid.clone()]);
    }
}
