//! What is known about a section before it is read, and the requests that make it.

/// A service that the collector talks to. Each has one origin and at most one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The sign-in service.
    Login,
    /// Microsoft Graph.
    Graph,
    /// The environment.
    Dataverse,
    /// The Power Platform admin API.
    Admin,
}

impl Service {
    /// The word for it in scripts and recordings.
    pub fn key(self) -> &'static str {
        match self {
            Service::Login => "login",
            Service::Graph => "graph",
            Service::Dataverse => "dataverse",
            Service::Admin => "admin",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Service::Login => "the sign-in service",
            Service::Graph => "Microsoft Graph",
            Service::Dataverse => "the environment",
            Service::Admin => "the Power Platform admin API",
        }
    }
}

/// Which kind of account a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Any.
    Both,
    /// A user only.
    User,
    /// An application user only.
    Application,
}

impl About {
    /// Whether a request is for this kind of account.
    pub fn covers(self, is_application: bool) -> bool {
        match self {
            About::Both => true,
            About::User => !is_application,
            About::Application => is_application,
        }
    }
}

/// Which part of its section a request reads, when several feed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The section itself.
    Main,
    /// `passwordProfile`, so that its refusal does not hide the rest of the user.
    PasswordProfile,
    /// By the account's name, where no id is known.
    ByName,
    /// Interactive sign-ins only, where the log cannot be filtered by kind.
    InteractiveOnly,
    /// The same of an application user.
    OfTheApplication,
    /// Changes of policies.
    Policies,
    /// Direct membership.
    Direct,
    /// Membership, nested groups included.
    Transitive,
    /// The one environment of this organisation, out of the tenant's list.
    ByOrganization,
    /// Every environment of the tenant.
    List,
    /// The environment's id, as the environment itself tells it.
    EnvironmentId,
    /// Roles of each team.
    Roles,
    /// Column security profiles of each team.
    Profiles,
    /// All privileges, where they cannot be asked for by name.
    FullList,
    /// Dataverse's own service principal.
    Dataverse,
    /// What the account's own row owns.
    OfTheAccount,
    /// The newest that succeeded.
    Succeeded,
    /// Those that failed.
    Failed,
    /// Those that are not over.
    Open,
    /// Every definition, where they cannot be filtered.
    Definitions,
    /// The columns of a table.
    Columns,
    /// How many there are of each state.
    Counts,
    /// The record's own history, where the audit table does not name what changed.
    ChangeHistory,
}

impl Part {
    /// The word for it in scripts and complaints; empty for the main one.
    pub fn name(self) -> &'static str {
        match self {
            Part::Main => "",
            Part::PasswordProfile => "password profile",
            Part::ByName => "by name",
            Part::InteractiveOnly => "interactive only",
            Part::OfTheApplication => "of the application",
            Part::Policies => "policies",
            Part::Direct => "direct",
            Part::Transitive => "transitive",
            Part::ByOrganization => "by organization",
            Part::List => "list",
            Part::EnvironmentId => "environment id",
            Part::Roles => "roles",
            Part::Profiles => "profiles",
            Part::FullList => "full list",
            Part::Dataverse => "dataverse",
            Part::OfTheAccount => "of the account",
            Part::Succeeded => "succeeded",
            Part::Failed => "failed",
            Part::Open => "open",
            Part::Definitions => "definitions",
            Part::Columns => "columns",
            Part::Counts => "counts",
            Part::ChangeHistory => "change history",
        }
    }
}

/// Requests that share one of Graph's limits for an application in a tenant.
///
/// Source: <https://learn.microsoft.com/graph/throttling-limits>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// No limit of its own.
    None,
    /// Reports and logs: five requests in ten seconds.
    Reports,
    /// Conditional Access and identity protection: one request a second for the whole tenant, all applications
    /// together, and a refusal names no time to wait.
    ConditionalAccess,
}

