//! `html`: one self-contained page. No script, no request; light, dark and on paper; the first screen says what to do.
//!
//! The words stand in the report, the looks in `report.html`. Names from a tenant are escaped by the template engine.

use std::fmt::Write as _;

use askama::Template;
use askama::filters::{Html, escape};
use serde_json::Value;

use super::coming::{self, Coming};
use super::compared::{self, Group};
use super::handoff::{Message, messages};
use super::rehearsed;
use super::shown::{
    self, Area, because_in_words, contradiction_in_words, for_customer, in_words, neutralised, value_in_words,
};
use super::timeline::{self, Step};
use crate::decode::model::Unrecognised;
use crate::diagnosis::Words;
use crate::diagnosis::report::{
    AskQuestion, Contradiction, Evidence, Finding, Outcome, Report, Status, UnknownBecause,
};
use crate::diagnosis::report::{Comparison, Difference, DifferenceKind};
use crate::remedy::{Place, Remedy, Shell, places};
use crate::render::{Audience, Style};
use crate::timeline::Timeline;

/// Side of a check's mark in the picture of the gates, with its gap, in SVG units.
const MARK: usize = 18;

/// Marks in one line of the picture.
const MARKS_A_LINE: usize = 12;

/// The page.
pub fn html(report: &Report, words: &Words, style: Style) -> String {
    let digest = shown::digest(report);
    let report = &match style.audience {
        Some(Audience::Customer) => for_customer(report),
        _ => neutralised(report),
    };
    let page = Page {
        report,
        password: words.password(report),
        hint: report
            .diagnosis
            .profile_hint
            .and_then(|hint| words.profile(hint))
            .map(|words| words.hint.clone()),
        support: shown::plain(words.support()),
        messages: messages(report, words, style.audience),
        audience: style.audience,
        digest,
    };
    // Writing to memory has no way to fail.
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(
    path = "report.html",
    config = "src/render/report/askama.toml",
    whitespace = "minimize"
)]
struct Page<'a> {
    report: &'a Report,
    password: String,
    hint: Option<String>,
    support: String,
    messages: Vec<Message>,
    audience: Option<Audience>,
    digest: String,
}

