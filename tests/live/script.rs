//! The bash script of `plan --script bash`, run for real: its snapshot is that of a live run, section by section.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::{Value, json};
use work365_doctor::collect::{Language, ScriptOrder, script};

use crate::equality::{first_difference, reason_to_leave_out, timeless};
use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order, scenario};

/// Whether the script's tools are here. `WORK365_DOCTOR_TEST_SCRIPT=required` makes their absence a failure.
fn can_run() -> bool {
    let missing: Vec<&str> = ["bash", "curl", "jq"]
        .into_iter()
        .filter(|program| Command::new(program).arg("--version").output().is_err())
        .collect();
    let is_required = std::env::var("WORK365_DOCTOR_TEST_SCRIPT").is_ok_and(|value| value == "required");
    assert!(missing.is_empty() || !is_required, "not installed: {missing:?}");
    if !missing.is_empty() {
        println!("skipped: not installed: {missing:?}");
    }
    missing.is_empty()
}

/// A folder with the script, and an Azure CLI that hands out the tenant's tokens.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(tenant: &Tenant, order: &ScriptOrder<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("collect.sh"), script(Language::Bash, order).unwrap()).unwrap();
        let desk = Self { folder };
        desk.azure_cli(tenant, &["https://graph.microsoft.com", &tenant.addresses.dataverse, "https://service.powerapps.com"]);
        desk
    }

    /// An Azure CLI with tokens for these audiences; it refuses all others.
    fn azure_cli(&self, tenant: &Tenant, audiences: &[&str]) {
        let answers: String = audiences
            .iter()
            .map(|audience| format!("{audience}) echo '{{\"accessToken\":\"{}\"}}' ;;\n", tenant.token(audience)))
            .collect();
        let text = format!("#!/bin/sh\ncase \"$6\" in\n{answers}*) echo 'ERROR: Please run az login' >&2; exit 1 ;;\nesac\n");
        let az = self.path("az");
        std::fs::write(&az, text).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, tenant: &Tenant, arguments: &[&str]) -> Output {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        Command::new("bash")
            .env_clear()
            .env("PATH", path)
            .env("WORK365_DOCTOR_LOGIN_URL", &tenant.addresses.login)
            .env("WORK365_DOCTOR_GRAPH_URL", &tenant.addresses.graph)
            .env("WORK365_DOCTOR_ADMIN_URL", &tenant.addresses.admin)
            .arg("collect.sh")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The snapshot of an account.
    fn snapshot(&self, tenant: &Tenant, account: &str) -> Value {
        let environment = &tenant.addresses.dataverse;
        let output = self.run(tenant, &["--account", account, "--environment", environment, "--output", "case.json"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        serde_json::from_slice(&std::fs::read(self.path("case.json")).unwrap()).unwrap()
    }
}

/// Every nth scenario, or all with `SCENARIO=` a part of a name or `EVERY=1`.
fn chosen() -> Vec<PathBuf> {
    let only = std::env::var("SCENARIO").ok();
    let every: usize = std::env::var("EVERY").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    scenario::folders()
        .into_iter()
        .enumerate()
        .filter(|(position, folder)| match &only {
            Some(only) => folder.to_string_lossy().contains(only),
            None => position % every == 0,
        })
        .map(|(_, folder)| folder)
        .collect()
}

/// What must be alike: all but the words for a connection that broke, and the probe that a script never makes.
fn comparable(snapshot: &Value) -> Value {
    let mut snapshot = snapshot.clone();
    timeless(&mut snapshot);
    let sections = snapshot["sections"].as_object_mut().unwrap();
    sections.remove("login.probe");
    for section in sections.values_mut().filter(|section| section["http_status"].is_null()) {
        if section["outcome"] == "failed" {
            section["detail"] = json!("no answer");
        }
    }
    snapshot
}

#[test]
fn the_script_writes_the_snapshot_of_a_live_run() {
    if !can_run() {
        return;
    }
    let (mut equal, mut different) = (0, Vec::new());
    for folder in chosen() {
        let given = scenario::snapshot(&folder);
        if reason_to_leave_out(&given).is_some() {
            continue;
        }
        let (tenant, moved) = scenario::tenant_of(&given);
        let account = moved["subject"]["account"].as_str().unwrap();
        let desk = Desk::new(&tenant, &ScriptOrder::default());
        let by_script = comparable(&desk.snapshot(&tenant, account));
        let seen = tenant.state.seen.lock().unwrap().clone();
        assert!(seen.iter().all(|request| request.starts_with("GET ")), "{seen:?}");
        let live = comparable(&collected(order(&tenant, account)).0.snapshot());
        if live == by_script {
            equal += 1;
        } else {
            let name = folder.file_name().unwrap().to_string_lossy();
            different.push(format!("{name}: {}", first_difference("", &live, &by_script)));
        }
    }
    println!("{equal} equal, {} different", different.len());
    assert!(different.is_empty(), "(file: live, live: script)\n{}", different.join("\n"));
}
