//! Three-valued answers, why they were given, and what was missing when none could be given.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};

/// A part of a policy that decides whether it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Switched on, report-only or off.
    State,
    /// Users, guests, groups, roles, or workload identities.
    Users,
    /// The resource that a token is asked for.
    Applications,
    /// Kind of client: browser, modern native client, legacy protocols.
    ClientApps,
    /// Named locations.
    Locations,
    /// Operating system of the device.
    Platforms,
    /// Filter for devices.
    Devices,
    /// Risk of this sign-in.
    SignInRisk,
    /// Risk of the account.
    UserRisk,
    /// Risk of the workload identity.
    ServicePrincipalRisk,
    /// Insider risk (Purview adaptive protection).
    InsiderRisk,
    /// Risk of an agent.
    AgentRisk,
    /// Device code flow, authentication transfer.
    AuthenticationFlows,
    /// A part of the policy that this version does not know.
    Unrecognised,
}

/// What the decision lacks: the names of the contract's flags, and names for what no flag can give.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The address the sign-in comes from.
    Ip,
    /// The country the sign-in comes from.
    Country,
    /// The operating system.
    Platform,
    /// Sign-in risk.
    SignInRisk,
    /// User risk.
    UserRisk,
    /// Risk of the workload identity.
    ServicePrincipalRisk,
    /// Insider risk.
    InsiderRisk,
    /// Whether device code or authentication transfer is used.
    AuthenticationFlow,
    /// The object id of the account.
    User,
    /// The object id of the service principal.
    ServicePrincipal,
    /// Transitive group memberships.
    Groups,
    /// Active directory roles.
    Roles,
    /// Whether the account is a member or which kind of guest.
    UserType,
    /// The tenant a guest comes from.
    HomeTenant,
    /// Whether the service principal is a single-tenant one registered in this tenant.
    ServicePrincipalKind,
    /// Custom security attributes of the service principal.
    ServicePrincipalFilter,
    /// The tenant's named locations, or one of them.
    NamedLocations,
    /// The tenant's MFA trusted addresses, which Graph does not expose.
    MfaTrustedIps,
    /// A location by GPS, which only a person's phone gives.
    GpsLocation,
    /// Custom security attributes of the application.
    ApplicationFilter,
    /// Whether the application belongs to one of Microsoft's application groups.
    ApplicationGroup,
    /// Properties of the device.
    DeviceFilter,
    /// Whether an old policy without a client app list covers legacy clients.
    ClientApp,
    /// What an authentication strength demands.
    AuthenticationStrengths,
    /// Pages of the policy list.
    Policies,
    /// Something in the policy that this version does not know; holds its path and value.
    Unrecognised(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ip => "ip",
            Self::Country => "country",
            Self::Platform => "platform",
            Self::SignInRisk => "sign-in-risk",
            Self::UserRisk => "user-risk",
            Self::ServicePrincipalRisk => "service-principal-risk",
            Self::InsiderRisk => "insider-risk",
            Self::AuthenticationFlow => "authentication-flow",
            Self::User => "user",
            Self::ServicePrincipal => "service-principal",
            Self::Groups => "groups",
            Self::Roles => "roles",
            Self::UserType => "user-type",
            Self::HomeTenant => "home-tenant",
            Self::ServicePrincipalKind => "service-principal-kind",
            Self::ServicePrincipalFilter => "service-principal-filter",
            Self::NamedLocations => "named-locations",
            Self::MfaTrustedIps => "mfa-trusted-ips",
            Self::GpsLocation => "gps-location",
            Self::ApplicationFilter => "application-filter",
            Self::ApplicationGroup => "application-group",
            Self::DeviceFilter => "device-filter",
            Self::ClientApp => "client-app",
            Self::AuthenticationStrengths => "authentication-strengths",
            Self::Policies => "policies",
            Self::Unrecognised(what) => return write!(f, "unrecognised:{what}"),
        })
    }
}

impl Serialize for Missing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is missing, without duplicates and in a fixed order.
pub type MissingSet = BTreeSet<Missing>;

