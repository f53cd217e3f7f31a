//! What went wrong, in one line for the person at the page.

use wasm_bindgen::JsValue;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// As the library says it.
    #[error("{0}")]
    Said(String),
    /// Settings that the script wrote wrongly.
    #[error("the settings cannot be read: {0}")]
    Settings(#[from] serde_json::Error),
    /// A setting whose value is none of those that it can have.
    #[error("{name}: {reason}")]
    Setting {
        /// Its name, as the flag of the command line.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A step without a snapshot has to be told the time.
    #[error("an interview without a snapshot needs the time")]
    NoTime,
    /// The browser did not give the bytes of a file.
    #[error("the file cannot be read: {0}")]
    File(String),
}

impl PageError {
    pub(super) fn of(error: impl std::fmt::Display) -> Self {
        Self::Said(error.to_string())
    }
}

impl From<PageError> for JsValue {
    fn from(error: PageError) -> Self {
        JsValue::from_str(&error.to_string())
    }
}