impl Page<'_> {
    fn is_customer(&self) -> bool {
        self.audience == Some(Audience::Customer)
    }

    /// Whether the findings of the area are unfolded: what decides the outcome is.
    fn is_open(&self, gate: &Gate) -> bool {
        self.is_engineer()
            || matches!(gate.look, Look::Fail | Look::Pending)
            || gate.look == Look::Unknown && self.report.summary.outcome == Outcome::Incomplete
    }

    fn is_engineer(&self) -> bool {
        self.audience == Some(Audience::Engineer)
    }

    fn counts(&self) -> String {
        shown::counts(self.report)
    }

    fn roots(&self) -> Vec<&Finding> {
        shown::root_causes(self.report)
    }

    fn areas(&self) -> Vec<Area<'_>> {
        shown::areas(self.report)
    }

    /// The gates: every area that has something to say.
    fn gates(&self) -> Vec<Gate> {
        let asked = |area: &Area<'_>| {
            area.findings
                .iter()
                .any(|finding| finding.status != Status::NotApplicable)
        };
        self.areas()
            .iter()
            .filter(|area| asked(area))
            .map(Gate::of)
            .collect()
    }

    /// What hides checks of the gate. A fault that was not selected has no words here, only its id.
    fn behind<'a>(&'a self, gate: &'a Gate) -> Vec<Behind<'a>> {
        let name = |(id, number): &'a (String, usize)| {
            let fault = self.report.findings.iter().find(|finding| finding.id == *id);
            Behind {
                id,
                title: fault.map(|fault| fault.title.as_str()),
                number: *number,
            }
        };
        gate.behind.iter().map(name).collect()
    }

    /// The faults that are consequences of `root`, and the questions hidden behind it.
    fn followers<'a>(&'a self, root: &'a Finding) -> Vec<&'a Finding> {
        self.report
            .findings
            .iter()
            .filter(|finding| {
                finding.explained_by.contains(&root.id) || finding.blocked_by.contains(&root.id)
            })
            .collect()
    }

    fn errors(&self) -> Vec<Error<'_>> {
        self.report.errors.iter().map(Error).collect()
    }

    /// What differs from a working account: everything that differs, then everything that one side could not read.
    fn compared<'a>(&self, comparison: &'a Comparison) -> Vec<Group<'a>> {
        let mut groups = compared::differing(comparison, true);
        groups.extend(compared::unread(comparison, true));
        groups
    }

    fn with_whom(&self, comparison: &Comparison) -> String {
        compared::with_whom(comparison)
    }

    fn in_numbers(&self, comparison: &Comparison) -> String {
        compared::in_numbers(comparison)
    }

    fn side(&self, value: &Value, difference: &Difference, unknown: DifferenceKind) -> String {
        match value {
            _ if difference.kind == unknown => "not read".to_owned(),
            value => compared::known(value, true),
        }
    }

    fn timeline(&self) -> Option<&Timeline> {
        timeline::to_tell(self.report)
    }

    /// What happened, in order; a customer sees only what could explain the fault.
    fn steps(&self) -> Vec<Step> {
        let mut steps = self.timeline().map(timeline::steps).unwrap_or_default();
        steps.retain(|step| !self.is_customer() || step.look != "na");
        steps
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.timeline().into_iter().flat_map(timeline::refused);
        gaps.map(timeline::gap_in_words).collect()
    }

    /// What will break, and when.
    fn look_place<'r>(&self, look: &'r AskQuestion) -> &'r str {
        look.r#where.first().map_or("", String::as_str)
    }

    fn unrecognised(&self, unrecognised: &Unrecognised) -> Vec<String> {
        shown::unrecognised_in_lines(unrecognised)
    }

    fn contradiction(&self, one: &Contradiction) -> String {
        contradiction_in_words(one)
    }

    fn coming(&self) -> Vec<Coming<'_>> {
        coming::to_tell(self.report, !self.is_customer())
    }

    fn places<'a>(&self, remedy: &'a Remedy) -> Vec<Place<'a>> {
        places(&remedy.steps)
    }

    fn links<'a>(&self, remedy: &'a Remedy) -> Vec<&'a str> {
        remedy
            .links
            .iter()
            .map(String::as_str)
            .filter(|link| link.starts_with("https://"))
            .collect()
    }

    /// Whether some of the evidence was read at another time than the report says on top.
    fn is_timed(&self, finding: &Finding) -> bool {
        let mut times = finding.evidence.iter().filter_map(|item| item.read_at.as_ref());
        times.any(|time| *time != self.report.captured_at)
    }

    /// Its place among the root causes, from 1.
    fn cause_number(&self, finding: &Finding) -> Option<usize> {
        let place = self.roots().iter().position(|root| root.id == finding.id)?;
        Some(place + 1)
    }

    fn value(&self, evidence: &Evidence) -> String {
        value_in_words(&evidence.value)
    }

    fn because(&self, cause: &UnknownBecause) -> String {
        because_in_words(cause)
    }

    fn shell(&self, shell: &Shell) -> &'static str {
        match shell {
            Shell::Powershell => "PowerShell",
            Shell::Bash => "Shell",
            Shell::Http => "HTTP request",
        }
    }

    fn word(&self, finding: &Finding) -> &'static str {
        Look::of(finding).word()
    }

    fn class(&self, finding: &Finding) -> &'static str {
        Look::of(finding).class()
    }
}

/// How a check looks in the picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Fail,
    Pending,
    Unknown,
    Hidden,
    Pass,
    NotAsked,
}

impl Look {
    /// The worst first.
    const ALL: [Look; 6] = [
        Look::Fail,
        Look::Pending,
        Look::Unknown,
        Look::Hidden,
        Look::Pass,
        Look::NotAsked,
    ];

    fn of(finding: &Finding) -> Self {
        match finding.status {
            Status::Fail => Look::Fail,
            Status::Pending => Look::Pending,
            Status::Unknown if finding.blocked_by.is_empty() => Look::Unknown,
            Status::Unknown => Look::Hidden,
            Status::Pass => Look::Pass,
            Status::NotApplicable => Look::NotAsked,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Look::Fail => "fail",
            Look::Pending => "pending",
            Look::Unknown => "unknown",
            Look::Hidden => "hidden",
            Look::Pass => "pass",
            Look::NotAsked => "not asked",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Look::NotAsked => "na",
            other => other.word(),
        }
    }
}

