//! Texts: errors, tokens, and names to look up.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::super::{engine, ready, run};
use super::{NOW, cases, same, spread};
use crate::chromium::Chromium;
use crate::pages::{fed, run as command};

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
pub(in crate::doctor) fn decode(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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

/// The account of every scenario and demonstration, refused.
const OF_THE_ACCOUNT: &str = "0x80040220 Principal user (Id=55555555-5555-4555-8555-5555555555f1, type=8) is missing prvReadUser privilege";

/// Refusals of Dataverse, completed with what a snapshot knows of the account.
pub(in crate::doctor) fn grants(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let folder = tempfile::tempdir()?;
    let refusals = fs::read_to_string("fixtures/errors/grants.jsonl")?;
    let refusals: Vec<Value> = refusals
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let mut texts: Vec<&str> = spread(refusals.iter().collect(), 2, 12)
        .into_iter()
        .filter_map(|refusal| refusal["text"].as_str())
        .collect();
    texts.push(OF_THE_ACCOUNT);
    let mut completed = 0;
    for case in cases(folder.path(), 5)? {
        let file = case.file.display().to_string();
        for text in texts.iter().copied() {
            let plain = engine(browser, "decode", &json!({"inputs": [text]}))?;
            for profile in ["", "application-user"] {
                let given = json!({"json": plain, "snapshot": case.snapshot, "profile": profile});
                let told = engine(browser, "grants", &given)?;
                let mut flags = vec!["decode", text, "--snapshot", &file, "-o", "json"];
                if !profile.is_empty() {
                    flags.extend(["--profile", profile]);
                }
                same(&format!("{} for {text}", case.name), &told, &command(&flags))?;
                completed += usize::from(told != plain);
            }
        }
    }
    if completed == 0 {
        return Err("no snapshot adds anything: nothing was compared".into());
    }
    // As a person does it: the refusal and the snapshot are dropped together.
    let case = fs::canonicalize("fixtures/demos/healthy.json")?;
    let log = folder.path().join("refused.log");
    fs::write(&log, OF_THE_ACCOUNT)?;
    browser.choose("#file-input", &[&case, &log])?;
    let shown = run(
        browser,
        "await wait(() => answer('decode')); return answer('decode')",
    )?;
    let (case, log) = (case.display().to_string(), log.display().to_string());
    let expected = command(&["decode", &log, "--snapshot", &case, "-o", "json"]);
    same("dropped together", shown.as_str().unwrap_or_default(), &expected)
}

/// Every check, every symptom, and codes in the spellings that people meet.
pub(in crate::doctor) fn explain(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let about = browser.evaluate("work365Doctor.call('about').then(JSON.parse)")?;
    let named = |list: &Value, key: &str| -> Vec<String> {
        let all = list.as_array().into_iter().flatten();
        all.filter_map(|one| one.as_str().or_else(|| one[key].as_str()))
            .map(str::to_owned)
            .collect()
    };
    let mut names = spread(named(&about["checks"], ""), 8, 200);
    names.extend(spread(named(&about["list"]["symptoms"], "id"), 3, 60));
    let codes = [
        "AADSTS50076",
        "50126",
        "0x80040220",
        "-2147220960",
        "invalid_grant",
        "AADSTS1234567",
    ];
    names.extend(codes.map(str::to_owned));
    for name in &names {
        let told = engine(browser, "explain", &json!({"name": name}))?;
        same(name, &told, &command(&["explain", "-o", "json", "--", name]))?;
    }
    // As a person does it: by the name, then by a name on its page; and a name that nothing has is told as the command tells it.
    let shown = run(
        browser,
        "click('[data-view=\"explain\"]'); write('#explain-name', 'user-not-synced'); one('#explain-form').requestSubmit();
         await wait(() => answer('explain')); const first = answer('explain');
         one('#explain-answer .names button').click(); await wait(() => answer('explain') !== first);
         const second = JSON.parse(answer('explain')).id;
         write('#explain-name', 'mfa-conditional-acces'); one('#explain-form').requestSubmit(); await wait(() => seen('#said'));
         return [first, second, one('#said').textContent, document.activeElement.id]",
    )?;
    let expected = command(&["explain", "user-not-synced", "-o", "json"]);
    same("by its name", shown[0].as_str().unwrap_or_default(), &expected)?;
    let is_told = shown[2]
        .as_str()
        .is_some_and(|said| said.contains("did you mean `mfa-conditional-access`?"));
    if shown[1].is_string() && is_told {
        Ok(())
    } else {
        Err(format!("the page shows {shown}").into())
    }
}

/// What a token says.
pub(in crate::doctor) fn token(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
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
