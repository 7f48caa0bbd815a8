//! Microsoft Graph permissions and directory roles, with their published ids (`graph.md` 3.14, 3.18).

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

macro_rules! permissions {
    ($($variant:ident = $name:literal, $role:expr, $scope:expr;)*) => {
        /// A permission of the Microsoft Graph resource, delegated or application.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each variant is the published name without its dots")]
        pub enum Permission { $($variant,)* }

        impl Permission {
            /// Every permission that this release knows.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As Microsoft's permissions reference spells it.
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// The id of the app role, `None` when it exists as a delegated permission only.
            pub fn app_role(self) -> Option<Uuid> { match self { $(Self::$variant => $role,)* } }

            /// The id of the delegated scope.
            pub fn scope(self) -> Uuid { match self { $(Self::$variant => $scope,)* } }
        }
    };
}

permissions! {
    UserInviteAll = "User.Invite.All", Some(uuid!("09850681-111b-4a89-9bed-3f2cae46d706")), uuid!("63dd7cd9-b489-4adf-a28c-ac38b9a0f962");
    UserRead = "User.Read", None, uuid!("e1fe6dd8-ba31-4d61-89e7-88639da4683d");
    UserReadBasicAll = "User.ReadBasic.All", Some(uuid!("97235f07-e226-4f63-ace3-39588e11d3a1")), uuid!("b340eb25-3456-403f-be2f-af7a0d370277");
    UserReadAll = "User.Read.All", Some(uuid!("df021288-bdef-4463-88db-98f22de89214")), uuid!("a154be20-db9c-4678-8ab7-66f6cc099a59");
    UserReadWrite = "User.ReadWrite", None, uuid!("b4e74841-8e56-480b-be8b-910348b18b4c");
    UserReadWriteAll = "User.ReadWrite.All", Some(uuid!("741f803b-c850-494e-b5df-cde7c675a1ca")), uuid!("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4");
    DirectoryReadAll = "Directory.Read.All", Some(uuid!("7ab1d382-f21e-4acd-a863-ba3e13f7da61")), uuid!("06da0dbc-49e2-44d2-8312-53f166ab848a");
    DirectoryReadWriteAll = "Directory.ReadWrite.All", Some(uuid!("19dbc75e-c2e2-444c-a770-ec69d8559fc7")), uuid!("c5366453-9fb0-48a5-a156-24f0c49a4b84");
    AuditLogReadAll = "AuditLog.Read.All", Some(uuid!("b0afded3-3588-46d8-8b3d-9842eff778da")), uuid!("e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20");
    PolicyReadAll = "Policy.Read.All", Some(uuid!("246dd0d5-5bd0-4def-940b-0421030a5b68")), uuid!("572fea84-0151-49b2-9301-11cb16974376");
    PolicyReadWriteAuthorization = "Policy.ReadWrite.Authorization", Some(uuid!("fb221be6-99f2-473f-bd32-01c6a0e9ca3b")), uuid!("edd3c878-b384-41fd-95ad-e7407dd775be");
    OrganizationReadAll = "Organization.Read.All", Some(uuid!("498476ce-e0fe-48b0-b801-37ba7e2685c6")), uuid!("4908d5b9-3fb2-4b1e-9336-1888b7937185");
    DomainReadAll = "Domain.Read.All", Some(uuid!("dbb9058a-0e50-45d7-ae91-66909b5d4664")), uuid!("2f9ee017-59c1-4f1d-9472-bd5529a7b311");
    DomainReadWriteAll = "Domain.ReadWrite.All", Some(uuid!("7e05723c-0bb0-42da-be95-ae9f08a6e53c")), uuid!("0b5d694c-a244-4bde-86e6-eb5cd07730fe");
}

impl Permission {
    /// Finds a permission by name; case does not matter, as Entra compares them.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown permission '{name}'")))
    }
}

/// A built-in directory role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each variant is the published display name")]
pub enum DirectoryRole {
    GlobalAdministrator,
    UserAdministrator,
    GuestInviter,
    HelpdeskAdministrator,
    DirectoryWriters,
    DirectoryReaders,
    GlobalReader,
    ApplicationAdministrator,
    PrivilegedRoleAdministrator,
    ExternalIdentityProviderAdministrator,
    ReportsReader,
}

impl DirectoryRole {
    /// Every role that this release knows.
    pub const ALL: &[Self] = &[
        Self::GlobalAdministrator,
        Self::UserAdministrator,
        Self::GuestInviter,
        Self::HelpdeskAdministrator,
        Self::DirectoryWriters,
        Self::DirectoryReaders,
        Self::GlobalReader,
        Self::ApplicationAdministrator,
        Self::PrivilegedRoleAdministrator,
        Self::ExternalIdentityProviderAdministrator,
        Self::ReportsReader,
    ];

    /// As Microsoft's page "Microsoft Entra built-in roles" spells it.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "Global Administrator",
            Self::UserAdministrator => "User Administrator",
            Self::GuestInviter => "Guest Inviter",
            Self::HelpdeskAdministrator => "Helpdesk Administrator",
            Self::DirectoryWriters => "Directory Writers",
            Self::DirectoryReaders => "Directory Readers",
            Self::GlobalReader => "Global Reader",
            Self::ApplicationAdministrator => "Application Administrator",
            Self::PrivilegedRoleAdministrator => "Privileged Role Administrator",
            Self::ExternalIdentityProviderAdministrator => "External Identity Provider Administrator",
            Self::ReportsReader => "Reports Reader",
        }
    }

    /// The published template id, which tokens carry as `wids`.
    pub fn template(self) -> Uuid {
        match self {
            Self::GlobalAdministrator => uuid!("62e90394-69f5-4237-9190-012177145e10"),
            Self::UserAdministrator => uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"),
            Self::GuestInviter => uuid!("95e79109-95c0-4d8e-aee3-d01accf2d47b"),
            Self::HelpdeskAdministrator => uuid!("729827e3-9c14-49f7-bb1b-9608f156bbb8"),
            Self::DirectoryWriters => uuid!("9360feb5-f418-4baa-8175-e2a00bac4301"),
            Self::DirectoryReaders => uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
            Self::GlobalReader => uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
            Self::ApplicationAdministrator => uuid!("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
            Self::PrivilegedRoleAdministrator => uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"),
            Self::ExternalIdentityProviderAdministrator => uuid!("be2f45a1-457d-42af-a067-6ec1fa63bc45"),
            Self::ReportsReader => uuid!("4a5d8f65-41da-4de4-8968-e035b65339cf"),
        }
    }

    /// Finds a role by its display name (any case, blanks optional) or template id.
    pub fn find(name: &str) -> Option<Self> {
        let squeeze = |text: &str| text.replace(' ', "").to_ascii_lowercase();
        Self::ALL.iter().copied().find(|role| {
            squeeze(role.display_name()) == squeeze(name)
                || role.template().to_string().eq_ignore_ascii_case(name)
        })
    }
}
