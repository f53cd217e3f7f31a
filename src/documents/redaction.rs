//! What stays with the customer when a snapshot leaves: the map from pseudonyms to names, and what the file is called.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::snapshot::redact::Redacted;

/// The schema name of the map file.
const MAP_SCHEMA: &str = "work365-doctor/redaction-map/v1";

/// What the customer keeps: the key of the case, and which name each pseudonym stands for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RedactionMap {
    /// Always `work365-doctor/redaction-map/v1`.
    #[schemars(extend("const" = MAP_SCHEMA))]
    schema: String,
    /// The key of the case: the same key gives the same pseudonyms.
    key: String,
    /// Pseudonym to name.
    names: BTreeMap<String, String>,
}

/// Why a text is no map.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MapError {
    /// No JSON, or not of this shape.
    #[error("not a map: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another document.
    #[error("the schema is `{0}`, not `{MAP_SCHEMA}`")]
    Schema(String),
}

impl RedactionMap {
    /// The map of what was replaced, with what an earlier one of the same case knows.
    pub(crate) fn of(redacted: &Redacted, key: &Secret, known: Option<Self>) -> Self {
        let mut names = known.map(|map| map.names).unwrap_or_default();
        for replacement in &redacted.replacements {
            names.insert(replacement.pseudonym.clone(), replacement.original.clone());
        }
        Self {
            schema: MAP_SCHEMA.to_owned(),
            key: key.expose().to_owned(),
            names,
        }
    }

    /// Reads a map.
    ///
    /// # Errors
    ///
    /// The text is none.
    pub(crate) fn read(text: &str) -> Result<Self, MapError> {
        let map: Self = serde_json::from_str(text)?;
        if map.schema == MAP_SCHEMA {
            Ok(map)
        } else {
            Err(MapError::Schema(map.schema))
        }
    }

    /// The key of the case.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// `user-7f3a9c-20260105T101112Z.snapshot.json`: for a redacted snapshot the name is a pseudonym too.
pub(crate) fn suggested_name(document: &serde_json::Value, mark: &str) -> String {
    let text = |pointer: &str| {
        document
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    let account = text("/subject/account").split('@').next().unwrap_or_default();
    let safe = |text: &str| -> String {
        text.chars()
            .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
            .collect()
    };
    let time: String = safe(text("/captured_at")).replace('-', "");
    format!("{}-{time}{mark}.snapshot.json", safe(account))
}
