//! The page of `.ci/page`: silent, under its policy, usable by everybody, and of one opinion with the command line.

mod equal;
mod states;
mod trust;

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::chromium::{Chromium, Scheme};
use crate::{MEASURE, Work, none, texts, violations};

/// Where `.ci/page` puts it.
const PAGE: &str = "target/page/work365-doctor.html";

/// Functions that every script of these tests may use.
const HELPERS: &str = include_str!("helpers.js");

/// The page, if it was built.
pub(crate) fn built() -> Option<PathBuf> {
    std::fs::canonicalize(PAGE).ok()
}

/// Every trial, by name.
pub(crate) fn trials(page: &Path, folder: &Path, axe: Option<&str>) -> Vec<(String, Work)> {
    let mut trials: Vec<(String, Work)> = Vec::new();
    let mut add = |name: &str, work: Work| trials.push((format!("doctor::{name}"), work));
    for (name, state) in states::ALL {
        let (page, axe, pictures) = (page.to_owned(), axe.map(str::to_owned), folder.to_owned());
        add(
            &format!("state::{name}"),
            Box::new(move |browser| state_is_usable(browser, &page, name, state, axe.as_deref(), &pictures)),
        );
    }
    type Check = fn(&mut Chromium, &Path) -> Result<(), Failed>;
    let checks: [(&str, Check); 21] = [
        ("silent", trust::silent),
        ("policy", trust::policy),
        ("own sum", trust::own_sum),
        ("secrets", trust::secrets),
        ("hostile", trust::hostile),
        ("keyboard", states::keyboard),
        ("words", states::words),
        ("address", states::address),
        ("big log", states::big_log),
        ("saved answers", states::saved_answers),
        ("equal::decode", equal::texts::decode),
        ("equal::grants", equal::texts::grants),
        ("equal::explain", equal::texts::explain),
        ("equal::token", equal::texts::token),
        ("equal::check", equal::evidence::check),
        ("equal::rehearsal", equal::evidence::rehearsal),
        ("equal::ask", equal::evidence::ask),
        ("equal::what-if", equal::evidence::what_if),
        ("equal::drafts", equal::evidence::drafts),
        ("equal::redaction", equal::evidence::redaction),
        ("equal::case file", equal::evidence::case_file),
    ];
    for (name, check) in checks {
        let page = page.to_owned();
        add(name, Box::new(move |browser| check(browser, &page)));
    }
    trials
}

/// Opens the page and waits until its engine answers. Answers with the milliseconds that took.
fn ready(browser: &mut Chromium, page: &Path) -> Result<f64, Failed> {
    browser.look(1280, 900, Scheme::Light, false)?;
    browser.open(page)?;
    let took = run(
        browser,
        "await wait(() => document.documentElement.dataset.ready === '1'); return performance.getEntriesByName('ready')[0].startTime",
    )?;
    Ok(took.as_f64().unwrap_or_default())
}

/// Runs the body of an asynchronous function in the page, with the helpers.
fn run(browser: &mut Chromium, body: &str) -> Result<Value, Failed> {
    let script = format!("(async () => {{ {HELPERS}\n{body}\n }})()");
    Ok(browser.evaluate(&script)?)
}

/// Asks the engine by name.
fn engine(browser: &mut Chromium, name: &str, given: &Value) -> Result<String, Failed> {
    let answer = browser.evaluate(&format!("work365Doctor.call({}, {given})", json!(name)))?;
    answer
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("{name} answers {answer}").into())
}

/// Whether everything is to be looked at, not a sample.
fn is_whole() -> bool {
    std::env::var_os("WORK365_DOCTOR_PAGE_WHOLE").is_some_and(|value| value == "1")
}

/// What measure.js finds, less what a report may not have and the page needs: scripts, buttons, fields, a frame.
fn measured(browser: &mut Chromium) -> Result<Vec<String>, Failed> {
    const OF_REPORTS: [&str; 4] = [
        "the content security policy is not strict",
        "an element that no report has",
        "an attribute that no report has: src",
        // The height of the frame, which a script sets.
        "an attribute that no report has: style",
    ];
    let found = texts(&browser.evaluate(MEASURE)?);
    Ok(found
        .into_iter()
        .filter(|fault| !OF_REPORTS.iter().any(|known| fault.starts_with(known)))
        .collect())
}

fn state_is_usable(
    browser: &mut Chromium,
    page: &Path,
    name: &str,
    state: &str,
    axe: Option<&str>,
    pictures: &Path,
) -> Result<(), Failed> {
    ready(browser, page)?;
    run(browser, state)?;
    for width in [1280, 360, 320] {
        browser.look(width, 900, Scheme::Light, false)?;
        // A frame learns its new width one frame later.
        run(browser, "await settled(); await settled()")?;
        none(&format!("{width} pixels wide"), &measured(browser)?)?;
        picture(browser, pictures, &format!("{name}-{width}"))?;
    }
    browser.look(1280, 900, Scheme::Dark, false)?;
    picture(browser, pictures, &format!("{name}-dark"))?;
    if let Some(axe) = axe {
        let colours = "{runOnly: ['color-contrast', 'link-in-text-block'], iframes: false}";
        none("axe-core, dark", &violations(browser, axe, colours)?)?;
        browser.look(1280, 900, Scheme::Light, false)?;
        none("axe-core, light", &violations(browser, axe, "{iframes: false}")?)?;
        browser.look(360, 900, Scheme::Light, false)?;
        let sizes = "{runOnly: ['scrollable-region-focusable', 'target-size'], iframes: false}";
        none("axe-core, on a phone", &violations(browser, axe, sizes)?)?;
    }
    browser.look(718, 1000, Scheme::Dark, true)?;
    run(browser, "await settled(); await settled()")?;
    none("on paper", &measured(browser)?)?;
    let ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")?;
    if ground != "rgb(255, 255, 255)" {
        return Err(format!("paper is white, not {ground}").into());
    }
    let address = format!("file://{}", page.display());
    let doings = browser.doings(&address);
    // axe-core looks at what a policy forbids it to load, and says so.
    none("console", &doings.messages)
}

fn picture(browser: &mut Chromium, folder: &Path, name: &str) -> Result<(), Failed> {
    use base64::Engine as _;
    let picture = base64::engine::general_purpose::STANDARD
        .decode(browser.picture()?)
        .map_err(|error| error.to_string())?;
    std::fs::write(folder.join(format!("doctor-{name}.png")), picture).map_err(|error| error.to_string())?;
    Ok(())
}
