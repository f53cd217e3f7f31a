//! What stands between a run and a full answer, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What settles a question where no right does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Remaining {
    /// The tokens were not accepted: a new sign-in.
    SignIn,
    /// The service refused this person, and no right of its own is known that it wants: somebody whom it admits.
    Person,
    /// The service failed: another try.
    Retry,
    /// It was not asked, or the answer lacks what is asked: fresh evidence.
    Capture,
}

/// Checks that one and the same right would answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unreadable {
    /// The permission that is missing; null when no permission is.
    pub permission: Option<String>,
    /// The role that the signed-in person needs beside it.
    pub role: Option<String>,
    /// The tenant licence without which the service refuses.
    pub license: Option<String>,
    /// What settles it where no right does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<Remaining>,
    /// The sections that would be read.
    pub sections: Vec<String>,
    /// The rules that these answer.
    pub checks: Vec<String>,
    /// Where an administrator of the tenant consents to every Graph permission that this run lacks, in one go; null when
    /// the missing right is none of Graph.
    pub consent_url: Option<String>,
}
