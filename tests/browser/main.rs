//! The HTML report and the page of `.ci/page` in headless Chromium: layout, keyboard, paper, colours, silence, and axe-core without a complaint.
//!
//! Without Chromium or axe-core the trials are ignored and say so; with `WORK365_DOCTOR_REQUIRE_BROWSER=1` that is a
//! failure. `.ci/browser` installs both. Without the page, which `.ci/page` builds, its trials are ignored too, unless
//! `WORK365_DOCTOR_REQUIRE_PAGE=1`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod chromium;
mod doctor;
mod pages;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the page is given scenarios, and judges them itself")]
mod support;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chromium::{Chromium, Scheme};
use libtest_mimic::{Arguments, Failed, Trial};
use pages::Page;
use serde_json::Value;

/// Where `.ci/browser` puts it.
const AXE: &str = "target/axe-core/axe.min.js";

/// Pinned as in `.ci/browser`.
const AXE_VERSION: &str = "4.14.1";

/// Lists the faults of layout and structure.
const MEASURE: &str = include_str!("measure.js");

/// Unfolds everything.
const UNFOLD: &str = "document.querySelectorAll('details').forEach(one => one.open = true)";

/// Unfolds everything but the second and later passes of an area.
const UNFOLD_ONE_PASS: &str =
    "document.querySelectorAll('details:not(.finding.pass ~ .finding.pass)').forEach(one => one.open = true)";

/// Widths in CSS pixels: a desktop, a tablet, a phone, and the narrowest that WCAG 2.2 asks for (1.4.10).
const WIDTHS: [u32; 4] = [1280, 768, 360, 320];

/// A4 less the browser's margins, in CSS pixels.
const PAPER: u32 = 718;

/// What a trial does with the browser.
type Work = Box<dyn FnOnce(&mut Chromium) -> Result<(), Failed> + Send>;

/// Started by the first trial that runs, ended with the last.
type Shared = Arc<Mutex<Option<Chromium>>>;

