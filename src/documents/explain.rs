//! `explain/v1`: the page of a rule, of an error code or of a symptom.

use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::Symptoms;
use crate::decode::explain::page::{ExplainedCode, Explanation, explain};
use crate::diagnosis::{Doctor, RulePage};
use crate::render::pages::symptom::{SymptomPage, symptom_page};
use crate::render::{Style, code_page, rule_page};

/// The JSON answer: the page of a rule or of an error code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ExplainPage {
    /// `kind` is `rule`.
    Rule(Box<RulePage>),
    /// It has a `code`.
    Code(Box<ExplainedCode>),
    /// It has a `symptom`.
    Symptom(Box<SymptomPage>),
}

/// A name that nothing has.
#[derive(Debug, thiserror::Error)]
#[error("no rule, no error code and no symptom is called `{name}`{}", hint(near))]
pub(crate) struct UnknownName {
    name: String,
    near: Vec<String>,
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        several => format!("; did you mean one of {}?", several.join(", ")),
    }
}

impl ExplainPage {
    /// The page of a rule, an error code or a symptom.
    ///
    /// # Errors
    ///
    /// Nothing has this name.
    pub(crate) fn of(name: &str, doctor: &Doctor) -> Result<Self, UnknownName> {
        if let Some(rule) = doctor.page(name) {
            return Ok(Self::Rule(Box::new(rule)));
        }
        if let Some(symptom) = Symptoms::builtin().find(name) {
            let page = SymptomPage::of(symptom, doctor.book());
            return Ok(Self::Symptom(Box::new(page)));
        }
        match explain(name) {
            Explanation::Code(code) => Ok(Self::Code(code)),
            Explanation::Unknown { suggestions } => Err(UnknownName {
                name: name.to_owned(),
                near: doctor.nearest(name).into_iter().chain(suggestions).collect(),
            }),
        }
    }

    /// The page for a person.
    pub(crate) fn text(&self, style: Style) -> String {
        match self {
            Self::Rule(rule) => rule_page(rule, style),
            Self::Code(code) => code_page(code, style),
            Self::Symptom(symptom) => symptom_page(symptom, style),
        }
    }
}
