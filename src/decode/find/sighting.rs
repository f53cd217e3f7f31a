//! What a pass over a text finds: codes, each with its place and the way the text says it.

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
}
