//! The timeline for people: what of it is shown, and the words between its numbers. The formats put the marks.

use super::shown::gap_and_right;
use crate::diagnosis::report::Report;
use crate::facts::Reason;
use crate::text::one_line;
use crate::timeline::{Change, CodeSeen, NotRead, State, Timeline};

/// So many changes that could explain the codes are shown where there is little room.
pub(crate) const CHANGES: usize = 2;

/// The timeline of a report, when there is something to tell: sign-ins or jobs fail, a change could explain what is wrong, or
/// a log refused to say since when.
pub(crate) fn to_tell(report: &Report) -> Option<&Timeline> {
    let timeline = report.timeline.as_ref()?;
    let is_wrong = !report.diagnosis.root_causes.is_empty();
    let refused = timeline.state == State::Unknown && timeline.not_read.iter().any(was_refused);
    let explains = timeline.changes.iter().any(|change| change.rank.is_some());
    let jobs_fail = timeline
        .jobs
        .as_ref()
        .is_some_and(|jobs| jobs.first_failure.is_some());
    let is_told = timeline.state.is_failing() || (is_wrong && (refused || explains || jobs_fail));
    is_told.then_some(timeline)
}

/// The changes that could explain the codes, the best first.
pub(crate) fn ranked(timeline: &Timeline) -> impl Iterator<Item = (usize, &Change)> {
    let changes = timeline.changes.iter();
    changes.filter_map(|change| Some((change.rank?, change)))
}

/// The codes of the present trouble.
fn current_codes(timeline: &Timeline) -> impl Iterator<Item = &CodeSeen> {
    timeline.codes.iter().filter(|seen| seen.current)
}

/// The logs that were asked and did not answer; those that nobody asked are no news.
pub(crate) fn refused(timeline: &Timeline) -> impl Iterator<Item = &NotRead> {
    timeline.not_read.iter().filter(|gap| was_refused(gap))
}

fn was_refused(gap: &NotRead) -> bool {
    matches!(gap.because.reason, Reason::Denied | Reason::Failed)
}

/// `AADSTS50076 UserStrongAuthClientAuthNRequired (3 times), …`; none without a present trouble.
pub(crate) fn codes_in_words(timeline: &Timeline) -> Option<String> {
    let codes: Vec<String> = current_codes(timeline).map(code_in_words).collect();
    (!codes.is_empty()).then(|| codes.join(", "))
}

fn code_in_words(seen: &CodeSeen) -> String {
    let name = seen
        .name
        .as_ref()
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    let times = match seen.count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    format!("{}{name} ({times})", seen.code)
}

/// `6 minutes before, on 2026-06-15T05:54:00Z: The policy … was switched on, by operator@contoso.com`
pub(crate) fn change_in_words(change: &Change) -> String {
    one_line(&format!("{}: {}", when(change), what(change)))
}

/// `6 minutes before, on 2026-06-15T05:54:00Z`
pub(crate) fn when(change: &Change) -> String {
    match change.minutes_before_first_failure {
        Some(minutes) => format!("{} before, on {}", span(minutes), change.at),
        None => format!("on {}", change.at),
    }
}

/// The sentence, and who did it.
pub(crate) fn what(change: &Change) -> String {
    match &change.by {
        Some(by) => format!("{}, by {by}.", change.what),
        None => format!("{}.", change.what),
    }
}

/// What is not told of: `2 before it that could not explain it, 1 after it`; and that nothing explains it, if so.
pub(crate) fn others(timeline: &Timeline) -> Option<String> {
    let ranked = ranked(timeline).count();
    let parts = [
        (ranked.saturating_sub(CHANGES), "more that could explain it"),
        (
            timeline.changes.len() - ranked,
            "before it that could not explain it",
        ),
        (timeline.later_changes.len(), "after it"),
        (timeline.changes_left_out, "left out"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    if ranked == 0 {
        let nothing = "no change that was read could explain it";
        return Some(match parts.is_empty() {
            true => nothing.to_owned(),
            false => format!("{nothing}; {} (-v)", parts.join(", ")),
        });
    }
    (!parts.is_empty()).then(|| format!("{} (-v)", parts.join(", ")))
}

/// How a log did not answer, the right that would read it, and what that would give.
pub(crate) fn gap_in_words(gap: &NotRead) -> String {
    format!("{}. {}", gap_and_right(&gap.because), gap.gain)
}

/// Whole minutes as a person says them.
fn span(minutes: i64) -> String {
    let (number, unit) = match minutes {
        ..120 => (minutes, "minute"),
        120..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    if number == 1 {
        format!("1 {unit}")
    } else {
        format!("{number} {unit}s")
    }
}

/// One step of the timeline, in the order in which it happened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// When.
    pub(crate) at: String,
    /// What kind of step, in a word or two.
    pub(crate) word: String,
    /// How it looks.
    pub(crate) look: &'static str,
    /// What happened.
    pub(crate) text: String,
    /// Why it matters; empty when there is nothing to say.
    pub(crate) detail: String,
}

/// Last success, changes, first failure, what came after: one list.
pub(crate) fn steps(timeline: &Timeline) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    if let Some(success) = &timeline.last_success {
        steps.push(Step {
            at: success.at.clone(),
            word: "last success".to_owned(),
            look: "pass",
            text: String::new(),
            detail: String::new(),
        });
    }
    let job = |at: &Option<String>, word: &str, look| {
        at.clone().map(|at| Step {
            at,
            word: word.to_owned(),
            look,
            text: String::new(),
            detail: String::new(),
        })
    };
    // Where jobs go on working, their newest success says nothing about when the trouble began.
    if let Some(jobs) = timeline.jobs.as_ref().filter(|jobs| jobs.first_failure.is_some()) {
        steps.extend(job(&jobs.last_success, "last job", "pass"));
        steps.extend(job(&jobs.first_failure, "first failed job", "fail"));
    }
    for change in &timeline.changes {
        let (word, look) = match change.rank {
            Some(rank) => (format!("could explain it, {rank}"), "pending"),
            None => ("change".to_owned(), "na"),
        };
        steps.push(Step {
            at: change.at.clone(),
            word,
            look,
            text: what(change),
            detail: change.because.clone(),
        });
    }
    if let Some(failure) = &timeline.first_failure {
        let code = [failure.code.as_deref(), failure.name.as_deref()];
        let code: Vec<&str> = code.into_iter().flatten().collect();
        steps.push(Step {
            at: failure.at.clone(),
            word: "first failure".to_owned(),
            look: "fail",
            text: format!("({})", code.join(" ")),
            detail: String::new(),
        });
    }
    for change in &timeline.later_changes {
        steps.push(Step {
            at: change.at.clone(),
            word: "after it".to_owned(),
            look: "na",
            text: what(change),
            detail: String::new(),
        });
    }
    // Times are written alike, to the second and in UTC: their texts have the order of the times. A failure is the last of
    // its second, so that a change of the same second stands before it.
    steps.sort_by(|left, right| (&left.at, left.look == "fail").cmp(&(&right.at, right.look == "fail")));
    steps
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_said_in_the_unit_that_a_person_would_take() {
        for (minutes, said) in [
            (0, "0 minutes"),
            (1, "1 minute"),
            (119, "119 minutes"),
            (120, "2 hours"),
            (2879, "47 hours"),
            (2880, "2 days"),
        ] {
            assert_eq!(span(minutes), said);
        }
    }
}
