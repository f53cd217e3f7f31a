//! What a customer is sent speaks to somebody who sees only that: nothing points at what is left out, and no ids or codes.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use crate::support::{big_stack, diagnose, doctor, folders, read_json, snapshot_of};
use serde_json::Value;
use work365_doctor::decode::PasswordVerdict;
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::{Finding, Report, Status};
use work365_doctor::render::{Audience, Style, Verbosity, html, markdown, table};
use work365_doctor::snapshot::{Snapshot, section_info};

const STYLE: Style = Style {
    color: false,
    // No line is broken: a letter is read sentence by sentence.
    width: 4000,
    verbosity: Verbosity::Normal,
    audience: Some(Audience::Customer),
};

/// The report as a customer gets it, in each format for people, as words only.
fn formats(report: &Report, doctor: &Doctor) -> [String; 3] {
    let page = html(report, doctor.words(), STYLE);
    let body = page.split_once("<body>").unwrap().1;
    let texts = body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    [
        table(report, doctor.words(), STYLE),
        markdown(report, doctor.words(), STYLE),
        texts.collect::<Vec<_>>().join("\n"),
    ]
}

/// Name, snapshot, arguments.
type Case = (String, Value, Vec<String>);

fn demos() -> Vec<Case> {
    let demos = std::fs::read_dir("fixtures/demos").unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.display().to_string(), read_json(&path).unwrap(), Vec::new())
    });
    demos.collect()
}

fn scenarios() -> Vec<Case> {
    let scenarios = folders().into_iter().map(|folder| {
        let expected: Value = read_json(&folder.join("expect.json")).unwrap();
        let arguments = serde_json::from_value(expected["arguments"].clone()).unwrap();
        (
            folder.display().to_string(),
            snapshot_of(&folder).unwrap(),
            arguments,
        )
    });
    // A hostile name may look like an id; it is not ours.
    scenarios
        .filter(|(name, _, _)| !name.contains("hostile-"))
        .collect()
}

fn judged(doctor: &Doctor, (_, snapshot, arguments): &Case) -> Report {
    let snapshot = Snapshot::from_bytes(&serde_json::to_vec(snapshot).unwrap()).unwrap();
    big_stack(|| diagnose(doctor, &snapshot, None, arguments))
        .unwrap()
        .0
        .report
}

/// Why a line is not for a customer.
fn fault(line: &str, ids: &HashSet<String>) -> Option<String> {
    if let Some(pointer) = pointer(line) {
        return Some(format!("points with `{pointer}`"));
    }
    let word = words(line).find(|word| {
        let is_code = word.starts_with("AADSTS") || word.starts_with("0x8");
        is_code || ids.contains(*word) || section_info(word).is_some()
    })?;
    Some(format!("holds `{word}`"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_mark = |character: char| !character.is_ascii_alphanumeric() && !"-._".contains(character);
    line.split(is_mark).map(|word| word.trim_matches(['.', '-']))
}

fn is_guid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
        && word
            .chars()
            .all(|character| character == '-' || character.is_ascii_hexdigit())
}

/// Words that need something beside them.
fn pointer(line: &str) -> Option<&'static str> {
    const POINTERS: &[&str] = &[
        "below",
        "above",
        "the command",
        "first command",
        "this command",
        "the query",
        "the request",
        "as follows",
    ];
    let line = line.to_lowercase();
    POINTERS.iter().copied().find(|pointer| {
        let mut rest = line.as_str();
        while let Some(at) = rest.find(pointer) {
            let is_letter = |character: Option<char>| character.is_some_and(char::is_alphabetic);
            let after = &rest[at + pointer.len()..];
            if !is_letter(rest[..at].chars().next_back()) && !is_letter(after.chars().next()) {
                return true;
            }
            rest = after;
        }
        false
    })
}

/// Lines of letters that are not for a customer, each once.
#[derive(Default)]
struct Letters {
    judged: HashSet<String>,
    wrong: BTreeSet<String>,
}

