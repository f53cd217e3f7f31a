//! Conditions: CEL expressions over facts, compiled once and evaluated in three-valued logic.
//!
//! The only file that knows the CEL crate's evaluator. Facts become variables that the evaluator asks us for; an
//! unknown one is an error, and CEL's rule that a deciding operand absorbs the other's error makes `&&`, `||`, `exists`
//! and `all` Kleene's logic.

mod bind;
pub(crate) mod cel_values;
mod functions;
mod packed;
pub(crate) mod typing;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, LazyLock};

use cel::common::ast::IdedExpr;
use cel::common::types::CelBool;
use cel::{Context, Env, Value};

use crate::embedded;
use crate::facts::{FactId, Facts, Reason, Unknown};

use crate::rules::condition::bind::{bindings, depth};
use crate::rules::condition::cel_values::{Bindings, EvaluationRecord, Evidence, RawEvidence};
use crate::rules::condition::functions::{
    EQUALS_OF_ONE_KIND, MATCHES_COMPILED, Regex, equals_of_one_kind, matches_compiled,
};
use crate::rules::problem::Problem;

/// The longest accepted expression, in bytes: longer ones only serve to exhaust the stack.
pub(crate) const MAXIMUM_LENGTH: usize = 1024;

/// The parser's own bound on nesting: within it and [`MAXIMUM_LENGTH`], half a mebibyte of stack compiles everything.
const PARSER_DEPTH: u16 = 32;

/// The deepest accepted expression tree; evaluation then fits any thread's stack.
const MAXIMUM_DEPTH: usize = 40;

/// A compiled condition.
#[derive(Debug)]
pub struct Condition {
    source: String,
    expression: IdedExpr,
    bindings: Bindings,
}

/// What a condition says about one account.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    /// The truth, or everything that stood in its way.
    pub(crate) truth: Result<bool, Unknown>,
    /// Facts in the order in which they were first read.
    pub(crate) reads: Vec<FactId>,
    /// Sections whose raw body was read.
    pub(crate) raw_reads: Vec<String>,
}

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    // The optional syntax would turn "could not be read" into a value: `x.?y.orValue([])` passes on missing evidence.
    let mut environment = Env::stdlib().with_optional_support(false);
    // These overloads are ours alone, so they cannot clash.
    let any = || cel::common::types::DYN_TYPE;
    let _ = environment.add_overload(
        EQUALS_OF_ONE_KIND,
        EQUALS_OF_ONE_KIND,
        vec![any(), any()],
        equals_of_one_kind,
    );
    let _ = environment.add_member_overload(
        MATCHES_COMPILED,
        "string_matches_compiled",
        cel::common::types::STRING_TYPE,
        vec![Regex::TYPE],
        matches_compiled,
    );
    Arc::new(environment)
});

impl Condition {
    /// Compiles and checks an expression against the table of facts.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, each with the byte range in `source`.
    pub(crate) fn compile(source: &str) -> Result<Self, Vec<Problem>> {
        if source.len() > MAXIMUM_LENGTH {
            return Err(vec![Problem::whole(
                source,
                format!(
                    "the condition is {} bytes long; at most {MAXIMUM_LENGTH} are read",
                    source.len()
                ),
                "let Rust compute: add a fact with a good name",
            )]);
        }
        let parsed = ENVIRONMENT
            .parser()
            .max_recursion_depth(PARSER_DEPTH)
            .parse_with_source_info(source);
        let (expression, places) = match parsed {
            Ok(parsed) => parsed,
            Err(errors) => {
                let problems = errors.errors.iter();
                return Err(problems
                    .map(|error| Problem::syntax(source, error.pos, &error.msg))
                    .collect());
            }
        };
        if depth(&expression) > MAXIMUM_DEPTH {
            return Err(vec![Problem::whole(
                source,
                "the condition is nested too deeply".to_owned(),
                "let Rust compute: add a fact with a good name",
            )]);
        }
        typing::check(source, &expression, &places)?;
        Ok(Self::bound(source, expression))
    }

    /// A condition of the built-in rules, which the build script parsed and the tests checked.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile), for an expression that it did not see.
    pub(crate) fn builtin(source: &str) -> Result<Self, Vec<Problem>> {
        match embedded::parsed_condition(source).and_then(|mut bytes| packed::expression(&mut bytes)) {
            Some(expression) => Ok(Self::bound(source, expression)),
            None => Self::compile(source),
        }
    }

