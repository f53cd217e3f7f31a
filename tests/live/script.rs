//! The scripts of `plan --script`. The bash one is run for real: its snapshot is that of a live run, section by section.
//! The PowerShell one is parsed, and its request list compared; there is no PowerShell to run it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::{Value, json};
use work365_doctor::collect::{Language, READS, ScriptOrder, script};

use crate::equality::{first_difference, reason_to_leave_out, timeless};
use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order, scenario};

const LANGUAGES: [Language; 2] = [Language::Bash, Language::PowerShell];

/// Whether the script's tools are here. `WORK365_DOCTOR_TEST_SCRIPT=required` makes their absence a failure.
fn can_run() -> bool {
    let missing: Vec<&str> = ["bash", "curl", "jq"]
        .into_iter()
        .filter(|program| Command::new(program).arg("--version").output().is_err())
        .collect();
    let is_required = std::env::var("WORK365_DOCTOR_TEST_SCRIPT").is_ok_and(|value| value == "required");
    assert!(missing.is_empty() || !is_required, "not installed: {missing:?}");
    if !missing.is_empty() {
        println!("skipped: not installed: {missing:?}");
    }
    missing.is_empty()
}

/// A folder with the script, and an Azure CLI that hands out the tenant's tokens.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(tenant: &Tenant, order: &ScriptOrder<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("collect.sh"),
            script(Language::Bash, order).unwrap(),
        )
        .unwrap();
        let desk = Self { folder };
        desk.azure_cli(
            tenant,
            &[
                "https://graph.microsoft.com",
                &tenant.addresses.dataverse,
                "https://service.powerapps.com",
            ],
        );
        desk
    }

    /// An Azure CLI with tokens for these audiences; it refuses all others.
    fn azure_cli(&self, tenant: &Tenant, audiences: &[&str]) {
        let answers: String = audiences
            .iter()
            .map(|audience| {
                format!(
                    "{audience}) echo '{{\"accessToken\":\"{}\"}}' ;;\n",
                    tenant.token(audience)
                )
            })
            .collect();
        let text = format!(
            "#!/bin/sh\ncase \"$6\" in\n{answers}*) echo 'ERROR: Please run az login' >&2; exit 1 ;;\nesac\n"
        );
        let az = self.path("az");
        std::fs::write(&az, text).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, tenant: &Tenant, arguments: &[&str]) -> Output {
        let path = format!(
            "{}:{}",
            self.folder.path().display(),
            std::env::var("PATH").unwrap()
        );
        Command::new("bash")
            .env_clear()
            .env("PATH", path)
            .env("WORK365_DOCTOR_LOGIN_URL", &tenant.addresses.login)
            .env("WORK365_DOCTOR_GRAPH_URL", &tenant.addresses.graph)
            .env("WORK365_DOCTOR_ADMIN_URL", &tenant.addresses.admin)
            .arg("collect.sh")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The snapshot of an account.
    fn snapshot(&self, tenant: &Tenant, account: &str) -> Value {
        let environment = &tenant.addresses.dataverse;
        let output = self.run(
            tenant,
            &[
                "--account",
                account,
                "--environment",
                environment,
                "--output",
                "case.json",
            ],
        );
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        serde_json::from_slice(&std::fs::read(self.path("case.json")).unwrap()).unwrap()
    }
}

/// Every nth scenario, or all with `SCENARIO=` a part of a name or `EVERY=1`.
fn chosen() -> Vec<PathBuf> {
    let only = std::env::var("SCENARIO").ok();
    let every: usize = std::env::var("EVERY")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    scenario::folders()
        .into_iter()
        .enumerate()
        .filter(|(position, folder)| match &only {
            Some(only) => folder.to_string_lossy().contains(only),
            None => position % every == 0,
        })
        .map(|(_, folder)| folder)
        .collect()
}

/// What must be alike: all but the time of the token, the words for a connection that broke, and the probe that a script never makes.
fn comparable(snapshot: &Value) -> Value {
    let mut snapshot = snapshot.clone();
    timeless(&mut snapshot);
    let sections = snapshot["sections"].as_object_mut().unwrap();
    sections.remove("login.probe");
    // Asked by POST, and a script sends nothing but GET.
    sections.remove("graph.conditional_access_evaluation");
    if let Some(claims) = sections["graph.operator"]["body"]["claims"].as_object_mut() {
        claims.remove("exp");
    }
    for section in sections
        .values_mut()
        .filter(|section| section["http_status"].is_null())
    {
        if section["outcome"] == "failed" {
            section["detail"] = json!("no answer");
        }
    }
    snapshot
}

