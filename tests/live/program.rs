//! The program itself against the loopback tenant: exit codes, the ledger in the report, no secret in any output.

use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::{Value, json};

use crate::server::{ClosedPort, Response};
use crate::tenant::Tenant;
use crate::{ACCOUNT, healthy};

pub(crate) fn tool(tenant: &Tenant, arguments: &[&str]) -> Command {
    let addresses = &tenant.addresses;
    let mut command = Command::cargo_bin("work365-doctor").unwrap();
    command
        .env_clear()
        .env("WORK365_DOCTOR_LOGIN_URL", &addresses.login)
        .env("WORK365_DOCTOR_GRAPH_URL", &addresses.graph)
        .env("WORK365_DOCTOR_ADMIN_URL", &addresses.admin)
        .env("WORK365_DOCTOR_CLOUD", "public")
        .arg("--no-config")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

pub(crate) fn live<'a>(tenant: &'a Tenant, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "check",
        "--account",
        ACCOUNT,
        "--environment",
        &tenant.addresses.dataverse,
    ];
    arguments.extend(more);
    arguments
}

pub(crate) fn with_tokens(tenant: &Tenant, more: &[&str]) -> Command {
    let mut command = tool(tenant, &live(tenant, more));
    command
        .args(["--auth", "access-token"])
        .env(
            "WORK365_DOCTOR_GRAPH_TOKEN",
            tenant.token("https://graph.microsoft.com"),
        )
        .env(
            "WORK365_DOCTOR_DATAVERSE_TOKEN",
            tenant.token(&tenant.addresses.dataverse),
        )
        .env(
            "WORK365_DOCTOR_ADMIN_TOKEN",
            tenant.token("https://service.powerapps.com"),
        );
    command
}

