//! Every guard: what holds, what breaks it, and that two racing writers cannot both get past it.
//!
//! Most races are crossed: one unit relies on fact X and changes Y, the other relies on Y and changes X. Whatever their order, the
//! second finds its guard broken, so exactly one goes through; without a lock on the fact both would.

use futures_util::future::{join, join_all};
use jiff::SignedDuration;
use vestibule_model::invitation::Ended;
use vestibule_model::{
    Change, Guard, GuestState, Invitation, TenantPolicy, User, UserChange, VerifiedDomain,
};

use super::sample::{World, address, digest, noon};
use super::units::holds;
use crate::{CommitError, Store, Unit};

/// How often each race is run.
const ROUNDS: u32 = 6;

pub(super) async fn run(store: &Store, empty: &Store) {
    one_of_many_makes_the_first_tenant(empty).await;
    let world = World::new(store, 1).await;
    addresses_and_names(&world).await;
    users(&World::new(store, 2).await).await;
    invitations_and_tickets(&World::new(store, 3).await).await;
    policies(&World::new(store, 4).await).await;
    requests_and_blocks(&World::new(store, 5).await).await;
    domains(&World::new(store, 6).await, &World::new(store, 7).await).await;
}

/// `guard` holds in one unit, `change` happens in it.
pub(super) fn unit(world: &World, guard: Guard, change: Change) -> Unit {
    Unit { guards: vec![guard], ..world.unit(vec![change]) }
}

/// Of the two exactly one goes through.
async fn exactly_one(world: &World, left: Unit, right: Unit) {
    let what = format!("{:?} against {:?}", left.guards, right.guards);
    let outcomes = join(world.store.commit(left), world.store.commit(right)).await;
    let (left, right) = (&outcomes.0, &outcomes.1);
    assert!(
        matches!((left, right), (Ok(()), Err(CommitError::Stale(_))) | (Err(CommitError::Stale(_)), Ok(()))),
        "{what}: {outcomes:?}"
    );
}

async fn one_of_many_makes_the_first_tenant(empty: &Store) {
    assert!(empty.tenants().await.expect("an answer").is_empty());
    let racing = (0..8).map(|seed| async move {
        // Making a world commits a tenant without a guard, so the race is run by hand.
        let context = World::context(seed);
        let tenant = World::tenant_of(&context, seed);
        let mut unit =
            World::unit_in(&context, vec![Change::CreateTenant(Box::new(tenant.clone()))], tenant.id);
        unit.guards.push(Guard::NoTenant);
        empty.commit(unit).await
    });
    let outcomes = join_all(racing).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(empty.tenants().await.expect("an answer").len(), 1);
}

/// Two users want one mail address that a third knows as a lesser name.
async fn mail_goes_to_one(world: &World, round: u32) {
    let key = format!("wanted{round}@fabrikam.com");
    let mut third = world.guest(&format!("third{round}@fabrikam.com"));
    third.other_mails.push(key.clone());
    let rivals = ["left", "right"].map(|side| world.guest(&format!("{side}{round}@fabrikam.com")));
    for user in [&third, &rivals[0], &rivals[1]] {
        world
            .store
            .commit(world.unit(vec![Change::CreateUser(Box::new(user.clone()))]))
            .await
            .expect("a user");
    }
    assert!(!holds(world, Guard::AddressFree { key: key.as_str().into() }).await);
    assert!(holds(world, Guard::MailFree { key: key.as_str().into() }).await);

    let [left, right] = rivals.map(|mut user| {
        user.mail = Some(key.clone());
        user.version += 1;
        let change =
            Change::UpdateUser { user: Box::new(user), kind: UserChange::Updated, properties: Vec::new() };
        unit(world, Guard::MailFree { key: key.as_str().into() }, change)
    });
    exactly_one(world, left, right).await;
    assert!(!holds(world, Guard::MailFree { key: key.as_str().into() }).await);
}

async fn addresses_and_names(world: &World) {
    for round in 0..ROUNDS {
        let at = |side: &str| world.guest(&format!("{side}{round}@fabrikam.com"));
        let free = |user: &User| Guard::AddressFree { key: user.mail.clone().unwrap_or_default().into() };
        let (x, y) = (at("x"), at("y"));
        let create = |user: &User| Change::CreateUser(Box::new(user.clone()));
        exactly_one(world, unit(world, free(&x), create(&y)), unit(world, free(&y), create(&x))).await;

        let same = at("same");
        let (mut other, guard) = (same.clone(), free(&same));
        other.id = world.user_id();
        other.user_principal_name = format!("other{round}@{}", world.tenant.initial_domain);
        exactly_one(world, unit(world, guard.clone(), create(&same)), unit(world, guard, create(&other)))
            .await;

        mail_goes_to_one(world, round).await;

        let named = |user: &User| Guard::UpnFree { key: user.user_principal_name.to_lowercase().into() };
        let (x, y) = (at("nx"), at("ny"));
        exactly_one(world, unit(world, named(&x), create(&y)), unit(world, named(&y), create(&x))).await;

        let (first, mut second) = (at("first"), at("second"));
        second.user_principal_name = first.user_principal_name.to_uppercase();
        let outcome = join(
            world.store.commit(unit(world, named(&first), create(&first))),
            world.store.commit(unit(world, named(&second), create(&second))),
        )
        .await;
        assert!(outcome.0.is_ok() != outcome.1.is_ok(), "{outcome:?}");
    }
    let taken = world.guest("taken@fabrikam.com");
    world.keep(&taken).await;
    for guard in [
        Guard::AddressFree { key: "taken@fabrikam.com".into() },
        Guard::AddressFree { key: taken.user_principal_name.to_lowercase().into() },
        Guard::UpnFree { key: taken.user_principal_name.to_lowercase().into() },
    ] {
        assert!(!holds(world, guard.clone()).await, "{guard:?}");
    }
    assert!(holds(world, Guard::AddressFree { key: "free@fabrikam.com".into() }).await);
}

