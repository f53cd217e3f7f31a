//! YAML as a tree in which every node knows its place, so that a file's faults are found all at once.
//!
//! A typed deserialiser stops at the first wrong key; a rule author wants the whole list. The tree borrows from the
//! text, and comes from the event parser below `serde-saphyr`.

use std::borrow::Cow;
use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// Nesting that no rule file needs; deeper ones are refused.
const MAXIMUM_DEPTH: usize = 24;

/// One YAML node and the byte range of the file that it came from.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) span: Range<usize>,
    pub(super) content: Content<'t>,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Content<'t> {
    Scalar(Scalar<'t>),
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>),
}

/// A scalar; `plain` ones (no quotes, no block) can be a number, a truth or null.
#[derive(Debug)]
pub(super) struct Scalar<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) plain: bool,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) key_span: Range<usize>,
    pub(super) value: Node<'t>,
}

/// Why a text is no usable YAML, and where.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

impl Content<'_> {
    /// The word for it in complaints.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Content::Scalar(_) => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping of keys to values",
        }
    }
}

impl Scalar<'_> {
    /// Whether YAML reads it as null.
    pub(super) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Its truth, if YAML 1.2 reads it as one.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.text.as_ref() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }

    /// Its whole number, if it is one.
    pub(super) fn number(&self) -> Option<i64> {
        self.plain.then(|| self.text.parse().ok()).flatten()
    }
}

/// The first document of `text`.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Unreadable> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        length: text.len(),
    };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(Unreadable {
                    span: 0..0,
                    message: "the file is empty".to_owned(),
                    suggestion: Some("a rule file holds `area: …` and `rules:`".to_owned()),
                });
            }
            event => return reader.node(event, &span, 0),
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, serde_saphyr::granit_parser::StrInput<'t>>,
    length: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Unreadable> {
        match self.parser.next_event() {
            Some(Ok(pair)) => Ok(pair),
            Some(Err(error)) => Err(scan_error(&error)),
            None => Err(Unreadable {
                span: self.length..self.length,
                message: "the file ends too early".to_owned(),
                suggestion: None,
            }),
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Node<'t>, Unreadable> {
        let range = self.range(span);
        if depth > MAXIMUM_DEPTH {
            return Err(refused(range, "nested too deeply", "rule files are flat"));
        }
        match event {
            Event::Scalar(text, style, ..) => Ok(Node {
                span: range,
                content: Content::Scalar(Scalar {
                    text,
                    plain: style == ScalarStyle::Plain,
                }),
            }),
            Event::SequenceStart(..) => self.list(range, depth),
            Event::MappingStart(..) => self.map(range, depth),
            _ => Err(refused(
                range,
                "anchors and aliases are not used in rule files",
                "write the value out",
            )),
        }
    }

    fn list(&mut self, start: Range<usize>, depth: usize) -> Result<Node<'t>, Unreadable> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Node {
                    span: start.start..self.range(&span).end.max(start.end),
                    content: Content::List(items),
                });
            }
            items.push(self.node(event, &span, depth + 1)?);
        }
    }

    fn map(&mut self, start: Range<usize>, depth: usize) -> Result<Node<'t>, Unreadable> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_span = self.range(&span);
            let key = match event {
                Event::MappingEnd => {
                    return Ok(Node {
                        span: start.start..key_span.end.max(start.end),
                        content: Content::Map(entries),
                    });
                }
                Event::Scalar(text, ..) => text,
                _ => {
                    return Err(refused(
                        key_span,
                        "a key must be a plain word",
                        "quote it if need be",
                    ));
                }
            };
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            entries.push(Entry { key, key_span, value });
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        span.byte_range().unwrap_or(0..0)
    }
}

fn refused(span: Range<usize>, message: &str, suggestion: &str) -> Unreadable {
    Unreadable {
        span,
        message: message.to_owned(),
        suggestion: Some(suggestion.to_owned()),
    }
}

fn scan_error(error: &ScanError) -> Unreadable {
    let at = error.marker().byte_offset().unwrap_or(0);
    Unreadable {
        span: at..at + 1,
        message: format!("not valid YAML: {}", error.info()),
        suggestion: Some(
            "quote texts that hold `: `, ` #`, or begin with `{`, `[`, `*`, `&`, `!`, `%`, `@` or a backtick"
                .to_owned(),
        ),
    }
}

/// The place in the file of the byte `at` of a scalar's text.
///
/// Block and folded scalars lose their indentation and quoted ones their escapes, so the text is walked along with the
/// file: white space matches any white space, an escape sequence matches one character.
pub(super) fn place_in_file(file: &str, span: &Range<usize>, text: &str, at: usize) -> usize {
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

    use super::{Content, parse, place_in_file};

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

    #[test]
    fn anchors_are_refused_and_broken_yaml_says_where() {
        assert!(parse("a: &x 1\nb: *x\n").is_err());
        let unreadable = parse("a: 1\n b: [\n").unwrap_err();
        assert!(unreadable.message.starts_with("not valid YAML"), "{unreadable:?}");
    }
}
