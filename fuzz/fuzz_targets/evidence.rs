//! One thing wrong in a valid snapshot: a value is gone, of another type, twice there, or a section ended otherwise.
//!
//! No snapshot may panic; and what is only taken away (a property, a section's answer) may make a verdict unknown, never
//! turn a fault into a pass or a pass into a fault.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use work365_doctor::diagnosis::report::{Report, Status};
use work365_doctor::diagnosis::{Doctor, Question, Words};
use work365_doctor::facts::Expectations;
use work365_doctor::profile::Choice;
use work365_doctor::rules::{RuleBook, Severity};
use work365_doctor::snapshot::Snapshot;
use work365_doctor_fuzz::{SNAPSHOTS, choose, places, remove};

static DOCTOR: LazyLock<Doctor> = LazyLock::new(|| {
    let book = RuleBook::builtin().expect("the rule pack loads");
    Doctor::new(book, Words::builtin().expect("the words load"))
});

/// The snapshots that nothing was done to, judged under each guidance.
static UNTOUCHED: LazyLock<Vec<Vec<Report>>> = LazyLock::new(|| {
    let judged = |snapshot: &Value| PROFILES.iter().filter_map(|profile| judge(snapshot, profile)).collect();
    SNAPSHOTS.iter().map(judged).collect()
});

const PROFILES: [&str; 3] = ["legacy-password", "consent", "application-user"];

/// `login.probe` says by its absence that nobody tried to sign in: older evidence then decides.
const SAYS_SO_BY_ABSENCE: &str = "/sections/login.probe";

fuzz_target!(|bytes: &[u8]| {
    let Some((original, bytes)) = choose(&SNAPSHOTS, bytes) else { return };
    let all = places(original);
    let Some((place, bytes)) = choose(&all, bytes) else { return };
    let Some((what, bytes)) = bytes.split_first() else { return };
    let mut changed = original.clone();
    let is_taken_away = change(&mut changed, place, *what, bytes);
    for (position, profile) in PROFILES.iter().enumerate() {
        let Some(after) = judge(&changed, profile) else { return };
        serde_json::to_vec(&after).expect("a report is JSON");
        if is_taken_away && !place.starts_with(SAYS_SO_BY_ABSENCE) {
            let number = SNAPSHOTS.iter().position(|snapshot| std::ptr::eq(snapshot, original));
            let before = &UNTOUCHED[number.expect("one of them")][position];
            hold_the_law(before, &after, place);
        }
    }
});

/// Does one thing to the value at the place; whether that only took evidence away.
fn change(document: &mut Value, place: &str, what: u8, bytes: &[u8]) -> bool {
    // A list that lacks an element says another thing; an object that lacks a property says less.
    let is_property = place.rsplit_once('/').is_some_and(|(_, key)| key.parse::<usize>().is_err());
    let text = String::from_utf8_lossy(bytes);
    let Some(value) = document.pointer_mut(place) else { return false };
    *value = match what % 12 {
        0 => {
            remove(document, place);
            return is_property && place.starts_with("/sections/") && place.contains("/body/");
        }
        1 => Value::Null,
        2 => json!(true),
        3 => json!(-1),
        4 => json!(1e308),
        5 => json!(text),
        6 => json!([]),
        7 => json!({}),
        8 => json!([value.clone(), value.clone()]),
        9 => json!({"error": {"code": text, "message": text}}),
        10 => json!({"outcome": text, "body": value.clone()}),
        _ => json!(serde_json::from_slice::<Value>(bytes).unwrap_or_default()),
    };
    false
}

fn judge(snapshot: &Value, profile: &str) -> Option<Report> {
    let snapshot = Snapshot::from_bytes(&serde_json::to_vec(snapshot).ok()?).ok()?;
    let profile: Choice = profile.parse().ok()?;
    let question = Question {
        profile,
        now: None,
        expectations: &Expectations::default(),
        fail_on: Severity::Medium,
        selection: &DOCTOR.selection(&[], &[]).ok()?,
        error: None,
        acceptances: &[],
    };
    Some(DOCTOR.diagnose(&snapshot, &question).report)
}

fn hold_the_law(before: &Report, after: &Report, place: &str) {
    let is_fault = |status| matches!(status, Status::Fail | Status::Pending);
    for finding in &before.findings {
        let Some(then) = after.findings.iter().find(|other| other.id == finding.id) else { continue };
        let turned = (finding.status == Status::Pass && is_fault(then.status))
            || (is_fault(finding.status) && then.status == Status::Pass);
        // It passes because another finding explains the refusal. What takes that finding away leaves the refusal.
        let was_explained = finding.id == "sign-in-refused" && finding.status == Status::Pass;
        assert!(!turned || was_explained, "without {place}, {} turns to {:?}", finding.id, then.status);
    }
}