#[test]
fn the_script_writes_the_snapshot_of_a_live_run() {
    if !can_run() {
        return;
    }
    let (mut equal, mut different) = (0, Vec::new());
    for folder in chosen() {
        let given = scenario::snapshot(&folder);
        if reason_to_leave_out(&given).is_some() {
            continue;
        }
        let (tenant, moved) = scenario::tenant_of(&given);
        let account = moved["subject"]["account"].as_str().unwrap();
        let desk = Desk::new(&tenant, &ScriptOrder::default());
        let by_script = comparable(&desk.snapshot(&tenant, account));
        let seen = tenant.state.seen.lock().unwrap().clone();
        assert!(seen.iter().all(|request| request.starts_with("GET ")), "{seen:?}");
        let live = comparable(&collected(order(&tenant, account)).0.snapshot());
        if live == by_script {
            equal += 1;
        } else {
            let name = folder.file_name().unwrap().to_string_lossy();
            let difference = format!("{name}: {}", first_difference("", &live, &by_script));
            println!("{difference}");
            different.push(difference);
        }
    }
    println!("{equal} equal, {} different", different.len());
    let is_narrowed = ["SCENARIO", "EVERY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(is_narrowed || equal + different.len() >= 40);
    assert!(
        different.is_empty(),
        "(file: live, live: script)\n{}",
        different.join("\n")
    );
}

/// The request list inside a script: what stands between the line before it and the line after it.
fn request_list(text: &str) -> Value {
    let start = text.find("{\"schema\"").unwrap();
    let mut documents = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    documents.next().unwrap().unwrap()
}

/// Whether PowerShell would refuse the text, and how many nodes its tree has by kind: what a text that broke out of its
/// quotes would add to. Strings and additions are left out; that is how a name is written.
fn shape(text: &str) -> (bool, BTreeMap<&'static str, usize>) {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .unwrap();
    let tree = parser.parse(text, None).unwrap();
    let mut kinds = BTreeMap::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        if matches!(
            node.kind(),
            "command" | "function_statement" | "assignment_expression" | "invokation_expression"
        ) {
            *kinds.entry(node.kind()).or_insert(0) += 1;
        }
        open.extend((0..node.child_count()).filter_map(|index| node.child(index as u32)));
    }
    (tree.root_node().has_error(), kinds)
}

