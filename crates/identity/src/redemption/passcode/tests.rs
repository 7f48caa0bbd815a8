use jiff::SignedDuration;
use uuid::Uuid;
use vestibule_model::address::PlusAddressing;
use vestibule_model::message::Organization;
use vestibule_model::state::{Flow, Intent};
use vestibule_model::{Address, Context, Digest, InvitationId, Lane, Method, Payload, UserId};
use vestibule_store::outbox::Attempt;

use crate::Identity;
use crate::redemption::{CodeRefusal, LiveFlow, PasscodeFacts, Proved, SendRefusal};
use crate::testing::{TENANT, World};

#[tokio::test]
async fn a_code_that_left_by_mail_proves_the_address_once() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    let proved = check(&world, &flow, &code).await.unwrap();

    assert_eq!(proved.proof.address(), &taylor());
    assert_eq!((proved.proof.method(), proved.proof.at()), (Method::EmailPasscode, world.now()));
    assert_eq!(proved.flow.proof, Some(proved.proof.clone()));
    assert_eq!(proved.flow.public_id, flow.public_id);
    assert_ne!(proved.flow.id, flow.id, "the cookie is renewed at the proof");
    assert!(proved.cookie.set_cookie.starts_with("__Host-vst_flow=r"));
    assert!(matches!(check(&world, &proved.flow, &code).await, Err(CodeRefusal::Dead)));
}

#[tokio::test]
async fn the_mail_says_what_is_needed_and_dies_with_its_page() {
    let world = World::start().await;
    let flow = open(&world).await;
    let (context, facts) = (world.context(), facts());

    let (_, message) =
        tokio::join!(world.identity.send_passcode(TENANT, &flow, &facts, &context), world.relay(sent()),);

    assert_eq!((message.lane, message.to.as_typed()), (Lane::Passcode, "Taylor@fabrikam.com"));
    assert_eq!(message.ends_at, world.now() + SignedDuration::from_secs(10));
    assert_eq!((message.about, message.correlation), (USER, context.correlation));
    let Payload::Passcode(mail) = message.payload else { panic!("not a passcode") };
    assert_eq!((mail.minutes, mail.language.as_str()), (30, "ko-KR"));
    assert_eq!((mail.client, mail.asked_at), (world.client, world.now()));
    assert_eq!(mail.browser.as_deref(), Some("Firefox"));
    assert_eq!(mail.code.len(), 8);
}

#[tokio::test]
async fn wrong_codes_are_counted_down_until_the_code_is_dead() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    for typed in ["", "1234567", "abcdefgh"] {
        assert!(matches!(check(&world, &flow, typed).await, Err(CodeRefusal::NotEightDigits)), "{typed}");
    }
    for left in [4, 3, 2, 1] {
        let refused = check(&world, &flow, &other_than(&code)).await;
        assert!(matches!(refused, Err(CodeRefusal::Wrong { left: l }) if l == left), "{left}: {refused:?}");
    }
    assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Dead)));
    assert!(
        matches!(check(&world, &flow, &code).await, Err(CodeRefusal::Dead)),
        "the right one comes too late"
    );
}

#[tokio::test]
async fn full_width_digits_and_blanks_are_as_good_as_any() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;
    let wide: String = code.chars().filter_map(|c| char::from_u32(c as u32 + 0xFEE0)).collect();

    assert!(check(&world, &flow, &format!(" {} - {}", &wide[..12], &wide[12..])).await.is_ok());
}

#[tokio::test]
async fn a_code_ends_thirty_minutes_after_it_was_made() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    world.advance(SignedDuration::from_mins(30));

    assert!(matches!(check(&world, &flow, &code).await, Err(CodeRefusal::Expired)));
}

#[tokio::test]
async fn a_code_works_in_its_own_flow_and_for_its_own_address_only() {
    let world = World::start().await;
    let (flow, other) = (open(&world).await, open(&world).await);
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    assert!(
        matches!(check(&world, &other, &code).await, Err(CodeRefusal::Dead)),
        "there is none in this flow"
    );
    let somebody = Address::parse("somebody@fabrikam.com", PlusAddressing::Refused).unwrap();
    let elsewhere = world.identity.check_passcode(TENANT, &flow, &somebody, &code, &world.context()).await;
    assert!(matches!(elsewhere, Err(CodeRefusal::Wrong { .. })));
    assert!(check(&world, &flow, &code).await.is_ok());
}

