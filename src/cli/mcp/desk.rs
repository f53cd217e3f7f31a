//! The answers: arguments in, the documents of the command line out. Nothing here knows the protocol.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::Value;

use super::allowed::Allowed;
use super::calls::{
    AskCall, CallError, CheckCall, DecodeCall, ExplainCall, answers, arguments, choice, rights,
};
use super::tools::Tool;
use crate::ask::AnswersFile;
use crate::cli::decode_files::{Source, decode_all};
use crate::cli::io::inputs::not_a_snapshot;
use crate::cli::settings::config::name_exceptions;
use crate::decode::decode_text;
use crate::diagnosis::{Acceptance, Doctor, Question, Selection};
use crate::documents::explain::ExplainPage;
use crate::documents::interview::{self, Interview, with_answers};
use crate::documents::symptoms::symptom_of;
use crate::facts::{self, Expectations};
use crate::profile::Choice;
use crate::render;
use crate::rules::Severity;
use crate::snapshot::{MAXIMUM_BYTES, Snapshot};

/// Longer texts are read as a file is, in pieces: they take a while, and can be cancelled. A shell passes none that is
/// longer as one argument.
const LONG_TEXT: usize = 128 * 1024;

/// What every answer follows from.
pub(super) struct Desk {
    pub(super) allowed: Allowed,
    pub(super) doctor: Doctor,
    pub(super) profile: Choice,
    pub(super) expectations: Expectations,
    pub(super) fail_on: Severity,
    pub(super) selection: Selection,
    pub(super) acceptances: Vec<Acceptance>,
    /// The configuration file that they stand in, where nobody named it and it was found.
    pub(super) found_file: Option<String>,
}

/// Whoever waits for an answer.
pub(super) type Caller = Arc<dyn Waits>;

/// Is told how far the answer is, and may not want it any more.
pub(super) trait Waits: Send + Sync {
    /// `done` of `total` steps are done.
    fn tell(&self, done: u64, total: u64, what: &'static str);

    /// Whether the answer is still wanted.
    fn is_gone(&self) -> bool;
}

impl Desk {
    /// The answer of a tool.
    ///
    /// # Errors
    ///
    /// [`CallError`] says what to send instead.
    pub(super) fn answer(&self, tool: Tool, given: Value, caller: &Caller) -> Result<Value, CallError> {
        let answer = match tool {
            Tool::Decode => decode(&arguments(given)?, caller),
            Tool::Check => self.check(arguments(given)?, caller),
            Tool::Ask => self.ask(arguments(given)?, caller),
            Tool::Explain => self.explain(&arguments::<ExplainCall>(given)?.id),
        }?;
        wanted(caller)?;
        Ok(answer)
    }

    fn check(&self, call: CheckCall, caller: &Caller) -> Result<Value, CallError> {
        let mut expectations = self.expectations.clone();
        if let Some(zone) = &call.time_zone {
            let zone = facts::expected_time_zone(zone).map_err(|error| CallError::Value {
                name: "time_zone",
                reason: error.to_string(),
            })?;
            expectations.time_zone = Some(zone);
        }
        let profile = choice(call.profile.as_deref(), self.profile)?;
        let answers = answers(call.answers)?;
        let snapshot = match (call.snapshot, call.snapshot_json) {
            (Some(path), None) => self.read(&path)?,
            (None, Some(document)) => parse("snapshot_json", &text_of(document))?,
            _ => return Err(CallError::Evidence),
        };
        let snapshot = match &answers {
            Some(answers) => with_answers(snapshot, answers),
            None => snapshot,
        };
        wanted(caller)?;
        caller.tell(1, 3, "the evidence is read");
        let error = call.error.map(|text| decode_text(text.as_bytes()));
        wanted(caller)?;
        caller.tell(2, 3, "the error is decoded");
        let mut diagnosed = self.doctor.diagnose(
            &snapshot,
            &Question {
                profile,
                now: None,
                expectations: &expectations,
                fail_on: self.fail_on,
                selection: &self.selection,
                error: error.as_ref(),
                acceptances: &self.acceptances,
            },
        );
        if let Some(file) = &self.found_file {
            name_exceptions(file, &mut diagnosed.report);
        }
        caller.tell(3, 3, "every rule is judged");
        Ok(render::tree(&diagnosed.report))
    }

