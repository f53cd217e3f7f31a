//! `fleet` against the loopback tenant: rows of every kind of trouble among healthy ones, and runs that are broken off.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{run, tool};
use crate::server::{How, Request, Response, serve};
use crate::tenant::Tenant;
use crate::{ACCOUNT, healthy};

/// A few rules: what the others come to is no concern here. The evidence is read for all of them, whatever is selected.
const FEW: &str = "account-not-found,account-is-guest,mfa-per-user";

const HEADER: &str = "name,account,environment,tenant,auth,client-id,secret-variable";

/// A row that signs in as an application.
fn row(name: &str, account: &str, environment: &str, variable: &str) -> String {
    format!("{name},{account},{environment},,client-secret,00001111-aaaa-2222-bbbb-3333cccc4444,{variable}")
}

fn list(folder: &Path, rows: &[String]) -> String {
    let path = folder.join("list.csv");
    fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    path.display().to_string()
}

fn fleet(tenant: &Tenant, list: &str, more: &[&str]) -> Command {
    tenant
        .state
        .secrets
        .lock()
        .unwrap()
        .insert("client_secret".to_owned(), "right-canary".to_owned());
    let mut command = tool(
        tenant,
        &[&["fleet", list, "--select", FEW, "-o", "json"], more].concat(),
    );
    command
        .env("WORK365_DOCTOR_RIGHT", "right-canary")
        .env("WORK365_DOCTOR_WRONG", "wrong-canary")
        // What is right must stay right on a machine that is short of time.
        .env("WORK365_DOCTOR_TIMEOUT", "60s")
        .env("WORK365_DOCTOR_DEADLINE", "120s");
    command
}

/// An environment that takes every request and answers none.
fn hanging() -> String {
    serve(Arc::new(|_: Request| {
        Response::json(200, &json!({})).sent(How::Late(600_000))
    }))
}

fn named<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let accounts = answer["accounts"].as_array().unwrap().iter();
    let mut found = accounts.filter(|account| account["name"] == name);
    let account = found.next().unwrap_or_else(|| panic!("{name} is missing"));
    assert!(found.next().is_none(), "{name} is there twice");
    account
}

