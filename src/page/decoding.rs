//! Error texts, logs and captures: `decode/v1`, what a snapshot adds to it, and how it is read.

use std::io::BufReader;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::error::PageError;
use super::slices::Slices;
use super::{Engine, FRAMED, format_of, read_snapshot, settings};
use crate::decode::many::input::{decode_input, or_thoroughly};
use crate::decode::many::merge::merge;
use crate::decode::{Decoded, decode_text};
use crate::documents::grants;
use crate::remedy::{Remedy, places};
use crate::render::{self, Format};

/// A buffer between the browser's files and the decoder: each call out of the engine costs more than its bytes.
const WINDOW: usize = 4 << 20;

#[wasm_bindgen]
impl Engine {
    /// `decode/v1` for texts and files: strings, and objects with `size` and `read(offset, length)`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, with its place in the list.
    pub fn decode(&self, inputs: &Array, progress: &Function) -> Result<String, PageError> {
        let mut answers = Vec::new();
        for input in inputs.iter() {
            answers.push(match input.as_string() {
                Some(text) => decode_text(text.as_bytes()),
                None => decode_file(&input, progress)?,
            });
        }
        // One input is its own answer, exactly; merging is for several.
        let answer = match answers.len() {
            1 => answers.pop().unwrap_or_else(Decoded::nothing),
            _ => merge(answers),
        };
        Ok(render::json(&answer))
    }

    /// `decode/v1` completed with the evidence of the account that was refused, as `decode --snapshot` gives it.
    ///
    /// # Errors
    ///
    /// It is no `decode/v1`, or the snapshot or the profile cannot be read.
    pub fn grants(&self, json: &str, snapshot: &[u8], profile: &str) -> Result<String, PageError> {
        let mut answer: Decoded = serde_json::from_str(json).map_err(PageError::of)?;
        let snapshot = read_snapshot(snapshot)?;
        grants::with_evidence(
            &mut answer,
            &snapshot,
            &self.doctor,
            settings::profile(profile)?,
            None,
        );
        Ok(render::json(&answer))
    }

    /// A decoded text as Markdown or HTML.
    ///
    /// # Errors
    ///
    /// It is no `decode/v1`, or there is no such format.
    pub fn decoded(&self, json: &str, format: &str) -> Result<String, PageError> {
        let decoded: Decoded = serde_json::from_str(json).map_err(PageError::of)?;
        let text = render::decoded(&decoded, FRAMED);
        match format_of(format)? {
            Format::Markdown => Ok(render::framed_markdown(&text)),
            Format::Html => Ok(render::framed_html("Decoded errors", &text)),
            _ => Ok(text),
        }
    }

    /// The steps of each remedy as they are to be numbered: what can be done in the stead of a step stands beside it. A
    /// list for each remedy; empty where there is none.
    ///
    /// # Errors
    ///
    /// It is no list of remedies.
    pub fn places(&self, remedies: &str) -> Result<String, PageError> {
        let remedies: Vec<Option<Remedy>> = serde_json::from_str(remedies).map_err(PageError::of)?;
        let of_each: Vec<_> = remedies
            .iter()
            .map(|remedy| {
                remedy
                    .as_ref()
                    .map(|remedy| places(&remedy.steps))
                    .unwrap_or_default()
            })
            .collect();
        Ok(render::ndjson(&of_each))
    }
}

fn decode_file(file: &JsValue, progress: &Function) -> Result<Decoded, PageError> {
    let open = || Slices::of(file);
    let tell = |bytes: u64| {
        // A script that cannot show progress is none of the decoder's trouble.
        let _ = progress.call1(&JsValue::NULL, &JsValue::from(bytes as f64));
    };
    let slices = open()?;
    let size = slices.size();
    let decoded = decode_input(BufReader::with_capacity(WINDOW, slices), tell).map_err(PageError::of)?;
    let again = || {
        open()
            .map(|slices| BufReader::with_capacity(WINDOW, slices))
            .map_err(std::io::Error::other)
    };
    or_thoroughly(decoded, size, again, tell).map_err(PageError::of)
}
