//! What the renderers of files share: hostile text neutralised once, values in words, findings by area, who gets which message.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::decode::model::{Grant, Unrecognised};
use crate::diagnosis::report::{
    AskQuestion, Contradiction, Finding, Remaining, Report, Status, UnknownBecause, Unreadable,
};
use crate::facts::Reason;
use crate::json_reader;
use crate::remedy::places;
use crate::render::json;
use crate::snapshot::section_info;
use crate::text::{hex, is_guid, one_line, terminal_safe};

/// What is said of a code that no list has.
pub(crate) const UNDOCUMENTED: &str = "This code is in no published list. Nothing is guessed about it.";

/// A copy of the report in which every string is safe to show: control, bidirectional and invisible characters are
/// spelled out. Formats escape their own marks on top of that.
pub(crate) fn neutralised<T: Clone + Serialize + DeserializeOwned>(report: &T) -> T {
    with_texts(report, &|text| terminal_safe(text).into_owned())
}

/// A copy for a reader who is no engineer: codes and ids in parentheses are left out.
pub(crate) fn for_customer(report: &Report) -> Report {
    let mut report = with_texts(report, &plain);
    report.diagnosis.checklist.retain(|step| !step.is_empty());
    for remedy in report
        .findings
        .iter_mut()
        .filter_map(|finding| finding.remedy.as_mut())
    {
        remedy.steps.retain(|step| !step.is_empty());
    }
    report
}

/// A text for a reader who is no engineer: no codes or ids in parentheses, and no sentence that names a command of this
/// program.
pub(crate) fn plain(text: &str) -> String {
    without_commands(&without_codes(&terminal_safe(text)))
}

/// `Do this. Run `work365-doctor check` again.` becomes `Do this.`
fn without_commands(text: &str) -> String {
    const COMMAND: &str = "`work365-doctor";
    if !text.contains(COMMAND) {
        return text.to_owned();
    }
    // In parentheses it is an aside; elsewhere the sentence is about it.
    let aside = without_asides(text, &|inner| inner.contains(COMMAND));
    let kept: Vec<&str> = aside
        .split_inclusive(". ")
        .filter(|sentence| !sentence.contains(COMMAND))
        .collect();
    kept.concat().trim_end().to_owned()
}

fn with_texts<T: Clone + Serialize + DeserializeOwned>(report: &T, change: &dyn Fn(&str) -> String) -> T {
    // A document is plain data that came from its own types: the way through JSON and back has no way to fail.
    let copy = json_reader::from_tree(&changed(json::tree(report), change));
    copy.unwrap_or_else(|_| report.clone())
}

fn changed(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => items.into_iter().map(|item| changed(item, change)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (terminal_safe(&key).into_owned(), changed(value, change)))
            .collect(),
        other => other,
    }
}

/// What would give a missing right, the smallest grant first, a line each.
pub(crate) fn ways(error: &Value) -> Vec<String> {
    let options = error.pointer("/grant/options").and_then(Value::as_array);
    in_order(
        options
            .into_iter()
            .flatten()
            .filter_map(|option| option.get("why").and_then(Value::as_str)),
    )
}

/// The same of a grant that is no JSON.
pub(crate) fn ways_of(grant: &Grant) -> Vec<String> {
    in_order(grant.options.iter().map(|option| option.why.as_str()))
}

fn in_order<'a>(ways: impl Iterator<Item = &'a str>) -> Vec<String> {
    ways.enumerate()
        .map(|(position, why)| match position {
            0 => format!("smallest grant: {why}"),
            _ => format!("or: {why}"),
        })
        .collect()
}

/// The errors whose missing right could be given, each with the ways, the smallest first.
pub(crate) fn missing_rights(report: &Report) -> Vec<(&str, Vec<String>)> {
    let errors = report.errors.iter().map(|error| {
        let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
        (code, ways(error))
    });
    errors.filter(|(_, ways)| !ways.is_empty()).collect()
}

/// `refused (AADSTS50076).` becomes `refused.`, and `the sign-in log (graph.sign_ins)` becomes `the sign-in log`.
fn without_codes(text: &str) -> String {
    without_asides(text, &|inner| {
        inner.contains("AADSTS") || inner.contains("0x8") || inner.split(", ").all(is_id)
    })
}

