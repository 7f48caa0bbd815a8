//! What the tests of this room stand on: one tenant, one application, a handful of people, one held moment.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::address::{Address, PlusAddressing};
use crate::application::Application;
use crate::caller::{Caller, CallingApp, CallingUser};
use crate::clock::{Context, SeededIds};
use crate::id::{AppId, ApplicationId, Digest, ServicePrincipalId, TenantId, UserId};
use crate::permission::{DirectoryRole, Permission};
use crate::tenant::{Tenant, VerifiedDomain};
use crate::user::{CreationType, GuestState, Identity, Profile, SignInType, User, UserType};

pub(crate) const NOON: &str = "2026-11-20T12:00:00.75Z";

pub(crate) fn context() -> Context {
    Context {
        now: NOON.parse().unwrap(),
        ids: Arc::new(SeededIds::new(1)),
        correlation: Uuid::from_u128(0xc0),
        client: None,
    }
}

pub(crate) fn address(typed: &str) -> Address {
    Address::parse(typed, PlusAddressing::Allowed).unwrap()
}

/// Not SHA-256, but different for different short texts.
pub(crate) fn hash(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    for (slot, byte) in out.iter_mut().zip(bytes) {
        *slot = *byte;
    }
    Digest(out)
}

pub(crate) fn tenant() -> Tenant {
    Tenant {
        id: TenantId(Uuid::from_u128(1)),
        display_name: "Contoso".into(),
        initial_domain: "contoso.onmicrosoft.com".into(),
        created_at: long_ago(),
        preferred_language: Some("ko-KR".into()),
        privacy_statement_url: Some("https://contoso.com/privacy".into()),
        privacy_contact: None,
        technical_notification_mails: Vec::new(),
        country_letter_code: None,
    }
}

pub(crate) fn domains() -> Vec<VerifiedDomain> {
    let domain =
        |name: &str, is_default| VerifiedDomain { name: name.into(), is_default, is_initial: !is_default };
    vec![domain("contoso.onmicrosoft.com", false), domain("contoso.com", true)]
}

pub(crate) fn application() -> Application {
    Application {
        app: AppId(Uuid::from_u128(2)),
        id: ApplicationId(Uuid::from_u128(3)),
        service_principal: ServicePrincipalId(Uuid::from_u128(4)),
        display_name: "Onboarding".into(),
        is_enabled: true,
        is_public: false,
        permissions: Vec::new(),
        created_at: long_ago(),
    }
}

pub(crate) fn app_with(permissions: &[Permission]) -> Caller {
    let app = application();
    Caller {
        tenant: tenant().id,
        app: CallingApp {
            app: app.app,
            service_principal: app.service_principal,
            display_name: app.display_name,
        },
        user: None,
        permissions: permissions.to_vec(),
        issued_at: NOON.parse().unwrap(),
    }
}

pub(crate) fn user_with(permissions: &[Permission], user: &User) -> Caller {
    let user = CallingUser {
        id: user.id,
        user_type: user.user_type,
        roles: user.roles.clone(),
        user_principal_name: user.user_principal_name.clone(),
        display_name: user.display_name.clone(),
    };
    Caller { user: Some(user), ..app_with(permissions) }
}

/// An internal user without a role.
pub(crate) fn member() -> User {
    let upn = "ann@contoso.com";
    User {
        id: UserId(Uuid::from_u128(0x10)),
        version: 1,
        user_principal_name: upn.into(),
        mail_nickname: "ann".into(),
        display_name: "Ann".into(),
        is_display_name_derived: false,
        mail: Some(upn.into()),
        other_mails: Vec::new(),
        proxy_addresses: vec![format!("SMTP:{upn}")],
        user_type: UserType::Member,
        guest_state: None,
        invited_address: None,
        invited_by: None,
        creation_type: None,
        created_at: long_ago(),
        deleted_at: None,
        account_enabled: true,
        identities: vec![name(upn)],
        sponsors: Vec::new(),
        roles: Vec::new(),
        sign_in_sessions_valid_from: long_ago(),
        password_hash: None,
        profile: Profile::default(),
    }
}

pub(crate) fn member_with(role: DirectoryRole) -> User {
    User { id: UserId(Uuid::from_u128(0x11)), roles: vec![role], ..member() }
}

pub(crate) fn administrator() -> User {
    member_with(DirectoryRole::GlobalAdministrator)
}

/// A guest invited at `typed` who has not accepted.
pub(crate) fn guest(typed: &str) -> User {
    let upn = format!("{}#EXT#@contoso.onmicrosoft.com", typed.replace('@', "_"));
    User {
        id: UserId(Uuid::from_u128(0x20)),
        identities: vec![name(&upn)],
        user_principal_name: upn,
        display_name: "Taylor".into(),
        mail: Some(typed.into()),
        other_mails: vec![typed.into()],
        proxy_addresses: vec![format!("SMTP:{typed}")],
        user_type: UserType::Guest,
        guest_state: Some(GuestState::PendingAcceptance { since: long_ago() }),
        invited_address: Some(address(typed)),
        creation_type: Some(CreationType::Invitation),
        ..member()
    }
}

/// The same, who accepted by passcode.
pub(crate) fn accepted_guest(typed: &str) -> User {
    let mut user = guest(typed);
    user.guest_state = Some(GuestState::Accepted { at: long_ago() });
    user.identities.push(Identity {
        sign_in_type: SignInType::Federated,
        issuer: "mail".into(),
        issuer_assigned_id: Some(typed.into()),
    });
    user
}

pub(crate) fn long_ago() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

fn name(upn: &str) -> Identity {
    Identity {
        sign_in_type: SignInType::UserPrincipalName,
        issuer: "contoso.onmicrosoft.com".into(),
        issuer_assigned_id: Some(upn.into()),
    }
}
