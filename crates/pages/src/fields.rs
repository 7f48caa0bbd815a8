//! Names and values, as a query or a posted form brings them.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use url::form_urlencoded;

use crate::error::Trouble;

/// Pairs in the order in which they came. Of two with the same name the first counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; whatever it is not, it has no field that anybody looks for.
    pub(crate) fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The body of a POST. The longest honest one is a reason of 500 characters.
pub(crate) struct Posted {
    pub(crate) fields: Fields,
    pub(crate) raw: Vec<u8>,
}

impl<S: Sync> FromRequest<S> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, Trouble> {
        const MAX_OCTETS: usize = 32 * 1024;

        let raw = to_bytes(request.into_body(), MAX_OCTETS)
            .await
            .map_err(|_| Trouble::unreadable(StatusCode::PAYLOAD_TOO_LARGE))?;

        Ok(Self { fields: Fields::read(&raw), raw: raw.into() })
    }
}
