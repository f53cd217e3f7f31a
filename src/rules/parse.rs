//! From the tree of a rule file to validated rules, gathering every complaint on the way.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::SignedDuration;

use crate::facts::{self, FactId, Kind};
use crate::profile::Profile;
use crate::remedy::Shell;

use super::AREAS;
use super::complaint::{Desk, did_you_mean};
use super::condition::Condition;
use super::document::{Content, Node, place_in_file};
use super::form::{Form, Words, first_line, list, scalar, text};
use super::own_tests::{self, Expect, RuleTest};
use super::rule::{Guidance, Meaning, Pending, Place, RemedyTemplate, Rule, Severity};
use super::template::Template;
use super::typing::{Problem, unknown_fact};

/// Ids of `rules/owners.yaml` and the names that reports print.
pub type Owners = BTreeMap<String, String>;

pub(super) const RULE_KEYS: [&str; 19] = [
    "id",
    "gate",
    "severity",
    "applies",
    "requires",
    "explained-by",
    "when",
    "pending",
    "title",
    "expectation",
    "why",
    "opens-with-profile-hint",
    "optional-evidence",
    "evidence",
    "remedy",
    "remedies",
    "guidance",
    "tests",
    "area",
];
const REMEDY_KEYS: [&str; 6] = ["owner", "steps", "commands", "avoid", "verify", "links"];
const WORDS_OF_APPLIES: [&str; 9] = [
    "fail",
    "pending/fail",
    "pass",
    "n/a",
    "blocker",
    "high",
    "medium",
    "low",
    "info",
];

/// A rule id with its place in the file.
pub(super) type NamedRule = (String, Range<usize>);

/// A rule, and the places of the rule ids that it names.
pub(super) struct ParsedRule {
    pub(super) rule: Rule,
    pub(super) id_span: Range<usize>,
    pub(super) requires: Vec<NamedRule>,
    pub(super) explained_by: Vec<NamedRule>,
}

/// What one file holds: sound rules, and the ids of all, unsound ones included.
#[derive(Default)]
pub(super) struct ParsedFile {
    pub(super) rules: Vec<ParsedRule>,
    pub(super) ids: Vec<String>,
}

/// Whether the text that is parsed holds the rules' own tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tests {
    /// It does, and each rule must have them.
    Needed,
    /// They were left out.
    LeftOut,
}

/// The rules of one file; complaints go to the desk.
pub(super) fn rules(desk: &Desk<'_>, root: &Node<'_>, owners: &Owners, tests: Tests) -> ParsedFile {
    let Some(form) = Form::open(desk, root, "a rule file", &["area", "rules"]) else {
        return ParsedFile::default();
    };
    let area = form
        .need_text("area", &format!("write one of {}", AREAS.join(", ")))
        .and_then(|words| one_of(desk, &words, "area", &AREAS));
    let Some(rules) = form.need("rules", "write `rules:` and one rule after each `- `") else {
        return ParsedFile::default();
    };
    let nodes = list(desk, rules);
    let parser = RuleParser { desk, owners, tests };
    ParsedFile {
        rules: nodes
            .iter()
            .filter_map(|node| parser.rule(node, area.unwrap_or("")))
            .collect(),
        ids: nodes.iter().filter_map(id_of).collect(),
    }
}

/// The ids in a file that is no YAML, as far as they can be seen: rules that name them should not be blamed too.
pub(super) fn ids_by_eye(text: &str) -> Vec<String> {
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
    tests: Tests,
}

