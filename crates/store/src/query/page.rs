//! A list of users as statements: the page, the count, and whether the budget of rows was enough.
//!
//! Conditions that an index serves narrow the *candidates*; what is left is tested on each of those, up to the budget. So a page
//! after a key costs what it shows, and a filter that no index serves costs the budget at most.

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
    List {
        page: of(What::Page),
        count: query.count.then(|| of(What::Count)),
        candidates: is_scan.then(|| of(What::Candidates)),
        all_candidates: (is_scan && query.count).then(|| of(What::AllCandidates)),
    }
}

/// Where a page that ends with `user` goes on.
pub(crate) fn key_after(user: &User, order: Option<(UserProperty, Direction)>, epoch: u64) -> PageKey {
    let value = order.and_then(|(property, _)| column(property).map(|_| written(user, property)));
    let value = match value {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Int(number)) => Some(number.to_string()),
        Some(Value::Null(_) | Value::Bytes(_)) | None => None,
    };
    PageKey { epoch, value, id: user.id }
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
    order.column.iter().for_each(|column| drop(walk.column(column.name)));
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
    Statement::in_tenant(tenant, sql).bind_all(walk.params.into_values()).once()
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
        Expr::Compare { property: P::CreatedDateTime | P::DisplayName | P::UserPrincipalName, op, .. } => {
            *op != Op::Ne
        }
        Expr::In { property: P::ExternalUserState | P::UserType, .. } => true,
        _ => false,
    };
    is_indexed || address::is_probe(expr)
}

/// The order of a list.
struct Order {
    column: Option<Column>,
    direction: Direction,
}

impl Order {
    fn of(query: &UsersQuery) -> Self {
        match query.order {
            None => Self { column: None, direction: Direction::Ascending },
            Some((property, direction)) => Self { column: column(property), direction },
        }
    }

    /// Ties go by id, in the same direction, so that one index serves both directions.
    fn by(&self) -> String {
        let (word, nulls) = match self.direction {
            Direction::Ascending => ("ASC", "NULLS FIRST"),
            Direction::Descending => ("DESC", "NULLS LAST"),
        };
        match self.column {
            None => format!("u.id {word}"),
            Some(Column { name, is_nullable: false, .. }) => format!("u.{name} {word}, u.id {word}"),
            Some(Column { name, is_nullable: true, .. }) => format!("u.{name} {word} {nulls}, u.id {word}"),
        }
    }

    fn after(&self, walk: &mut Walk, key: &PageKey) -> String {
        let id = walk.params.add(key.id.bound());
        let sign = if self.direction == Direction::Ascending { ">" } else { "<" };
        let Some(column) = self.column else { return format!("u.id {sign} {id}") };
        let name = column.name;
        let value = sort_value(column, key);
        let is_ascending = self.direction == Direction::Ascending;
        match (value, column.is_nullable, is_ascending) {
            (Some(value), false, _) => {
                let value = walk.params.add(value);
                format!("(u.{name}, u.id) {sign} ({value}, {id})")
            }
            (Some(value), true, true) => {
                let value = walk.params.add(value);
                format!("(u.{name} > {value} OR (u.{name} = {value} AND u.id > {id}))")
            }
            (Some(value), true, false) => {
                let value = walk.params.add(value);
                format!("(u.{name} < {value} OR (u.{name} = {value} AND u.id < {id}) OR u.{name} IS NULL)")
            }
            (None, _, true) => format!("(u.{name} IS NOT NULL OR u.id > {id})"),
            (None, _, false) => format!("(u.{name} IS NULL AND u.id < {id})"),
        }
    }
}

fn sort_value(column: Column, key: &PageKey) -> Option<Value> {
    let text = key.value.as_deref()?;
    match column.holds {
        Holds::Text => Some(text.bound()),
        Holds::Bool | Holds::Instant => Some(text.parse::<i64>().map_or(Value::Null(Kind::Int), Value::Int)),
    }
}
