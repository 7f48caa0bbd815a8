//! Every operator means on every engine what [`naive`](super::naive) says, however it is combined; lists come in order, page after
//! page, and a query that reads too much is refused.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use vestibule_model::user::{Identity, SignInType};
use vestibule_model::{GuestState, User, UserProperty as P};
use vestibule_odata::orderby::Direction;
use vestibule_odata::{Element, Expr, Op, Quantifier, TextOp, Value};

use super::naive;
use super::sample::{World, noon};
use crate::read::users::UsersQuery;
use crate::{Store, StoreError};

type Filter = Expr<P>;

/// How many filters are drawn.
const DRAWN: usize = 600;

pub(super) async fn run(store: &Store) {
    let world = World::new(store, 1).await;
    let elsewhere = World::new(store, 2).await;
    let users = people(&world);
    for user in &users {
        world.keep(user).await;
    }
    for user in people(&elsewhere).iter().take(5) {
        elsewhere.keep(user).await;
    }
    let mut dice = Dice(42);
    for filter in the_documented_ones(&users) {
        agrees(&world, &users, &filter).await;
        agrees(&world, &users, &Expr::Not(Box::new(filter))).await;
    }
    for _ in 0..DRAWN {
        agrees(&world, &users, &dice.filter(3)).await;
    }
    lists_come_in_order_page_by_page(&world, &users, &mut dice).await;
    what_reads_too_much_is_refused(&world).await;
    what_takes_too_long_is_ended(&world).await;
}

fn query(filter: Option<Filter>) -> UsersQuery {
    UsersQuery {
        filter,
        order: Vec::new(),
        top: 999,
        after: None,
        count: true,
        deadline: SignedDuration::from_secs(30),
    }
}

async fn agrees(world: &World, users: &[User], filter: &Filter) {
    let page = world.store.users(world.id(), &query(Some(filter.clone())), &world.caller()).await;
    let page = page.unwrap_or_else(|error| panic!("{error}: {filter:?}"));
    let mut wanted: Vec<&User> = users.iter().filter(|user| naive::shows(filter, user)).collect();
    wanted.sort_by_key(|user| user.id);
    let names = |users: &[&User]| users.iter().map(|user| user.display_name.clone()).collect::<Vec<_>>();
    let mut got: Vec<&User> = page.users.iter().collect();
    got.sort_by_key(|user| user.id);
    assert_eq!(names(&got), names(&wanted), "{filter:?}");
    assert_eq!(page.count, Some(wanted.len() as u64), "{filter:?}");
}

async fn lists_come_in_order_page_by_page(world: &World, users: &[User], dice: &mut Dice) {
    use Direction::{Ascending, Descending};

    let single = [
        P::DisplayName,
        P::UserPrincipalName,
        P::CreatedDateTime,
        P::City,
        P::ExternalUserStateChangeDateTime,
    ];
    let singles =
        single.into_iter().flat_map(|property| [vec![(property, Ascending)], vec![(property, Descending)]]);
    let several = [
        vec![(P::CreatedDateTime, Descending), (P::DisplayName, Ascending)],
        vec![(P::City, Descending), (P::CreatedDateTime, Ascending), (P::DisplayName, Descending)],
        vec![(P::City, Ascending), (P::UserPrincipalName, Descending), (P::DisplayName, Ascending)],
    ];
    let since = Value::DateTime(noon() + SignedDuration::from_secs(5));
    let recent = Expr::And(vec![compare(P::CreatedDateTime, Op::Ge, since), named(P::UserType, "guest")]);
    pages_hold_everybody_once(world, users, recent).await;
    for order in singles.chain(several) {
        for filter in [None, Some(dice.filter(1)), Some(dice.filter(1)), Some(named(P::UserType, "guest"))] {
            list_comes_in_order(world, users, &order, filter).await;
        }
    }
}

