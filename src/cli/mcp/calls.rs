//! What an agent sends to each tool: its arguments, and why they cannot be used.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ask::{ANSWERS_SCHEMA, AnswersError, AnswersFile, Questions, Rung};
use crate::profile::Choice;

use super::allowed::Refused;

/// Arguments of `decode`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecodeCall {
    /// The error text itself: a message, a log, JSON, a trace, a redirect. It is never taken for the name of a file.
    pub(super) text: String,
}

/// Arguments of `check`. One of `snapshot` and `snapshot_json` is needed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckCall {
    /// Path of a snapshot file below a folder that the server was started with (--allow DIR).
    #[serde(default)]
    pub(super) snapshot: Option<String>,
    /// The snapshot itself (work365-doctor/snapshot/v1), as an object or as JSON text.
    #[serde(default)]
    pub(super) snapshot_json: Option<Value>,
    /// Whose guidance decides; default auto: what Work 365 itself does.
    #[serde(default)]
    #[schemars(extend("enum" = ["auto", "legacy-password", "consent", "application-user", null]))]
    pub(super) profile: Option<String>,
    /// The text of the error that was seen, joined with the findings. Never the name of a file.
    #[serde(default)]
    pub(super) error: Option<String>,
    /// What a person reported (work365-doctor/answers/v1), or only its list of answers.
    #[serde(default)]
    pub(super) answers: Option<Value>,
    /// The company's time zone: IANA name, Windows name, or Dataverse code.
    #[serde(default)]
    pub(super) time_zone: Option<String>,
}

/// Arguments of `ask`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskCall {
    /// What was seen: a symptom's id, or the person's own words (English, German, French, Spanish).
    #[serde(default)]
    pub(super) symptom: Option<String>,
    /// The text of the error that was seen. Never the name of a file.
    #[serde(default)]
    pub(super) error: Option<String>,
    /// The answers so far (work365-doctor/answers/v1), or only the list of them: `{"question": id, "value": …}`, or
    /// `{"question": id, "value": null, "why": "cannot-see"}`.
    #[serde(default)]
    pub(super) answers: Option<Value>,
    /// Path of a snapshot file below a folder that the server was started with (--allow DIR).
    #[serde(default)]
    pub(super) snapshot: Option<String>,
    /// What the person can see; each includes those before it. Default user.
    #[serde(default)]
    #[schemars(extend("enum" = ["none", "user", "helpdesk", "dynamics", "global", null]))]
    pub(super) rights: Option<String>,
    /// Whose guidance decides.
    #[serde(default)]
    #[schemars(extend("enum" = ["legacy-password", "consent", "application-user", null]))]
    pub(super) profile: Option<String>,
}

/// Arguments of `explain`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainCall {
    /// Id of a rule (`mfa-conditional-access`) or symptom (`reset-fails`), or an error code in any spelling
    /// (`AADSTS50076`, `50076`, `0x80040220`, `-2147220960`, `invalid_grant`).
    pub(super) id: String,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The arguments are not those of the tool.
    #[error("the arguments cannot be used: {0}")]
    Arguments(serde_json::Error),
    /// Neither evidence, or both.
    #[error(
        "give exactly one of `snapshot` (a path below --allow) and `snapshot_json` (the snapshot itself)"
    )]
    Evidence,
    /// A path that may not be read.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The evidence is no snapshot.
    #[error("{0}")]
    Snapshot(String),
    /// An argument has a value that nobody knows.
    #[error("`{name}`: {reason}")]
    Value {
        /// The argument.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The answers are none.
    #[error("`answers`: {0}")]
    Answers(#[from] AnswersError),
    /// Nothing has this name.
    #[error("{0}")]
    Unknown(String),
    /// The text could not be read to its end.
    #[error("the text cannot be read: {0}")]
    Read(std::io::Error),
    /// Whoever asked no longer wants to know.
    #[error("cancelled")]
    Cancelled,
}

/// The arguments of a call.
pub(super) fn arguments<T: DeserializeOwned>(given: Value) -> Result<T, CallError> {
    serde_json::from_value(given).map_err(CallError::Arguments)
}

/// The profile of a call to `check`.
pub(super) fn choice(given: Option<&str>, otherwise: Choice) -> Result<Choice, CallError> {
    given.map_or(Ok(otherwise), |name| {
        name.parse().map_err(|reason| CallError::Value {
            name: "profile",
            reason,
        })
    })
}

/// The rights of a call.
pub(super) fn rights(given: Option<&str>) -> Result<Rung, CallError> {
    let Some(name) = given else {
        return Ok(Rung::default());
    };
    Rung::ALL
        .into_iter()
        .find(|rung| rung.name() == name)
        .ok_or_else(|| CallError::Value {
            name: "rights",
            reason: format!("`{name}` is none of none, user, helpdesk, dynamics, global"),
        })
}

/// The answers of a call: a whole document, or only its list.
pub(super) fn answers(given: Option<Value>) -> Result<Option<AnswersFile>, CallError> {
    let document = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => serde_json::json!({"schema": ANSWERS_SCHEMA, "answers": list}),
        Some(document) => document,
    };
    let text = match document {
        Value::String(text) => text,
        document => document.to_string(),
    };
    Ok(Some(AnswersFile::from_bytes(
        text.as_bytes(),
        Questions::builtin(),
    )?))
}
