//! From a place in the text of a scalar to the place in the file that holds it.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// The place in the file of the byte `at` of a scalar's text.
///
/// Block and folded scalars lose their indentation and quoted ones their escapes, so the text is walked along with the
/// file: white space matches any white space, an escape sequence matches one character.
pub(crate) fn place_in_file(file: &str, span: &Range<usize>, text: &str, at: usize) -> usize {
    let mut source = Walk::new(file, span.start);
    for (position, character) in text.char_indices() {
        if position >= at && !character.is_whitespace() {
            source.skip_blanks_unless(character);
            break;
        }
        if position >= at {
            break;
        }
        if !character.is_whitespace() || source.is_quoted_escape() {
            source.skip_blanks_unless(character);
            source.skip_one();
        }
    }
    source.place(file)
}

struct Walk<'f> {
    rest: Peekable<CharIndices<'f>>,
    start: usize,
    quote: Option<char>,
}

impl<'f> Walk<'f> {
    fn new(file: &'f str, start: usize) -> Self {
        let start = start.min(file.len());
        let mut rest = file[start..].char_indices().peekable();
        let quote = rest
            .next_if(|(_, character)| matches!(character, '"' | '\''))
            .map(|(_, quote)| quote);
        if quote.is_none()
            && rest
                .next_if(|(_, character)| matches!(character, '|' | '>'))
                .is_some()
        {
            // The span of a block scalar may start at its header.
            while rest.next_if(|(_, character)| *character != '\n').is_some() {}
        }
        Self { rest, start, quote }
    }

    fn is_quoted_escape(&mut self) -> bool {
        self.quote == Some('"') && matches!(self.rest.peek(), Some((_, '\\')))
    }

    fn skip_blanks_unless(&mut self, wanted: char) {
        while self
            .rest
            .next_if(|(_, character)| character.is_whitespace() && *character != wanted)
            .is_some()
        {}
    }

    /// Skips what stands for one character of the text.
    fn skip_one(&mut self) {
        let escaped = self.is_quoted_escape();
        let first = self.rest.next().map(|(_, character)| character);
        if escaped {
            let digits = match self.rest.next() {
                Some((_, 'x')) => 2,
                Some((_, 'u')) => 4,
                Some((_, 'U')) => 8,
                _ => 0,
            };
            for _ in 0..digits {
                self.rest.next();
            }
        } else if first == Some('\'') && self.quote == Some('\'') {
            self.rest.next_if(|(_, character)| *character == '\'');
        }
    }

    fn place(&mut self, file: &str) -> usize {
        self.rest
            .peek()
            .map_or(file.len(), |(offset, _)| self.start + offset)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::place_in_file;
    use crate::embedded::tree::Content;
    use crate::embedded::yaml::parse;

    #[test]
    fn a_place_in_any_style_of_scalar_is_found_in_the_file() {
        for file in [
            "when: a.b != c.d\n",
            "when: \"a.b != c.d\"\n",
            "when: |\n    a.b !=\n    c.d\n",
            "when: >-\n    a.b\n    != c.d\n",
            "when: a.b\n   != c.d\n",
            "when: \"a.b\\n \\u0021= c.d\"\n",
            "when: 'a.b ''!= c.d'\n",
        ] {
            let node = parse(file).unwrap();
            let Content::Map(entries) = &node.content else {
                panic!("{file}");
            };
            let value = &entries[0].value;
            let Content::Scalar(scalar) = &value.content else {
                panic!("{file}");
            };
            let at = scalar.text.find("c.d").unwrap();
            let found = place_in_file(file, &value.span, &scalar.text, at);
            assert_eq!(&file[found..found + 3], "c.d", "{file}");
        }
    }
}
