//! The scripts of `plan --script`, run for real: their snapshots are that of a live run, section by section.
//!
//! The bash one needs bash, curl and jq. The PowerShell one is run by the program that `WORK365_PWSH` names, else by
//! `pwsh`; where there is neither, the tests say that its part is skipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::{Value, json};
use work365_doctor::collect::{Language, READS, ScriptOrder, script};

use crate::equality::{Judge, first_difference, reason_to_leave_out, timeless};
use crate::server::{ClosedPort, How, Response};
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order, scenario};

const LANGUAGES: [Language; 2] = [Language::Bash, Language::PowerShell];

/// The languages whose programs are here.
pub(crate) fn runnable() -> Vec<Language> {
    LANGUAGES
        .into_iter()
        .filter(|language| match language {
            Language::Bash => has_bash(),
            Language::PowerShell => powershell().is_some(),
        })
        .collect()
}

/// Whether the bash script's tools are here. `WORK365_DOCTOR_TEST_SCRIPT=required` makes their absence a failure.
fn has_bash() -> bool {
    let missing: Vec<&str> = ["bash", "curl", "jq"]
        .into_iter()
        .filter(|program| cfg!(windows) || Command::new(program).arg("--version").output().is_err())
        .collect();
    let is_required = std::env::var("WORK365_DOCTOR_TEST_SCRIPT").is_ok_and(|value| value == "required");
    assert!(missing.is_empty() || !is_required, "not installed: {missing:?}");
    if !missing.is_empty() {
        println!("the bash parts are skipped: not here: {missing:?}");
    }
    missing.is_empty()
}

/// The PowerShell to run.
fn powershell() -> Option<&'static str> {
    static PROGRAM: OnceLock<Option<String>> = OnceLock::new();
    let found = PROGRAM.get_or_init(|| {
        let named = std::env::var("WORK365_PWSH").ok();
        let program = named
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "pwsh".to_owned());
        let arguments = ["-NoProfile", "-NonInteractive", "-Command", "exit 0"];
        let runs = Command::new(&program).args(arguments).output();
        runs.is_ok_and(|output| output.status.success())
            .then_some(program)
    });
    if found.is_none() {
        println!("the PowerShell parts are skipped: there is no PowerShell (WORK365_PWSH names one)");
    }
    found.as_deref()
}

/// A folder with a script, and what it gets its tokens from.
pub(crate) struct Desk {
    language: Language,
    folder: tempfile::TempDir,
    variables: Variables,
}

/// Variables of a process, by name.
type Variables = BTreeMap<&'static str, String>;

/// One call of a script.
#[derive(Default)]
struct Call<'a> {
    /// Beside those of the desk, or in their place.
    variables: Variables,
    /// Named as those of the bash script.
    arguments: Vec<&'a str>,
}

const TOKENS: [&str; 3] = [
    "WORK365_DOCTOR_GRAPH_TOKEN",
    "WORK365_DOCTOR_DATAVERSE_TOKEN",
    "WORK365_DOCTOR_ADMIN_TOKEN",
];

impl Desk {
    /// A desk with tokens of the tenant in the three variables.
    pub(crate) fn new(language: Language, tenant: &Tenant, order: &ScriptOrder<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = match language {
            Language::Bash => "collect.sh",
            Language::PowerShell => "collect.ps1",
        };
        std::fs::write(folder.path().join(name), script(language, order).unwrap()).unwrap();
        Self {
            language,
            folder,
            variables: variables_of(tenant),
        }
    }

    /// A desk without tokens in variables.
    fn without_tokens(language: Language, tenant: &Tenant) -> Self {
        let mut desk = Self::new(language, tenant, &ScriptOrder::default());
        for name in TOKENS {
            desk.variables.remove(name);
        }
        desk
    }

    /// An Azure CLI with tokens for these audiences; it refuses all others.
    #[cfg(unix)]
    fn azure_cli(&self, tenant: &Tenant, audiences: &[&str]) {
        use std::os::unix::fs::PermissionsExt as _;
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
            "#!/bin/sh\ncase \"$6\" in\n{answers}*) echo 'WARNING: a new version is there' >&2; echo 'ERROR: Please run az login' >&2; exit 1 ;;\nesac\n"
        );
        let az = self.path("az");
        std::fs::write(&az, text).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A PowerShell module of this text.
    fn module(&self, name: &str, text: &str) {
        let folder = self.path("modules").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.psm1")), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the script; arguments are named as those of the bash one, `--environment-id`.
    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(&Variables::new(), arguments)
    }

    fn run_with(&self, variables: &Variables, arguments: &[&str]) -> Output {
        match self.language {
            Language::Bash => {
                let path = format!(
                    "{}:{}",
                    self.folder.path().display(),
                    std::env::var("PATH").unwrap()
                );
                self.spawn(
                    Command::new("bash")
                        .env_clear()
                        .env("PATH", path)
                        .arg("collect.sh")
                        .args(arguments),
                    variables,
                )
            }
            Language::PowerShell => {
                let arguments = arguments
                    .iter()
                    .map(|argument| match argument.strip_prefix("--") {
                        Some(name) => format!("-{}", name.replace('-', "")),
                        None => (*argument).to_owned(),
                    });
                self.spawn(
                    powershell_command()
                        .args(["-File", "collect.ps1"])
                        .args(arguments),
                    variables,
                )
            }
        }
    }

