//! A tenant and its verified domains.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::TenantId;

/// An organisation with a directory of its own; Graph's `organization`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Version 4; in a dev store fixed per data folder.
    pub id: TenantId,
    /// What guests read as the organisation's name.
    pub display_name: String,
    /// Verified, always there, in lower case; what guests' user principal names end with.
    pub initial_domain: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The language of mail and pages when nothing else decides; a BCP 47 tag.
    pub preferred_language: Option<String>,
    /// Link shown on pages and in mail.
    pub privacy_statement_url: Option<String>,
    /// Whom a guest may ask about privacy.
    pub privacy_contact: Option<String>,
    /// For the organization resource.
    #[serde(default)]
    pub technical_notification_mails: Vec<String>,
    /// Two letters.
    #[serde(default)]
    pub country_letter_code: Option<String>,
}

/// A domain that a tenant has shown to be its own. Its addresses cannot be invited as guests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedDomain {
    /// In lower case.
    pub name: String,
    /// The primary domain, which pages name beside the organisation.
    pub is_default: bool,
    /// The domain that the tenant was made with.
    pub is_initial: bool,
}
