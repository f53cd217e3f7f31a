//! The comparison of two reports: one file a format, and what they share.

pub(crate) mod html;
pub(crate) mod markdown;
#[cfg(feature = "cli")]
pub(crate) mod reply;
pub(crate) mod table;

use crate::diagnosis::diff::{Change, ReportDiff, Side, SignIns};
use crate::diagnosis::report::{Status, Upcoming};
use crate::render::report::coming;
use crate::timeline::State;

/// What the whole comes to. What cannot be seen any more, or is judged by other guidance, is neither better nor worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Worse,
    Unclear,
    Better,
    Same,
    NotWorse,
}

impl Verdict {
    fn of(diff: &ReportDiff) -> Self {
        let was_lost = |change: &Change| {
            change.after == Some(Status::Unknown)
                && change.before.is_some_and(|before| before != Status::Unknown)
        };
        if diff.worse {
            Self::Worse
        } else if diff.changed.iter().any(was_lost) || diff.old.profile != diff.new.profile {
            Self::Unclear
        } else if !diff.fixed.is_empty() {
            Self::Better
        } else if diff.changed.is_empty() && diff.new_faults.is_empty() {
            Self::Same
        } else {
            Self::NotWorse
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Worse => "WORSE",
            Self::Unclear => "UNCLEAR",
            Self::Better => "BETTER",
            Self::Same => "SAME",
            Self::NotWorse => "NOT WORSE",
        }
    }

    /// The looks of an outcome that is as good or as bad.
    fn class(self) -> &'static str {
        match self {
            Self::Worse => "unhealthy",
            Self::Unclear | Self::NotWorse => "incomplete",
            Self::Better | Self::Same => "healthy",
        }
    }
}

/// What goes together, with what it is called.
struct Group<'a> {
    title: &'static str,
    changes: Vec<&'a Change>,
}

/// What is left to do first, then what differs, then what nobody knows. Each finding stands in one group.
fn groups(diff: &ReportDiff) -> Vec<Group<'_>> {
    let still = |change: &&Change| diff.still_failing.iter().any(|still| still.id == change.id);
    let groups = [
        ("Still failing", diff.still_failing.iter().collect()),
        ("New", diff.new_faults.iter().collect()),
        ("Fixed", diff.fixed.iter().collect()),
        (
            "Changed",
            diff.changed.iter().filter(|change| !still(change)).collect(),
        ),
        ("Still unknown", diff.still_unknown.iter().collect::<Vec<_>>()),
    ];
    groups
        .into_iter()
        .map(|(title, changes)| Group { title, changes })
        .filter(|group| !group.changes.is_empty())
        .collect()
}

/// One of the two reports in a line.
fn side(side: &Side) -> String {
    let judged = if side.generated_at == side.captured_at {
        String::new()
    } else {
        format!(", judged as of {}", side.generated_at)
    };
    format!(
        "{}, evidence of {}{judged}, rules {}, profile {}",
        side.outcome.word(),
        side.captured_at,
        side.rules,
        side.profile
    )
}

/// What differs in one finding, a line each.
fn details(change: &Change) -> Vec<String> {
    let before = change.before.map_or("not asked", |status| status.word());
    let after = change.after.map_or("not asked", |status| status.word());
    let worse = if change.worse { ", worse" } else { "" };
    let mut lines = Vec::new();
    if before != after {
        lines.push(format!("{before} → {after}{worse}"));
    } else if change.worse {
        lines.push("worse".to_owned());
    }
    // The arrow says it already.
    let said = format!("{before} became {after}");
    let others = change.differences.iter();
    lines.extend(others.filter(|line| !line.starts_with(&said)).cloned());
    lines
}

/// `failing → working: …`, when there is anything to say.
fn sign_ins(seen: &SignIns) -> String {
    let word = |state: Option<State>| state.map_or("not told", state_in_words);
    if seen.before == seen.after {
        return format!("{} in both: {}", word(seen.after), seen.summary);
    }
    format!("{} → {}: {}", word(seen.before), word(seen.after), seen.summary)
}

fn state_in_words(state: State) -> &'static str {
    match state {
        State::Working => "working",
        State::Recovered => "recovered",
        State::Failing => "failing",
        State::FailingThroughout => "failing throughout",
        State::PartlyFailing => "partly failing",
        State::Intermittent => "intermittent",
        State::NoSignIns => "no sign-ins",
        State::Unknown => "not read",
    }
}

/// What comes, with its day and who does what about it.
fn event(event: &Upcoming) -> String {
    let act = coming::act(event).map_or_else(String::new, |act| format!(" {act}"));
    format!("{}: {}{act}", coming::day(event), event.what)
}