    /// Several calls, each with variables of its own beside the desk's; the PowerShell script's in one process, whose start
    /// takes longer than a call. Exit code and stderr of each.
    fn calls(&self, calls: &[Call<'_>]) -> Vec<(Option<i32>, String)> {
        if self.language == Language::Bash {
            let one = |call: &Call<'_>| refusal(&self.run_with(&call.variables, &call.arguments));
            return calls.iter().map(one).collect();
        }
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let lines: Vec<String> = calls
            .iter()
            .map(|call| {
                let all = self.variables.iter().chain(&call.variables);
                let variables: String = all
                    .map(|(name, value)| format!("$env:{name} = {}; ", quoted(value)))
                    .collect();
                let arguments: Vec<String> = call
                    .arguments
                    .iter()
                    .map(|argument| match argument.strip_prefix("--") {
                        Some(name) => format!("-{}", name.replace('-', "")),
                        None => quoted(argument),
                    })
                    .collect();
                format!(
                    "{variables}& ./collect.ps1 {}; [Console]::Error.WriteLine(\"==$LASTEXITCODE\")",
                    arguments.join(" ")
                )
            })
            .collect();
        // Tokens of many calls are longer than a command line may be.
        std::fs::write(self.path("calls.ps1"), lines.join("\n")).unwrap();
        let output = self.line("& ./calls.ps1");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut outcomes = Vec::new();
        let mut said = Vec::new();
        for line in errors.lines() {
            match line.strip_prefix("==") {
                Some(code) => outcomes.push((code.parse().ok(), std::mem::take(&mut said).join("\n"))),
                None => said.push(line),
            }
        }
        assert_eq!(outcomes.len(), calls.len(), "{errors}");
        outcomes
    }

    /// Runs a line of PowerShell beside the script.
    fn line(&self, line: &str) -> Output {
        self.spawn(powershell_command().args(["-Command", line]), &Variables::new())
    }

    fn spawn(&self, command: &mut Command, variables: &Variables) -> Output {
        command
            .env("PSModulePath", self.path("modules"))
            .envs(&self.variables)
            .envs(variables)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The snapshot of an account.
    pub(crate) fn snapshot(&self, tenant: &Tenant, account: &str) -> Value {
        let environment = &tenant.addresses.dataverse;
        let output = self.run(&[
            "--account",
            account,
            "--environment",
            environment,
            "--output",
            "case.json",
        ]);
        let errors = String::from_utf8_lossy(&output.stderr);
        // Where every service refused, the snapshot is written all the same, and the exit code says so.
        let is_empty = output.status.code() == Some(3) && errors.contains("nothing could be read");
        assert!(
            output.status.success() || is_empty,
            "{:?}: {errors}",
            self.language
        );
        self.written()
    }

    /// What was written to `case.json`.
    fn written(&self) -> Value {
        self.read("case.json")
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}

/// Where the tenant is, and tokens that it accepts.
fn variables_of(tenant: &Tenant) -> Variables {
    let audiences = [
        "https://graph.microsoft.com",
        &tenant.addresses.dataverse,
        "https://service.powerapps.com",
    ];
    let tokens = TOKENS
        .into_iter()
        .zip(audiences.map(|audience| tenant.token(audience)));
    let addresses = [
        ("WORK365_DOCTOR_LOGIN_URL", tenant.addresses.login.clone()),
        ("WORK365_DOCTOR_GRAPH_URL", tenant.addresses.graph.clone()),
        ("WORK365_DOCTOR_ADMIN_URL", tenant.addresses.admin.clone()),
    ];
    tokens.chain(addresses).collect()
}

fn powershell_command() -> Command {
    let mut command = Command::new(powershell().unwrap());
    command.args(["-NoProfile", "-NonInteractive"]);
    if cfg!(windows) {
        command.args(["-ExecutionPolicy", "Bypass"]);
    }
    for name in TOKENS {
        command.env_remove(name);
    }
    command
}

/// Exit code and the one line of stderr.
fn refusal(output: &Output) -> (Option<i32>, String) {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), errors.trim_end().to_owned())
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
pub(crate) fn comparable(snapshot: &Value) -> Value {
    let mut snapshot = snapshot.clone();
    timeless(&mut snapshot);
    let sections = snapshot["sections"].as_object_mut().unwrap();
    sections.remove("login.probe");
    // Asked by POST, and a script sends nothing but GET.
    sections.remove("graph.conditional_access_evaluation");
    if let Some(claims) = sections["graph.operator"]["body"]["claims"].as_object_mut() {
        claims.remove("exp");
    }
    // What stood in the way is told in each one's own words: the outcome, the status and the service's answer are compared.
    for section in sections.values_mut() {
        if matches!(section["outcome"].as_str(), Some("denied" | "failed"))
            && let Some(section) = section.as_object_mut()
        {
            section.remove("detail");
        }
    }
    snapshot
}

/// A scenario as a tenant, with what a live run wrote of it.
struct Case {
    name: String,
    tenant: Tenant,
    account: String,
    /// The arguments that it is judged with.
    arguments: Vec<String>,
    live: Value,
    /// The verdict of the live run.
    verdict: Value,
}

impl Case {
    /// Nothing where no service could give the scenario's evidence.
    fn of(folder: &Path, judge: &Judge) -> Option<Self> {
        let given = scenario::snapshot(folder);
        if reason_to_leave_out(&given).is_some() {
            return None;
        }
        let (tenant, moved) = scenario::tenant_of(&given);
        let account = moved["subject"]["account"].as_str().unwrap().to_owned();
        let mut arguments = scenario::arguments(folder);
        let now = moved["captured_at"].as_str().unwrap();
        arguments.extend(["--now".to_owned(), now.to_owned()]);
        let live = collected(order(&tenant, &account)).0.snapshot();
        let verdict = judge.report(&live, &arguments)["summary"].clone();
        Some(Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            tenant,
            account,
            arguments,
            live,
            verdict,
        })
    }

    /// Whether a service was busy: what it refused for that is rightly asked again.
    fn is_busy(&self) -> bool {
        let sections = self.live["sections"].as_object().unwrap().values();
        let mut statuses = sections.filter_map(|section| section["http_status"].as_u64());
        statuses.any(|status| status == 429 || status >= 500)
    }

    /// What a script sent: reads alone, and none of them twice.
    fn take_seen(&self, language: Language) {
        let mut seen = std::mem::take(&mut *self.tenant.state.seen.lock().unwrap());
        assert!(seen.iter().all(|request| request.starts_with("GET ")), "{seen:?}");
        seen.sort();
        // Privileges are asked for twice, with and without what the servers have cached.
        seen.retain(|request| !request.contains("RetrieveUserSetOfPrivilegesByNames"));
        let twice: Vec<_> = seen.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(
            twice.is_empty() || self.is_busy(),
            "{}, {language:?}: {twice:?}",
            self.name
        );
    }

    /// How a script's snapshot differs from the live one, or is judged in another way.
    fn difference(&self, by_script: &Value, judge: &Judge) -> Option<String> {
        let (mut left, mut right) = (comparable(&self.live), comparable(by_script));
        // The probe is never made by a script, and a fitting snapshot has the live one's.
        let mut probed = by_script.clone();
        for section in [
            "login.probe",
            "graph.conditional_access_evaluation",
            "graph.operator",
        ] {
            probed["sections"][section] = self.live["sections"][section].clone();
        }
        // A live run asks for it by POST, which a scenario without the section cannot answer and another one refuses; a script,
        // which sends nothing but GET, makes it of the memberships.
        let membership = "graph.security_group_membership";
        let by_post = &self.live["sections"][membership];
        if by_post["http_status"] == 501 || matches!(by_post["outcome"].as_str(), Some("denied" | "failed")) {
            probed["sections"][membership] = self.live["sections"][membership].clone();
            for side in [&mut left, &mut right] {
                side["sections"].as_object_mut().unwrap().remove(membership);
            }
        }
        let verdict = judge.report(&probed, &self.arguments)["summary"].clone();
        if left != right {
            return Some(first_difference("", &left, &right));
        }
        (verdict != self.verdict).then(|| format!("judged {verdict}, live {}", self.verdict))
    }
}

/// How the snapshots of a language's script differ; the PowerShell ones are all written in one process.
fn differences(language: Language, cases: &[Case], judge: &Judge) -> Vec<String> {
    cases
        .iter()
        .zip(written(language, cases))
        .filter_map(|(case, by_script)| {
            let difference = case.difference(&by_script, judge)?;
            Some(format!("{}, {language:?}: {difference}", case.name))
        })
        .collect()
}

/// What comes of the parts of a list, done by two threads.
fn by_two<T: Sync, R: Send>(list: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let half = list.len().div_ceil(2).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let halves: Vec<_> = list
            .chunks(half)
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    })
}

