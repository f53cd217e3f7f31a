//! A live check of a tenant gives the report that `check --snapshot` gives of the same evidence, for every scenario.

use std::path::Path;

use serde_json::Value;
use work365_doctor::collect::{Order, PRIVILEGES};
use work365_doctor::decode::decode_text;
use work365_doctor::diagnosis::{Doctor, Question, Words};
use work365_doctor::facts::{Expectations, expected_time_zone};
use work365_doctor::profile::Choice;
use work365_doctor::rules::{RuleBook, Severity};
use work365_doctor::secret::Secret;
use work365_doctor::snapshot::Snapshot;

use crate::tenant::Tenant;
use crate::{collected, order, scenario};

/// Scenarios whose evidence no service can give: why each is left out.
pub(crate) fn reason_to_leave_out(snapshot: &Value) -> Option<&'static str> {
    let section = |name: &str| &snapshot["sections"][name];
    let operator = section("graph.operator");
    if matches!(operator["outcome"].as_str(), Some("denied" | "failed")) {
        return Some("the operator's claims come from the token and cannot be refused by a service");
    }
    let is_transport =
        |name: &str| section(name)["outcome"] == "failed" && section(name)["http_status"].is_null();
    if ["login.challenge", "login.realm", "login.probe"]
        .into_iter()
        .any(is_transport)
    {
        return Some("a transport error has other words on every system");
    }
    if matches!(section("login.probe")["outcome"].as_str(), Some("denied")) {
        return Some("a probe is never denied: an OAuth answer is always `ok`");
    }
    let has_evidence = ["graph.operator", "dataverse.who_am_i"]
        .into_iter()
        .any(|name| section(name)["outcome"] == "ok");
    if !has_evidence && section("graph.user").is_null() {
        return Some("nothing was collected");
    }
    let has_application = section("graph.service_principal")["body"]["value"] != serde_json::json!([]);
    if section("graph.permission_grants")["outcome"] == "denied" && !has_application {
        return Some("without an application there are no grants that could be refused");
    }
    let asked = &section("graph.sign_ins")["body"]["asked"];
    let is_application = snapshot["subject"]["account"].as_str().unwrap().contains('-')
        && !snapshot["subject"]["account"].as_str().unwrap().contains('@');
    let wanted: &[&str] = if is_application {
        &["servicePrincipal"]
    } else {
        &["interactiveUser", "nonInteractiveUser"]
    };
    if section("graph.sign_ins")["outcome"] == "ok" && *asked != serde_json::json!(wanted) {
        return Some("the scenario's collector asked for fewer kinds of sign-ins than this one");
    }
    let privileges = &section("dataverse.user_privileges")["body"]["asked"];
    if privileges.is_array() && *privileges != serde_json::json!(PRIVILEGES) {
        return Some("the scenario's collector asked for other privileges than this one");
    }
    if section("dataverse.system_jobs")["body"]["truncated"] == true {
        return Some("the tenant has fewer jobs than a list ends at");
    }
    let jobs = section("dataverse.work365_jobs")["body"]["value"].as_array();
    let is_called_off =
        |job: &Value| job.to_string().contains("\"Cancelled\"") && job["work365_jobresults"].is_string();
    if jobs.into_iter().flatten().any(is_called_off) {
        return Some("what a job says that was called off is not asked for");
    }
    let hour = |time: &Value| time.as_str().and_then(|time| time.get(..13).map(str::to_owned));
    let user = section("graph.user");
    if user["body"]["accountEnabled"] == false && hour(&user["read_at"]) != hour(&snapshot["captured_at"]) {
        return Some("one run reads everything within a minute");
    }
    let mut sections = snapshot["sections"].as_object().into_iter().flatten();
    if sections.any(|(_, section)| section["body"]["@odata.nextLink"].is_string()) {
        return Some("who collects reads a list to its end");
    }
    if section("dataverse.work365_jobs")["outcome"] == "not_found"
        && section("dataverse.system_jobs")["outcome"] == "ok"
    {
        return Some("of two lists that were read, either may stand for what both say");
    }
    None
}

