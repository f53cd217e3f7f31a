//! Where in a JSON text a reader stopped, as a path: `findings[2].status`.
//!
//! A tracking deserializer would tell the same, for a second copy of the code that reads the whole shape.

/// One container that is open at the place.
enum Open {
    /// The index of the element.
    Array(usize),
    /// The last key.
    Object(String),
}

/// The path of the value at a line and a column, both from one as `serde_json` counts them.
pub(super) fn path_at(text: &[u8], line: usize, column: usize) -> String {
    let start: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let text = &text[..text.len().min(start.saturating_add(column))];
    let mut open: Vec<Open> = Vec::new();
    let mut position = 0;
    while let Some(byte) = text.get(position) {
        match byte {
            b'[' => open.push(Open::Array(0)),
            b'{' => open.push(Open::Object(String::new())),
            b']' | b'}' => {
                open.pop();
            }
            b',' => {
                if let Some(Open::Array(index)) = open.last_mut() {
                    *index += 1;
                }
            }
            b'"' => {
                let length = string_length(&text[position + 1..]);
                let inside = &text[position + 1..position + 1 + length];
                position += length + 1;
                let is_key = text[(position + 1).min(text.len())..]
                    .iter()
                    .find(|byte| !byte.is_ascii_whitespace())
                    == Some(&b':');
                if let (true, Some(Open::Object(key))) = (is_key, open.last_mut()) {
                    *key = String::from_utf8_lossy(inside).into_owned();
                }
            }
            _ => {}
        }
        position += 1;
    }
    open.iter().fold(String::new(), |path, open| match open {
        Open::Array(index) => format!("{path}[{index}]"),
        Open::Object(key) if path.is_empty() => key.clone(),
        Open::Object(key) => format!("{path}.{key}"),
    })
}

/// How long a string is, up to its closing quote.
fn string_length(rest: &[u8]) -> usize {
    let mut position = 0;
    while let Some(byte) = rest.get(position) {
        match byte {
            b'"' => return position,
            b'\\' => position += 2,
            _ => position += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::path_at;

    #[test]
    fn a_place_is_told_by_its_path() {
        #[derive(Debug, serde::Deserialize)]
        struct Shape {
            list: Vec<std::collections::BTreeMap<String, u8>>,
        }
        let whole: Shape = serde_json::from_str(r#"{"list": []}"#).unwrap();
        assert!(whole.list.is_empty());
        for (text, path) in [
            (r#"{"list": [{"a": 1}, {"b\"]": 1, "c": "x"}]}"#, "list[1].c"),
            ("{\"list\": [\n {\"a,:[\": -1}]}", "list[0].a,:["),
            (r#"{"list": 1}"#, "list"),
        ] {
            let error = serde_json::from_str::<Shape>(text).unwrap_err();
            assert_eq!(
                path_at(text.as_bytes(), error.line(), error.column()),
                path,
                "{error}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_place_have_a_path(text: Vec<u8>, line: usize, column: usize) {
            path_at(&text, line, column);
        }
    }
}
