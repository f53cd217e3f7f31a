//! A tree as the build script packed it: read without a parser, borrowed from the bytes.
//!
//! Nodes stand in reading order, behind all of their texts. Of their places only the line is kept, as the distance from the
//! one before it: what is wrong with a file that is carried was told, with its column, when it was packed.

use std::borrow::Cow;

use super::bytes::Bytes;
use super::tree::{Content, Entry, Node, Scalar};

/// What a node is, in its first byte.
pub(crate) const PLAIN: u8 = 0;
pub(crate) const QUOTED: u8 = 1;
pub(crate) const LIST: u8 = 2;
pub(crate) const MAP: u8 = 3;

/// The tree, or nothing when the bytes are none.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Node<'_>> {
    let mut bytes = Bytes(bytes);
    let mut unpacker = Unpacker {
        texts: bytes.text()?,
        bytes,
        line: 1,
    };
    unpacker.node()
}

struct Unpacker<'t> {
    /// The texts that are to come, one after another.
    texts: &'t str,
    bytes: Bytes<'t>,
    line: usize,
}

impl<'t> Unpacker<'t> {
    fn node(&mut self) -> Option<Node<'t>> {
        let kind = self.bytes.byte()?;
        self.line += self.bytes.number()?;
        let line = self.line;
        let content = match kind {
            PLAIN | QUOTED => Content::Scalar(Scalar {
                text: Cow::Borrowed(self.text()?),
                plain: kind == PLAIN,
            }),
            LIST => Content::List(self.many(Self::node)?),
            MAP => Content::Map(self.many(Self::entry)?),
            _ => return None,
        };
        Some(Node {
            span: 0..0,
            line,
            content,
        })
    }

    /// As many as are announced, but no more room than their bytes could fill.
    fn many<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.bytes.number()?;
        let mut all = Vec::with_capacity(count.min(self.bytes.0.len()));
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn entry(&mut self) -> Option<Entry<'t>> {
        Some(Entry {
            key: Cow::Borrowed(self.text()?),
            key_span: 0..0,
            value: self.node()?,
        })
    }

    fn text(&mut self) -> Option<&'t str> {
        let (text, rest) = self.texts.split_at_checked(self.bytes.number()?)?;
        self.texts = rest;
        Some(text)
    }
}
