//! What a person meets on the page: every state to look at, the keyboard, the words, files that are large.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use libtest_mimic::Failed;
use regex::Regex;
use serde_json::{Value, json};

use super::{is_whole, none, ready, run};
use crate::chromium::Chromium;
use crate::{tab_to, texts};

/// Every state by name, and the way to it from the page as it opens.
pub(super) const ALL: [(&str, &str); 22] = [
    ("start", ""),
    (
        "decoded",
        "await decoded('AADSTS53003: Access has been blocked by Conditional Access policies. Trace ID: 5a1d2f1e-0000-4c55-8a77-1d6f5b6c0100 Timestamp: 2026-06-15 08:58:01Z\\nPrincipal user (Id=3d483b09-1198-4acb-929f-c648674e32bd) is missing prvReadAccount privilege 0x80040220')",
    ),
    ("not-recognised", "await decoded('the invoices were not generated this month')"),
    ("symptoms", "click('[data-view=\"ask\"]')"),
    (
        "question",
        "click('[data-view=\"ask\"]'); click('[data-symptom=\"reset-fails\"]'); await wait(() => answer('ask')); one('#ask-step summary').click()",
    ),
    (
        "settled",
        "click('[data-view=\"ask\"]'); click('[data-symptom=\"reset-fails\"]'); await wait(() => answer('ask'));
         for (let turn = 0; turn < 60 && JSON.parse(answer('ask')).state === 'asking'; turn += 1) {
           const before = answer('ask'); named('I cannot see this').click(); await wait(() => answer('ask') !== before); }",
    ),
    ("file", "click('[data-view=\"file\"]')"),
    ("check", "await example()"),
    (
        "what-if",
        "await example(); click('#do-what-if'); one('#file-form form').requestSubmit(); await wait(() => answer('what-if'))",
    ),
    (
        "draft",
        "await example(); click('#do-what-if');
         write('#whatif-policy', JSON.stringify({displayName: 'Block everybody', conditions: {users: {includeUsers: ['All']}, applications: {includeApplications: ['All']}}, grantControls: {builtInControls: ['block']}}));
         one('#file-form form').requestSubmit(); await wait(() => answer('what-if') && one('#file-answer article'))",
    ),
    (
        "rehearsal",
        "await example(); one('#rehearsal').closest('details').open = true; const before = answer('report');
         one('#rehearsal input[value=all]').click(); named('Rehearse it').click();
         await wait(() => answer('report') && answer('report') !== before && one('iframe')?.contentDocument?.querySelector('h1') && Number.parseInt(one('iframe').style.height, 10) > 400)",
    ),
    (
        "grants",
        "await example();
         click('[data-view=\"error\"]');
         await decoded('SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: dddddddd-0000-4000-8000-000000000004, OwnerId: bbbbbbbb-0000-4000-8000-000000000002, OwnerIdType: 8 and CallingUser: aaaaaaaa-0000-4000-8000-000000000001. ObjectTypeCode: 1, objectBusinessUnitId: eeeeeeee-0000-4000-8000-000000000005, AccessRights: ReadAccess')",
    ),
    ("a-check", "await (location.hash = '#explain=mfa-conditional-access', wait(() => answer('explain')))"),
    ("a-code", "await (location.hash = '#explain=AADSTS53003', wait(() => answer('explain')))"),
    ("a-symptom", "await (location.hash = '#explain=reset-fails', wait(() => answer('explain')))"),
    ("redaction", "await example(); click('#do-redact'); await wait(() => answer('redacted'))"),
    (
        "case-file",
        "await example(); click('#do-case'); write('#case-error', 'AADSTS50076'); one('#file-form form').requestSubmit(); await wait(() => one('[data-answer=case]'))",
    ),
    (
        "token",
        "click('[data-view=\"token\"]');
         const part = (value) => btoa(JSON.stringify(value)).replaceAll('=', '');
         write('#token-text', `${part({alg: 'RS256', typ: 'JWT'})}.${part({aud: 'https://contoso.crm4.dynamics.com', exp: 1750000000, upn: 'svc@contoso.com', scp: 'user_impersonation'})}.c2lnbmF0dXJl`);
         one('#token-form').requestSubmit(); await wait(() => answer('token'))",
    ),
    ("masked", "await decoded('AADSTS50126 password=Winter2026! tried'); await wait(() => seen('#error-masked'))"),
    (
        "german",
        "click('[data-language=\"de\"]'); click('[data-view=\"ask\"]'); await wait(() => one('h1').textContent === 'Was sehen Sie?')",
    ),
    (
        "german-check",
        "click('[data-language=\"de\"]'); await example(); one('#rehearsal').closest('details').open = true",
    ),
    (
        "german-name",
        "click('[data-language=\"de\"]'); location.hash = '#explain=mfa-conditional-access'; await wait(() => answer('explain'))",
    ),
];

