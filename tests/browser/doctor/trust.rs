//! What makes the page one to trust: it asks nobody, its policy would not let it, it knows its own bytes, what it is given
//! stays text, and a secret is shown no longer than it takes.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{none, ready, run};
use crate::chromium::Chromium;
use crate::pages::HOSTILE;
use crate::texts;

/// The most that support can send by mail everywhere, in bytes.
const LARGEST: u64 = 6_000_000;

/// Milliseconds until the engine answers; a quiet machine needs a third of it.
const SLOWEST: f64 = 5_000.0;

/// The page starts, decodes, checks and asks, and nothing is requested but its own worker; nothing is complained about.
pub(super) fn silent(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    let mut took = (0..5)
        .map(|_| ready(browser, page))
        .collect::<Result<Vec<f64>, _>>()?;
    took.sort_by(f64::total_cmp);
    let size = fs::metadata(page)?.len();
    eprintln!(
        "ready after {:.0} ms (the median of five, {:.0} to {:.0}), {size} bytes",
        took[2], took[0], took[4]
    );
    // A machine that also builds is slow; a page of which somebody turns away is slower.
    if took[2] > SLOWEST {
        return Err(format!("ready after {:.0} ms", took[2]).into());
    }
    if size > LARGEST {
        return Err(format!("{size} bytes").into());
    }
    let address = format!("file://{}", page.display());
    // What the page asked for while it was opened was reported by opening it; it is opened again to be seen.
    let mut doings = browser.open(page)?;
    run(
        browser,
        "await wait(() => document.documentElement.dataset.ready === '1'); await decoded('AADSTS50076'); await example();
         click('#do-redact'); await wait(() => answer('redacted'));
         click('[data-view=\"ask\"]'); click('[data-symptom=\"jobs-fail\"]'); await wait(() => answer('ask'))",
    )?;
    let more = browser.doings(&address);
    doings.requests.extend(more.requests);
    doings.messages.extend(more.messages);
    doings
        .requests
        .retain(|asked| !asked.starts_with("blob:") && asked != "about:srcdoc");
    none("requests", &doings.requests)?;
    none("console", &doings.messages)
}

/// Every way out of a page and of its worker, tried.
const WAYS_OUT: &str = "
    const refused = [];
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
    const say = (promise) => promise.then(() => 'went out', () => 'refused');
    const said = [await say(fetch(`${to}/fetch`, {mode: 'no-cors'}))];
    new Image().src = `${to}/image`;
    document.body.append(Object.assign(document.createElement('script'), {src: `${to}/script.js`}));
    document.body.append(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: `${to}/style.css`}));
    document.body.append(Object.assign(document.createElement('iframe'), {src: `${to}/frame`}));
    document.body.append(Object.assign(document.createElement('video'), {src: `${to}/video`}));
    navigator.sendBeacon(`${to}/beacon`, 'x');
    try { new WebSocket(`${to.replace('http', 'ws')}/socket`); } catch {}
    try { new EventSource(`${to}/events`); } catch {}
    const form = Object.assign(document.createElement('form'), {action: `${to}/form`, method: 'post'});
    document.body.append(form); form.submit();
    const source = `fetch('${to}/worker', {mode: 'no-cors'}).then(() => postMessage('went out'), () => postMessage('refused'))`;
    const worker = new Worker(URL.createObjectURL(new Blob([source])));
    said.push(await new Promise((done) => { worker.onmessage = ({data}) => done(data); worker.onerror = () => done('refused'); }));
    await new Promise((done) => setTimeout(done, 700));
    return {said, refused};";

/// The policy is the contract's, and no way out leads anywhere; the same ways lead out of a page without it.
pub(super) fn policy(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let policy =
        browser.evaluate("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")?;
    let policy = policy.as_str().unwrap_or_default();
    for part in [
        "default-src 'none'; connect-src 'none'; img-src data:;",
        "style-src 'sha256-",
        "script-src 'sha256-",
        "'wasm-unsafe-eval'",
        "worker-src blob:",
    ] {
        if !policy.contains(part) {
            return Err(format!("the policy lacks {part}: {policy}").into());
        }
    }
    for part in ["unsafe-inline", "'unsafe-eval'", "http", "*"] {
        if policy.contains(part) {
            return Err(format!("the policy has {part}: {policy}").into());
        }
    }
    let to = "const to = 'http://127.0.0.1:9';";
    let told = run(browser, &format!("{to}{WAYS_OUT}"))?;
    let doings = browser.doings(&format!("file://{}", page.display()));
    let left: Vec<String> = doings
        .requests
        .into_iter()
        .filter(|asked| asked.starts_with("http") && !doings.stopped.contains(asked))
        .collect();
    none("went out", &left)?;
    if told["said"] != json!(["refused", "refused"]) {
        return Err(format!("not refused: {told}").into());
    }
    let refused = texts(&told["refused"]);
    for directive in [
        "connect-src",
        "img-src",
        "script-src-elem",
        "style-src-elem",
        "form-action",
    ] {
        if !refused.iter().any(|one| one == directive) {
            return Err(format!("{directive} refused nothing: {refused:?}").into());
        }
    }
    // So that the test can fail: without the policy the same picture is asked for.
    let folder = tempfile::tempdir()?;
    let open = folder.path().join("open.html");
    fs::write(&open, "<!DOCTYPE html><title>No policy</title><body>")?;
    browser.open(&open)?;
    browser.evaluate(&format!(
        "(() => {{ {to} new Image().src = `${{to}}/image`; return new Promise((done) => setTimeout(done, 700)) }})()"
    ))?;
    let doings = browser.doings(&format!("file://{}", open.display()));
    if doings.requests.len() == 1 && doings.stopped.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "a page without a policy asks for {:?}: the test sees nothing",
            doings.requests
        )
        .into())
    }
}