/// One gate of the picture.
struct Gate {
    title: String,
    words: String,
    look: Look,
    width: usize,
    height: usize,
    marks: Vec<Mark>,
    /// Ids of the faults that hide some of it, each with the number that it hides.
    behind: Vec<(String, usize)>,
}

impl Gate {
    fn of(area: &Area<'_>) -> Self {
        let looks: Vec<Look> = area.findings.iter().map(|finding| Look::of(finding)).collect();
        let number = |look: Look| looks.iter().filter(|other| **other == look).count();
        let words = in_words(&Look::ALL.map(|look| (number(look), look.word())));
        let look = Look::ALL
            .into_iter()
            .find(|look| number(*look) > 0)
            .unwrap_or(Look::NotAsked);
        let titles = area.findings.iter().map(|finding| finding.title.clone());
        let marks: Vec<Mark> = looks
            .into_iter()
            .zip(titles)
            .filter(|(look, _)| *look != Look::NotAsked)
            .enumerate()
            .map(|(position, (look, title))| Mark {
                x: position % MARKS_A_LINE * MARK,
                y: position / MARKS_A_LINE * MARK,
                look,
                title,
            })
            .collect();
        let mut behind: Vec<(String, usize)> = Vec::new();
        for id in area.findings.iter().flat_map(|finding| &finding.blocked_by) {
            match behind.iter_mut().find(|(other, _)| other == id) {
                Some((_, number)) => *number += 1,
                None => behind.push((id.clone(), 1)),
            }
        }
        Gate {
            title: area.title(),
            words,
            look,
            width: marks.len().min(MARKS_A_LINE) * MARK,
            height: marks.len().div_ceil(MARKS_A_LINE) * MARK,
            marks,
            behind,
        }
    }
}

/// One check of a gate: shape and colour tell its answer.
struct Mark {
    x: usize,
    y: usize,
    look: Look,
    title: String,
}

/// A fault that hides checks of a gate.
struct Behind<'a> {
    id: &'a str,
    title: Option<&'a str>,
    number: usize,
}

/// A decoded error, as `decode` gives it.
struct Error<'a>(&'a Value);

impl Error<'_> {
    fn text(&self, key: &str) -> String {
        match &self.0[key] {
            Value::Null => String::new(),
            value => value_in_words(value),
        }
    }

    /// What would give the missing right, the smallest grant first.
    fn ways(&self) -> Vec<String> {
        shown::ways(self.0)
    }

    fn ids(&self) -> Vec<(String, String)> {
        let ids = self.0["ids"].as_object().into_iter().flatten();
        ids.map(|(name, value)| (name.clone(), value_in_words(value)))
            .collect()
    }
}

/// The longest code, in bytes, that is kept on one line: it fits a phone.
const WHOLE: usize = 26;

/// Text in which `code` between backticks looks like code, as HTML. Everything is escaped; a lone backtick stays.
fn code_marked(text: &str) -> askama::Result<String> {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, tail)) = after.split_once('`') else {
            break;
        };
        let class = if code.len() <= WHOLE { " class=whole" } else { "" };
        let (before, code) = (escape(before, Html)?, escape(code, Html)?);
        write!(result, "{before}<code{class}>{code}</code>")?;
        rest = tail;
    }
    write!(result, "{}", escape(rest, Html)?)?;
    Ok(result)
}

/// What the template calls with `|`.
#[expect(
    unreachable_pub,
    reason = "askama makes the filter a type with a public method"
)]
mod filters {
    use askama::filters::Safe;
    use askama::{Result, Values};

    /// Words with their code marked.
    #[askama::filter_fn]
    pub(crate) fn marked(text: impl AsRef<str>, _: &dyn Values) -> Result<Safe<String>> {
        crate::render::report::html::code_marked(text.as_ref()).map(Safe)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::code_marked;

    #[test]
    fn code_between_backticks_is_marked_and_everything_is_escaped() {
        assert_eq!(
            code_marked("run `a <b>` & see").unwrap(),
            "run <code class=whole>a &#60;b&#62;</code> &#38; see"
        );
        assert_eq!(code_marked("a lone ` <i>").unwrap(), "a lone ` &#60;i&#62;");
        let long = "x".repeat(27);
        assert_eq!(
            code_marked(&format!("`{long}`")).unwrap(),
            format!("<code>{long}</code>")
        );
    }
}
