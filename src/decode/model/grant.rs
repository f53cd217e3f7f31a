//! The right that a refusal of Dataverse asks for: who lacks which on what, and the ways to give it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The right that a refusal of Dataverse asks for. What the text does not say is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// Who lacks it.
    pub principal: Principal,
    /// Who called, where the text says so; he may act for the principal.
    pub caller: Option<Principal>,
    /// Who owns the record.
    pub owner: Option<Principal>,
    /// The privilege, as in `prvReadAccount`.
    pub privilege: Option<String>,
    /// The logical name of the table.
    pub table: Option<String>,
    /// The rights, without "Access".
    pub access_rights: Vec<String>,
    /// Which check refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// How wide the right has to reach.
    pub depth_needed: Option<Depth>,
    /// How wide it reaches today.
    pub depth_held: Option<Depth>,
    /// The principal's access mode.
    pub access_mode: Option<String>,
    /// What would give the right, the smallest grant first; empty where only a text is known.
    pub options: Vec<GrantOption>,
}

/// A party of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Principal {
    /// What it is.
    pub kind: Option<PrincipalKind>,
    /// Its id in Dataverse.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// What a party of a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    /// A user.
    User,
    /// A team.
    Team,
    /// An application user.
    Application,
}

impl PrincipalKind {
    /// The word that tables and JSON use.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Application => "application",
        }
    }
}

/// What Dataverse asks one after the other before it lets somebody at a record
/// (<https://learn.microsoft.com/power-platform/admin/how-record-access-determined>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// Whether the principal holds the privilege at all.
    Privilege,
    /// Whether it reaches this one record; the check of the privilege was passed.
    Access,
    /// Whether a column security profile lets it at a secured column: no role does.
    Column,
}

/// How wide a privilege reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// The principal's own records.
    Basic,
    /// Its business unit.
    Local,
    /// Its business unit and those below.
    Deep,
    /// The whole organisation.
    Global,
}

impl Depth {
    /// The depth of that name, as Dataverse and the tables write it.
    pub(crate) fn called(word: &str) -> Option<Self> {
        let all = [Self::Basic, Self::Local, Self::Deep, Self::Global];
        all.into_iter()
            .find(|depth| depth.word().eq_ignore_ascii_case(word))
    }

    /// The word that tables and JSON use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Local => "local",
            Self::Deep => "deep",
            Self::Global => "global",
        }
    }
}

/// One way to give a right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantOption {
    /// What is done.
    #[serde(rename = "do")]
    pub action: GrantAction,
    /// The role.
    pub role: Option<String>,
    /// The business unit.
    pub business_unit: Option<String>,
    /// How wide it reaches.
    pub depth: Option<Depth>,
    /// Why it would be enough.
    pub why: String,
    /// True for the smallest grant of all.
    pub least: bool,
}

/// What is done to give a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GrantAction {
    /// Assign a role.
    Role,
    /// Widen a role's privilege.
    Depth,
    /// Share the record.
    Share,
    /// Join a team.
    Team,
    /// Change the access mode.
    AccessMode,
    /// Wait until a change is in effect.
    Wait,
}
