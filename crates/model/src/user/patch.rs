//! Changing a user (`graph.md` 3.3): who may, what is refused, and what is told.

use serde_json::{Value, json};

use crate::audit::{Activity, AuditEvent, AuditTrail, Initiator, Target};
use crate::caller::Caller;
use crate::change::{Change, ChangeSet, Guard, UserChange};
use crate::clock::Context;
use crate::permission::{DirectoryRole as Role, Permission as P};
use crate::refusal::Refusal;
use crate::standing::Standing;
use crate::tenant::VerifiedDomain;
use crate::user::write::set;
use crate::user::{PropertyValue, User, UserProperty};

/// A PATCH: properties by name with their new values, `None` clears. Read by the surface, checked by the model.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// In the order sent.
    pub properties: Vec<(UserProperty, PatchValue)>,
}

/// A new value.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchValue {
    /// Cleared.
    Null,
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A collection of texts.
    Texts(Vec<String>),
    /// `extensionAttribute1` to `15`: only those that were sent, by number less one.
    ExtensionAttributes(Vec<(usize, Option<String>)>),
    /// A property whose value this release cannot set (`identities`, `passwordProfile`): refused by the model as invalid.
    Other,
}

impl UserPatch {
    /// The new mail address and the new user principal name, as keys: who else has them must be looked up.
    pub fn names(&self) -> (Option<String>, Option<String>) {
        let key = |wanted| {
            self.properties.iter().find_map(|(property, value)| match value {
                PatchValue::Text(text) if *property == wanted => Some(text.to_lowercase()),
                _ => None,
            })
        };
        (key(UserProperty::Mail), key(UserProperty::UserPrincipalName))
    }
}

/// Who else has the new names.
#[derive(Clone, Debug, Default)]
pub struct Neighbours<'a> {
    /// Users at the new mail address, the one to be changed maybe among them.
    pub users_at: &'a [User],
    /// User principal names, in lower case, that begin like the new one.
    pub taken_upns: &'a [String],
    /// The tenant's verified domains.
    pub domains: &'a [VerifiedDomain],
}

/// A user changed.
#[derive(Clone, Debug)]
pub struct Patched {
    /// As it will stand.
    pub user: User,
    /// What must still be true then, beside the version.
    pub guards: Vec<Guard>,
    /// What is written; `None` when nothing differs.
    pub change: Option<ChangeSet>,
}

/// What guards its holder against being taken over: on somebody with a directory role only a Global Administrator
/// changes these.
const SENSITIVE: &[UserProperty] = &[
    UserProperty::AccountEnabled,
    UserProperty::PasswordProfile,
    UserProperty::Identities,
    UserProperty::UserPrincipalName,
    UserProperty::Mail,
    UserProperty::OtherMails,
    UserProperty::BusinessPhones,
    UserProperty::MobilePhone,
];

/// What people may change about themselves (`graph.md` 3.1).
const OWN: &[UserProperty] =
    &[UserProperty::BusinessPhones, UserProperty::MobilePhone, UserProperty::PreferredLanguage];

/// Whether `standing` may send this patch about somebody; `None` is somebody who was not found.
///
/// # Errors
///
/// [`Refusal::NotAllowed`].
pub fn may_patch(patch: &UserPatch, target: Option<&User>, standing: &Standing<'_>) -> Result<(), Refusal> {
    let touches_only =
        |these: &[UserProperty]| patch.properties.iter().all(|(property, _)| these.contains(property));
    let touches =
        |these: &[UserProperty]| patch.properties.iter().any(|(property, _)| these.contains(property));
    let write = &[P::UserReadWriteAll, P::DirectoryReadWriteAll];
    let is_self = target.is_some_and(|target| standing.is_self(target.id));

    let by_right = standing.may(write, &[Role::GlobalAdministrator, Role::UserAdministrator]);
    let by_help_desk = !patch.properties.is_empty()
        && touches_only(&[UserProperty::PasswordProfile])
        && standing.may(write, &[Role::HelpdeskAdministrator]);
    let by_oneself =
        is_self && touches_only(OWN) && standing.caller().has_any(&[P::UserReadWrite, P::UserReadWriteAll]);
    let is_out_of_reach =
        target.is_some_and(|target| touches(SENSITIVE) && !by_oneself && !standing.may_touch(target));

    if (by_right || by_help_desk || by_oneself) && !is_out_of_reach {
        Ok(())
    } else {
        Err(Refusal::NotAllowed)
    }
}

/// Whether the token carries any permission to change users: what can be said before the directory is asked.
pub fn may_patch_somebody(caller: &Caller) -> bool {
    caller.has_any(&[P::UserReadWriteAll, P::DirectoryReadWriteAll, P::UserReadWrite])
}

