//! The page of a symptom: what usually stands behind it, and which causes are asked about first.

use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{Symptom, Weights};
use crate::render::Style;
use crate::render::page::Page;
use crate::rules::RuleBook;

const SCHEMA: &str = "work365-doctor/explain/v1";

/// How many causes are shown.
const SHOWN: usize = 10;

/// The JSON answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SymptomPage {
    /// Always `work365-doctor/explain/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: &'static str,
    /// Its id.
    pub(crate) symptom: String,
    /// What it is.
    pub(crate) title: String,
    /// What usually stands behind it.
    pub(crate) means: String,
    /// The causes that it speaks for, the heaviest first.
    pub(crate) causes: Vec<String>,
}

impl SymptomPage {
    /// The page of a symptom.
    pub(crate) fn of(symptom: &Symptom, book: &RuleBook) -> Self {
        let weights = Weights::of(Some(&symptom.id));
        let mut causes: Vec<&str> = book
            .rules()
            .iter()
            .map(|rule| rule.id.as_str())
            .filter(|id| weights.names(id))
            .collect();
        causes.sort_by(|left, right| weights.get(right).total_cmp(&weights.get(left)));
        Self {
            schema: SCHEMA,
            symptom: symptom.id.clone(),
            title: symptom.title.clone(),
            means: symptom.means.clone(),
            causes: causes.into_iter().take(SHOWN).map(str::to_owned).collect(),
        }
    }
}

/// The page for a person.
pub(crate) fn symptom_page(page: &SymptomPage, style: Style) -> String {
    let mut text = Page::new(style);
    let title = text.strong(&page.title);
    text.line(&title);
    text.labelled(0, "Means", &page.means);
    text.blank();
    text.line("Causes that it speaks for, the likeliest first");
    for cause in &page.causes {
        text.item(cause);
    }
    text.blank();
    text.labelled(
        0,
        "Find out",
        &format!("work365-doctor ask --symptom {}", page.symptom),
    );
    text.into_text()
}
