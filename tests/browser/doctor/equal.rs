//! The page's JSON is the command line's, byte for byte. `WORK365_DOCTOR_PAGE_WHOLE=1` compares a hundred scenarios and a
//! hundred and fifty texts instead of a sample.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{engine, is_whole, ready, run};
use crate::chromium::Chromium;
use crate::pages::{fed, run as command};
use crate::support::{folders, snapshot_of};

/// A time for what has none of its own.
const NOW: &str = "2026-11-29T12:00:00Z";

/// Every so many of a list, so that `count` of them are looked at, spread over all of it.
fn spread<T>(all: Vec<T>, sample: usize, whole: usize) -> Vec<T> {
    let count = if is_whole() { whole } else { sample };
    let step = (all.len() / count).max(1);
    all.into_iter().step_by(step).take(count).collect()
}

/// Two texts that ought to be one.
fn same(what: &str, page: &str, command: &str) -> Result<(), Failed> {
    if page == command {
        return Ok(());
    }
    let at = page
        .bytes()
        .zip(command.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(80)..(at + 80).min(text.len())])
            .into_owned()
    };
    Err(format!(
        "{what}: byte {at}\n  page:    …{}…\n  command: …{}…",
        around(page),
        around(command)
    )
    .into())
}

/// Error texts of the fixtures that are texts on a command line too.
fn error_texts() -> Vec<String> {
    ["corpus", "shapes", "languages"]
        .iter()
        .flat_map(|name| {
            let lines = fs::read_to_string(format!("fixtures/errors/{name}.jsonl")).unwrap();
            lines
                .lines()
                .filter_map(|line| {
                    serde_json::from_str::<Value>(line).ok()?["text"]
                        .as_str()
                        .map(str::to_owned)
                })
                .collect::<Vec<_>>()
        })
        .filter(|text| {
            text.contains(' ') && !text.contains('\0') && !text.starts_with('-') && text.len() < 100_000
        })
        .collect()
}

/// Texts as a person writes them into the field, and through the engine.
pub(super) fn decode(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let texts = spread(error_texts(), 12, 150);
    for (position, text) in texts.iter().enumerate() {
        let expected = command(&["decode", "-o", "json", text]);
        let told = engine(browser, "decode", &json!({"inputs": [text]}))?;
        same(text, &told, &expected)?;
        // A field of the browser has no carriage returns.
        if position < 5 && !text.contains('\r') {
            let shown = run(browser, &format!("return decoded({})", json!(text)))?;
            same(text, shown.as_str().unwrap_or_default(), &expected)?;
        }
    }
    let folder = tempfile::tempdir()?;
    let files: Vec<PathBuf> = texts[..3]
        .iter()
        .enumerate()
        .map(|(position, text)| {
            let file = folder.path().join(format!("{position}.log"));
            fs::write(&file, text).unwrap();
            file
        })
        .collect();
    let exports: Vec<PathBuf> = fs::read_dir("fixtures/errors/exports")?
        .map(|entry| entry.unwrap().path())
        .map(|path| fs::canonicalize(path).unwrap())
        .collect();
    for some in [&files[..], &exports[..2]] {
        let names: Vec<String> = some.iter().map(|file| file.display().to_string()).collect();
        let arguments: Vec<&str> = ["decode", "-o", "json"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        let expected = command(&arguments);
        browser.evaluate("document.getElementById('error-answer').replaceChildren()")?;
        let paths: Vec<&Path> = some.iter().map(PathBuf::as_path).collect();
        browser.choose("#file-input", &paths)?;
        let shown = run(
            browser,
            "await wait(() => answer('decode')); return answer('decode')",
        )?;
        same(&names.join(" "), shown.as_str().unwrap_or_default(), &expected)?;
    }
    Ok(())
}

/// A scenario as a file, with the flags that the page has too.
struct Case {
    name: String,
    file: PathBuf,
    snapshot: String,
    flags: Vec<String>,
    settings: Value,
}

/// Scenarios whose flags the page knows.
fn cases(folder: &Path, sample: usize) -> Result<Vec<Case>, Failed> {
    let mut cases = Vec::new();
    for scenario in spread(folders(), sample, 110) {
        let name = scenario.file_name().unwrap().to_string_lossy().into_owned();
        let expectation: Value = serde_json::from_str(&fs::read_to_string(scenario.join("expect.json"))?)?;
        let flags: Vec<String> = expectation["arguments"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|flag| flag.as_str().map(str::to_owned))
            .collect();
        let mut settings = json!({});
        let mut is_known = true;
        for pair in flags.chunks(2) {
            let key = pair[0].trim_start_matches("--").replace('-', "_");
            match key.as_str() {
                "profile" | "time_zone" | "configured_identity" | "now" | "error" | "fail_on" | "country" => {
                    settings[key] = json!(pair.get(1));
                }
                "ip" => settings[key] = json!([pair.get(1)]),
                _ => is_known = false,
            }
        }
        if !is_known {
            continue;
        }
        let snapshot = snapshot_of(&scenario)?.to_string();
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, &snapshot)?;
        cases.push(Case {
            name,
            file,
            snapshot,
            flags,
            settings,
        });
    }
    if cases.len() * 10 < if is_whole() { 1000 } else { sample * 7 } {
        return Err(format!("only {} scenarios have flags that the page knows", cases.len()).into());
    }
    Ok(cases)
}

