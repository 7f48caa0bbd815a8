//! `PATCH /users/{id|userPrincipalName}`.

use axum::extract::Request;
use vestibule_directory::users::UserPatch;
use vestibule_model::Caller;
use vestibule_model::invitation::Malformed;
use vestibule_odata::select::Selection;

use super::{get, patch, user_key};
use crate::Graph;
use crate::answer::Answer;
use crate::body::read_object;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::wire::user::Shown;

pub(crate) async fn answer(
    graph: &Graph,
    facts: &Facts,
    caller: &Caller,
    key: &str,
    request: Request,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before_patch(caller).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    let members = read_object(graph, request).await.map_err(malformed)?;
    patch::check_types(&members, facts.version)?;
    // A name that nobody knows is refused last: first whether the caller may, and whether somebody is there.
    let (patch, unknown) = match patch::read(&members, facts.version) {
        Ok(patch) => (patch, None),
        Err(unknown) => (UserPatch::default(), Some(unknown)),
    };

    let updated = graph.parts.directory.update_user(caller, &user_key(key), patch, &facts.context).await;
    let user = updated.map_err(|error| GraphError::directory(error, facts.context.now))?;
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    match facts.wants_representation {
        true => get::entity(facts, &user, &Shown::new(Selection::Default, facts.version)),
        false => Ok(Answer::nothing()),
    }
}

fn malformed(malformed: Malformed) -> GraphError {
    match malformed {
        Malformed::ContentType(given) => GraphError::content_type(&given),
        Malformed::TooLarge => GraphError::too_large(),
        Malformed::Empty
        | Malformed::Json
        | Malformed::UnknownProperty { .. }
        | Malformed::WrongType { .. }
        | Malformed::IdempotencyKey => GraphError::malformed_json(),
    }
}
