//! The JSON Schema of every document that the tool prints or writes, by the name in its `schema` key.

use serde_json::Value;

use crate::ask::AnswersFile;
use crate::conditional_access::WhatIf;
use crate::decode::Decoded;
use crate::decode::many::batch::{Batch, BatchItem};
use crate::diagnosis::diff::ReportDiff;
use crate::diagnosis::report::Report;
use crate::documents::case_file::{Ledger, Manifest, OpenedCase};
use crate::documents::explain::ExplainPage;
use crate::documents::redaction::RedactionMap;
use crate::fleet::document::Fleet;
use crate::fleet::history::History;
use crate::render::pages::ask::{AskList, AskStep};
use crate::render::pages::case_facts::CaseFacts;
use crate::render::pages::plan::Plan;
use crate::render::{
    ErrorLine, FactList, LinkList, LintReport, RuleList, TestReport, TicketFields, json_schema,
};
use crate::snapshot;
use crate::token::TokenReport;

type Schema = fn() -> Value;

/// Name of a document, and what makes its schema. `decode-line` is one line of `decode --batch -o ndjson`: a decode
/// answer with its place in the batch.
const SCHEMAS: [(&str, Schema); 27] = [
    ("report", json_schema::<Report>),
    ("report-diff", json_schema::<ReportDiff>),
    ("snapshot", snapshot::json_schema),
    ("redaction-map", json_schema::<RedactionMap>),
    ("decode", json_schema::<Decoded>),
    ("decode-batch", json_schema::<Batch>),
    ("decode-line", json_schema::<BatchItem>),
    ("explain", json_schema::<ExplainPage>),
    ("plan", json_schema::<Plan>),
    ("rules-list", json_schema::<RuleList>),
    ("rules-facts", json_schema::<FactList>),
    ("rules-lint", json_schema::<LintReport>),
    ("rules-links", json_schema::<LinkList>),
    ("rules-test", json_schema::<TestReport>),
    ("token", json_schema::<TokenReport>),
    ("what-if", json_schema::<WhatIf>),
    ("ask", json_schema::<AskStep>),
    ("ask-list", json_schema::<AskList>),
    ("facts", json_schema::<CaseFacts>),
    ("fleet", json_schema::<Fleet>),
    ("timeline", json_schema::<History>),
    ("answers", json_schema::<AnswersFile>),
    ("case-file", json_schema::<Manifest>),
    ("ledger", json_schema::<Ledger>),
    ("ticket-fields", json_schema::<TicketFields>),
    ("report-open", json_schema::<OpenedCase>),
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