/// What kind of thing in the policy matched the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchKind {
    /// Everybody, everything, everywhere.
    All,
    /// The account itself.
    Account,
    /// A group.
    Group,
    /// A directory role template.
    Role,
    /// A kind of guest or external user.
    ExternalUser,
    /// The service principal itself.
    ServicePrincipal,
    /// The application itself.
    Application,
    /// One of Microsoft's application groups.
    ApplicationGroup,
    /// A named location.
    Location,
    /// Any trusted location.
    TrustedLocations,
    /// A value such as a platform, a risk level or a client type.
    Value,
}

/// What in the policy matched the sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Match {
    /// Its kind.
    pub kind: MatchKind,
    /// Id, name or value. Text from the tenant is untrusted.
    pub value: String,
}

impl Match {
    pub(super) fn new(kind: MatchKind, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { kind, value }
    }
}

/// How a condition came to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The policy does not set the condition.
    NotConfigured,
    /// The policy includes it.
    Included,
    /// The policy includes others only.
    NotIncluded,
    /// The policy excludes it.
    Excluded,
    /// The policy includes nobody or nothing.
    NothingSelected,
    /// The policy is about user actions only.
    UserActionsOnly,
    /// The policy is about authentication contexts only.
    AuthenticationContextOnly,
    /// The policy is for workload identities, this is a user.
    WorkloadsOnly,
    /// The policy is for users, this is a workload identity.
    UsersOnly,
    /// The policy is for agents only.
    AgentsOnly,
    /// The policy is for workload identities, and this one belongs to an application of another tenant.
    OutOfScope,
    /// The policy is switched off.
    Disabled,
}

/// Why a policy applies or does not, as data; [`super::reason_text`] makes a sentence of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Reason {
    /// The deciding condition.
    pub condition: Condition,
    /// How it decided.
    pub cause: Cause,
    /// What matched, if something did.
    pub matched: Option<Match>,
}

/// A three-valued answer of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    Yes(Cause, Option<Match>),
    No(Cause, Option<Match>),
    Unknown(MissingSet),
}

impl Truth {
    pub(super) const NOT_CONFIGURED: Self = Self::Yes(Cause::NotConfigured, None);
    pub(super) const NOT_INCLUDED: Self = Self::No(Cause::NotIncluded, None);
    pub(super) const NOTHING_SELECTED: Self = Self::No(Cause::NothingSelected, None);

    pub(super) fn included(kind: MatchKind, value: impl Into<String>) -> Self {
        Self::Yes(Cause::Included, Some(Match::new(kind, value)))
    }

    pub(super) fn unknown(missing: Missing) -> Self {
        Self::Unknown(MissingSet::from([missing]))
    }

    /// `included` when it holds, not included when not.
    pub(super) fn when(holds: bool, kind: MatchKind, value: impl Into<String>) -> Self {
        if holds {
            Self::included(kind, value)
        } else {
            Self::NOT_INCLUDED
        }
    }

    /// True if one is; unknown if one might be; else not included.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut missing = MissingSet::new();
        for part in parts {
            match part {
                Self::Yes(..) => return part,
                Self::Unknown(more) => missing.extend(more),
                Self::No(..) => {}
            }
        }
        if missing.is_empty() {
            Self::NOT_INCLUDED
        } else {
            Self::Unknown(missing)
        }
    }

    /// Both must hold; the second one tells what matched.
    pub(super) fn both(first: Self, second: Self) -> Self {
        match (first, second) {
            (no @ Self::No(..), _) | (Self::Yes(..), no) => no,
            (_, no @ Self::No(..)) => no,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.into_iter().chain(b).collect()),
            (unknown, Self::Yes(..)) => unknown,
        }
    }

    /// Included and not excluded: an exclusion wins over an inclusion, and an open exclusion leaves the answer open.
    pub(super) fn within(include: Self, exclude: Self) -> Self {
        match (include, exclude) {
            (no @ Self::No(..), _) => no,
            (_, Self::Yes(_, matched)) => Self::No(Cause::Excluded, matched),
            (include, Self::No(..)) => include,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.into_iter().chain(b).collect()),
            (Self::Yes(..), unknown) => unknown,
        }
    }
}
