//! The other side of `packed.rs`: how the build script writes a tree.

use super::packed::{LIST, MAP, PLAIN, QUOTED};
use super::tree::{Content, Entry, Node};

/// The packed form of a tree. Entries called `left_out` are not in it.
pub(crate) fn tree(root: &Node<'_>, left_out: Option<&str>) -> Vec<u8> {
    let mut packer = Packer {
        texts: String::new(),
        bytes: Vec::new(),
        line: 1,
        left_out,
    };
    packer.node(root);
    let mut packed = Vec::new();
    put_text(&mut packed, &packer.texts);
    packed.extend(packer.bytes);
    packed
}

struct Packer<'l> {
    texts: String,
    bytes: Vec<u8>,
    line: usize,
    left_out: Option<&'l str>,
}

impl Packer<'_> {
    fn node(&mut self, node: &Node<'_>) {
        self.bytes.push(match &node.content {
            Content::Scalar(scalar) if scalar.plain => PLAIN,
            Content::Scalar(_) => QUOTED,
            Content::List(_) => LIST,
            Content::Map(_) => MAP,
        });
        put_number(&mut self.bytes, node.line - self.line);
        self.line = node.line;
        match &node.content {
            Content::Scalar(scalar) => self.text(&scalar.text),
            Content::List(items) => {
                put_number(&mut self.bytes, items.len());
                items.iter().for_each(|item| self.node(item));
            }
            Content::Map(entries) => {
                let kept = |entry: &&Entry<'_>| self.left_out != Some(entry.key.as_ref());
                let kept: Vec<_> = entries.iter().filter(kept).collect();
                put_number(&mut self.bytes, kept.len());
                for entry in kept {
                    self.text(&entry.key);
                    self.node(&entry.value);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        put_number(&mut self.bytes, text.len());
        self.texts.push_str(text);
    }
}

/// Seven bits a byte, the lowest first.
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len());
    bytes.extend(text.as_bytes());
}
