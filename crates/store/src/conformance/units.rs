//! All or nothing, also when many share a commit; every mechanical row is there.

use futures_util::future::join_all;
use vestibule_model::{Activity, Change, Guard, UserChange, UserProperty};

use super::sample::{HALF_A_MINUTE, World, address, noon};
use crate::read::audit::AuditQuery;
use crate::read::users::UserKey;
use crate::sql::Statement;
use crate::{CommitError, Store};

pub(super) async fn run(store: &Store) {
    a_unit_is_written_whole_or_not_at_all(&World::new(store, 1).await).await;
    one_broken_unit_in_a_batch_fails_alone(&World::new(store, 2).await).await;
    fifty_at_once_make_one_user(&World::new(store, 3).await).await;
    every_object_changed_is_logged(&World::new(store, 4).await).await;
    names_follow_the_user(&World::new(store, 5).await).await;
    tenants_do_not_see_each_other(&World::new(store, 6).await, &World::new(store, 7).await).await;
    the_newest_five_tickets_live(&World::new(store, 8).await).await;
}

/// Rows of the tenant in a table.
pub(super) async fn count(world: &World, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table} WHERE tenant_id = $1");
    let row =
        world.store.row(Statement::in_tenant(world.id(), sql)).await.expect("an answer").expect("a row");
    row.get(0).expect("a number")
}

const TABLES: [&str; 8] =
    ["directory_user", "user_address", "user_word", "invitation", "ticket", "change_log", "audit", "outbox"];

async fn a_unit_is_written_whole_or_not_at_all(world: &World) {
    let mut before = Vec::new();
    for table in TABLES {
        before.push(count(world, table).await);
    }
    let (_, invitation, mut unit) = world.invite("taylor@fabrikam.com");
    // The last change breaks: a second ticket under the hash of the first.
    let mut changes = unit.change.as_ref().map(|set| set.changes().to_vec()).unwrap_or_default();
    changes.push(Change::AddTicket(world.ticket(&invitation, 0)));
    unit.change = world.unit(changes).change;

    let outcome = world.store.commit(unit).await;
    assert!(matches!(outcome, Err(CommitError::Stale(_))), "{outcome:?}");
    for (table, before) in TABLES.into_iter().zip(before) {
        assert_eq!(count(world, table).await, before, "{table}");
    }
}

async fn one_broken_unit_in_a_batch_fails_alone(world: &World) {
    world.keep(&world.guest("taken@fabrikam.com")).await;
    let units = (0..40).map(|number| {
        let mail =
            if number == 17 { "taken@fabrikam.com".into() } else { format!("guest{number}@fabrikam.com") };
        world.store.commit(world.invite(&mail).2)
    });
    let outcomes = join_all(units).await;

    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Err(CommitError::Stale(Guard::AddressFree { key })) => {
                assert_eq!((number, &**key), (17, "taken@fabrikam.com"));
            }
            other => assert!(number != 17 && other.is_ok(), "{number}: {other:?}"),
        }
    }
    assert_eq!(count(world, "directory_user").await, 40);
}

async fn fifty_at_once_make_one_user(world: &World) {
    let units = (0..50).map(|_| world.store.commit(world.invite("Taylor@Fabrikam.com").2));
    let outcomes = join_all(units).await;

    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(CommitError::Stale(_)))),
        "{outcomes:?}"
    );
    assert_eq!(count(world, "directory_user").await, 1);
    assert_eq!(count(world, "outbox").await, 1);
}

async fn every_object_changed_is_logged(world: &World) {
    let (user, mut invitation, unit) = world.invite("taylor@fabrikam.com");
    world.store.commit(unit).await.expect("free");
    let mut updated = user.clone();
    updated.version = 2;
    updated.profile.city = Some("Seoul".into());
    invitation.version = 2;
    let update = Change::UpdateUser {
        user: Box::new(updated),
        kind: UserChange::Updated,
        properties: vec![UserProperty::City],
    };
    world.commit(vec![update, Change::UpdateInvitation(Box::new(invitation))]).await;

    let sql =
        "SELECT object_kind, change, properties, epoch FROM change_log WHERE tenant_id = $1 ORDER BY seq";
    let rows = world.store.rows(Statement::in_tenant(world.id(), sql)).await.expect("an answer");
    let told: Vec<(String, String, Option<String>)> = rows
        .iter()
        .map(|row| (row.get(0).expect("text"), row.get(1).expect("text"), row.opt(2).expect("text")))
        .collect();
    let row = |kind: &str, change: &str, properties: Option<&str>| {
        (kind.to_owned(), change.to_owned(), properties.map(ToOwned::to_owned))
    };
    assert_eq!(
        told,
        [
            row("user", "created", None),
            row("invitation", "created", None),
            row("user", "updated", Some("[\"City\"]")),
            row("invitation", "updated", None),
        ]
    );
    assert!(rows.iter().all(|row| row.get::<u64>(3).ok() == Some(world.store.epoch())));

    let query = AuditQuery {
        target: Some(user.id.to_string()),
        top: 10,
        oldest_first: true,
        ..AuditQuery::default()
    };
    let page = world
        .store
        .audit_events(world.id(), &query, &world.caller(), HALF_A_MINUTE)
        .await
        .expect("an answer");
    let told: Vec<Activity> = page.events.iter().map(|event| event.activity).collect();
    assert_eq!(told, [Activity::AddUser, Activity::InviteExternalUser]);
}