/// In whatever order, when none was asked for.
async fn pages_hold_everybody_once(world: &World, users: &[User], filter: Filter) {
    let mut wanted: Vec<&User> = users.iter().filter(|user| naive::shows(&filter, user)).collect();
    let mut query = UsersQuery { top: 4, count: false, ..query(Some(filter)) };
    let mut got = Vec::new();
    loop {
        let page = world.store.users(world.id(), &query, &world.caller()).await.expect("an answer");
        got.extend(page.users);
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    got.sort_by_key(|user| user.id);
    wanted.sort_by_key(|user| user.id);
    assert_eq!(got.iter().collect::<Vec<_>>(), wanted);
}

async fn list_comes_in_order(
    world: &World,
    users: &[User],
    order: &[(P, Direction)],
    filter: Option<Filter>,
) {
    let is_shown =
        |user: &&User| filter.as_ref().map_or(user.deleted_at.is_none(), |filter| naive::shows(filter, user));
    let mut wanted: Vec<&User> = users.iter().filter(is_shown).collect();
    wanted.sort_by(|a, b| in_order(order, a, b));

    let mut query = UsersQuery { order: order.to_vec(), top: 7, count: false, ..query(filter) };
    let mut got = Vec::new();
    loop {
        let page = world.store.users(world.id(), &query, &world.caller()).await.expect("an answer");
        assert!(page.users.len() <= 7 && page.caller.app.is_some());
        got.extend(page.users);
        let Some(next) = page.next else { break };
        assert_eq!(next.epoch, world.store.epoch());
        query.after = Some(next);
    }
    assert_eq!(got.iter().collect::<Vec<_>>(), wanted, "{order:?} {:?}", query.filter);
}

/// Thirty-five live users, a budget of twenty: an index may lead to all of them, a scan may not.
async fn what_reads_too_much_is_refused(world: &World) {
    let caller = world.caller();
    let tight = World { store: world.store.clone().with_scan_rows(20), ..world.clone() };
    let ask = async |filter: &Filter, order, top, count| {
        let query = UsersQuery { order, top, count, ..query(Some(filter.clone())) };
        tight.store.users(tight.id(), &query, &caller).await
    };
    let by_name = || vec![(P::DisplayName, Direction::Ascending)];
    let unindexed = named(P::City, "nowhere");
    let narrowed = Expr::And(vec![unindexed.clone(), named(P::ExternalUserState, "Accepted")]);
    let common = compare(P::AccountEnabled, Op::Eq, Value::Bool(true));
    for (name, filter, order, top, count, is_admitted) in [
        ("a scan that finds nothing", &unindexed, vec![], 999, false, false),
        ("a scan in an order", &unindexed, by_name(), 999, false, false),
        ("a scan that fills its page early", &common, vec![], 3, false, true),
        ("the same, counted", &common, vec![], 3, true, false),
        ("a scan of what an index leaves", &narrowed, vec![], 999, true, true),
        ("all by an index", &named(P::UserType, "guest"), vec![], 999, true, true),
        ("one by an index", &lookup("Taylor0@Fabrikam.com"), vec![], 999, true, true),
    ] {
        let answer = ask(filter, order, top, count).await;
        assert_eq!(answer.is_ok(), is_admitted, "{name}: {:?}", answer.err());
        assert!(matches!(answer, Ok(_) | Err(StoreError::TooExpensive)), "{name}");
    }
}

/// A filter of many scans within scans, and a millisecond for it.
async fn what_takes_too_long_is_ended(world: &World) {
    let many: Vec<Filter> = (0..150)
        .map(|number| {
            let body = Element::Text { member: None, op: TextOp::Contains, value: format!("none{number}") };
            Expr::Lambda { property: P::ProxyAddresses, quantifier: Quantifier::Any, body: Some(body) }
        })
        .collect();
    let query = UsersQuery { deadline: SignedDuration::from_millis(1), ..query(Some(Expr::Or(many))) };
    let answer = world.store.users(world.id(), &query, &world.caller()).await;
    assert!(matches!(answer, Err(StoreError::TooExpensive)), "{answer:?}");
}

/// Ties go by id, in the direction of the last key.
fn in_order(order: &[(P, Direction)], a: &User, b: &User) -> Ordering {
    let directed = |ordering: Ordering, direction| match direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    };
    let ties = order.last().map_or(Direction::Ascending, |(_, direction)| *direction);
    let keys = order.iter().map(|(property, direction)| {
        directed(sort_key(a, *property).cmp(&sort_key(b, *property)), *direction)
    });
    keys.fold(Ordering::Equal, Ordering::then).then(directed(a.id.cmp(&b.id), ties))
}

