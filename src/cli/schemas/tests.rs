//! Each schema is made from its type, and held against its file.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

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
    ErrorLine, FactList, LinkList, LintReport, RuleList, TestReport, TicketFields, json, json_schema,
};
use crate::snapshot;
use crate::token::TokenReport;

use super::lost::lost;
use super::{DOCUMENTS, TOOLS, file, names};

type Schema = fn() -> Value;

/// Name of a document, and what makes its schema.
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

#[test]
fn the_schema_of_every_document_is_what_its_type_says() {
    for (name, schema) in SCHEMAS {
        hold(&file(DOCUMENTS, name), &schema());
    }
    let known: BTreeSet<_> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names().collect::<BTreeSet<_>>(), known);
}

/// Holds the file of a tool against what its type says.
pub(in crate::cli) fn hold_tool(name: &str, now: &Value) {
    hold(&file(TOOLS, name), now);
}

/// Holds a file against what the type says. `BLESS=1 cargo test --lib schema` writes what was added. It never takes away: a key
/// that is gone, renamed or of another type needs version 2.
fn hold(path: &str, now: &Value) {
    let file = std::fs::read_to_string(path).unwrap_or_default();
    let now_text = json(now);
    if let Ok(pinned) = serde_json::from_str(&file) {
        let lost = lost(&pinned, now);
        assert!(lost.is_empty(), "{path} lost:\n{}", lost.join("\n"));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, now_text).unwrap();
    } else {
        assert!(
            file == now_text,
            "{path} is not what the type says: BLESS=1 cargo test --lib schema"
        );
    }
}