pub(crate) struct Judge {
    doctor: Doctor,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self {
            doctor: Doctor::new(RuleBook::builtin().unwrap(), Words::builtin().unwrap()),
        }
    }

    pub(crate) fn report(&self, snapshot: &Value, arguments: &[String]) -> Value {
        let snapshot = Snapshot::from_bytes(snapshot.to_string().as_bytes())
            .unwrap_or_else(|error| panic!("{}: {error}", error.path()));
        let mut expectations = Expectations::default();
        let mut profile = Choice::default();
        let (mut now, mut error) = (None, None);
        let mut fail_on = Severity::Medium;
        let mut rest = arguments.iter().filter(|flag| *flag != "--strict");
        while let Some(flag) = rest.next() {
            let value = rest.next().unwrap();
            match flag.as_str() {
                "--profile" => profile = value.parse().unwrap(),
                "--time-zone" => expectations.time_zone = Some(expected_time_zone(value).unwrap()),
                "--now" => now = Some(value.parse().unwrap()),
                "--configured-identity" => expectations.configured_identity = Some(value.clone()),
                "--ip" => expectations.addresses.push(value.parse().unwrap()),
                "--country" => expectations.country = Some(value.clone()),
                "--fail-on" => fail_on = Severity::of_name(value).unwrap(),
                "--error" => error = Some(decode_text(value.as_bytes())),
                other => panic!("{other}"),
            }
        }
        let selection = self.doctor.selection(&[], &[]).unwrap();
        let question = Question {
            profile,
            now,
            expectations: &expectations,
            fail_on,
            selection: &selection,
            error: error.as_ref(),
            acceptances: &[],
        };
        let diagnosed = self.doctor.diagnose(&snapshot, &question);
        let mut report = serde_json::to_value(&diagnosed.report).unwrap();
        timeless(&mut report);
        report
    }
}

/// When the evidence was read is the one thing that must differ.
pub(crate) fn timeless(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("read_at");
            map.remove("captured_at");
            // The timeline ends when its log was read.
            if let Some(Value::Object(window)) = map.get_mut("window") {
                window.remove("to");
            }
            // The id of a request is new in every run; a detail that holds nothing else says nothing.
            if let Some(detail) = map.get_mut("detail")
                && detail
                    .as_str()
                    .is_some_and(|text| text.starts_with("client-request-id "))
            {
                *detail = Value::Null;
            }
            if let Some(Value::String(detail)) = map.get_mut("detail")
                && let Some(start) = detail.find(" (client-request-id ")
                && let Some(end) = detail[start..].find(')')
            {
                detail.replace_range(start..=start + end, "");
            }
            map.values_mut().for_each(timeless);
        }
        Value::Array(items) => items.iter_mut().for_each(timeless),
        _ => {}
    }
}

/// What the scenario does not hold, or holds although nothing could lead to it, is taken from the live run.
fn fitted(scenario: &Value, live: &Value) -> Value {
    let mut fitted = scenario.clone();
    let sections = fitted["sections"].as_object_mut().unwrap();
    for (name, record) in live["sections"].as_object().unwrap() {
        let is_absent = sections
            .get(name)
            .is_none_or(|section| section["outcome"] == "skipped");
        // An application that signs in is another operator than the person of the scenario.
        let is_another = name == "graph.operator"
            && sections
                .get(name)
                .is_some_and(|own| own["body"]["kind"] != record["body"]["kind"]);
        if is_absent || is_another || record["outcome"] == "skipped" {
            sections.insert(name.clone(), record.clone());
        } else if record["outcome"] == "denied" || record["outcome"] == "failed" {
            // A live run says in its own words what stood in the way; the file has the service's words alone.
            sections[name]["detail"] = record["detail"].clone();
        } else if name == "login.probe" {
            // The time of an answer without one of its own is the time of reading.
            sections[name]["read_at"] = record["read_at"].clone();
        }
    }
    fitted
}

/// What a live run of a scenario has to come to.
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) tenant: Tenant,
    /// The scenario, with the environment's address on loopback.
    pub(crate) moved: Value,
    arguments: Vec<String>,
}

/// How the two reports compare.
pub(crate) enum Compared {
    Equal,
    /// What a live run reads is never old.
    LeftOut,
    Different(String),
}

