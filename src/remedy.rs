//! The shape of advice: who fixes it, how, what to leave alone, and how to prove it.
//!
//! Rules and error entries carry it as data under `rules/`; the report prints it (`CONTRACT.md` section 4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to do about one fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Who must act: an id of `rules/owners.yaml` in a rule file, its spelled-out name in a report.
    pub owner: String,
    /// What to do, in order: one click path or one action a step.
    pub steps: Vec<String>,
    /// The same as commands to paste.
    #[serde(default)]
    pub commands: Vec<Command>,
    /// What makes it worse.
    pub avoid: String,
    /// How to prove that it is fixed.
    pub verify: String,
    /// Where the guidance can be read. `https` only.
    #[serde(default)]
    pub links: Vec<String>,
}

/// One command to paste, never executed by this tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Which program understands it.
    pub shell: Shell,
    /// The command. In a rule file it holds `{fact}` placeholders.
    pub text: String,
}

/// The program that a [`Command`] is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// PowerShell 7 with Microsoft's modules.
    Powershell,
    /// A POSIX shell, usually with the Azure CLI.
    Bash,
    /// An HTTP request: method, URL and body, for any HTTP client.
    Http,
}
