//! From the tree of a rule file to validated rules, gathering every complaint on the way.

mod advice;
mod cures;
mod lag;
mod parts;
mod tests_of_rule;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;

use crate::embedded::tree::{Content, Node};

use crate::rules::AREAS;
use crate::rules::expect::{Expect, RuleTest};
use crate::rules::file::diagnostic::Desk;
use crate::rules::file::mapping::{Form, Words, list, one_of, text};
use crate::rules::rule::{Place, Rule};

/// Ids of `rules/owners.yaml` and the names that reports print.
pub type Owners = BTreeMap<String, String>;

pub(crate) const RULE_KEYS: [&str; 27] = [
    "id",
    "gate",
    "severity",
    "applies",
    "requires",
    "explained-by",
    "when",
    "cures",
    "breaks",
    "pending",
    "title",
    "expectation",
    "why",
    "opens-with-profile-hint",
    "optional-evidence",
    "catches-refusals",
    "later-evidence",
    "explained-by-codes",
    "evidence",
    "remedy",
    "remedies",
    "remedy-where",
    "guidance",
    "checked",
    "tests",
    "area",
    "cause-first",
];

/// The id of another rule, and the place where it is named.
pub(crate) type NamedRule = (String, Range<usize>);

/// A rule, and the places of the rule ids that it names.
pub(crate) struct ParsedRule {
    pub(crate) rule: Rule,
    pub(crate) id_span: Range<usize>,
    pub(crate) requires: Vec<NamedRule>,
    pub(crate) explained_by: Vec<NamedRule>,
}

/// What one file holds: sound rules, and the ids of all, unsound ones included.
#[derive(Default)]
pub(crate) struct ParsedFile {
    pub(crate) rules: Vec<ParsedRule>,
    pub(crate) ids: Vec<String>,
}

/// The rules of one file; complaints go to the desk.
pub(crate) fn rules(desk: &Desk<'_>, root: &Node<'_>, owners: &Owners) -> ParsedFile {
    let Some(form) = Form::open(desk, root, "a rule file", &["area", "checked", "rules"]) else {
        return ParsedFile::default();
    };
    let area = form
        .need_text("area", &format!("write one of {}", AREAS.join(", ")))
        .and_then(|words| one_of(desk, &words, "area", &AREAS));
    let Some(rules) = form.need("rules", "write `rules:` and one rule after each `- `") else {
        return ParsedFile::default();
    };
    let checked = form.get("checked").and_then(|node| day(desk, node));
    let nodes = list(desk, rules);
    let parser = RuleParser { desk, owners };
    ParsedFile {
        rules: nodes
            .iter()
            .filter_map(|node| parser.rule(node, area.unwrap_or(""), checked))
            .collect(),
        ids: nodes.iter().filter_map(id_of).collect(),
    }
}

/// The ids in a file that is no YAML, as far as they can be seen: rules that name them should not be blamed too.
pub(crate) fn ids_by_eye(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("- id:"))
        .map(|id| id.trim().to_owned())
        .collect()
}

fn id_of(node: &Node<'_>) -> Option<String> {
    let Content::Map(entries) = &node.content else {
        return None;
    };
    let id = entries.iter().find(|entry| entry.key == "id")?;
    match &id.value.content {
        Content::Scalar(scalar) => Some(scalar.text.clone().into_owned()),
        _ => None,
    }
}

struct RuleParser<'d> {
    desk: &'d Desk<'d>,
    owners: &'d Owners,
}