impl Trial {
    /// Nothing where no service could give the scenario's evidence.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let given = scenario::snapshot(folder);
        if reason_to_leave_out(&given).is_some() {
            return None;
        }
        let (tenant, moved) = scenario::tenant_of(&given);
        let mut arguments = scenario::arguments(folder);
        if !arguments.iter().any(|argument| argument == "--now") {
            let now = moved["captured_at"].as_str().unwrap();
            arguments.extend(["--now".to_owned(), now.to_owned()]);
        }
        Some(Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            tenant,
            moved,
            arguments,
        })
    }

    pub(crate) fn account(&self) -> &str {
        self.moved["subject"]["account"].as_str().unwrap()
    }

    /// An order with tokens, and with the probe where the scenario has one.
    pub(crate) fn order(&self) -> Order {
        let mut order = order(&self.tenant, self.account());
        if self.moved["sections"]["login.probe"]["outcome"] == "ok" {
            order.probe = Some(Secret::new("canary-password"));
        }
        order
    }

    /// The report of what was read, and of the scenario's file.
    pub(crate) fn compared(&self, judge: &Judge, live: &Value) -> Compared {
        let from_live = judge.report(live, &self.arguments);
        let from_file = judge.report(&fitted(&self.moved, live), &self.arguments);
        if from_live["upcoming"] != from_file["upcoming"] {
            Compared::LeftOut
        } else if from_live == from_file {
            Compared::Equal
        } else {
            let difference = first_difference("", &from_file, &from_live);
            Compared::Different(format!("{}: {difference}", self.name))
        }
    }

    /// What a snapshot is judged to be.
    pub(crate) fn report(&self, judge: &Judge, snapshot: &Value) -> Value {
        judge.report(snapshot, &self.arguments)
    }

    /// The outcome and the causes that a snapshot is judged to have.
    pub(crate) fn verdict(&self, judge: &Judge, snapshot: &Value) -> Value {
        let report = self.report(judge, snapshot);
        let diagnosis = &report["diagnosis"];
        serde_json::json!([
            report["summary"]["outcome"],
            diagnosis["root_causes"],
            diagnosis["headline"]
        ])
    }
}

/// Does the work where there is room for what it nests.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(32 * 1024 * 1024);
        builder.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

#[test]
fn a_live_check_gives_the_report_of_the_snapshot_for_every_scenario() {
    with_room(every_scenario);
}

fn every_scenario() {
    let judge = Judge::new();
    let only = std::env::var("SCENARIO").ok();
    let (mut equal, mut left_out, mut different) = (0, 0, Vec::new());
    let (mut most_requests, mut most_rounds) = (0, 0);
    for folder in scenario::folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let Some(trial) = Trial::of(&folder) else {
            left_out += 1;
            continue;
        };
        let (session, _) = collected(trial.order());
        most_requests = most_requests.max(session.requests().len());
        most_rounds = most_rounds.max(session.rounds());
        match trial.compared(&judge, &session.snapshot()) {
            Compared::Equal => equal += 1,
            Compared::LeftOut => left_out += 1,
            Compared::Different(how) => different.push(how),
        }
    }
    println!("{equal} equal, {left_out} left out, at most {most_requests} requests in {most_rounds} rounds");
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
    assert!(
        most_requests <= 25 && most_rounds <= 5,
        "{most_requests} requests, {most_rounds} rounds"
    );
}

pub(crate) fn first_difference(path: &str, file: &Value, live: &Value) -> String {
    match (file, live) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left.keys().chain(right.keys()) {
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) if left == right => {}
                    (Some(left), Some(right)) => {
                        return first_difference(&format!("{path}/{name}"), left, right);
                    }
                    // What is not there is not null.
                    (left, right) => return format!("{path}/{name}: file {left:?}, live {right:?}"),
                }
            }
            String::new()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let index = left
                .iter()
                .zip(right)
                .position(|(left, right)| left != right)
                .unwrap();
            first_difference(&format!("{path}/{index}"), &left[index], &right[index])
        }
        _ => format!("{path}: file {file}, live {live}"),
    }
}
