//! Snapshots: judged, rehearsed, asked about, redacted, packed.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::super::{engine, ready, run};
use super::{NOW, cases, same, with};
use crate::chromium::Chromium;
use crate::pages::run as command;

/// Reports, and the same report as HTML, and Markdown.
pub(in crate::doctor) fn check(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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

/// The rehearsal: everything as if it were fixed, and the first fault alone.
pub(in crate::doctor) fn rehearsal(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    for case in cases(folder.path(), 8)? {
        let file = case.file.display().to_string();
        let plain = engine(
            browser,
            "check",
            &json!({"snapshot": case.snapshot, "settings": case.settings}),
        )?;
        let plain: Value = serde_json::from_str(&plain)?;
        let first = plain["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|finding| finding["status"] == "fail")
            .and_then(|finding| finding["id"].as_str());
        for assumed in ["all"].into_iter().chain(first) {
            let mut settings = case.settings.clone();
            settings["assume_fixed"] = json!([assumed]);
            let told = engine(
                browser,
                "check",
                &json!({"snapshot": case.snapshot, "settings": settings}),
            )?;
            let last = ["--assume-fixed", assumed, "-o", "json"];
            let expected = command(&with(&["check", "--snapshot", &file], &case.flags, &last));
            same(&format!("{} without {assumed}", case.name), &told, &expected)?;
        }
    }
    // As a person does it: a fault is ticked below the report, and the report says what comes next.
    let shown = run(
        browser,
        "await example(); one('#rehearsal').closest('details').open = true; const before = answer('report');
         one('#rehearsal input[value=mfa-conditional-access]').click(); named('Rehearse it').click();
         await wait(() => answer('report') && answer('report') !== before); return answer('report')",
    )?;
    let demo = "fixtures/demos/mfa-by-conditional-access.json";
    let flags = [
        "check",
        "--snapshot",
        demo,
        "--assume-fixed",
        "mfa-conditional-access",
        "-o",
        "json",
    ];
    same(
        "a ticked fault",
        shown.as_str().unwrap_or_default(),
        &command(&flags),
    )
}

/// Steps of the interview: without evidence, with an error, with a snapshot, with answers.
pub(in crate::doctor) fn ask(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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

/// Sign-ins that are asked about.
pub(in crate::doctor) fn what_if(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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

/// Drafts of policies, one and several.
pub(in crate::doctor) fn drafts(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    let mut files: Vec<PathBuf> = fs::read_dir("fixtures/policies")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for case in cases(folder.path(), 5)? {
        let file = case.file.display().to_string();
        for some in files.iter().map(std::slice::from_ref).chain([&files[..2]]) {
            let paths: Vec<String> = some.iter().map(|path| path.display().to_string()).collect();
            let given: Vec<Value> = some
                .iter()
                .map(|path| json!({"name": path.file_name().unwrap().to_string_lossy(), "text": fs::read_to_string(path).unwrap()}))
                .collect();
            let settings = json!({"drafts": given, "ip": "203.0.113.10"});
            let told = engine(
                browser,
                "whatIf",
                &json!({"snapshot": case.snapshot, "settings": settings}),
            )?;
            let mut flags = vec![
                "what-if",
                "--snapshot",
                &file,
                "--ip",
                "203.0.113.10",
                "-o",
                "json",
            ];
            flags.extend(paths.iter().flat_map(|path| ["--policy", path.as_str()]));
            same(&format!("{} with {paths:?}", case.name), &told, &command(&flags))?;
        }
    }
    // As a person does it: a snapshot is open, the draft is dropped, and the answer shows what it changes.
    let demo = fs::canonicalize("fixtures/demos/healthy.json")?;
    let draft = fs::canonicalize("fixtures/policies/mfa-for-everybody.json")?;
    browser.choose("#file-input", &[&demo, &draft])?;
    let shown = run(
        browser,
        "await wait(() => seen('#whatif-policy')); one('#file-form form').requestSubmit(); await wait(() => answer('what-if'));
         return [answer('what-if'), one('#file-answer article h4').textContent]",
    )?;
    let (demo, draft) = (demo.display().to_string(), draft.display().to_string());
    let expected = command(&["what-if", "--snapshot", &demo, "--policy", &draft, "-o", "json"]);
    same(
        "a dropped draft",
        shown[0].as_str().unwrap_or_default(),
        &expected,
    )?;
    if shown[1].as_str().is_some_and(|title| title.contains('→')) {
        Ok(())
    } else {
        Err(format!("the page does not show what the draft changes: {}", shown[1]).into())
    }
}

/// What would leave, and the map that stays; the same pseudonyms by the map of the command line.
pub(in crate::doctor) fn redaction(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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
pub(in crate::doctor) fn case_file(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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
