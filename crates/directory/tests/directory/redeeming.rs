use jiff::SignedDuration;
use vestibule_directory::RedeemError;
use vestibule_model::invitation::{Ended, InvitationRequest, InvitationRules};
use vestibule_model::refusal::RedemptionRefusal as No;
use vestibule_model::{Digest, InvitationId, Lane, Outcome, Permission, TenantPolicy};
use vestibule_store::read::users::UserKey;

use crate::fixture::{
    House, TAYLOR, acceptance, acceptance_by, app, asking, contoso, digest, end_of_a_flow_that_is_gone,
    end_of_flow, ticket,
};

fn is_refused<T>(result: &Result<T, RedeemError>, why: &No) -> bool {
    matches!(result, Err(RedeemError::Refused(refusal)) if refusal == why)
}

#[tokio::test]
async fn who_accepts_reads_accepted_and_it_is_told_once() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;

    let first = house.directory.redeem(acceptance(&invited), end_of_flow(), &house.context()).await.unwrap();
    let second = house.directory.redeem(acceptance(&invited), end_of_flow(), &house.context()).await.unwrap();

    assert!(!first.was_accepted && second.was_accepted);
    assert!(first.redemption.is_accepted && second.redemption.is_accepted);
    assert_eq!(first.redemption.user, second.redemption.user);
    assert_eq!(
        house.told().await,
        ["Add user", "Invite external user", "Update user", "Redeem external user invite"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_accept_at_once_one_wins_and_the_others_see_it() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;

    let tabs = (0..10).map(|_| {
        let (directory, acceptance, context) =
            (house.directory.clone(), acceptance(&invited), house.context());
        tokio::spawn(async move { directory.redeem(acceptance, end_of_flow(), &context).await })
    });
    let mut winners = 0;
    for tab in tabs.collect::<Vec<_>>() {
        winners += usize::from(!tab.await.unwrap().unwrap().was_accepted);
    }

    assert_eq!(winners, 1);
    let told = house.told().await;
    assert_eq!(told.iter().filter(|name| **name == "Redeem external user invite").count(), 1);
}

#[tokio::test]
async fn a_flow_that_is_gone_accepts_nothing_unless_it_was_accepted_meanwhile() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;
    let accept = async |with| house.directory.redeem(acceptance(&invited), with, &house.context()).await;

    let gone = accept(end_of_a_flow_that_is_gone()).await;
    assert!(is_refused(&gone, &No::FlowGone), "{gone:?}");
    assert_eq!(house.told().await, ["Add user", "Invite external user"]);

    accept(end_of_flow()).await.unwrap();
    assert!(accept(end_of_a_flow_that_is_gone()).await.unwrap().was_accepted);
}

#[tokio::test]
async fn without_a_flow_the_same_is_written() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;

    let redeemed = house.directory.redeem_without_flow(acceptance(&invited), &house.context()).await.unwrap();

    assert!(!redeemed.was_accepted);
    assert_eq!(house.told().await[2..], ["Update user", "Redeem external user invite"]);
}

#[tokio::test]
async fn a_proof_of_somebody_else_is_refused_and_recorded() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;

    let refused = house
        .directory
        .redeem(acceptance_by(&invited, "mallory@fabrikam.com"), end_of_flow(), &house.context())
        .await;

    assert!(is_refused(&refused, &No::NotProved));
    let last = house.audit().await.pop().unwrap();
    assert_eq!(last.activity.name(), "Redeem external user invite");
    assert!(matches!(last.outcome, Outcome::Failure { .. }));
}

#[tokio::test]
async fn links_that_lead_to_nothing_are_all_alike() {
    let house = House::new().await;
    let taylor = house.invite(TAYLOR).await;
    let kim = house.invite("kim@fabrikam.com").await;
    let tenant = contoso().tenant.id;
    for (what, tenant, invitation, hash) in [
        ("unknown ticket", tenant, taylor.invitation.id, digest("unknown")),
        ("another's ticket", tenant, taylor.invitation.id, digest(&ticket(&kim))),
        ("another tenant", uuid::Uuid::from_u128(9).into(), taylor.invitation.id, digest(&ticket(&taylor))),
        ("no invitation", tenant, InvitationId(uuid::Uuid::nil()), Digest([0; 32])),
    ] {
        let opened = house.directory.open_ticket(tenant, invitation, hash, &house.context()).await;

        assert!(is_refused(&opened, &No::NoSuchLink), "{what}: {opened:?}");
    }
}

