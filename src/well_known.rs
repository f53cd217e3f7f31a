//! Ids that are the same in every tenant and environment: applications of Work 365 and Microsoft, templates of built-in roles; and
//! how files of other programs begin.

/// A ZIP archive: a case file, a workbook, a document.
pub(crate) const ZIP: &[u8] = b"PK\x03\x04";

/// What gzip packed.
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Application ids of Work 365: United States, Europe.
pub(crate) const WORK_365_APPLICATIONS: [&str; 2] = [
    "e4b1a995-abe3-4350-a61c-65fccd32e8bd",
    "5e56ae97-9be1-40d3-938b-99ea52175a30",
];

/// Application id of Dataverse, the resource that Work 365 signs in to. Source: <https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>.
pub const DATAVERSE_APPLICATION: &str = "00000007-0000-0000-c000-000000000000";

/// Application id of Microsoft Graph. Source: as above.
pub(crate) const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

/// Template id of the directory role Power Platform Administrator. Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
pub(crate) const POWER_PLATFORM_ADMINISTRATOR: &str = "11648597-926c-4cf3-9c36-bcebb0ba8dcc";

/// Template id of the directory role Dynamics 365 Administrator. Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
pub(crate) const DYNAMICS_365_ADMINISTRATOR: &str = "44367163-eba1-44c3-98af-f5787879f96a";

/// Template id of the directory role Global Administrator. Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Template id of the security role System Administrator. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/role>.
pub(crate) const SYSTEM_ADMINISTRATOR: &str = "627090ff-40a3-4053-8790-584edc5be201";
