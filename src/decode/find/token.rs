//! The words of a text: runs of ASCII letters, digits and underscores, and what stands around them.

/// A run of letters, digits and underscores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Where the token starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The tokens of a text, in order.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let bytes = text.as_bytes();
    let mut position = 0;
    std::iter::from_fn(move || {
        while position < bytes.len() && !is_word(bytes[position]) {
            position += 1;
        }
        if position == bytes.len() {
            return None;
        }
        let start = position;
        while position < bytes.len() && is_word(bytes[position]) {
            position += 1;
        }
        Some(Token {
            text,
            start,
            end: position,
        })
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl<'a> Token<'a> {
    /// The token's own text.
    pub(crate) fn word(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    /// True for numbers, hexadecimal ones included.
    pub(crate) fn starts_with_digit(&self) -> bool {
        self.text.as_bytes()[self.start].is_ascii_digit()
    }

    /// Up to `length` bytes before the token.
    pub(crate) fn before(&self, length: usize) -> &'a str {
        &self.text[floor(self.text, self.start.saturating_sub(length))..self.start]
    }

    /// Up to `length` bytes after the token.
    pub(crate) fn after(&self, length: usize) -> &'a str {
        &self.text[self.end..floor(self.text, (self.end + length).min(self.text.len()))]
    }

    /// True when a minus sign stands directly before the token and belongs to it.
    pub(crate) fn is_negative(&self) -> bool {
        let before = self.before(2).as_bytes();
        match before {
            [.., other, b'-'] => !is_word(*other),
            [b'-'] => true,
            _ => false,
        }
    }

    /// The key that the token is the value of, in lower case, without separators: `error_code` and
    /// `Error Code` both give `errorcode`. `None` when no `:`, `=` or tag stands between.
    pub(crate) fn key(&self) -> Option<String> {
        let before = self.before(60);
        let trimmed =
            before.trim_end_matches(['"', '\'', '`', ' ', '\t', '\n', '\\', '-', '(', '{', '[', '*']);
        let separator = trimmed.chars().next_back()?;
        if !matches!(separator, ':' | '=' | '>' | '\u{ff1a}') {
            return None;
        }
        let trimmed = trimmed
            .trim_end_matches([':', '=', '>', '\u{ff1a}', ' '])
            .trim_end_matches(['"', '\'', '`', ' ', '\t', '\\', '*']);
        let start = trimmed
            .rfind(|character: char| {
                !(character.is_ascii_alphanumeric() || matches!(character, '_' | ' ' | '.' | '-'))
            })
            .map_or(0, |index| {
                index + trimmed[index..].chars().next().map_or(1, char::len_utf8)
            });
        let key: String = trimmed[start..]
            .chars()
            .filter(|character| character.is_ascii_alphanumeric())
            .map(|character| character.to_ascii_lowercase())
            .collect();
        (!key.is_empty()).then_some(key)
    }

    /// True when the token is followed by a colon and a sentence, as a message follows its code.
    pub(crate) fn introduces_a_message(&self) -> bool {
        let after = self.after(8).trim_start_matches(['`', '\'', '"', '*']);
        after
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with([' ', '\n']) || rest.is_empty())
    }
}

/// True for the words that stand around a code and say nothing else: "error", "code", "what does … mean".
pub(crate) fn is_filler(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "error"
            | "errorcode"
            | "code"
            | "hex"
            | "failed"
            | "failure"
            | "exception"
            | "message"
            | "the"
            | "a"
            | "got"
            | "i"
            | "get"
            | "with"
            | "is"
            | "what"
            | "does"
            | "mean"
            | "hresult"
    )
}

/// The nearest character boundary at or below `index`.
pub(crate) fn floor(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn keys(text: &str, word: &str) -> Option<String> {
        tokens(text)
            .find(|token| token.word() == word)
            .and_then(|token| token.key())
    }

    #[test]
    fn the_key_of_a_value_is_found_through_quotes_tags_and_spaces() {
        for (text, key) in [
            (r#"{"error":"invalid_grant"}"#, Some("error")),
            ("ErrorCode: invalid_grant", Some("errorcode")),
            ("error=invalid_grant&x", Some("error")),
            ("<Code>invalid_grant</Code>", Some("code")),
            (
                "Message contains error: 'invalid_grant'",
                Some("messagecontainserror"),
            ),
            (r#"""error"" : ""invalid_grant"""#, Some("error")),
            ("we saw invalid_grant", None),
        ] {
            assert_eq!(keys(text, "invalid_grant").as_deref(), key, "{text}");
        }
    }

    #[test]
    fn tokens_are_cut_at_everything_that_is_no_letter_digit_or_underscore() {
        let found: Vec<&str> = tokens("コードAADSTS50076は-2147220960,x_y")
            .map(|token| token.word())
            .collect();
        assert_eq!(found, ["AADSTS50076", "2147220960", "x_y"]);
    }
}
