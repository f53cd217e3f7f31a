//! Lists about rules: every rule, every fact a rule may use, what `rules lint` and `rules test` found.

use std::collections::BTreeMap;

use comfy_table::{ColumnConstraint, Table, Width};
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts;
use crate::profile::Profile;
use crate::render::Style;
use crate::render::page::Page;
use crate::render::tables;
use crate::rules::knowledge::Claim;
use crate::rules::rule_test::RuleTestReport;
use crate::rules::{Complaints, Rule, RuleBook};
use crate::snapshot::section_info;
use crate::text::{one_line, terminal_safe};

const LIST_SCHEMA: &str = "work365-doctor/rules-list/v1";
const FACTS_SCHEMA: &str = "work365-doctor/rules-facts/v1";
const LINT_SCHEMA: &str = "work365-doctor/rules-lint/v1";
const LINKS_SCHEMA: &str = "work365-doctor/rules-links/v1";
const TEST_SCHEMA: &str = "work365-doctor/rules-test/v1";

/// `work365-doctor/rules-list/v1`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleList {
    #[schemars(extend("const" = LIST_SCHEMA))]
    schema: &'static str,
    rule_pack: RulePack,
    rules: Vec<RuleLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RulePack {
    name: String,
    version: String,
    sha256: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RuleLine {
    id: String,
    area: String,
    gate: u8,
    severity: &'static str,
    applies: BTreeMap<&'static str, &'static str>,
    title: String,
    expectation: String,
    requires: Vec<String>,
    explained_by: Vec<String>,
    file: String,
    line: usize,
}

impl RuleList {
    /// The rules of a book, in gate order.
    pub fn of(book: &RuleBook) -> Self {
        let pack = book.pack();
        Self {
            schema: LIST_SCHEMA,
            rule_pack: RulePack {
                name: pack.name.clone(),
                version: pack.version.clone(),
                sha256: pack.sha256.clone(),
            },
            rules: book.rules().iter().map(RuleLine::of).collect(),
        }
    }

    /// The list for people: a line that can be searched for, and the fault below it.
    pub fn table(&self, style: Style) -> String {
        let mut page = Page::new(style);
        let head = columns("GATE", "SEVERITY", ["LEGACY", "CONSENT", "APP"], "RULE");
        page.line(&head);
        for rule in &self.rules {
            let words = Profile::ALL.map(|profile| {
                let word = rule.applies.get(profile.name()).copied().unwrap_or("");
                word.split('/').next().filter(|_| word != "n/a").unwrap_or(word)
            });
            page.line(&columns(&rule.gate.to_string(), rule.severity, words, &rule.id));
            let fault = one_line(&format!("{}: {}", rule.area, rule.title));
            let indent = " ".repeat(6);
            let options = textwrap::Options::new(style.width)
                .initial_indent(&indent)
                .subsequent_indent(&indent);
            for line in textwrap::wrap(&fault, options) {
                page.line(&line);
            }
        }
        page.blank();
        page.line(&format!(
            "{} rules of pack {} {}",
            self.rules.len(),
            self.rule_pack.name,
            self.rule_pack.version
        ));
        page.line("pending: until the documented lag is over, then fail; n/a: not asked");
        page.into_text()
    }
}

fn columns(gate: &str, severity: &str, words: [&str; 3], rule: &str) -> String {
    let [legacy, consent, app] = words;
    format!("{gate:<6}{severity:<10}{legacy:<9}{consent:<9}{app:<9}{rule}")
}

impl RuleLine {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            area: rule.area.clone(),
            gate: rule.gate,
            severity: rule.severity.name(),
            applies: Profile::ALL
                .into_iter()
                .map(|profile| (profile.name(), rule.word_under(profile)))
                .collect(),
            title: rule.title.render_open(),
            expectation: rule.expectation.render_open(),
            requires: rule.requires.clone(),
            explained_by: rule.explained_by.clone(),
            file: rule.place.file.clone(),
            line: rule.place.line,
        }
    }
}

/// `work365-doctor/rules-facts/v1`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FactList {
    #[schemars(extend("const" = FACTS_SCHEMA))]
    schema: &'static str,
    facts: Vec<FactLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FactLine {
    name: &'static str,
    r#type: &'static str,
    nullable: bool,
    sections: &'static [&'static str],
    meaning: &'static str,
    permission: Option<&'static str>,
    role: Option<&'static str>,
    license: Option<&'static str>,
}

impl FactList {
    /// Every fact that a rule may use.
    pub fn all() -> Self {
        let facts = facts::definitions().iter().map(|fact| {
            let section = fact.sections.first().and_then(|name| section_info(name));
            FactLine {
                name: fact.name,
                r#type: fact.kind.name(),
                nullable: fact.nullable,
                sections: fact.sections,
                meaning: fact.meaning,
                permission: section.and_then(|section| section.permission),
                role: section.and_then(|section| section.role),
                license: section.and_then(|section| section.license),
            }
        });
        Self {
            schema: FACTS_SCHEMA,
            facts: facts.collect(),
        }
    }

    /// The list for people.
    pub fn table(&self, style: Style) -> String {
        let mut table = plain_table(style);
        table.set_header(["FACT", "TYPE", "MEANING, SECTIONS, PERMISSION"]);
        for fact in &self.facts {
            let kind = if fact.nullable {
                format!("{} or null", fact.r#type)
            } else {
                fact.r#type.to_owned()
            };
            let mut about = vec![fact.meaning.to_owned()];
            if !fact.sections.is_empty() {
                about.push(format!("from {}", fact.sections.join(", ")));
            }
            if let Some(permission) = fact.permission {
                about.push(format!("needs {permission}"));
            }
            table.add_row([fact.name.to_owned(), kind, about.join("\n")]);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(15)));
        }
        let mut page = Page::new(style);
        for line in table.to_string().lines() {
            page.line(line.trim_end());
        }
        page.blank();
        page.line(&format!("{} facts", self.facts.len()));
        page.into_text()
    }
}

