//! The four tools: names, what they are told to do, and the schemas of what goes in and comes out.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool as Definition, ToolAnnotations};
use serde_json::{Value, json};

use crate::cli::schemas;

/// What an agent can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Decode,
    Check,
    Ask,
    Explain,
}

impl Tool {
    const ALL: [Tool; 4] = [Tool::Decode, Tool::Check, Tool::Ask, Tool::Explain];

    /// The tool of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Tool::Decode => "decode",
            Tool::Check => "check",
            Tool::Ask => "ask",
            Tool::Explain => "explain",
        }
    }

    /// Whether its answers hold text that others wrote.
    pub(super) fn quotes_others(self) -> bool {
        self != Tool::Explain
    }

    fn title(self) -> &'static str {
        match self {
            Tool::Decode => "Decode error text",
            Tool::Check => "Judge a snapshot",
            Tool::Ask => "Next best question",
            Tool::Explain => "Explain a rule, code or symptom",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Tool::Decode => {
                "Explains error text of Entra ID, Dataverse, Graph or Work 365: which code it is, what it proves about the \
                 password, who fixes it and how. Send the text itself; logs and JSON are fine."
            }
            Tool::Check => {
                "Judges the evidence of one Work 365 service account (a snapshot) and gives the diagnosis: root causes in the \
                 order to fix them, who does what, how to prove it. A finding is fail, pending, pass, unknown (the evidence \
                 could not be read: never treat it as pass) or not_applicable."
            }
            Tool::Ask => {
                "Without full evidence: the one question that tells most about the cause, who can answer it, and what is still \
                 possible. Put the person's answer into `answers` and call again, until `state` is settled or exhausted."
            }
            Tool::Explain => {
                "The page of a check, a symptom or an error code: what it means, why it breaks Work 365, what to do."
            }
        }
    }

    /// The document that it answers with, by the name that `report schema` knows.
    fn document(self) -> &'static str {
        match self {
            Tool::Decode => "decode",
            Tool::Check => "report",
            Tool::Ask => "ask",
            Tool::Explain => "explain",
        }
    }

    fn definition(self) -> Definition {
        let annotations = ToolAnnotations::with_title(self.title())
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false);
        Definition::new(
            self.name(),
            self.description(),
            object(schemas::tool(self.name())),
        )
        .with_title(self.title())
        .with_raw_output_schema(object(schemas::document(self.document())))
        .with_annotations(annotations)
    }
}

/// The tools as a client lists them.
pub(super) fn definitions() -> Vec<Definition> {
    Tool::ALL.into_iter().map(Tool::definition).collect()
}

/// A schema as the protocol wants it: of an object, and without the address of its dialect, which is the protocol's
/// default and which some clients try to follow.
fn object(schema: Value) -> Arc<JsonObject> {
    let Value::Object(mut schema) = schema else {
        return Arc::default();
    };
    schema.remove("$schema");
    schema.entry("type").or_insert(json!("object"));
    Arc::new(schema)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use schemars::generate::SchemaSettings;

    use super::super::calls::{AskCall, CheckCall, DecodeCall, ExplainCall};
    use super::Tool;
    use crate::cli::schemas::hold_tool;

    fn hold_input<T: JsonSchema>(tool: Tool) {
        let generator = SchemaSettings::draft2020_12().into_generator();
        hold_tool(tool.name(), &generator.into_root_schema_for::<T>().to_value());
    }

    #[test]
    fn the_schema_of_what_each_tool_is_called_with_is_what_its_type_says() {
        for tool in Tool::ALL {
            match tool {
                Tool::Decode => hold_input::<DecodeCall>(tool),
                Tool::Check => hold_input::<CheckCall>(tool),
                Tool::Ask => hold_input::<AskCall>(tool),
                Tool::Explain => hold_input::<ExplainCall>(tool),
            }
        }
    }
}
