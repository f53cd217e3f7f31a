//! The lock-out guard: advice that could take away the last way in is never given without the line that says so.
//!
//! Words and patterns are data: `rules/guards.yaml`.

use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::Deserialize;

use crate::embedded;
use crate::remedy::Remedy;

const FILE: &str = "rules/guards.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    guards: Vec<Guard>,
}

/// What must not stand alone, and what has to stand beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guard {
    /// Its name in complaints.
    pub(crate) id: String,
    /// One of these, in small letters, stands in every text that `danger` finds.
    hints: Vec<String>,
    danger: String,
    guard: String,
    /// What is said where nothing guards.
    pub(crate) line: String,
    #[serde(skip)]
    patterns: OnceLock<Option<(Regex, Regex)>>,
}

static GUARDS: LazyLock<Vec<Guard>> = LazyLock::new(|| {
    embedded::data::<File>(FILE)
        .map(|file| file.guards)
        .unwrap_or_default()
});

/// The guards that a remedy lacks.
pub(crate) fn missing(remedy: &Remedy) -> Vec<&'static Guard> {
    let mut acts = remedy.steps.join("\n");
    for command in &remedy.commands {
        acts.push('\n');
        acts.push_str(&command.text);
    }
    let small = acts.to_lowercase();
    let whole = || format!("{acts}\n{}\n{}", remedy.avoid, remedy.verify);
    GUARDS
        .iter()
        .filter(|guard| {
            guard.hints.iter().any(|hint| small.contains(hint.as_str()))
                && guard
                    .patterns()
                    .is_some_and(|(danger, guard)| danger.is_match(&acts) && !guard.is_match(&whole()))
        })
        .collect()
}

/// The remedy with the lines that it lacks.
pub(crate) fn guarded(mut remedy: Remedy) -> Remedy {
    let lines: Vec<&str> = missing(&remedy)
        .into_iter()
        .map(|guard| guard.line.as_str())
        .collect();
    if !lines.is_empty() {
        remedy.avoid = format!("{} {}", lines.join(" "), remedy.avoid);
    }
    remedy
}

impl Guard {
    fn patterns(&self) -> Option<&(Regex, Regex)> {
        self.patterns
            .get_or_init(|| Some((Regex::new(&self.danger).ok()?, Regex::new(&self.guard).ok()?)))
            .as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{GUARDS, guarded, missing};
    use crate::remedy::Remedy;

    fn advice(step: &str, avoid: &str) -> Remedy {
        Remedy {
            before: Vec::new(),
            owner: String::new(),
            steps: vec![step.to_owned()],
            commands: Vec::new(),
            avoid: avoid.to_owned(),
            verify: String::new(),
            links: Vec::new(),
        }
    }

    #[test]
    fn every_guard_compiles_and_its_own_line_satisfies_it() {
        assert!(GUARDS.len() >= 5);
        for guard in GUARDS.iter() {
            let patterns = guard.patterns();
            assert!(
                patterns.is_some_and(|(_, guarding)| guarding.is_match(&guard.line)),
                "{}",
                guard.id
            );
        }
    }

    #[test]
    fn what_could_lock_somebody_out_never_stands_alone() {
        for (step, avoid, wanted) in [
            ("Disable the policy.", "Nothing.", &["policy-off"][..]),
            ("Open the policy > Disabled.", "", &["policy-off"]),
            ("Switch off security defaults.", "", &["policy-off"]),
            ("Disable the policy.", "Exclude this one account instead.", &[]),
            ("Exclude all users from the policy.", "", &["everyone-excluded"]),
            ("Exclude this one account.", "", &[]),
            (
                "Remove the System Administrator role.",
                "",
                &["last-administrator"],
            ),
            (
                "Make the account Global Administrator.",
                "",
                &["global-administrator"],
            ),
            ("Activate Global Administrator for the time of the work.", "", &[]),
            ("Block the operator.", "", &["own-account"]),
            ("Assign the role Work 365 Service.", "", &[]),
        ] {
            let remedy = advice(step, avoid);
            let ids: Vec<&str> = missing(&remedy).iter().map(|guard| guard.id.as_str()).collect();
            assert_eq!(ids, wanted, "{step}");
            assert_eq!(guarded(remedy).avoid != avoid, !wanted.is_empty(), "{step}");
        }
    }
}
