//! The HTML report in headless Chromium: layout, keyboard, paper, colours, silence, and axe-core without a complaint.
//!
//! Without Chromium or axe-core the trials are ignored and say so; with `WORK365_DOCTOR_REQUIRE_BROWSER=1` that is a
//! failure. `.ci/browser` installs both.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod chromium;
mod pages;

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

/// Widths in CSS pixels: a desktop, a tablet, a phone, and the narrowest that WCAG 2.2 asks for (1.4.10).
const WIDTHS: [u32; 4] = [1280, 768, 360, 320];

/// A4 less the browser's margins, in CSS pixels.
const PAPER: u32 = 718;

type Shared = Arc<Mutex<Chromium>>;

fn main() {
    let mut arguments = Arguments::from_args();
    // One browser for all: two would only fight for the processors.
    arguments.test_threads = Some(1);
    let is_required = std::env::var_os("WORK365_DOCTOR_REQUIRE_BROWSER").is_some_and(|value| value == "1");
    let trials = match Chromium::installed() {
        Some(program) if !arguments.list => with_browser(&program, is_required),
        Some(_) => Vec::new(),
        None => vec![missing("chromium", is_required)],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// Stands for what cannot run: ignored, or failed where the browser is required.
fn missing(what: &'static str, is_required: bool) -> Trial {
    if !is_required {
        eprintln!("skipped: {what} is not installed; `.ci/browser` installs it");
    }
    Trial::test(format!("{what} is installed"), move || {
        Err(format!("{what} is not installed; `.ci/browser` installs it").into())
    })
    .with_ignored_flag(!is_required)
}

fn with_browser(program: &Path, is_required: bool) -> Vec<Trial> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let pages = pages::all(&folder);
    let browser: Shared = Arc::new(Mutex::new(Chromium::start(program).expect("Chromium starts")));
    let mut trials = Vec::new();
    let mut add = |name: String, work: Box<dyn FnOnce(&mut Chromium) -> Result<(), Failed> + Send>| {
        let browser = Arc::clone(&browser);
        trials.push(Trial::test(name, move || {
            let mut browser = browser.lock().map_err(|_| "an earlier trial panicked")?;
            work(&mut browser)
        }));
    };
    let axe = std::fs::read_to_string(AXE).ok();
    for page in &pages {
        let one = page.clone();
        add(format!("layout::{}", page.name), Box::new(move |browser| layout(browser, &one)));
        let one = page.clone();
        add(format!("paper::{}", page.name), Box::new(move |browser| paper(browser, &one)));
        if let Some(axe) = &axe {
            let (one, axe) = (page.clone(), axe.clone());
            add(
                format!("axe::{}", page.name),
                Box::new(move |browser| accessible(browser, &one, &axe)),
            );
        }
    }
    for page in pages.iter().filter(|page| page.name == "with-error" || page.name == "audience-engineer") {
        let one = page.clone();
        add(format!("keyboard::{}", page.name), Box::new(move |browser| keyboard(browser, &one)));
    }
    let one = pages[0].clone();
    add("schemes differ".to_owned(), Box::new(move |browser| schemes(browser, &one)));
    let bad = folder.join("bad.html");
    std::fs::write(&bad, include_str!("bad.html")).unwrap();
    let has_axe = axe.clone();
    add(
        "a bad page is found out".to_owned(),
        Box::new(move |browser| bad_page(browser, &bad, has_axe.as_deref())),
    );
    if axe.is_none() {
        trials.push(missing("axe-core", is_required));
    }
    trials
}

fn none(what: &str, wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{what}:\n  {}", wrong.join("\n  ")).into())
    }
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
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
        for state in ["as it opens", "all unfolded"] {
            if state == "all unfolded" {
                browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")?;
            }
            let wrong = texts(&browser.evaluate(MEASURE)?);
            none(&format!("{width} pixels wide, {state}"), &wrong)?;
        }
        let bottom = browser.evaluate("document.querySelector('.next').getBoundingClientRect().bottom")?;
        // A name may be as long as it likes; the words of the tool may not.
        let is_ours = !page.name.starts_with("hostile") && !page.name.starts_with("long");
        if is_ours && bottom.as_f64().unwrap_or(f64::MAX) > 900.0 {
            return Err(format!("{width} pixels wide, the next step ends at {bottom}").into());
        }
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
    let pdf = STANDARD.decode(browser.pdf()?).map_err(|error| error.to_string())?;
    let sheets = sheets(&pdf);
    // A sheet holds about a thousand pixels; what is kept together costs some of it.
    let most = length.as_u64().unwrap_or(0) / 700 + 2;
    if sheets == 0 || sheets > most {
        return Err(format!("{sheets} sheets for {length} pixels, at most {most} were expected").into());
    }
    if page.name.starts_with("demo-") && sheets > 12 {
        return Err(format!("{sheets} sheets for a demonstration").into());
    }
    Ok(())
}

/// Pages of a PDF: Chromium writes each page's dictionary in the clear.
fn sheets(pdf: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(pdf);
    text.split("/Type /Page").skip(1).filter(|rest| !rest.starts_with('s')).count() as u64
}

/// axe-core, with everything unfolded, in both schemes and on a phone.
fn accessible(browser: &mut Chromium, page: &Page, axe: &str) -> Result<(), Failed> {
    for (width, scheme) in [(1280, Scheme::Light), (1280, Scheme::Dark), (360, Scheme::Light)] {
        browser.look(width, 900, scheme, false)?;
        browser.open(&page.file)?;
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")?;
        let wrong = violations(browser, axe)?;
        none(&format!("axe-core, {width} pixels wide, {}", scheme.name()), &wrong)?;
    }
    Ok(())
}

fn violations(browser: &mut Chromium, axe: &str) -> Result<Vec<String>, Failed> {
    browser.evaluate(&format!("{axe};0"))?;
    if browser.evaluate("axe.version")? != AXE_VERSION {
        return Err(format!("{AXE} is not version {AXE_VERSION}").into());
    }
    let wrong = browser.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(all => all.violations.flatMap(one =>
            one.nodes.slice(0, 3).map(node => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))",
    )?;
    Ok(texts(&wrong))
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
        none("keyboard", &texts(&wrong))?;
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
        let picture = STANDARD.decode(browser.picture()?).map_err(|error| error.to_string())?;
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
    if !doings.requests.iter().any(|asked| asked == "https://evil.example/x.png") {
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
    ] {
        if !wrong.iter().any(|wrong| wrong.contains(text)) {
            missed.push(format!("layout: {text}"));
        }
    }
    if let Some(axe) = axe {
        let wrong = violations(browser, axe)?;
        if !wrong.iter().any(|wrong| wrong.starts_with("color-contrast")) {
            missed.push("axe-core: color-contrast".to_owned());
        }
    }
    none("not found out", &missed)
}