/// `work365-doctor/rules-lint/v1`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintReport {
    #[schemars(extend("const" = LINT_SCHEMA))]
    schema: &'static str,
    rules: usize,
    complaints: Vec<ComplaintLine>,
    /// What nobody has compared with its page since the day that `--stale` names; empty without it.
    stale: Vec<StaleLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StaleLine {
    what: String,
    file: String,
    line: Option<usize>,
    sources: Vec<String>,
    checked: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ComplaintLine {
    file: String,
    line: usize,
    column: usize,
    message: String,
    suggestion: Option<String>,
}

impl LintReport {
    /// What is wrong with the rules of a book.
    pub fn of(book: &RuleBook, complaints: &Complaints, stale: &[&Claim]) -> Self {
        let lines = complaints.iter().map(|complaint| ComplaintLine {
            file: complaint.file.clone(),
            line: complaint.line,
            column: complaint.column,
            message: complaint.message.clone(),
            suggestion: complaint.suggestion.clone(),
        });
        Self {
            schema: LINT_SCHEMA,
            rules: book.rules().len(),
            complaints: lines.collect(),
            stale: stale
                .iter()
                .map(|claim| StaleLine {
                    what: claim.what.clone(),
                    file: claim.file.clone(),
                    line: claim.line,
                    sources: claim.sources.clone(),
                    checked: claim.checked.map(|day| day.to_string()),
                })
                .collect(),
        }
    }
}

/// One line for each claim that grew old: when it was checked, what it is, where it stands, which page to look at.
pub fn stale_lines(stale: &[&Claim]) -> String {
    let mut text = String::new();
    for claim in stale {
        let checked = claim
            .checked
            .map_or_else(|| "never".to_owned(), |day| day.to_string());
        let place = claim
            .line
            .map_or_else(|| claim.file.clone(), |line| format!("{}:{line}", claim.file));
        let what = terminal_safe(&one_line(&claim.what)).into_owned();
        let sources = claim.sources.join(" ");
        text += &format!("{checked}  {what}  {place}  {sources}\n");
    }
    text
}

/// `work365-doctor/rules-links/v1`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkList {
    #[schemars(extend("const" = LINKS_SCHEMA))]
    schema: &'static str,
    links: Vec<LinkLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LinkLine {
    address: String,
    used_by: Vec<String>,
}

impl LinkList {
    /// The addresses, and who names each.
    pub fn of(links: Vec<(String, Vec<String>)>) -> Self {
        Self {
            schema: LINKS_SCHEMA,
            links: links
                .into_iter()
                .map(|(address, used_by)| LinkLine { address, used_by })
                .collect(),
        }
    }

    /// One address a line, for a person to walk.
    pub fn lines(&self) -> String {
        self.links
            .iter()
            .map(|link| format!("{}\n", link.address))
            .collect()
    }
}

/// `work365-doctor/rules-test/v1`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestReport {
    #[schemars(extend("const" = TEST_SCHEMA))]
    schema: &'static str,
    rules: Vec<RuleTestReport>,
}

impl TestReport {
    /// How the rules' own tests went.
    pub fn of(rules: Vec<RuleTestReport>) -> Self {
        Self {
            schema: TEST_SCHEMA,
            rules,
        }
    }

    /// Whether every rule is covered and every test got what it expects.
    pub fn is_green(&self) -> bool {
        self.rules.iter().all(RuleTestReport::is_green)
    }

    /// A line per rule, the failed tests below it, and a summary.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        let width = self.rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in &self.rules {
            let word = if rule.is_green() { "ok  " } else { "FAIL" };
            text += &format!("{word} {:<width$}  {}\n", rule.id, coverage(rule));
            for failure in &rule.failures {
                text += &format!(
                    "       {}:{}: expected {}, got {}\n",
                    terminal_safe(&rule.file),
                    failure.line,
                    failure.expected,
                    failure.got
                );
                for cause in &failure.because {
                    text += &format!("         {}\n", terminal_safe(cause));
                }
            }
        }
        let red = self.rules.iter().filter(|rule| !rule.is_green()).count();
        let tests: usize = self.rules.iter().map(RuleTestReport::tests).sum();
        let rules = self.rules.len();
        text += &format!(
            "\n{rules} {}, {tests} tests: {}\n",
            if rules == 1 { "rule" } else { "rules" },
            if red == 0 {
                "all green; fail, pass and unknown are covered".to_owned()
            } else {
                format!("{red} not green")
            }
        );
        text
    }
}

fn coverage(rule: &RuleTestReport) -> String {
    let covered = &rule.covered;
    let counts = [
        (covered.fail, "fail"),
        (covered.pending, "pending"),
        (covered.pass, "pass"),
        (covered.unknown, "unknown"),
        (covered.not_applicable, "n/a"),
    ];
    let words = counts.into_iter().filter(|(number, _)| *number > 0);
    let mut text = words
        .map(|(number, word)| format!("{number} {word}"))
        .collect::<Vec<_>>()
        .join(", ");
    let missing: Vec<_> = [
        (covered.fail + covered.pending, "fail"),
        (covered.pass, "pass"),
        (covered.unknown, "unknown"),
    ]
    .into_iter()
    .filter_map(|(number, word)| (number == 0).then_some(word))
    .collect();
    if !missing.is_empty() {
        text += &format!(" (no test for {})", missing.join(", "));
    }
    text
}

fn plain_table(style: Style) -> Table {
    tables::empty(comfy_table::presets::NOTHING, style.width, style.color)
}