fn main() {
    let mut arguments = Arguments::from_args();
    // One browser for all: two would only fight for the processors.
    arguments.test_threads = Some(1);
    let is_required = std::env::var_os("WORK365_DOCTOR_REQUIRE_BROWSER").is_some_and(|value| value == "1");
    let trials = match Chromium::installed() {
        Some(program) => with_browser(&program, is_required),
        None => vec![missing("chromium", is_required)],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// Stands for what cannot run: ignored, or failed where the browser is required.
fn missing(what: &'static str, is_required: bool) -> Trial {
    if !is_required {
        eprintln!(
            "skipped: {what} is not there; `.ci/browser` installs what a browser needs, `.ci/page` builds the page"
        );
    }
    Trial::test(format!("{what} is there"), move || {
        Err(format!(
            "{what} is not there: `.ci/browser` installs what a browser needs, `.ci/page` builds the page"
        )
        .into())
    })
    .with_ignored_flag(!is_required)
}

fn with_browser(program: &Path, is_required: bool) -> Vec<Trial> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let pages = pages::all(&folder);
    let browser = Shared::default();
    let mut trials = Vec::new();
    let mut add = |name: String, work: Work| {
        let (browser, program) = (Arc::clone(&browser), program.to_owned());
        trials.push(Trial::test(name, move || {
            let mut browser = browser.lock().map_err(|_| "an earlier trial panicked")?;
            match &mut *browser {
                Some(browser) => work(browser),
                none => work(none.insert(Chromium::start(&program)?)),
            }
        }));
    };
    let axe = std::fs::read_to_string(AXE).ok();
    let mut is_unbuilt = false;
    let mut seen = HashSet::new();
    for page in &pages {
        let one = page.clone();
        add(
            format!("layout::{}", page.name),
            Box::new(move |browser| layout(browser, &one)),
        );
        let one = page.clone();
        add(
            format!("paper::{}", page.name),
            Box::new(move |browser| paper(browser, &one)),
        );
        // Pages that differ only by what is unfolded are one page to axe-core, and eighty causes are to it what three are.
        let unfolded = std::fs::read_to_string(&page.file)
            .unwrap()
            .replace(" open>", ">");
        let is_new = page.name != "everything-fails" && seen.insert(unfolded);
        if let Some(axe) = axe.as_ref().filter(|_| is_new) {
            let (one, axe) = (page.clone(), axe.clone());
            add(
                format!("axe::{}", page.name),
                Box::new(move |browser| accessible(browser, &one, &axe)),
            );
        }
    }
    for page in pages
        .iter()
        .filter(|page| page.name == "with-error" || page.name == "audience-engineer")
    {
        let one = page.clone();
        add(
            format!("keyboard::{}", page.name),
            Box::new(move |browser| keyboard(browser, &one)),
        );
    }
    let one = pages[0].clone();
    add(
        "schemes differ".to_owned(),
        Box::new(move |browser| schemes(browser, &one)),
    );
    let bad = folder.join("bad.html");
    std::fs::write(&bad, include_str!("bad.html")).unwrap();
    let has_axe = axe.clone();
    add(
        "a bad page is found out".to_owned(),
        Box::new(move |browser| bad_page(browser, &bad, has_axe.as_deref())),
    );
    match doctor::built() {
        Some(page) => {
            for (name, work) in doctor::trials(&page, &folder, axe.as_deref()) {
                add(name, work);
            }
        }
        None => is_unbuilt = true,
    }
    if is_unbuilt {
        let is_required = std::env::var_os("WORK365_DOCTOR_REQUIRE_PAGE").is_some_and(|value| value == "1");
        trials.push(missing("the page", is_required));
    }
    if axe.is_none() {
        trials.push(missing("axe-core", is_required));
    }
    trials
}

fn none(what: &str, wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() {
        Ok(())
    } else {
        let first: Vec<&str> = wrong.iter().take(12).map(String::as_str).collect();
        Err(format!("{what}, {} in all:\n  {}", wrong.len(), first.join("\n  ")).into())
    }
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
        .collect()
}

/// Silent, within its window at every width, with the headline and the next step on the first screen.
fn layout(browser: &mut Chromium, page: &Page) -> Result<(), Failed> {
    browser.look(WIDTHS[0], 900, Scheme::Light, false)?;
    let doings = browser.open(&page.file)?;
    none("console", &doings.messages)?;
    none("requests", &doings.requests)?;
    if !browser.evaluate("window.hacked ?? null")?.is_null() {
        return Err("a name ran as a script".into());
    }
    for width in WIDTHS {
        browser.look(width, 900, Scheme::Light, false)?;
        none(
            &format!("{width} pixels wide"),
            &texts(&browser.evaluate(MEASURE)?),
        )?;
        let bottom = browser.evaluate("document.querySelector('.next').getBoundingClientRect().bottom")?;
        // A name may be as long as it likes; the words of the tool may not.
        let is_ours = !page.name.starts_with("hostile") && !page.name.starts_with("long");
        if is_ours && bottom.as_f64().unwrap_or(f64::MAX) > 900.0 {
            return Err(format!("{width} pixels wide, the next step ends at {bottom}").into());
        }
    }
    browser.evaluate(UNFOLD)?;
    for width in [WIDTHS[0], WIDTHS[3]] {
        browser.look(width, 900, Scheme::Light, false)?;
        let wrong = texts(&browser.evaluate(MEASURE)?);
        none(&format!("{width} pixels wide, all unfolded"), &wrong)?;
    }
    Ok(())
}

/// On paper: nothing cut, what matters unfolded, and not a book.
fn paper(browser: &mut Chromium, page: &Page) -> Result<(), Failed> {
    browser.look(PAPER, 1000, Scheme::Dark, true)?;
    browser.open(&page.file)?;
    none("on paper", &texts(&browser.evaluate(MEASURE)?))?;
    let folded = browser.evaluate(
        "[...document.querySelectorAll('article.root details .in')].filter(one => !one.getClientRects().length).map(one => one.textContent.slice(0, 40))",
    )?;
    none("folded on paper", &texts(&folded))?;
    let ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")?;
    if ground != "rgb(255, 255, 255)" {
        return Err(format!("paper is white, not {ground}").into());
    }
    let length = browser.evaluate("document.documentElement.scrollHeight")?;
    let pdf = STANDARD
        .decode(browser.pdf()?)
        .map_err(|error| error.to_string())?;
    let sheets = sheets(&pdf);
    // A sheet holds about a thousand pixels; what is kept together costs some of it.
    let most = length.as_u64().unwrap_or(0) / 700 + 2;
    if sheets == 0 || sheets > most {
        return Err(format!("{sheets} sheets for {length} pixels, at most {most} were expected").into());
    }
    if page.name.starts_with("demo-") && sheets > 13 {
        return Err(
            format!("{sheets} sheets for a demonstration, whose messages stand open on paper").into(),
        );
    }
    Ok(())
}

/// Pages of a PDF: Chromium writes each page's dictionary in the clear.
fn sheets(pdf: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(pdf);
    text.split("/Type /Page")
        .skip(1)
        .filter(|rest| !rest.starts_with('s'))
        .count() as u64
}

/// axe-core: all its rules in light colours; in dark ones what depends on colours, on a phone what depends on the width.
/// Of the checks of an area that passed only the first is unfolded, since the others look the same; one page has all.
fn accessible(browser: &mut Chromium, page: &Page, axe: &str) -> Result<(), Failed> {
    let colours = "{runOnly: ['color-contrast', 'link-in-text-block']}";
    let unfold = if page.name == "with-error" {
        UNFOLD
    } else {
        UNFOLD_ONE_PASS
    };
    let sizes = "{runOnly: ['scrollable-region-focusable', 'target-size']}";
    for (width, scheme, options) in [
        (1280, Scheme::Light, "{}"),
        (1280, Scheme::Dark, colours),
        (360, Scheme::Light, sizes),
    ] {
        browser.look(width, 900, scheme, false)?;
        browser.open(&page.file)?;
        browser.evaluate(unfold)?;
        let wrong = violations(browser, axe, options)?;
        none(
            &format!("axe-core, {width} pixels wide, {}", scheme.name()),
            &wrong,
        )?;
    }
    Ok(())
}

fn violations(browser: &mut Chromium, axe: &str, options: &str) -> Result<Vec<String>, Failed> {
    browser.evaluate(&format!("{axe};0"))?;
    if browser.evaluate("axe.version")? != AXE_VERSION {
        return Err(format!("{AXE} is not version {AXE_VERSION}").into());
    }
    let wrong = browser.evaluate(&format!(
        "axe.run(document, {{resultTypes: ['violations'], ...{options}}}).then(all => all.violations.flatMap(one =>
            one.nodes.slice(0, 3).map(node => `${{one.id}}: ${{node.html.slice(0, 160)}} ${{node.failureSummary}}`)))",
    ))?;
    Ok(texts(&wrong))
}