/// What a language's script writes of each case; the PowerShell one's all in one process.
fn written(language: Language, cases: &[Case]) -> Vec<Value> {
    let Some(first) = cases.first() else {
        return Vec::new();
    };
    let desk = Desk::new(language, &first.tenant, &ScriptOrder::default());
    let names: Vec<String> = (0..cases.len()).map(|index| format!("{index}.json")).collect();
    let calls: Vec<Call<'_>> = cases
        .iter()
        .zip(&names)
        .map(|(case, name)| Call {
            variables: variables_of(&case.tenant),
            arguments: vec![
                "--account",
                &case.account,
                "--environment",
                &case.tenant.addresses.dataverse,
                "--output",
                name,
            ],
        })
        .collect();
    let outcomes = desk.calls(&calls);
    cases
        .iter()
        .zip(names)
        .zip(outcomes)
        .map(|((case, name), (code, errors))| {
            // Where every service refused, the snapshot is written all the same, and the exit code says so.
            let is_empty = code == Some(3) && errors.contains("nothing could be read");
            assert!(
                code == Some(0) || is_empty,
                "{}, {language:?}: {errors}",
                case.name
            );
            case.take_seen(language);
            desk.read(&name)
        })
        .collect()
}

#[test]
fn the_scripts_write_the_snapshot_of_a_live_run_and_it_is_judged_alike() {
    let judge = Judge::new();
    let cases: Vec<Case> = by_two(&chosen(), |folders| {
        folders
            .iter()
            .filter_map(|folder| Case::of(folder, &judge))
            .collect()
    });
    let languages = runnable();
    let mut different = Vec::new();
    for &language in &languages {
        for case in &cases {
            case.tenant.state.seen.lock().unwrap().clear();
        }
        different.extend(by_two(&cases, |cases| differences(language, cases, &judge)));
    }
    let compared = cases.len() * languages.len();
    println!("{compared} compared, {} different", different.len());
    let is_narrowed = ["SCENARIO", "EVERY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(is_narrowed || cases.len() >= 40, "{}", cases.len());
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
}

/// Texts that would do something if a quote, a line or an expansion of the script let them.
const HOSTILE: [&str; 5] = [
    "x';touch\u{a0}pwned;'@contoso.com",
    "$(touch pwned)`touch pwned`@contoso.com",
    "\u{2019}; New-Item pwned; \u{2018}$(New-Item pwned)@contoso.com",
    "@@requests@@'@\"#>{account}@contoso.com",
    "é\\$HOME$(id>pwned)';ni$IFS'pwned';%s#EXT#\u{1f600}@contoso.com",
];

#[test]
fn hostile_names_stay_names_or_are_refused() {
    let calm = script(Language::PowerShell, &ScriptOrder::default()).unwrap();
    for account in HOSTILE {
        let order = ScriptOrder {
            account: Some(account),
            ..ScriptOrder::default()
        };
        let text = script(Language::PowerShell, &order).unwrap();
        assert!(text.is_ascii());
        assert_eq!(shape(&text), shape(&calm), "{account}");
        for language in runnable() {
            let (tenant, _) = healthy();
            let desk = Desk::new(language, &tenant, &order);
            let output = desk.run(&[
                "--environment",
                &tenant.addresses.dataverse,
                "--output",
                "case.json",
            ]);
            assert!(!desk.path("pwned").exists(), "{account}");
            let is_name = account.starts_with('é');
            let (code, errors) = refusal(&output);
            assert_eq!(
                code,
                Some(if is_name { 0 } else { 2 }),
                "{language:?}: {account}: {errors}"
            );
            if is_name {
                assert_eq!(desk.written()["subject"]["account"], *account);
            } else {
                assert!(tenant.state.seen.lock().unwrap().is_empty());
            }
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
fn a_wrong_call_is_one_sentence_before_anything_is_sent() {
    let (tenant, _) = healthy();
    let here = tenant.addresses.dataverse.clone();
    let cases: [(&[&str], &str); 11] = [
        (&["--account", ACCOUNT], "usage: "),
        (&["--environment", &here], "usage: "),
        (
            &["--account", ACCOUNT, "--environment", &here, "--colour", "red"],
            "usage: ",
        ),
        (
            &[
                "--account",
                ACCOUNT,
                "--environment",
                "http://contoso.crm4.dynamics.com",
            ],
            "no address",
        ),
        (
            &[
                "--account",
                ACCOUNT,
                "--environment",
                "http://127.0.0.1@evil.example",
            ],
            "no address",
        ),
        (
            &[
                "--account",
                ACCOUNT,
                "--environment",
                "https://a\"\nurl = \"https://evil.example",
            ],
            "no address",
        ),
        (&["--account", "nobody", "--environment", &here], "nobody"),
        (&["--account", "a@b@c", "--environment", &here], "a@b@c"),
        (
            &["--account", "{a}@contoso.com", "--environment", &here],
            "{a}@contoso.com",
        ),
        (
            &["--account", ACCOUNT, "--environment", &here, "--tenant", "a b"],
            "tenant",
        ),
        (
            &[
                "--account",
                ACCOUNT,
                "--environment",
                &here,
                "--output",
                "nowhere/case.json",
            ],
            "nowhere",
        ),
    ];
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let calls: Vec<_> = cases
            .iter()
            .map(|(arguments, _)| Call {
                arguments: arguments.to_vec(),
                ..Call::default()
            })
            .collect();
        for ((arguments, words), (code, errors)) in cases.iter().zip(desk.calls(&calls)) {
            assert_eq!(code, Some(2), "{language:?}: {arguments:?}: {errors}");
            assert!(errors.contains(words), "{language:?}: {errors}");
            let is_plain =
                !errors.contains('\u{1b}') && !errors.contains("Line |") && !errors.contains("At line");
            assert!(is_plain, "{language:?}: {errors}");
            assert!(
                errors.lines().count() == 1 || *words == "no address",
                "{language:?}: {errors}"
            );
        }
    }
    assert!(tenant.state.seen.lock().unwrap().is_empty());
}

#[test]
fn blanks_ports_and_pasted_addresses_are_understood() {
    let (tenant, _) = healthy();
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let pasted = format!(
            "{}/main.aspx?appid=1&pagetype=entitylist",
            tenant.addresses.dataverse
        );
        let account = format!("  {ACCOUNT} ");
        let output = desk.run(&[
            "--account",
            &account,
            "--environment",
            &pasted,
            "--output",
            "case.json",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", refusal(&output).1);
        let written = desk.written();
        assert_eq!(written["subject"]["account"], ACCOUNT);
        assert_eq!(written["subject"]["environment"], tenant.addresses.dataverse);
        assert_eq!(written["sections"]["graph.user"]["outcome"], "ok");
    }
}

#[test]
fn a_tenant_that_is_not_the_environments_ends_the_run_before_the_sign_in() {
    let (tenant, _) = healthy();
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        tenant.state.seen.lock().unwrap().clear();
        let other = "99999999-0000-4000-8000-000000000009";
        let output = desk.run(&[
            "--account",
            ACCOUNT,
            "--environment",
            &tenant.addresses.dataverse,
            "--tenant",
            other,
            "--output",
            "case.json",
        ]);
        let (code, errors) = refusal(&output);
        assert_eq!(code, Some(3), "{language:?}: {errors}");
        assert!(errors.contains(other), "{errors}");
        assert!(!desk.path("case.json").exists());
        let seen = tenant.state.seen.lock().unwrap();
        assert!(!seen.iter().any(|request| request.contains("/v1.0/")), "{seen:?}");
    }
}

#[test]
fn nothing_that_answers_is_one_sentence_and_no_file() {
    let (tenant, _) = healthy();
    let port = ClosedPort::new();
    let closed = format!("http://127.0.0.1:{}", port.number());
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let output = desk.run(&[
            "--account",
            ACCOUNT,
            "--environment",
            &closed,
            "--output",
            "case.json",
        ]);
        let (code, errors) = refusal(&output);
        assert_eq!(code, Some(3), "{language:?}: {errors}");
        assert!(
            errors.lines().last().unwrap().contains(&closed),
            "{language:?}: {errors}"
        );
        assert!(!desk.path("case.json").exists());
    }
}

/// A token with this payload, and a signature that nobody looks at.
fn token_of(payload: &str) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", encode("{\"alg\":\"none\"}"), encode(payload))
}