fn with<'a>(first: &[&'a str], flags: &'a [String], last: &[&'a str]) -> Vec<&'a str> {
    let flags = flags.iter().map(String::as_str);
    first
        .iter()
        .copied()
        .chain(flags)
        .chain(last.iter().copied())
        .collect()
}

/// Reports, and the same report as HTML, and Markdown.
pub(super) fn check(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    for (position, case) in cases(folder.path(), 12)?.iter().enumerate() {
        let file = case.file.display().to_string();
        let expected = command(&with(
            &["check", "--snapshot", &file],
            &case.flags,
            &["-o", "json"],
        ));
        let told = engine(
            browser,
            "check",
            &json!({"snapshot": case.snapshot, "settings": case.settings}),
        )?;
        same(&case.name, &told, &expected)?;
        if position < 3 {
            for format in ["html", "markdown"] {
                let expected = command(&with(
                    &["check", "--snapshot", &file],
                    &case.flags,
                    &["-o", format],
                ));
                let rendered = engine(browser, "render", &json!({"report": told, "format": format}))?;
                same(&format!("{} as {format}", case.name), &rendered, &expected)?;
            }
        }
    }
    // As a person does it: the file is chosen, and the report stands in its frame.
    let demo = fs::canonicalize("fixtures/demos/mfa-by-conditional-access.json")?;
    browser.choose("#file-input", &[&demo])?;
    let shown = run(
        browser,
        "await wait(() => answer('report') && one('iframe').contentDocument.querySelector('h1')); return [answer('report'), one('iframe').contentDocument.querySelector('h1').textContent]",
    )?;
    let expected = command(&["check", "--snapshot", &demo.display().to_string(), "-o", "json"]);
    same("a chosen file", shown[0].as_str().unwrap_or_default(), &expected)?;
    let report: Value = serde_json::from_str(&expected)?;
    let headline = report["diagnosis"]["headline"]
        .as_str()
        .unwrap_or_default()
        .replace('`', "");
    if shown[1] == headline.as_str() {
        Ok(())
    } else {
        Err(format!("the frame says {}, not {headline}", shown[1]).into())
    }
}

/// Steps of the interview: without evidence, with an error, with a snapshot, with answers.
pub(super) fn ask(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    let answers = json!({"schema": "work365-doctor/answers/v1", "answers": [
        {"question": "sign-in-error", "value": 50126}, {"question": "user-row-access-mode", "value": null, "why": "cannot-see"}]});
    let answers_file = folder.path().join("answers.json");
    fs::write(&answers_file, answers.to_string())?;
    let answers_name = answers_file.display().to_string();
    for symptom in ["reset-fails", "jobs-fail", "blank-page"] {
        for rights in ["none", "user", "dynamics", "global"] {
            let settings = json!({"symptom": symptom, "rights": rights, "now": NOW});
            let told = engine(browser, "ask", &json!({"settings": settings}))?;
            let flags = [
                "ask",
                "--symptom",
                symptom,
                "--rights",
                rights,
                "--now",
                NOW,
                "-o",
                "json",
            ];
            same(&format!("{symptom} for {rights}"), &told, &command(&flags))?;
        }
        let settings = json!({"symptom": symptom, "rights": "user", "now": NOW, "error": "AADSTS50055: expired", "answers": answers});
        let told = engine(browser, "ask", &json!({"settings": settings}))?;
        let flags = [
            "ask",
            "--symptom",
            symptom,
            "--now",
            NOW,
            "--error",
            "AADSTS50055: expired",
            "--answers",
            &answers_name,
            "-o",
            "json",
        ];
        same(&format!("{symptom} with answers"), &told, &command(&flags))?;
    }
    for case in cases(folder.path(), 6)? {
        let file = case.file.display().to_string();
        let told = engine(
            browser,
            "ask",
            &json!({"settings": {"rights": "global"}, "snapshot": case.snapshot}),
        )?;
        let flags = ["ask", "--snapshot", &file, "--rights", "global", "-o", "json"];
        same(&case.name, &told, &command(&flags))?;
    }
    Ok(())
}

