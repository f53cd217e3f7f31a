//! Where in a JSON text an error of serde_json stands: the path to the value, found from the error's line and column.
//!
//! Reading with the path in hand would make the reader of every type a second time: a twentieth of the program, and of the
//! time to build it, for files that nobody can read anyway.

use serde_json::error::Category;

/// The path to the value that is to blame, as `value[0].id`; empty when the whole text is.
pub(super) fn path_of(text: &str, error: &serde_json::Error) -> String {
    let end = end_of(text, error);
    // A value that cannot be used is named; what is no JSON behind a whole value blames what the value stands in.
    let names_whole_values = error.classify() == Category::Data;
    let mut way = Way::default();
    way.walk(&text.as_bytes()[..end]);
    way.path(names_whole_values)
}

/// The path of what stands at `inner` of what stands at `outer`; either may be the whole.
pub(super) fn joined(outer: &str, inner: &str) -> String {
    let is_apart = !outer.is_empty() && !inner.is_empty() && !inner.starts_with('[');
    format!("{outer}{}{inner}", if is_apart { "." } else { "" })
}

/// How many bytes had been read. A column counts the bytes of its line.
fn end_of(text: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let start = match lines_before.checked_sub(1) {
        Some(last) => memchr::memchr_iter(b'\n', text.as_bytes())
            .nth(last)
            .map_or(0, |at| at + 1),
        None => 0,
    };
    (start + error.column()).min(text.len())
}

/// The lists and mappings around a place, the outermost first.
#[derive(Default)]
struct Way(Vec<Step>);

/// Where in its list or mapping a place is.
enum Step {
    /// An element, and whether it is whole.
    Item { position: usize, is_whole: bool },
    /// A key, if one was read, and whether its value is whole.
    Key { name: Option<String>, is_whole: bool },
}

impl Way {
    fn walk(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'{' => self.0.push(Step::Key {
                    name: None,
                    is_whole: false,
                }),
                b'[' => self.0.push(Step::Item {
                    position: 0,
                    is_whole: false,
                }),
                b'}' | b']' => {
                    self.0.pop();
                    self.whole();
                }
                b',' => self.next(),
                b'"' => {
                    let end = end_of_string(bytes, at);
                    self.string(&bytes[at..end], end < bytes.len());
                    at = end + 1;
                }
                b':' | b' ' | b'\n' | b'\r' | b'\t' => {}
                _ => {
                    // A number or a word that runs to the end may go on.
                    match bytes[at..].iter().position(|byte| b",]} \n\r\t".contains(byte)) {
                        Some(length) => {
                            at += length;
                            self.whole();
                        }
                        None => at = bytes.len(),
                    }
                }
            }
        }
    }

    /// The value that was read last is whole.
    fn whole(&mut self) {
        if let Some(Step::Item { is_whole, .. } | Step::Key { is_whole, .. }) = self.0.last_mut() {
            *is_whole = true;
        }
    }

    fn next(&mut self) {
        match self.0.last_mut() {
            Some(Step::Item { position, is_whole }) => {
                *position += 1;
                *is_whole = false;
            }
            Some(Step::Key { name, is_whole }) => {
                *name = None;
                *is_whole = false;
            }
            None => {}
        }
    }

    fn string(&mut self, text: &[u8], is_closed: bool) {
        match self.0.last_mut() {
            Some(Step::Key {
                name: name @ None, ..
            }) => *name = Some(String::from_utf8_lossy(text).into_owned()),
            _ if is_closed => self.whole(),
            _ => {}
        }
    }

    fn path(&self, names_whole_values: bool) -> String {
        let mut path = String::new();
        for step in &self.0 {
            match step {
                Step::Item { is_whole: true, .. } | Step::Key { is_whole: true, .. }
                    if !names_whole_values => {}
                Step::Item { position, .. } => path.push_str(&format!("[{position}]")),
                Step::Key { name: Some(name), .. } => path = joined(&path, name),
                Step::Key { name: None, .. } => {}
            }
        }
        path
    }
}

/// Position of the closing quote of the string that starts at `start`, or the end of the text.
pub(super) fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut position = start;
    while let Some(offset) = memchr::memchr2(b'"', b'\\', &bytes[position..]) {
        position += offset;
        if bytes[position] == b'"' {
            return position;
        }
        position = (position + 2).min(bytes.len());
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::path_of;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Sample {
        #[serde(default)]
        count: u8,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        inner: BTreeMap<String, Vec<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        id: u8,
    }

    #[test]
    fn the_path_is_that_of_the_value_that_is_to_blame() {
        for (text, path) in [
            // Of another kind, or out of its range.
            (r#"{"count":"x"}"#, "count"),
            (r#"{"count":300,"names":[]}"#, "count"),
            (r#"{"count": {"a":1}}"#, "count"),
            (r#"{"names":["a","b",3]}"#, "names[2]"),
            (r#"{"names":["a\"]",null]}"#, "names[1]"),
            (r#"{"names":{"a":"b"}}"#, "names"),
            ("{\n \"names\": [\n  \"ä\",\n  7\n ]\n}", "names[1]"),
            (r#"{"inner":{"a.b":[{"id":1},{"id":-1}]}}"#, "inner.a.b[1].id"),
            // A key that is missing, or too many.
            (r#"{"inner":{"x":[{"id":1},{}]}}"#, "inner.x[1]"),
            (r#"{"inner":{"x":[{"id":1,"more":2}]}}"#, "inner.x[0].more"),
            (r#"["x"]"#, "[0]"),
            ("7", ""),
            // No JSON, or not all of it.
            (r#"{"names":["a","#, "names[1]"),
            (r#"{"names":["a" "b"]}"#, "names"),
            (r#"{"names":["a","b"#, "names[1]"),
            (r#"{"names":["a","b""#, "names"),
            (r#"{"names":["a"],"#, ""),
            (r#"{"names":["a"]"#, ""),
            (r#"{"count":1,"inner":{"x":[{"id":tru"#, "inner.x[0].id"),
            ("", ""),
            ("nonsense", ""),
        ] {
            let error = serde_json::from_str::<Sample>(text).unwrap_err();
            assert_eq!(path_of(text, &error), path, "{text}: {error}");
        }
    }
}
