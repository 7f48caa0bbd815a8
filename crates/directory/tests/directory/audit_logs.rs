//! Reading what was recorded.

use jiff::SignedDuration;
use vestibule_directory::audit_logs::ListAudits;
use vestibule_directory::{Directory, Error, Settings};
use vestibule_model::audit::{AuditProperty, Initiator};
use vestibule_model::invitation::InvitationRules;
use vestibule_model::{Activity, AuditEvent, Permission, Refusal};
use vestibule_odata::filter::{Expr, Op, Value};
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

    let list =
        |filter: Option<Expr<AuditProperty>>| ListAudits { filter, oldest_first: false, top: 1, after: None };
    let nothing_is_that_old = Expr::Compare {
        property: AuditProperty::ActivityDateTime,
        member: None,
        op: Op::Le,
        value: Value::DateTime(jiff::Timestamp::UNIX_EPOCH),
    };
    let nobody_is_called_so = Expr::Compare {
        property: AuditProperty::InitiatedBy,
        member: Some("user/displayName"),
        op: Op::Eq,
        value: Value::Text("Nobody".into()),
    };
    for filter in [nothing_is_that_old, nobody_is_called_so] {
        let refused = hurried.audit_events(&auditor, list(Some(filter)), &house.context()).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::TooExpensive)), "{refused:?}");
    }
    let found = hurried.audit_events(&auditor, list(None), &house.context()).await.unwrap().0;

    assert_eq!(found.len(), 1, "what is at hand is read in no time");
}
