//! Objects to store: each says only what the checks need.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::address::PlusAddressing;
use vestibule_model::audit::Target;
use vestibule_model::clock::SeededIds;
use vestibule_model::invitation::MessageInfo;
use vestibule_model::message::PasscodeMail;
use vestibule_model::message::{Organization, Payload};
use vestibule_model::user::{CreationType, Identity, Inviter, Profile, SignInType};
use vestibule_model::{
    Activity, Address, Application, AuditEvent, AuditTrail, Caller, CallingApp, Change, ChangeSet, Context,
    Digest, GuestState, Initiator, Invitation, InvitationStatus, Lane, Message, Permission, Tenant, TenantId,
    Ticket, User, UserId, UserType, VerifiedDomain,
};

use crate::{Store, Unit};

/// A tenant with a domain and an application, and where new objects come from.
#[derive(Clone)]
pub struct World {
    /// The store under test.
    pub store: Store,
    /// The tenant that was made for this check.
    pub tenant: Tenant,
    /// Its application.
    pub application: Application,
    /// Now, and ids.
    pub context: Context,
}

/// Longer than any question of the suite takes.
pub(super) const HALF_A_MINUTE: SignedDuration = SignedDuration::from_secs(30);

/// The moment at which every check takes place.
pub fn noon() -> Timestamp {
    Timestamp::from_second(1_780_000_000).expect("a year that exists")
}

/// An address.
pub fn address(text: &str) -> Address {
    Address::parse(text, PlusAddressing::Allowed).expect("an address")
}

/// The SHA-256 that a test says it is.
pub fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

impl World {
    /// A new tenant in `store`; `seed` keeps ids of several apart.
    pub async fn new(store: &Store, seed: u32) -> Self {
        let context = Self::context(seed);
        let tenant = Self::tenant_of(&context, seed);
        let application = Application {
            app: context.random_id(),
            id: context.new_id(),
            service_principal: context.new_id(),
            display_name: "Onboarding".into(),
            is_enabled: true,
            is_public: false,
            permissions: vec![Permission::UserInviteAll],
            created_at: noon(),
        };
        let world = Self { store: store.clone(), tenant, application, context };
        let domain =
            VerifiedDomain { name: world.tenant.initial_domain.clone(), is_default: true, is_initial: true };
        world
            .commit(vec![
                Change::CreateTenant(Box::new(world.tenant.clone())),
                Change::AddDomain(domain),
                Change::CreateApplication(Box::new(world.application.clone())),
            ])
            .await;
        world
    }

    /// Noon, with ids of their own.
    pub fn context(seed: u32) -> Context {
        Context {
            now: noon(),
            ids: Arc::new(SeededIds::new(seed)),
            correlation: Uuid::from_u128(u128::from(seed)),
            client: None,
        }
    }

    /// A tenant that is not stored yet.
    pub fn tenant_of(context: &Context, seed: u32) -> Tenant {
        Tenant {
            id: context.random_id(),
            display_name: format!("Contoso {seed}"),
            initial_domain: format!("contoso{seed}.example"),
            created_at: noon(),
            preferred_language: None,
            privacy_statement_url: None,
            privacy_contact: None,
            technical_notification_mails: Vec::new(),
            country_letter_code: None,
        }
    }

    /// A unit of a tenant that is not stored yet.
    pub fn unit_in(context: &Context, changes: Vec<Change>, tenant: TenantId) -> Unit {
        let initiator = Initiator::Service { name: "init".into() };
        let trail = AuditTrail::of(AuditEvent::new(Activity::UpdatePolicy, initiator, context));
        Unit { change: Some(ChangeSet::new(changes, trail)), ..Unit::new(tenant) }
    }

    /// The tenant's id.
    pub fn id(&self) -> TenantId {
        self.tenant.id
    }

    /// A user's worth of new id.
    pub fn user_id(&self) -> UserId {
        self.context.new_id()
    }

    /// The application as a caller.
    pub fn caller(&self) -> Caller {
        Caller {
            tenant: self.tenant.id,
            app: CallingApp {
                app: self.application.app,
                service_principal: self.application.service_principal,
                display_name: self.application.display_name.clone(),
            },
            user: None,
            permissions: self.application.permissions.clone(),
            issued_at: noon(),
        }
    }

    /// A guest as an invitation of `mail` makes one.
    pub fn guest(&self, mail: &str) -> User {
        let upn = format!("{}#EXT#@{}", mail.replace('@', "_"), self.tenant.initial_domain);
        User {
            id: self.user_id(),
            version: 1,
            mail_nickname: upn.split('@').next().unwrap_or_default().to_owned(),
            user_principal_name: upn.clone(),
            display_name: mail.split('@').next().unwrap_or_default().to_owned(),
            is_display_name_derived: true,
            mail: Some(mail.into()),
            other_mails: vec![mail.into()],
            proxy_addresses: vec![format!("SMTP:{mail}")],
            user_type: UserType::Guest,
            guest_state: Some(GuestState::PendingAcceptance { since: noon() }),
            invited_address: Some(address(mail)),
            invited_by: Some(Inviter::Application(self.application.service_principal)),
            creation_type: Some(CreationType::Invitation),
            created_at: noon(),
            deleted_at: None,
            account_enabled: true,
            identities: vec![Identity {
                sign_in_type: SignInType::UserPrincipalName,
                issuer: self.tenant.initial_domain.clone(),
                issuer_assigned_id: Some(upn),
            }],
            sponsors: Vec::new(),
            roles: Vec::new(),
            sign_in_sessions_valid_from: noon(),
            password_hash: None,
            profile: Profile::default(),
        }
    }