#[tokio::test]
async fn a_newer_code_kills_the_older_one_of_its_flow_and_no_other() {
    let world = World::start().await;
    let (flow, other) = (open(&world).await, open(&world).await);
    let elsewhere = send(&world, &other).await;
    world.advance(SignedDuration::from_secs(60));
    let older = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;
    world.advance(SignedDuration::from_secs(60));
    let newer = send(&world, &flow).await;
    let (flow, other) = (moved(&world, &flow).await, moved(&world, &other).await);

    assert!(older == newer || matches!(check(&world, &flow, &older).await, Err(CodeRefusal::Wrong { .. })));
    assert!(check(&world, &flow, &newer).await.is_ok());
    assert!(check(&world, &other, &elsewhere).await.is_ok());
}

#[tokio::test]
async fn of_two_simultaneous_posts_of_the_right_code_one_wins() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    let (one, other) = tokio::join!(check(&world, &flow, &code), check(&world, &flow, &code));

    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn twenty_simultaneous_guesses_get_no_more_than_five_tries() {
    let world = World::start().await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;

    let guesses = (0..20).map(|_| {
        let (identity, flow, context) = (world.identity.clone(), flow.clone(), world.context());
        let typed = other_than(&code);
        tokio::spawn(async move { identity.check_passcode(TENANT, &flow, &taylor(), &typed, &context).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        let refused = guess.await.unwrap();
        assert!(matches!(refused, Err(CodeRefusal::Wrong { .. } | CodeRefusal::Dead)), "{refused:?}");
    }

    let passcode = world.store.passcode(TENANT, flow.public_id).await.unwrap().unwrap();
    assert_eq!(passcode.tries, 5);
}

#[tokio::test]
async fn ten_wrong_tries_in_an_hour_lock_the_address_in_every_flow_for_a_quarter_of_an_hour() {
    let world = World::start().await;
    let (first, second, third) = (open(&world).await, open(&world).await, open(&world).await);
    for flow in [&first, &second] {
        let code = send(&world, flow).await;
        let flow = moved(&world, flow).await;
        for _ in 0..4 {
            assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Wrong { .. })));
        }
        world.advance(SignedDuration::from_secs(60));
    }
    let code = send(&world, &third).await;
    let third = moved(&world, &third).await;
    assert!(matches!(check(&world, &third, &other_than(&code)).await, Err(CodeRefusal::Wrong { left: 4 })));

    let tenth = check(&world, &third, &other_than(&code)).await;

    let lock = SignedDuration::from_mins(15);
    assert!(matches!(tenth, Err(CodeRefusal::Locked(wait)) if wait == lock), "{tenth:?}");
    assert!(matches!(check(&world, &third, &code).await, Err(CodeRefusal::Locked(_))), "also the right code");
    let another_node = world.another_node();
    let there = another_node.check_passcode(TENANT, &third, &taylor(), &code, &world.context()).await;
    assert!(matches!(there, Err(CodeRefusal::Locked(_))), "also on another node");
    world.advance(SignedDuration::from_secs(60));
    let sending = world.identity.send_passcode(TENANT, &third, &facts(), &world.context()).await;
    assert!(matches!(sending, Err(SendRefusal::Wait(wait)) if wait == SignedDuration::from_mins(14)));

    world.advance(SignedDuration::from_mins(14));
    assert!(check(&world, &third, &code).await.is_ok(), "the code has outlived the lock");
}

#[tokio::test]
async fn after_a_lock_the_address_has_all_its_tries_again() {
    let world = World::start_with(|settings| {
        settings.passcodes.tries_per_address = 2;
        settings.passcodes.lock = SignedDuration::from_secs(30);
    })
    .await;
    let flow = open(&world).await;
    let code = send(&world, &flow).await;
    let flow = moved(&world, &flow).await;
    assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Wrong { .. })));
    assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Locked(_))));

    world.advance(SignedDuration::from_secs(30));

    assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Wrong { left: 2 })));
    assert!(matches!(check(&world, &flow, &other_than(&code)).await, Err(CodeRefusal::Locked(_))));
}

