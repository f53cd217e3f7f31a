//! YAML read into a [`Node`]; the tree borrows from the text.
//!
//! `build.rs` reads the files of `rules/` with this file, and the program reads those of `--rules`.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::tree::{Content, Entry, Node, Scalar};

/// Nesting that no rule file needs; deeper ones are refused.
const MAXIMUM_DEPTH: usize = 24;

/// Why a text is no usable YAML, and where.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
}

/// The first document of `text`.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, Unreadable> {
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
    parser: Parser<'t, StrInput<'t>>,
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
                line: span.start.line(),
                span: range,
                content: Content::Scalar(Scalar {
                    text,
                    plain: style == ScalarStyle::Plain,
                }),
            }),
            Event::SequenceStart(..) => self.list(range, span.start.line(), depth),
            Event::MappingStart(..) => self.map(range, span.start.line(), depth),
            _ => Err(refused(
                range,
                "anchors and aliases are not used in rule files",
                "write the value out",
            )),
        }
    }

    fn list(&mut self, start: Range<usize>, line: usize, depth: usize) -> Result<Node<'t>, Unreadable> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Node {
                    span: start.start..self.range(&span).end.max(start.end),
                    line,
                    content: Content::List(items),
                });
            }
            items.push(self.node(event, &span, depth + 1)?);
        }
    }

    fn map(&mut self, start: Range<usize>, line: usize, depth: usize) -> Result<Node<'t>, Unreadable> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_span = self.range(&span);
            let key = match event {
                Event::MappingEnd => {
                    return Ok(Node {
                        span: start.start..key_span.end.max(start.end),
                        line,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::parse;

    #[test]
    fn anchors_are_refused_and_broken_yaml_says_where() {
        assert!(parse("a: &x 1\nb: *x\n").is_err());
        let unreadable = parse("a: 1\n b: [\n").unwrap_err();
        assert!(unreadable.message.starts_with("not valid YAML"), "{unreadable:?}");
    }
}
