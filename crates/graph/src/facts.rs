//! What a request says besides its path and body.

use http::HeaderMap;
use uuid::Uuid;
use vestibule_model::{Arrival, Context};
use vestibule_odata::paging::Metadata;

use crate::Graph;
use crate::error::GraphError;
use crate::router::Version;

/// One request, as every part of this surface needs it.
pub(crate) struct Facts {
    pub(crate) version: Version,
    pub(crate) context: Context,
    pub(crate) request_id: Uuid,
    /// The client's own id, echoed verbatim; else the request's.
    pub(crate) client_request_id: String,
    /// `ConsistencyLevel: eventual`.
    pub(crate) is_eventual: bool,
    /// `Prefer: return=representation`.
    pub(crate) wants_representation: bool,
    /// `Prefer: odata.maxpagesize`.
    pub(crate) max_page_size: Option<u32>,
    pub(crate) metadata: Metadata,
    /// `{public_url}/{version}`.
    pub(crate) base: String,
}

impl Facts {
    pub(crate) fn of(graph: &Graph, version: Version, arrival: Option<Arrival>, headers: &HeaderMap) -> Self {
        let parts = &graph.parts;
        let request_id = arrival.map_or_else(|| parts.ids.random(), |arrival| arrival.request_id);
        let named = text(headers, "client-request-id").filter(|id| is_echoable(id));
        let correlation = named.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(request_id);
        Self {
            version,
            context: Context {
                now: parts.clock.now(),
                ids: parts.ids.clone(),
                correlation,
                client: arrival.and_then(|arrival| arrival.client),
            },
            request_id,
            client_request_id: named.map_or_else(|| request_id.to_string(), str::to_owned),
            is_eventual: text(headers, "consistencylevel")
                .is_some_and(|v| v.eq_ignore_ascii_case("eventual")),
            wants_representation: prefers(headers, "return")
                .is_some_and(|v| v.eq_ignore_ascii_case("representation")),
            max_page_size: prefers(headers, "odata.maxpagesize")
                .and_then(|v| v.parse().ok())
                .filter(|n| *n > 0),
            metadata: Metadata::Minimal,
            base: format!("{}/{}", parts.settings.origin(), version.segment()),
        }
    }

    /// Reads `Accept` and the OData version headers.
    ///
    /// # Errors
    ///
    /// 406 when nothing acceptable is named, 400 for a version of OData that is not served.
    pub(crate) fn negotiate(&mut self, headers: &HeaderMap, is_text: bool) -> Result<(), GraphError> {
        for name in ["odata-version", "odata-maxversion"] {
            match text(headers, name) {
                None | Some("4.0" | "4.01") => {}
                Some(other) => return Err(GraphError::odata_version(name, other)),
            }
        }
        let accepted: Vec<&str> = headers.get_all("accept").iter().filter_map(|v| v.to_str().ok()).collect();
        let ranges: Vec<&str> = accepted.iter().flat_map(|v| v.split(',')).map(str::trim).collect();
        if ranges.is_empty() || is_text {
            return Ok(());
        }
        let found = ranges.iter().filter(|range| !is_refused(range)).find_map(|range| acceptable(range));

        self.metadata = found.ok_or_else(GraphError::not_acceptable)?;
        Ok(())
    }
}

fn acceptable(range: &str) -> Option<Metadata> {
    let essence = range.split(';').next().unwrap_or_default().trim();
    if ["*/*", "application/*"].contains(&essence) || essence.is_empty() {
        return Some(Metadata::Minimal);
    }

    Metadata::parse_media_type(range)
}

/// `q=0`: not at all.
fn is_refused(range: &str) -> bool {
    let weight = range.split(';').filter_map(|part| part.trim().strip_prefix("q=")).next_back();
    weight.is_some_and(|weight| weight.parse() == Ok(0.0))
}

fn is_echoable(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && id.bytes().all(|b| (b' '..=b'~').contains(&b))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The value of one preference, such as `return` in `Prefer: return=minimal, odata.maxpagesize=5`.
fn prefers<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .filter_map(|preference| preference.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"'))
}
