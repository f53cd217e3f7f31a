//! JSON from bytes and trees, through the one reader of texts.
//!
//! `serde` makes the code that reads a type anew for each kind of source: bytes, a text, a tree. A report is a hundred types,
//! and each further source would have them in the program once more.

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

/// The value of a document.
///
/// # Errors
///
/// What is wrong and where: no UTF-8, no JSON, or JSON of another shape.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // The reader of bytes says where.
        Err(error) => Err(serde_json::from_slice::<Value>(bytes)
            .err()
            .unwrap_or_else(|| serde_json::Error::custom(error))),
    }
}

/// The value of a tree.
///
/// # Errors
///
/// The tree has another shape.
pub(crate) fn from_tree<T: DeserializeOwned>(tree: &Value) -> serde_json::Result<T> {
    serde_json::from_str(&tree.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::Value;

    use super::{from_bytes, from_tree};

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let error = from_bytes::<Value>(b"{\"a\":\n\"\xff\"}").unwrap_err();
        assert_eq!((error.line(), error.column() > 0), (2, true));
        assert!(from_bytes::<Vec<u8>>(b"[1, 2]").is_ok_and(|list| list == [1, 2]));
        assert!(from_bytes::<Vec<u8>>(b"\"\xff\"").is_err());
    }

    #[test]
    fn a_tree_is_the_value_that_its_text_is() {
        let tree: Value = serde_json::from_str(r#"{"b": [1, null], "a": 0.1}"#).unwrap();
        assert_eq!(from_tree::<Value>(&tree).unwrap(), tree);
        assert!(from_tree::<Vec<u8>>(&tree).is_err());
    }
}