fn update(user: &User, change: impl Fn(&mut User)) -> Change {
    let mut user = user.clone();
    user.version += 1;
    change(&mut user);
    Change::UpdateUser { user: Box::new(user), kind: UserChange::Updated, properties: Vec::new() }
}

async fn users(world: &World) {
    type Crossed = (&'static str, fn(&User) -> Guard, fn(&mut User));
    let crossed: [Crossed; 4] = [
        ("version", |user| Guard::UserVersion { user: user.id, version: 1 }, |user| user.version = 2),
        (
            "pending",
            |user| Guard::UserPending { user: user.id },
            |user| user.guest_state = Some(GuestState::Accepted { at: noon() }),
        ),
        (
            "accepted",
            |user| Guard::UserAccepted { user: user.id },
            |user| user.guest_state = Some(GuestState::PendingAcceptance { since: noon() }),
        ),
        ("there", |user| Guard::UserThere { user: user.id }, |user| user.deleted_at = Some(noon())),
    ];
    for (name, guard, breaks) in crossed {
        for round in 0..ROUNDS {
            let make = |side: &str| {
                let mut user = world.guest(&format!("{name}-{side}{round}@fabrikam.com"));
                if name == "accepted" {
                    user.guest_state = Some(GuestState::Accepted { at: noon() });
                }
                user
            };
            let (x, y) = (make("x"), make("y"));
            world.keep(&x).await;
            world.keep(&y).await;
            exactly_one(
                world,
                unit(world, guard(&x), update(&y, breaks)),
                unit(world, guard(&y), update(&x, breaks)),
            )
            .await;
        }
    }
    let user = world.guest("twice@fabrikam.com");
    world.keep(&user).await;
    let change = || world.unit(vec![update(&user, |user| user.display_name.push('!'))]);
    exactly_one(world, change(), change()).await;

    let disabled = User { account_enabled: false, ..world.guest("disabled@fabrikam.com") };
    world.keep(&disabled).await;
    let stranger = world.user_id();
    for (guard, is_held) in [
        (Guard::UserPending { user: disabled.id }, false),
        (Guard::UserThere { user: disabled.id }, true),
        (Guard::UserAccepted { user: disabled.id }, false),
        (Guard::UserThere { user: stranger }, false),
        (Guard::UserVersion { user: disabled.id, version: 2 }, false),
        (Guard::UserVersion { user: disabled.id, version: 1 }, true),
    ] {
        assert_eq!(holds(world, guard.clone()).await, is_held, "{guard:?}");
    }
}

async fn invitations_and_tickets(world: &World) {
    let pending = |invitation: &Invitation| Guard::InvitationPending { invitation: invitation.id };
    for round in 0..2 {
        let mut made = Vec::new();
        for side in ["x", "y"] {
            let (_, invitation, unit) = world.invite(&format!("{side}{round}@fabrikam.com"));
            world.store.commit(unit).await.expect("free");
            made.push(invitation);
        }
        let [x, y] = made.as_slice() else { unreachable!("two were made") };
        let live = |of: &Invitation| Guard::TicketLive { ticket: world.ticket(of, 0).hash, now: noon() };
        let revoke = |of: &Invitation| Change::RevokeTickets { user: of.user, at: noon() };
        exactly_one(world, unit(world, live(x), revoke(y)), unit(world, live(y), revoke(x))).await;
        let end = |of: &Invitation| Change::EndInvitations { user: of.user, why: Ended::Revoked, at: noon() };
        exactly_one(world, unit(world, pending(x), end(y)), unit(world, pending(y), end(x))).await;
    }
    let (user, invitation, first) = world.invite("twice@fabrikam.com");
    world.store.commit(first).await.expect("free");
    let complete = || {
        let mut done = invitation.clone();
        done.version = 2;
        done.status = vestibule_model::InvitationStatus::Completed { at: noon() };
        unit(world, pending(&invitation), Change::UpdateInvitation(Box::new(done)))
    };
    exactly_one(world, complete(), complete()).await;
    assert!(!holds(world, pending(&invitation)).await);

    let ends = vestibule_model::Ticket {
        hash: digest(7),
        expires_at: Some(noon() + SignedDuration::from_secs(60)),
        ..world.ticket(&invitation, 1)
    };
    world.commit(vec![Change::AddTicket(ends)]).await;
    for (seconds, is_held) in [(59, true), (60, false)] {
        let now = noon() + SignedDuration::from_secs(seconds);
        assert_eq!(holds(world, Guard::TicketLive { ticket: digest(7), now }).await, is_held, "{seconds} s");
    }
    assert!(!holds(world, Guard::TicketLive { ticket: digest(8), now: noon() }).await);
    let _ = user;
}

async fn policies(world: &World) {
    let put = |version| Change::PutPolicy { policy: Box::new(TenantPolicy::default()), version };
    for round in 0..u64::from(ROUNDS) {
        let version = 2 + 2 * round;
        exactly_one(world, world.unit(vec![put(version + 1)]), world.unit(vec![put(version + 1)])).await;

        let user = world.guest(&format!("x{round}@fabrikam.com"));
        let free = Guard::AddressFree { key: user.mail.clone().unwrap_or_default().into() };
        let relies =
            unit(world, Guard::TenantPolicy { version: version + 1 }, Change::CreateUser(Box::new(user)));
        let changes = unit(world, free, put(version + 2));
        exactly_one(world, relies, changes).await;
        if holds(world, Guard::TenantPolicy { version: version + 1 }).await {
            world.commit(vec![put(version + 2)]).await;
        }
    }
}

/// Across tenants: within one, the lock on its policies would hide what the lock on the domain does.
async fn domains(here: &World, there: &World) {
    for round in 0..ROUNDS {
        let domain = |side: &str| VerifiedDomain {
            name: format!("{side}{round}.example"),
            is_default: false,
            is_initial: false,
        };
        let unknown = |domain: &VerifiedDomain| Guard::DomainFree { name: domain.name.as_str().into() };
        let add = |domain: &VerifiedDomain| Change::AddDomain(domain.clone());
        let (x, y, same) = (domain("x"), domain("y"), domain("same"));
        exactly_one(here, unit(here, unknown(&x), add(&y)), unit(there, unknown(&y), add(&x))).await;
        exactly_one(here, here.unit(vec![add(&same)]), there.unit(vec![add(&same)])).await;
        exactly_one(here, here.unit(vec![add(&domain("own"))]), here.unit(vec![add(&domain("own"))])).await;
    }
    assert!(!holds(here, Guard::DomainFree { name: "contoso7.example".into() }).await);
}

async fn requests_and_blocks(world: &World) {
    let (user, invitation, first) = world.invite("taylor@fabrikam.com");
    world.store.commit(first).await.expect("free");
    let remember = |scope| Change::Remember {
        scope,
        body: digest(1),
        invitation: invitation.id,
        user: user.id,
        ticket: "clear".into(),
        expires_at: noon() + SignedDuration::from_secs(60),
    };
    for round in 0..u64::from(ROUNDS) {
        let (x, y) = (digest(100 + 2 * round), digest(101 + 2 * round));
        let unused = |scope| Guard::KeyUnused { scope, now: noon() };
        exactly_one(world, unit(world, unused(x), remember(x)), unit(world, unused(x), remember(x))).await;
        let z = digest(500 + round);
        exactly_one(world, unit(world, unused(y), remember(z)), unit(world, unused(z), remember(y))).await;

        let (x, y) = (address(&format!("x{round}@x.com")), address(&format!("y{round}@x.com")));
        let open = |at: &vestibule_model::Address| Guard::Blocked { key: at.key().into(), is_blocked: false };
        let block =
            |address: &vestibule_model::Address| Change::Block { address: address.clone(), at: noon() };
        exactly_one(world, unit(world, open(&x), block(&y)), unit(world, open(&y), block(&x))).await;
    }
    let later = Guard::KeyUnused { scope: digest(100), now: noon() + SignedDuration::from_secs(60) };
    assert!(holds(world, later.clone()).await, "its record has ended");
    world.store.commit(unit(world, later, remember(digest(100)))).await.expect("an ended record makes room");
    world.commit(vec![Change::ForgetRequests { user: user.id }]).await;
    assert!(holds(world, Guard::KeyUnused { scope: digest(100), now: noon() }).await);

    let blocked = address("blocked@x.com");
    let is_blocked = |is_blocked| Guard::Blocked { key: blocked.key().into(), is_blocked };
    for _ in 0..2 {
        world.commit(vec![Change::Block { address: blocked.clone(), at: noon() }]).await;
    }
    assert!(holds(world, is_blocked(true)).await && !holds(world, is_blocked(false)).await);
    world.commit(vec![Change::Unblock { address: blocked.clone() }]).await;
    assert!(holds(world, is_blocked(false)).await && !holds(world, is_blocked(true)).await);
}