#[test]
fn tokens_are_looked_at_before_they_are_sent() {
    let (tenant, _) = healthy();
    let good = tenant.token("https://graph.microsoft.com");
    let of_dataverse = tenant.token(&tenant.addresses.dataverse);
    let expired = token_of(r#"{"aud":"https://graph.microsoft.com","exp":1700000000}"#);
    let of_azure = token_of(r#"{"aud":"https://management.azure.com/","exp":4100000000}"#);
    // The token, the outcome of `graph.operator`, words of its detail, and whether it reaches Graph.
    let cases = [
        (format!("Bearer {good}"), "ok", "", true),
        (format!(" \"{good}\""), "ok", "", true),
        (of_dataverse, "skipped", "was issued for http://127.0.0.1", false),
        (
            of_azure,
            "skipped",
            "was issued for https://management.azure.com/",
            false,
        ),
        (expired, "skipped", "ended", false),
        (token_of("no JSON"), "failed", "malformed token", true),
        (token_of("{\"a\":1}}"), "failed", "malformed token", true),
        (token_of("[1]"), "failed", "malformed token", true),
        (token_of("7"), "failed", "malformed token", true),
        ("a.%%%.c".to_owned(), "failed", "malformed token", false),
        ("a.~~.c".to_owned(), "failed", "malformed token", true),
    ];
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let names: Vec<String> = (0..cases.len()).map(|index| format!("{index}.json")).collect();
        let environment = tenant.addresses.dataverse.as_str();
        let calls: Vec<_> = cases
            .iter()
            .zip(&names)
            .map(|((token, ..), name)| {
                let arguments = [
                    "--account",
                    ACCOUNT,
                    "--environment",
                    environment,
                    "--output",
                    name.as_str(),
                ];
                Call {
                    variables: [(TOKENS[0], token.clone())].into(),
                    arguments: arguments.to_vec(),
                }
            })
            .collect();
        for (((token, outcome, words, reaches), name), (code, errors)) in
            cases.iter().zip(&names).zip(desk.calls(&calls))
        {
            assert_eq!(code, Some(0), "{language:?}: {token}: {errors}");
            let written = desk.read(name);
            let operator = &written["sections"]["graph.operator"];
            assert_eq!(operator["outcome"], *outcome, "{language:?}: {token}: {operator}");
            let detail = operator["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(words), "{language:?}: {token}: {detail}");
            let went = !written["sections"]["graph.user"]["http_status"].is_null();
            assert_eq!(went, *reaches, "{language:?}: {token}");
        }
    }
}

#[test]
fn pages_throttling_refusals_and_foreign_links_are_handled_as_in_a_live_run() {
    let (tenant, _) = healthy();
    let misbehave = |tenant: &Tenant| {
        tenant.state.faults.lock().unwrap().clear();
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
        let hidden = format!("{}\u{ad}/v1.0/next", tenant.addresses.graph);
        tenant.fault(
            "/homeRealmDiscoveryPolicies",
            Response::json(200, &json!({"value": [], "@odata.nextLink": hidden})),
            usize::MAX,
        );
        let unknown = json!({"error": {"code": "0x80060888", "message": "Eine Eigenschaft namens „isauditenabled“ wurde im Typ „Microsoft.Dynamics.CRM.organization“ nicht gefunden."}});
        tenant.fault("isauditenabled", Response::json(400, &unknown), usize::MAX);
        tenant.fault(
            "/transitiveMemberOf/microsoft.graph.directoryRole",
            Response::json(403, &json!({"error": {"code": "Authorization_RequestDenied"}})),
            usize::MAX,
        );
        // A tenant that takes no advanced query.
        tenant.state.habits.lock().unwrap().takes_advanced_queries = false;
        // Cut off once: asked again.
        let cut = Response::json(200, &json!({"account_type": "Managed", "cut": true}));
        tenant.fault("/userrealm/", cut.sent(How::Truncated), 1);
        // Of a list that hangs on what was found, and of a later page, this is no answer.
        let missing = json!({"error": {"code": "ResourceNotFound", "message": "gone"}});
        tenant.fault(
            "/authentication/methods",
            Response::json(404, &missing),
            usize::MAX,
        );
        tenant.fault(
            "/licenseDetails?$skiptoken=1",
            Response::json(404, &missing),
            usize::MAX,
        );
        let unlicensed = json!({"error": {"code": "AadPremiumLicenseRequired", "message": "The tenant needs Microsoft Entra ID P2."}});
        tenant.fault(
            "/roleEligibilityScheduleInstances",
            Response::json(400, &unlicensed),
            usize::MAX,
        );
        let unscoped =
            json!({"error": {"code": "Forbidden", "message": "required scopes are missing in the token."}});
        tenant.fault("/riskyUsers/", Response::json(403, &unscoped), usize::MAX);
        // A link beside one object leads nowhere.
        let linked =
            json!({"id": "d", "displayName": "x", "@odata.nextLink": "https://evil.example/v1.0/next"});
        tenant.fault(
            "servicePrincipals(appId=",
            Response::json(200, &linked),
            usize::MAX,
        );
        // Longer than anybody waits: given up at once.
        let never = Response::json(429, &json!({"error": {"code": "TooManyRequests"}}))
            .with("Retry-After", "73786976294838206464");
        tenant.fault("/usersettingscollection", never, 1);
    };
    misbehave(&tenant);
    let live = comparable(&collected(order(&tenant, ACCOUNT)).0.snapshot());
    for language in runnable() {
        misbehave(&tenant);
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let by_script = comparable(&desk.snapshot(&tenant, ACCOUNT));
        for (section, outcome) in [
            ("graph.subscribed_skus", "ok"),
            ("graph.named_locations", "failed"),
            ("graph.organization", "failed"),
            ("graph.authentication_strengths", "failed"),
            ("graph.home_realm_policies", "failed"),
            ("graph.directory_roles", "denied"),
            ("graph.group_memberships", "ok"),
            ("dataverse.organization", "ok"),
            ("login.realm", "ok"),
            ("dataverse.user_settings", "failed"),
            ("graph.authentication_methods", "failed"),
            ("graph.license_details", "failed"),
            ("graph.eligible_roles", "denied"),
            ("graph.risky_user", "denied"),
        ] {
            assert_eq!(
                by_script["sections"][section]["outcome"], outcome,
                "{language:?}: {section}: {}",
                by_script["sections"][section]
            );
        }
        assert_eq!(first_difference("", &live, &by_script), "", "{language:?}");
    }
}

#[test]
fn a_name_that_begins_with_a_dollar_sign_is_read_as_a_key() {
    let (tenant, _) = healthy();
    let account = "$svc-work365@fabrikam.com";
    let live = comparable(&collected(order(&tenant, account)).0.snapshot());
    assert_eq!(live["sections"]["graph.user"]["outcome"], "ok");
    for language in runnable() {
        tenant.state.seen.lock().unwrap().clear();
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let by_script = comparable(&desk.snapshot(&tenant, account));
        let seen = tenant.state.seen.lock().unwrap().clone();
        let as_key = format!("/v1.0/users('{account}')");
        assert!(seen.iter().any(|request| request.contains(&as_key)), "{seen:?}");
        assert!(
            !seen.iter().any(|request| request.contains("/users/$")),
            "{seen:?}"
        );
        assert_eq!(first_difference("", &live, &by_script), "", "{language:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_service_without_a_token_costs_its_sections_only_and_nobody_at_all_ends_the_script() {
    if !has_bash() {
        return;
    }
    let (tenant, _) = healthy();
    let desk = Desk::without_tokens(Language::Bash, &tenant);
    desk.azure_cli(&tenant, &[&tenant.addresses.dataverse]);
    let snapshot = desk.snapshot(&tenant, ACCOUNT);
    let user = &snapshot["sections"]["graph.user"];
    assert_eq!(user["outcome"], "failed");
    assert!(user["detail"].as_str().unwrap().contains("az login"), "{user}");
    assert_eq!(snapshot["sections"]["dataverse.organization"]["outcome"], "ok");
    desk.azure_cli(&tenant, &[]);
    let environment = &tenant.addresses.dataverse;
    let (code, errors) = refusal(&desk.run(&["--account", ACCOUNT, "--environment", environment]));
    assert_eq!(code, Some(3));
    assert!(errors.contains("az login"), "{errors}");
}

/// Stand-ins for Microsoft's modules; each call is a line of `calls`.
fn modules(desk: &Desk, tenant: &Tenant, is_secure: bool, context: &str) {
    let token = |audience: &str| tenant.token(audience);
    let cast = if is_secure {
        "(ConvertTo-SecureString $text -AsPlainText -Force)"
    } else {
        "$text"
    };
    desk.module(
        "Az.Accounts",
        &format!(
            "function Get-AzContext {{ {context} }}
function Connect-AzAccount($Environment, $Scope, $TenantId) {{ Add-Content -Path calls -Value \"connect $Environment $Scope $TenantId\" }}
function Get-AzAccessToken($ResourceUrl, $TenantId) {{
    if ($ResourceUrl -eq 'https://service.powerapps.com') {{ $text = '{}' }} else {{ $text = '{}' }}
    [PSCustomObject]@{{ Token = {cast} }}
}}",
            token("https://service.powerapps.com"),
            token(&tenant.addresses.dataverse)
        ),
    );
    desk.module(
        "Microsoft.Graph.Authentication",
        &format!(
            "function Connect-MgGraph($Scopes, $Environment, $ContextScope, $TenantId) {{ Add-Content -Path calls -Value \"graph $Environment $ContextScope $TenantId $($Scopes -contains 'Directory.Read.All')\" }}
function Invoke-MgGraphRequest($Method, $Uri, $OutputType) {{
    [PSCustomObject]@{{ RequestMessage = [PSCustomObject]@{{ Headers = [PSCustomObject]@{{ Authorization = [PSCustomObject]@{{ Parameter = '{}' }} }} }} }}
}}",
            token("https://graph.microsoft.com")
        ),
    );
}

#[test]
fn the_modules_sign_in_for_this_tenant_and_cloud_and_no_other_sign_in_is_taken_over() {
    if powershell().is_none() {
        return;
    }
    let (tenant, snapshot) = healthy();
    let challenge = &snapshot["sections"]["login.challenge"]["body"]["authorization_uri"];
    let id = challenge.as_str().unwrap().split('/').nth(3).unwrap();
    let context = |cloud: &str, tenant: &str| {
        format!(
            "[PSCustomObject]@{{ Environment = [PSCustomObject]@{{ Name = '{cloud}' }}; Tenant = [PSCustomObject]@{{ Id = '{tenant}' }} }}"
        )
    };
    let connect = format!("connect AzureCloud Process {id}");
    let cases = [
        (true, String::new(), true),
        (false, context("AzureCloud", &id.to_uppercase()), false),
        (
            false,
            context("AzureCloud", "99999999-0000-4000-8000-000000000009"),
            true,
        ),
        (true, context("AzureUSGovernment", id), true),
    ];
    for (is_secure, context, connects) in cases {
        let desk = Desk::without_tokens(Language::PowerShell, &tenant);
        modules(&desk, &tenant, is_secure, &context);
        let written = desk.snapshot(&tenant, ACCOUNT);
        for section in ["graph.user", "dataverse.who_am_i", "admin.environment"] {
            assert_eq!(written["sections"][section]["outcome"], "ok", "{section}");
        }
        let calls = std::fs::read_to_string(desk.path("calls")).unwrap();
        let mut expected = vec![format!("graph Global Process {id} True")];
        expected.extend(connects.then(|| connect.clone()));
        assert_eq!(calls.lines().collect::<Vec<_>>(), expected, "{context}");
    }
}

#[test]
fn nobody_signed_in_is_one_sentence() {
    let (tenant, _) = healthy();
    for language in runnable() {
        if language == Language::Bash {
            continue;
        }
        let desk = Desk::without_tokens(language, &tenant);
        let output = desk.run(&["--account", ACCOUNT, "--environment", &tenant.addresses.dataverse]);
        let (code, errors) = refusal(&output);
        assert_eq!(code, Some(3), "{errors}");
        assert!(
            errors.starts_with("nobody is signed in: ") && errors.lines().count() == 1,
            "{errors}"
        );
    }
}

#[test]
fn what_the_session_around_it_set_does_not_reach_the_powershell_script() {
    if powershell().is_none() {
        return;
    }
    let (tenant, _) = healthy();
    let desk = Desk::new(Language::PowerShell, &tenant, &ScriptOrder::default());
    let run = format!(
        "& ./collect.ps1 -Account {ACCOUNT} -Environment {} -Output case.json; exit $LASTEXITCODE",
        tenant.addresses.dataverse
    );
    let strict = desk.line(&format!(
        "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Continue'; {run}"
    ));
    let (_, errors) = refusal(&strict);
    assert_eq!(errors, "");
    assert_eq!(desk.written()["sections"]["graph.user"]["outcome"], "ok");
    std::fs::remove_file(desk.path("case.json")).unwrap();
    let held = desk.line(&format!(
        "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; {run}"
    ));
    let said = String::from_utf8_lossy(&held.stdout).into_owned() + &refusal(&held).1;
    assert_eq!(held.status.code(), Some(3), "{said}");
    assert!(
        said.contains("application control") && said.contains("work365-doctor ask"),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(!desk.path("case.json").exists());
}

/// Asks the parser what Windows PowerShell 5.1 would not understand, and whether `-and` and `-or` stand side by side.
const WATCHER: &str = r#"
$errors = $null
$tokens = $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile((Resolve-Path $args[0]).Path, [ref]$tokens, [ref]$errors)
foreach ($found in $errors) { "parse: $($found.Message)" }
foreach ($token in $tokens) {
    if (('QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'Clean') -contains [string]$token.Kind) { "token: $($token.Text)" }
}
$known = @{
    'Add-Content' = 'Path Value'; 'Add-Type' = 'AssemblyName'; 'Connect-AzAccount' = 'Environment Scope'; 'Connect-MgGraph' = 'Scopes Environment ContextScope'
    'ConvertFrom-Json' = 'InputObject'; 'ForEach-Object' = ''; 'Get-AzAccessToken' = 'ResourceUrl'; 'Get-AzContext' = ''; 'Get-Module' = 'ListAvailable Name'; 'Sort-Object' = ''
    'Import-Module' = ''; 'Invoke-MgGraphRequest' = 'Method Uri OutputType'; 'New-Object' = 'ArgumentList'; 'Select-Object' = 'First Last Unique'
    'Set-StrictMode' = 'Version'; 'Start-Sleep' = 'Milliseconds'; 'Where-Object' = ''; 'Write-Host' = ''
}
$own = @{}
foreach ($node in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true)) { $own[$node.Name] = $true }
foreach ($node in $tree.FindAll({ $true }, $true)) {
    switch ($node.GetType().Name) {
        'TernaryExpressionAst' { "ternary: $($node.Extent.Text)" }
        'PipelineChainAst' { "chain: $($node.Extent.Text)" }
        'BinaryExpressionAst' {
            foreach ($side in $node.Left, $node.Right) {
                if ($side -isnot [System.Management.Automation.Language.BinaryExpressionAst]) { continue }
                $pair = [string]$node.Operator + [string]$side.Operator
                if ($pair -eq 'AndOr' -or $pair -eq 'OrAnd') { "mixed: $($node.Extent.Text)" }
            }
        }
        'CommandAst' {
            $name = $node.GetCommandName()
            if (-not $name -or $own[$name]) { continue }
            if (-not $known.ContainsKey($name)) { "command: $name"; continue }
            foreach ($part in $node.CommandElements) {
                if ($part -is [System.Management.Automation.Language.CommandParameterAst] -and $known[$name].Split(' ') -notcontains $part.ParameterName) { "parameter: $name -$($part.ParameterName)" }
            }
        }
    }
}
"#;

#[test]
fn the_powershell_script_holds_nothing_that_windows_powershell_lacks() {
    if powershell().is_none() {
        return;
    }
    let (tenant, _) = healthy();
    let desk = Desk::new(Language::PowerShell, &tenant, &ScriptOrder::default());
    std::fs::write(desk.path("watch.ps1"), WATCHER).unwrap();
    // The watcher sees what it is there for; what Windows PowerShell cannot even read, it calls a mistake itself.
    let lines = [
        ("if (($a -and $b) -or $c) { Write-Host a }", ""),
        ("$a -and $b -or $c", "mixed: "),
        ("Get-Content x -AsByteStream", "command: "),
        ("ConvertFrom-Json x -AsHashtable", "parameter: "),
        ("if ($a) {", "parse: "),
        ("$a ? 1 : 2", ": "),
        ("$a ?? 2", ": "),
        ("${a}?.b", ": "),
        ("Write-Host a && Write-Host b", ": "),
    ];
    for (index, (line, _)) in lines.iter().enumerate() {
        std::fs::write(desk.path(&format!("{index}.ps1")), line).unwrap();
    }
    let output = desk.line(&format!(
        "& ./watch.ps1 collect.ps1; foreach ($i in 0..{}) {{ '=='; & ./watch.ps1 \"$i.ps1\" }}",
        lines.len() - 1
    ));
    assert!(output.stderr.is_empty(), "{}", refusal(&output).1);
    let said = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let complaints: Vec<&str> = said.split("==\n").collect();
    assert_eq!(complaints[0], "");
    for ((line, word), complaint) in lines.iter().zip(&complaints[1..]) {
        assert!(
            complaint.contains(word) && complaint.is_empty() == word.is_empty(),
            "{line}: {complaint}"
        );
    }
}

#[test]
fn what_a_script_wrote_is_judged_and_redacted_and_holds_no_token() {
    let (tenant, snapshot) = healthy();
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        desk.snapshot(&tenant, ACCOUNT);
        let case = desk.path("case.json").to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&case).unwrap();
        assert!(!text.contains("eyJ"), "a token");
        #[cfg(unix)]
        if language == Language::Bash {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&case).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "readable for others");
        }
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
