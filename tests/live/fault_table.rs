//! The fault table: what each fault makes of the section that it strikes, and of the run. Printed with `--nocapture`.

use serde_json::{Value, json};

use crate::healthy;
use crate::program::{live, run, tool, with_tokens};
use crate::server::{How, Response};

/// A fault at the one read of `graph.per_user_mfa`, and what must come of it.
struct Row {
    fault: &'static str,
    response: Response,
    times: usize,
    outcome: &'static str,
    http_status: Option<u16>,
    detail: &'static str,
}

fn rows() -> Vec<Row> {
    let error =
        |status: u16| Response::json(status, &json!({"error": {"code": "Fault", "message": "ordered"}}));
    let whole = || Response::json(200, &json!({"perUserMfaState": "disabled"}));
    let page = |status: u16| Response::text(status, "text/html", "<html>Sign in</html>");
    let always = usize::MAX;
    let row = |fault, response, times, outcome, http_status, detail| Row {
        fault,
        response,
        times,
        outcome,
        http_status,
        detail,
    };
    vec![
        row("none", whole(), 0, "ok", Some(200), ""),
        row("401", error(401), always, "denied", Some(401), ""),
        row("403", error(403), always, "denied", Some(403), ""),
        row(
            "404 of a beta path",
            error(404),
            always,
            "failed",
            Some(404),
            "does not have this question",
        ),
        row(
            "429, once, Retry-After 1",
            error(429).with("Retry-After", "1"),
            1,
            "ok",
            Some(200),
            "",
        ),
        row(
            "429, always, Retry-After 3600",
            error(429).with("Retry-After", "3600"),
            always,
            "failed",
            Some(429),
            "HTTP 429",
        ),
        row("500", error(500), always, "failed", Some(500), "HTTP 500"),
        row("503, once", error(503), 1, "ok", Some(200), ""),
        row(
            "302",
            Response::text(302, "text/html", "").with("Location", "https://evil.example/x?code=1"),
            always,
            "failed",
            Some(302),
            "redirected to https://evil.example/x;",
        ),
        row(
            "407",
            page(407),
            always,
            "failed",
            Some(407),
            "the proxy asks for a sign-in",
        ),
        row(
            "200 with a web page",
            page(200),
            always,
            "failed",
            Some(200),
            "web page instead of JSON",
        ),
        row(
            "200 with half of JSON",
            Response::text(200, "application/json", "{\"a\":"),
            always,
            "failed",
            Some(200),
            "cut off after 5 bytes",
        ),
        row(
            "200 with another type",
            Response::json(200, &json!({"perUserMfaState": 7})),
            always,
            "failed",
            Some(200),
            "not as documented",
        ),
        row(
            "connection cut, once",
            whole().sent(How::Hangup),
            1,
            "ok",
            Some(200),
            "",
        ),
        row(
            "connection cut, always",
            whole().sent(How::Hangup),
            always,
            "failed",
            None,
            "connection",
        ),
        row(
            "body cut",
            whole().sent(How::Truncated),
            always,
            "failed",
            None,
            "cut off",
        ),
        row(
            "no answer in time",
            whole().sent(How::Late(4000)),
            always,
            "failed",
            None,
            "no complete answer within 1 s",
        ),
        row(
            "a body without end",
            whole().sent(How::Endless),
            always,
            "failed",
            None,
            "",
        ),
    ]
}

#[test]
fn every_fault_has_its_outcome_and_none_its_verdict() {
    println!("| fault at one read | outcome | status | detail | exit | with --strict |");
    println!("|---|---|---|---|---|---|");
    for row in rows() {
        let (tenant, snapshot) = healthy();
        let now = snapshot["captured_at"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.json").display().to_string();
        tenant.fault("/authentication/requirements", row.response, row.times);
        let mut command = with_tokens(&tenant, &["--timeout", "1s"]);
        let arguments: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
        let environment: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = tool(&tenant, &["capture", "--no-redact", &path]);
        command.envs(environment).args(&arguments[2..]);
        let (code, _, stderr) = run(command);
        assert_eq!(code, 0, "{}: {stderr}", row.fault);
        let document: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let section = &document["sections"]["graph.per_user_mfa"];
        let detail = section["detail"].as_str().unwrap_or_default();
        let status = section["http_status"].as_u64();
        let judged = |more: &[&str]| {
            let mut arguments = vec!["check", "--snapshot", &path, "--now", now];
            arguments.extend(more);
            run(tool(&tenant, &arguments)).0
        };
        let (exit, strict) = (judged(&[]), judged(&["--strict"]));
        println!(
            "| {} | {} | {} | {} | {exit} | {strict} |",
            row.fault,
            section["outcome"].as_str().unwrap(),
            status.map_or_else(|| "–".to_owned(), |status| status.to_string()),
            detail.split(" (client-request-id").next().unwrap()
        );
        assert_eq!(section["outcome"], row.outcome, "{}: {section}", row.fault);
        assert_eq!(status, row.http_status.map(u64::from), "{}: {section}", row.fault);
        assert!(detail.contains(row.detail), "{}: {detail}", row.fault);
        // What could not be read never becomes a fault of the account; only --strict tells it by the exit code.
        assert_eq!(exit, 0, "{}", row.fault);
        assert_eq!(strict, if row.outcome == "ok" { 0 } else { 4 }, "{}", row.fault);
    }
}

#[test]
fn faults_of_the_whole_run_have_their_exit_codes() {
    println!("| fault of the run | exit | first line on stderr |");
    println!("|---|---|---|");
    let (tenant, _) = healthy();
    let secret = ["--auth", "client-secret", "--client-id", "client"];
    let token = "/oauth2/v2.0/token";
    let refusal = json!({"error": "invalid_client", "error_description": "AADSTS7000215: wrong", "error_codes": [7000215]});
    for (fault, part, response, more, exit, words) in [
        (
            "sign-in refused",
            token,
            Response::json(401, &refusal),
            &secret[..],
            3,
            "AADSTS7000215",
        ),
        (
            "sign-in: a web page",
            token,
            Response::text(200, "text/html", "<html>"),
            &secret,
            3,
            "web page",
        ),
        (
            "sign-in: connection cut",
            token,
            Response::json(200, &json!({})).sent(How::Hangup),
            &secret,
            3,
            "connection",
        ),
        (
            "sign-in: 500",
            token,
            Response::json(500, &json!({})),
            &secret,
            3,
            "HTTP 500",
        ),
        (
            "no tokens given",
            "none",
            Response::json(200, &json!({})),
            &["--auth", "access-token"],
            3,
            "no token for any service",
        ),
        (
            "everything 500",
            "",
            Response::json(500, &json!({})),
            &["tokens"],
            3,
            "",
        ),
        (
            "everything 403",
            "",
            Response::json(403, &json!({})),
            &["tokens"],
            3,
            "",
        ),
    ] {
        tenant.state.faults.lock().unwrap().clear();
        tenant.fault(part, response, usize::MAX);
        let mut command = match more {
            ["tokens"] => with_tokens(&tenant, &[]),
            more => tool(&tenant, &live(&tenant, more)),
        };
        command.env("WORK365_DOCTOR_CLIENT_SECRET", "a-secret");
        let (code, stdout, stderr) = run(command);
        let line = stderr.lines().next().unwrap_or("–");
        println!(
            "| {fault} | {code} | {} |",
            line.split(" (client-request-id").next().unwrap()
        );
        assert_eq!(code, exit, "{fault}: {stdout}\n{stderr}");
        assert!(stderr.contains(words), "{fault}: {stderr}");
    }
}
