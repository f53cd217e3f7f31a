//! The evidence as CEL values, borrowed where it is large, and a record of what a condition read.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Sizer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use serde_json::Value as Json;

use crate::facts::{FactId, FactValue, Facts, Reason, Unknown};
use crate::snapshot::{Snapshot, Unread};

use crate::rules::condition::functions::Regex;

/// Where `section("…")` finds raw bodies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RawEvidence<'a> {
    /// The snapshot that the facts come from.
    Snapshot(&'a Snapshot),
    /// Bodies written into a rule's own test.
    Given(&'a BTreeMap<String, Json>),
    /// None.
    Nothing,
}

/// What the variables of a condition stand for, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// Every fact that it names.
    pub(crate) facts: Vec<FactId>,
    /// Every section whose raw body it names.
    pub(crate) sections: Vec<String>,
    /// Its patterns.
    pub(crate) regexes: Vec<Regex>,
}

/// What one evaluation read, by position in the condition's lists, and what it could not read.
#[derive(Debug, Default)]
pub(crate) struct EvaluationRecord {
    pub(crate) reads: Vec<usize>,
    pub(crate) raw_reads: Vec<usize>,
    pub(crate) unknown: Option<Unknown>,
}

/// Answers the variables of one evaluation.
pub(crate) struct Evidence<'r, 'a> {
    bindings: &'r Bindings,
    facts: &'r Facts<'a>,
    raw: RawEvidence<'r>,
    bodies: Vec<OnceLock<Json>>,
    record: Mutex<EvaluationRecord>,
}

static NULL: CelNull = CelNull;

impl<'r, 'a> Evidence<'r, 'a> {
    // The blank keeps these names out of reach of any expression.
    pub(crate) const FACT: &'static str = "fact ";
    pub(crate) const SECTION: &'static str = "section ";
    pub(crate) const REGEX: &'static str = "regex ";

    pub(crate) fn new(bindings: &'r Bindings, facts: &'r Facts<'a>, raw: &RawEvidence<'r>) -> Self {
        Self {
            bindings,
            facts,
            raw: *raw,
            bodies: std::iter::repeat_with(OnceLock::new)
                .take(bindings.sections.len())
                .collect(),
            record: Mutex::default(),
        }
    }

    pub(crate) fn into_record(self) -> EvaluationRecord {
        self.record.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn fact(&self, index: usize) -> Option<CowVal<'_, '_>> {
        let reading = self.facts.get(*self.bindings.facts.get(index)?);
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if !record.reads.contains(&index) {
            record.reads.push(index);
            if let Err(unknown) = reading {
                record.note(unknown.clone());
            }
        }
        Some(value_of(reading.as_ref().ok()?))
    }

    fn section(&self, index: usize) -> Option<CowVal<'_, '_>> {
        let name = self.bindings.sections.get(index)?;
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if !record.raw_reads.contains(&index) {
            record.raw_reads.push(index);
        }
        match self.body(name) {
            Ok(body) => Some(json(self.bodies.get(index)?.get_or_init(|| body))),
            Err(unknown) => {
                record.note(unknown);
                None
            }
        }
    }

    fn body(&self, name: &str) -> Result<Json, Unknown> {
        let raw = match self.raw {
            RawEvidence::Nothing => Err(Unread::Absent),
            RawEvidence::Given(bodies) => match bodies.get(name) {
                Some(body) => return Ok(body.clone()),
                None => Err(Unread::Absent),
            },
            RawEvidence::Snapshot(snapshot) => snapshot.raw_answer(name),
        };
        let raw = raw.map_err(|unread| Unknown::of(name, &unread))?;
        serde_json::from_str(raw).map_err(|error| Unknown::because(name, Reason::Failed, error.to_string()))
    }
}

impl EvaluationRecord {
    fn note(&mut self, unknown: Unknown) {
        self.unknown = Some(match self.unknown.take() {
            Some(known) => known.and(unknown),
            None => unknown,
        });
    }
}

impl VariableResolver for Evidence<'_, '_> {
    /// The value of a bound variable. `None` is "undeclared" to the evaluator: the error that means unknown.
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(index) = variable.strip_prefix(Self::FACT) {
            self.fact(index.parse().ok()?)
        } else if let Some(index) = variable.strip_prefix(Self::SECTION) {
            self.section(index.parse().ok()?)
        } else {
            let index: usize = variable.strip_prefix(Self::REGEX)?.parse().ok()?;
            Some(CowVal::Borrowed(self.bindings.regexes.get(index)?))
        }
    }
}

fn value_of(value: &FactValue) -> CowVal<'_, '_> {
    match value {
        FactValue::Null => CowVal::Borrowed(&NULL),
        FactValue::Bool(truth) => CowVal::owned(CelBool::from(*truth)),
        FactValue::Int(number) => CowVal::owned(CelInt::from(*number)),
        FactValue::Text(text) => CowVal::owned(CelString::from(text.as_str())),
        FactValue::Time(time) => CowVal::owned(CelString::from(time.to_string())),
        FactValue::Texts(texts) => {
            let items = texts.iter().map(|text| boxed(CelString::from(text.as_str())));
            CowVal::owned(CelList::from(items.collect::<Vec<_>>()))
        }
    }
}

fn boxed<'v>(value: impl Val + 'v) -> Box<dyn Val + 'v> {
    Box::new(value)
}

/// A JSON object of a raw body; its members are looked at when they are asked for.
#[derive(Debug, Clone, Copy)]
struct Object<'a>(&'a serde_json::Map<String, Json>);

static OBJECT: Type = MAP_TYPE;

fn json<'a>(value: &'a Json) -> CowVal<'a, 'a> {
    match value {
        Json::Null => CowVal::Borrowed(&NULL),
        other => CowVal::Owned(boxed_json(other)),
    }
}

fn boxed_json<'a>(value: &'a Json) -> Box<dyn Val + 'a> {
    match value {
        Json::Null => boxed(CelNull),
        Json::Bool(truth) => boxed(CelBool::from(*truth)),
        Json::String(text) => boxed(CelString::from(text.as_str())),
        Json::Array(items) => boxed(CelList::from(items.iter().map(boxed_json).collect::<Vec<_>>())),
        Json::Object(members) => boxed(Object(members)),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(signed), _) => boxed(CelInt::from(signed)),
            (None, Some(unsigned)) => boxed(CelUInt::from(unsigned)),
            (None, None) => boxed(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
    }
}

impl Val for Object<'_> {
    fn get_type(&self) -> &Type {
        &OBJECT
    }

    fn cel_type() -> &'static Type {
        &OBJECT
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Indexer for Object<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = index
            .downcast_ref::<CelString<'_>>()
            .map(CelString::inner)
            .unwrap_or_default();
        match self.0.get(name) {
            Some(value) => Ok(CowVal::Owned(boxed_json(value))),
            None => Err(ExecutionError::no_such_key(name)),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Container for Object<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let name = value.downcast_ref::<CelString<'_>>();
        Ok(name.is_some_and(|name| self.0.contains_key(name.inner())))
    }
}

impl Sizer for Object<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}
