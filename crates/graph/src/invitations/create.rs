//! `POST /invitations`. Answers 201 whether the guest is new or already known.

use aws_lc_rs::digest;
use axum::extract::Request;
use http::{HeaderMap, HeaderValue, StatusCode};
use vestibule_model::invitation::{IdempotencyKey, InvitationRequest, Malformed};
use vestibule_model::{Caller, Digest};

use super::read;
use super::refusal::translate;
use crate::Graph;
use crate::answer::Answer;
use crate::body::read_object;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::wire::invitation::WireInvitation;

pub(crate) async fn answer(
    graph: &Graph,
    facts: &Facts,
    caller: &Caller,
    request: Request,
) -> Result<Answer, GraphError> {
    let headers = request.headers().clone();
    // A Result: who may invite is decided before the body is looked at.
    let asked = read_object(graph, request).await.and_then(|members| read::invitation(&members));
    let (asked, key) = with_key(asked, &headers, caller);

    let outcome = graph.parts.directory.invite(caller, asked, key, &facts.context).await;
    let invited = outcome.map_err(|error| translate(error, caller, facts.context.now))?;

    let answer = Answer::json(StatusCode::CREATED, facts, &WireInvitation::new(&invited, facts))?;
    Ok(match invited.is_replay {
        true => answer.with("idempotency-replayed", HeaderValue::from_static("true")),
        false => answer,
    })
}

/// The request with what makes it repeatable, or what is wrong with that.
fn with_key(
    asked: Result<InvitationRequest, Malformed>,
    headers: &HeaderMap,
    caller: &Caller,
) -> (Result<InvitationRequest, Malformed>, Option<IdempotencyKey>) {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return (asked, None) };
    let Ok(request) = asked else { return (asked, None) };
    let is_key =
        |bytes: &[u8]| (1..=255).contains(&bytes.len()) && bytes.iter().all(|b| (b' '..=b'~').contains(b));
    if given.next().is_some() || !is_key(key.as_bytes()) {
        return (Err(Malformed::IdempotencyKey), None);
    }

    let user = caller.user.as_ref().map(|user| user.id.to_string()).unwrap_or_default();
    let scope = [caller.app.app.to_string().as_bytes(), user.as_bytes(), key.as_bytes()].join(&b'\n');
    let body = serde_json::to_vec(&request).unwrap_or_default();
    (Ok(request), Some(IdempotencyKey { scope: sha256(&scope), body: sha256(&body) }))
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut digest = [0; 32];
    digest.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Digest(digest)
}