    fn bound(source: &str, mut expression: IdedExpr) -> Self {
        let bindings = bindings(&mut expression);
        Self {
            source: source.to_owned(),
            expression,
            bindings,
        }
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every fact that the expression names, whether or not an evaluation comes to read it.
    pub fn facts(&self) -> &[FactId] {
        &self.bindings.facts
    }

    /// Every section whose raw body the expression names.
    pub fn sections(&self) -> &[String] {
        &self.bindings.sections
    }

    /// Its truth for these facts.
    pub(crate) fn evaluate(&self, facts: &Facts<'_>, raw: &RawEvidence<'_>) -> Evaluation {
        let evidence = Evidence::new(&self.bindings, facts, raw);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
            context.set_variable_resolver(&evidence);
            let value = Value::resolve_val(&self.expression, &context).map_err(|error| error.to_string())?;
            value
                .downcast_ref::<CelBool>()
                .map(|truth| *truth.inner())
                .ok_or_else(|| format!("the condition gives {}, not a bool", value.get_type().name()))
        }));
        let EvaluationRecord {
            reads,
            raw_reads,
            unknown,
        } = evidence.into_record();
        let truth = match outcome {
            Ok(Ok(truth)) => Ok(truth),
            Ok(Err(message)) => Err(unknown.unwrap_or_else(|| self.undecided(&message))),
            // In a test it is a fault of ours, and the program that is shipped would end.
            Err(panic) if cfg!(test) => resume_unwind(panic),
            Err(_) => Err(self.undecided("the condition could not be evaluated")),
        };
        Evaluation {
            truth,
            reads: reads
                .into_iter()
                .map(|index| self.bindings.facts[index])
                .collect(),
            raw_reads: raw_reads
                .into_iter()
                .map(|index| self.bindings.sections[index].clone())
                .collect(),
        }
    }

    /// Unknown although all evidence could be read: an unset value was compared, or raw evidence has another shape.
    fn undecided(&self, message: &str) -> Unknown {
        let section = self.sections().first().map(String::as_str).or_else(|| {
            let fact = self.facts().first()?;
            fact.definition().sections.first().copied()
        });
        Unknown::because(section.unwrap_or("arguments"), Reason::Absent, message)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Condition, MAXIMUM_LENGTH};
    use crate::facts::{self, FactValue, Facts, Reason, Unknown};
    use crate::rules::condition::cel_values::RawEvidence;
    use crate::snapshot::Snapshot;

    /// Runs on the smallest stack that a system gives a program.
    fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(1024 * 1024);
            thread.spawn_scoped(scope, work).unwrap().join().unwrap()
        })
    }

    fn compile(source: &str) -> Result<Condition, Vec<String>> {
        on_a_small_stack(|| Condition::compile(source))
            .map_err(|problems| problems.into_iter().map(|problem| problem.message).collect())
    }

    /// The account is `a`; whether the operator is System Administrator could not be read.
    fn half_known() -> Facts<'static> {
        let denied = Unknown::because("dataverse.operator_roles", Reason::Denied, "403");
        Facts::given([
            (facts::find("subject.account").unwrap(), Ok(FactValue::from("a"))),
            (facts::find("operator.system_administrator").unwrap(), Err(denied)),
        ])
    }

    #[test]
    fn conditions_follow_kleenes_three_valued_logic() {
        let known = "subject.account == \"a\"";
        let wrong = "subject.account == \"b\"";
        let unknown = "operator.system_administrator";
        for (source, truth) in [
            (known.to_owned(), Some(true)),
            (wrong.to_owned(), Some(false)),
            (unknown.to_owned(), None),
            (format!("!{unknown}"), None),
            (format!("{unknown} == true"), None),
            (format!("{unknown} && {wrong}"), Some(false)),
            (format!("{wrong} && {unknown}"), Some(false)),
            (format!("{unknown} && {known}"), None),
            (format!("{known} && {unknown}"), None),
            (format!("{unknown} || {known}"), Some(true)),
            (format!("{known} || {unknown}"), Some(true)),
            (format!("{unknown} || {wrong}"), None),
            (format!("{unknown} || !{unknown}"), None),
            (format!("{unknown} ? {known} : {known}"), None),
            (format!("[1, 2].exists(x, x == 2 || {unknown})"), Some(true)),
            (format!("[1, 2].exists(x, x == 3 || {unknown})"), None),
            (format!("[1, 2].all(x, x == 1 && {unknown})"), Some(false)),
            (format!("[1, 2].all(x, x > 0 || {unknown})"), Some(true)),
            (format!("[1, 2].all(x, x > 0 && {unknown})"), None),
        ] {
            let condition = compile(&source).unwrap();
            let found = condition.evaluate(&half_known(), &RawEvidence::Nothing);
            assert_eq!(found.truth.ok(), truth, "{source}");
        }
    }

    #[test]
    fn every_cause_that_was_met_is_told_and_reads_are_in_reading_order() {
        let condition = compile(
            "operator.system_administrator && subject.environment == \"x\" && subject.account == \"a\"",
        )
        .unwrap();
        let found = condition.evaluate(&half_known(), &RawEvidence::Nothing);
        let unknown = found.truth.unwrap_err();
        let reasons: Vec<_> = unknown.causes().iter().map(|cause| cause.reason).collect();
        assert_eq!(reasons, [Reason::Denied, Reason::Absent]);
        let reads: Vec<_> = found.reads.iter().map(|id| id.definition().name).collect();
        assert_eq!(
            reads,
            [
                "operator.system_administrator",
                "subject.environment",
                "subject.account"
            ]
        );
    }

    #[test]
    fn raw_evidence_is_read_where_no_fact_exists_and_absence_is_unknown() {
        let bodies: BTreeMap<_, _> = [(
            "graph.user".to_owned(),
            serde_json::json!({"employeeType": "service", "phones": [{"kind": "mobile"}], "nothing": null, "count": 3}),
        )]
        .into();
        for (source, truth) in [
            ("section(\"graph.user\").employeeType == \"service\"", Some(true)),
            ("section(\"graph.user\").count + 1 == 4", Some(true)),
            (
                "section(\"graph.user\").phones.exists(p, p.kind == \"mobile\")",
                Some(true),
            ),
            ("section(\"graph.user\").nothing == null", Some(true)),
            ("size(section(\"graph.user\").phones) == 1", Some(true)),
            ("has(section(\"graph.user\").employeeType)", Some(true)),
            ("has(section(\"graph.user\").other)", Some(false)),
            ("section(\"graph.user\").other == 1", None),
            ("section(\"graph.user\").employeeType > 3", None),
            ("section(\"graph.user\").employeeType == 3", None),
            ("section(\"graph.user\").count != \"3\"", None),
            ("section(\"graph.user\").count != 3", Some(false)),
            ("section(\"graph.user\").count != 2.5", Some(true)),
            ("section(\"graph.user\").employeeType != null", Some(true)),
            ("section(\"graph.domain\").id == \"x\"", None),
        ] {
            let found = compile(source)
                .unwrap()
                .evaluate(&half_known(), &RawEvidence::Given(&bodies));
            assert_eq!(found.truth.ok(), truth, "{source}");
            assert_eq!(found.raw_reads.len(), 1, "{source}");
        }
    }

    #[test]
    fn an_answer_that_is_none_is_as_unknown_to_a_rule_as_to_a_fact() {
        let answered = |body| serde_json::json!({"outcome": "ok", "http_status": 200, "body": body});
        let document = serde_json::json!({
            "schema": "work365-doctor/snapshot/v1", "captured_at": "2026-06-15T09:00:00Z",
            "subject": {"account": "a@fabrikam.com"},
            "sections": {
                "graph.user": answered(serde_json::json!({"error": {"code": "TooManyRequests", "message": "later"}})),
                "graph.domain": answered(serde_json::json!(null)),
                "graph.organization": {"outcome": "denied", "http_status": 403},
            },
        });
        let snapshot = Snapshot::from_bytes(document.to_string().as_bytes()).unwrap();
        for (section, reason) in [
            ("graph.user", Reason::Failed),
            ("graph.domain", Reason::Failed),
            ("graph.organization", Reason::Denied),
            ("graph.per_user_mfa", Reason::Absent),
        ] {
            let condition = compile(&format!("has(section(\"{section}\").error)")).unwrap();
            let found = condition.evaluate(&half_known(), &RawEvidence::Snapshot(&snapshot));
            assert_eq!(found.truth.unwrap_err().causes()[0].reason, reason, "{section}");
        }
    }

    #[test]
    fn patterns_are_compiled_once_and_match() {
        let condition = compile("subject.account.matches(\"^[a-c]$\")").unwrap();
        assert_eq!(condition.bindings.regexes.len(), 1);
        let found = condition.evaluate(&half_known(), &RawEvidence::Nothing);
        assert_eq!(found.truth.ok(), Some(true));
    }

    #[test]
    fn what_could_swallow_the_unknown_or_exhaust_the_stack_is_refused() {
        let long = format!("{} == 1", "1 + ".repeat(400) + "1");
        let deep = format!("{}true{}", "(".repeat(200), ")".repeat(200));
        let sum = format!("{}1 == 1", "1 + ".repeat(60));
        for source in [
            "subject.?account.orValue(\"\") == \"\"",
            "has(subject.account)",
            "subject.account == null",
            &long,
            &deep,
            &sum,
        ] {
            assert!(compile(source).is_err(), "{source}");
        }
        assert!(long.len() > MAXIMUM_LENGTH);
    }

    #[test]
    fn long_chains_of_alternatives_are_accepted() {
        let chain = vec!["subject.account == \"x\""; 30].join(" || ");
        let found = compile(&chain)
            .unwrap()
            .evaluate(&half_known(), &RawEvidence::Nothing);
        assert_eq!(found.truth.ok(), Some(false));
    }

    #[test]
    fn the_deepest_accepted_sum_is_evaluated_on_an_ordinary_stack() {
        let sum = format!("{}1 == 38", "1 + ".repeat(37));
        let found = compile(&sum)
            .unwrap()
            .evaluate(&half_known(), &RawEvidence::Nothing);
        assert_eq!(found.truth.ok(), Some(true));
    }

    #[test]
    fn wrong_types_are_told_with_the_place() {
        for (source, message, place) in [
            (
                "subject.account",
                "the condition gives a text, not true or false",
                "subject.account",
            ),
            ("subject.account == 1", "`==` compares a text with an int", "=="),
            (
                "subject.account && true",
                "`&&` takes true or false, not a text",
                "subject.account",
            ),
            ("size(1) == 1", "an int has no size", "1"),
            (
                "subject.account in \"ab\"",
                "`in` looks into a list, not into a text",
                "\"ab\"",
            ),
            ("subject == 1", "`subject` is a namespace, not a fact", "subject"),
            ("nosuch == 1", "`nosuch` is no fact and no variable", "nosuch"),
            (
                "subject.account.x == 1",
                "a text has no field `x`",
                "subject.account.x",
            ),
            (
                "section(\"graph.usr\").x == 1",
                "there is no section `graph.usr`",
                "(",
            ),
            (
                "subject.account.startWith(\"a\")",
                "there is no function `startWith`",
                "startWith",
            ),
            (
                "[1, \"a\"].exists(x, x == 1)",
                "a list of ints holds a text too",
                "\"a\"",
            ),
        ] {
            let problems = on_a_small_stack(|| Condition::compile(source)).unwrap_err();
            let found: Vec<_> = problems
                .iter()
                .map(|problem| (problem.message.as_str(), &source[problem.span.clone()]))
                .collect();
            assert_eq!(found, [(message, place)], "{source}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn no_text_makes_the_compiler_panic(
            words in proptest::collection::vec(
                prop_oneof![
                    Just("subject.account"), Just("operator.system_administrator"), Just("=="), Just("&&"), Just("||"),
                    Just("!"), Just("("), Just(")"), Just("\"a\""), Just("1"), Just("["), Just("]"), Just(","), Just("in"),
                    Just(".exists(x,"), Just("size("), Just("null"), Just("has("), Just("{"), Just("}"), Just("?"), Just(":"),
                    Just("section(\"graph.user\")"), Just(".matches("), Just("é"), Just("-"), Just("\n"),
                ],
                0..24,
            ),
        ) {
            let source = words.join(" ");
            let compiled = on_a_small_stack(|| Condition::compile(&source));
            match compiled {
                Ok(condition) => { condition.evaluate(&half_known(), &RawEvidence::Nothing); }
                Err(problems) => prop_assert!(problems.iter().all(|problem| source.is_empty() || problem.span.start <= source.len())),
            }
        }
    }
}