/// Changes `user` as `patch` says.
///
/// # Errors
///
/// [`Refusal`]: the right first, then the first read-only or required property, then the invalid values (`InvalidValues`
/// when there are several), then names that others have.
pub fn patch(
    user: &User,
    patch: &UserPatch,
    neighbours: &Neighbours<'_>,
    standing: &Standing<'_>,
    context: &Context,
) -> Result<Patched, Refusal> {
    may_patch(patch, Some(user), standing)?;
    let mut changed = user.clone();
    apply(&mut changed, patch)?;
    let guards = names_are_free(user, &changed, neighbours)?;
    if user.account_enabled && !changed.account_enabled {
        changed.sign_in_sessions_valid_from = context.now;
    }

    let differing = differing(user, &changed, patch);
    if differing.is_empty() {
        return Ok(Patched { user: user.clone(), guards: Vec::new(), change: None });
    }
    changed.version = user.version + 1;
    let trail = trail(user, &changed, &differing, standing, context);
    let update = Change::UpdateUser {
        user: Box::new(changed.clone()),
        kind: UserChange::Updated,
        properties: differing,
    };
    Ok(Patched { user: changed, guards, change: Some(ChangeSet::new(vec![update], trail)) })
}

fn apply(user: &mut User, patch: &UserPatch) -> Result<(), Refusal> {
    let mut invalid = Vec::new();
    for (property, value) in &patch.properties {
        match set(user, *property, value) {
            Ok(()) => {}
            Err(refusal @ (Refusal::InvalidValue { .. } | Refusal::InvalidUserPrincipalName)) => {
                invalid.push(refusal);
            }
            Err(refusal) => return Err(refusal),
        }
    }
    match (invalid.pop(), invalid.is_empty()) {
        (None, _) => Ok(()),
        (Some(only), true) => Err(only),
        (Some(_), false) => Err(Refusal::InvalidValues),
    }
}

/// The names that changed are free, and must still be so at the commit.
fn names_are_free(before: &User, after: &User, neighbours: &Neighbours<'_>) -> Result<Vec<Guard>, Refusal> {
    let mut guards = Vec::new();
    let upn = after.user_principal_name.to_lowercase();
    if upn != before.user_principal_name.to_lowercase() {
        let domain = upn.rsplit_once('@').map_or("", |(_, domain)| domain);
        if !neighbours.domains.iter().any(|verified| verified.name == domain) {
            return Err(Refusal::InvalidUserPrincipalName);
        }
        if neighbours.taken_upns.contains(&upn) {
            return Err(Refusal::Taken { property: UserProperty::UserPrincipalName });
        }
        guards.push(Guard::UpnFree { key: upn.into() });
    }

    let mail = after.mail.as_deref().map(str::to_lowercase);
    if let Some(key) = mail.filter(|key| !before.owns_mail_address(key)) {
        let others = || neighbours.users_at.iter().filter(|other| other.id != before.id);
        if others().any(|other| other.owns_mail_address(&key)) {
            return Err(Refusal::Taken { property: UserProperty::ProxyAddresses });
        }
        guards.push(Guard::MailFree { key: key.into() });
    }
    Ok(guards)
}

fn differing(before: &User, after: &User, patch: &UserPatch) -> Vec<UserProperty> {
    let caused = [
        UserProperty::Identities,
        UserProperty::ProxyAddresses,
        UserProperty::SignInNames,
        UserProperty::SignInSessionsValidFromDateTime,
    ];
    let sent = patch.properties.iter().map(|(property, _)| *property);
    let mut differing: Vec<_> =
        sent.chain(caused).filter(|property| before.value(*property) != after.value(*property)).collect();
    differing.sort_unstable();
    differing.dedup();
    differing
}

fn trail(
    before: &User,
    after: &User,
    differing: &[UserProperty],
    standing: &Standing<'_>,
    context: &Context,
) -> AuditTrail {
    let event = |activity| AuditEvent::new(activity, Initiator::caller(standing.caller(), context), context);
    let target = differing.iter().fold(Target::user(before), |target, property| {
        let (old, new) = (logged(before.value(*property)), logged(after.value(*property)));
        target.changing(&name(*property), old, new)
    });
    let trail = AuditTrail::of(event(Activity::UpdateUser).on(target));
    match (before.account_enabled, after.account_enabled) {
        (true, false) => trail.then(event(Activity::DisableAccount).on(Target::user(before))),
        (false, true) => trail.then(event(Activity::EnableAccount).on(Target::user(before))),
        (true, true) | (false, false) => trail,
    }
}

/// As Entra's audit log names a property: `DisplayName`, which is also what we call it; the other mails stand apart.
fn name(property: UserProperty) -> String {
    match (property, serde_json::to_value(property)) {
        (UserProperty::OtherMails, _) => "OtherMail".into(),
        (_, Ok(Value::String(name))) => name,
        (_, Ok(_) | Err(_)) => format!("{property:?}"),
    }
}

/// Values in audit are lists, as Entra writes them.
fn logged(value: PropertyValue<'_>) -> Value {
    match value {
        PropertyValue::Null | PropertyValue::Empty => json!([]),
        PropertyValue::Text(text) => json!([text]),
        PropertyValue::Made(text) => json!([text]),
        PropertyValue::Bool(truth) => json!([truth]),
        PropertyValue::Instant(instant) => json!([instant.to_string()]),
        PropertyValue::Texts(texts) => json!(texts),
        PropertyValue::Identities(identities) => json!(identities),
        PropertyValue::ExtensionAttributes(attributes) => json!(attributes),
    }
}

#[cfg(test)]
mod tests;
