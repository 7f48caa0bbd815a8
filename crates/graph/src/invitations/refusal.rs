//! The words of `POST /invitations` for every refusal (`graph.md` 1.12): this endpoint speaks otherwise than the rest.

use http::StatusCode;
use jiff::Timestamp;
use vestibule_directory::InviteError;
use vestibule_model::Caller;
use vestibule_model::invitation::Malformed;
use vestibule_model::refusal::InvitationRefusal;

use crate::error::{GRAPH_APP, GraphError};

pub(super) fn translate(error: InviteError, caller: &Caller, now: Timestamp) -> GraphError {
    match error {
        InviteError::Refused(refusal) => refused(refusal, caller, now),
        InviteError::Stale => GraphError::unavailable(1, None),
        InviteError::Store(store) => GraphError::store(store),
    }
}

fn refused(refusal: InvitationRefusal, caller: &Caller, now: Timestamp) -> GraphError {
    use InvitationRefusal as R;
    // No wildcard arm: a new refusal must be given its words here before it compiles.
    match refusal {
        R::CallerRevoked => GraphError::revoked(now),
        R::NotPermitted => not_permitted(caller),
        R::InvitesOff => forbidden(
            "Guest invitations not allowed for your company. Contact your company administrator for more details.",
        ),
        R::Malformed(malformed) => malformed_body(malformed),
        R::KeyReused => GraphError::of(
            StatusCode::UNPROCESSABLE_ENTITY,
            "IdempotencyKeyReused",
            "The idempotency key was used with another request.",
        ),
        R::TooManyCc { at_most } => {
            GraphError::bad_request(format!("At most {at_most} cc recipients are supported."))
        }
        R::InvalidValue { property } => GraphError::bad_request(format!(
            "Invalid value specified for property '{property}' of resource 'InvitedUserMessageInfo'."
        )),
        R::NoAddress => GraphError::bad_request("The invited user email address is missing."),
        R::BadAddress => GraphError::bad_request("The invited user email address is invalid."),
        R::NoRedirectUrl => GraphError::bad_request("The invite redirect url is missing."),
        R::BadRedirectUrl => GraphError::bad_request("The invite redirect url is invalid."),
        R::BadUserType => GraphError::bad_request("UserType is neither guest nor member."),
        R::MayNotInviteMembers | R::MayNotReset => forbidden("Generic authorization exception."),
        R::ResetWithoutUser => GraphError::bad_request("The invitedUser id is required to reset redemption."),
        R::NoSuchUser { id } => GraphError::not_found(&id),
        R::NoSuchSponsor { id } => GraphError::request_bad_request(format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        )),
        R::NotAnAddressOfUser => GraphError::bad_request(
            "The email you\u{2019}re using to invite this user doesn\u{2019}t match any emails on the user object. Please \
             add this email to the user object and try again.",
        ),
        R::DomainBlocked => GraphError::bad_request(
            "The domain of the invited user is currently blocked by your invitation policy.",
        ),
        R::Ambiguous => GraphError::bad_request(
            "The invited user is ambiguous. More than one object has this email address.",
        ),
        R::AccountDisabled { user } => GraphError::bad_request(format!(
            "The invited user already exists in the directory as object ID: {user}, but the account is blocked from \
             signing in. If the account is unblocked, they can use that account to sign in to shared apps and resources."
        )),
        R::AlreadyInDirectory { user } => GraphError::bad_request(format!(
            "The invited user already exists in the directory as object ID: {user}. They can use that account to sign in \
             to shared apps and resources."
        )),
        R::VerifiedDomain => GraphError::bad_request(
            "This user cannot be invited because the domain of the user's email address is a verified domain of this \
             directory.",
        ),
        R::ConversionNotBuilt => {
            GraphError::of(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "Not Implemented")
        }
    }
}

fn forbidden(message: &str) -> GraphError {
    GraphError::of(StatusCode::FORBIDDEN, "Forbidden", message)
}

/// E1: 401 with the plain challenge, in the words of the real service's own back end.
fn not_permitted(caller: &Caller) -> GraphError {
    let message = format!(
        "Insufficient privileges to perform requested operation by the application '{GRAPH_APP}'. \
         ControllerName=MSGraphInviteAPI, ActionName=CreateInvite, URL absolute path=/api/{}/invites",
        caller.tenant
    );
    GraphError::of(StatusCode::UNAUTHORIZED, "Unauthorized", message).challenging()
}

fn malformed_body(malformed: Malformed) -> GraphError {
    match malformed {
        Malformed::ContentType(given) => GraphError::content_type(&given),
        Malformed::TooLarge => GraphError::too_large(),
        Malformed::Empty => GraphError::bad_request("Empty Payload. JSON content expected."),
        Malformed::Json => GraphError::malformed_json(),
        Malformed::UnknownProperty { name, on } => GraphError::bad_request(format!(
            "The property '{name}' does not exist on type '{on}'. Make sure to only use property names that are defined \
             by the type."
        )),
        Malformed::WrongType { literal, expected } => GraphError::wrong_type(&literal, expected),
        Malformed::IdempotencyKey => GraphError::bad_request(
            "An idempotency key is one header of 1 to 255 printable ASCII characters.",
        ),
    }
}
