//! Reading JSON strictly: duplicates in any case, U+0000 and anything but one object are refused.

use std::collections::HashSet;
use std::fmt;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use vestibule_model::invitation::Malformed;

use crate::Graph;

/// A JSON value whose objects keep their order and have no name twice, ignoring case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// As messages quote it.
    pub(crate) fn literal(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) | Self::Text(value) => value.chars().take(100).collect(),
            Self::Array(_) => "[...]".to_owned(),
            Self::Object(_) => "{...}".to_owned(),
        }
    }
}

/// The members of the object that a request carries.
///
/// # Errors
///
/// [`Malformed`], in the order of its variants: content type, size, nothing at all, JSON.
pub(crate) async fn read_object(graph: &Graph, request: Request) -> Result<Vec<(String, Json)>, Malformed> {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.map(|value| value.to_str().unwrap_or("?").to_owned());
    let bytes = bytes_of(request, graph.parts.settings.body_octets).await;
    match (&content_type, &bytes) {
        (Some(given), _) if !is_json(given) => return Err(Malformed::ContentType(given.clone())),
        (None, Ok(bytes)) if bytes.is_empty() => return Err(Malformed::Empty),
        (None, _) => return Err(Malformed::ContentType(String::new())),
        _ => {}
    }
    let bytes = bytes?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Malformed::Empty);
    }

    match serde_json::from_slice(&bytes) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) | Err(_) => Err(Malformed::Json),
    }
}

/// All of the body; one that breaks off is no JSON.
async fn bytes_of(mut request: Request, most: usize) -> Result<Bytes, Malformed> {
    if request.body().size_hint().lower() > most as u64 {
        return Err(Malformed::TooLarge); // Said, so not waited for.
    }
    DefaultBodyLimit::max(most).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Malformed::TooLarge,
        _ => Malformed::Json,
    })
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Strict)
    }
}

struct Strict;

impl<'de> Visitor<'de> for Strict {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate names and without U+0000")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Json, E> {
        if value.contains('\0') {
            return Err(E::custom("U+0000 in a string"));
        }
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if name.contains('\0') || !seen.insert(name.to_lowercase()) {
                return Err(A::Error::custom("a duplicate name, or U+0000 in one"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_nul_and_deep_nesting_are_malformed() {
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        for text in
            [r#"{"a":1,"a":2}"#, r#"{"Status":1,"status":2}"#, r#"{"a":"x\u0000"}"#, "{", "\u{feff}{}", &deep]
        {
            assert!(serde_json::from_str::<Json>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_is_read_in_order() {
        let json: Json = serde_json::from_str(r#"{"b":[null,true,"x"],"a":1.5}"#).unwrap();

        let items = vec![Json::Null, Json::Bool(true), Json::Text("x".into())];
        assert_eq!(
            json,
            Json::Object(vec![("b".into(), Json::Array(items)), ("a".into(), Json::Number("1.5".into()))])
        );
    }
}
