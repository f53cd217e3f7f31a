//! The reports that the browser looks at, written by the binary.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

/// What a hostile tenant calls things: none of it may become more than text.
pub(crate) const HOSTILE: &str = "</style></title><script>window.hacked=1</script>\
    <img src=https://evil.example/x.png onerror=window.hacked=2>\"'><svg onload=window.hacked=3>\
    <a href=javascript:window.hacked=4>{{7*7}}</a>\u{202e}\u{1b}[31m`<b>`";

/// One report as a file.
#[derive(Clone)]
pub(crate) struct Page {
    /// What the trial is called.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

/// Writes every report into `folder`.
pub(crate) fn all(folder: &Path) -> Vec<Page> {
    fs::create_dir_all(folder).unwrap();
    let mut pages = Vec::new();
    let mut page = |name: &str, arguments: &[&str]| {
        let file = folder.join(format!("{name}.html"));
        let output = format!("html={}", file.display());
        run(&[arguments, &["-o", &output]].concat());
        pages.push(Page {
            name: name.to_owned(),
            file,
        });
    };
    for demo in run(&["check", "--demo", "list"]).lines() {
        page(&format!("demo-{demo}"), &["check", "--demo", demo]);
    }
    let demo = ["check", "--demo", "mfa-by-conditional-access"];
    for audience in ["customer", "engineer", "ticket"] {
        page(
            &format!("audience-{audience}"),
            &[&demo[..], &["--audience", audience]].concat(),
        );
    }
    let error = "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor \
        authentication to access '00000007-0000-0000-c000-000000000000'. Trace ID: 5a1d2f1e-0000-4c55-8a77-1d6f5b6c0100 \
        Correlation ID: 3d0c1b52-1111-4e7c-9d3b-9a4b6f0f2200 Timestamp: 2026-06-15 08:58:01Z";
    page("with-error", &[&demo[..], &["--error", error]].concat());
    page(
        "with-error-customer",
        &[&demo[..], &["--error", error, "--audience", "customer"]].concat(),
    );
    let mut saved = |name: &str, change: &dyn Fn(&mut Value), arguments: &[&str]| {
        let report = run(&[&demo[..], &["--error", error, "-o", "json"]].concat());
        let mut report: Value = serde_json::from_str(&report).unwrap();
        change(&mut report);
        let file = folder.join(format!("{name}.report.json"));
        fs::write(&file, report.to_string()).unwrap();
        page(
            name,
            &[&["report", "render", file.to_str().unwrap()], arguments].concat(),
        );
    };
    saved("hostile-names", &hostile, &[]);
    saved("hostile-names-customer", &hostile, &["--audience", "customer"]);
    saved("long-names", &long, &[]);
    saved("everything-fails", &everything_fails, &[]);
    let nothing = folder.join("nothing.snapshot.json");
    fs::write(&nothing, NOTHING).unwrap();
    page("no-evidence", &["check", "--snapshot", nothing.to_str().unwrap()]);
    let report = |name: &str| folder.join(format!("{name}.report.json")).display().to_string();
    for (name, old, new) in [
        ("diff-worse", HEALTHY, report("everything-fails")),
        (
            "hostile-diff",
            &report("hostile-names"),
            report("hostile-names-customer"),
        ),
    ] {
        page(name, &["report", "diff", old, &new]);
    }
    pages
}

/// The account of the demonstrations when nothing is wrong with it.
const HEALTHY: &str = "fixtures/bases/healthy-legacy-password.json";

/// A case of which nothing was read.
const NOTHING: &str = r#"{"schema":"work365-doctor/snapshot/v1","captured_at":"2026-06-15T09:00:00Z",
    "subject":{"account":"svc-work365@fabrikam.com","environment":"https://fabrikam.crm4.dynamics.com"},"sections":{}}"#;

/// What the command line answers.
pub(crate) fn run(arguments: &[&str]) -> String {
    fed(arguments, "")
}

/// What it answers when it is fed a text.
pub(crate) fn fed(arguments: &[&str], input: &str) -> String {
    let output = Command::cargo_bin("work365-doctor")
        .unwrap()
        .env_clear()
        .args(["--no-config"])
        .args(arguments)
        .write_stdin(input)
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(code != 2, "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Puts `HOSTILE` into every text of the report that is no id, word of the schema or time.
fn hostile(report: &mut Value) {
    requests(report);
    free_texts(report, &mut |text| {
        *text = if text.starts_with("https://") && !text.contains(' ') {
            "javascript:window.hacked=5".to_owned()
        } else {
            format!("{HOSTILE}{text}")
        };
    });
}

/// Makes every such text one long word.
fn long(report: &mut Value) {
    requests(report);
    free_texts(report, &mut |text| {
        if !text.starts_with("https://") {
            *text = format!("{}{}", "Wort_ohne.Ende-".repeat(12), text.replace(' ', "\u{a0}"));
        }
    });
}

fn everything_fails(report: &mut Value) {
    requests(report);
    let advice = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|finding| finding["remedy"].as_object().cloned())
        .unwrap();
    let mut ids = Vec::new();
    for finding in report["findings"].as_array_mut().unwrap() {
        ids.push(finding["id"].clone());
        finding["status"] = json!("fail");
        finding["root_cause"] = json!(true);
        finding["blocked_by"] = json!([]);
        if finding["remedy"].is_null() {
            finding["remedy"] = json!(advice);
        }
    }
    report["summary"]["fail"] = json!(ids.len());
    report["diagnosis"]["root_causes"] = json!(ids);
}

/// A ledger as a live run leaves it.
fn requests(report: &mut Value) {
    let one = |url: &str, status: Value| json!({"method": "GET", "url": url, "status": status, "milliseconds": 83, "attempts": 1});
    let address = "https://graph.microsoft.com/v1.0/users/{id}?$select=id,userPrincipalName,accountEnabled,createdDateTime,lastPasswordChangeDateTime,passwordPolicies,onPremisesSyncEnabled,assignedLicenses";
    report["requests"] = json!([
        one(address, json!(200)),
        one("https://graph.microsoft.com/v1.0/organization", json!(403)),
        one("https://{environment}/api/data/v9.2/WhoAmI", Value::Null)
    ]);
}

fn free_texts(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    const FREE: &[&str] = &[
        "account",
        "environment",
        "tenant_id",
        "object_id",
        "headline",
        "next_step",
        "checklist",
        "title",
        "fact",
        "value",
        "why",
        "owner",
        "steps",
        "text",
        "avoid",
        "verify",
        "links",
        "source",
        "detail",
        "permission",
        "url",
        "meaning",
        "name",
    ];
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| free_texts(item, change)),
        Value::Object(map) => {
            for (key, value) in map {
                let is_free = FREE.contains(&key.as_str());
                match value {
                    Value::String(text) if is_free => change(text),
                    Value::Array(items) if is_free => items.iter_mut().for_each(|item| match item {
                        Value::String(text) => change(text),
                        other => free_texts(other, change),
                    }),
                    other => free_texts(other, change),
                }
            }
        }
        _ => {}
    }
}
