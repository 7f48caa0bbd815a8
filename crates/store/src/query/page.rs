//! A list of users as statements: the page, the count, and whether the budget of rows was enough.
//!
//! Conditions that an index serves narrow the *candidates*; what is left is tested on each of those, up to the budget. So a page
//! after a key costs what it shows, and a filter that no index serves costs the budget at most.

use std::borrow::Cow;

use vestibule_model::{TenantId, User, UserProperty};
use vestibule_odata::orderby::Direction;
use vestibule_odata::{Expr, Op, Value as Literal};

use super::address;
use super::columns::{Column, Holds, column, written};
use super::compile::Walk;
use crate::read::users::{PageKey, UsersQuery};
use crate::sql::{Bind, Kind, Statement, Value};

type Filter = Expr<UserProperty>;

/// The statements of one list.
pub(crate) struct List {
    /// Whether it is the look-up of one address: a few rows by one index, always in the same words.
    pub(crate) is_lookup: bool,
    /// `doc` of each row, one more than asked for when there are more.
    pub(crate) page: Statement,
    /// How many match in all.
    pub(crate) count: Option<Statement>,
    /// How many candidates there are from here on, one more than the budget at most. `None`: an index serves all of it.
    pub(crate) candidates: Option<Statement>,
    /// The same for the count, from the beginning.
    pub(crate) all_candidates: Option<Statement>,
}

/// Puts the list together; `budget` is how many candidates may be tested.
pub(crate) fn list(tenant: TenantId, query: &UsersQuery, budget: u64) -> List {
    let is_scan = conjuncts(query.filter.as_ref()).iter().any(|part| !is_served(part));
    let of = |what: What| statement(tenant, query, budget, what);
    let is_lookup = is_lookup(query);
    let page = of(What::Page);
    List {
        is_lookup,
        page: if is_lookup { page } else { page.once() },
        count: query.count.then(|| of(What::Count).once()),
        candidates: is_scan.then(|| of(What::Candidates).once()),
        all_candidates: (is_scan && query.count).then(|| of(What::AllCandidates).once()),
    }
}

/// Where a page that ends with `user` goes on.
pub(crate) fn key_after(user: &User, query: &UsersQuery, epoch: u64) -> PageKey {
    let value = |property| match written(user, property) {
        Value::Text(text) => Some(text),
        Value::Int(number) => Some(number.to_string()),
        Value::Null(_) | Value::Bytes(_) => None,
    };
    let order = order_of(query);
    PageKey { epoch, values: keys(&order).map(|(property, ..)| value(property)).collect(), id: user.id }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Page,
    Count,
    Candidates,
    AllCandidates,
}

fn statement(tenant: TenantId, query: &UsersQuery, budget: u64, what: What) -> Statement {
    let order = Order::of(query);
    let mut walk = Walk::default();
    let (served, rest): (Vec<_>, Vec<_>) =
        conjuncts(query.filter.as_ref()).into_iter().partition(|part| is_served(part));
    let mut candidates = vec!["u.tenant_id = $1 AND u.deleted_at IS NULL".to_owned()];
    candidates.extend(served.into_iter().map(|part| walk.condition(part, false)));
    if let (What::Page | What::Candidates, Some(after)) = (what, &query.after) {
        candidates.push(order.after(&mut walk, after));
    }
    let candidates = candidates.join(" AND ");

    walk.columns.clear(); // From here on they are what the outer query needs.
    let rest: Vec<_> = rest.into_iter().map(|part| walk.condition(part, false)).collect();
    order.keys.iter().for_each(|(column, _)| drop(walk.column(column.name)));
    let columns: String = walk.columns.iter().map(|name| format!(", u.{name}")).collect();
    let rest = rest.join(" AND ");
    let by = order.by();
    let budgeted = |walk: &mut Walk, order: &str| {
        let most = walk.params.add((budget + 1).bound());
        format!("(SELECT u.id{columns} FROM directory_user u WHERE {candidates}{order} LIMIT {most}) u")
    };
    let sql = match what {
        What::Page => {
            let from = match rest.as_str() {
                "" => format!("directory_user u WHERE {candidates}"),
                rest => format!("{} WHERE {rest}", budgeted(&mut walk, &format!(" ORDER BY {by}"))),
            };
            let top = walk.params.add((query.top + 1).bound());
            // Documents are fetched for what is shown only.
            format!(
                "SELECT d.doc FROM (SELECT u.id{columns} FROM {from} ORDER BY {by} LIMIT {top}) u
                   JOIN directory_user d ON d.tenant_id = $1 AND d.id = u.id ORDER BY {by}"
            )
        }
        What::Count => match rest.as_str() {
            "" => format!("SELECT count(*) FROM directory_user u WHERE {candidates}"),
            rest => format!("SELECT count(*) FROM {} WHERE {rest}", budgeted(&mut walk, "")),
        },
        What::Candidates | What::AllCandidates => format!("SELECT count(*) FROM {}", budgeted(&mut walk, "")),
    };
    Statement::in_tenant(tenant, sql).bind_all(walk.params.into_values())
}

fn is_lookup(query: &UsersQuery) -> bool {
    let is_first_page = query.order.is_empty() && query.after.is_none() && !query.count;
    is_first_page && query.filter.as_ref().is_some_and(address::is_of_one)
}

