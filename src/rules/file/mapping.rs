//! Reading a mapping of a rule file key by key, and complaining about the keys that it should not or must have.

use std::ops::Range;

use crate::embedded::tree::{Content, Entry, Node, Scalar};
use crate::rules::file::diagnostic::{Desk, did_you_mean};

/// A mapping whose keys are known.
pub(crate) struct Form<'d, 'n, 't> {
    desk: &'d Desk<'d>,
    node: &'n Node<'t>,
    what: &'static str,
}

impl<'d, 'n, 't> Form<'d, 'n, 't> {
    /// The mapping at `node`, after complaining about unknown and repeated keys; nothing if it is no mapping.
    pub(crate) fn open(
        desk: &'d Desk<'d>,
        node: &'n Node<'t>,
        what: &'static str,
        keys: &[&str],
    ) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            desk.complain(
                node.span.clone(),
                format!("{what} must be a mapping, not {}", node.content.kind()),
                Some(format!("its keys are {}", keys.join(", "))),
            );
            return None;
        };
        if desk.is_packed {
            return Some(Self { desk, node, what });
        }
        for entry in entries {
            if !keys.contains(&entry.key.as_ref()) {
                let help = did_you_mean(&entry.key, keys.iter().copied())
                    .unwrap_or_else(|| format!("its keys are {}", keys.join(", ")));
                desk.complain(
                    entry.key_span.clone(),
                    format!("{what} has no key `{}`", entry.key),
                    Some(help),
                );
            }
        }
        complain_about_repeats(desk, entries);
        Some(Self { desk, node, what })
    }

    /// The value of a key that may be missing.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node<'t>> {
        let Content::Map(entries) = &self.node.content else {
            return None;
        };
        entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The value of a key that must be there; complains when it is not.
    pub(crate) fn need(&self, key: &str, suggestion: &str) -> Option<&'n Node<'t>> {
        let value = self.get(key);
        if value.is_none() {
            self.desk.complain(
                self.heading(),
                format!("{} lacks `{key}`", self.what),
                Some(suggestion.to_owned()),
            );
        }
        value
    }

    /// The text of a key that must be there.
    pub(crate) fn need_text(&self, key: &str, suggestion: &str) -> Option<Words<'n>> {
        text(self.desk, self.need(key, suggestion)?)
    }

    /// The items of a list that may be missing.
    pub(crate) fn items(&self, key: &str) -> &'n [Node<'t>] {
        self.get(key).map_or(&[], |node| list(self.desk, node))
    }

    /// The texts of a list that may be missing.
    pub(crate) fn texts(&self, key: &str) -> Vec<Words<'n>> {
        self.items(key)
            .iter()
            .filter_map(|node| text(self.desk, node))
            .collect()
    }

    /// What to underline when the mapping as a whole lacks something: its first line.
    pub(crate) fn heading(&self) -> Range<usize> {
        match &self.node.content {
            Content::Map(entries) => entries.first().map_or(self.node.span.clone(), |first| {
                let end = match &first.value.content {
                    Content::Scalar(scalar) if !scalar.text.contains('\n') => first.value.span.end,
                    _ => first.key_span.end,
                };
                first.key_span.start..end
            }),
            _ => self.node.span.clone(),
        }
    }
}

/// Complains about keys that stand twice: YAML readers differ in which of the two they take.
pub(crate) fn complain_about_repeats(desk: &Desk<'_>, entries: &[Entry<'_>]) {
    for (position, entry) in entries.iter().enumerate() {
        if entries[..position].iter().any(|earlier| earlier.key == entry.key) {
            desk.complain(
                entry.key_span.clone(),
                format!("the key `{}` stands twice", entry.key),
                Some("keep one of the two".to_owned()),
            );
        }
    }
}

/// A text of a rule file and its place.
#[derive(Debug, Clone)]
pub(crate) struct Words<'n> {
    pub(crate) text: &'n str,
    pub(crate) span: Range<usize>,
}

/// The text of a node that must be one.
pub(crate) fn text<'n>(desk: &Desk<'_>, node: &'n Node<'_>) -> Option<Words<'n>> {
    let scalar = scalar(desk, node, "a text")?;
    if scalar.text.trim().is_empty() {
        desk.complain(
            node.span.clone(),
            "a text is missing here",
            Some("write one, or leave the key out if it may be".to_owned()),
        );
        return None;
    }
    Some(Words {
        text: scalar.text.as_ref(),
        span: node.span.clone(),
    })
}

/// The scalar of a node that must be one.
pub(crate) fn scalar<'n, 't>(desk: &Desk<'_>, node: &'n Node<'t>, wanted: &str) -> Option<&'n Scalar<'t>> {
    match &node.content {
        Content::Scalar(scalar) => Some(scalar),
        other => {
            // A text that begins with `{` is read as a mapping: the commonest slip in rule files.
            let suggestion = matches!(other, Content::Map(_)).then(|| "quote it if it is a text".to_owned());
            desk.complain(
                first_line(desk, &node.span),
                format!("{wanted} is wanted here, not {}", other.kind()),
                suggestion,
            );
            None
        }
    }
}

/// The items of a node that must be a list.
pub(crate) fn list<'n, 't>(desk: &Desk<'_>, node: &'n Node<'t>) -> &'n [Node<'t>] {
    match &node.content {
        Content::List(items) => items,
        Content::Scalar(scalar) if scalar.is_null() => &[],
        other => {
            desk.complain(
                first_line(desk, &node.span),
                format!("a list is wanted here, not {}", other.kind()),
                Some("write `[one, two]`, or one item a line after `- `".to_owned()),
            );
            &[]
        }
    }
}

/// The part of `span` on its first line.
pub(crate) fn first_line(desk: &Desk<'_>, span: &Range<usize>) -> Range<usize> {
    let text = desk.file.text().get(span.clone()).unwrap_or_default();
    let length = text.find('\n').unwrap_or(text.len());
    span.start..span.start + length
}

/// The word, if it is one of those allowed; else a complaint.
pub(crate) fn one_of<'w>(
    desk: &Desk<'_>,
    words: &Words<'_>,
    what: &str,
    allowed: &[&'w str],
) -> Option<&'w str> {
    let found = allowed.iter().find(|word| **word == words.text);
    if found.is_none() {
        let choices = allowed.join(", ");
        let suggestion = did_you_mean(words.text, allowed.iter().copied())
            .unwrap_or_else(|| format!("it is one of {choices}"));
        desk.complain(
            words.span.clone(),
            format!("there is no {what} `{}`", words.text),
            Some(suggestion),
        );
    }
    found.copied()
}
