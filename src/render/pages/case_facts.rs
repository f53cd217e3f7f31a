//! What is known of a case, fact by fact.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::facts::UnknownBecause;
use crate::render::Style;
use crate::render::page::Page;

/// The schema name of the JSON answer.
pub(crate) const SCHEMA: &str = "work365-doctor/facts/v1";

/// Every fact of a case.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CaseFacts {
    /// Always `work365-doctor/facts/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: &'static str,
    /// Every fact, in the order of `rules facts`.
    pub(crate) facts: Vec<CaseFact>,
}

/// One fact of a case.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CaseFact {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the evidence tells it.
    pub(crate) known: bool,
    /// Its value; null also where it is not known.
    pub(crate) value: Value,
    /// What stood in the way; null where it is known.
    pub(crate) because: Option<Vec<UnknownBecause>>,
}

/// The facts for a person.
pub(crate) fn case_facts(facts: &CaseFacts, style: Style) -> String {
    let mut page = Page::new(style);
    for fact in &facts.facts {
        match &fact.because {
            None => page.item(&format!("{}: {}", fact.name, fact.value)),
            Some(because) => {
                let sections: Vec<&str> = because.iter().map(|cause| cause.section.as_str()).collect();
                page.item(&format!("{}: unknown ({})", fact.name, sections.join(", ")));
            }
        }
    }
    page.into_text()
}
