//! How far back a sign-in log is read: as far as the verdict and the timeline look.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::well_known::{DATAVERSE_APPLICATION, WORK_365_APPLICATIONS};

/// Entries of so many dates span more than the day that may lie between two refusals of one trouble.
const DATES: usize = 3;

/// Whether what is older would be history alone. What was read spans more than a day and shows a sign-in that Work 365 may have made;
/// of every kind of sign-in that was asked for, one to Dynamics 365 succeeded; and so did each stream of them that is seen: what
/// refuses now began after that.
pub(crate) fn is_far_enough(question: &str, entries: &[Value]) -> bool {
    if !question.contains("/auditLogs/signIns?") {
        return false;
    }
    let dates: BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| entry["createdDateTime"].as_str()?.get(..10))
        .collect();
    let own: Vec<&Value> = entries.iter().filter(|entry| is_to_dynamics(entry)).collect();
    let streams = |all: &[&Value]| -> BTreeSet<String> { all.iter().map(|entry| stream(entry)).collect() };
    let succeeded: Vec<&Value> = own
        .iter()
        .copied()
        .filter(|entry| entry["status"]["errorCode"] == 0)
        .collect();
    let mut kinds = kinds_asked_for(question);
    dates.len() >= DATES
        && own.iter().any(|entry| may_be_of_work_365(entry))
        && streams(&own) == streams(&succeeded)
        && kinds.all(|kind| succeeded.iter().any(|entry| is_of(entry, kind)))
}

/// The kinds that the filter names.
fn kinds_asked_for(question: &str) -> impl Iterator<Item = &str> {
    question
        .split("signInEventTypes/any(t:t eq '")
        .skip(1)
        .filter_map(|rest| rest.split('\'').next())
}

fn is_of(entry: &Value, kind: &str) -> bool {
    entry["signInEventTypes"]
        .as_array()
        .is_some_and(|kinds| kinds.iter().any(|one| one == kind))
}

fn is_to_dynamics(entry: &Value) -> bool {
    entry["resourceId"] == DATAVERSE_APPLICATION
        || WORK_365_APPLICATIONS.iter().any(|id| entry["appId"] == *id)
}

/// A stored password or one of its applications; an application user's log holds nothing else. A person in a browser is neither.
fn may_be_of_work_365(entry: &Value) -> bool {
    entry["authenticationProtocol"] == "ropc"
        || is_of(entry, "servicePrincipal")
        || WORK_365_APPLICATIONS.iter().any(|id| entry["appId"] == *id)
}

/// Sign-ins of one application in one way.
fn stream(entry: &Value) -> String {
    ["appId", "authenticationProtocol", "signInEventTypes"]
        .map(|name| entry[name].to_string())
        .join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::is_far_enough;
    use crate::well_known::DATAVERSE_APPLICATION;

    const QUESTION: &str = "/beta/auditLogs/signIns?$filter=userId eq 'x' and (signInEventTypes/any(t:t eq 'interactiveUser') or signInEventTypes/any(t:t eq 'nonInteractiveUser'))";

    fn entry(day: u8, kind: &str, code: i64) -> Value {
        json!({"createdDateTime": format!("2026-11-{day:02}T06:00:00Z"), "signInEventTypes": [kind], "appId": "a",
            "authenticationProtocol": "ropc", "resourceId": DATAVERSE_APPLICATION, "status": {"errorCode": code}})
    }

    fn log(refused: &str) -> Vec<Value> {
        (0..4)
            .flat_map(|back| {
                ["interactiveUser", "nonInteractiveUser"].map(|kind| {
                    let is_refused = kind == refused && back < 2;
                    entry(20 - back, kind, if is_refused { 50126 } else { 0 })
                })
            })
            .collect()
    }

    #[test]
    fn a_log_reaches_far_enough_when_it_shows_what_went_before_each_refusal() {
        assert!(is_far_enough(QUESTION, &log("")));
        assert!(is_far_enough(QUESTION, &log("interactiveUser")));
        // Refused for as long as it shows.
        assert!(!is_far_enough(QUESTION, &log("interactiveUser")[..4]));
        // A day, and nothing of what went before it.
        assert!(!is_far_enough(QUESTION, &log("")[..4]));
        // Sign-ins of one kind say nothing about the other.
        let of_one_kind: Vec<Value> = log("").into_iter().step_by(2).collect();
        assert!(!is_far_enough(QUESTION, &of_one_kind));
        // Another way of signing in that never succeeded.
        let mut with_another = log("");
        with_another
            .push(json!({"resourceId": DATAVERSE_APPLICATION, "appId": "b", "status": {"errorCode": 50034}}));
        assert!(!is_far_enough(QUESTION, &with_another));
        // A person in a browser, and whether Work 365 came before is not shown.
        let by_a_person: Vec<Value> = log("")
            .into_iter()
            .map(|mut entry| {
                entry["authenticationProtocol"] = json!("none");
                entry
            })
            .collect();
        assert!(!is_far_enough(QUESTION, &by_a_person));
        // Sign-ins to something else, and another log.
        let elsewhere: Vec<Value> = log("")
            .into_iter()
            .map(|mut entry| {
                entry["resourceId"] = json!("elsewhere");
                entry
            })
            .collect();
        assert!(!is_far_enough(QUESTION, &elsewhere));
        assert!(!is_far_enough("/v1.0/auditLogs/directoryAudits?", &log("")));
    }
}