#[tokio::test]
async fn dead_links_say_how_they_died() {
    let rules = InvitationRules { lifetime_days: 1, ..InvitationRules::default() };
    let mut house = House::with(TenantPolicy::default(), rules).await;
    let declined = house.invite("declined@fabrikam.com").await;
    let deleted = house.invite("deleted@fabrikam.com").await;
    let expired = house.invite("expired@fabrikam.com").await;
    house.directory.decline(acceptance(&declined), None, end_of_flow(), &house.context()).await.unwrap();
    let writer = app(&[Permission::UserReadWriteAll]);
    let key = UserKey::Id(deleted.invitation.user);
    house.directory.delete_user(&writer, &key, &house.context()).await.unwrap();

    for (invited, why, passes) in [
        (&declined, Ended::Declined, SignedDuration::ZERO),
        (&deleted, Ended::UserDeleted, SignedDuration::ZERO),
        (&expired, Ended::Expired, SignedDuration::from_hours(24)),
    ] {
        house.later(passes);
        let tried = house.directory.redeem(acceptance(invited), end_of_flow(), &house.context()).await;

        assert!(is_refused(&tried, &No::Ended(why)), "{why:?}: {tried:?}");
    }
}

#[tokio::test]
async fn declining_is_told_with_its_reason_and_blocks_nothing_else() {
    let house = House::new().await;
    let first = house.invite(TAYLOR).await;
    let second = house.invite(TAYLOR).await;

    let reason = Some("I left that company.".to_owned());
    house.directory.decline(acceptance(&first), reason, end_of_flow(), &house.context()).await.unwrap();

    let last = house.audit().await.pop().unwrap();
    assert_eq!(last.activity.name(), "Decline external user invite");
    assert!(last.details.contains(&("reason".into(), "I left that company.".into())));
    let other = house.directory.redeem(acceptance(&second), end_of_flow(), &house.context()).await;
    assert!(!other.unwrap().was_accepted);
}

#[tokio::test]
async fn a_block_is_told_once_keeps_mail_back_and_can_be_undone() {
    let house = House::new().await;
    let invited = house.invite(TAYLOR).await;
    let (tenant, id) = (contoso().tenant.id, invited.invitation.id);
    let inviter = app(&[Permission::UserInviteAll]);
    let request = || Ok(InvitationRequest { sends_message: true, ..asking(TAYLOR) });
    let waiting = async || {
        house.store.claim(Lane::Ordinary, house.now, SignedDuration::from_mins(1), 10).await.unwrap().len()
    };

    house.directory.block(tenant, id, &house.context()).await.unwrap();
    house.directory.block(tenant, id, &house.context()).await.unwrap();
    house.try_invite(&inviter, request()).await.unwrap();
    assert_eq!(waiting().await, 0);
    assert_eq!(
        house.told().await[2..],
        ["Email unsubscribed", "Invite external user", "Email not sent, user unsubscribed"]
    );

    house.directory.unblock(tenant, id, &house.context()).await.unwrap();
    house.try_invite(&inviter, request()).await.unwrap();
    assert_eq!(waiting().await, 1);
    assert_eq!(house.told().await[5..], ["Email subscribed", "Invite external user"]);
}

#[tokio::test]
async fn block_links_are_read_back_and_cannot_be_forged() {
    let house = House::new().await;
    let (tenant, invitation) = (contoso().tenant.id, house.invite(TAYLOR).await.invitation.id);

    let url: url::Url = house.directory.block_url(tenant, invitation).parse().unwrap();
    let (_, token) = url.query_pairs().find(|(name, _)| name == "t").unwrap();

    assert_eq!(url.path(), "/invitations/unsubscribe");
    assert_eq!(house.directory.read_block_token(&token), Some((tenant, invitation)));
    for at in 0..token.len() {
        let swapped = if &token[at..=at] == "A" { "B" } else { "A" };
        let forged = format!("{}{swapped}{}", &token[..at], &token[at + 1..]);
        assert_eq!(house.directory.read_block_token(&forged), None, "character {at}");
    }
    assert_eq!(house.directory.read_block_token("nonsense"), None);
    let about = house.directory.blockable(tenant, invitation).await.unwrap().unwrap();
    assert_eq!(about.invitation.address.masked(), "t•••@fabrikam.com");
}