impl<'d> RuleParser<'d> {
    fn rule(&self, node: &Node<'_>, file_area: &str, file_checked: Option<Date>) -> Option<ParsedRule> {
        let form = Form::open(self.desk, node, "a rule", &RULE_KEYS)?;
        // Every part is read before any `?`, so that one missing part does not hide the complaints about the others.
        let line = form.get("id").map_or(node.line, |id| id.line);
        let id = form
            .need_text("id", "write `id: lower-case-words`")
            .inspect(|id| self.check_id(id));
        let area = match form.get("area").and_then(|node| text(self.desk, node)) {
            Some(words) => one_of(self.desk, &words, "area", &AREAS).map(str::to_owned),
            None => Some(file_area.to_owned()),
        };
        let gate = form
            .need("gate", "write a number from 0 to 14")
            .and_then(|node| self.gate(node));
        let severity = form
            .need_text("severity", "write blocker, high, medium, low or info")
            .and_then(|words| self.severity(&words));
        let applies = form
            .need(
                "applies",
                "write `{legacy-password: fail, consent: fail, application-user: n/a}`",
            )
            .and_then(|node| self.applies(node, severity));
        let when = form
            .need_text("when", "write a condition that is true when the fault is there")
            .and_then(|words| self.condition(&words));
        let cures = form.get("cures").map(|node| self.cures(node));
        let breaks = form
            .texts("breaks")
            .into_iter()
            .filter_map(|words| self.template(Some(words)))
            .collect();
        let pending = form.get("pending").map(|node| self.pending(node));
        let title = self.template(form.need_text("title", "say what is wrong, in one line"));
        let expectation = self.template(form.need_text("expectation", "say what is expected, in one line"));
        let why = self.template(form.need_text("why", "say why this breaks Work 365"));
        let opens_with_profile_hint = form
            .get("opens-with-profile-hint")
            .is_some_and(|node| self.truth(node));
        let optional_evidence = form.get("optional-evidence").is_some_and(|node| self.truth(node));
        let catches_refusals = form.get("catches-refusals").is_some_and(|node| self.truth(node));
        let cause_first = form.get("cause-first").is_some_and(|node| self.truth(node));
        let later_evidence = form.get("later-evidence").is_some_and(|node| self.truth(node));
        let explained_by_codes = form
            .get("explained-by-codes")
            .and_then(|node| text(self.desk, node))
            .and_then(|words| self.fact(&words));
        let evidence = form
            .texts("evidence")
            .iter()
            .filter_map(|words| self.fact(words))
            .collect();
        let remedy = form
            .need("remedy", "say who does what: owner, steps, avoid, verify")
            .and_then(|node| self.remedy(node));
        let remedies = form.get("remedies").map(|node| self.remedies(node));
        let remedy_where = form.get("remedy-where").map(|node| self.remedy_where(node));
        let guidance = form
            .need("guidance", "write `default: {source: …, date: 2019-02-04}`")
            .map(|node| self.guidance(node, applies.as_ref()));
        let checked = form.get("checked").map(|node| day(self.desk, node));
        let requires = ids(&form, "requires");
        let explained_by = ids(&form, "explained-by");
        let tests = match self.desk.is_packed {
            true => Some(Vec::new()),
            false => {
                let node = form.need("tests", "a rule has a fail, a pass and an unknown test");
                let tests = tests_of_rule::parse(self.desk, node, applies.as_ref());
                tests.inspect(|tests| self.check_coverage(&form, tests))
            }
        };
        if let Some(applies) = &applies {
            self.check_pending(&form, applies);
        }

        let id = id?;
        let rule = Rule {
            id: id.text.to_owned(),
            area: area?,
            gate: gate?,
            severity: severity?,
            applies: applies?,
            requires: requires.iter().map(|(id, _)| id.clone()).collect(),
            explained_by: explained_by.iter().map(|(id, _)| id.clone()).collect(),
            when: when?,
            cures: match cures {
                Some(cures) => cures?,
                None => Vec::new(),
            },
            breaks,
            pending: match pending {
                Some(pending) => Some(pending?),
                None => None,
            },
            title: title?,
            expectation: expectation?,
            why: why?,
            opens_with_profile_hint,
            optional_evidence,
            catches_refusals,
            later_evidence,
            cause_first,
            explained_by_codes,
            evidence,
            remedy: remedy?,
            remedies: remedies.unwrap_or_default(),
            remedy_where: match remedy_where {
                Some(states) => states?,
                None => Vec::new(),
            },
            guidance: guidance?,
            checked: match checked {
                Some(own) => Some(own?),
                None => file_checked,
            },
            tests: tests?,
            place: Place {
                file: self.desk.file.name.clone(),
                line,
                builtin: true,
            },
        };
        Some(ParsedRule {
            rule,
            id_span: id.span,
            requires,
            explained_by,
        })
    }

    fn check_id(&self, id: &Words<'_>) {
        if !is_rule_id(id.text) {
            self.desk.complain(
                id.span.clone(),
                format!("`{}` is no rule id", id.text),
                Some("lower-case words joined by hyphens, as `license-missing`".to_owned()),
            );
        }
    }

    fn check_coverage(&self, form: &Form<'_, '_, '_>, tests: &[RuleTest]) {
        let expects = |wanted: &[Expect]| tests.iter().any(|test| wanted.contains(&test.expect));
        let missing: Vec<_> = [
            ("fail", expects(&[Expect::Fail, Expect::Pending])),
            ("pass", expects(&[Expect::Pass])),
            ("unknown", expects(&[Expect::Unknown])),
        ]
        .into_iter()
        .filter_map(|(word, covered)| (!covered).then_some(word))
        .collect();
        if !missing.is_empty() {
            self.desk.complain(
                form.heading(),
                format!("no test expects {}", missing.join(" or ")),
                Some("a rule has at least one fail, one pass and one unknown test".to_owned()),
            );
        }
    }
}

/// Whether a text has the form of a rule id: lower-case words joined by hyphens.
pub fn is_rule_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
}

/// A day, as `2019-02-04`.
pub(crate) fn day(desk: &Desk<'_>, node: &Node<'_>) -> Option<Date> {
    let words = text(desk, node)?;
    let day = words.text.parse().ok();
    if day.is_none() {
        desk.complain(
            words.span.clone(),
            format!("`{}` is no date", words.text),
            Some("write it as `2019-02-04`".to_owned()),
        );
    }
    day
}

fn ids(form: &Form<'_, '_, '_>, key: &str) -> Vec<NamedRule> {
    form.texts(key)
        .into_iter()
        .map(|words| (words.text.to_owned(), words.span))
        .collect()
}
