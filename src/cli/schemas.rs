//! The JSON Schema of every document that the tool prints or writes, by the name in its `schema` key.

use serde_json::Value;

use super::capture::MapFile;
use super::explain::ExplainPage;
use super::plan::Plan;
use crate::conditional_access::WhatIf;
use crate::decode::Decoded;
use crate::decode::batch::{Batch, BatchItem};
use crate::diagnosis::diff::ReportDiff;
use crate::diagnosis::report::Report;
use crate::render::{ErrorLine, FactList, LintReport, RuleList, TestReport, json_schema};
use crate::snapshot;
use crate::token::TokenReport;

type Schema = fn() -> Value;

/// Name of a document, and what makes its schema. `decode-line` is one line of `decode --batch -o ndjson`: a decode
/// answer with its place in the batch.
const SCHEMAS: [(&str, Schema); 16] = [
    ("report", json_schema::<Report>),
    ("report-diff", json_schema::<ReportDiff>),
    ("snapshot", snapshot::json_schema),
    ("redaction-map", json_schema::<MapFile>),
    ("decode", json_schema::<Decoded>),
    ("decode-batch", json_schema::<Batch>),
    ("decode-line", json_schema::<BatchItem>),
    ("explain", json_schema::<ExplainPage>),
    ("plan", json_schema::<Plan>),
    ("rules-list", json_schema::<RuleList>),
    ("rules-facts", json_schema::<FactList>),
    ("rules-lint", json_schema::<LintReport>),
    ("rules-test", json_schema::<TestReport>),
    ("token", json_schema::<TokenReport>),
    ("what-if", json_schema::<WhatIf>),
    ("error", json_schema::<ErrorLine<'static>>),
];

/// The names that [`of`] knows.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// The schema of a document.
pub(super) fn of(name: &str) -> Option<Value> {
    let (_, schema) = SCHEMAS.iter().find(|(known, _)| *known == name)?;
    Some(schema())
}
