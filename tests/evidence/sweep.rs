//! Never healthy while it fails: every refusal that the catalogue knows, as the two newest sign-ins of Work 365, under each
//! profile.

use std::fs;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::Outcome;
use work365_doctor::profile::Profile;
use work365_doctor::snapshot::Snapshot;

use crate::support::{big_stack, diagnose, read_json};

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    Profile::ALL
        .into_iter()
        .map(|profile| {
            let doctor = Arc::clone(doctor);
            Trial::test(format!("sweep::{profile}"), move || {
                big_stack(|| sweep(&doctor, profile))
            })
        })
        .collect()
}

fn sweep(doctor: &Doctor, profile: Profile) -> Result<(), Failed> {
    let base: Value = read_json(format!("fixtures/bases/healthy-{profile}.json").as_ref())?;
    let codes = codes()?;
    if codes.len() < 80 {
        return Err(format!("only {} codes were found", codes.len()).into());
    }
    let mut healthy = Vec::new();
    for code in codes {
        let mut snapshot = base.clone();
        let log = snapshot
            .pointer_mut("/sections/graph.sign_ins/body/value")
            .and_then(Value::as_array_mut)
            .ok_or("the base has no log")?;
        for minutes in [10, 20] {
            let refused = refused(&log[0], code, minutes);
            log.push(refused);
        }
        let snapshot = Snapshot::from_bytes(&serde_json::to_vec(&snapshot)?)
            .map_err(|error| format!("{code}: {error}"))?;
        let arguments = ["--profile", profile.name()].map(str::to_owned);
        let (diagnosed, _) = diagnose(doctor, &snapshot, None, &arguments)?;
        if diagnosed.report.summary.outcome == Outcome::Healthy || !diagnosed.has_fault {
            healthy.push(code);
        }
    }
    if healthy.is_empty() {
        Ok(())
    } else {
        Err(format!("judged healthy while refused with {healthy:?}").into())
    }
}

/// The newest entry again, refused, some minutes after it.
fn refused(newest: &Value, code: i64, minutes: i64) -> Value {
    let mut entry = newest.clone();
    let at: jiff::Timestamp = newest["createdDateTime"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .unwrap_or_default();
    let later = at + jiff::SignedDuration::from_mins(minutes);
    entry["createdDateTime"] = json!(later.to_string());
    entry["correlationId"] = json!(format!("cccccccc-0000-4000-8000-{minutes:012}"));
    entry["id"] = json!(format!("eeeeeeee-0000-4000-8000-{minutes:012}"));
    entry["status"] = json!({"errorCode": code, "failureReason": "Refused.", "additionalDetails": null});
    entry["appliedConditionalAccessPolicies"] = json!([]);
    entry
}

/// Every code of the catalogue that refuses a sign-in: without those of an unfinished one or of a busy service.
fn codes() -> Result<Vec<i64>, Failed> {
    let number = |line: &str| line.split(',').next().and_then(|cell| cell.parse::<i64>().ok());
    let listed = fs::read_to_string("rules/data/attempts.csv")?;
    let no_refusals: Vec<i64> = listed.lines().filter_map(number).collect();
    let mut codes = Vec::new();
    for file in fs::read_dir("rules/errors")? {
        let path = file?.path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let text = fs::read_to_string(path)?;
        let own = text.lines().filter_map(|line| {
            line.trim()
                .strip_prefix("- code: AADSTS")?
                .trim()
                .parse::<i64>()
                .ok()
        });
        codes.extend(own.filter(|code| !no_refusals.contains(code)));
    }
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}
