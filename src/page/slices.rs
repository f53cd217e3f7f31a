//! A file of the browser as a reader. The script reads slices as they are asked for, so that a file of any size is never
//! held whole.

use std::io::{self, Read};

use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::error::PageError;

/// Reads from the start to the end.
pub(super) struct Slices {
    file: JsValue,
    read: Function,
    size: u64,
    at: u64,
}

impl Slices {
    /// Of an object with `size` and `read(offset, length)`, which answers with bytes.
    pub(super) fn of(file: &JsValue) -> Result<Self, PageError> {
        let property =
            |name: &str| Reflect::get(file, &JsValue::from_str(name)).map_err(|error| unreadable(&error));
        let size = property("size")?.as_f64().unwrap_or_default();
        let read = property("read")?
            .dyn_into::<Function>()
            .map_err(|other| unreadable(&other))?;
        Ok(Self {
            file: file.clone(),
            read,
            size: size as u64,
            at: 0,
        })
    }

    /// How many bytes there are.
    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

impl Read for Slices {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = (buffer.len() as u64).min(self.size - self.at);
        if wanted == 0 {
            return Ok(0);
        }
        let slice = self
            .read
            .call2(
                &self.file,
                &JsValue::from(self.at as f64),
                &JsValue::from(wanted as f64),
            )
            .map_err(|error| io::Error::other(unreadable(&error)))?;
        let bytes = Uint8Array::new(&slice);
        let length = (bytes.length() as usize).min(buffer.len());
        let Some(filled) = buffer.get_mut(..length) else {
            return Ok(0);
        };
        bytes.subarray(0, length as u32).copy_to(filled);
        self.at += length as u64;
        Ok(length)
    }
}

fn unreadable(error: &JsValue) -> PageError {
    let said = Reflect::get(error, &JsValue::from_str("message")).ok();
    let said = said
        .and_then(|said| said.as_string())
        .or_else(|| error.as_string());
    PageError::File(said.unwrap_or_else(|| "the browser does not say why".to_owned()))
}
