//! Every fact has its lock, on the engine that takes locks: two units overlap, and the second must see what the first has done.
//!
//! The races of `guards` and `state` run as chance has it, and units that wait together may share a transaction, where no lock is
//! needed. Here chance is ruled out: there is a gate before the audit trail, so that the first unit stands between its guards and its
//! commit when the second begins. Switch one lock off, and its line fails.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_postgres::{Client, NoTls};
use vestibule_model::invitation::Ended;
use vestibule_model::state::{Counter, CounterKind, FLOWS_WITHOUT_PASSCODE, Flow, Passcode};
use vestibule_model::{
    Activity, Address, Change, Guard, GuestState, StateChange, User, UserChange, VerifiedDomain,
};

use super::guards::unit;
use super::sample::{World, address, digest, noon};
use super::state::flow;
use crate::sql::Statement;
use crate::{CommitError, Store, Unit};

/// How long units may take to come to the point where they wait.
const AT_MOST: Duration = Duration::from_secs(60);

/// Runs every check against an empty store, whose database is called `name` on the server at `server`.
///
/// # Panics
///
/// When a fact has lost its lock.
pub async fn every_fact_has_its_lock(store: &Store, server: &str, name: &str) {
    let gate = Gate::at(server, name).await;
    the_first_tenant_is_one(store, &gate).await;
    let (world, there) = (World::new(store, 1).await, World::new(store, 2).await);
    one_passcode_lives_in_a_flow(&world, &gate).await;
    five_tickets_live(&world, &gate).await;
    so_many_flows_stand(&world, &gate).await;
    for (fact, first, second) in rivals(&world, &there).await {
        let outcomes = gate.overlapping(store, first, second).await;
        assert!(matches!(outcomes, [Ok(()), Err(CommitError::Stale(_))]), "{fact}: {outcomes:?}");
    }
}

/// Before each row of the audit trail: a lock that nobody else takes.
const GATE: &str = "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(0, 0); RETURN NEW; END $$;
    CREATE TRIGGER gate BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION gate();";

/// A hand on the gate.
struct Gate {
    holder: Client,
    watcher: Client,
    database: String,
}

impl Gate {
    async fn at(server: &str, database: &str) -> Self {
        let client = async |url: &str| {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a server");
            tokio::spawn(connection);
            client
        };
        let holder = client(&super::url_of(server, database)).await;
        holder.batch_execute(GATE).await.expect("allowed");
        Self { holder, watcher: client(server).await, database: database.into() }
    }

    /// What comes of the two when `second` begins while `first` has asked its guards and not committed.
    async fn overlapping(&self, store: &Store, first: Unit, second: Unit) -> [Result<(), CommitError>; 2] {
        self.holder.batch_execute("SELECT pg_advisory_lock(0, 0)").await.expect("allowed");
        let mut under_way = Vec::new();
        for unit in [first, second] {
            let store = store.clone();
            under_way.push(tokio::spawn(async move { store.commit(unit).await }));
            tokio::time::timeout(AT_MOST, self.wait_for(under_way.len())).await.expect("they come to wait");
        }
        self.holder.batch_execute("SELECT pg_advisory_unlock(0, 0)").await.expect("allowed");
        let [first, second] = [under_way.remove(0), under_way.remove(0)];
        [first.await.expect("no panic"), second.await.expect("no panic")]
    }

