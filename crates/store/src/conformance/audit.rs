//! Audit events: in order, by activity, by target, page after page.

use jiff::SignedDuration;
use uuid::Uuid;
use vestibule_model::{Activity, AuditEvent, Context};

use super::sample::{HALF_A_MINUTE, World, noon};
use crate::read::audit::AuditQuery;
use crate::{Store, Unit};

const CORRELATION: Uuid = Uuid::from_u128(0xc0_44e1_a710);

pub(super) async fn run(store: &Store) {
    let world = World::new(store, 1).await;
    let elsewhere = World::new(store, 2).await;
    let user = world.guest("taylor@fabrikam.com");
    let other = world.guest("other@fabrikam.com");
    let mut written: Vec<AuditEvent> = Vec::new();
    for minute in 0..9 {
        let now = noon() + SignedDuration::from_mins(minute + 1);
        let later = World { context: Context { now, ..world.context.clone() }, ..world.clone() };
        let activity = if minute % 3 == 0 { Activity::AddUser } else { Activity::RedeemInvite };
        let about = if minute % 2 == 0 { &user } else { &other };
        let mut event = later.event_on(activity, about);
        if minute == 8 {
            event.correlation = CORRELATION;
        }
        written.push(event);
    }
    let unit = Unit { audit: written.clone(), ..Unit::new(world.id()) };
    store.commit(unit).await.expect("nothing to break");

    let made =
        AuditQuery { from: Some(noon() + SignedDuration::from_secs(1)), top: 100, ..AuditQuery::default() };
    let target = Some(user.id.to_string());
    let cases: [(&str, AuditQuery, Vec<usize>); 10] = [
        ("newest first", made.clone(), (0..9).rev().collect()),
        ("oldest first", AuditQuery { oldest_first: true, ..made.clone() }, (0..9).collect()),
        ("activity", AuditQuery { activities: Some(vec![Activity::AddUser]), ..made.clone() }, vec![6, 3, 0]),
        ("target", AuditQuery { target: target.clone(), ..made.clone() }, vec![8, 6, 4, 2, 0]),
        (
            "both",
            AuditQuery {
                target,
                activities: Some(vec![Activity::AddUser]),
                oldest_first: true,
                ..made.clone()
            },
            vec![0, 6],
        ),
        (
            "several activities",
            AuditQuery {
                activities: Some(vec![Activity::AddUser, Activity::RedeemInvite, Activity::UpdateUser]),
                ..made.clone()
            },
            (0..9).rev().collect(),
        ),
        ("no activity", AuditQuery { activities: Some(Vec::new()), ..made.clone() }, Vec::new()),
        ("id", AuditQuery { id: Some(written[4].id), ..made.clone() }, vec![4]),
        ("correlation", AuditQuery { correlation: Some(CORRELATION), ..made.clone() }, vec![8]),
        (
            "until",
            AuditQuery { until: Some(noon() + SignedDuration::from_mins(2)), ..made.clone() },
            vec![1, 0],
        ),
    ];
    for (name, query, wanted) in cases {
        let wanted: Vec<&AuditEvent> = wanted.into_iter().map(|number| &written[number]).collect();
        let page =
            store.audit_events(world.id(), &query, &world.caller(), HALF_A_MINUTE).await.expect("an answer");
        assert_eq!(page.events.iter().collect::<Vec<_>>(), wanted, "{name}");
        assert!(page.caller.app.is_some() && page.next.is_none());
        assert_eq!(paged(&world, query).await.iter().collect::<Vec<_>>(), wanted, "{name}, page by page");
    }
    let none = store
        .audit_events(elsewhere.id(), &made, &elsewhere.caller(), HALF_A_MINUTE)
        .await
        .expect("an answer");
    assert!(none.events.is_empty());
    let hidden =
        store.audit_event(elsewhere.id(), written[0].id, &elsewhere.caller()).await.expect("an answer");
    assert_eq!(hidden.1, None);
}

async fn paged(world: &World, query: AuditQuery) -> Vec<AuditEvent> {
    let mut query = AuditQuery { top: 2, ..query };
    let mut events = Vec::new();
    loop {
        let page = world
            .store
            .audit_events(world.id(), &query, &world.caller(), HALF_A_MINUTE)
            .await
            .expect("an answer");
        assert!(page.events.len() <= 2);
        events.extend(page.events);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return events,
        }
    }
}