/// Tab goes through everything that can be used, in reading order and visibly; Enter opens a view and chooses a symptom.
pub(super) fn keyboard(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let wanted = browser.evaluate(
        "window.stops = [...document.querySelectorAll('a[href], button, textarea, input, select, summary, [tabindex=\"0\"]')].filter(one => one.checkVisibility());
         stops.length",
    )?;
    for position in 0..wanted.as_u64().unwrap_or(0) {
        tab_to(browser, position)?;
    }
    browser.evaluate("document.querySelector('[data-view=\"ask\"]').focus()")?;
    browser.press("Enter", 13, "\r")?;
    run(browser, "await wait(() => seen('#ask-symptoms button'))")?;
    browser.evaluate("document.querySelector('[data-symptom=\"jobs-fail\"]').focus()")?;
    browser.press("Enter", 13, "\r")?;
    // Who cannot see where the page went hears it: the question has the focus.
    run(
        browser,
        "await wait(() => answer('ask')); await wait(() => document.activeElement === one('#ask-step h3'))",
    )?;
    browser.evaluate("document.querySelector('[data-view=\"error\"]').click(); document.querySelector('#error-text').focus()")?;
    browser.insert("AADSTS50055: The password is expired.")?;
    let told = run(
        browser,
        "await wait(() => answer('decode')); return answer('decode')",
    )?;
    let told: Value = serde_json::from_str(told.as_str().unwrap_or_default())?;
    if told["primary"] == "AADSTS50055" {
        Ok(())
    } else {
        Err(format!("typed text is decoded as {}", told["primary"]).into())
    }
}

