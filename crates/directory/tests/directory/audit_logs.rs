//! Reading what was recorded.

use jiff::SignedDuration;
use vestibule_directory::{AuditQuery, Directory, Error, Settings};
use vestibule_model::audit::Initiator;
use vestibule_model::invitation::InvitationRules;
use vestibule_model::{Activity, AuditEvent, Permission, Refusal};
use vestibule_store::Unit;

use crate::fixture::{House, app, settings};

#[tokio::test]
async fn a_search_of_the_whole_log_that_takes_too_long_is_ended() {
    let house = House::new().await;
    let auditor = app(&[Permission::AuditLogReadAll]);
    let initiator = Initiator::Service { name: "test".into() };
    let event = |_| AuditEvent::new(Activity::UpdateUser, initiator.clone(), &house.context());
    let unit = Unit { audit: (0..4000).map(event).collect(), ..Unit::new(auditor.tenant) };
    house.store.commit(unit).await.unwrap();
    let hurried = Directory::new(
        house.store.clone(),
        Settings { read_deadline: SignedDuration::ZERO, ..settings(InvitationRules::default()) },
    );

    let nothing_is_that_old =
        AuditQuery { until: Some(jiff::Timestamp::UNIX_EPOCH), top: 1, ..AuditQuery::default() };
    let refused = hurried.audit_events(&auditor, nothing_is_that_old, &house.context()).await.unwrap_err();
    let newest = AuditQuery { top: 1, ..AuditQuery::default() };
    let found = hurried.audit_events(&auditor, newest, &house.context()).await.unwrap().0;

    assert!(matches!(refused, Error::Refused(Refusal::TooExpensive)), "{refused:?}");
    assert_eq!(found.len(), 1, "what is at hand is read in no time");
}