    fn ask(&self, call: AskCall, caller: &Caller) -> Result<Value, CallError> {
        let given = answers(call.answers)?;
        let symptom = call
            .symptom
            .as_deref()
            .map(symptom_of)
            .transpose()
            .map_err(|error| CallError::Value {
                name: "symptom",
                reason: error.to_string(),
            })?;
        let snapshot = match call.snapshot {
            Some(path) => self.read(&path)?,
            None => interview::nothing(Timestamp::now())
                .map_err(|error| CallError::Snapshot(error.to_string()))?,
        };
        caller.tell(1, 2, "the evidence is read");
        let error = call.error.map(|text| decode_text(text.as_bytes()));
        let choice = choice(call.profile.as_deref(), self.profile)?;
        let mut session = Interview {
            doctor: &self.doctor,
            now: snapshot.captured_at,
            choice,
            expectations: &self.expectations,
            error,
            symptom: symptom.flatten(),
            cases: None,
            rights: rights(call.rights.as_deref())?,
            answers: answered(given, &snapshot),
            snapshot,
        };
        wanted(caller)?;
        let step = session.step();
        caller.tell(2, 2, "the next question is chosen");
        Ok(render::tree(&step))
    }

    /// The page of a rule, an error code or a symptom.
    ///
    /// # Errors
    ///
    /// Nothing has this name.
    pub(super) fn explain(&self, id: &str) -> Result<Value, CallError> {
        ExplainPage::of(id, &self.doctor)
            .map(|page| render::tree(&page))
            .map_err(|unknown| CallError::Unknown(unknown.to_string()))
    }

    fn read(&self, path: &str) -> Result<Snapshot, CallError> {
        parse("snapshot", &self.allowed.read(path)?)
    }
}

fn answered(given: Option<AnswersFile>, snapshot: &Snapshot) -> AnswersFile {
    let stored = AnswersFile::of_snapshot(snapshot);
    match given {
        Some(given) => given.over(stored),
        None => stored,
    }
}

fn decode(call: &DecodeCall, caller: &Caller) -> Result<Value, CallError> {
    let text = call.text.as_bytes();
    if text.len() <= LONG_TEXT {
        return Ok(render::tree(&decode_text(text)));
    }
    let total = text.len() as u64;
    let done = AtomicU64::new(0);
    let reader = Wanted {
        text: Cursor::new(text.to_vec()),
        caller: Arc::clone(caller),
    };
    let decoded = decode_all(vec![Source::Stream(Box::new(reader))], |bytes| {
        let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        caller.tell(done.min(total), total, "bytes are read");
    });
    wanted(caller)?;
    let mut decoded = decoded.map_err(|unread| CallError::Read(unread.error))?;
    Ok(render::tree(&decoded.pop()))
}

/// A text that ends early when nobody wants it any more.
struct Wanted {
    text: Cursor<Vec<u8>>,
    caller: Caller,
}

impl Read for Wanted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.caller.is_gone() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.text.read(buffer)
    }
}

/// Ends the work for somebody who is gone.
fn wanted(caller: &Caller) -> Result<(), CallError> {
    if caller.is_gone() {
        Err(CallError::Cancelled)
    } else {
        Ok(())
    }
}

fn text_of(document: Value) -> Vec<u8> {
    match document {
        Value::String(text) => text.into_bytes(),
        document => document.to_string().into_bytes(),
    }
}

fn parse(name: &str, bytes: &[u8]) -> Result<Snapshot, CallError> {
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(CallError::Snapshot(format!("{name}: it is longer than 64 MiB")));
    }
    Snapshot::from_bytes(bytes).map_err(|error| CallError::Snapshot(not_a_snapshot(name, &error)))
}
