//! What a pass over a text finds: codes, each with its place and the way the text says it.

use std::collections::HashSet;

use super::token::tokens;

/// A code met in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// The code, in its one spelling.
    pub code: String,
    /// Where it stands in the plain text.
    pub offset: usize,
    /// How the text says it.
    pub how: How,
}

impl Sighting {
    /// Whether its message stands behind it, as services write both: after a colon, or in the next field.
    pub(crate) fn has_message(&self, text: &str) -> bool {
        let spelled = text.get(self.offset..).unwrap_or_default();
        let behind = spelled.trim_start_matches(|part: char| part.is_ascii_alphanumeric());
        match self.how {
            How::Told | How::Prose => false,
            How::Spelled => match behind.strip_prefix(['"', '\'']) {
                Some(field) => field.trim_start().starts_with([',', ':']),
                None => behind.trim_start_matches([' ', ')', ']']).starts_with(':'),
            },
            How::Field | How::Inner => true,
        }
    }
}

/// How a text says a code, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// In words, without the code.
    Told,
    /// As a bare number or word in running text.
    Prose,
    /// Spelled in full.
    Spelled,
    /// As the value of a field that holds nothing but error codes.
    Field,
    /// As the whole message of another error, which thereby only carries it.
    Inner,
}

/// What one pass over a text found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scan {
    /// Codes in the order of the text.
    pub sightings: Vec<Sighting>,
    /// Valid codes by accident, in a text of another product.
    pub foreign: Vec<String>,
    /// Words of the text that may be names of codes, in small letters, once somebody asks for them.
    words: Option<HashSet<String>>,
}

/// A name of a code has at least so many letters.
const SHORTEST_NAME: usize = 8;

impl Scan {
    /// Whether a text, the same at each call, has the name of a code among its words.
    pub(super) fn mentions(&mut self, text: &str, name: &str) -> bool {
        if name.len() < SHORTEST_NAME {
            return false;
        }
        let words = self.words.get_or_insert_with(|| {
            let words = tokens(text)
                .filter(|token| token.word().len() >= SHORTEST_NAME && !token.starts_with_digit());
            words.map(|token| token.word().to_ascii_lowercase()).collect()
        });
        words.contains(&name.to_ascii_lowercase())
    }
}
