//! The report: the frozen machine format `work365-doctor/report/v1`.
//!
//! Keys are only ever added. Renderers read this and decide nothing.

mod comparison;
mod contradiction;
mod exception;
mod finding;
mod outcome;
mod profile_verdict;
mod rehearsal;
mod unreadable;
mod upcoming;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::path_at;
pub use crate::ask::AskQuestion;
use crate::decode::PasswordVerdict;
use crate::decode::model::Unrecognised;
pub use crate::facts::UnknownBecause;
use crate::json_reader;
use crate::profile::Profile;
use crate::timeline::Timeline;

pub use comparison::{ComparedWith, Comparison, Difference, DifferenceKind};
pub use contradiction::Contradiction;
pub use exception::{Accepted, Exception, ExceptionState};
pub use finding::{Evidence, Finding, Guidance, Status};
pub use outcome::{Outcome, Summary};
pub use profile_verdict::{ProfileVerdict, SpeaksFor};
pub use rehearsal::{Rehearsal, RehearsalStep};
pub use unreadable::{Remaining, Unreadable};
pub use upcoming::{Upcoming, UpcomingKind};

/// The schema name that every report carries.
pub const SCHEMA: &str = "work365-doctor/report/v1";

/// One account, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Where the evidence stands, when one run judges that of many accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Which program wrote it.
    pub tool: Tool,
    /// Which rules judged.
    pub rule_pack: RulePack,
    /// Whose guidance decided.
    pub profile: Profile,
    /// Ages are judged as of this instant; `captured_at` for a snapshot unless `--now` says otherwise.
    pub generated_at: String,
    /// When the evidence was collected.
    pub captured_at: String,
    /// What was checked.
    pub subject: ReportSubject,
    /// Counts and outcome.
    pub summary: Summary,
    /// One diagnosis.
    pub diagnosis: Diagnosis,
    /// Every selected rule's answer, in gate order.
    pub findings: Vec<Finding>,
    /// Decoded errors that were joined with the findings.
    pub errors: Vec<Value>,
    /// What helps more than the text that was given as the error, when nothing known was found in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecognised_error: Option<Unrecognised>,
    /// Every request made; empty offline.
    pub requests: Vec<Request>,
    /// What became of each exception in the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// What differs from a working account (`--compare-with`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Since when sign-ins fail, and which changes could explain it; absent in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
    /// How each of the three profiles would judge the same evidence; empty in reports of older versions.
    #[serde(default)]
    pub profiles: Vec<ProfileVerdict>,
    /// What time will break, and when; empty in reports of older versions.
    #[serde(default)]
    pub upcoming: Vec<Upcoming>,
    /// The case judged again as if findings were fixed (`--assume-fixed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Rehearsal>,
    /// The three looks that would tell most, best first, when the evidence does not settle the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<AskQuestion>,
    /// What a person answered and the evidence says otherwise; what was read decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradiction>,
}

impl Report {
    /// Ids of the rules whose fault somebody accepted.
    pub fn accepted_rules(&self) -> impl Iterator<Item = &str> {
        let applied = |exception: &&Exception| exception.state == ExceptionState::Applied;
        let exceptions = self.exceptions.iter().filter(applied);
        exceptions.map(|exception| exception.rule.as_str())
    }
}

/// Reads a saved report.
///
/// # Errors
///
/// A message that says what is wrong and at which JSON path.
pub fn from_bytes(bytes: &[u8]) -> Result<Report, String> {
    #[derive(Deserialize)]
    struct OnlySchema {
        schema: String,
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let only: OnlySchema =
        json_reader::from_bytes(bytes).map_err(|error| format!("no JSON with a schema name: {error}"))?;
    if only.schema != SCHEMA {
        return Err(format!(
            "the schema is `{}`; this version reads `{SCHEMA}`",
            only.schema
        ));
    }
    json_reader::from_bytes(bytes).map_err(|error| {
        let path = path_at(bytes, error.line(), error.column());
        match path.as_str() {
            "" | "." => error.to_string(),
            path => format!("at {path}: {error}"),
        }
    })
}

/// Name and version of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// The rules that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulePack {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 over the names and contents of all rule files, lower-case hex.
    pub sha256: String,
}

/// The account and environment of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportSubject {
    /// UPN or application id.
    pub account: String,
    /// Entra object id, if known.
    pub object_id: Option<String>,
    /// Tenant id, if known.
    pub tenant_id: Option<String>,
    /// Address of the environment, if known.
    pub environment: Option<String>,
}

/// The one answer that a reader takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// One sentence.
    pub headline: String,
    /// Rule ids in the order to fix them.
    pub root_causes: Vec<String>,
    /// What the evidence proves about the password.
    pub password: PasswordVerdict,
    /// Who does what first.
    pub next_step: String,
    /// What to do after the fix.
    pub checklist: Vec<String>,
    /// The profile that the evidence speaks for, when it is another one.
    pub profile_hint: Option<Profile>,
    /// Whose guidance decided, and why: "judged as … because …"; empty in reports of older versions.
    #[serde(default)]
    pub judged_as: String,
    /// What stands between this run and a full answer, the smallest set of rights first; empty in reports of older versions.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
}

/// One request of a live run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// URL template, without names.
    pub url: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Milliseconds.
    pub milliseconds: u64,
    /// How often it was sent.
    pub attempts: u32,
    /// The id that it carried: Microsoft support finds the request by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
}