/// The text without the parentheses that are dropped, and the blank before them.
fn without_asides(text: &str, is_dropped: &dyn Fn(&str) -> bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        match after.split_once(')') {
            Some((inner, tail)) if is_dropped(inner) => {
                result.push_str(before.trim_end());
                rest = tail;
            }
            _ => {
                result.push_str(before);
                result.push('(');
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

/// Whether it is an id of a directory or of a row, or the name of a section of the evidence.
fn is_id(word: &str) -> bool {
    is_guid(word) || section_info(word).is_some()
}

/// A value of the evidence in words, on one line.
pub(crate) fn value_in_words(value: &Value) -> String {
    match value {
        Value::Null => "not set, or not known".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => one_line(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(value_in_words).collect::<Vec<_>>().join(", "),
        other => one_line(&other.to_string()),
    }
}

/// Whether the question needs evidence that older versions did not collect, and nobody collected it: nothing to speak of.
pub(crate) fn was_never_collected(finding: &Finding) -> bool {
    let is_later = |cause: &UnknownBecause| {
        matches!(cause.reason, Reason::Absent | Reason::Skipped)
            && section_info(&cause.section).is_some_and(|info| info.is_later)
    };
    finding.status == Status::Unknown
        && !finding.unknown_because.is_empty()
        && finding.unknown_because.iter().all(is_later)
}

/// How a section did not answer, the right that would read it, and the service's own words.
pub(crate) fn because_in_words(cause: &UnknownBecause) -> String {
    match &cause.detail {
        Some(detail) => one_line(&format!("{}: {detail}", gap_and_right(cause))),
        None => gap_and_right(cause),
    }
}

/// How a section did not answer, and the right that would read it.
pub(crate) fn gap_and_right(cause: &UnknownBecause) -> String {
    let reason = match cause.reason {
        Reason::Denied => "denied",
        Reason::NotFound => "not found",
        Reason::Failed => "failed",
        Reason::Skipped => "not asked",
        Reason::Absent => "not in the evidence",
        Reason::ExpectationMissing => "expectation missing",
    };
    let status = cause
        .http_status
        .map(|status| format!(", HTTP {status}"))
        .unwrap_or_default();
    let needs: Vec<&str> = [&cause.permission, &cause.role, &cause.license]
        .into_iter()
        .filter_map(|need| need.as_deref())
        .collect();
    let needs = if needs.is_empty() {
        String::new()
    } else {
        format!("; needs {}", needs.join(" and "))
    };
    one_line(&format!("{} ({reason}{status}){needs}", cause.section))
}

/// The findings of one area.
pub(crate) struct Area<'a> {
    /// Its name, as `dataverse-user`.
    pub(crate) name: &'a str,
    /// In the order of the report.
    pub(crate) findings: Vec<&'a Finding>,
}

impl Area<'_> {
    /// The name for people: `Dataverse user`.
    pub(crate) fn title(&self) -> String {
        let mut characters = self.name.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        let words = first.into_iter().chain(characters).collect::<String>();
        if self.name == "sign-in" {
            words
        } else {
            words.replace('-', " ")
        }
    }
}

/// The findings by area, areas in the order in which the account meets them. Who runs the check is no gate: last.
pub(crate) fn areas(report: &Report) -> Vec<Area<'_>> {
    let mut areas: Vec<Area<'_>> = Vec::new();
    for finding in &report.findings {
        match areas.iter_mut().find(|area| area.name == finding.area) {
            Some(area) => area.findings.push(finding),
            None => areas.push(Area {
                name: &finding.area,
                findings: vec![finding],
            }),
        }
    }
    areas.sort_by_key(|area| area.name == "operator");
    areas
}

/// The root causes in the order to fix them.
pub(crate) fn root_causes(report: &Report) -> Vec<&Finding> {
    let roots = report.diagnosis.root_causes.iter();
    roots
        .filter_map(|id| report.findings.iter().find(|finding| finding.id == *id))
        .collect()
}

/// The other faults: consequences, and those below the threshold.
pub(crate) fn other_faults(report: &Report) -> Vec<&Finding> {
    let is_other =
        |finding: &&Finding| !finding.root_cause && matches!(finding.status, Status::Fail | Status::Pending);
    report.findings.iter().filter(is_other).collect()
}

/// A look that would tell more: the question, where to look, who can.
pub(super) fn look_in_words(look: &AskQuestion) -> String {
    let place = look.r#where.first().map_or("", String::as_str);
    format!(
        "{} {place} ({}, {} min)",
        look.text,
        look.who.person(),
        look.minutes
    )
}

/// What is said of an error in which nothing known was found.
pub(crate) fn unrecognised_in_lines(unrecognised: &Unrecognised) -> Vec<String> {
    let mut lines = vec![unrecognised.says.clone()];
    lines.extend(
        unrecognised
            .copy_instead
            .iter()
            .map(|what| format!("Copy instead: {what}")),
    );
    if let Some(symptom) = &unrecognised.symptom {
        lines.push(format!(
            "It sounds like: {} ({}). {}",
            symptom.title, symptom.id, symptom.means
        ));
    }
    lines
}

/// An answer that the evidence contradicts.
pub(super) fn contradiction_in_words(one: &Contradiction) -> String {
    let at = one
        .read_at
        .as_deref()
        .map(|at| format!(" at {at}"))
        .unwrap_or_default();
    format!(
        "{}: answered {}, but {} was read from {}{at}. What was read decides; capture again if it has changed since.",
        one.fact, one.answered, one.read, one.section
    )
}

/// The steps as lines: numbered, with `mark` behind the number; alternatives have "or" in its place.
pub(crate) fn numbered_lines(steps: &[String], mark: char) -> Vec<String> {
    let places = places(steps);
    let lines = places.iter().enumerate().flat_map(|(position, place)| {
        let alternatives = place.alternatives.iter().map(|step| format!("or{mark} {step}"));
        std::iter::once(format!("{}{mark} {}", position + 1, place.step)).chain(alternatives)
    });
    lines.collect()
}

/// A group of checks that one set of rights would answer.
pub(super) fn unreadable_in_words(group: &Unreadable) -> String {
    let license = group
        .license
        .as_ref()
        .map(|license| format!("the tenant licence {license}"));
    let rights: Vec<String> = [group.permission.clone(), group.role.clone(), license]
        .into_iter()
        .flatten()
        .collect();
    let need = match (rights.is_empty(), group.settled_by) {
        (false, _) => rights.join(", "),
        (true, Some(Remaining::SignIn)) => "A new sign-in".to_owned(),
        (true, Some(Remaining::Person)) => "Somebody whom the service admits".to_owned(),
        (true, Some(Remaining::Capture)) => "Fresh evidence".to_owned(),
        (true, _) => "Another try".to_owned(),
    };
    format!(
        "{need} ({}): {}",
        group.sections.join(", "),
        group.checks.join(", ")
    )
}

/// `2 fail, 57 pass`: what is not zero, worst first.
pub(crate) fn counts(report: &Report) -> String {
    let summary = &report.summary;
    in_words(&[
        (summary.fail, "fail"),
        (summary.pending, "pending"),
        (summary.unknown, "unknown"),
        (summary.pass, "pass"),
        (summary.not_applicable, "not applicable"),
        (summary.left_out, "left out"),
    ])
}

/// What is not zero, in words.
pub(crate) fn in_words(counts: &[(usize, &str)]) -> String {
    let words: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    words.join(", ")
}

/// The root causes by the person who must act, in the order in which they are needed.
pub(crate) fn by_owner(report: &Report) -> Vec<(&str, Vec<&Finding>)> {
    let mut owners: Vec<(&str, Vec<&Finding>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in root_causes(report) {
        // A finding that time alone cures gives nobody anything to do.
        let Some(remedy) = finding
            .remedy
            .as_ref()
            .filter(|_| finding.status != Status::Pending)
        else {
            continue;
        };
        let place = *places.entry(&remedy.owner).or_insert_with(|| {
            owners.push((&remedy.owner, Vec::new()));
            owners.len() - 1
        });
        owners[place].1.push(finding);
    }
    owners
}

/// SHA-256 of the report as JSON: two tickets with the same digest hold the same facts.
pub(crate) fn digest(report: &Report) -> String {
    hex(&Sha256::digest(json::bytes(report)))
}

#[cfg(test)]
mod tests {
    use super::{without_codes, without_commands};

    #[test]
    fn sentences_about_a_command_are_left_out_and_asides_too() {
        for (text, kept) in [
            (
                "Do this. Run it: `work365-doctor check`. Then that.",
                "Do this. Then that.",
            ),
            (
                "Send a redacted snapshot (`work365-doctor capture`) to support.",
                "Send a redacted snapshot to support.",
            ),
            ("`work365-doctor what-if` answers ALLOWED.", ""),
            ("Set `x` (here).", "Set `x` (here)."),
        ] {
            assert_eq!(without_commands(text), kept);
        }
    }

    #[test]
    fn codes_in_parentheses_are_left_out_and_other_parentheses_stay() {
        assert_eq!(without_codes("refused (AADSTS50076)."), "refused.");
        assert_eq!(
            without_codes("the sign-in log (graph.sign_ins)."),
            "the sign-in log."
        );
        assert_eq!(
            without_codes(
                "twice (11111111-1111-4111-8111-1111111111f1, 11111111-1111-4111-8111-1111111111f2)"
            ),
            "twice"
        );
        assert_eq!(
            without_codes("(group 11111111-1111-4111-8111-1111111111f1) > Members"),
            "(group 11111111-1111-4111-8111-1111111111f1) > Members"
        );
        assert_eq!(
            without_codes("Fabrikam (Production) and (x"),
            "Fabrikam (Production) and (x"
        );
    }
}
