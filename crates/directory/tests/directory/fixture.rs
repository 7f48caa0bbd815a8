//! One tenant with one application, and what the tests ask of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;
use vestibule_directory::audit_logs::ListAudits;
use vestibule_directory::invite::Invited;
use vestibule_directory::redeem::{Acceptance, ConsentFacts};
use vestibule_directory::settings::CustomMessage;
use vestibule_directory::setup::{First, NewTenant};
use vestibule_directory::{Directory, InviteError, Settings};
use vestibule_model::caller::CallingApp;
use vestibule_model::clock::SeededIds;
use vestibule_model::invitation::{InvitationRequest, InvitationRules, Malformed};
use vestibule_model::{
    AppId, Application, ApplicationId, AuditEvent, Caller, Context, Digest, Permission, Proof,
    ServicePrincipalId, StateChange, Tenant, TenantId, TenantPolicy, VerifiedDomain,
};
use vestibule_store::Store;
use vestibule_store::testing::fixed_keys;

pub(crate) const TAYLOR: &str = "taylor@fabrikam.com";

/// A server with the tenant Contoso.
pub(crate) struct House {
    pub(crate) directory: Directory,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    ids: Arc<SeededIds>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(TenantPolicy::default(), InvitationRules::default()).await
    }

    pub(crate) async fn with(policy: TenantPolicy, invitations: InvitationRules) -> Self {
        let house = Self::empty(invitations).await;
        house
            .directory
            .create_tenant(NewTenant { policy, ..contoso() }, First::Only, &house.context())
            .await
            .unwrap();
        house
    }

    pub(crate) async fn empty(invitations: InvitationRules) -> Self {
        let store = Store::volatile().await.unwrap();
        Self {
            directory: Directory::new(store.clone(), settings(invitations)),
            store,
            now: "2026-11-20T12:00:00.5Z".parse().unwrap(),
            ids: Arc::new(SeededIds::new(1)),
        }
    }

    pub(crate) fn context(&self) -> Context {
        Context { now: self.now, ids: self.ids.clone(), correlation: Uuid::from_u128(0xc0), client: None }
    }

    pub(crate) fn later(&mut self, by: SignedDuration) {
        self.now += by;
    }

    pub(crate) async fn try_invite(
        &self,
        caller: &Caller,
        request: Result<InvitationRequest, Malformed>,
    ) -> Result<Invited, InviteError> {
        self.directory.invite(caller, request, None, &self.context()).await
    }

    pub(crate) async fn invite(&self, address: &str) -> Invited {
        self.try_invite(&app(&[Permission::UserInviteAll]), Ok(asking(address))).await.unwrap()
    }

    /// What was recorded, oldest first.
    pub(crate) async fn audit(&self) -> Vec<AuditEvent> {
        let all = ListAudits { filter: None, oldest_first: true, top: 1000, after: None };
        let auditor = app(&[Permission::AuditLogReadAll]);
        self.directory.audit_events(&auditor, all, &self.context()).await.unwrap().0
    }

    /// The names of what was recorded, without what the tenant began with.
    pub(crate) async fn told(&self) -> Vec<&'static str> {
        let names = self.audit().await.into_iter().map(|event| event.activity.name());
        names.filter(|name| !BEGINNING.contains(name)).collect()
    }
}

pub(crate) fn settings(invitations: InvitationRules) -> Settings {
    Settings {
        public_url: "https://guests.example".parse().unwrap(),
        invitations,
        link_keys: fixed_keys(),
        custom_message: CustomMessage::Always,
        read_deadline: SignedDuration::from_secs(10),
    }
}

const BEGINNING: &[&str] = &["Create company", "Add verified domain", "Add application"];

pub(crate) fn contoso() -> NewTenant {
    let long_ago = "2026-01-02T03:04:05Z".parse().unwrap();
    NewTenant {
        tenant: Tenant {
            id: TenantId(Uuid::from_u128(1)),
            display_name: "Contoso".into(),
            initial_domain: "contoso.localhost".into(),
            created_at: long_ago,
            preferred_language: None,
            privacy_statement_url: None,
            privacy_contact: None,
            technical_notification_mails: Vec::new(),
            country_letter_code: None,
        },
        domains: vec![VerifiedDomain {
            name: "contoso.localhost".into(),
            is_default: true,
            is_initial: true,
        }],
        policy: TenantPolicy::default(),
        applications: vec![(
            Application {
                app: AppId(Uuid::from_u128(2)),
                id: ApplicationId(Uuid::from_u128(3)),
                service_principal: ServicePrincipalId(Uuid::from_u128(4)),
                display_name: "Onboarding".into(),
                is_enabled: true,
                is_public: false,
                permissions: Vec::new(),
                created_at: long_ago,
            },
            Vec::new(),
        )],
        users: Vec::new(),
    }
}

/// The application of Contoso, with a token that carries `permissions`.
pub(crate) fn app(permissions: &[Permission]) -> Caller {
    let NewTenant { tenant, applications, .. } = contoso();
    let application = &applications[0].0;
    Caller {
        tenant: tenant.id,
        app: CallingApp {
            app: application.app,
            service_principal: application.service_principal,
            display_name: application.display_name.clone(),
        },
        user: None,
        permissions: permissions.to_vec(),
        issued_at: application.created_at,
    }
}

pub(crate) fn asking(address: &str) -> InvitationRequest {
    InvitationRequest {
        email_address: Some(address.into()),
        redirect_url: Some("https://myapp.contoso.com/".into()),
        ..InvitationRequest::default()
    }
}

/// The ticket that a redeem URL carries, as a browser would find it.
pub(crate) fn ticket(invited: &Invited) -> String {
    let outer: url::Url = invited.redeem_url.parse().unwrap();
    let (_, inner) = outer.query_pairs().find(|(name, _)| name == "rd").unwrap();
    let inner: url::Url = inner.parse().unwrap();
    inner.query_pairs().find(|(name, _)| name == "ticket").unwrap().1.into_owned()
}

pub(crate) fn digest(ticket: &str) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, ticket.as_bytes());
    Digest(hash.as_ref().try_into().unwrap())
}

/// An acceptance by whoever holds the invited address.
pub(crate) fn acceptance(invited: &Invited) -> Acceptance {
    acceptance_by(invited, invited.invitation.address.as_typed())
}

pub(crate) fn acceptance_by(invited: &Invited, address: &str) -> Acceptance {
    Acceptance {
        tenant: contoso().tenant.id,
        invitation: invited.invitation.id,
        ticket: digest(&ticket(invited)),
        proof: proof(address),
        consent: ConsentFacts { language: "en".into(), ..ConsentFacts::default() },
    }
}

/// A proof as it lies in a stored flow: only `identity` makes new ones.
fn proof(address: &str) -> Proof {
    let stored = json!({"address": address, "method": "emailPasscode", "at": "2026-11-20T12:00:00Z"});
    serde_json::from_value(stored).unwrap()
}

/// The end of a flow that never fails.
pub(crate) fn end_of_flow() -> StateChange {
    StateChange::CloseSession { id: Digest([0; 32]) }
}

/// The end of a flow that is over already.
pub(crate) fn end_of_a_flow_that_is_gone() -> StateChange {
    StateChange::SpendPasscode { id: Uuid::from_u128(0xdead), now: "2026-11-20T12:00:00Z".parse().unwrap() }
}
