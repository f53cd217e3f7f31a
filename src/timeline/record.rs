//! One record of a change, whatever log or object it comes from: the common form that `rules/timeline.yaml` is matched against.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

/// One record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) section: &'static str,
    pub(super) seen: Seen,
    /// Names of the properties that were changed, in lower case.
    pub(super) properties: Vec<String>,
    pub(super) marks: Vec<Mark>,
    /// What was changed: the policy, group, role or application.
    pub(super) target: Target,
    /// Who did it.
    pub(super) by: Option<String>,
    /// The Conditional Access policies that it touches, by id in lower case.
    pub(super) policies: BTreeSet<String>,
    /// What these demand.
    pub(super) controls: BTreeSet<Control>,
}

/// Where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// The directory's audit log: the activity in lower case.
    Audit(String),
    /// Dynamics 365's audit: the action's number.
    Dataverse(i64),
    /// A date on an object.
    Date(Date),
}

/// A date that stands on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Date {
    PolicyCreated,
    PolicyModified,
    PasswordChanged,
    SessionsValidFrom,
    RiskDetected,
    RiskDismissed,
    LocationModified,
    ApplicationAssigned,
    LicenseAssigned,
    LicenseEnded,
    EnvironmentCopied,
}

/// What is known about a record beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mark {
    On,
    Off,
    ReportOnly,
    WasOn,
    WasOff,
    Fewer,
    More,
    Replaced,
    ExclusionGroup,
    InclusionGroup,
    EnvironmentGroup,
    LicenseGroup,
    OurApplication,
}

/// What a policy demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Control {
    Mfa,
    Block,
    Device,
    External,
    Session,
    Unseen,
}

/// What was changed. Names are untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

impl Record {
    pub(super) fn new(at: Timestamp, section: &'static str, seen: Seen) -> Self {
        Self {
            at,
            section,
            seen,
            properties: Vec::new(),
            marks: Vec::new(),
            target: Target::default(),
            by: None,
            policies: BTreeSet::new(),
            controls: BTreeSet::new(),
        }
    }

    /// What the sentence calls it: the name in quotes, else the id, else nothing.
    pub(super) fn target_in_words(&self) -> String {
        match (&self.target.name, &self.target.id) {
            (Some(name), _) => format!("\"{name}\""),
            (None, Some(id)) => id.clone(),
            (None, None) => "(not named)".to_owned(),
        }
    }
}
