//! `POST /_dev/redeem`: what a guest does in a browser, without one. From the proof on it is the pages' own way.

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use vestibule_directory::redeem::{Acceptance, ConsentFacts, Redeemed, Redemption};
use vestibule_directory::{Directory, RedeemError};
use vestibule_identity::dev::{DevMode, assume_passcode};
use vestibule_model::invitation::Ended;
use vestibule_model::refusal::RedemptionRefusal;
use vestibule_model::{Arrival, Clock, Context, Ids};
use vestibule_pages::TicketLink;

use super::refusal::{graph_refusal, refusal};

/// What the control needs.
#[derive(Clone)]
pub(crate) struct Redeemer {
    pub(crate) directory: Directory,
    pub(crate) clock: std::sync::Arc<dyn Clock>,
    pub(crate) ids: std::sync::Arc<dyn Ids>,
    pub(crate) dev: DevMode,
    pub(crate) public_url: Url,
    /// `redemption.map_myapps`.
    pub(crate) maps_myapps: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    invite_redeem_url: String,
}

/// `POST /_dev/redeem`
pub(crate) async fn redeem(
    State(redeemer): State<Redeemer>,
    Extension(arrival): Extension<Arrival>,
    body: Bytes,
) -> Response {
    let Ok(Wish { invite_redeem_url }) = serde_json::from_slice(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "The body must be {\"inviteRedeemUrl\": \"…\"}.");
    };
    let Some(link) = TicketLink::of_url(&invite_redeem_url, &redeemer.public_url) else {
        return graph_refusal(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "That is no redeem URL.",
            &arrival,
            redeemer.clock.now(),
        );
    };

    let context = Context {
        now: redeemer.clock.now(),
        ids: redeemer.ids.clone(),
        correlation: arrival.request_id,
        client: arrival.client,
    };
    match redeemer.accept(&link, &context).await {
        Ok(redeemed) => Json(redeemer.answer(&redeemed)).into_response(),
        Err(error) => {
            let (status, code, message) = words(&error);
            if let NotRedeemed::Error(RedeemError::Store(why)) = &error {
                tracing::error!("a redemption failed: {why}");
            }
            graph_refusal(status, code, message, &arrival, context.now)
        }
    }
}

/// Why nobody accepted.
enum NotRedeemed {
    /// Passcodes are off: a guest would have seen S-E5.
    NoMethod,
    Error(RedeemError),
}

impl From<RedeemError> for NotRedeemed {
    fn from(error: RedeemError) -> Self {
        Self::Error(error)
    }
}

impl Redeemer {
    async fn accept(&self, link: &TicketLink, context: &Context) -> Result<Redeemed, NotRedeemed> {
        let ticket = link.ticket_hash();
        let opened = self.directory.open_ticket(link.tenant, link.invitation, ticket, context).await?;
        if !opened.has_passcodes {
            return Err(NotRedeemed::NoMethod);
        }
        let acceptance = Acceptance {
            tenant: link.tenant,
            invitation: link.invitation,
            ticket,
            proof: assume_passcode(self.dev, opened.invitation.address.clone(), context.now),
            consent: ConsentFacts { browser: None, language: "en".into(), wording_version: 1 },
        };
        Ok(self.directory.redeem_without_flow(acceptance, context).await?)
    }

    fn answer(&self, redeemed: &Redeemed) -> serde_json::Value {
        let redemption = &redeemed.redemption;
        json!({
            "invitationId": redemption.invitation.id,
            "userId": redemption.user.id,
            "externalUserState": redemption.user.guest_state.map(|state| state.as_str()),
            "redirectUrl": self.landing(redemption),
            "alreadyAccepted": redeemed.was_accepted,
        })
    }

    /// Where S7 sends the guest: Microsoft's My Apps stand for our own.
    fn landing(&self, redeemed: &Redemption) -> String {
        let (invitation, tenant) = (&redeemed.invitation, redeemed.tenant.id);
        if self.maps_myapps && invitation.leads_to_microsofts_my_apps() {
            return format!("{}/myapps/?tenantid={tenant}", self.public_url.origin().ascii_serialization());
        }
        invitation.redirect_url.clone()
    }
}

/// The page's status (`redemption.md` 2.11) with a Graph code and a sentence.
fn words(error: &NotRedeemed) -> (StatusCode, &'static str, &'static str) {
    use RedemptionRefusal as R;
    let refused = match error {
        NotRedeemed::Error(RedeemError::Refused(refused)) => refused,
        NotRedeemed::NoMethod => {
            let message = "The organisation offers no sign-in method for this address.";
            return (StatusCode::FORBIDDEN, "Forbidden", message);
        }
        NotRedeemed::Error(RedeemError::Stale | RedeemError::Store(_)) => {
            return (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "Try again later.");
        }
    };
    match refused {
        R::NoSuchLink => (StatusCode::NOT_FOUND, "Request_ResourceNotFound", "The link leads to nothing."),
        R::FlowGone => (StatusCode::BAD_REQUEST, "BadRequest", "This was done before."),
        R::Ended(why) => (StatusCode::GONE, "Gone", ended(*why)),
        R::DomainBlocked { .. } => {
            (StatusCode::FORBIDDEN, "Forbidden", "The organisation no longer accepts this domain.")
        }
        R::AccountDisabled => (StatusCode::FORBIDDEN, "Forbidden", "The account is disabled."),
        R::LiftedTooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Try again later."),
        R::NotProved => (StatusCode::CONFLICT, "Conflict", "There is no proof for this invitation."),
    }
}

fn ended(why: Ended) -> &'static str {
    match why {
        Ended::Expired => "The invitation has expired.",
        Ended::Revoked => "The invitation was withdrawn.",
        Ended::Declined => "The invitation was declined.",
        Ended::Superseded => "A newer invitation has replaced this one.",
        Ended::DomainBlocked => "The organisation no longer accepts this domain.",
        Ended::UserDeleted => "The invitation was withdrawn: the guest was deleted.",
    }
}