#[tokio::test]
async fn right_codes_do_not_count_towards_a_lock() {
    let world = World::start_with(|settings| {
        settings.passcodes.tries_per_address = 2;
        settings.passcodes.resend = SignedDuration::ZERO;
    })
    .await;
    for _ in 0..3 {
        let flow = open(&world).await;
        let code = send(&world, &flow).await;
        assert!(check(&world, &moved(&world, &flow).await, &code).await.is_ok());
    }
}

#[tokio::test]
async fn codes_are_sent_a_minute_apart_five_an_hour_and_ten_a_day() {
    let world = World::start().await;
    let mut flow = open(&world).await;
    for n in 1..=10 {
        send(&world, &flow).await;
        flow = moved(&world, &flow).await;
        let wait = match n {
            5 => SignedDuration::from_mins(56),
            10 => SignedDuration::from_mins(24 * 60 - 64),
            _ => SignedDuration::from_mins(1),
        };
        let refused = world.identity.send_passcode(TENANT, &flow, &facts(), &world.context()).await;
        assert!(matches!(refused, Err(SendRefusal::Wait(w)) if w == wait), "{n}: {refused:?}");
        let hint = world.identity.resend_wait(TENANT, &taylor(), &world.context()).await.unwrap();
        assert_eq!(hint, wait, "{n}");
        world.advance(wait.min(SignedDuration::from_mins(57)));
    }
}

#[tokio::test]
async fn one_network_gets_thirty_codes_an_hour_for_all_its_guests() {
    let mut world = World::start_with(|settings| settings.passcodes.per_network_per_hour = 2).await;
    for (name, client, is_sent) in [
        ("a@fabrikam.com", "192.0.2.1", true),
        ("b@fabrikam.com", "192.0.2.2", true),
        ("c@fabrikam.com", "192.0.2.3", false),
        ("d@fabrikam.com", "198.51.100.3", true),
    ] {
        world.client = Some(client.parse().unwrap());
        let flow = open(&world).await;
        let address = Address::parse(name, PlusAddressing::Refused).unwrap();
        let (facts, context) = (PasscodeFacts { address, ..facts() }, world.context());
        let sending = world.identity.send_passcode(TENANT, &flow, &facts, &context);
        if is_sent {
            let (sending, _) = tokio::join!(sending, world.relay(sent()));
            assert!(sending.is_ok(), "{name}");
        } else {
            assert!(matches!(sending.await, Err(SendRefusal::Wait(_))), "{name}");
        }
    }
}

#[tokio::test]
async fn two_simultaneous_requests_send_one_code() {
    let world = World::start().await;
    let (one, other) = (open(&world).await, open(&world).await);
    let (context, facts) = (world.context(), facts());

    let (first, second, _) = tokio::join!(
        world.identity.send_passcode(TENANT, &one, &facts, &context),
        world.identity.send_passcode(TENANT, &other, &facts, &context),
        world.relay(sent()),
    );

    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|sent| **sent).count(), 1);
    assert!(first.is_ok() || matches!(first, Err(SendRefusal::Wait(_))));
    assert!(second.is_ok() || matches!(second, Err(SendRefusal::Wait(_))));
}

#[tokio::test]
async fn a_mail_the_relay_refuses_is_not_waited_for_and_counts_against_the_hour_but_not_the_minute() {
    let world = World::start_with(|settings| settings.passcodes.per_hour = 2).await;
    let refused = || Attempt::Failed { reply: "550 5.1.1 no such user".into() };
    let mut flow = open(&world).await;
    for _ in 0..2 {
        let answer = try_to_send(&world, &flow, refused()).await;
        assert!(matches!(answer, Err(SendRefusal::NotDelivered)));
        flow = moved(&world, &flow).await;
    }
    let third = world.identity.send_passcode(TENANT, &flow, &facts(), &world.context()).await;
    assert!(matches!(third, Err(SendRefusal::Wait(wait)) if wait == SignedDuration::from_hours(1)));
}

#[tokio::test]
async fn a_mail_that_never_reached_the_relay_counts_against_nothing() {
    let world = World::start_with(|settings| settings.passcodes.per_hour = 1).await;
    let dead = || Attempt::Dead { reply: "connection refused".into() };
    let mut flow = open(&world).await;
    for _ in 0..3 {
        assert!(matches!(try_to_send(&world, &flow, dead()).await, Err(SendRefusal::NotDelivered)));
        flow = moved(&world, &flow).await;
    }
    send(&world, &flow).await;
}

