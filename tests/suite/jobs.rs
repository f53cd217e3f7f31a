//! Jobs of Work 365 as a reader meets them: how often one failed, what a letter about it says, and evidence of another time.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::contract::{json as parsed, run, snapshot, stderr, stdout, text};

/// The healthy account, with one job that succeeded and one that failed at each of these times.
fn failing(folder: &Path, result: &str, times: &[&str]) -> PathBuf {
    let job = |state: &str, at: &str, result: Value| {
        json!({"work365_jobid": format!("{state} {at}"), "work365_name": "JOB-1", "work365_status": state,
            "work365_jobtype": "Charge invoice", "createdon": at, "modifiedon": at, "work365_jobresults": result})
    };
    snapshot(folder, "case.json", |case| {
        let mut jobs = vec![job("Succeeded", "2026-06-15T05:40:00Z", Value::Null)];
        jobs.extend(times.iter().map(|at| job("Failed", at, result.into())));
        for (section, rows) in [
            ("dataverse.work365_jobs", json!(jobs)),
            ("dataverse.system_jobs", json!([])),
        ] {
            case["sections"][section] =
                json!({"outcome": "ok", "http_status": 200, "body": {"value": rows, "table": "work365_job"}});
        }
    })
}

#[test]
fn every_job_that_says_the_same_counts() {
    let folder = tempfile::tempdir().unwrap();
    let times = [
        "2026-06-15T08:00:00Z",
        "2026-06-15T08:10:00Z",
        "2026-06-15T08:20:00Z",
    ];
    let case = failing(
        folder.path(),
        "AADSTS50057: The user account is disabled.",
        &times,
    );
    let report = parsed(&run(&["check", "--snapshot", text(&case), "-o", "json"]));
    let error = &report["errors"][0];
    assert_eq!(
        (&error["code"], &error["count"], &error["first_seen"]),
        (&json!("AADSTS50057"), &json!(3), &json!(times[0]))
    );
    let code = &report["timeline"]["codes"][0];
    assert_eq!(
        (&code["code"], &code["count"]),
        (&json!("AADSTS50057"), &json!(3))
    );
}

#[test]
fn what_is_open_is_counted_though_it_leaves_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let case = failing(folder.path(), "", &[]);
    let mut evidence: Value = serde_json::from_slice(&std::fs::read(&case).unwrap()).unwrap();
    let at = "2026-06-15T05:00:00Z";
    evidence["sections"]["dataverse.system_jobs"]["body"]["value"] = json!([{
        "name": "Work 365 Start Job", "operationtype": 10, "statecode": 3, "statuscode": 31, "errorcode": null,
        "message": "0x80040220 SecLib::AccessCheckEx failed", "friendlymessage": null, "createdon": at,
        "completedon": at, "postponeuntil": null, "_workflowactivationid_value": null
    }]);
    std::fs::write(&case, evidence.to_string()).unwrap();
    let report = parsed(&run(&["check", "--snapshot", text(&case), "-o", "json"]));
    assert_eq!(report["summary"]["outcome"], "incomplete");
    let headline = report["diagnosis"]["headline"].as_str().unwrap();
    // That job, and the two questions about workflows that nobody asked.
    assert!(headline.contains("3 checks could not be judged"), "{headline}");
}

#[test]
fn the_letter_of_a_failing_job_promises_nothing_and_every_step_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let case = failing(
        folder.path(),
        "Object reference not set",
        &["2026-06-15T08:00:00Z"],
    );
    let output = run(&["check", "--snapshot", text(&case), "--audience", "customer"]);
    let letter = stdout(&output);
    assert!(letter.contains("To: Work 365 administrator"), "{letter}");
    for wrong in [
        "found what stops it",
        "If it names nothing",
        "Reset Service Credentials",
    ] {
        assert!(!letter.contains(wrong), "{wrong}: {letter}");
    }
}

#[test]
fn a_now_before_the_evidence_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let case = snapshot(folder.path(), "case.json", |_| ());
    let said = |now: &str| {
        let output = run(&["check", "--snapshot", text(&case), "--now", now]);
        stderr(&output).to_owned()
    };
    assert!(said("2026-06-01T00:00:00Z").contains("before the evidence was collected"));
    assert_eq!(said("2026-06-16T00:00:00Z"), "");
}
