//! The rehearsal in words: one fix after another, who makes it, and what each one changes.

use crate::diagnosis::report::{Outcome, Rehearsal, RehearsalStep, Report};
use crate::render::page::Page;

/// The heading in every format.
pub(crate) const TITLE: &str = "If these were fixed";

/// What is assumed, and what it comes to.
pub(crate) fn in_short(rehearsal: &Rehearsal) -> String {
    let assumed = match rehearsal.assumed.as_slice() {
        [] => "nothing to fix".to_owned(),
        ids => ids.join(", "),
    };
    let then = match rehearsal.root_causes.as_slice() {
        [] => String::new(),
        ids => format!("; left to fix: {}", ids.join(", ")),
    };
    format!("{assumed}. Then {}{then}", rehearsal.outcome.word())
}

/// One step: which fix, whose, and how the account stands after it.
pub(crate) fn heading(step: &RehearsalStep) -> String {
    let next = if step.assumed { "" } else { " (next)" };
    format!(
        "{}{next}, by {}: then {}",
        step.fix,
        step.owner,
        step.outcome.word()
    )
}

/// What the step changes, a line each.
pub(crate) fn details(step: &RehearsalStep) -> Vec<String> {
    let others = |ids: &[String]| -> Vec<String> {
        ids.iter()
            .filter(|id| **id != step.fix && !step.breaks.contains(id))
            .cloned()
            .collect()
    };
    let mut lines = Vec::new();
    let mut say = |label: &str, ids: &[String]| {
        if !ids.is_empty() {
            lines.push(format!("{label}: {}", ids.join(", ")));
        }
    };
    say("gone with it", &others(&step.cured));
    say("shows only then", &others(&step.new));
    say("BROKEN by it", &step.breaks);
    if !step.cured.contains(&step.fix) {
        lines.push("there is no such fault now".to_owned());
    }
    lines.extend(step.caution.iter().map(|words| format!("mind: {words}")));
    lines
}

/// How the ladder ends, when it does not end healthy.
pub(crate) fn end(rehearsal: &Rehearsal) -> Option<String> {
    let last = rehearsal.steps.last()?;
    match last.outcome {
        Outcome::Healthy => None,
        outcome => Some(format!(
            "after the last step the account is {}: what the evidence does not answer stays open",
            outcome.word()
        )),
    }
}

impl Page {
    /// The rehearsal, if there is one.
    pub(crate) fn rehearsal(&mut self, report: &Report) {
        let Some(rehearsal) = &report.rehearsal else {
            return;
        };
        self.heading(TITLE);
        self.labelled(2, "Assumed", &in_short(rehearsal));
        for (position, step) in rehearsal.steps.iter().enumerate() {
            self.labelled(2, &format!("Step {}", position + 1), &heading(step));
            for line in details(step) {
                self.nested(&line);
            }
        }
        if let Some(end) = end(rehearsal) {
            self.labelled(2, "Left", &end);
        }
    }
}