/// The sum that the page shows is that of its file.
pub(super) fn own_sum(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let shown = run(
        browser,
        "await wait(() => one('#about-sum code')); return one('#about-sum').textContent",
    )?;
    let output = Command::new("sha256sum").arg(page).output()?;
    let real = String::from_utf8_lossy(&output.stdout);
    let real = real.split(' ').next().unwrap_or_default();
    if shown == real {
        Ok(())
    } else {
        Err(format!("the page says {shown}, its file is {real}").into())
    }
}

/// Tokens and passwords are out of every field, and of everything that is shown, when their answer is there.
pub(super) fn secrets(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJodHRwczovL2NvbnRvc28uY3JtNC5keW5hbWljcy5jb20ifQ.c2lnbmF0dXJl";
    const PASSWORD: &str = "Winter2026!";
    ready(browser, page)?;
    run(
        browser,
        &format!(
            "await decoded('AADSTS50126 for svc, password={PASSWORD} and Authorization: Bearer {TOKEN}'); await wait(() => seen('#error-masked'))"
        ),
    )?;
    let hidden = "const all = [...document.querySelectorAll('input, textarea')].map((field) => field.value).join(' ') + document.body.innerText;
        return ['Winter2026!', 'c2lnbmF0dXJl'].filter((secret) => all.includes(secret))";
    none("shown after decoding", &texts(&run(browser, hidden)?))?;
    run(
        browser,
        "named('What the token says').click(); await wait(() => answer('token')); if (one('#token-text').value !== '') throw new Error('the token stays in its field')",
    )?;
    none("shown after reading the token", &texts(&run(browser, hidden)?))?;
    run(
        browser,
        &format!(
            "click('[data-view=\"ask\"]'); write('#ask-said', 'password: {PASSWORD}'); one('#ask-words').requestSubmit(); await wait(() => seen('#ask-unknown'))"
        ),
    )?;
    none("shown after asking", &texts(&run(browser, hidden)?))?;
    Ok(())
}

/// What a tenant, a log or an address calls things is text: in the page, in the frame, in every view.
pub(super) fn hostile(browser: &mut Chromium, page: &Path) -> Result<(), Failed> {
    ready(browser, page)?;
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(
        "fixtures/demos/mfa-by-conditional-access.json",
    )?)?;
    rename(&mut snapshot);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("<img src=x onerror=window.hacked=6>.json");
    fs::write(&file, snapshot.to_string())?;
    let log = folder.path().join("hostile.log");
    fs::write(
        &log,
        format!("AADSTS50076 for {HOSTILE} UPN: {HOSTILE}\nAADSTS53003 {HOSTILE}\n"),
    )?;
    browser.choose("#file-input", &[&file, &log])?;
    let found = run(
        browser,
        "await wait(() => answer('report') && answer('decode') && one('iframe').contentDocument.querySelector('h1'));
         const faults = () => [window, one('iframe')?.contentWindow].filter((place) => place?.hacked !== undefined).map(() => 'something ran');
         const made = (place) => [...place.querySelectorAll('script, img, svg > script, [onerror], [onload], a[href^=javascript]')].filter((element) => !['words', 'worker', 'engine'].includes(element.id) && element.type !== 'module').map((element) => element.outerHTML.slice(0, 80));
         const all = [...made(document), ...made(one('iframe').contentDocument), ...faults()];
         click('#do-what-if'); one('#file-form form').requestSubmit(); await wait(() => answer('what-if'));
         all.push(...made(document), ...faults());
         click('#do-ask'); await wait(() => answer('ask')); all.push(...made(document), ...faults());
         return all",
    )?;
    none("hostile", &texts(&found))
}

/// Calls everything that can be named something hostile.
fn rename(value: &mut Value) {
    const NAMES: [&str; 7] = [
        "displayName",
        "appDisplayName",
        "fullname",
        "friendlyname",
        "failureReason",
        "message",
        "city",
    ];
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if NAMES.contains(&key.as_str()) && value.is_string() {
                    *value = json!(HOSTILE);
                } else {
                    rename(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        _ => {}
    }
}
