//! `DELETE /users/{id|userPrincipalName}`: a soft delete.

use vestibule_model::Caller;

use super::user_key;
use crate::Graph;
use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;

pub(crate) async fn answer(
    graph: &Graph,
    facts: &Facts,
    caller: &Caller,
    key: &str,
) -> Result<Answer, GraphError> {
    let deleted = graph.parts.directory.delete_user(caller, &user_key(key), &facts.context).await;
    deleted.map_err(|error| GraphError::directory(error, facts.context.now))?;
    Ok(Answer::nothing())
}
