//! The sign-in that is judged: who, to what, with what, from where.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::civil::Date;

use super::truth::Missing;
use crate::well_known::DATAVERSE_APPLICATION;

/// One sign-in. What is `None` or unknown is unspecified: a policy that depends on it is undetermined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Who signs in.
    pub subject: Subject,
    /// The day of the sign-in, in UTC: what is enforced from a day on, or until one, is judged by it.
    pub day: Date,
    /// Application id of the resource. A web application that asks for an ID token is judged as a resource too
    /// (Source: Entra documentation, "Target resources"): evaluate once more with its own application id.
    pub application: String,
    /// Kind of client. A password grant counts as a modern native client (Source: Entra documentation, "Conditional Access conditions").
    pub client_app: ClientApp,
    /// Public address that Entra sees. With several candidates, evaluate once for each.
    pub ip: Option<IpAddr>,
    /// ISO 3166-1 alpha-2 code of the country of that address.
    pub country: Option<String>,
    /// Operating system that the client shows.
    pub platform: Option<Platform>,
    /// What is known of the device.
    pub device: Device,
    /// Risk of the sign-in.
    pub sign_in_risk: Option<RiskLevel>,
    /// Risk of the account.
    pub user_risk: Option<RiskLevel>,
    /// Risk of the workload identity.
    pub service_principal_risk: Option<RiskLevel>,
    /// Insider risk.
    pub insider_risk: Option<InsiderRisk>,
    /// Flow that Conditional Access tracks; `None` = cannot be told.
    pub flow: Option<Flow>,
    /// Whether the address is among the tenant's MFA trusted addresses, which Graph does not expose. While `None`, a
    /// policy that names them is undetermined; "all trusted locations" is then judged by the named locations alone
    /// when excluded, and undetermined when included and no named location matches.
    pub mfa_trusted_ip: Option<bool>,
}

impl SignIn {
    /// The contract's defaults: Dataverse, a modern native client, no tracked flow, all else unspecified.
    pub fn new(subject: Subject, day: Date) -> Self {
        Self {
            subject,
            day,
            application: DATAVERSE_APPLICATION.to_owned(),
            client_app: ClientApp::MobileAppsAndDesktopClients,
            ip: None,
            country: None,
            platform: None,
            device: Device::Unknown,
            sign_in_risk: None,
            user_risk: None,
            service_principal_risk: None,
            insider_risk: None,
            flow: Some(Flow::Ordinary),
            mfa_trusted_ip: None,
        }
    }

    /// The same sign-in, with every unspecified risk assumed to be none: what an ordinary day looks like.
    #[must_use]
    pub fn assuming_no_risk(mut self) -> Self {
        self.sign_in_risk.get_or_insert(RiskLevel::None);
        self.user_risk.get_or_insert(RiskLevel::None);
        self.service_principal_risk.get_or_insert(RiskLevel::None);
        self.insider_risk.get_or_insert(InsiderRisk::None);
        self
    }
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user.
    User(User),
    /// An application with its own credential.
    ServicePrincipal(ServicePrincipal),
}

/// A user account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Object id, if it could be read.
    pub id: Option<String>,
    /// Member, guest, or not known.
    pub kind: UserKind,
    /// Ids of all groups, nested ones included.
    pub groups: Membership,
    /// Template ids of the active, tenant-wide directory roles.
    pub roles: Membership,
}

/// A workload identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Object id of the service principal (not the application id), if it could be read.
    pub id: Option<String>,
    /// Whether it belongs to a single-tenant application registered in this tenant. Others, and managed identities,
    /// are out of the reach of every policy for workload identities, also of one that names them (Source: Entra
    /// documentation, "Conditional Access for workload identities").
    pub registered_here: Option<bool>,
}

/// A set of ids that could be read, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// All of them, in lower case.
    Known(BTreeSet<String>),
    /// The evidence could not be read.
    Unknown,
}

impl Membership {
    /// A complete set of ids.
    pub fn known<S: AsRef<str>>(ids: impl IntoIterator<Item = S>) -> Self {
        Self::Known(
            ids.into_iter()
                .map(|id| id.as_ref().to_ascii_lowercase())
                .collect(),
        )
    }
}

/// Whether a user is one of the tenant's own people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKind {
    /// An internal member.
    Member,
    /// A guest or an external user.
    External {
        /// Which kind, if it can be told.
        kind: Option<ExternalKind>,
        /// Tenant id of the home tenant, if it is known.
        home_tenant: Option<String>,
    },
    /// The user could not be read.
    Unknown,
}

