//! The values of a rule's own keys: numbers, words, conditions, texts with facts in them.

use super::RuleParser;
use crate::embedded::tree::{Content, Node};
use crate::facts::{self, FactId};
use crate::profile::Profile;
use crate::rules::condition::Condition;
use crate::rules::file::mapping::{Form, Words, first_line, one_of, scalar};
use crate::rules::file::place::place_in_file;
use crate::rules::problem::{Problem, unknown_fact};
use crate::rules::rule::Meaning;
use crate::rules::severity::Severity;
use crate::rules::template::Template;

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

impl RuleParser<'_> {
    pub(super) fn gate(&self, node: &Node<'_>) -> Option<u8> {
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

    pub(super) fn severity(&self, words: &Words<'_>) -> Option<Severity> {
        let names = Severity::ALL.map(Severity::name);
        one_of(self.desk, words, "severity", &names).and_then(Severity::of_name)
    }

    pub(super) fn applies(&self, node: &Node<'_>, severity: Option<Severity>) -> Option<[Meaning; 3]> {
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

    pub(super) fn condition(&self, words: &Words<'_>) -> Option<Condition> {
        let condition = match self.desk.is_packed {
            true => Condition::builtin(words.text),
            false => Condition::compile(words.text),
        };
        match condition {
            Ok(condition) => Some(condition),
            Err(problems) => {
                self.problems(words, problems);
                None
            }
        }
    }

    pub(super) fn template(&self, words: Option<Words<'_>>) -> Option<Template> {
        let words = words?;
        let template = match self.desk.is_packed {
            true => Ok(Template::builtin(words.text)),
            false => Template::parse(words.text),
        };
        match template {
            Ok(template) => Some(template),
            Err(problems) => {
                self.problems(&words, problems);
                None
            }
        }
    }

    /// Complaints about parts of a text, moved to their places in the file.
    pub(super) fn problems(&self, words: &Words<'_>, problems: Vec<Problem>) {
        let file = self.desk.file.text();
        for problem in problems {
            let start = place_in_file(file, &words.span, words.text, problem.span.start);
            let last = problem.span.end.saturating_sub(1).max(problem.span.start);
            let end = place_in_file(file, &words.span, words.text, last) + 1;
            self.desk
                .complain(start..end.max(start), problem.message, problem.suggestion);
        }
    }

    pub(super) fn fact(&self, words: &Words<'_>) -> Option<FactId> {
        let found = facts::find(words.text);
        if found.is_none() {
            let problem = unknown_fact(words.span.clone(), words.text);
            self.desk
                .complain(problem.span, problem.message, problem.suggestion);
        }
        found
    }

    pub(super) fn truth(&self, node: &Node<'_>) -> bool {
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
}