/// Null sorts before everything.
fn sort_key(user: &User, property: P) -> Option<String> {
    use vestibule_model::user::PropertyValue as V;
    match user.value(property) {
        V::Text(text) => Some(text.to_lowercase()),
        V::Instant(instant) => Some(format!("{:020}", instant.as_microsecond())),
        _ => None,
    }
}

fn people(world: &World) -> Vec<User> {
    let names =
        ["Taylor O'Brien", "ångström", "Ångström", "zoë", "Ζωή", "한글", "a%b_c", "\u{10ffff}x", "taylor"];
    let cities = [None, Some("Zürich"), Some("ZÜRICH"), Some("Oslo"), Some("oslo_1"), Some("%")];
    (0..36)
        .map(|number: usize| {
            let mail = format!(
                "{}{number}@{}",
                ["Taylor", "sam", "Kim"][number % 3],
                ["Fabrikam.com", "x.com"][number % 2]
            );
            let mut user =
                if number % 4 == 3 { world.member(&format!("m{number}")) } else { world.guest(&mail) };
            user.display_name =
                format!("{}{}", names[number % names.len()], if number < 18 { "" } else { " 2" });
            user.created_at = noon() + SignedDuration::from_secs(number as i64 / 2);
            user.profile.city = cities[number % cities.len()].map(Into::into);
            user.account_enabled = !number.is_multiple_of(5);
            user.profile.show_in_address_list = [None, Some(true), Some(false)][number % 3];
            user.profile.extension_attributes[number % 2] = (number.is_multiple_of(3)).then(|| "Ext".into());
            if number.is_multiple_of(2) && user.guest_state.is_some() {
                user.guest_state = Some(GuestState::Accepted { at: user.created_at });
                user.identities.push(Identity {
                    sign_in_type: SignInType::Federated,
                    issuer: ["mail", "google.com"][number / 2 % 2].into(),
                    issuer_assigned_id: (!number.is_multiple_of(6)).then(|| mail.clone()),
                });
            }
            if number.is_multiple_of(7) {
                user.identities.push(Identity {
                    sign_in_type: [SignInType::EmailAddress, SignInType::UserName][number / 7 % 2],
                    issuer: world.tenant.initial_domain.clone(),
                    issuer_assigned_id: Some(format!("Local{number}")),
                });
                user.proxy_addresses.push(format!("sip:{mail}"));
                user.proxy_addresses.push(format!("smtp:second{number}@x.com"));
            }
            if number % 5 == 1 {
                user.other_mails.clear();
                user.profile.business_phones.push(format!("+82 {}", number % 10));
            }
            if number % 5 == 2 {
                user.other_mails.push(format!("other{}@x.com", number % 10));
                user.profile.im_addresses.push("Taylor0@Fabrikam.com".into());
            }
            if number % 9 == 8 {
                user.mail = None;
                user.proxy_addresses.clear();
            }
            if number == 20 {
                user.deleted_at = Some(noon());
            }
            user
        })
        .collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn named(property: P, value: &str) -> Filter {
    compare(property, Op::Eq, text(value))
}

fn compare(property: P, op: Op, value: Value) -> Filter {
    Expr::Compare { property, member: None, op, value }
}

fn part(property: P, op: TextOp, value: &str) -> Filter {
    Expr::Text { property, member: None, op, value: value.into() }
}

fn any(property: P, value: &str) -> Filter {
    let body = Element::Compare { member: None, op: Op::Eq, value: text(value) };
    Expr::Lambda { property, quantifier: Quantifier::Any, body: Some(body) }
}

/// The look-up of `graph.md` 2.3.
fn lookup(address: &str) -> Filter {
    Expr::Or(vec![
        named(P::UserPrincipalName, address),
        named(P::Mail, address),
        any(P::ProxyAddresses, &format!("SMTP:{address}")),
        any(P::SignInNames, address),
        any(P::OtherMails, address),
    ])
}

/// Those of `graph.md` 4.2 that must work, exactly as written.
fn the_documented_ones(users: &[User]) -> Vec<Filter> {
    let member =
        |member, value: &str| Element::Compare { member: Some(member), op: Op::Eq, value: text(value) };
    let mail_identity =
        Element::And(vec![member("issuerAssignedId", "sam4@Fabrikam.com"), member("issuer", "mail")]);
    let null = |op| compare(P::CompanyName, op, Value::Null);
    let mut filters = vec![
        named(P::ExternalUserState, "PendingAcceptance"),
        Expr::And(vec![named(P::UserType, "Guest"), named(P::ExternalUserState, "PendingAcceptance")]),
        Expr::And(vec![
            compare(P::CreatedDateTime, Op::Ge, Value::DateTime(noon() + SignedDuration::from_secs(9))),
            named(P::UserType, "Guest"),
        ]),
        Expr::Or(vec![
            part(P::Mail, TextOp::StartsWith, "taylor"),
            part(P::DisplayName, TextOp::StartsWith, "O'Brien"),
        ]),
        Expr::In {
            property: P::Mail,
            member: None,
            values: vec![text("Taylor0@fabrikam.com"), text("b@x.com")],
        },
        Expr::Lambda { property: P::Identities, quantifier: Quantifier::Any, body: Some(mail_identity) },
        Expr::Lambda {
            property: P::Identities,
            quantifier: Quantifier::Any,
            body: Some(member("issuer", "google.com")),
        },
        part(P::Mail, TextOp::EndsWith, "@fabrikam.com"),
        part(P::UserPrincipalName, TextOp::EndsWith, "#EXT#@contoso1.example"),
        Expr::And(vec![null(Op::Ne), Expr::Not(Box::new(named(P::CompanyName, "Microsoft")))]),
        Expr::Not(Box::new(any(P::OtherMails, "Taylor0@fabrikam.com"))),
        Expr::Empty { property: P::OtherMails, empty: true },
        Expr::Single { property: P::OtherMails, single: true },
        compare(P::AccountEnabled, Op::Ne, Value::Bool(true)),
        Expr::In {
            property: P::Id,
            member: None,
            values: users.iter().take(3).map(|user| Value::Guid(user.id.0)).collect(),
        },
        named(P::City, "with\0nothing"),
        Expr::Text { property: P::City, member: None, op: TextOp::Contains, value: "\0".into() },
    ];
    filters.extend(["Taylor0@Fabrikam.com", "m3@contoso1.example", "local7", "nobody@x.com"].map(lookup));
    filters
}

/// Draws filters, the same ones in every run.
struct Dice(u64);

const WORDS: [&str; 22] = [
    "",
    "t",
    "taylor",
    "Taylor0@Fabrikam.com",
    "sam1@x.com",
    "SMTP:taylor0@fabrikam.com",
    "smtp:",
    "sm",
    "sip:",
    "guest",
    "PendingAcceptance",
    "oslo",
    "zü",
    "ÅNGSTRÖM",
    "ζω",
    "%",
    "_",
    "@x.com",
    "Ext",
    "mail",
    "emailAddress",
    "local7",
];

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // The constants of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }

    fn word(&mut self) -> String {
        self.pick(&WORDS).to_owned()
    }

    fn op(&mut self) -> Op {
        self.pick(&[Op::Eq, Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le])
    }

    fn text_op(&mut self) -> TextOp {
        self.pick(&[TextOp::StartsWith, TextOp::EndsWith, TextOp::Contains])
    }

    fn filter(&mut self, depth: usize) -> Filter {
        if depth == 0 || self.roll(4) == 0 {
            return self.leaf();
        }
        let parts = |dice: &mut Self| (0..2 + dice.roll(3)).map(|_| dice.filter(depth - 1)).collect();
        match self.roll(3) {
            0 => Expr::And(parts(self)),
            1 => Expr::Or(parts(self)),
            _ => Expr::Not(Box::new(self.filter(depth - 1))),
        }
    }

    fn leaf(&mut self) -> Filter {
        const TEXTS: [P; 10] = [
            P::DisplayName,
            P::Mail,
            P::UserPrincipalName,
            P::City,
            P::CompanyName,
            P::ExternalUserState,
            P::UserType,
            P::SecurityIdentifier,
            P::MailNickname,
            P::CreationType,
        ];
        match self.roll(12) {
            0 | 1 => compare(self.pick(&TEXTS), self.op(), Value::Text(self.word())),
            2 => part(self.pick(&TEXTS), self.text_op(), &self.word()),
            3 => Expr::In {
                property: self.pick(&TEXTS),
                member: None,
                values: (0..1 + self.roll(3)).map(|_| Value::Text(self.word())).collect(),
            },
            4 => {
                let property = self.pick(&[
                    P::City,
                    P::Mail,
                    P::DisplayName,
                    P::OnPremisesExtensionAttributes,
                    P::ShowInAddressList,
                ]);
                compare(property, self.pick(&[Op::Eq, Op::Ne]), Value::Null)
            }
            5 => {
                let property =
                    self.pick(&[P::AccountEnabled, P::ShowInAddressList, P::OnPremisesSyncEnabled]);
                let truth = self.roll(2) == 0;
                compare(property, self.pick(&[Op::Eq, Op::Ne]), Value::Bool(truth))
            }
            6 => {
                let property =
                    self.pick(&[P::CreatedDateTime, P::ExternalUserStateChangeDateTime, P::DeletedDateTime]);
                compare(property, self.op(), Value::DateTime(self.instant()))
            }
            7 => {
                let member =
                    Some(self.pick(&["extensionAttribute1", "extensionAttribute2", "extensionAttribute3"]));
                let property = P::OnPremisesExtensionAttributes;
                match self.roll(2) {
                    0 => Expr::Compare { property, member, op: self.op(), value: Value::Text(self.word()) },
                    _ => Expr::Text { property, member, op: self.text_op(), value: self.word() },
                }
            }
            8 => {
                let property = self.collection();
                match self.roll(2) {
                    0 => Expr::Empty { property, empty: self.roll(2) == 0 },
                    _ => Expr::Single { property, single: self.roll(2) == 0 },
                }
            }
            9 => lookup(&self.word()),
            _ => self.lambda(),
        }
    }

    /// Also between two microseconds, since literals may stand there.
    fn instant(&mut self) -> Timestamp {
        noon() + SignedDuration::new(self.roll(20) as i64, self.pick(&[0, 0, 0, 500]))
    }

    fn collection(&mut self) -> P {
        self.pick(&[
            P::OtherMails,
            P::ProxyAddresses,
            P::SignInNames,
            P::BusinessPhones,
            P::ImAddresses,
            P::AssignedLicenses,
        ])
    }

    fn lambda(&mut self) -> Filter {
        let quantifier = self.pick(&[Quantifier::Any, Quantifier::Any, Quantifier::All]);
        if self.roll(4) == 0 {
            let body = self.identity();
            return Expr::Lambda { property: P::Identities, quantifier, body: Some(body) };
        }
        let property = self.collection();
        let body = (self.roll(8) != 0).then(|| self.element(property, 2));
        Expr::Lambda { property, quantifier: if body.is_none() { Quantifier::Any } else { quantifier }, body }
    }

    fn identity(&mut self) -> Element {
        let eq = |dice: &mut Self, member| Element::Compare {
            member: Some(member),
            op: Op::Eq,
            value: Value::Text(
                dice.pick(&[
                    "mail",
                    "google.com",
                    "Taylor0@Fabrikam.com",
                    "sam4@Fabrikam.com",
                    "federated",
                    "Local7",
                ])
                .into(),
            ),
        };
        match self.roll(3) {
            0 => eq(self, "issuer"),
            1 => Element::And(vec![eq(self, "issuer"), eq(self, "issuerAssignedId")]),
            _ => Element::And(vec![eq(self, "signInType"), eq(self, "issuer"), eq(self, "issuerAssignedId")]),
        }
    }

    fn element(&mut self, property: P, depth: usize) -> Element {
        let member = match (property, self.roll(3)) {
            (P::SignInNames, 0) => Some("type"),
            (P::SignInNames, 1) => Some("value"),
            _ => None,
        };
        match self.roll(if depth == 0 { 3 } else { 6 }) {
            0 => Element::Compare { member, op: self.op(), value: Value::Text(self.word()) },
            1 => Element::In {
                member,
                values: (0..1 + self.roll(3)).map(|_| Value::Text(self.word())).collect(),
            },
            2 => Element::Text { member, op: self.text_op(), value: self.word() },
            3 => Element::And((0..2).map(|_| self.element(property, depth - 1)).collect()),
            4 => Element::Or((0..2).map(|_| self.element(property, depth - 1)).collect()),
            _ => Element::Not(Box::new(self.element(property, depth - 1))),
        }
    }
}
