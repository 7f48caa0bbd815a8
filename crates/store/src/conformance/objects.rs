//! What is written is what is read.

use jiff::{SignedDuration, Timestamp};
use vestibule_model::policy::AllowInvitesFrom;
use vestibule_model::{
    Change, ClientSecret, Guard, InvitationStatus, TenantPolicy, UserChange, UserProperty,
};

use super::sample::{World, digest, noon};
use crate::read::directory::InviteQuery;
use crate::read::users::UserKey;
use crate::{CommitError, Store};

pub(super) async fn run(store: &Store) {
    users_come_back_whole(&World::new(store, 1).await).await;
    invitations_come_back_whole_and_end_set_wise(&World::new(store, 2).await).await;
    a_tenant_has_its_policies_and_domains(&World::new(store, 3).await).await;
    applications_come_with_their_secrets(&World::new(store, 4).await).await;
    a_snapshot_for_an_invitation_knows_everything(&World::new(store, 5).await).await;
    instants_keep_their_microseconds(&World::new(store, 6).await).await;
    a_name_that_no_row_can_hold_is_nobodys(&World::new(store, 7).await).await;
}

async fn users_come_back_whole(world: &World) {
    let mut user = world.guest("Taylor@Fabrikam.com");
    user.profile.city = Some("Zürich".into());
    user.profile.extension_attributes[14] = Some("x".into());
    world.keep(&user).await;

    let by_id =
        world.store.user(world.id(), &UserKey::Id(user.id), Some(&world.caller())).await.expect("an answer");
    assert_eq!(by_id.1.as_ref(), Some(&user));
    assert_eq!(by_id.0.and_then(|row| row.app).as_ref(), Some(&world.application));
    let by_name = UserKey::Upn(user.user_principal_name.to_uppercase());
    assert_eq!(
        world.store.user(world.id(), &by_name, None).await.expect("an answer").1.as_ref(),
        Some(&user)
    );

    let mut deleted = user.clone();
    deleted.version = 2;
    deleted.deleted_at = Some(noon());
    let change = Change::UpdateUser {
        user: Box::new(deleted),
        kind: UserChange::SoftDeleted,
        properties: vec![UserProperty::DeletedDateTime],
    };
    world.commit(vec![change]).await;
    assert_eq!(world.store.user(world.id(), &UserKey::Id(user.id), None).await.expect("an answer").1, None);
}

async fn invitations_come_back_whole_and_end_set_wise(world: &World) {
    let (user, invitation, unit) = world.invite("taylor@fabrikam.com");
    let ticket = world.ticket(&invitation, 0);
    world.store.commit(unit).await.expect("free");

    let snapshot = world.store.ticket(world.id(), ticket.hash).await.expect("an answer").expect("known");
    assert_eq!(snapshot.ticket, Some(ticket));
    assert_eq!((snapshot.invitation, snapshot.user), (invitation.clone(), user.clone()));
    assert!(!snapshot.is_blocked);

    let why = vestibule_model::invitation::Ended::UserDeleted;
    world
        .commit(vec![
            Change::EndInvitations { user: user.id, why, at: noon() },
            Change::RevokeTickets { user: user.id, at: noon() },
            Change::Block { address: invitation.address.clone(), at: noon() },
        ])
        .await;
    let snapshot = world.store.ticket(world.id(), ticket.hash).await.expect("an answer").expect("known");
    assert_eq!(snapshot.invitation.status, InvitationStatus::Ended { why, at: noon() });
    assert_eq!(snapshot.invitation.version, 2);
    assert_eq!(snapshot.ticket.and_then(|ticket| ticket.revoked_at), Some(noon()));
    assert!(snapshot.is_blocked);
    let by_id = world.store.redemption(world.id(), invitation.id).await.expect("an answer").expect("known");
    assert_eq!((by_id.ticket, by_id.user.id), (None, user.id));
    assert_eq!(
        world.store.invitation(world.id(), invitation.id).await.expect("an answer"),
        Some(snapshot.invitation)
    );
    assert!(world.store.ticket(world.id(), digest(404)).await.expect("an answer").is_none());
}

async fn a_tenant_has_its_policies_and_domains(world: &World) {
    let snapshot = world.store.tenant_snapshot(world.id(), None).await.expect("an answer").expect("there");
    assert_eq!((snapshot.policy_version, snapshot.policy), (2, TenantPolicy::default()));
    assert_eq!(snapshot.domains.len(), 1);

    let policy = TenantPolicy { allow_invites_from: AllowInvitesFrom::None, ..TenantPolicy::default() };
    let put = |version| Change::PutPolicy { policy: Box::new(policy.clone()), version };
    world.commit(vec![put(3)]).await;
    let again = world.store.commit(world.unit(vec![put(3)])).await;
    assert!(matches!(again, Err(CommitError::Stale(Guard::TenantPolicy { version: 2 }))), "{again:?}");
    let snapshot = world.store.tenant_snapshot(world.id(), Some(&world.caller())).await.expect("an answer");
    let snapshot = snapshot.expect("there");
    assert_eq!((snapshot.policy_version, snapshot.policy), (3, policy));
    assert!(snapshot.caller.is_some_and(|caller| caller.app.is_some()));

    for name in [world.id().to_string(), world.tenant.initial_domain.to_uppercase()] {
        let named = world.store.tenant_named(&name).await.expect("an answer");
        assert_eq!(named.as_ref(), Some(&world.tenant), "{name}");
    }
    assert!(world.store.tenant_named("elsewhere.example").await.expect("an answer").is_none());
    assert!(world.store.tenants().await.expect("an answer").contains(&world.tenant));
}