/// Presses Tab: the stop at `position` has the focus, and that is seen.
fn tab_to(browser: &mut Chromium, position: u64) -> Result<(), Failed> {
    browser.press("Tab", 9, "")?;
    let wrong = browser.evaluate(&format!(
        "(() => {{
            const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
            const wrong = [];
            if (one !== stops[{position}]) wrong.push(`stop {position} is ${{one.outerHTML.slice(0, 80)}}, not ${{stops[{position}].outerHTML.slice(0, 80)}}`);
            if (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) wrong.push(`the focus is not seen on ${{one.outerHTML.slice(0, 80)}}`);
            if (box.width < 1 || box.height < 1 || box.right < 1 || box.bottom < 1 || box.top > innerHeight) wrong.push(`out of sight: ${{one.outerHTML.slice(0, 80)}}`);
            return wrong;
        }})()"
    ))?;
    none("keyboard", &texts(&wrong))
}

/// Tab goes through everything that can be used, in reading order, visibly, and out again; Enter folds and unfolds.
fn keyboard(browser: &mut Chromium, page: &Page) -> Result<(), Failed> {
    browser.look(1280, 900, Scheme::Light, false)?;
    browser.open(&page.file)?;
    let wanted = browser.evaluate(
        "window.stops = [...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter(one => one.checkVisibility({contentVisibilityAuto: true}));
         stops.length",
    )?;
    let wanted = wanted.as_u64().unwrap_or(0);
    if wanted < 10 {
        return Err(format!("only {wanted} stops").into());
    }
    for position in 0..wanted {
        tab_to(browser, position)?;
    }
    browser.press("Tab", 9, "")?;
    if browser.evaluate("document.activeElement === document.body")? != true {
        return Err("Tab does not leave the page".into());
    }
    browser.evaluate("document.querySelector('summary').focus()")?;
    let open = "document.querySelector('details').open";
    let before = browser.evaluate(open)?;
    browser.press("Enter", 13, "\r")?;
    if browser.evaluate(open)? == before {
        return Err("Enter does not unfold".into());
    }
    browser.evaluate("document.querySelector('.skip').focus()")?;
    browser.press("Enter", 13, "\r")?;
    if browser.evaluate("location.hash === document.querySelector('.skip').hash")? != true {
        return Err("the skip link does not skip".into());
    }
    Ok(())
}