pub(crate) fn run(mut command: Command) -> (i32, String, String) {
    let output: Output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_healthy_account_is_checked_end_to_end_and_the_ledger_is_in_the_report() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let (code, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json", "--now", now]));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert_eq!(stderr, "", "silent when piped");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["summary"]["outcome"], "healthy");
    let requests = report["requests"].as_array().unwrap();
    assert!((5..=25).contains(&requests.len()));
    assert!(
        requests
            .iter()
            .all(|request| !request["url"].as_str().unwrap().contains(ACCOUNT))
    );
}

#[test]
fn a_live_check_is_compared_with_a_snapshot_that_is_read_before_anything_is_sent() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let twin = "fixtures/bases/healthy-legacy-password.json";
    let (code, stdout, stderr) = run(with_tokens(
        &tenant,
        &["-o", "json", "--now", now, "--compare-with", twin],
    ));
    assert_eq!(code, 0, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let comparison = &report["comparison"];
    let differs: Vec<&str> = comparison["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["kind"] == "differs")
        .map(|one| one["fact"].as_str().unwrap())
        .collect();
    assert!(differs.is_empty(), "the same account: {differs:?}");
    assert!(comparison["same"].as_u64().unwrap() > 100, "{comparison}");
    tenant.state.seen.lock().unwrap().clear();
    let (code, _, stderr) = run(with_tokens(&tenant, &["--compare-with", "missing.json"]));
    assert_eq!(code, 2, "{stderr}");
    assert!(tenant.state.seen.lock().unwrap().is_empty());
}

#[test]
fn a_refused_sign_in_exits_with_3_and_the_remedy() {
    let (tenant, _) = healthy();
    let mut command = tool(
        &tenant,
        &live(&tenant, &["--auth", "client-secret", "--client-id", "client"]),
    );
    command.env("WORK365_DOCTOR_CLIENT_SECRET", "wrong-canary");
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, 3, "{stderr}");
    assert_eq!(stdout, "");
    assert!(stderr.contains("AADSTS7000215"), "{stderr}");
    assert!(
        stderr.lines().count() > 3,
        "the decoder's page is shown: {stderr}"
    );
}

#[test]
fn a_tenant_that_answers_nothing_gives_a_report_and_exit_3() {
    let (tenant, _) = healthy();
    tenant.fault("", Response::json(500, &json!({})), usize::MAX);
    let (code, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json"]));
    assert_eq!(code, 3, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["summary"]["fail"], 0, "{}", report["summary"]);
}

#[test]
fn arguments_that_do_not_fit_together_exit_with_2_before_anything_is_sent() {
    let (tenant, _) = healthy();
    let base = "fixtures/bases/healthy-legacy-password.json";
    for (arguments, words) in [
        (vec!["check"], "--account"),
        (
            vec!["check", "--snapshot", base, "--account", ACCOUNT],
            "cannot be used with",
        ),
        (
            vec!["check", "--snapshot", base, "--tenant", "x"],
            "--tenant is for a live check",
        ),
        (vec!["check", "--demo", "--wait", "20m"], "cannot be used with"),
        (vec!["check", "--account", ACCOUNT], "--environment"),
        (
            vec![
                "check",
                "--account",
                ACCOUNT,
                "--environment",
                "http://contoso.crm4.dynamics.com",
                "--auth",
                "access-token",
            ],
            "loopback addresses only",
        ),
        (
            vec![
                "check",
                "--account",
                ACCOUNT,
                "--environment",
                "https://name@contoso.crm4.dynamics.com/main.aspx",
                "--auth",
                "access-token",
            ],
            "scheme and host only",
        ),
        (
            vec![
                "check",
                "--account",
                ACCOUNT,
                "--environment",
                "https://contoso.crm4.dynamics.com",
            ],
            "must be named",
        ),
        (
            vec![
                "check",
                "--account",
                ACCOUNT,
                "--environment",
                "https://contoso.crm4.dynamics.com",
                "--auth",
                "client-secret",
            ],
            "--client-id",
        ),
    ] {
        let (code, _, stderr) = run(tool(&tenant, &arguments));
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    }
    assert!(tenant.state.seen.lock().unwrap().is_empty());
}

#[test]
fn no_secret_is_in_any_output() {
    let (tenant, _) = healthy();
    let secrets = [
        "canary-secret",
        "canary-password",
        "refresh-canary",
        "device-canary",
    ];
    tenant
        .state
        .secrets
        .lock()
        .unwrap()
        .insert("client_secret".into(), "canary-secret".into());
    let folder = tempfile::tempdir().unwrap();
    let report = format!("json={}", folder.path().join("r.json").display());
    for how in [
        vec![
            "--auth",
            "client-secret",
            "--client-id",
            "client",
            "--probe-sign-in",
            "-v",
        ],
        vec!["--auth", "client-secret", "--client-id", "client", "-o", "html"],
        vec![
            "--auth",
            "device-code",
            "--client-id",
            "client",
            "-v",
            "-o",
            "table",
            "-o",
            &report,
        ],
        vec!["--auth", "access-token", "--probe-sign-in", "-v"],
    ] {
        for is_broken in [false, true] {
            if is_broken {
                tenant.fault("/v1.0/$batch", Response::text(500, "text/html", "<html>"), 1);
                tenant.fault(
                    "/oauth2/v2.0/token",
                    Response::text(500, "text/html", "<html>"),
                    1,
                );
            }
            let mut command = tool(&tenant, &live(&tenant, &how));
            let token = tenant.token("https://graph.microsoft.com");
            command
                .env("WORK365_DOCTOR_CLIENT_SECRET", "canary-secret")
                .env("WORK365_DOCTOR_PASSWORD", "canary-password")
                .env("WORK365_DOCTOR_GRAPH_TOKEN", &token);
            let (_, stdout, stderr) = run(command);
            let file = std::fs::read_to_string(folder.path().join("r.json")).unwrap_or_default();
            for secret in secrets
                .iter()
                .copied()
                .chain([token.rsplit('.').next().unwrap(), "eyJ"])
            {
                for output in [&stdout, &stderr, &file] {
                    assert!(!output.contains(secret), "{how:?} shows {secret}");
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_at_once_with_130() {
    let (tenant, _) = healthy();
    *tenant.state.latency.lock().unwrap() = std::time::Duration::from_secs(30);
    let mut child = with_tokens(&tenant, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let started = std::time::Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < std::time::Duration::from_secs(3));
}

#[test]
fn waiting_ends_as_soon_as_nothing_is_pending() {
    let (tenant, snapshot) = healthy();
    let row = "/sections/dataverse.system_users/body/value";
    let rows = snapshot.pointer(row).unwrap().clone();
    let minutes_ago = |minutes: i64| (jiff::Timestamp::now().as_second() - minutes * 60).to_string();
    let assigned = jiff::Timestamp::from_second(minutes_ago(5).parse().unwrap())
        .unwrap()
        .to_string();
    {
        let mut served = tenant.state.snapshot.lock().unwrap();
        *served.pointer_mut(row).unwrap() = json!([]);
        let states = served
            .pointer_mut("/sections/graph.user/body/licenseAssignmentStates")
            .and_then(Value::as_array_mut)
            .unwrap();
        for state in states {
            state["lastUpdatedDateTime"] = json!(assigned);
        }
        let created = served
            .pointer_mut("/sections/graph.user/body/createdDateTime")
            .unwrap();
        *created = json!(assigned);
    }
    let state = std::sync::Arc::clone(&tenant.state);
    let admin = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        *state
            .snapshot
            .lock()
            .unwrap()
            .pointer_mut("/sections/dataverse.system_users/body/value")
            .unwrap() = rows;
    });
    let mut command = with_tokens(&tenant, &["-o", "json", "--wait", "60s"]);
    command.env("WORK365_DOCTOR_WAIT_INTERVAL", "5s");
    let started = std::time::Instant::now();
    let (_, stdout, stderr) = run(command);
    admin.join().unwrap();
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(
        stderr.contains("waiting for"),
        "{stderr}\n{}",
        report["diagnosis"]
    );
    assert_eq!(report["summary"]["pending"], 0);
    assert!(
        stderr.contains("waiting ended: nothing is pending any more"),
        "{stderr}"
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(40));
}

#[test]
fn variables_stand_in_for_flags_and_leave_other_commands_alone() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let base = "fixtures/bases/healthy-legacy-password.json";
    let with = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = tool(&tenant, arguments);
        command.envs(
            variables
                .iter()
                .map(|(name, value)| (format!("WORK365_DOCTOR_{name}"), value)),
        );
        run(command)
    };
    let of_file = ["check", "--snapshot", base, "--now", now];
    let (code, plain, _) = with(&of_file, &[]);
    assert_eq!(code, 0);
    // What is about live runs has no say in one of a file; as flags they would be a usage error.
    let live = [
        ("WAIT", "20m"),
        ("WAIT_INTERVAL", "5s"),
        ("PROBE_SIGN_IN", "true"),
        ("ACCOUNT", ACCOUNT),
    ];
    assert_eq!(with(&of_file, &live), (0, plain.clone(), String::new()));
    let (_, quiet, _) = with(&of_file, &[("QUIET", "true")]);
    let (_, verbose, _) = with(&of_file, &[("VERBOSE", "true")]);
    let (_, twice, _) = with(&of_file, &[("VERBOSE", "2")]);
    assert!(quiet.len() < plain.len() && plain.len() < verbose.len());
    assert_eq!(verbose, twice);
    assert_eq!(
        with(&of_file, &[("VERBOSE", "false"), ("QUIET", "false")]).1,
        plain
    );
    // A flag wins over the variable of its opposite.
    let louder = [&of_file[..], &["-v"]].concat();
    assert_eq!(with(&louder, &[("QUIET", "true")]).1, verbose);
    let softer = [&of_file[..], &["-q"]].concat();
    assert_eq!(with(&softer, &[("VERBOSE", "true")]).1, quiet);
    for (name, value) in [("QUIET", "perhaps"), ("VERBOSE", "loud")] {
        let (code, _, stderr) = with(&of_file, &[(name, value)]);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(&format!("WORK365_DOCTOR_{name}")), "{stderr}");
    }
    let (code, _, stderr) = with(&["check", "--account", ACCOUNT, "--wait-interval", "5s"], &[]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("with --wait only"), "{stderr}");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("work365-doctor.toml"), "nonsense = 1\n").unwrap();
    let configured = |no_config: &str| {
        let mut command = Command::cargo_bin("work365-doctor").unwrap();
        command
            .env_clear()
            .env("WORK365_DOCTOR_NO_CONFIG", no_config)
            .current_dir(folder.path())
            .args(["check", "--demo", "list"]);
        run(command)
    };
    let (code, _, stderr) = configured("false");
    assert_eq!(code, 2);
    assert!(
        stderr.contains("work365-doctor.toml:1:1: unknown field `nonsense`"),
        "{stderr}"
    );
    assert_eq!(configured("true").0, 0);
}

#[test]
fn a_capture_is_redacted_checks_alike_and_keeps_its_map_apart() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (raw, case, map) = (
        path("raw.snapshot.json"),
        path("case.snapshot.json"),
        path("case.map.json"),
    );
    let capture = |more: &[&str]| {
        let mut command = with_tokens(&tenant, more);
        let arguments: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
        let capture = Command::cargo_bin("work365-doctor").unwrap();
        let environment: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = capture;
        command.env_clear().envs(environment).stdin(Stdio::null());
        command.args(arguments.into_iter().map(|argument| {
            if argument == "check" {
                "capture".into()
            } else {
                argument
            }
        }));
        run(command)
    };
    let (code, _, stderr) = capture(&["--no-redact", &raw]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("not redacted"), "{stderr}");
    let (code, _, stderr) = capture(&[&case]);
    assert_eq!(code, 0, "{stderr}");
    let text = std::fs::read_to_string(&case).unwrap();
    for name in ["svc-work365", "fabrikam", "eyJ"] {
        assert!(!text.to_lowercase().contains(name), "{name}");
    }
    assert!(std::fs::read_to_string(&map).unwrap().contains("svc-work365"));
    let statuses = |file: &str| {
        let (_, stdout, stderr) = run(tool(
            &tenant,
            &["check", "--snapshot", file, "--now", now, "-o", "json"],
        ));
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| format!("{} {}", finding["id"], finding["status"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(statuses(&raw), statuses(&case));

    // The map's key makes the pseudonyms of another file of the case the same.
    let again = path("again.snapshot.json");
    let (code, _, stderr) = run(tool(&tenant, &["capture", "--from", &raw, "--map", &map, &again]));
    assert_eq!(code, 0, "{stderr}");
    let account = |file: &str| {
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        document["subject"]["account"].clone()
    };
    assert_eq!(account(&case), account(&again));
    let (code, stdout, _) = run(tool(&tenant, &["capture", "--from", &raw, "--preview"]));
    assert!(code == 0 && stdout.contains("svc-work365"), "{stdout}");
    let (code, stdout, _) = run(tool(&tenant, &["capture", "--schema"]));
    assert!(code == 0 && stdout.contains("json-schema.org"));
}

#[test]
fn a_plan_lists_every_request_and_sends_none() {
    let (tenant, _) = healthy();
    let (code, stdout, _) = run(tool(
        &tenant,
        &["plan", "-o", "json", "--environment", &tenant.addresses.dataverse],
    ));
    assert_eq!(code, 0);
    let plan: Value = serde_json::from_str(&stdout).unwrap();
    let all = plan["requests"].as_array().unwrap().len();
    assert!(all > 40);
    let (code, stdout, _) = run(tool(&tenant, &["plan", "-o", "json", "--select", "access-mode"]));
    assert_eq!(code, 0);
    let plan: Value = serde_json::from_str(&stdout).unwrap();
    assert!(plan["requests"].as_array().unwrap().len() < all / 2);
    let (code, stdout, _) = run(tool(&tenant, &["plan"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("Policy.Read.All") && stdout.contains("checkMemberGroups"));
    assert!(tenant.state.seen.lock().unwrap().is_empty());
}

#[test]
fn what_cannot_be_read_again_stays_pending_and_a_short_interval_is_refused() {
    let (tenant, _) = healthy();
    let (code, stdout, stderr) = run(with_tokens(&tenant, &["--wait", "20s", "--wait-interval", "4s"]));
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("at least 5s"), "{stderr}");
    assert!(tenant.state.seen.lock().unwrap().is_empty());
    {
        let assigned = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - 300)
            .unwrap()
            .to_string();
        let mut served = tenant.state.snapshot.lock().unwrap();
        *served
            .pointer_mut("/sections/dataverse.system_users/body/value")
            .unwrap() = json!([]);
        let user = served.pointer_mut("/sections/graph.user/body").unwrap();
        user["createdDateTime"] = json!(assigned);
        for state in user["licenseAssignmentStates"].as_array_mut().unwrap() {
            state["lastUpdatedDateTime"] = json!(assigned);
        }
    }
    // From the second look on nothing can be read of the rows.
    let state = std::sync::Arc::clone(&tenant.state);
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        state.faults.lock().unwrap().push(crate::tenant::Fault {
            part: "/systemusers?".into(),
            response: Response::json(500, &json!({"error": {"code": "0x0", "message": "down"}})),
            times: usize::MAX,
        });
    });
    let (code, stdout, stderr) = run(with_tokens(
        &tenant,
        &["-o", "json", "-v", "--wait", "9s", "--wait-interval", "5s"],
    ));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(code, 1, "{stderr}");
    assert_eq!(report["summary"]["pending"], 1, "{stderr}");
    assert!(
        stderr.contains("could not be read again; what was read before still counts"),
        "{stderr}"
    );
    assert!(stderr.contains("the time is up"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn the_azure_cli_gives_a_token_for_each_service_or_its_own_reason() {
    use std::os::unix::fs::PermissionsExt as _;
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let az = folder.path().join("az");
    let answer = |audience: &str| {
        format!(
            "{audience}) echo '{{\"accessToken\":\"{}\"}}' ;;\n",
            tenant.token(audience)
        )
    };
    let script = format!(
        "#!/bin/sh\ncase \"$6\" in\n{}{}*) echo 'ERROR: Please run az login' >&2; exit 1 ;;\nesac\n",
        answer("https://graph.microsoft.com"),
        answer(&tenant.addresses.dataverse)
    );
    std::fs::write(&az, script).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let with_path = |path: &std::path::Path| {
        let mut command = tool(
            &tenant,
            &live(
                &tenant,
                &["--auth", "azure-cli", "-o", "json", "-v", "--now", now],
            ),
        );
        command.env("PATH", path);
        run(command)
    };
    let (code, stdout, stderr) = with_path(folder.path());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout.contains("az login"),
        "the admin API's refusal is in the report"
    );
    let (code, _, stderr) = with_path(std::path::Path::new("/nowhere"));
    assert_eq!(code, 3);
    assert!(stderr.contains("could not be started"), "{stderr}");
}

#[test]
fn a_service_that_nobody_listens_for_fails_its_sections_quickly() {
    let (tenant, _) = healthy();
    let mut command = with_tokens(&tenant, &["-o", "json"]);
    let closed = ClosedPort::new();
    let port = closed.number();
    command.env("WORK365_DOCTOR_GRAPH_URL", format!("http://127.0.0.1:{port}"));
    let started = std::time::Instant::now();
    let (_, stdout, _) = run(command);
    assert!(stdout.contains("the connection was refused"), "{stdout}");
    assert!(started.elapsed() < std::time::Duration::from_secs(15));
}

#[test]
fn a_slow_tenant_is_left_at_the_deadline_and_what_was_read_is_judged() {
    let (tenant, _) = healthy();
    let late = Response::json(200, &json!({})).sent(crate::server::How::Late(20_000));
    tenant.fault("/api/data/", late, usize::MAX);
    let mut command = with_tokens(&tenant, &["-o", "json", "--timeout", "1s"]);
    command.env("WORK365_DOCTOR_DEADLINE", "3s");
    let started = std::time::Instant::now();
    let (_, stdout, _) = run(command);
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(report["summary"]["pass"].as_u64().unwrap() > 0);
    assert!(report["summary"]["unknown"].as_u64().unwrap() > 0);
}
