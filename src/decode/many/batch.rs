//! Many texts at once: one JSON object or string a line, clustered by cause.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decode::answer::{LONGEST_TEXT, decode_text};
use crate::decode::find::times::widen;
use crate::decode::model::{Decoded, DecodedError, Inference};

/// The schema id of a batch.
pub const BATCH_SCHEMA: &str = "work365-doctor/decode-batch/v1";

/// One line of a batch, decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchItem {
    /// The line, counted from 1.
    pub line: u64,
    /// The line's own `id`, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What its text says.
    #[serde(flatten)]
    pub decoded: Decoded,
}

/// The texts of one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// The primary code; none for texts in which nothing was recognised.
    pub primary: Option<String>,
    /// The category of the texts.
    pub category: Option<String>,
    /// How many texts.
    pub count: u64,
    /// Their lines.
    pub lines: Vec<u64>,
    /// The earliest time in them, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// The latest time in them, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// The primary error of the first text of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DecodedError>,
    /// What follows from the first text of the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferences: Vec<Inference>,
}

/// A batch: the clusters, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Batch {
    /// Always [`BATCH_SCHEMA`].
    #[schemars(extend("const" = BATCH_SCHEMA))]
    pub schema: String,
    /// How many texts were read.
    pub texts: u64,
    /// In how many of them something was recognised.
    pub recognised: u64,
    /// The causes.
    pub clusters: Vec<Cluster>,
}

/// A line that is no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Not JSON.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line, counted from 1.
        line: u64,
        /// The column, counted from 1.
        column: usize,
        /// What the JSON reader said.
        message: String,
    },
    /// JSON, but neither a string nor an object with a `text`.
    #[error("line {line}: expected a JSON string, or an object with the text under \"text\"")]
    NoText {
        /// The line, counted from 1.
        line: u64,
    },
}

/// Decodes one line: a JSON string, or an object whose `text` (or `error`, or `message`) holds it.
///
/// # Errors
///
/// [`BatchError`] with the line, when it is not JSON or holds no text.
pub fn item(line: u64, json: &[u8]) -> Result<BatchItem, BatchError> {
    let value: Value = serde_json::from_slice(json).map_err(|error| BatchError::Syntax {
        line,
        column: error.column(),
        message: error.to_string(),
    })?;
    let text = match &value {
        Value::String(text) => Some(text),
        Value::Object(fields) => ["text", "error", "message"]
            .iter()
            .find_map(|key| match fields.get(*key) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            }),
        _ => None,
    };
    let text = text.ok_or(BatchError::NoText { line })?;
    let id = value
        .get("id")
        .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    Ok(BatchItem {
        line,
        id,
        decoded: decode_text(&text.as_bytes()[..text.len().min(LONGEST_TEXT)]),
    })
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self {
            schema: BATCH_SCHEMA.to_owned(),
            texts: 0,
            recognised: 0,
            clusters: Vec::new(),
        }
    }

    /// Adds one decoded line to the cluster of its cause.
    pub fn add(&mut self, item: &BatchItem) {
        self.texts += 1;
        self.recognised += u64::from(item.decoded.recognised);
        let error = item.decoded.primary_error();
        let cluster = match self
            .clusters
            .iter_mut()
            .find(|cluster| cluster.primary == item.decoded.primary)
        {
            Some(cluster) => cluster,
            None => {
                self.clusters.push(Cluster {
                    primary: item.decoded.primary.clone(),
                    category: item.decoded.category.clone(),
                    count: 0,
                    lines: Vec::new(),
                    first_seen: None,
                    last_seen: None,
                    error: error.cloned(),
                    inferences: item.decoded.inferences.clone(),
                });
                let last = self.clusters.len() - 1;
                &mut self.clusters[last]
            }
        };
        cluster.count += 1;
        cluster.lines.push(item.line);
        if let Some(error) = error {
            widen(
                &mut cluster.first_seen,
                &mut cluster.last_seen,
                error.first_seen.as_deref(),
            );
            widen(
                &mut cluster.first_seen,
                &mut cluster.last_seen,
                error.last_seen.as_deref(),
            );
        }
    }

    /// Sorts the clusters: recognised ones first, then by size, then by code.
    pub fn finish(mut self) -> Self {
        self.clusters.sort_by(|left, right| {
            (
                left.primary.is_none(),
                std::cmp::Reverse(left.count),
                &left.primary,
            )
                .cmp(&(
                    right.primary.is_none(),
                    std::cmp::Reverse(right.count),
                    &right.primary,
                ))
        });
        self
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, BatchError, item};

    #[test]
    fn lines_are_clustered_by_their_primary_code() -> Result<(), BatchError> {
        let mut batch = Batch::new();
        for (line, json) in [
            r#"{"id":"a","text":"AADSTS50076: x"}"#,
            r#""AADSTS53003: y""#,
            r#"{"text":"AADSTS50076: z"}"#,
            r#"{"text":"nothing here"}"#,
        ]
        .into_iter()
        .enumerate()
        {
            batch.add(&item(line as u64 + 1, json.as_bytes())?);
        }
        let batch = batch.finish();
        assert_eq!((batch.texts, batch.recognised), (4, 3));
        assert_eq!(batch.clusters[0].primary.as_deref(), Some("AADSTS50076"));
        assert_eq!(batch.clusters[0].lines, [1, 3]);
        assert_eq!(
            batch.clusters.last().and_then(|cluster| cluster.primary.clone()),
            None
        );
        Ok(())
    }

    #[test]
    fn a_bad_line_names_its_place() {
        assert!(matches!(item(7, b"{"), Err(BatchError::Syntax { line: 7, .. })));
        assert_eq!(item(8, b"[1]"), Err(BatchError::NoText { line: 8 }));
    }
}
