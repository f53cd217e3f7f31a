//! The engine of the page in a browser: what the command line answers, for a script that has no network, no file system
//! and no clock. It runs in a worker; what it says is JSON, and each document is made where the command line makes it.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | what the script calls |
//! | `decoding` | error texts, logs and captures; what a snapshot adds to them |
//! | `settings` | what the script says about a case, as JSON |
//! | `slices` | a file of the browser as a reader, window by window |
//! | `kind` | what a dropped file is |
//! | `leaving` | what leaves: a redacted snapshot, a case file; and a case file that came back |
//! | `mask` | secrets that somebody pasted, so that the page shows them no longer than it takes |
//! | `error` | what went wrong, in one line |
//!
//! `.ci/page` builds it and puts it into one HTML file with the scripts, the looks and the words beside it.

mod decoding;
mod error;
mod kind;
mod leaving;
mod settings;
mod slices;

use sha2::{Digest as _, Sha256};
use wasm_bindgen::prelude::*;

use crate::ask::{AnswersFile, Questions, Symptoms};
use crate::diagnosis::report;
use crate::diagnosis::{Assumed, Doctor, Question, Selection, Words};
use crate::documents::explain::ExplainPage;
use crate::documents::interview::{Interview, nothing, with_answers};
use crate::documents::symptoms::{list, symptom_of};
use crate::documents::typed_answer::value_of;
use crate::documents::what_if::what_if;
use crate::embedded;
use crate::render::{self, Audience, Format, Style, Verbosity};
use crate::rules::RuleBook;
use crate::snapshot::Snapshot;
use crate::text::hex;
use crate::token;
use error::PageError;
use settings::{AskSettings, CheckSettings, WhatIfSettings, time};

/// The demonstration that the page shows, as bare `--demo` does.
const EXAMPLE: &str = "fixtures/demos/mfa-by-conditional-access.json";

/// How a page of text looks inside another document.
const FRAMED: Style = Style {
    color: false,
    width: 100,
    verbosity: Verbosity::Normal,
    audience: None,
};

/// The rules, read once.
#[wasm_bindgen]
pub struct Engine {
    doctor: Doctor,
}