/// Each word that the page asks its table for is there, in every language; nothing is there that nobody asks for.
pub(super) fn words(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    let table: Value = serde_json::from_str(include_str!("../../../src/page/words.json"))?;
    let keys = |language: &str| -> BTreeSet<String> {
        let words = table[language].as_object().into_iter().flatten();
        words
            .map(|(key, _)| key.clone())
            .filter(|key| !key.starts_with("symptom."))
            .collect()
    };
    let (english, german) = (keys("en"), keys("de"));
    none(
        "words of one language only",
        &english.symmetric_difference(&german).cloned().collect::<Vec<_>>(),
    )?;
    let called = Regex::new(r#"word\("([^"]+)"|(?:field|pick)\("[^"]+", "([^"]+)""#)?;
    let mut unknown = Vec::new();
    for script in fs::read_dir("src/page/script")? {
        let script = fs::read_to_string(script?.path())?;
        let keys = called
            .captures_iter(&script)
            .filter_map(|found| found.get(1).or(found.get(2)));
        unknown.extend(
            keys.map(|key| key.as_str().to_owned())
                .filter(|key| !english.contains(key)),
        );
    }
    none("words of the scripts that the table lacks", &unknown)?;
    ready(browser, page)?;
    let symptoms = browser
        .evaluate("[...document.querySelectorAll('[data-symptom]')].map(one => one.dataset.symptom)")?;
    let untold: Vec<String> = texts(&symptoms)
        .into_iter()
        .filter(|id| table["de"].get(format!("symptom.{id}")).is_none())
        .collect();
    none("symptoms without a German title", &untold)?;
    let asked = browser.evaluate(
        "[...document.querySelectorAll('[data-word], [data-label]')].map(one => one.dataset.word ?? one.dataset.label)",
    )?;
    let unknown: Vec<String> = texts(&asked)
        .into_iter()
        .filter(|key| !english.contains(key))
        .collect();
    none("words that the table lacks", &unknown)?;
    run(
        browser,
        "click('[data-language=\"de\"]'); await wait(() => document.documentElement.lang === 'de' && one('h1').textContent === 'Was sehen Sie?')",
    )?;
    Ok(())
}

/// The address can hold a text: it is decoded, also when it changes, and whatever it holds.
pub(super) fn address(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    for (hash, primary) in [
        ("#decode=AADSTS50076%3A%20x", json!("AADSTS50076")),
        ("#decode=0x80040220", json!("0x80040220")),
        (
            "#decode=100%25%20AADSTS53003%0Asecond%20line",
            json!("AADSTS53003"),
        ),
        (
            "#decode=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E",
            Value::Null,
        ),
    ] {
        let told = run(
            browser,
            &format!(
                "one('#error-answer').replaceChildren(); location.hash = {}; await wait(() => answer('decode')); return answer('decode')",
                json!(hash)
            ),
        )?;
        let told: Value = serde_json::from_str(told.as_str().unwrap_or_default())?;
        if told["primary"] != primary {
            return Err(format!("{hash} is decoded as {}, not {primary}", told["primary"]).into());
        }
    }
    if browser.evaluate("window.hacked ?? null")?.is_null() {
        Ok(())
    } else {
        Err("the address ran as a script".into())
    }
}

/// MiB that the engine may hold after a log of any size: its rules, and a few windows of the log.
const MOST_MEMORY: u64 = 96;

/// A log of many megabytes is read in windows, with progress, and can be cancelled; afterwards the page still works.
pub(super) fn big_log(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("jobs.log");
    let megabytes = if is_whole() { 200 } else { 24 };
    let mut text = String::new();
    let mut number = 0_u64;
    while text.len() < megabytes << 20 {
        number += 1;
        let said = if number.is_multiple_of(500) {
            "AADSTS50076: Due to a configuration change"
        } else {
            "INFO request handled in 214 ms, nothing to say about it"
        };
        let _ = writeln!(
            text,
            "2026-01-05T10:{:02}:{:02}Z svc@contoso.com {said} {number}",
            number / 60 % 60,
            number % 60
        );
    }
    fs::write(&file, &text)?;
    ready(browser, page)?;
    let begun = Instant::now();
    browser.choose("#file-input", &[&file])?;
    let told = run(
        browser,
        "await wait(() => answer('decode')); return answer('decode')",
    )?;
    let took = begun.elapsed();
    let memory = browser.evaluate("work365Doctor.call('memory')")?;
    let memory = memory.as_u64().unwrap_or(u64::MAX) >> 20;
    eprintln!(
        "{megabytes} MiB of log: {:.1} s, {memory} MiB of memory",
        took.as_secs_f64()
    );
    if memory > MOST_MEMORY {
        return Err(format!("the engine holds {memory} MiB").into());
    }
    let expected = crate::pages::run(&[
        "decode",
        "--no-progress",
        "-o",
        "json",
        &file.display().to_string(),
    ]);
    if told != expected.as_str() {
        return Err("the answer for a large log is not the command line's".into());
    }
    // A log in which nothing is found is looked at a second time, thoroughly: long enough to watch it and to tire of it.
    fs::write(&file, text.replace("AADSTS50076: Due to", "INFO due to"))?;
    browser.evaluate("window.told = new Set(); new MutationObserver(() => told.add(document.getElementById('working-much').textContent)).observe(document.getElementById('working-much'), {childList: true, characterData: true, subtree: true}); 0")?;
    browser.choose("#file-input", &[&file])?;
    run(
        browser,
        "one('#error-answer').replaceChildren(); await wait(() => seen('#cancel') && told.size > 3); click('#cancel'); await wait(() => one('#said').textContent.startsWith('Cancelled'));
         if (answer('decode')) throw new Error('what was cancelled answers');
         await decoded('AADSTS50055'); if (JSON.parse(answer('decode')).primary !== 'AADSTS50055') throw new Error('the engine did not come back')",
    )?;
    Ok(())
}

/// Answers that were kept are gone on with: by the page, and the same file by the command line.
pub(super) fn saved_answers(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let kept = run(
        browser,
        "click('[data-view=\"ask\"]'); click('[data-symptom=\"reset-fails\"]'); await wait(() => answer('ask'));
         for (let turn = 0; turn < 3; turn += 1) { const before = answer('ask'); named('I do not know').click(); await wait(() => answer('ask') !== before); }
         const before = answer('ask'); named('Go back').click(); await wait(() => answer('ask') !== before);
         let kept = null; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { kept = blob; return make(blob); };
         named('Save the answers').click(); await wait(() => kept); URL.createObjectURL = make; return kept.text()",
    )?;
    let kept = kept.as_str().unwrap_or_default();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("answers.json");
    fs::write(&file, kept)?;
    let step: Value = serde_json::from_str(&crate::pages::run(&[
        "ask",
        "--answers",
        &file.display().to_string(),
        "-o",
        "json",
    ]))?;
    if step["asked"] != 2 {
        return Err(format!("the command line reads {} answers of {kept}", step["asked"]).into());
    }
    ready(browser, page)?;
    browser.choose("#file-input", &[&file])?;
    let resumed = run(browser, "await wait(() => answer('ask')); return answer('ask')")?;
    let resumed: Value = serde_json::from_str(resumed.as_str().unwrap_or_default())?;
    if resumed["asked"] == 2 && resumed["symptom"] == "reset-fails" {
        Ok(())
    } else {
        Err(format!(
            "the page resumes with {} answers of {}",
            resumed["asked"], resumed["symptom"]
        )
        .into())
    }
}
