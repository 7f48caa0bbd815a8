//! What a tenant allows: who may invite, whom, and what guests may see.

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// Every policy of a tenant that a decision reads, one object with one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantPolicy {
    /// `authorizationPolicy.allowInvitesFrom`.
    pub allow_invites_from: AllowInvitesFrom,
    /// `authorizationPolicy.guestUserRoleId`.
    pub guest_user_role: Uuid,
    /// The B2B domain list.
    pub domain_list: DomainList,
    /// Whether passcodes by mail are a method (`allowExternalIdToUseEmailOtp`; `default` means on).
    pub passcodes: PasscodePolicy,
    /// Raised by the tenant when consent must be asked again.
    pub consent_version: u32,
}

impl Default for TenantPolicy {
    fn default() -> Self {
        Self {
            allow_invites_from: AllowInvitesFrom::Everyone,
            guest_user_role: GUEST_USER_ROLE_LIMITED,
            domain_list: DomainList::Any,
            passcodes: PasscodePolicy::Default,
            consent_version: 1,
        }
    }
}

/// "Guest User", the default of `guestUserRoleId` (Microsoft Graph, authorizationPolicy).
pub const GUEST_USER_ROLE_LIMITED: Uuid = uuid!("10dae51f-b6af-4016-8d66-8c2a99b929b3");

/// `authorizationPolicy.allowInvitesFrom`, from the strictest to the most open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the published values")]
pub enum AllowInvitesFrom {
    None,
    AdminsAndGuestInviters,
    AdminsGuestInvitersAndAllMembers,
    Everyone,
}

/// `externalEmailOtpState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the published values")]
pub enum PasscodePolicy {
    Default,
    Enabled,
    Disabled,
}

/// Which domains may be invited: one kind of list or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DomainList {
    /// No restriction.
    Any,
    /// Only these.
    Allow(Vec<String>),
    /// All but these.
    Deny(Vec<String>),
}

impl DomainList {
    /// Whether `domain` (in lower case) may be invited. An entry matches whole; `*.example.com` matches subdomains only.
    pub fn allows(&self, domain: &str) -> bool {
        let is_listed = |entries: &[String]| entries.iter().any(|entry| matches_domain(entry, domain));
        match self {
            Self::Any => true,
            Self::Allow(entries) => is_listed(entries),
            Self::Deny(entries) => !is_listed(entries),
        }
    }
}

fn matches_domain(entry: &str, domain: &str) -> bool {
    match entry.strip_prefix("*.") {
        Some(parent) => domain
            .len()
            .checked_sub(parent.len() + 1)
            .is_some_and(|at| domain.as_bytes()[at] == b'.' && domain[at + 1..].eq_ignore_ascii_case(parent)),
        None => entry.eq_ignore_ascii_case(domain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_entry_matches_whole_and_a_star_matches_subdomains_only() {
        for (entry, domain, is_match) in [
            ("contoso.com", "contoso.com", true),
            ("Contoso.com", "contoso.com", true),
            ("contoso.com", "mail.contoso.com", false),
            ("contoso.com", "notcontoso.com", false),
            ("*.contoso.com", "mail.contoso.com", true),
            ("*.contoso.com", "a.b.contoso.com", true),
            ("*.contoso.com", "contoso.com", false),
            ("*.contoso.com", "notcontoso.com", false),
        ] {
            assert_eq!(matches_domain(entry, domain), is_match, "{entry} {domain}");
        }
    }
}