    /// Until so many units wait, at the gate or for one another.
    async fn wait_for(&self, units: usize) {
        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = $1 AND application_name = 'vestibule' AND wait_event_type = 'Lock'";
        loop {
            let row = self.watcher.query_one(sql, &[&self.database]).await.expect("an answer");
            if usize::try_from(row.get::<_, i64>(0)).is_ok_and(|waiting| waiting >= units) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Pairs of which each relies on what the other changes, by the fact that only its lock keeps.
async fn rivals(world: &World, there: &World) -> Vec<(&'static str, Unit, Unit)> {
    let guests = ["x", "y"].map(|name| world.guest(&format!("{name}@fabrikam.com")));
    let [x, y] = &guests;
    let create = |user: &User| Change::CreateUser(Box::new(user.clone()));
    let free = |user: &User| Guard::AddressFree { key: user.mail.clone().unwrap_or_default().into() };
    let named = |user: &User| Guard::UpnFree { key: user.user_principal_name.to_lowercase().into() };
    let [nx, ny] = &["nx", "ny"].map(|name| world.guest(&format!("{name}@fabrikam.com")));

    let [px, py] = &["px", "py"].map(|name| world.guest(&format!("{name}@fabrikam.com")));
    world.keep(px).await;
    world.keep(py).await;
    let pending = |user: &User| Guard::UserPending { user: user.id };
    let accept = |user: &User| {
        let mut user = user.clone();
        (user.version, user.guest_state) = (2, Some(GuestState::Accepted { at: noon() }));
        Change::UpdateUser { user: Box::new(user), kind: UserChange::Updated, properties: Vec::new() }
    };

    let (bx, by) = (address("bx@fabrikam.com"), address("by@fabrikam.com"));
    let open = |at: &Address| Guard::Blocked { key: at.key().into(), is_blocked: false };
    let block = |at: &Address| Change::Block { address: at.clone(), at: noon() };

    let domain = |name: &str| VerifiedDomain { name: name.into(), is_default: false, is_initial: false };
    let unknown = |name: &str| Guard::DomainFree { name: name.into() };
    let add = |name: &str| Change::AddDomain(domain(name));

    let (guest, invitation, invite) = world.invite("policy@fabrikam.com");
    world.store.commit(invite).await.expect("free");
    let version = 2; // Of a tenant with its first domain.
    let policy = Change::PutPolicy { policy: Box::default(), version: version + 1 };
    let end = Change::EndInvitations { user: guest.id, why: Ended::Revoked, at: noon() };
    let still_pending = Guard::InvitationPending { invitation: invitation.id };

    let count = || {
        let counter = Counter { kind: CounterKind::WrongPasscode, key: digest(1) };
        let (id, since) = (world.context.random_id(), noon() - SignedDuration::from_secs(1));
        told(world, StateChange::Count { counter, id, at: noon(), since, at_most: 1 })
    };
    let unused = |key| Guard::KeyUnused { scope: digest(key), now: noon() };
    let remember = |key| Change::Remember {
        scope: digest(key),
        body: digest(0),
        invitation: invitation.id,
        user: guest.id,
        ticket: "clear".into(),
        expires_at: noon() + SignedDuration::from_secs(60),
    };
    vec![
        ("request", unit(world, unused(1), remember(2)), unit(world, unused(2), remember(1))),
        ("address", unit(world, free(x), create(y)), unit(world, free(y), create(x))),
        ("upn", unit(world, named(nx), create(ny)), unit(world, named(ny), create(nx))),
        ("user", unit(world, pending(px), accept(py)), unit(world, pending(py), accept(px))),
        ("block", unit(world, open(&bx), block(&by)), unit(world, open(&by), block(&bx))),
        // The first takes the invitation's row, which holds up the second only after it has asked for the policies.
        ("policy", unit(world, still_pending, policy), unit(world, Guard::TenantPolicy { version }, end)),
        // Within one tenant the lock on its policies would hide the one on the domain.
        (
            "domain",
            unit(world, unknown("x.example"), add("y.example")),
            unit(there, unknown("y.example"), add("x.example")),
        ),
        ("counter", count(), count()),
    ]
}

async fn the_first_tenant_is_one(empty: &Store, gate: &Gate) {
    let first_tenant = |seed| {
        let context = World::context(seed);
        let tenant = World::tenant_of(&context, seed);
        let create = Change::CreateTenant(Box::new(tenant.clone()));
        Unit { guards: vec![Guard::NoTenant], ..World::unit_in(&context, vec![create], tenant.id) }
    };
    let outcomes = gate.overlapping(empty, first_tenant(7), first_tenant(8)).await;
    assert!(matches!(outcomes, [Ok(()), Err(CommitError::Stale(_))]), "tenants: {outcomes:?}");
}

async fn one_passcode_lives_in_a_flow(world: &World, gate: &Gate) {
    let flow = world.context.random_id();
    let put = || {
        let passcode = Passcode {
            id: world.context.new_id(),
            flow,
            hash: digest(1),
            created_at: noon(),
            expires_at: noon() + SignedDuration::from_mins(30),
            tries: 0,
            used_at: None,
        };
        told(world, StateChange::PutPasscode(Box::new(passcode)))
    };
    let outcomes = gate.overlapping(&world.store, put(), put()).await;
    assert!(outcomes.iter().all(Result::is_ok), "passcodes: {outcomes:?}");
    let sql = "SELECT count(*) FROM passcode WHERE tenant_id = $1 AND flow = $2 AND dropped_at IS NULL";
    assert_eq!(number(world, Statement::in_tenant(world.id(), sql).bind(flow)).await, 1, "passcodes");
}

async fn five_tickets_live(world: &World, gate: &Gate) {
    let (user, invitation, invite) = world.invite("tickets@fabrikam.com");
    world.store.commit(invite).await.expect("free");
    let add = |ticket| world.unit(vec![Change::AddTicket(world.ticket(&invitation, ticket))]);
    for ticket in 1..5 {
        world.store.commit(add(ticket)).await.expect("free");
    }
    let outcomes = gate.overlapping(&world.store, add(5), add(6)).await;
    assert!(outcomes.iter().all(Result::is_ok), "tickets: {outcomes:?}");
    let sql = "SELECT count(*) FROM ticket WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    assert_eq!(number(world, Statement::in_tenant(world.id(), sql).bind(user.id)).await, 5, "tickets");
}

async fn so_many_flows_stand(world: &World, gate: &Gate) {
    let most = u64::from(FLOWS_WITHOUT_PASSCODE);
    let invitation = world.context.new_id();
    let open = |id| told(world, StateChange::OpenFlow(Box::new(Flow { invitation, ..flow(world, id) })));
    for id in 0..most {
        world.store.commit(open(id)).await.expect("a new id");
    }
    let outcomes = gate.overlapping(&world.store, open(most), open(most + 1)).await;
    assert!(outcomes.iter().all(Result::is_ok), "flows: {outcomes:?}");
    let sql = "SELECT count(*) FROM flow WHERE tenant_id = $1 AND invitation_id = $2";
    assert_eq!(number(world, Statement::in_tenant(world.id(), sql).bind(invitation)).await, most, "flows");
}

/// A change of state that passes the gate, too.
fn told(world: &World, state: StateChange) -> Unit {
    Unit { state: vec![state], audit: vec![world.event(Activity::UpdateUser)], ..Unit::new(world.id()) }
}

async fn number(world: &World, statement: Statement) -> u64 {
    world.store.row(statement).await.expect("an answer").expect("a row").get(0).expect("a number")
}