#[wasm_bindgen]
impl Engine {
    /// Reads the rules.
    ///
    /// # Errors
    ///
    /// None that a shipped page has: its rules were tested.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Engine, PageError> {
        std::panic::set_hook(Box::new(|panic| {
            // The worker tells it: what the browser says of a trap names no place.
            let said = JsValue::from_str(&panic.to_string());
            let _ = js_sys::Reflect::set(&js_sys::global(), &JsValue::from_str("panicked"), &said);
        }));
        let book = RuleBook::builtin().map_err(PageError::of)?;
        let words = Words::builtin().map_err(PageError::of)?;
        Ok(Engine {
            doctor: Doctor::new(book, words),
        })
    }

    /// What this engine is: version, rule pack, the names of its checks, and its symptoms and questions (`ask-list/v1`).
    pub fn about(&self) -> String {
        let book = self.doctor.book();
        let pack = book.pack();
        let checks: Vec<&str> = book.rules().iter().map(|rule| rule.id.as_str()).collect();
        render::ndjson(&serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "rules": {"name": pack.name, "version": pack.version, "count": checks.len(), "sha256": pack.sha256},
            "checks": checks,
            "list": list(),
        }))
    }

    /// What a dropped file is, from its whole bytes or, for a large one, its first ones.
    pub fn kind(&self, bytes: &[u8]) -> String {
        kind::of(bytes).to_owned()
    }

    /// The secrets in a text, replaced by what they are.
    pub fn mask(&self, text: &str) -> String {
        crate::secret::masked(text)
    }

    /// `explain/v1`: the page of a rule, of an error code or of a symptom.
    ///
    /// # Errors
    ///
    /// Nothing has this name.
    pub fn explain(&self, name: &str) -> Result<String, PageError> {
        ExplainPage::of(name.trim(), &self.doctor)
            .map(|page| render::json(&page))
            .map_err(PageError::of)
    }

    /// `token/v1`.
    ///
    /// # Errors
    ///
    /// There is no token in the text, or only its service can read it.
    pub fn token(&self, text: &str, environment: Option<String>, now: &str) -> Result<String, PageError> {
        let now = time(now)?.as_second();
        token::read(text, now, environment.as_deref())
            .map(|report| render::json(&report))
            .map_err(PageError::of)
    }

    /// `ask/v1`: the step that follows from the settings and, if there is one, the snapshot.
    ///
    /// # Errors
    ///
    /// Settings or a snapshot that cannot be read.
    pub fn ask(&self, settings: &str, snapshot: Option<Vec<u8>>) -> Result<String, PageError> {
        self.interview(settings, snapshot, |interview| render::json(&interview.step()))
    }

    /// `answers/v1`: what `ask --save` would keep.
    ///
    /// # Errors
    ///
    /// Settings or a snapshot that cannot be read.
    pub fn kept(&self, settings: &str, snapshot: Option<Vec<u8>>) -> Result<String, PageError> {
        self.interview(settings, snapshot, |interview| render::json(interview.kept()))
    }

    /// The answers in a file that was kept, checked.
    ///
    /// # Errors
    ///
    /// It is none, or an answer in it is wrong.
    pub fn answers(&self, bytes: &[u8]) -> Result<String, PageError> {
        AnswersFile::from_bytes(bytes, Questions::builtin())
            .map(|file| render::json(&file))
            .map_err(PageError::of)
    }

    /// The symptom's id behind a name or words; empty when they tell none.
    pub fn symptom(&self, said: &str) -> String {
        symptom_of(said).ok().flatten().unwrap_or_default()
    }

    /// The value of a typed answer as JSON; `undefined` when it is none.
    pub fn typed(&self, question: &str, text: &str) -> Option<String> {
        let question = Questions::builtin().find(question)?;
        value_of(question, text).map(|value| value.to_string())
    }

    /// `report/v1`: the check of a snapshot.
    ///
    /// # Errors
    ///
    /// Settings or a snapshot that cannot be read.
    pub fn check(&self, snapshot: &[u8], settings: &str) -> Result<String, PageError> {
        let settings = CheckSettings::read(settings)?;
        let mut snapshot = read_snapshot(snapshot)?;
        if let Some(answers) = settings.answers()? {
            snapshot = with_answers(snapshot, &answers);
        }
        let expectations = settings.case.expectations()?;
        let error = settings.case.seen_error();
        let question = Question {
            profile: settings.case.profile()?,
            now: settings.case.now()?,
            expectations: &expectations,
            fail_on: settings.fail_on()?,
            selection: &Selection::default(),
            error: error.as_ref(),
            acceptances: &[],
        };
        let mut report = self.doctor.diagnose(&snapshot, &question).report;
        if !settings.assume_fixed.is_empty() {
            let assumed = Assumed::of(&settings.assume_fixed, &self.doctor).map_err(PageError::of)?;
            report.rehearsal = Some(self.doctor.rehearse(&snapshot, &question, &assumed));
        }
        Ok(render::json(&report))
    }

    /// `report/v1`: a report that was saved, as this version writes it.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn report(&self, bytes: &[u8]) -> Result<String, PageError> {
        report::from_bytes(bytes)
            .map(|report| render::json(&report))
            .map_err(PageError::of)
    }

    /// A report in a format (`html`, `markdown`, …), for an audience (`customer`, `engineer`, `ticket`, or none).
    ///
    /// # Errors
    ///
    /// It is no report, or there is no such format.
    pub fn render(&self, report: &str, format: &str, audience: Option<String>) -> Result<String, PageError> {
        let report = report::from_bytes(report.as_bytes()).map_err(PageError::of)?;
        let audience = match audience.as_deref() {
            Some("customer") => Some(Audience::Customer),
            Some("engineer") => Some(Audience::Engineer),
            Some("ticket") => Some(Audience::Ticket),
            _ => None,
        };
        let style = Style { audience, ..FRAMED };
        Ok(render::report(
            format_of(format)?,
            &report,
            self.doctor.words(),
            style,
        ))
    }

    /// The snapshot of an embedded demonstration.
    pub fn example(&self) -> String {
        embedded::text(EXAMPLE).to_owned()
    }

    /// The SHA-256 of a text.
    pub fn sum(&self, text: &str) -> String {
        hex(&Sha256::digest(text.as_bytes()))
    }

    /// `what-if/v1`, with the sections that were not read where there are no policies.
    ///
    /// # Errors
    ///
    /// Settings or a snapshot that cannot be read.
    pub fn what_if(&self, snapshot: &[u8], settings: &str) -> Result<String, PageError> {
        let settings = WhatIfSettings::read(settings)?;
        let (answer, _unread) = what_if(&read_snapshot(snapshot)?, &settings.asked()?, &settings.drafts()?);
        Ok(render::json(&answer))
    }

    fn interview(
        &self,
        settings: &str,
        snapshot: Option<Vec<u8>>,
        answer: impl FnOnce(&mut Interview<'_>) -> String,
    ) -> Result<String, PageError> {
        let settings = AskSettings::read(settings)?;
        let snapshot = match snapshot {
            Some(bytes) => read_snapshot(&bytes)?,
            None => nothing(settings.case.now()?.ok_or(PageError::NoTime)?).map_err(PageError::of)?,
        };
        let expectations = settings.case.expectations()?;
        let answers = match settings.answers()? {
            Some(given) => given.over(AnswersFile::of_snapshot(&snapshot)),
            None => AnswersFile::of_snapshot(&snapshot),
        };
        let symptom = settings
            .symptom
            .as_deref()
            .filter(|id| Symptoms::builtin().find(id).is_some());
        let (choice, now) = (settings.case.profile()?, settings.case.now()?);
        let error = settings.case.seen_error();
        let mut interview = Interview {
            doctor: &self.doctor,
            now: now.unwrap_or(snapshot.captured_at),
            snapshot,
            choice,
            expectations: &expectations,
            error,
            symptom: symptom.map(str::to_owned),
            cases: None,
            rights: settings.rights,
            answers,
        };
        Ok(answer(&mut interview))
    }
}

fn format_of(name: &str) -> Result<Format, PageError> {
    name.parse().map_err(PageError::of)
}

fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, PageError> {
    Snapshot::from_bytes(bytes).map_err(|error| match error.path() {
        "" => PageError::Said(format!("not a snapshot: {error}")),
        path => PageError::Said(format!("not a snapshot at {path}: {error}")),
    })
}
