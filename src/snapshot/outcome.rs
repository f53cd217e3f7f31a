//! How one question to a service ended, and what it was about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What a snapshot is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Subject {
    /// UPN of the service account, or the application id of an application user.
    pub account: String,
    /// Origin of the environment, as `https://contoso.crm4.dynamics.com`.
    pub environment: Option<String>,
    /// Tenant id.
    pub tenant_id: Option<String>,
    /// `public`, `gcc`, `gcc-high`, `dod`, `china`.
    pub cloud: Option<String>,
}

impl Subject {
    /// Whether the account was named by an address, as people are, and not by an application's id.
    pub fn is_address(&self) -> bool {
        self.account.contains('@')
    }

    /// Without blanks around anything, and without a slash behind the environment: one spelling of one thing.
    pub(super) fn tidied(self) -> Self {
        let tidy = |text: String| text.trim().to_owned();
        Self {
            account: tidy(self.account),
            environment: self
                .environment
                .map(|environment| tidy(environment).trim_end_matches('/').to_owned()),
            tenant_id: self.tenant_id.map(tidy),
            cloud: self.cloud.map(tidy),
        }
    }
}

/// How one question to a service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered.
    Ok,
    /// Refused: 401 or 403.
    Denied,
    /// 404: an answer, not a failure to read.
    NotFound,
    /// Anything else: transport, 5xx, malformed.
    Failed,
    /// Not asked.
    Skipped,
}

/// One section: an outcome and the service's raw answer.
#[derive(Debug, Deserialize)]
pub struct Section {
    /// How it ended.
    pub outcome: Outcome,
    /// When it was read, RFC 3339.
    #[serde(default)]
    pub read_at: Option<String>,
    /// HTTP status, if there was an answer.
    #[serde(default)]
    pub http_status: Option<u16>,
    /// What went wrong, for `failed`.
    #[serde(default)]
    pub detail: Option<String>,
    /// The body as it came.
    #[serde(default)]
    pub body: Option<Box<RawValue>>,
}