#[tokio::test]
async fn when_the_page_gives_up_the_code_stays_valid_should_its_mail_still_come() {
    let world = World::start().await;
    let flow = open(&world).await;
    let hurried: Identity = world.impatient_node();

    let gave_up = hurried.send_passcode(TENANT, &flow, &facts(), &world.context()).await;
    let message = world.relay(sent()).await;

    assert!(matches!(gave_up, Err(SendRefusal::NotDelivered)));
    let wait = world.identity.resend_wait(TENANT, &taylor(), &world.context()).await.unwrap();
    assert_eq!(wait, SignedDuration::ZERO);
    let Payload::Passcode(mail) = message.payload else { panic!("not a passcode") };
    assert!(check(&world, &moved(&world, &flow).await, &mail.code).await.is_ok());
}

#[tokio::test]
async fn a_flow_that_moved_on_in_another_tab_gets_no_code() {
    let world = World::start().await;
    let flow = open(&world).await;
    send(&world, &flow).await;
    world.advance(SignedDuration::from_secs(60));

    let older = world.identity.send_passcode(TENANT, &flow, &facts(), &world.context()).await;

    assert!(matches!(older, Err(SendRefusal::FlowGone)));
}

#[tokio::test]
async fn without_a_relay_a_passcode_is_no_method() {
    let world = World::start_with(|settings| settings.sends_mail = false).await;
    let flow = open(&world).await;

    let refused = world.identity.send_passcode(TENANT, &flow, &facts(), &world.context()).await;

    assert!(matches!(refused, Err(SendRefusal::NoMethod)));
}

#[tokio::test]
async fn the_five_hundred_and_first_page_does_not_wait() {
    let world = World::start().await;
    let flow = open(&world).await;
    let _others = world.identity.parts.waiting.acquire_many(500).await.unwrap();

    let refused = world.identity.send_passcode(TENANT, &flow, &facts(), &world.context()).await;

    assert!(matches!(refused, Err(SendRefusal::NotDelivered)));
}

const USER: UserId = UserId(Uuid::from_u128(0xB2));

fn taylor() -> Address {
    Address::parse("Taylor@fabrikam.com", PlusAddressing::Refused).unwrap()
}

fn facts() -> PasscodeFacts {
    PasscodeFacts {
        address: taylor(),
        user: USER,
        organization: Organization {
            name: "Contoso".into(),
            domain: "contoso.localhost".into(),
            privacy_url: None,
        },
        language: "ko-KR".into(),
        browser: Some("Firefox".into()),
    }
}

fn sent() -> Attempt {
    Attempt::Sent { reply: "250 ok".into() }
}

/// Any code but `code`.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

async fn open(world: &World) -> Flow {
    let live = LiveFlow::Opened {
        tenant: TENANT,
        invitation: InvitationId(Uuid::from_u128(0xA1)),
        ticket: Digest([9; 32]),
    };
    let context: Context = world.context();
    world.identity.start_flow(&live, USER, Intent::Accept, "ko-KR", &context).await.unwrap().0
}

/// The flow as it is now.
async fn moved(world: &World, flow: &Flow) -> Flow {
    world.store.flow(TENANT, flow.id, world.now()).await.unwrap().unwrap()
}

/// Sends a code, and answers it as the mail tells it.
async fn send(world: &World, flow: &Flow) -> String {
    let (context, facts) = (world.context(), facts());
    let (answer, message) =
        tokio::join!(world.identity.send_passcode(TENANT, flow, &facts, &context), world.relay(sent()),);
    assert_eq!(answer.unwrap(), message.id);
    let Payload::Passcode(mail) = message.payload else { panic!("not a passcode") };
    mail.code
}

async fn try_to_send(world: &World, flow: &Flow, attempt: Attempt) -> Result<(), SendRefusal> {
    let (context, facts) = (world.context(), facts());
    let (answer, _) =
        tokio::join!(world.identity.send_passcode(TENANT, flow, &facts, &context), world.relay(attempt),);
    answer.map(drop)
}

async fn check(world: &World, flow: &Flow, typed: &str) -> Result<Proved, CodeRefusal> {
    world.identity.check_passcode(TENANT, flow, &taylor(), typed, &world.context()).await
}
