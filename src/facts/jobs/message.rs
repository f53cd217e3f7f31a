//! One message of a job or a plug-in, decoded.

use jiff::Timestamp;

use crate::decode::{Decoded, DecodedError, Family, decode_text};
use crate::facts::jobs::provider::{Provider, provider_of};
use crate::facts::sign_in::entry::Source;

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Where it was read.
    pub(crate) source: Source,
    /// When the job was over, or the exception was thrown.
    pub(crate) at: Option<Timestamp>,
    /// The same of each that says the same, the newest first.
    pub(crate) times: Vec<Option<Timestamp>>,
    /// When the job was over at the latest.
    pub(crate) over_by: Option<Timestamp>,
    /// When what it tells of happened: by its own words, else as `at`.
    pub(crate) happened: Option<Timestamp>,
    /// The job or the class of the plug-in.
    pub(crate) name: Option<String>,
    /// Whether it is the result of a job that failed.
    pub(crate) is_failure: bool,
    /// What it says.
    pub(crate) decoded: Decoded,
    /// The connection that it is about, when that is not the service account's.
    pub(crate) provider: Option<&'static Provider>,
    /// Its first words.
    pub(crate) words: String,
}

impl Message {
    /// The code that explains it best.
    pub(crate) fn primary(&self) -> Option<&DecodedError> {
        self.decoded.primary_error()
    }

    /// The AADSTS number that it refuses with.
    pub(crate) fn sign_in_code(&self) -> Option<i64> {
        let primary = self.primary().filter(|error| error.family == Family::Aadsts)?;
        primary.code.strip_prefix("AADSTS")?.parse().ok()
    }
}

/// The rule of a provider's connection that refuses.
const PROVIDER: &str = "work365-provider-refused";

/// What the text of a result names as its cause: error codes, or the rule of a provider's connection where it is about one.
pub(crate) fn causes_in(text: &str) -> Vec<String> {
    let decoded = decode_text(text.as_bytes());
    causes(&decoded, provider_of(text, &decoded))
}

/// The same of a text that was decoded.
pub(crate) fn causes(decoded: &Decoded, provider: Option<&Provider>) -> Vec<String> {
    match provider {
        Some(_) => vec![PROVIDER.to_owned()],
        None => decoded.errors.iter().map(|error| error.code.clone()).collect(),
    }
}
