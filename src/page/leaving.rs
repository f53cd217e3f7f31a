//! What leaves the page: a redacted snapshot or a case file for support. The map, which leads back to the names, stays.

use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::Engine;
use super::error::PageError;
use crate::ask::{AnswersFile, Questions};
use crate::documents::case_file::{Case, build, open};
use crate::documents::interview::put_answers;
use crate::documents::redaction::{RedactionMap, suggested_name};
use crate::render;
use crate::secret::Secret;
use crate::snapshot::redact::{self, CaseKey, Redacted, redact};

/// A case file, and what stays.
#[wasm_bindgen]
pub struct PageCase {
    archive: Vec<u8>,
    about: String,
}

#[wasm_bindgen]
impl PageCase {
    /// The bytes of the ZIP archive.
    #[wasm_bindgen(getter)]
    pub fn archive(&self) -> Vec<u8> {
        self.archive.clone()
    }

    /// A name for the file, what is replaced by what, its summary, and the map.
    #[wasm_bindgen(getter)]
    pub fn about(&self) -> String {
        self.about.clone()
    }
}

#[wasm_bindgen]
impl Engine {
    /// What would leave and what stays: the redacted snapshot, its map, what is replaced by what, and a name for the file.
    /// The key is that of the map, where there is one.
    ///
    /// # Errors
    ///
    /// No snapshot, no map, or a leak.
    pub fn redact(&self, snapshot: &[u8], random: &str, map: Option<String>) -> Result<String, PageError> {
        let kept = Kept::of(snapshot, random, map)?;
        Ok(render::ndjson(&serde_json::json!({
            "name": suggested_name(&kept.redacted.document, ""),
            "snapshot": render::json(&kept.redacted.document),
            "replaced": kept.replaced(),
            "map": kept.map(),
        })))
    }

    /// A case file: what `capture --case` writes. Error and answers are those that a person gave.
    ///
    /// # Errors
    ///
    /// No snapshot, map or answers, or a leak.
    pub fn case_file(
        &self,
        snapshot: &[u8],
        random: &str,
        map: Option<String>,
        error: Option<String>,
        answers: Option<String>,
    ) -> Result<PageCase, PageError> {
        let mut document = redact::document(snapshot).map_err(PageError::of)?;
        if let Some(answers) = answers {
            let given =
                AnswersFile::from_bytes(answers.as_bytes(), Questions::builtin()).map_err(PageError::of)?;
            put_answers(&mut document, &given).map_err(PageError::of)?;
        }
        let mut kept = Kept::of(document.to_string().as_bytes(), random, map)?;
        let (archive, report) = build(Case {
            redacted: &mut kept.redacted,
            error: error.as_deref(),
            requests: Vec::new(),
            doctor: &self.doctor,
        })
        .map_err(PageError::of)?;
        let name = suggested_name(&kept.redacted.document, "");
        let about = render::ndjson(&serde_json::json!({
            "name": name.replace(".snapshot.json", ".case.zip"),
            "headline": report.diagnosis.headline,
            "replaced": kept.replaced(),
            "map": kept.map(),
        }));
        Ok(PageCase { archive, about })
    }

    /// `report-open/v1`: a case file, verified.
    ///
    /// # Errors
    ///
    /// It is none, or a damaged one.
    pub fn open_case(&self, bytes: &[u8]) -> Result<String, PageError> {
        open(bytes).map(|case| render::json(&case)).map_err(PageError::of)
    }
}

/// Redacted evidence with its key.
struct Kept {
    redacted: Redacted,
    key: Secret,
    known: Option<RedactionMap>,
}

impl Kept {
    fn of(snapshot: &[u8], random: &str, map: Option<String>) -> Result<Self, PageError> {
        let known = map
            .as_deref()
            .map(RedactionMap::read)
            .transpose()
            .map_err(PageError::of)?;
        let key = Secret::new(known.as_ref().map_or(random, RedactionMap::key));
        let redacted = redact(snapshot, &CaseKey::new(key.expose())).map_err(PageError::of)?;
        Ok(Self { redacted, key, known })
    }

    /// Kind, name and pseudonym of everything that was replaced.
    fn replaced(&self) -> Vec<Value> {
        self.redacted
            .replacements
            .iter()
            .filter(|replacement| replacement.original != replacement.pseudonym)
            .map(|replacement| {
                serde_json::json!([
                    replacement.kind.word(),
                    replacement.original,
                    replacement.pseudonym
                ])
            })
            .collect()
    }

    fn map(self) -> String {
        render::json(&RedactionMap::of(&self.redacted, &self.key, self.known))
    }
}