async fn names_follow_the_user(world: &World) {
    let user = world.guest("old@fabrikam.com");
    world.keep(&user).await;
    let mut renamed = world.guest("new@fabrikam.com");
    (renamed.id, renamed.version) = (user.id, 2);
    let update = |user: &vestibule_model::User, kind| {
        vec![Change::UpdateUser { user: Box::new(user.clone()), kind, properties: Vec::new() }]
    };
    world.commit(update(&renamed, UserChange::Updated)).await;
    assert!(is_free(world, "old@fabrikam.com").await);
    assert!(!is_free(world, "new@fabrikam.com").await);

    (renamed.version, renamed.deleted_at) = (3, Some(noon()));
    world.commit(update(&renamed, UserChange::SoftDeleted)).await;
    assert!(is_free(world, "new@fabrikam.com").await, "a deleted user holds no address");
    let guard = Guard::UpnFree { key: renamed.user_principal_name.to_lowercase().into() };
    assert!(!holds(world, guard).await, "but keeps the user principal name");

    (renamed.version, renamed.deleted_at) = (4, None);
    world.commit(update(&renamed, UserChange::Restored)).await;
    assert!(!is_free(world, "new@fabrikam.com").await);
}

async fn is_free(world: &World, mail: &str) -> bool {
    holds(world, Guard::AddressFree { key: address(mail).key().into() }).await
}

/// Whether a unit that asks for nothing but `guard` goes through.
pub(super) async fn holds(world: &World, guard: Guard) -> bool {
    let mut unit = crate::Unit::new(world.id());
    unit.guards.push(guard.clone());
    match world.store.commit(unit).await {
        Ok(()) => true,
        Err(CommitError::Stale(broken)) => {
            assert_eq!(broken, guard);
            false
        }
        Err(CommitError::Store(error)) => panic!("{error}"),
    }
}

async fn tenants_do_not_see_each_other(here: &World, there: &World) {
    let (user, invitation, unit) = here.invite("taylor@fabrikam.com");
    here.store.commit(unit).await.expect("free here");
    let store = &there.store;

    assert!(is_free(there, "taylor@fabrikam.com").await);
    assert_eq!(store.user(there.id(), &UserKey::Id(user.id), None).await.expect("an answer").1, None);
    let upn = UserKey::Upn(user.user_principal_name.clone());
    assert_eq!(store.user(there.id(), &upn, None).await.expect("an answer").1, None);
    assert!(store.invitation(there.id(), invitation.id).await.expect("an answer").is_none());
    let hash = here.ticket(&invitation, 0).hash;
    assert!(store.ticket(there.id(), hash).await.expect("an answer").is_none());
    assert!(store.application(there.id(), here.application.app).await.expect("an answer").is_none());
    assert!(!holds(there, Guard::UserThere { user: user.id }).await);
}

async fn the_newest_five_tickets_live(world: &World) {
    let (user, invitation, unit) = world.invite("taylor@fabrikam.com");
    world.store.commit(unit).await.expect("free");
    for number in 1..8 {
        world.commit(vec![Change::AddTicket(world.ticket(&invitation, number))]).await;
    }
    let racing = (8..40).map(|number| {
        let ticket = world.ticket(&invitation, number);
        world.store.commit(world.unit(vec![Change::AddTicket(ticket)]))
    });
    assert!(join_all(racing).await.iter().all(Result::is_ok));

    let sql = "SELECT count(*) FROM ticket WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    let live = world.store.row(Statement::in_tenant(world.id(), sql).bind(user.id)).await.expect("an answer");
    assert_eq!(live.expect("a row").get::<u64>(0).expect("a number"), 5);
    assert_eq!(count(world, "ticket").await, 40);
}