impl UserKind {
    /// Reads it from `userType` and the UPN, in which an invited account carries `#EXT#`.
    pub fn from_directory(user_type: Option<&str>, user_principal_name: Option<&str>) -> Self {
        let invited = user_principal_name.map(|upn| upn.to_ascii_uppercase().contains("#EXT#"));
        let kind = match (user_type, invited) {
            (Some("Member"), Some(false)) => return Self::Member,
            (Some("Member"), Some(true)) => Some(ExternalKind::B2bCollaborationMember),
            (Some("Guest"), Some(true)) => Some(ExternalKind::B2bCollaborationGuest),
            (Some("Guest"), Some(false)) => Some(ExternalKind::InternalGuest),
            (Some("Guest"), None) => None,
            _ => return Self::Unknown,
        };
        Self::External {
            kind,
            home_tenant: None,
        }
    }
}

/// `conditionalAccessGuestOrExternalUserTypes` (Source: Microsoft Graph reference, conditionalAccessPolicy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExternalKind {
    /// Guest with an account of this tenant.
    InternalGuest,
    /// Invited, `userType` Guest.
    B2bCollaborationGuest,
    /// Invited, `userType` Member.
    B2bCollaborationMember,
    /// Shared-channel user without an account here.
    B2bDirectConnectUser,
    /// Any other external user.
    OtherExternalUser,
    /// A partner with delegated administration.
    ServiceProvider,
}

/// A set of values that the wire spells in one way.
macro_rules! wire_names {
    ($kind:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        impl $kind {
            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }

        impl FromStr for $kind {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                [$((Self::$variant, $name)),*]
                    .into_iter()
                    .find(|(_, name)| name.eq_ignore_ascii_case(text))
                    .map(|(value, _)| value)
                    .ok_or(UnknownName(&[$($name),*]))
            }
        }
    };
}

/// The text is none of these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of {}", .0.join(", "))]
pub struct UnknownName(&'static [&'static str]);

wire_names!(ExternalKind {
    InternalGuest = "internalGuest",
    B2bCollaborationGuest = "b2bCollaborationGuest",
    B2bCollaborationMember = "b2bCollaborationMember",
    B2bDirectConnectUser = "b2bDirectConnectUser",
    OtherExternalUser = "otherExternalUser",
    ServiceProvider = "serviceProvider",
});

/// Kind of client (`--client-app`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientApp {
    /// A browser or a web application.
    Browser,
    /// A native client with modern authentication, the password grant included.
    MobileAppsAndDesktopClients,
    /// Exchange ActiveSync.
    ExchangeActiveSync,
    /// A legacy protocol.
    Other,
}

wire_names!(ClientApp {
    Browser = "browser",
    MobileAppsAndDesktopClients = "mobileAppsAndDesktopClients",
    ExchangeActiveSync = "exchangeActiveSync",
    Other = "other",
});

/// Operating system (`--platform`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS.
    Ios,
    /// Windows, the server editions included.
    Windows,
    /// Windows Phone.
    WindowsPhone,
    /// macOS.
    MacOs,
    /// Linux.
    Linux,
}

wire_names!(Platform {
    Android = "android",
    Ios = "iOS",
    Windows = "windows",
    WindowsPhone = "windowsPhone",
    MacOs = "macOS",
    Linux = "linux",
});

/// What is known of the device. Nothing is claimed by default, although a service rarely has a registered one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// Not known: a filter for devices is undetermined.
    #[default]
    Unknown,
    /// Not registered in Entra: every device property is null, so that a filter of positive operators matches
    /// nothing and one of negative operators matches (Source: Entra documentation, filter for devices).
    Unregistered,
}

/// `riskLevel` (`--sign-in-risk`, `--user-risk`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RiskLevel {
    /// No risk.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// The tenant lacks the licence to see it.
    Hidden,
}

wire_names!(RiskLevel {
    None = "none",
    Low = "low",
    Medium = "medium",
    High = "high",
    Hidden = "hidden",
});

/// `insiderRiskLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InsiderRisk {
    /// No risk.
    None,
    /// Minor.
    Minor,
    /// Moderate.
    Moderate,
    /// Elevated.
    Elevated,
}

wire_names!(InsiderRisk {
    None = "none",
    Minor = "minor",
    Moderate = "moderate",
    Elevated = "elevated",
});

/// Flow that Conditional Access can tell apart (`--device-code`). A session that began with one stays tracked when its
/// refresh token is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Neither of the two below.
    Ordinary,
    /// Device code flow.
    DeviceCode,
    /// Authentication transfer between devices.
    AuthenticationTransfer,
}

wire_names!(Flow {
    Ordinary = "none",
    DeviceCode = "deviceCodeFlow",
    AuthenticationTransfer = "authenticationTransfer",
});

impl Subject {
    /// The object id, or what is missing.
    pub(super) fn id(&self) -> Result<&str, Missing> {
        match self {
            Self::User(user) => user.id.as_deref().ok_or(Missing::User),
            Self::ServicePrincipal(principal) => principal.id.as_deref().ok_or(Missing::ServicePrincipal),
        }
    }
}