async fn applications_come_with_their_secrets(world: &World) {
    let secret = ClientSecret {
        key_id: world.context.random_id(),
        hash: digest(1),
        hint: "abc".into(),
        starts_at: noon(),
        ends_at: noon() + SignedDuration::from_hours(1),
    };
    world.commit(vec![Change::AddSecret { app: world.application.app, secret: secret.clone() }]).await;

    let found = world.store.application(world.id(), world.application.app).await.expect("an answer");
    assert_eq!(found, Some((world.application.clone(), vec![secret])));
    assert_eq!(
        world.store.applications(world.id()).await.expect("an answer"),
        std::slice::from_ref(&world.application)
    );
    let tenants = world.store.tenants_of_application(world.application.app).await.expect("an answer");
    assert_eq!(tenants, [world.id()]);
    let nobody = world.store.tenants_of_application(world.context.random_id()).await.expect("an answer");
    assert_eq!(nobody, []);
}

async fn a_snapshot_for_an_invitation_knows_everything(world: &World) {
    let (user, invitation, mut unit) = world.invite("taylor@fabrikam.com");
    let mut changes = unit.change.take().map(|set| set.changes().to_vec()).unwrap_or_default();
    changes.push(Change::Remember {
        scope: digest(1),
        body: digest(2),
        invitation: invitation.id,
        user: user.id,
        ticket: "in clear".into(),
        expires_at: noon() + SignedDuration::from_hours(24),
    });
    world.commit(changes).await;
    let blocked = super::sample::address("cc@fabrikam.com");
    world.commit(vec![Change::Block { address: blocked.clone(), at: noon() }]).await;

    let stranger = world.user_id();
    let query = InviteQuery {
        caller: &world.caller(),
        address: Some("taylor@fabrikam.com"),
        upn_prefix: Some("taylor_fabrikam.com"),
        target: Some(user.id),
        sponsors: &[user.id, stranger],
        cc: &["other@fabrikam.com", blocked.key()],
        key: Some(digest(1)),
        now: noon(),
    };
    let snapshot =
        world.store.invite_snapshot(world.id(), query.clone()).await.expect("an answer").expect("there");
    assert_eq!(snapshot.users_at, std::slice::from_ref(&user));
    assert!(snapshot.proxy_is_taken);
    assert_eq!(snapshot.target.as_ref().map(|target| target.id), Some(user.id));
    assert_eq!(snapshot.sponsors, [user.id]);
    assert_eq!(snapshot.taken_upns, [user.user_principal_name.to_lowercase()]);
    assert_eq!((snapshot.is_blocked, snapshot.blocked_cc), (false, vec![blocked.key().to_owned()]));
    let remembered = snapshot.remembered.expect("alive");
    assert_eq!(
        (remembered.body, remembered.invitation, remembered.ticket.expose()),
        (digest(2), invitation.id, "in clear")
    );

    let later = InviteQuery { now: noon() + SignedDuration::from_hours(24), ..query };
    let snapshot = world.store.invite_snapshot(world.id(), later).await.expect("an answer").expect("there");
    assert!(snapshot.remembered.is_none(), "it has ended");
}

async fn instants_keep_their_microseconds(world: &World) {
    let at = Timestamp::from_microsecond(1_780_000_000_123_457).expect("a year that exists");
    let (user, mut invitation, _) = world.invite("taylor@fabrikam.com");
    invitation.status = InvitationStatus::Completed { at };
    world
        .commit(vec![
            Change::CreateUser(Box::new(user)),
            Change::CreateInvitation(Box::new(invitation.clone())),
        ])
        .await;

    assert_eq!(world.store.invitation(world.id(), invitation.id).await.expect("an answer"), Some(invitation));
}

async fn a_name_that_no_row_can_hold_is_nobodys(world: &World) {
    let name = UserKey::Upn("taylor\0@fabrikam.com".into());
    let (caller, user) = world.store.user(world.id(), &name, Some(&world.caller())).await.expect("an answer");
    assert!(caller.is_some_and(|row| row.app.is_some()), "who asks is told all the same");
    assert_eq!(user, None);
    assert_eq!(world.store.tenant_named("contoso\0.com").await.expect("an answer"), None);
}
