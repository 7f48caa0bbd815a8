use std::collections::BTreeSet;

use jiff::SignedDuration;
use vestibule_directory::InviteError;
use vestibule_directory::RedeemError;
use vestibule_directory::users::{PatchValue, UserPatch};
use vestibule_model::invitation::{Ended, IdempotencyKey, InvitationRequest, InvitationRules};
use vestibule_model::policy::AllowInvitesFrom;
use vestibule_model::refusal::{InvitationRefusal, RedemptionRefusal};
use vestibule_model::{Digest, Lane, Outcome, Permission, TenantPolicy, UserProperty};
use vestibule_store::read::users::UserKey;

use crate::fixture::{House, TAYLOR, acceptance, app, asking, contoso, digest, end_of_flow, ticket};

#[tokio::test]
async fn the_redeem_url_has_the_documented_shape() {
    let house = House::new().await;

    let invited = house.invite(TAYLOR).await;

    let tenant = contoso().tenant.id;
    let (id, ticket) = (invited.invitation.id, ticket(&invited));
    assert_eq!(ticket.len(), 43);
    assert!(!format!("{invited:?}").contains(&ticket), "it is printed for nobody");
    assert_eq!(
        invited.redeem_url,
        format!(
            "https://guests.example/redeem?rd=https%3a%2f%2fguests.example%2finvitations%2fredeem%2f\
             %3ftenant%3d{tenant}%26user%3d{id}%26ticket%3d{ticket}%26ver%3d2.0"
        )
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_simultaneous_invitations_of_one_address_make_one_user_and_all_succeed() {
    let house = House::new().await;
    let inviter = app(&[Permission::UserInviteAll]);

    let invitations = (0..50).map(|_| {
        let (directory, inviter, context) = (house.directory.clone(), inviter.clone(), house.context());
        tokio::spawn(async move { directory.invite(&inviter, Ok(asking(TAYLOR)), None, &context).await })
    });
    let mut users = BTreeSet::new();
    let mut tickets = BTreeSet::new();
    for invitation in invitations.collect::<Vec<_>>() {
        let invited = invitation.await.unwrap().unwrap();
        users.insert(invited.invitation.user);
        tickets.insert(ticket(&invited));
    }

    assert_eq!((users.len(), tickets.len()), (1, 50));
    let told = house.told().await;
    assert_eq!(told.iter().filter(|name| **name == "Add user").count(), 1);
    assert_eq!(told.iter().filter(|name| **name == "Invite external user").count(), 50);
}

#[tokio::test]
async fn the_sixth_ticket_kills_the_oldest() {
    let mut house = House::new().await;
    let mut invited = Vec::new();
    for _ in 0..6 {
        invited.push(house.invite(TAYLOR).await);
        house.later(SignedDuration::from_secs(1));
    }

    let mut alive = Vec::new();
    for one in &invited {
        let tenant = contoso().tenant.id;
        let opened = house
            .directory
            .open_ticket(tenant, one.invitation.id, digest(&ticket(one)), &house.context())
            .await;
        alive.push(opened.is_ok());
    }

    assert_eq!(alive, [false, true, true, true, true, true]);
}

#[tokio::test]
async fn a_request_with_a_key_is_answered_again_and_made_once() {
    let mut house = House::new().await;
    let inviter = app(&[Permission::UserInviteAll]);
    let key = |body| IdempotencyKey { scope: Digest([1; 32]), body: Digest([body; 32]) };
    let ask = async |house: &House, body| {
        house.directory.invite(&inviter, Ok(asking(TAYLOR)), Some(key(body)), &house.context()).await
    };

    let first = ask(&house, 7).await.unwrap();
    let again = ask(&house, 7).await.unwrap();
    let other = ask(&house, 8).await;

    assert!(!first.is_replay && again.is_replay);
    assert_eq!(again.redeem_url, first.redeem_url);
    assert_eq!(again.invitation, first.invitation);
    assert!(matches!(other, Err(InviteError::Refused(InvitationRefusal::KeyReused))));
    assert_eq!(house.told().await, ["Add user", "Invite external user"]);

    house.later(SignedDuration::from_hours(25));
    assert!(!ask(&house, 8).await.unwrap().is_replay, "a key ends after a day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_simultaneous_requests_with_one_key_one_is_made_and_the_others_repeat_it() {
    let house = House::new().await;
    let inviter = app(&[Permission::UserInviteAll]);
    let key = IdempotencyKey { scope: Digest([1; 32]), body: Digest([2; 32]) };

    let asked = (0..10).map(|_| {
        let (directory, inviter, key) = (house.directory.clone(), inviter.clone(), key.clone());
        let context = house.context();
        tokio::spawn(async move { directory.invite(&inviter, Ok(asking(TAYLOR)), Some(key), &context).await })
    });
    let mut made = 0;
    let mut urls = BTreeSet::new();
    for one in asked.collect::<Vec<_>>() {
        let invited = one.await.unwrap().unwrap();
        made += usize::from(!invited.is_replay);
        urls.insert(invited.redeem_url);
    }

    assert_eq!((made, urls.len()), (1, 1));
}

#[tokio::test]
async fn refusals_are_recorded_sixty_a_minute_and_the_rest_as_one_row() {
    let policy = TenantPolicy { allow_invites_from: AllowInvitesFrom::None, ..TenantPolicy::default() };
    let mut house = House::with(policy, InvitationRules::default()).await;
    let inviter = app(&[Permission::UserInviteAll]);

    for _ in 0..100 {
        let refused = house.try_invite(&inviter, Ok(asking(TAYLOR))).await;
        assert!(matches!(refused, Err(InviteError::Refused(InvitationRefusal::InvitesOff))));
    }
    assert_eq!(house.told().await.len(), 60);

    house.later(SignedDuration::from_mins(1));
    house.directory.write_counted_refusals(&house.context()).await;
    let audit = house.audit().await;
    let Outcome::Failure { reason } = &audit.last().unwrap().outcome else { panic!("a failure") };
    assert!(reason.starts_with("40 more refusals"), "{reason}");
    assert_eq!(house.told().await.len(), 61);
}

#[tokio::test]
async fn a_reset_ends_every_earlier_link_and_keeps_the_user() {
    let house = House::new().await;
    let first = house.invite(TAYLOR).await;
    house.directory.redeem(acceptance(&first), end_of_flow(), &house.context()).await.unwrap();
    let reset = InvitationRequest {
        reset_redemption: true,
        user: Some(first.invitation.user.to_string()),
        ..asking(TAYLOR)
    };

    let anew = house.try_invite(&app(&[Permission::UserReadWriteAll]), Ok(reset)).await.unwrap();

    assert_eq!(anew.invitation.user, first.invitation.user);
    let old = house.directory.redeem(acceptance(&first), end_of_flow(), &house.context()).await;
    let superseded = RedemptionRefusal::Ended(Ended::Superseded);
    assert!(matches!(&old, Err(RedeemError::Refused(why)) if *why == superseded), "{old:?}");
    let again = house.directory.redeem(acceptance(&anew), end_of_flow(), &house.context()).await.unwrap();
    assert!(!again.was_accepted);
}

#[tokio::test]
async fn mail_waits_in_the_outbox_when_the_invitation_stands_and_only_if_it_was_asked_for() {
    let house = House::new().await;
    let inviter = app(&[Permission::UserInviteAll]);
    let claim = async || {
        house.store.claim(Lane::Ordinary, house.now, SignedDuration::from_mins(1), 10).await.unwrap()
    };

    house.invite("quiet@fabrikam.com").await;
    assert!(claim().await.is_empty());
    let request = InvitationRequest { sends_message: true, ..asking(TAYLOR) };
    house.try_invite(&inviter, Ok(request)).await.unwrap();

    let waiting = claim().await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].message.to.as_typed(), TAYLOR);
}

#[tokio::test]
async fn who_was_deleted_is_invited_as_somebody_new() {
    let house = House::new().await;
    let first = house.invite(TAYLOR).await;
    let writer = app(&[Permission::UserReadWriteAll]);
    let key = UserKey::Id(first.invitation.user);
    house.directory.delete_user(&writer, &key, &house.context()).await.unwrap();

    let second = house.invite(TAYLOR).await;

    assert_ne!(second.invitation.user, first.invitation.user);
    let user = house.directory.user(&writer, &UserKey::Id(second.invitation.user), &house.context()).await;
    assert_eq!(user.unwrap().0.user_principal_name, "taylor_fabrikam.com#EXT#@contoso.localhost");
}

#[tokio::test]
async fn a_name_that_somebody_else_took_gets_a_number() {
    let house = House::new().await;
    let writer = app(&[Permission::UserReadWriteAll]);
    let kim = UserKey::Id(house.invite("kim@fabrikam.com").await.invitation.user);
    let upn = PatchValue::Text("Taylor_fabrikam.com#EXT#@contoso.localhost".into());
    let renamed = UserPatch { properties: vec![(UserProperty::UserPrincipalName, upn)] };
    house.directory.update_user(&writer, &kim, renamed, &house.context()).await.unwrap();

    let taylor = UserKey::Id(house.invite(TAYLOR).await.invitation.user);

    let (user, _) = house.directory.user(&writer, &taylor, &house.context()).await.unwrap();
    assert_eq!(user.user_principal_name, "taylor_fabrikam.com_2#EXT#@contoso.localhost");
}