/// The system's choice of colours counts, without a script.
fn schemes(browser: &mut Chromium, page: &Page) -> Result<(), Failed> {
    let mut seen = Vec::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.look(1280, 900, scheme, false)?;
        browser.open(&page.file)?;
        seen.push(browser.evaluate("getComputedStyle(document.body).backgroundColor")?);
        let picture = STANDARD
            .decode(browser.picture()?)
            .map_err(|error| error.to_string())?;
        let file = page.file.with_extension(format!("{}.png", scheme.name()));
        std::fs::write(file, picture).map_err(|error| error.to_string())?;
    }
    if seen[0] == seen[1] {
        return Err(format!("light and dark are both {}", seen[0]).into());
    }
    Ok(())
}

/// The checks see what they are for.
fn bad_page(browser: &mut Chromium, file: &Path, axe: Option<&str>) -> Result<(), Failed> {
    browser.look(360, 900, Scheme::Light, false)?;
    let doings = browser.open(file)?;
    let wrong = texts(&browser.evaluate(MEASURE)?);
    let mut missed: Vec<String> = Vec::new();
    for text in ["said aloud", "is not defined"] {
        if !doings.messages.iter().any(|message| message.contains(text)) {
            missed.push(format!("console: {text}"));
        }
    }
    if !doings
        .requests
        .iter()
        .any(|asked| asked == "https://evil.example/x.png")
    {
        missed.push(format!("request, of {:?}", doings.requests));
    }
    for text in [
        "the page is",
        "text leaves the window",
        "cut off",
        "marks overlap",
        "a mark leaves its picture",
        "a level is left out",
        "two elements have the id twice",
        "a link leads to #nowhere",
        "a link leads to javascript:",
        "an element that no report has: <script>",
        "an attribute that no report has: onclick",
        "lies on",
        "the content security policy is not strict",
    ] {
        if !wrong.iter().any(|wrong| wrong.contains(text)) {
            missed.push(format!("layout: {text}"));
        }
    }
    if let Some(axe) = axe {
        let wrong = violations(browser, axe, "{}")?;
        if !wrong.iter().any(|wrong| wrong.starts_with("color-contrast")) {
            missed.push("axe-core: color-contrast".to_owned());
        }
    }
    none("not found out", &missed)
}
