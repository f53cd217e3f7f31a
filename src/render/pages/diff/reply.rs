//! The reply to a customer after a second look, as Markdown for a mail: what was put right, what is left, in plain words.

use super::Verdict;
use crate::diagnosis::diff::{Change, ReportDiff};
use crate::diagnosis::report::Outcome;
use crate::render::pages::reply::comparison_words;
use crate::render::report::marks::escaped;
use crate::render::report::shown::plain;
use crate::text::fill;

/// The reply.
///
/// # Errors
///
/// What is wrong with `rules/reply.yaml`; a test keeps it sound.
pub(crate) fn reply(diff: &ReportDiff) -> Result<String, String> {
    let words = comparison_words()?;
    let said = |text: &str| escaped(&plain(text));
    let opening = match (diff.new.outcome, Verdict::of(diff)) {
        (_, Verdict::Worse) => "worse",
        (Outcome::Healthy, _) => "healthy",
        (_, Verdict::Unclear) => "unclear",
        (_, Verdict::Better) => "better",
        (_, Verdict::Same | Verdict::NotWorse) => "same",
    };
    let mut parts: Vec<String> = words.opening.get(opening).cloned().into_iter().collect();
    for (title, changes) in [
        (&words.still, &diff.still_failing),
        (&words.new, &diff.new_faults),
    ] {
        let items = causes(changes).into_iter().map(|change| {
            let steps = change.steps.iter().map(|step| said(step));
            let steps: Vec<String> = steps.filter(|step| !step.is_empty()).collect();
            let who = change.owner.as_deref().map(|owner| {
                let told = [("owner", said(owner)), ("steps", steps.join(" "))];
                let told = told.each_ref().map(|(name, text)| (*name, text.as_str()));
                format!("\n  {}", fill(&words.who, &told))
            });
            format!("* {}{}", said(&change.title), who.unwrap_or_default())
        });
        parts.extend(list(title, items.collect()));
    }
    let fixed = diff
        .fixed
        .iter()
        .map(|change| format!("* {}", said(&change.title)));
    parts.extend(list(&words.fixed, fixed.collect()));
    let coming = diff.upcoming_new.iter().map(|event| {
        let told = [&event.what, &event.step].map(|text| said(text));
        format!("* {}", told.join(" ").trim_end())
    });
    parts.extend(list(&words.coming, coming.collect()));
    // Where nothing is left to do, nobody is waited for.
    if diff.new.outcome != Outcome::Healthy || !diff.upcoming_new.is_empty() {
        parts.push(words.closing);
    }
    Ok(parts.join("\n\n") + "\n")
}

/// What to do something about: a consequence goes away with its cause.
fn causes(changes: &[Change]) -> Vec<&Change> {
    let causes: Vec<&Change> = changes.iter().filter(|change| change.root_cause).collect();
    match causes.is_empty() {
        true => changes.iter().collect(),
        false => causes,
    }
}

fn list(title: &str, items: Vec<String>) -> Option<String> {
    (!items.is_empty()).then(|| format!("**{title}**\n\n{}", items.join("\n")))
}
