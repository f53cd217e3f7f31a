//! `html`: one self-contained page. No script, no request; light, dark and on paper; the first screen says what to do.
//!
//! The words stand in the report, the looks in `report.html`. Names from a tenant are escaped by the template engine.

use askama::Template;
use serde_json::Value;

use super::handoff::{Message, messages};
use super::shown::{self, Area, because_in_words, for_customer, in_words, neutralised, value_in_words};
use super::timeline::{self, Step};
use super::{Audience, Style};
use crate::diagnosis::Words;
use crate::diagnosis::report::{Evidence, Finding, Report, Status, UnknownBecause};
use crate::remedy::{Remedy, Shell};
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
        password: words.password(report.diagnosis.password.word()),
        hint: report
            .diagnosis
            .profile_hint
            .and_then(|hint| words.profile(hint))
            .map(|words| words.hint.clone()),
        support: words.support(),
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
    config = "src/render/askama.toml",
    whitespace = "minimize"
)]
struct Page<'a> {
    report: &'a Report,
    password: String,
    hint: Option<String>,
    support: &'a str,
    messages: Vec<Message>,
    audience: Option<Audience>,
    digest: String,
}

impl Page<'_> {
    fn is_customer(&self) -> bool {
        self.audience == Some(Audience::Customer)
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

    fn links<'a>(&self, remedy: &'a Remedy) -> Vec<&'a str> {
        remedy
            .links
            .iter()
            .map(String::as_str)
            .filter(|link| link.starts_with("https://"))
            .collect()
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
    behind: Vec<String>,
}

impl Gate {
    fn of(area: &Area<'_>) -> Self {
        let mut looks: Vec<Look> = area.findings.iter().map(|finding| Look::of(finding)).collect();
        let number = |look: Look| looks.iter().filter(|other| **other == look).count();
        let words = in_words(&Look::ALL.map(|look| (number(look), look.word())));
        let look = Look::ALL
            .into_iter()
            .find(|look| number(*look) > 0)
            .unwrap_or(Look::NotAsked);
        looks.retain(|look| *look != Look::NotAsked);
        let marks: Vec<Mark> = looks
            .iter()
            .enumerate()
            .map(|(position, look)| Mark {
                x: position % MARKS_A_LINE * MARK,
                y: position / MARKS_A_LINE * MARK,
                look: *look,
            })
            .collect();
        let mut behind: Vec<String> = Vec::new();
        for id in area.findings.iter().flat_map(|finding| &finding.blocked_by) {
            if !behind.contains(id) {
                behind.push(id.clone());
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

    fn ids(&self) -> Vec<(String, String)> {
        let ids = self.0["ids"].as_object().into_iter().flatten();
        ids.map(|(name, value)| (name.clone(), value_in_words(value)))
            .collect()
    }
}
