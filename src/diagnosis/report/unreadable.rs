//! What stands between a run and a full answer, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Checks that one and the same right would answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unreadable {
    /// The permission that is missing; null when no permission is.
    pub permission: Option<String>,
    /// The role that the signed-in person needs beside it.
    pub role: Option<String>,
    /// The tenant licence without which the service refuses.
    pub license: Option<String>,
    /// The sections that would be read.
    pub sections: Vec<String>,
    /// The rules that these answer.
    pub checks: Vec<String>,
    /// Where an administrator of the tenant consents to every Graph permission that this run lacks, in one go; null when
    /// the missing right is none of Graph.
    pub consent_url: Option<String>,
}
