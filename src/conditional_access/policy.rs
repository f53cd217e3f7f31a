//! A Conditional Access policy as this version understands it. What is not understood is kept by name.

use serde::Serialize;

use super::controls::{Grant, SessionControl};
use super::list::List;

/// State of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyState {
    /// Enforced.
    Enabled,
    /// Evaluated and logged only.
    ReportOnly,
    /// Off, or deleted.
    Disabled,
    /// Absent or not known to this version.
    Unknown,
}

/// One policy. A part that is `None` was null or absent.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: PolicyState,
    pub(super) template_id: Option<String>,
    pub(super) users: Option<Users>,
    pub(super) workloads: Option<Workloads>,
    pub(super) applications: Option<Applications>,
    pub(super) client_app_types: List,
    pub(super) locations: Option<Selection>,
    pub(super) platforms: Option<Selection>,
    pub(super) device_filter: Option<Filter>,
    pub(super) sign_in_risk: List,
    pub(super) user_risk: List,
    pub(super) service_principal_risk: List,
    pub(super) insider_risk: List,
    /// Risk of agents: only an agent can meet it.
    pub(super) agent_risk: List,
    pub(super) transfer_methods: List,
    /// Paths that hold something this version does not know.
    pub(super) unrecognised: Vec<String>,
    pub(super) grant: Grant,
    pub(super) session: Vec<SessionControl>,
}

/// How a property that every answer has, and this one lacks, stands in `unrecognised`.
pub(super) fn absent_mark(part: &str, key: &str) -> String {
    format!("{part}.{key} (absent)")
}

impl Policy {
    /// Whether a property that every answer has is absent.
    pub(super) fn lacks(&self, part: &str, key: &str) -> bool {
        self.unrecognised.contains(&absent_mark(part, key))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Users {
    pub(super) users: Selection,
    pub(super) groups: Selection,
    pub(super) roles: Selection,
    pub(super) include_external: Option<ExternalUsers>,
    pub(super) exclude_external: Option<ExternalUsers>,
}

#[derive(Debug, Clone)]
pub(super) struct ExternalUsers {
    pub(super) kinds: List,
    pub(super) tenants: Tenants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tenants {
    All,
    Listed(List),
    Unrecognised,
}

#[derive(Debug, Clone)]
pub(super) struct Workloads {
    pub(super) principals: Selection,
    pub(super) filter: Option<Filter>,
    /// Agents are selected, by id or by a filter.
    pub(super) agents: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Applications {
    pub(super) selection: Selection,
    pub(super) filter: Option<Filter>,
    pub(super) user_actions: List,
    pub(super) authentication_contexts: List,
}

#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) mode: FilterMode,
    pub(super) rule: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilterMode {
    Include,
    Exclude,
    Unrecognised,
}

/// An included and an excluded list.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    pub(super) include: List,
    pub(super) exclude: List,
}

impl Selection {
    pub(super) fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}
