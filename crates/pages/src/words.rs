//! The texts of one page: a language, and the variables that all of them share.

use std::sync::Arc;

use jiff::SignedDuration;
use url::Url;
use vestibule_directory::redeem::Redemption;
use vestibule_model::Tenant;
use vestibule_model::user::Inviter;
use vestibule_wording::{Args, Catalogue, Language, clean_name, dates};

/// A catalogue with what a page's texts are about.
#[derive(Clone)]
pub(crate) struct Words {
    catalogue: Arc<Catalogue>,
    language: Language,
    variables: Vec<(&'static str, Variable)>,
}

#[derive(Clone)]
enum Variable {
    Text(String),
    Count(u64),
}

impl Words {
    pub(crate) fn new(catalogue: Arc<Catalogue>, language: Language) -> Self {
        Self { catalogue, language, variables: Vec::new() }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Sets `$name`; a later value takes the place of an earlier one.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.push((name, Variable::Text(value.into())));
    }

    /// Sets `$name` to a number, which also chooses the plural.
    pub(crate) fn count(&mut self, name: &'static str, value: u64) {
        self.variables.push((name, Variable::Count(value)));
    }

    /// Sets `$name` to a length of time in words.
    pub(crate) fn duration(&mut self, name: &'static str, length: SignedDuration) {
        let worded = self.catalogue.duration(self.language, length);
        self.set(name, worded);
    }

    /// Sets `$step` and `$steps`: where this page stands on the way to acceptance.
    pub(crate) fn step(&mut self, step: u64) {
        const STEPS: u64 = 2;

        self.count("step", step);
        self.count("steps", STEPS);
    }

    /// Sets what texts about an invitation name: who invites, whom, and where it leads.
    pub(crate) fn about(&mut self, about: &Redemption, destination: &Destination) {
        let invitation = &about.invitation;
        self.set("organisation", organisation_name(&about.tenant, &about.primary_domain.name));
        self.set("domain", about.primary_domain.name.as_str());
        self.set("address", invitation.address.masked());
        self.set("guest-domain", invitation.address.domain());
        self.set("host", destination.host.as_str());
        let inviter = match invitation.inviter {
            Inviter::User(_) => "inviter",
            Inviter::Application(_) => "app",
        };
        self.set(inviter, clean_name(&invitation.inviter_name));
        if let Some(end) = invitation.expires_at {
            self.set("moment", dates::moment(self.language, end));
        }
    }

    pub(crate) fn text(&self, id: &str) -> String {
        self.catalogue.text(self.language, id, &self.args())
    }

    pub(crate) fn html(&self, id: &str) -> String {
        self.catalogue.html(self.language, id, &self.args())
    }

    fn args(&self) -> Args<'_> {
        self.variables.iter().fold(Args::new(), |args, (name, value)| match value {
            Variable::Text(text) => args.with(name, text.as_str()),
            Variable::Count(count) => args.count(name, *count),
        })
    }
}

/// The organisation as pages name it; its domain when nothing of the name can be shown.
pub(crate) fn organisation_name(tenant: &Tenant, domain: &str) -> String {
    let name = clean_name(&tenant.display_name);
    if name.is_empty() { domain.to_owned() } else { name }
}

/// Where a guest goes after accepting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The whole URL.
    pub(crate) url: String,
    /// What pages say of it.
    pub(crate) host: String,
}

impl Destination {
    /// The invitation's redirect URL unchanged, or our own My Apps in place of Microsoft's (`redemption.md` 2.6, S7).
    pub(crate) fn of(about: &Redemption, public_url: &Url, maps_myapps: bool) -> Self {
        let wanted = &about.invitation.redirect_url;
        let url = Url::parse(wanted).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        if wanted.is_empty() || (maps_myapps && about.invitation.leads_to_microsofts_my_apps()) {
            let mut ours = public_url.clone();
            ours.set_path("/myapps/");
            ours.set_query(Some(&format!("tenantid={}", about.tenant.id)));
            let host = ours.host_str().unwrap_or_default().to_owned();
            return Self { url: ours.into(), host };
        }

        let shown = if host.is_empty() { wanted.chars().take(60).collect() } else { host.to_owned() };
        Self { url: wanted.clone(), host: shown }
    }
}
