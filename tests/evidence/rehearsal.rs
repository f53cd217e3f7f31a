//! Rehearsals: the ladders of `fixtures/rehearsals.json` step by step, and what holds for every scenario: what is assumed to
//! be fixed is gone, what is left to fix leads to the end of the ladder, and the verdict itself never changes.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::{Value, json};
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::{Outcome, Rehearsal, Report, Status};
use work365_doctor::snapshot::Snapshot;

use crate::support::{big_stack, diagnose, read_json, snapshot_of};

const LADDERS: &str = "fixtures/rehearsals.json";

/// One ladder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ladder {
    /// What a reader learns from it.
    about: String,
    scenario: String,
    /// Value of `--assume-fixed`.
    assume: String,
    /// Arguments beside those of the scenario; a later one wins.
    #[serde(default)]
    arguments: Vec<String>,
    /// `outcome`, `root_causes`, `new`, `cured`, and `steps` as `[fix, outcome, cured, new, breaks]`.
    expect: Value,
}

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    let ladders: Vec<Ladder> = read_json(Path::new(LADDERS)).unwrap_or_default();
    let mut trials = vec![{
        let number = ladders.len();
        Trial::test("rehearsal::ladders_are_read", move || match number {
            0..20 => Err(format!("only {number} ladders were read from {LADDERS}").into()),
            _ => Ok(()),
        })
    }];
    for (position, ladder) in ladders.into_iter().enumerate() {
        let doctor = Arc::clone(doctor);
        let name = format!("rehearsal::ladder::{:02}_{}", position + 1, ladder.scenario);
        trials.push(Trial::test(name, move || big_stack(|| climb(&doctor, &ladder))));
    }
    trials.extend(crate::each_scenario("rehearsal::law", doctor, law));
    trials
}

fn report(doctor: &Doctor, folder: &Path, more: &[String], assume: Option<&str>) -> Result<Report, Failed> {
    let expect: Value = read_json(&folder.join("expect.json"))?;
    let mut arguments: Vec<String> = expect["arguments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|argument| argument.as_str().map(str::to_owned))
        .collect();
    arguments.extend_from_slice(more);
    if let Some(assume) = assume {
        arguments.extend(["--assume-fixed".to_owned(), assume.to_owned()]);
    }
    let bytes = serde_json::to_vec(&snapshot_of(folder)?)?;
    let snapshot = Snapshot::from_bytes(&bytes).map_err(|error| error.to_string())?;
    Ok(diagnose(doctor, &snapshot, None, &arguments)?.0.report)
}

fn rehearsed(report: &Report) -> Result<&Rehearsal, Failed> {
    report.rehearsal.as_ref().ok_or_else(|| "no rehearsal".into())
}

fn climb(doctor: &Doctor, ladder: &Ladder) -> Result<(), Failed> {
    let folder = Path::new("fixtures/scenarios").join(&ladder.scenario);
    let report = report(doctor, &folder, &ladder.arguments, Some(&ladder.assume))?;
    let rehearsal = rehearsed(&report)?;
    let steps: Vec<Value> = rehearsal
        .steps
        .iter()
        .map(|step| json!([step.fix, step.outcome, step.cured, step.new, step.breaks]))
        .collect();
    let got = json!({
        "outcome": rehearsal.outcome, "root_causes": rehearsal.root_causes,
        "new": rehearsal.new, "cured": rehearsal.cured, "steps": steps,
    });
    if got == ladder.expect {
        return Ok(());
    }
    Err(format!("{}\n got {got:#}\n not {:#}", ladder.about, ladder.expect).into())
}

/// What holds for every case.
fn law(doctor: &Doctor, folder: &Path) -> Result<(), Failed> {
    let mut plain = report(doctor, folder, &[], None)?;
    let with_all = report(doctor, folder, &[], Some("all"))?;
    let rehearsal = rehearsed(&with_all)?.clone();
    let faults: Vec<&str> = plain
        .findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Fail | Status::Pending))
        .map(|finding| finding.id.as_str())
        .collect();
    let complain = |what: String| -> Result<(), Failed> { Err(format!("{what}: {rehearsal:#?}").into()) };
    for root in &plain.diagnosis.root_causes {
        if !rehearsal.assumed.contains(root) || !rehearsal.cured.contains(root) {
            return complain(format!("{root} is a root cause that is not assumed and cured"));
        }
        if rehearsal.root_causes.contains(root) {
            return complain(format!("{root} is still a root cause after its fix"));
        }
    }
    if let Some(id) = rehearsal.new.iter().find(|id| faults.contains(&id.as_str())) {
        return complain(format!("{id} is no new fault"));
    }
    if let Some(id) = rehearsal.cured.iter().find(|id| !faults.contains(&id.as_str())) {
        return complain(format!("{id} was no fault"));
    }
    let last = rehearsal.steps.last().map(|step| step.outcome);
    if matches!(last, Some(Outcome::Unhealthy | Outcome::Pending)) {
        return complain("the ladder does not end".to_owned());
    }
    // The rest of the report is the same as without.
    plain.rehearsal = with_all.rehearsal.clone();
    if plain == with_all {
        Ok(())
    } else {
        complain("the rehearsal changed the report".to_owned())
    }
}