/// What a token says.
pub(super) fn token(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    use base64::Engine as _;
    ready(browser, page)?;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    for claims in [
        json!({"aud": "https://contoso.crm4.dynamics.com", "exp": 1_796_000_000, "upn": "svc@contoso.com", "scp": "user_impersonation"}),
        json!({"aud": "https://graph.microsoft.com", "exp": 1_700_000_000, "appid": "e4b1a995-abe3-4350-a61c-65fccd32e8bd", "roles": ["User.Read.All"]}),
        json!({"aud": "https://else.example", "exp": 1}),
    ] {
        let token = format!(
            "{}.{}.c2lnbmF0dXJl",
            part(&json!({"alg": "RS256", "typ": "JWT"})),
            part(&claims)
        );
        for environment in ["", "https://contoso.crm4.dynamics.com"] {
            let told = engine(
                browser,
                "token",
                &json!({"text": token, "environment": environment, "now": NOW}),
            )?;
            let mut flags = vec!["token", "-", "--now", NOW, "-o", "json"];
            if !environment.is_empty() {
                flags.extend(["--environment", environment]);
            }
            same(&claims.to_string(), &told, &fed(&flags, &token))?;
        }
    }
    Ok(())
}

/// Sign-ins that are asked about.
pub(super) fn what_if(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    for case in cases(folder.path(), 8)? {
        let file = case.file.display().to_string();
        let first = ["what-if", "--snapshot", &file];
        for (settings, flags) in [
            (json!({}), vec![]),
            (
                json!({"ip": "203.0.113.10", "country": "de", "platform": "linux", "client_app": "browser", "sign_in_risk": "none"}),
                vec![
                    "--ip",
                    "203.0.113.10",
                    "--country",
                    "de",
                    "--platform",
                    "linux",
                    "--client-app",
                    "browser",
                    "--sign-in-risk",
                    "none",
                ],
            ),
            (json!({"device_code": true}), vec!["--device-code"]),
        ] {
            let told = engine(
                browser,
                "whatIf",
                &json!({"snapshot": case.snapshot, "settings": settings}),
            )?;
            let flags: Vec<&str> = first.into_iter().chain(flags).chain(["-o", "json"]).collect();
            same(&case.name, &told, &command(&flags))?;
        }
    }
    Ok(())
}

/// What would leave, and the map that stays; the same pseudonyms by the map of the command line.
pub(super) fn redaction(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    for case in cases(folder.path(), 4)? {
        let file = case.file.display().to_string();
        let redacted = folder.path().join("redacted.snapshot.json");
        let map = folder.path().join("redacted.map.json");
        let _ = fs::remove_file(&map);
        command(&["capture", "--from", &file, &redacted.display().to_string()]);
        let told = engine(
            browser,
            "redact",
            &json!({"snapshot": case.snapshot, "random": "not used", "map": fs::read_to_string(&map)?}),
        )?;
        let told: Value = serde_json::from_str(&told)?;
        same(
            &case.name,
            told["snapshot"].as_str().unwrap_or_default(),
            &fs::read_to_string(&redacted)?,
        )?;
        same(
            &case.name,
            told["map"].as_str().unwrap_or_default(),
            &fs::read_to_string(&map)?,
        )?;
    }
    Ok(())
}

/// A case file of the page is that of the command line, byte for byte; opened on the page it shows the same documents.
pub(super) fn case_file(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    for case in cases(folder.path(), 4)? {
        let archive = folder.path().join("case.zip");
        let map = folder.path().join("case.map.json");
        let _ = fs::remove_file(&map);
        let (file, zip) = (case.file.display().to_string(), archive.display().to_string());
        command(&[
            "capture",
            "--from",
            &file,
            "--case",
            &zip,
            "--error",
            "AADSTS50076",
        ]);
        let given = json!({"snapshot": case.snapshot, "random": "not used", "map": fs::read_to_string(&map)?,
            "error": "AADSTS50076"});
        let made = browser.evaluate(&format!(
            "work365Doctor.call('caseFile', {given}).then((made) => made.map + Array.from(made.archive, (byte) => byte.toString(16).padStart(2, '0')).join(''))"
        ))?;
        let digits: String = fs::read(&archive)?
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        same(
            &case.name,
            made.as_str().unwrap_or_default(),
            &(fs::read_to_string(&map)? + &digits),
        )?;
        ready(browser, page)?;
        browser.choose("#file-input", &[&archive])?;
        let told = run(
            browser,
            "await wait(() => answer('report-open')); return answer('report-open')",
        )?;
        same(
            &case.name,
            told.as_str().unwrap_or_default(),
            &command(&["report", "open", &zip, "-o", "json"]),
        )?;
    }
    Ok(())
}
