//! The shape of advice: who fixes it, how, what to leave alone, and how to prove it.
//!
//! Rules and error entries carry it as data under `rules/`; the report prints it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{is_environment, is_guid};

/// What to do about one fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Who must act: an id of `rules/owners.yaml` in a rule file, its spelled-out name in a report.
    pub owner: String,
    /// What whoever acts needs before the first step, for the places that the steps lead to: see `rules/portals.yaml`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// What to do, in order: one click path or one action a step. What can be done in the stead of the step before it begins
    /// with `Or`, `Otherwise` or the name of another path; steps of the form `If this is so: do that` in a row exclude each
    /// other.
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

impl Remedy {
    /// Everything that whoever acts does: the steps, and the commands.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        let commands = self.commands.iter().map(|command| command.text.as_str());
        self.steps.iter().map(String::as_str).chain(commands)
    }
}

/// One number of the list: a step, and what can be done in its stead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place<'a> {
    /// What to do.
    pub step: &'a str,
    /// What else does the same, or what to do in another case.
    pub alternatives: Vec<&'a str>,
}

/// How a step begins that stands for the one before it.
const INSTEAD: [&str; 5] = [
    "Otherwise",
    "Classic path",
    "Classic check",
    "Older path",
    "By version",
];

/// The steps as they are to be numbered: alternatives share a number, for they are no sequence.
pub fn places<S: AsRef<str>>(steps: &[S]) -> Vec<Place<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut before = "";
    for step in steps.iter().map(AsRef::as_ref) {
        let or = step.strip_prefix("Or: ").or(step.strip_prefix("Or "));
        let is_alternative = or.is_some()
            || INSTEAD.iter().any(|opening| step.starts_with(opening))
            || (is_case(step) && is_case(before));
        before = step;
        match places.last_mut() {
            Some(place) if is_alternative => place.alternatives.push(or.unwrap_or(step)),
            _ => places.push(Place {
                step,
                alternatives: Vec::new(),
            }),
        }
    }
    places
}

/// `If this is so: do that`; what stands in parentheses does not matter.
fn is_case(step: &str) -> bool {
    let mut depth = 0_usize;
    let mark = step.chars().find(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(character, ':' | ',' | '.')
    });
    step.starts_with("If ") && mark == Some(':')
}

/// What to do first, in a sentence that stands alone: where it depends on the case, every case.
pub fn first_step<S: AsRef<str>>(steps: &[S]) -> String {
    match places(steps).first() {
        Some(place) if is_case(place.step) => {
            let cases = std::iter::once(place.step).chain(place.alternatives.iter().copied());
            cases.collect::<Vec<_>>().join(" ")
        }
        Some(place) => place.step.to_owned(),
        None => String::new(),
    }
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

impl Shell {
    /// Whether a value may stand in a command for the placeholder of that name. What is pasted must do what was meant: an id
    /// is a GUID, an address of an environment is one of Microsoft's, and anything else has no character that a shell or a
    /// URL would read as more than text. A leading sign would be an option, a splat or a comment.
    pub(crate) fn takes(self, placeholder: &str, value: &str) -> bool {
        let name = placeholder.rsplit_once('.').map_or(placeholder, |(_, last)| last);
        if matches!(placeholder, "subject.environment") {
            return is_environment(value);
        }
        if name == "environment_id" {
            // `Default-` and the tenant's id is the environment that every tenant has.
            return is_guid(value.strip_prefix("Default-").unwrap_or(value));
        }
        if name == "id" || name.ends_with("_id") || matches!(name, "security_group" | "switched_off_sku") {
            return is_guid(value);
        }
        let is_text = |character: char| {
            character.is_ascii_alphanumeric()
                || matches!(character, '.' | '_' | '-' | '@')
                // In an HTTP request line a number sign cuts the URL off.
                || (character == '#' && self != Shell::Http)
        };
        let starts = value.starts_with(|first: char| first.is_ascii_alphanumeric());
        starts && !value.contains("..") && value.chars().all(is_text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Shell, first_step, places};

    #[test]
    fn an_id_in_a_command_is_a_guid_and_an_environment_is_one() {
        const ID: &str = "11111111-2222-4333-8444-555555555555";
        for (name, value, fits) in [
            ("user_row.id", ID, true),
            ("user_row.id", "me", false),
            ("user_row.id", "1)/x", false),
            ("subject.object_id", "svc@contoso.com", false),
            ("principal_id", ID, true),
            ("principal_id", "../roles", false),
            (
                "subject.environment_id",
                "Default-11111111-2222-4333-8444-555555555555",
                true,
            ),
            ("subject.environment_id", "a/../b", false),
            ("environment.security_group", "Finance", false),
            ("subject.environment", "https://contoso.crm4.dynamics.com", true),
            ("subject.environment", "https://evil.example", false),
            (
                "subject.environment",
                "https://contoso.crm4.dynamics.com/x",
                false,
            ),
            ("subject.account", "svc-d365@contoso.com", true),
            ("subject.account", "a/../../users/b@contoso.com", false),
            ("user", "o'neil@contoso.com", false),
            ("user", "..@contoso.com", false),
            ("privilege", "prvReadAccount", true),
        ] {
            assert_eq!(Shell::Http.takes(name, value), fits, "{name} {value}");
            assert_eq!(Shell::Powershell.takes(name, value), fits, "{name} {value}");
        }
        assert!(Shell::Powershell.takes("subject.account", "guest_x.com#EXT#@contoso.com"));
        assert!(!Shell::Http.takes("subject.account", "guest_x.com#EXT#@contoso.com"));
    }

    fn numbered(steps: &[&str]) -> Vec<usize> {
        places(steps)
            .iter()
            .map(|place| 1 + place.alternatives.len())
            .collect()
    }

    #[test]
    fn alternatives_share_a_number_and_a_sequence_does_not() {
        for (steps, expected) in [
            (&["Do this.", "Then that."][..], &[1, 1][..]),
            (
                &["Do this.", "Or: do that.", "Or do those.", "Then check."],
                &[3, 1],
            ),
            (&["Open it.", "Classic path: another menu.", "Save."], &[2, 1]),
            (
                &[
                    "If it was deleted: restore it.",
                    "If it never was (or, long ago): make it.",
                ],
                &[2],
            ),
            (
                &["If it was moved, choose it: there.", "If nobody can: ask."],
                &[1, 1],
            ),
            (&["Or nothing stands before it."], &[1]),
            (&[], &[]),
        ] {
            assert_eq!(numbered(steps), expected, "{steps:?}");
        }
        assert_eq!(places(&["One.", "Or: two."])[0].alternatives, ["two."]);
    }

    #[test]
    fn the_first_step_stands_alone() {
        assert_eq!(first_step(&["Do this.", "Or that."]), "Do this.");
        assert_eq!(
            first_step(&["If a: b.", "If c: d.", "Then e."]),
            "If a: b. If c: d."
        );
        assert_eq!(first_step::<&str>(&[]), "");
    }
}