#[test]
fn every_kind_of_trouble_costs_its_own_row_and_no_other() {
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let environment = tenant.addresses.dataverse.as_str();
    let right = "WORK365_DOCTOR_RIGHT";
    let busy = Response::json(
        429,
        &json!({"error": {"code": "TooManyRequests", "message": "later"}}),
    )
    .with("Retry-After", "1");
    tenant.fault("/users/busy@fabrikam.com", busy, usize::MAX);
    let good: Vec<String> = (1..=4).map(|number| format!("good-{number}")).collect();
    let mut rows: Vec<String> = good
        .iter()
        .map(|name| row(name, ACCOUNT, environment, right))
        .collect();
    let troubles = [
        ("busy", row("busy", "busy@fabrikam.com", environment, right)),
        ("hanging", row("hanging", ACCOUNT, &hanging(), right)),
        ("refused", row("refused", ACCOUNT, "http://127.0.0.1:1", right)),
        (
            "unreachable",
            row("unreachable", ACCOUNT, "https://work365-doctor.invalid", right),
        ),
        (
            "wrong-secret",
            row("wrong-secret", ACCOUNT, environment, "WORK365_DOCTOR_WRONG"),
        ),
        (
            "no-secret",
            row(
                "no-secret",
                ACCOUNT,
                environment,
                "WORK365_DOCTOR_NOBODY_SET_THIS",
            ),
        ),
        ("no-environment", row("no-environment", ACCOUNT, "", right)),
    ];
    // Trouble before, between and after what is right.
    for (place, (_, row)) in troubles.iter().enumerate() {
        rows.insert(place * 2 % (rows.len() + 1), row.clone());
    }
    let list = list(folder.path(), &rows);
    let started = Instant::now();
    let mut command = fleet(&tenant, &list, &["--jobs", "8"]);
    // So long does the row wait that nobody answers.
    command
        .env("WORK365_DOCTOR_TIMEOUT", "10s")
        .env("WORK365_DOCTOR_DEADLINE", "20s");
    let (code, stdout, stderr) = run(command);
    assert!(
        started.elapsed() < Duration::from_secs(120),
        "{:?}",
        started.elapsed()
    );
    let answer: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{code} {stderr}"));
    let names: Vec<&str> = answer["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let listed: Vec<&str> = rows.iter().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(names, listed, "one entry a row, in the order of the list");
    for name in &good {
        let account = named(&answer, name);
        assert_eq!(
            (&account["outcome"], &account["error"], &account["verdict"]),
            (&json!("healthy"), &Value::Null, &json!(true)),
            "{name}: {account}"
        );
    }
    for (name, _) in &troubles {
        let account = named(&answer, name);
        let is_right = account["outcome"] == "healthy" && account["verdict"] == true;
        assert!(!is_right, "nobody can say that {name} is right: {account}");
        let said = format!("{} {}", account["error"], account["headline"]);
        assert!(said.len() > 20, "{name} says why: {account}");
    }
    assert!(
        named(&answer, "wrong-secret")["error"]
            .to_string()
            .contains("AADSTS7000215")
    );
    assert!(
        named(&answer, "no-secret")["error"]
            .to_string()
            .contains("WORK365_DOCTOR_NOBODY_SET_THIS")
    );
    assert_eq!(answer["summary"]["accounts"], rows.len());
    assert_eq!(answer["summary"]["healthy"], good.len(), "{}", answer["summary"]);
    assert!(
        !format!("{stdout}{stderr}").contains("-canary"),
        "no secret in any output"
    );
    // Rows without an answer are no bad rows; the two that nobody could ask are.
    assert_eq!(code, 2, "{stderr}");
}

/// How many are kept when the run is broken off.
const KEPT: usize = 3;

/// Those that are kept, two under way, and two that nobody began: the logs of a tenant keep a pace of an account in ten
/// seconds.
const ROWS: usize = KEPT + 4;

/// A run over many rows of one tenant, slow enough to be broken off in the middle.
fn slow_run(tenant: &Tenant, folder: &Path) -> (Child, String, String) {
    *tenant.state.latency.lock().unwrap() = Duration::from_millis(60);
    let environment = tenant.addresses.dataverse.as_str();
    let rows: Vec<String> = (0..ROWS)
        .map(|number| {
            row(
                &format!("row-{number:02}"),
                ACCOUNT,
                environment,
                "WORK365_DOCTOR_RIGHT",
            )
        })
        .collect();
    let (list, store) = (list(folder, &rows), folder.join("store").display().to_string());
    let child = fleet(tenant, &list, &["--jobs", "2", "--store", &store])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while kept(&store) < KEPT {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing was kept");
        std::thread::sleep(Duration::from_millis(10));
    }
    (child, list, store)
}

/// How many accounts were judged and kept: the state is written last.
fn kept(store: &str) -> usize {
    let folders = fs::read_dir(store).into_iter().flatten().flatten();
    folders
        .filter(|folder| folder.path().join("state.json").exists())
        .count()
}

/// Goes on, and finds what was judged before as it was left.
fn resumed(tenant: &Tenant, list: &str, store: &str) {
    *tenant.state.latency.lock().unwrap() = Duration::ZERO;
    let before = kept(store);
    assert!(
        (KEPT..ROWS).contains(&before),
        "{before}: it was broken off in the middle"
    );
    for folder in fs::read_dir(store).unwrap().flatten() {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let name = file.file_name().into_string().unwrap();
            if file.path().is_file() && !name.starts_with('.') {
                let text = fs::read_to_string(file.path()).unwrap();
                assert!(serde_json::from_str::<Value>(&text).is_ok(), "{name} is whole");
            }
        }
    }
    let (code, stdout, stderr) = run(fleet(tenant, list, &["--store", store, "--resume"]));
    assert_eq!(code, 0, "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    let accounts = answer["accounts"].as_array().unwrap();
    let resumed = accounts
        .iter()
        .filter(|account| account["resumed"] == true)
        .count();
    assert_eq!((accounts.len(), resumed), (ROWS, before));
    assert!(
        accounts.iter().all(|account| account["outcome"] == "healthy"),
        "{stdout}"
    );
    assert_eq!(kept(store), ROWS);
}

#[test]
fn a_run_that_is_killed_loses_the_accounts_under_way_and_goes_on() {
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let (mut child, list, store) = slow_run(&tenant, folder.path());
    child.kill().unwrap();
    child.wait().unwrap();
    resumed(&tenant, &list, &store);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_the_accounts_under_way_and_answers_for_all() {
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let (child, list, store) = slow_run(&tenant, folder.path());
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let accounts = answer["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), ROWS);
    let left = accounts
        .iter()
        .filter(|account| account["outcome"].is_null())
        .count();
    assert_eq!(left, ROWS - kept(&store), "what was begun was ended and kept");
    resumed(&tenant, &list, &store);
}