#[test]
fn every_request_of_the_table_is_in_both_scripts_as_a_get() {
    for language in LANGUAGES {
        let text = script(language, &ScriptOrder::default()).unwrap();
        let list = request_list(&text);
        let listed: Vec<(&str, &str)> = list["reads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|read| (read["section"].as_str().unwrap(), read["path"].as_str().unwrap()))
            .collect();
        let table: Vec<(&str, &str)> = READS
            .iter()
            .filter(|read| !read.is_post())
            .map(|read| (read.section, read.path))
            .collect();
        assert_eq!(listed, table, "{language:?}");
        for read in READS.iter().filter(|read| !read.is_post()) {
            assert!(
                text.contains(&format!("#   {}: ", read.section)),
                "{}",
                read.section
            );
        }
        for word in [
            "-X POST",
            "--data",
            "POST",
            "PATCH",
            "DELETE",
            "PUT",
            "Bearer ey",
            "@@",
        ] {
            assert!(!text.contains(word), "{language:?}: {word}");
        }
    }
}

#[test]
fn a_selection_leaves_out_what_it_does_not_need_and_keeps_what_leads_to_it() {
    let output = Command::cargo_bin("work365-doctor")
        .unwrap()
        .args([
            "--no-config",
            "plan",
            "--script",
            "bash",
            "--select",
            "credential",
        ])
        .output()
        .unwrap();
    let selected = request_list(&String::from_utf8(output.stdout).unwrap());
    let count = selected["reads"].as_array().unwrap().len();
    assert!(count > 3 && count < READS.len() / 2, "{count}");
    let wanted = ["graph.security_group_membership"];
    let text = script(
        Language::Bash,
        &ScriptOrder {
            sections: Some(&wanted),
            ..ScriptOrder::default()
        },
    )
    .unwrap();
    let list = request_list(&text);
    let sections: Vec<&str> = list["reads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|read| read["section"].as_str().unwrap())
        .collect();
    assert_eq!(
        sections,
        ["graph.group_memberships", "graph.security_group_membership"]
    );
}

#[test]
fn the_powershell_script_parses_and_is_ascii() {
    let text = script(Language::PowerShell, &ScriptOrder::default()).unwrap();
    assert!(
        text.is_ascii(),
        "Windows PowerShell reads a file without a mark in the system's code page"
    );
    let (has_error, kinds) = shape(&text);
    assert!(!has_error && kinds["function_statement"] > 30, "{kinds:?}");
    // Words of PowerShell 7 that Windows PowerShell 5.1 does not know.
    for word in [
        "??",
        "?.",
        " ? ",
        "-Parallel",
        "-AsHashtable",
        "-SkipHttpErrorCheck",
        "&&",
        "||",
    ] {
        assert!(!text.contains(word), "{word}");
    }
}

/// Texts that would do something if a quote, a line or an expansion of the script let them.
const HOSTILE: [&str; 5] = [
    "x'; touch pwned; '@contoso.com",
    "$(touch pwned)`touch pwned`@contoso.com",
    "\u{2019}; New-Item pwned; \u{2018}$(New-Item pwned)@contoso.com",
    "@@requests@@'@\"#>{account}@contoso.com",
    "é\\\"$HOME%s\u{1f600}@contoso.com",
];

#[test]
fn hostile_names_stay_names() {
    let calm = script(Language::PowerShell, &ScriptOrder::default()).unwrap();
    for account in HOSTILE {
        let order = ScriptOrder {
            account: Some(account),
            ..ScriptOrder::default()
        };
        let text = script(Language::PowerShell, &order).unwrap();
        assert!(text.is_ascii());
        assert_eq!(shape(&text), shape(&calm), "{account}");
        if can_run() {
            let (tenant, _) = healthy();
            let desk = Desk::new(&tenant, &order);
            let environment = tenant.addresses.dataverse.clone();
            let output = desk.run(&tenant, &["--environment", &environment, "--output", "case.json"]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{account}: {errors}");
            let written: Value =
                serde_json::from_slice(&std::fs::read(desk.path("case.json")).unwrap()).unwrap();
            assert_eq!(written["subject"]["account"], *account);
            assert!(!desk.path("pwned").exists(), "{account}");
        }
    }
    for language in LANGUAGES {
        let order = ScriptOrder {
            account: Some("a\nb@contoso.com"),
            ..ScriptOrder::default()
        };
        assert!(script(language, &order).is_err());
    }
}

#[test]
fn addresses_that_are_no_origin_are_refused_before_anything_is_sent() {
    if !can_run() {
        return;
    }
    let (tenant, _) = healthy();
    let desk = Desk::new(&tenant, &ScriptOrder::default());
    for environment in [
        "http://contoso.crm4.dynamics.com",
        "https://contoso.crm4.dynamics.com/main.aspx",
        "http://127.0.0.1@evil.example",
        "https://a\"\nurl = \"https://evil.example",
    ] {
        let output = desk.run(&tenant, &["--account", ACCOUNT, "--environment", environment]);
        assert_eq!(output.status.code(), Some(2), "{environment}");
    }
    assert_eq!(desk.run(&tenant, &["--account", ACCOUNT]).status.code(), Some(2));
    assert!(tenant.state.seen.lock().unwrap().is_empty());
}

#[test]
fn pages_throttling_refusals_and_foreign_links_are_handled_as_in_a_live_run() {
    if !can_run() {
        return;
    }
    let (tenant, _) = healthy();
    let misbehave = |tenant: &Tenant| {
        *tenant.state.page_size.lock().unwrap() = 1;
        let later =
            Response::json(429, &json!({"error": {"code": "TooManyRequests"}})).with("Retry-After", "1");
        tenant.fault("/v1.0/subscribedSkus", later, 1);
        let moved =
            Response::text(302, "text/html", "").with("Location", "https://evil.example/x?code=canary");
        tenant.fault("/namedLocations", moved, usize::MAX);
        tenant.fault(
            "/organization?",
            Response::text(200, "text/html", "<html>"),
            usize::MAX,
        );
        let elsewhere = json!({"value": [], "@odata.nextLink": "https://evil.example/v1.0/next"});
        tenant.fault(
            "/authenticationStrengthPolicies",
            Response::json(200, &elsewhere),
            usize::MAX,
        );
        let unknown = json!({"error": {"code": "0x80060888", "message": "Could not find a property named 'isauditenabled' on type 'Microsoft.Dynamics.CRM.organization'."}});
        tenant.fault("isauditenabled", Response::json(400, &unknown), usize::MAX);
        tenant.fault(
            "/transitiveMemberOf/microsoft.graph.directoryRole",
            Response::json(403, &json!({"error": {"code": "Authorization_RequestDenied"}})),
            usize::MAX,
        );
    };
    misbehave(&tenant);
    let live = comparable(&collected(order(&tenant, ACCOUNT)).0.snapshot());
    tenant.state.faults.lock().unwrap().clear();
    misbehave(&tenant);
    let desk = Desk::new(&tenant, &ScriptOrder::default());
    let by_script = comparable(&desk.snapshot(&tenant, ACCOUNT));
    for (section, outcome) in [
        ("graph.subscribed_skus", "ok"),
        ("graph.named_locations", "failed"),
        ("graph.organization", "failed"),
        ("graph.authentication_strengths", "failed"),
        ("graph.directory_roles", "denied"),
        ("dataverse.organization", "ok"),
    ] {
        assert_eq!(
            by_script["sections"][section]["outcome"], outcome,
            "{}",
            by_script["sections"][section]
        );
    }
    // Inside a batch a redirect and a web page have other words; what they make of the section is the same.
    let (mut live, mut by_script) = (live, by_script);
    for (section, words) in [
        ("graph.named_locations", "redirected to https://evil.example/x;"),
        ("graph.organization", "a web page"),
    ] {
        let detail = by_script["sections"][section]["detail"].take();
        assert!(detail.as_str().unwrap().contains(words), "{detail}");
        live["sections"][section]["detail"] = Value::Null;
    }
    assert_eq!(first_difference("", &live, &by_script), "");
}

#[test]
fn a_service_without_a_token_costs_its_sections_only_and_nobody_at_all_ends_the_script() {
    if !can_run() {
        return;
    }
    let (tenant, _) = healthy();
    let desk = Desk::new(&tenant, &ScriptOrder::default());
    desk.azure_cli(&tenant, &[&tenant.addresses.dataverse]);
    let snapshot = desk.snapshot(&tenant, ACCOUNT);
    let user = &snapshot["sections"]["graph.user"];
    assert_eq!(user["outcome"], "failed");
    assert!(user["detail"].as_str().unwrap().contains("az login"), "{user}");
    assert_eq!(snapshot["sections"]["dataverse.organization"]["outcome"], "ok");
    desk.azure_cli(&tenant, &[]);
    let environment = &tenant.addresses.dataverse;
    let output = desk.run(&tenant, &["--account", ACCOUNT, "--environment", environment]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("az login"));
}

#[test]
fn what_the_script_wrote_is_judged_and_redacted_and_holds_no_token() {
    if !can_run() {
        return;
    }
    let (tenant, snapshot) = healthy();
    let desk = Desk::new(&tenant, &ScriptOrder::default());
    desk.snapshot(&tenant, ACCOUNT);
    let case = desk.path("case.json").to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(&case).unwrap();
    assert!(!text.contains("eyJ"), "a token");
    let mode = std::fs::metadata(&case).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "readable for others");
    let tool = |arguments: &[&str]| {
        let output = Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .arg("--no-config")
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let now = snapshot["captured_at"].as_str().unwrap();
    let (code, report) = tool(&["check", "--snapshot", &case, "--now", now, "-o", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (code, &report["summary"]["outcome"]),
        (Some(0), &json!("healthy"))
    );
    let redacted = desk.path("redacted.json");
    let (code, _) = tool(&["capture", "--from", &case, redacted.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    assert!(!std::fs::read_to_string(redacted).unwrap().contains("fabrikam"));
}

#[test]
fn a_script_and_a_format_together_are_a_usage_error() {
    let output = Command::cargo_bin("work365-doctor")
        .unwrap()
        .args(["--no-config", "plan", "--script", "bash", "-o", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--script"));
}
