//! The body of a PATCH on a user: names to properties, JSON to values. What may be set is the model's business.

use vestibule_directory::users::{PatchValue, UserPatch};
use vestibule_model::UserProperty;
use vestibule_odata::EdmType;
use vestibule_odata::schema::{Property, Schema as _};

use crate::body::Json;
use crate::error::GraphError;
use crate::router::Version;
use crate::schema::user::UserSchema;

/// Whether every value has the JSON type of its property; what the gateway of the real service looks at.
///
/// # Errors
///
/// The first value of another type.
pub(super) fn check_types(members: &[(String, Json)], version: Version) -> Result<(), GraphError> {
    for (name, value) in properties(members) {
        let Some(property) = settable(name, version) else { continue };
        match value {
            Json::Array(items) if property.edm == EdmType::StringCollection => {
                items.iter().try_for_each(|item| check_type(EdmType::String, item))?;
            }
            value => check_type(property.edm, value)?,
        }
    }

    Ok(())
}

fn check_type(edm: EdmType, value: &Json) -> Result<(), GraphError> {
    let fits = match edm {
        EdmType::String | EdmType::Guid | EdmType::DateTimeOffset => matches!(value, Json::Text(_)),
        EdmType::Boolean => matches!(value, Json::Bool(_)),
        EdmType::Int32 => matches!(value, Json::Number(_)),
        EdmType::StringCollection | EdmType::ComplexCollection => matches!(value, Json::Array(_)),
        EdmType::Complex => matches!(value, Json::Object(_)),
    };
    match fits || *value == Json::Null {
        true => Ok(()),
        false => Err(GraphError::wrong_type(&value.literal(), edm.name())),
    }
}

/// Reads the members of a PATCH. Annotations are ignored.
///
/// # Errors
///
/// A name that is no property.
pub(super) fn read(members: &[(String, Json)], version: Version) -> Result<UserPatch, GraphError> {
    let mut patch = UserPatch::default();
    for (name, value) in properties(members) {
        let Some(property) = settable(name, version) else { return Err(unknown(name)) };
        patch.properties.push((property.id, patch_value(property, value)?));
    }

    Ok(patch)
}

/// `signInNames` can be asked for in a filter, and is no property of a user.
fn settable(name: &str, version: Version) -> Option<&'static Property<UserProperty>> {
    UserSchema(version).find(name).filter(|property| property.id != UserProperty::SignInNames)
}

fn properties(members: &[(String, Json)]) -> impl Iterator<Item = &(String, Json)> {
    members.iter().filter(|(name, _)| !is_annotation(name))
}

/// `@odata.type`, `otherMails@odata.type`: about values, and none itself. A reference is one, and no user's reference can
/// be set here: `manager@odata.bind` is a name that nobody knows.
fn is_annotation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split_once("@odata.").is_some_and(|(_, term)| term != "bind")
}

fn unknown(name: &str) -> GraphError {
    GraphError::request_bad_request(format!(
        "Property {name} does not exist as a declared property or extension property."
    ))
}

fn patch_value(property: &Property<UserProperty>, value: &Json) -> Result<PatchValue, GraphError> {
    Ok(match (property.edm, value) {
        (_, Json::Null) => PatchValue::Null,
        (EdmType::Boolean, Json::Bool(value)) => PatchValue::Bool(*value),
        (EdmType::StringCollection, Json::Array(items)) => PatchValue::Texts(texts(property, items)?),
        (EdmType::Complex, Json::Object(members))
            if property.id == UserProperty::OnPremisesExtensionAttributes =>
        {
            PatchValue::ExtensionAttributes(extension_attributes(property, members)?)
        }
        (EdmType::String | EdmType::Guid | EdmType::DateTimeOffset, Json::Text(text)) => {
            PatchValue::Text(text.clone())
        }
        _ => PatchValue::Other,
    })
}

fn texts(property: &Property<UserProperty>, items: &[Json]) -> Result<Vec<String>, GraphError> {
    let read = |item: &Json| match item {
        Json::Text(text) => Ok(text.clone()),
        _ => Err(GraphError::invalid_value(property.name)),
    };
    items.iter().map(read).collect()
}

fn extension_attributes(
    property: &Property<UserProperty>,
    members: &[(String, Json)],
) -> Result<Vec<(usize, Option<String>)>, GraphError> {
    let mut read = Vec::new();
    for (name, value) in properties(members) {
        let at = property.members.iter().position(|member| member.eq_ignore_ascii_case(name));
        match (at, value) {
            (Some(at), Json::Null) => read.push((at, None)),
            (Some(at), Json::Text(text)) => read.push((at, Some(text.clone()))),
            (Some(_), other) => {
                return Err(GraphError::wrong_type(&other.literal(), EdmType::String.name()));
            }
            (None, _) => return Err(unknown(name)),
        }
    }

    Ok(read)
}
