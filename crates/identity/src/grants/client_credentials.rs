//! `client_credentials` (`identity.md` 7.1): an application speaks for itself.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use vestibule_model::{Application, TenantId};

use crate::http::Form;
use crate::scope::{Resource, default_of_one_resource};
use crate::token::{LIFETIME, NewToken};
use crate::{Identity, ProtocolError};

/// The success body (`identity.md` 7.5): no `scope`, no refresh token, no id_token.
#[derive(Serialize)]
pub(super) struct Granted {
    token_type: &'static str,
    expires_in: i64,
    ext_expires_in: i64,
    access_token: String,
}

impl Identity {
    /// The token that `application` asks for in `form`.
    pub(super) async fn client_credentials(
        &self,
        tenant: TenantId,
        application: &Application,
        form: &Form,
        now: Timestamp,
    ) -> Result<Granted, ProtocolError> {
        let takes_challenges = form.get("claims").map(takes_challenges).transpose()?.unwrap_or(false);
        let resource = default_of_one_resource(form.need("scope")?, &self.parts.settings.public_url)?;
        self.must_exist(resource, tenant, application).await?;

        let token = NewToken { tenant, application, resource, takes_challenges };
        let access_token = self.issue(&token, now).await?;
        let seconds = LIFETIME.as_secs();
        Ok(Granted { token_type: "Bearer", expires_in: seconds, ext_expires_in: seconds, access_token })
    }

    async fn must_exist(
        &self,
        resource: Resource,
        tenant: TenantId,
        application: &Application,
    ) -> Result<(), ProtocolError> {
        match resource {
            Resource::Graph => Ok(()),
            Resource::Application(app) if app == application.app => Ok(()),
            Resource::Application(app) => match self.parts.store.application(tenant, app).await? {
                Some(_) => Ok(()),
                None => Err(ProtocolError::UnknownResource),
            },
        }
    }
}

/// Whether `claims` announces that the client understands claims challenges: `xms_cc` with `CP1`.
fn takes_challenges(claims: &str) -> Result<bool, ProtocolError> {
    let claims: Value = match serde_json::from_str(claims) {
        Ok(claims @ Value::Object(_)) => claims,
        _ => return Err(ProtocolError::Malformed("'claims' is not a JSON object")),
    };
    let values = claims.pointer("/access_token/xms_cc/values").and_then(Value::as_array);
    Ok(values.is_some_and(|values| values.iter().any(|value| value == "CP1")))
}