impl Letters {
    fn read(&mut self, name: &str, letter: &str, report: &Report, allowed: impl Fn(&str) -> bool) {
        // A word like `consent` is an area and a word; an id has a hyphen.
        let ids = report.findings.iter().map(|finding| finding.id.clone());
        let ids: HashSet<String> = ids.filter(|id| id.contains('-')).collect();
        for line in letter.lines().filter(|line| !line.trim().is_empty()) {
            if !self.judged.insert(line.to_owned()) {
                continue;
            }
            let fault = fault(line, &ids).or_else(|| {
                let word = words(line).find(|word| is_guid(word) && !allowed(word))?;
                Some(format!("holds `{word}`"))
            });
            if let Some(fault) = fault {
                let name = Path::new(name).file_name().unwrap().display();
                self.wrong.insert(format!("{fault} in {name}: {}", line.trim()));
            }
        }
    }

    fn are_for_a_customer(self, at_least: usize) {
        assert!(self.judged.len() >= at_least, "{} lines", self.judged.len());
        let list: Vec<String> = self.wrong.into_iter().collect();
        assert!(list.is_empty(), "{}:\n{}", list.len(), list.join("\n"));
    }
}

#[test]
fn the_demonstrations_hold_no_id_but_the_account_in_any_format() {
    let doctor = big_stack(doctor);
    let mut letters = Letters::default();
    for case in demos() {
        let report = judged(&doctor, &case);
        for letter in formats(&report, &doctor) {
            letters.read(&case.0, &letter, &report, |id| id == report.subject.account);
        }
    }
    letters.are_for_a_customer(100);
}

/// A group or a row has no name in the evidence: who must act can only be told its id.
#[test]
fn no_letter_points_at_what_is_left_out_or_holds_a_code() {
    let doctor = big_stack(doctor);
    let mut letters = Letters::default();
    let mut accepted_in_danger = 0;
    for case in scenarios() {
        let report = judged(&doctor, &case);
        let letter = table(&report, doctor.words(), STYLE);
        letters.read(&case.0, &letter, &report, |_| true);
        accepted_in_danger += usize::from(is_accepted_beside_a_new_one(&doctor, &report));
    }
    letters.are_for_a_customer(500);
    assert!(accepted_in_danger > 0);
}

/// Whether the password is accepted and a fault may ask for a new one, which the advice to keep it must not head.
fn is_accepted_beside_a_new_one(doctor: &Doctor, report: &Report) -> bool {
    let may_ask_for_one = |finding: &Finding| {
        ["account-at-risk", "password-change-required"].contains(&finding.id.as_str())
            && matches!(finding.status, Status::Fail | Status::Pending)
    };
    let both =
        report.diagnosis.password == PasswordVerdict::Accepted && report.findings.iter().any(may_ask_for_one);
    let words = doctor.words().password(report);
    assert!(!both || !words.contains("do not reset"), "{words}");
    both
}

#[test]
fn no_words_of_a_rule_point_at_its_commands() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir("rules/checks").unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        texts(&file, &mut |text| {
            seen += 1;
            if let Some(pointer) = pointer(text) {
                wrong.push(format!("{} points with `{pointer}`: {text}", path.display()));
            }
        });
    }
    assert!(seen > 1000, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every text that a reader may see without the commands.
fn texts(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, see)),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !["commands", "tests", "when"].contains(&key.as_str()))
            .for_each(|(_, value)| texts(value, see)),
        _ => {}
    }
}

#[test]
fn what_is_not_for_a_customer_is_found() {
    let ids = HashSet::from(["mfa-per-user".to_owned()]);
    for line in [
        "Use the command below.",
        "As shown above, retry.",
        "Let the check read graph.sign_ins.",
        "Refused with AADSTS50076.",
        "Refused (0x80040225).",
        "See mfa-per-user.",
    ] {
        assert!(fault(line, &ids).is_some(), "{line}");
    }
    for line in [
        "Work 365 speaks to Graph.",
        "The belowground cable",
        "multi-factor per user",
    ] {
        assert_eq!(fault(line, &ids), None);
    }
    assert!(is_guid("11111111-1111-4111-8111-1111111111f1"));
    assert!(!is_guid("12345678-too-few-to-be-one0-hexdigitsgh"));
}
