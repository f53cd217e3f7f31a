//! The comparison of two reports as one self-contained page: no script, no request; light, dark and on paper.

use askama::Template;

use super::{Group, Verdict, details, event, groups, side, sign_ins};
use crate::diagnosis::diff::{Change, ReportDiff};
use crate::remedy::{Place, places};
use crate::render::report::shown::neutralised;

/// The page.
pub(crate) fn html(diff: &ReportDiff) -> String {
    let diff = neutralised(diff);
    let page = Page {
        verdict: Verdict::of(&diff),
        groups: groups(&diff),
        sides: [("Old", side(&diff.old)), ("New", side(&diff.new))],
        sign_ins: diff.sign_ins.as_ref().map(sign_ins),
        coming: diff.upcoming_new.iter().map(event).collect(),
        diff: &diff,
    };
    // Writing to memory has no way to fail.
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(
    path = "diff.html",
    config = "src/render/pages/diff/askama.toml",
    whitespace = "minimize"
)]
struct Page<'a> {
    diff: &'a ReportDiff,
    verdict: Verdict,
    groups: Vec<Group<'a>>,
    sides: [(&'static str, String); 2],
    sign_ins: Option<String>,
    coming: Vec<String>,
}

impl Page<'_> {
    fn details(&self, change: &Change) -> Vec<String> {
        details(change)
    }

    /// What to do, alternatives beside each other.
    fn places<'c>(&self, change: &'c Change) -> Vec<Place<'c>> {
        places(&change.steps)
    }

    /// What a link leads to.
    fn anchor(&self, group: &Group<'_>) -> String {
        group.title.to_lowercase().replace(' ', "-")
    }

    fn class(&self, group: &Group<'_>) -> &'static str {
        match group.title {
            "Fixed" => "good",
            "Still unknown" | "Changed" => "open",
            _ => "",
        }
    }
}