fn conjuncts(filter: Option<&Filter>) -> Vec<&Filter> {
    match filter {
        None => Vec::new(),
        Some(Expr::And(parts)) => parts.iter().collect(),
        Some(one) => vec![one],
    }
}

/// Whether an index leads to the users for whom this holds.
fn is_served(expr: &Filter) -> bool {
    use UserProperty as P;
    let is_indexed = match expr {
        Expr::Compare { property: P::ExternalUserState | P::UserType, op: Op::Eq, value, .. } => {
            *value != Literal::Null
        }
        Expr::Compare {
            property: P::CreatedDateTime | P::DisplayName | P::UserPrincipalName, op, ..
        } => *op != Op::Ne,
        Expr::In { property: P::ExternalUserState | P::UserType, .. } => true,
        _ => false,
    };
    is_indexed || address::is_probe(expr)
}

/// The order asked for; else the one that an index leads through: by creation where the filter bounds that, else by id. Led by
/// the one and ordered by the other, a page would need all that match.
fn order_of(query: &UsersQuery) -> Cow<'_, [(UserProperty, Direction)]> {
    let conjuncts = conjuncts(query.filter.as_ref());
    let is_by_creation = conjuncts.iter().any(|part| bounds_creation(part))
        && !conjuncts.iter().any(|part| address::is_probe(part));
    if query.order.is_empty() && is_by_creation {
        return Cow::Owned(vec![(UserProperty::CreatedDateTime, Direction::Ascending)]);
    }
    Cow::Borrowed(&query.order)
}

fn bounds_creation(part: &Filter) -> bool {
    match part {
        Expr::Compare { property: UserProperty::CreatedDateTime, op, .. } => *op != Op::Ne,
        _ => false,
    }
}

/// The parts of an order that decide something. Nobody shares a user principal name, so nothing does after it.
fn keys(order: &[(UserProperty, Direction)]) -> impl Iterator<Item = (UserProperty, Column, Direction)> + '_ {
    let names = order.iter().position(|(property, _)| *property == UserProperty::UserPrincipalName);
    let deciding = &order[..names.map_or(order.len(), |at| at + 1)];
    deciding.iter().filter_map(|(property, direction)| Some((*property, column(*property)?, *direction)))
}

/// The order of a list. Ties go by id, in the direction of the last key, so that one index serves both directions.
struct Order {
    keys: Vec<(Column, Direction)>,
    ties: Direction,
}

impl Order {
    fn of(query: &UsersQuery) -> Self {
        let keys: Vec<_> = keys(&order_of(query)).map(|(_, column, direction)| (column, direction)).collect();
        let ties = keys.last().map_or(Direction::Ascending, |(_, direction)| *direction);
        Self { keys, ties }
    }

    fn by(&self) -> String {
        let of_key = |(column, direction): &(Column, Direction)| match (direction, column.is_nullable) {
            (direction, false) => format!("u.{} {}, ", column.name, word(*direction)),
            (Direction::Ascending, true) => format!("u.{} ASC NULLS FIRST, ", column.name),
            (Direction::Descending, true) => format!("u.{} DESC NULLS LAST, ", column.name),
        };
        let keys: String = self.keys.iter().map(of_key).collect();
        format!("{keys}u.id {}", word(self.ties))
    }

    fn after(&self, walk: &mut Walk, key: &PageKey) -> String {
        let id = walk.params.add(key.id.bound());
        let values = key.values.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let keys: Vec<_> = self.keys.iter().copied().zip(values).collect();
        if let [((column @ Column { name, is_nullable: false, .. }, direction), Some(value))] = keys[..] {
            let value = walk.params.add(sort_value(column, value));
            return format!("(u.{name}, u.id) {} ({value}, {id})", sign(direction));
        }

        let ties = format!("u.id {} {id}", sign(self.ties));
        keys.into_iter().rev().fold(ties, |rest, ((column, direction), value)| {
            let value = value.map(|value| walk.params.add(sort_value(column, value)));
            after_in(column, direction, value.as_deref(), &rest)
        })
    }
}

/// After `value` in one column, or beside it and after what `rest` says.
fn after_in(column: Column, direction: Direction, value: Option<&str>, rest: &str) -> String {
    let (name, sign) = (column.name, sign(direction));
    match (value, direction) {
        (Some(value), Direction::Descending) if column.is_nullable => {
            format!("(u.{name} < {value} OR (u.{name} = {value} AND {rest}) OR u.{name} IS NULL)")
        }
        // The first half is what an index can be entered by.
        (Some(value), _) => {
            format!("(u.{name} {sign}= {value} AND (u.{name} {sign} {value} OR {rest}))")
        }
        (None, Direction::Ascending) => format!("(u.{name} IS NOT NULL OR {rest})"),
        (None, Direction::Descending) => format!("(u.{name} IS NULL AND {rest})"),
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

fn sign(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
}

fn sort_value(column: Column, text: &str) -> Value {
    match column.holds {
        Holds::Text => text.bound(),
        Holds::Bool | Holds::Instant => text.parse::<i64>().map_or(Value::Null(Kind::Int), Value::Int),
    }
}
