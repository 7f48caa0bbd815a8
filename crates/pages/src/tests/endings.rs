//! What a guest reads when the organisation changed its mind, before the link was opened or while S5 was.

use axum::http::Method;
use vestibule_model::policy::DomainList;
use vestibule_model::user::UserProperty;
use vestibule_model::user::patch::{PatchValue, UserPatch};
use vestibule_model::{
    Activity, AuditEvent, AuditTrail, Change, ChangeSet, Initiator, Outcome, Permission, TenantPolicy,
};
use vestibule_store::Unit;
use vestibule_store::read::users::UserKey;

use super::house::{House, Invited};

#[derive(Clone, Copy, Debug)]
enum Turn {
    Disabled,
    Deleted,
    DomainBlocked,
}

#[tokio::test]
async fn a_right_link_says_in_plain_words_why_it_leads_no_further() {
    for (turn, status, screen, words) in [
        (Turn::Disabled, 403, "S-E9", "Contoso has turned off your access."),
        (Turn::Deleted, 410, "S-E3", "Contoso has withdrawn this invitation."),
        (Turn::DomainBlocked, 403, "S-E8", "Contoso no longer accepts guests from fabrikam.com."),
    ] {
        let house = House::new().await;
        let invited = house.invite(|_| {}).await;
        let mut guest = house.browser();
        let consent = guest.prove(&invited.link).await;
        take(&house, &invited, turn).await;

        for seen in [house.browser().open(&invited.link).await, guest.press(&consent, "Accept").await] {
            assert_eq!(seen.what(), (status, screen), "{turn:?}");
            assert_eq!(seen.title(), "Something&#39;s not right · Contoso", "{turn:?}");
            assert!(seen.says(words), "{turn:?}: {}", seen.main());
        }
        assert_eq!(
            refused_redemptions(&house).await,
            1,
            "{turn:?}: pressing Accept is recorded, looking is not"
        );
    }
}

#[tokio::test]
async fn when_the_store_is_away_the_page_says_when_to_come_again() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let bare = house.browser().fetch(Method::GET, &invited.link).await.location().unwrap();
    house.store.close().await.unwrap();

    let seen = house.browser().fetch(Method::GET, &bare).await;
    assert_eq!(seen.what(), (503, "S-E12"));
    assert_eq!(seen.header("retry-after"), "5");
    assert_eq!(seen.link("Try again"), bare);
}

async fn refused_redemptions(house: &House) -> usize {
    let is_refused = |event: &&AuditEvent| {
        event.activity == Activity::RedeemInvite && matches!(event.outcome, Outcome::Failure { .. })
    };
    house.events().await.iter().filter(is_refused).count()
}

async fn take(house: &House, invited: &Invited, turn: Turn) {
    let context = house.context();
    let mut admin = house.caller.clone();
    admin.permissions.push(Permission::UserReadWriteAll);
    let key = UserKey::Id(house.guest(invited).await.id);
    match turn {
        Turn::Disabled => {
            let patch =
                UserPatch { properties: vec![(UserProperty::AccountEnabled, PatchValue::Bool(false))] };
            house.directory.update_user(&admin, &key, patch, &context).await.unwrap();
        }
        Turn::Deleted => house.directory.delete_user(&admin, &key, &context).await.unwrap(),
        Turn::DomainBlocked => {
            let domain_list = DomainList::Deny(vec!["fabrikam.com".into()]);
            let policy = Box::new(TenantPolicy { domain_list, ..TenantPolicy::default() });
            let initiator = Initiator::caller(&admin, &context);
            let trail = AuditTrail::of(AuditEvent::new(Activity::UpdatePolicy, initiator, &context));
            let version = house.snapshot(invited).await.policy_version + 1;
            let change = ChangeSet::new(vec![Change::PutPolicy { policy, version }], trail);
            let unit = Unit { change: Some(change), ..Unit::new(admin.tenant) };
            house.store.commit(unit).await.unwrap();
        }
    }
}
