//! A user, showing selected properties only.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use vestibule_model::reading::Sight;
use vestibule_model::user::{Identity, PropertyValue};
use vestibule_model::{User, UserProperty};
use vestibule_odata::paging::Metadata;
use vestibule_odata::select::Selection;

use crate::facts::Facts;
use crate::router::Version;
use crate::schema::user::{canonical_order, default_set, wire_name};

/// Which properties an answer shows, and how its context names them.
pub(crate) struct Shown {
    /// In canonical order.
    properties: Vec<UserProperty>,
    /// In the order of the request; empty for the default set.
    named: Vec<UserProperty>,
    /// Only these are filled (`User.ReadBasic.All`).
    is_basic: bool,
}

impl Shown {
    pub(crate) fn new(selection: Selection<UserProperty>, version: Version) -> Self {
        let (mut properties, named) = match selection {
            Selection::Default => (default_set(version).to_vec(), Vec::new()),
            Selection::Listed(listed) => (listed.clone(), listed),
            Selection::DefaultAnd(more) => {
                let mut all = default_set(version).to_vec();
                all.extend(more.iter().filter(|property| !default_set(version).contains(property)));
                (all.clone(), all)
            }
        };
        properties.sort_by_key(|property| canonical_order(*property));

        Self { properties, named, is_basic: false }
    }

    pub(crate) fn limited_to_basics(mut self, is_basic: bool) -> Self {
        self.is_basic = is_basic;
        self
    }

    /// `#users`, or `#users(displayName,id)`.
    pub(crate) fn context(&self, base: &str) -> String {
        let names: Vec<&str> = self.named.iter().map(|property| wire_name(*property)).collect();
        match names.is_empty() {
            true => format!("{base}/$metadata#users"),
            false => format!("{base}/$metadata#users({})", names.join(",")),
        }
    }
}

/// One user in an answer.
pub(crate) struct WireUser<'a> {
    pub(crate) user: &'a User,
    pub(crate) shown: &'a Shown,
    pub(crate) facts: &'a Facts,
    /// `@odata.context`, for an answer of one.
    pub(crate) context: Option<String>,
}

impl Serialize for WireUser<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(context) = self.context.as_ref().filter(|_| self.facts.metadata != Metadata::None) {
            map.serialize_entry("@odata.context", context)?;
        }
        if self.facts.metadata == Metadata::Full {
            map.serialize_entry("@odata.type", "#microsoft.graph.user")?;
            map.serialize_entry("@odata.id", &format!("{}/users('{}')", self.facts.base, self.user.id))?;
            map.serialize_entry("@odata.editLink", &format!("users('{}')", self.user.id))?;
        }
        for property in &self.shown.properties {
            let name = wire_name(*property);
            match self.shown.is_basic && !Sight::Basic.shows(*property) {
                true => map.serialize_entry(name, &Hidden(self.user.value(*property)))?,
                false => map.serialize_entry(name, &WireValue(self.user.value(*property)))?,
            }
        }
        map.end()
    }
}

/// A value that the caller may not see: null, or an empty collection.
struct Hidden<'a>(PropertyValue<'a>);

impl Serialize for Hidden<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            PropertyValue::Texts(_) | PropertyValue::Identities(_) | PropertyValue::Empty => {
                serializer.collect_seq::<[(); 0]>([])
            }
            _ => serializer.serialize_none(),
        }
    }
}

struct WireValue<'a>(PropertyValue<'a>);

impl Serialize for WireValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            PropertyValue::Null => serializer.serialize_none(),
            PropertyValue::Text(text) => serializer.serialize_str(text),
            PropertyValue::Made(text) => serializer.serialize_str(text),
            PropertyValue::Bool(value) => serializer.serialize_bool(*value),
            PropertyValue::Instant(instant) => serializer.collect_str(&seconds(*instant)),
            PropertyValue::Texts(texts) => serializer.collect_seq(texts),
            PropertyValue::Identities(identities) => {
                serializer.collect_seq(identities.iter().map(WireIdentity))
            }
            PropertyValue::ExtensionAttributes(attributes) => serializer.collect_map(
                attributes
                    .iter()
                    .enumerate()
                    .map(|(at, value)| (format!("extensionAttribute{}", at + 1), value)),
            ),
            PropertyValue::Empty => serializer.collect_seq::<[(); 0]>([]),
        }
    }
}

struct WireIdentity<'a>(&'a Identity);

impl Serialize for WireIdentity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("signInType", self.0.sign_in_type.as_str())?;
        map.serialize_entry("issuer", &self.0.issuer)?;
        map.serialize_entry("issuerAssignedId", &self.0.issuer_assigned_id)?;
        map.end()
    }
}

/// `2026-01-02T03:04:05Z`: instants that users see have no fraction.
pub(crate) fn seconds(instant: Timestamp) -> impl std::fmt::Display {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ")
}