impl<'d> RuleParser<'d> {
    fn rule(&self, node: &Node<'_>, file_area: &str) -> Option<ParsedRule> {
        let form = Form::open(self.desk, node, "a rule", &RULE_KEYS)?;
        // Every part is read before any `?`, so that one missing part does not hide the complaints about the others.
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
        let pending = form.get("pending").map(|node| self.pending(node));
        let title = self.template(form.need_text("title", "say what is wrong, in one line"));
        let expectation = self.template(form.need_text("expectation", "say what is expected, in one line"));
        let why = self.template(form.need_text("why", "say why this breaks Work 365"));
        let opens_with_profile_hint = form
            .get("opens-with-profile-hint")
            .is_some_and(|node| self.truth(node));
        let optional_evidence = form.get("optional-evidence").is_some_and(|node| self.truth(node));
        let evidence = form
            .texts("evidence")
            .iter()
            .filter_map(|words| self.fact(words))
            .collect();
        let remedy = form
            .need("remedy", "say who does what: owner, steps, avoid, verify")
            .and_then(|node| self.remedy(node));
        let remedies = form.get("remedies").map(|node| self.remedies(node));
        let guidance = form
            .need("guidance", "write `default: {source: …, date: 2019-02-04}`")
            .map(|node| self.guidance(node, applies.as_ref()));
        let requires = ids(&form, "requires");
        let explained_by = ids(&form, "explained-by");
        let tests = match self.tests {
            Tests::LeftOut => Some(Vec::new()),
            Tests::Needed => {
                let node = form.need("tests", "a rule has a fail, a pass and an unknown test");
                let tests = own_tests::parse(self.desk, node, applies.as_ref());
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
            pending: match pending {
                Some(pending) => Some(pending?),
                None => None,
            },
            title: title?,
            expectation: expectation?,
            why: why?,
            opens_with_profile_hint,
            optional_evidence,
            evidence,
            remedy: remedy?,
            remedies: remedies.unwrap_or_default(),
            guidance: guidance?,
            tests: tests?,
            place: Place {
                file: self.desk.file.name.clone(),
                line: self.desk.line_of(id.span.start),
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

    fn gate(&self, node: &Node<'_>) -> Option<u8> {
        let number = scalar(self.desk, node, "a number from 0 to 14")?.number();
        let gate = number
            .and_then(|number| u8::try_from(number).ok())
            .filter(|gate| *gate <= 14);
        if gate.is_none() {
            self.desk.complain(
                node.span.clone(),
                "the gate is a number from 0 to 14",
                Some("gates give the order of the questions: 0 who is checked, 5 sign-in, 7 licence, 10 roles, 13 settings".to_owned()),
            );
        }
        gate
    }

    fn severity(&self, words: &Words<'_>) -> Option<Severity> {
        let names = Severity::ALL.map(Severity::name);
        one_of(self.desk, words, "severity", &names).and_then(Severity::of_name)
    }

    fn applies(&self, node: &Node<'_>, severity: Option<Severity>) -> Option<[Meaning; 3]> {
        let form = Form::open(self.desk, node, "`applies`", &Profile::ALL.map(Profile::name))?;
        let meanings = Profile::ALL.map(|profile| {
            let words = form.need_text(
                profile.name(),
                "say what the condition means under each of the three profiles",
            )?;
            let word = one_of(self.desk, &words, "verdict", &WORDS_OF_APPLIES)?;
            Some(match word {
                "n/a" => Meaning::NotApplicable,
                "pass" => Meaning::NoFault,
                "pending/fail" => Meaning::FaultAfterLag,
                // Without a sound severity the rule is refused anyway.
                "fail" => Meaning::Fault(severity.unwrap_or(Severity::Blocker)),
                other => Meaning::Fault(Severity::of_name(other)?),
            })
        });
        let [Some(first), Some(second), Some(third)] = meanings else {
            return None;
        };
        let meanings = [first, second, third];
        if meanings.iter().all(|meaning| *meaning == Meaning::NotApplicable) {
            self.desk.complain(
                first_line(self.desk, &node.span),
                "the rule is applicable under no profile",
                Some("write `fail` for at least one".to_owned()),
            );
        }
        Some(meanings)
    }

    fn check_pending(&self, form: &Form<'_, '_, '_>, applies: &[Meaning; 3]) {
        let judged_by_age = applies.contains(&Meaning::FaultAfterLag);
        match form.get("pending") {
            None if judged_by_age => self.desk.complain(
                form.get("applies")
                    .map_or(form.heading(), |node| node.span.clone()),
                "`pending/fail` needs to know how long the lag may last",
                Some(
                    "add `pending: {since: namespace.changed_at, usual: 15m, limit: 60m, source: \"…\"}`"
                        .to_owned(),
                ),
            ),
            Some(node) if !judged_by_age => self.desk.complain(
                first_line(self.desk, &node.span),
                "no profile says `pending/fail`, so this is never used",
                Some("write `pending/fail` under `applies`, or leave `pending` out".to_owned()),
            ),
            _ => {}
        }
    }

    fn condition(&self, words: &Words<'_>) -> Option<Condition> {
        match Condition::compile(words.text) {
            Ok(condition) => Some(condition),
            Err(problems) => {
                self.problems(words, problems);
                None
            }
        }
    }

    fn template(&self, words: Option<Words<'_>>) -> Option<Template> {
        let words = words?;
        match Template::parse(words.text) {
            Ok(template) => Some(template),
            Err(problems) => {
                self.problems(&words, problems);
                None
            }
        }
    }

    /// Complaints about parts of a text, moved to their places in the file.
    fn problems(&self, words: &Words<'_>, problems: Vec<Problem>) {
        let file = &self.desk.file.text;
        for problem in problems {
            let start = place_in_file(file, &words.span, words.text, problem.span.start);
            let last = problem.span.end.saturating_sub(1).max(problem.span.start);
            let end = place_in_file(file, &words.span, words.text, last) + 1;
            self.desk
                .complain(start..end.max(start), problem.message, problem.suggestion);
        }
    }

    fn fact(&self, words: &Words<'_>) -> Option<FactId> {
        let found = facts::find(words.text);
        if found.is_none() {
            let problem = unknown_fact(words.span.clone(), words.text);
            self.desk
                .complain(problem.span, problem.message, problem.suggestion);
        }
        found
    }

    fn truth(&self, node: &Node<'_>) -> bool {
        let truth = scalar(self.desk, node, "true or false").and_then(|scalar| scalar.truth());
        if truth.is_none() && matches!(node.content, Content::Scalar(_)) {
            self.desk.complain(
                node.span.clone(),
                "true or false is wanted here",
                Some("write `true`, or leave the key out".to_owned()),
            );
        }
        truth.unwrap_or(false)
    }

    fn pending(&self, node: &Node<'_>) -> Option<Pending> {
        let form = Form::open(
            self.desk,
            node,
            "`pending`",
            &["since", "usual", "limit", "source"],
        )?;
        let since = form
            .need_text("since", "name the fact, a time, from which the lag counts")
            .and_then(|words| {
                let id = self.fact(&words)?;
                let kind = id.definition().kind;
                if kind != Kind::Time {
                    self.desk.complain(
                        words.span.clone(),
                        format!("`{}` is of type {}, not a time", words.text, kind.name()),
                        Some("`since` names a fact of type time".to_owned()),
                    );
                    return None;
                }
                Some(id)
            });
        let usual = form
            .need_text("usual", "how long it usually takes, as `15m`")
            .and_then(|words| self.duration(&words));
        let limit = form
            .need_text("limit", "after how long it is a fault, as `60m`")
            .and_then(|words| self.duration(&words));
        let source = form.need_text("source", "name the document that gives the lag");
        if let (Some(usual), Some(limit)) = (usual, limit)
            && usual > limit
        {
            self.desk.complain(
                first_line(self.desk, &node.span),
                "`usual` is longer than `limit`",
                Some("`limit` is when waiting ends".to_owned()),
            );
            return None;
        }
        Some(Pending {
            since: since?,
            usual: usual?,
            limit: limit?,
            source: source?.text.to_owned(),
        })
    }

    fn duration(&self, words: &Words<'_>) -> Option<SignedDuration> {
        let duration: Option<SignedDuration> = words.text.parse().ok();
        let duration = duration.filter(|duration| duration.is_positive());
        if duration.is_none() {
            self.desk.complain(
                words.span.clone(),
                format!("`{}` is no duration", words.text),
                Some("write `15m`, `1h` or `24h`".to_owned()),
            );
        }
        duration
    }

    fn remedy(&self, node: &Node<'_>) -> Option<RemedyTemplate> {
        let form = Form::open(self.desk, node, "a remedy", &REMEDY_KEYS)?;
        let owner = form
            .need_text("owner", "name who acts: an id of rules/owners.yaml")
            .and_then(|words| {
                let known = self.owners.get_key_value(words.text);
                if known.is_none() {
                    let ids = self.owners.keys().map(String::as_str);
                    let help = did_you_mean(words.text, ids)
                        .unwrap_or_else(|| "owners are listed in rules/owners.yaml".to_owned());
                    self.desk.complain(
                        words.span.clone(),
                        format!("there is no owner `{}`", words.text),
                        Some(help),
                    );
                }
                known
            });
        let steps = form.need("steps", "one click path or one action a step");
        let steps = steps.and_then(|node| {
            let items = list(self.desk, node);
            if items.is_empty() && matches!(node.content, Content::List(_)) {
                self.desk.complain(
                    node.span.clone(),
                    "a remedy has at least one step",
                    Some("say what to do".to_owned()),
                );
            }
            let steps: Vec<_> = items
                .iter()
                .map(|node| self.template(text(self.desk, node)))
                .collect();
            steps.into_iter().collect::<Option<Vec<_>>>()
        });
        let commands: Vec<_> = form
            .items("commands")
            .iter()
            .map(|node| self.command(node))
            .collect();
        let avoid = self.template(form.need_text("avoid", "say what would make it worse"));
        let verify = self.template(form.need_text("verify", "say how to prove that it is fixed"));
        let links = form.texts("links");
        links.iter().for_each(|link| self.check_link(link));
        let (owner, owner_name) = owner?;
        Some(RemedyTemplate {
            owner: owner.clone(),
            owner_name: owner_name.clone(),
            steps: steps?,
            commands: commands.into_iter().collect::<Option<_>>()?,
            avoid: avoid?,
            verify: verify?,
            links: links.iter().map(|link| link.text.to_owned()).collect(),
        })
    }

    fn command(&self, node: &Node<'_>) -> Option<(Shell, Template)> {
        let form = Form::open(self.desk, node, "a command", &["shell", "text"])?;
        let shell = form
            .need_text("shell", "write powershell, bash or http")
            .and_then(|words| one_of(self.desk, &words, "shell", &["powershell", "bash", "http"]));
        let template = self.template(form.need_text("text", "write the command"));
        let shell = match shell? {
            "powershell" => Shell::Powershell,
            "bash" => Shell::Bash,
            _ => Shell::Http,
        };
        Some((shell, template?))
    }

    fn check_link(&self, link: &Words<'_>) {
        let sound = link.text.starts_with("https://")
            && link.text.len() > "https://".len()
            && !link
                .text
                .contains(|character: char| character.is_whitespace() || character.is_control());
        if !sound {
            self.desk.complain(
                link.span.clone(),
                "a link is an https address",
                Some("write `https://…`".to_owned()),
            );
        }
    }

    fn remedies(&self, node: &Node<'_>) -> BTreeMap<Profile, RemedyTemplate> {
        let Some(form) = Form::open(self.desk, node, "`remedies`", &Profile::ALL.map(Profile::name)) else {
            return BTreeMap::new();
        };
        Profile::ALL
            .into_iter()
            .filter_map(|profile| Some((profile, self.remedy(form.get(profile.name())?)?)))
            .collect()
    }

    fn guidance(&self, node: &Node<'_>, applies: Option<&[Meaning; 3]>) -> BTreeMap<Profile, Guidance> {
        let keys = ["default", "legacy-password", "consent", "application-user"];
        let Some(form) = Form::open(self.desk, node, "`guidance`", &keys) else {
            return BTreeMap::new();
        };
        let default = form.get("default").and_then(|node| self.one_guidance(node));
        let mut by_profile = BTreeMap::new();
        for profile in Profile::ALL {
            let judged = applies.is_none_or(|meanings| meanings[profile as usize] != Meaning::NotApplicable);
            let own = form.get(profile.name()).map(|node| self.one_guidance(node));
            match own {
                Some(own) => by_profile.extend(own.map(|guidance| (profile, guidance))),
                None if !judged => {}
                None if form.get("default").is_some() => {
                    by_profile.extend(default.clone().map(|guidance| (profile, guidance)));
                }
                None => self.desk.complain(
                    form.heading(),
                    format!("no guidance says why this is judged under {}", profile.name()),
                    Some("add it, or a `default`".to_owned()),
                ),
            }
        }
        by_profile
    }

    fn one_guidance(&self, node: &Node<'_>) -> Option<Guidance> {
        let form = Form::open(self.desk, node, "guidance", &["source", "date"])?;
        let source = form.need_text("source", "the document's title and publisher");
        let date = form.need_text("date", "the document's date, as `2019-02-04`");
        if let Some(date) = &date
            && date.text.parse::<jiff::civil::Date>().is_err()
        {
            self.desk.complain(
                date.span.clone(),
                format!("`{}` is no date", date.text),
                Some("write it as `2019-02-04`".to_owned()),
            );
        }
        Some(Guidance {
            source: source?.text.to_owned(),
            date: date?.text.to_owned(),
        })
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

fn ids(form: &Form<'_, '_, '_>, key: &str) -> Vec<NamedRule> {
    form.texts(key)
        .into_iter()
        .map(|words| (words.text.to_owned(), words.span))
        .collect()
}

/// The word, if it is one of those allowed; else a complaint.
pub(super) fn one_of<'w>(
    desk: &Desk<'_>,
    words: &Words<'_>,
    what: &str,
    allowed: &[&'w str],
) -> Option<&'w str> {
    let found = allowed.iter().find(|word| **word == words.text);
    if found.is_none() {
        let choices = allowed.join(", ");
        let suggestion = did_you_mean(words.text, allowed.iter().copied())
            .unwrap_or_else(|| format!("it is one of {choices}"));
        desk.complain(
            words.span.clone(),
            format!("there is no {what} `{}`", words.text),
            Some(suggestion),
        );
    }
    found.copied()
}