/// One request, before it is known for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Which part of the section.
    pub part: Part,
    /// Who answers.
    pub service: Service,
    /// Path and query with placeholders, unencoded.
    pub path: &'static str,
    /// Headers besides the usual ones.
    pub headers: &'static [(&'static str, &'static str)],
    /// Which kind of account it is for.
    pub about: About,
    /// Which limit it counts against.
    pub family: Family,
    /// The smallest permission that reads it, where it is not that of its section.
    pub permission: Option<&'static str>,
}

impl Request {
    pub(super) const fn to(service: Service, path: &'static str) -> Self {
        Self {
            part: Part::Main,
            service,
            path,
            headers: &[],
            about: About::Both,
            family: Family::None,
            permission: None,
        }
    }

    pub(super) const fn part(self, part: Part) -> Self {
        Self { part, ..self }
    }

    pub(super) const fn of_user(self) -> Self {
        Self {
            about: About::User,
            ..self
        }
    }

    pub(super) const fn of_application(self) -> Self {
        Self {
            about: About::Application,
            ..self
        }
    }

    pub(super) const fn privilege(self, name: &'static str) -> Self {
        Self {
            permission: Some(name),
            ..self
        }
    }

    pub(super) const fn limited(self, family: Family) -> Self {
        Self { family, ..self }
    }

    pub(super) const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

/// What is known about a section before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionInfo {
    /// Its name in a snapshot.
    pub name: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// The smallest permission that reads it: a Graph scope, or a Dataverse privilege.
    pub permission: Option<&'static str>,
    /// Wider permissions that read it as well, read-only ones.
    pub covered_by: &'static [&'static str],
    /// The smallest role that the signed-in person needs beside the permission.
    pub role: Option<&'static str>,
    /// The tenant licence without which the service refuses.
    pub license: Option<&'static str>,
    /// Whether it is a second opinion on what other sections say: without it nothing is missing.
    pub is_optional: bool,
    /// Whether Microsoft Graph in China has it.
    pub is_in_china: bool,
    /// Whether older versions did not collect it, so that snapshots without it are nothing to speak of.
    pub is_later: bool,
    /// Whether a list that was cut is an answer: a log from its newest entry on, or a list whose readers ask whether it goes on.
    pub(super) is_cut_readable: bool,
    /// Whether it was asked about one row of Dataverse, so that it says nothing of another row.
    pub(super) is_of_one_row: bool,
    /// The requests that make it; none for what a sign-in tells.
    pub requests: &'static [Request],
}

pub(super) const fn row(name: &'static str, holds: &'static str) -> SectionInfo {
    SectionInfo {
        name,
        holds,
        question: "",
        permission: None,
        covered_by: &[],
        role: None,
        license: None,
        is_optional: false,
        is_in_china: true,
        is_later: false,
        is_cut_readable: false,
        is_of_one_row: false,
        requests: &[],
    }
}

impl SectionInfo {
    pub(super) const fn answers(self, question: &'static str) -> Self {
        Self { question, ..self }
    }

    pub(super) const fn permission(self, least: &'static str, covered_by: &'static [&'static str]) -> Self {
        Self {
            permission: Some(least),
            covered_by,
            ..self
        }
    }

    pub(super) const fn privilege(self, name: &'static str) -> Self {
        Self {
            permission: Some(name),
            ..self
        }
    }

    pub(super) const fn role(self, role: &'static str) -> Self {
        Self {
            role: Some(role),
            ..self
        }
    }

    pub(super) const fn license(self, license: &'static str) -> Self {
        Self {
            license: Some(license),
            ..self
        }
    }

    pub(super) const fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }

    pub(super) const fn not_in_china(self) -> Self {
        Self {
            is_in_china: false,
            ..self
        }
    }

    pub(super) const fn of_one_row(self) -> Self {
        Self {
            is_of_one_row: true,
            ..self
        }
    }

    pub(super) const fn may_be_cut(self) -> Self {
        Self {
            is_cut_readable: true,
            ..self
        }
    }

    pub(super) const fn later(self) -> Self {
        Self {
            is_later: true,
            ..self
        }
    }

    pub(super) const fn asks(self, requests: &'static [Request]) -> Self {
        Self { requests, ..self }
    }
}