    /// A member of the tenant.
    pub fn member(&self, name: &str) -> User {
        let upn = format!("{name}@{}", self.tenant.initial_domain);
        User {
            user_type: UserType::Member,
            guest_state: None,
            invited_address: None,
            invited_by: None,
            creation_type: None,
            user_principal_name: upn.clone(),
            mail_nickname: name.into(),
            identities: Vec::new(),
            other_mails: Vec::new(),
            ..self.guest(&upn)
        }
    }

    /// An invitation of `user`.
    pub fn invitation(&self, user: &User) -> Invitation {
        Invitation {
            id: self.context.new_id(),
            version: 1,
            user: user.id,
            address: address(user.mail.as_deref().unwrap_or("nobody@example.com")),
            display_name: None,
            user_type: user.user_type,
            redirect_url: "https://myapps.microsoft.com/".into(),
            sends_message: true,
            message: MessageInfo::default(),
            is_reset: false,
            status: InvitationStatus::Pending,
            inviter: Inviter::Application(self.application.service_principal),
            inviter_name: self.application.display_name.clone(),
            inviter_mail: None,
            created_at: noon(),
            expires_at: None,
        }
    }

    /// The ticket number `number` of an invitation, made so many seconds after noon.
    pub fn ticket(&self, invitation: &Invitation, number: u32) -> Ticket {
        Ticket {
            hash: digest(u64::from(number) << 32 | invitation.user.0.as_u128() as u64 & 0xffff_ffff),
            invitation: invitation.id,
            user: invitation.user,
            created_at: noon() + SignedDuration::from_secs(number.into()),
            expires_at: None,
            revoked_at: None,
        }
    }

    /// A mail about `user`, due at noon.
    pub fn message(&self, user: &User, lane: Lane) -> Message {
        Message {
            id: self.context.new_id(),
            lane,
            to: address(user.mail.as_deref().unwrap_or("nobody@example.com")),
            due_at: noon(),
            ends_at: noon() + SignedDuration::from_hours(48),
            payload: Payload::Passcode(Box::new(PasscodeMail {
                code: "12345678".into(),
                minutes: 30,
                language: "en".into(),
                organization: Organization {
                    name: "Contoso".into(),
                    domain: "contoso.example".into(),
                    privacy_url: None,
                },
                browser: None,
                client: None,
                asked_at: noon(),
            })),
            about: user.id,
            correlation: self.context.correlation,
            ticket: None,
        }
    }

    /// A record of `activity`.
    pub fn event(&self, activity: Activity) -> AuditEvent {
        AuditEvent::new(activity, Initiator::caller(&self.caller(), &self.context), &self.context)
    }

    /// The same, about `user`.
    pub fn event_on(&self, activity: Activity, user: &User) -> AuditEvent {
        self.event(activity).on(Target::user(user))
    }

    /// A unit with these changes.
    pub fn unit(&self, changes: Vec<Change>) -> Unit {
        let trail = AuditTrail::of(self.event(Activity::UpdateUser));
        Unit { change: Some(ChangeSet::new(changes, trail)), ..Unit::new(self.tenant.id) }
    }

    /// Commits these changes, which must succeed.
    pub async fn commit(&self, changes: Vec<Change>) {
        self.store.commit(self.unit(changes)).await.expect("nothing stands against it");
    }

    /// Keeps a user.
    pub async fn keep(&self, user: &User) {
        self.commit(vec![Change::CreateUser(Box::new(user.clone()))]).await;
    }

    /// What one invitation of a new guest writes, with mail.
    pub fn invite(&self, mail: &str) -> (User, Invitation, Unit) {
        let user = self.guest(mail);
        let invitation = self.invitation(&user);
        let ticket = self.ticket(&invitation, 0);
        let letter = Message { ticket: Some(ticket.hash), ..self.message(&user, Lane::Ordinary) };
        let trail = AuditTrail::of(self.event_on(Activity::AddUser, &user))
            .then(self.event_on(Activity::InviteExternalUser, &user));
        let changes = vec![
            Change::CreateUser(Box::new(user.clone())),
            Change::CreateInvitation(Box::new(invitation.clone())),
            Change::AddTicket(ticket),
        ];
        let guards = vec![
            vestibule_model::Guard::AddressFree { key: address(mail).key().into() },
            vestibule_model::Guard::UpnFree { key: user.user_principal_name.to_lowercase().into() },
            vestibule_model::Guard::TenantPolicy { version: 2 },
            vestibule_model::Guard::Blocked { key: address(mail).key().into(), is_blocked: false },
        ];
        let unit = Unit {
            guards,
            change: Some(ChangeSet::new(changes, trail)),
            outbox: vec![letter],
            ..Unit::new(self.tenant.id)
        };
        (user, invitation, unit)
    }
}
