//! `GET /users/{id|userPrincipalName}`.

use http::StatusCode;
use vestibule_model::reading::Reading;
use vestibule_model::{Caller, User};
use vestibule_odata::select::{Audience, Selection, parse_select};

use super::{options, user_key};
use crate::Graph;
use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::schema::user::UserSchema;
use crate::wire::user::{Shown, WireUser};

pub(crate) async fn answer(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    key: &str,
    query: &str,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before(caller, Reading::OneUser).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    let options = options(facts, query)?;
    let selection = match &options.select {
        Some(text) => parse_select(text, &UserSchema(facts.version), Audience::Single)?,
        None => Selection::Default,
    };

    let found = graph.parts.directory.user(caller, &user_key(key), &facts.context).await;
    let (user, is_basic) = found.map_err(|error| GraphError::directory(error, facts.context.now))?;

    let shown = Shown::new(selection, facts.version).limited_to_basics(is_basic);
    Ok(entity(facts, &user, &shown)?.costing(2 - i32::from(options.select.is_some())))
}

/// 200 with one user.
pub(super) fn entity(facts: &Facts, user: &User, shown: &Shown) -> Result<Answer, GraphError> {
    let context = Some(format!("{}/$entity", shown.context(&facts.base)));
    Answer::json(StatusCode::OK, facts, &WireUser { user, shown, facts, context })
}
