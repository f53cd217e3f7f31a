//! Reads a ZIP archive that a stranger may have made, into memory and within bounds.
//!
//! The directory decides; what a header in front of an entry says otherwise is a fault. Nothing is unpacked before its
//! name is known, and never more than the bounds allow.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use thiserror::Error;

use super::zip_format::{
    CENTRAL, CENTRAL_SIGNATURE, DEFLATED, END, END_SIGNATURE, LOCAL, LOCAL_SIGNATURE, MAXIMUM_RATIO,
    MAXIMUM_UNPACKED, STORED,
};

/// Why bytes are no archive that can be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ArchiveError {
    /// No directory, or one that points outside.
    #[error("no ZIP archive, or a damaged one: {0}")]
    Damaged(&'static str),
    /// An entry that does not belong there.
    #[error("it holds `{0}`, which is no part of a case file")]
    Stranger(String),
    /// Two entries of one name.
    #[error("it holds `{0}` twice")]
    Twice(String),
    /// An entry that is not as the directory says.
    #[error("`{name}` is damaged: {what}")]
    Entry {
        /// The entry.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Beyond the bounds.
    #[error("`{name}` is too large: {what}")]
    Large {
        /// The entry.
        name: String,
        /// Which bound.
        what: &'static str,
    },
}

/// A line of the directory.
struct Listed {
    name: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: usize,
    unpacked: usize,
    offset: usize,
}

/// The entries by name; `known` are the names that may be there.
pub(super) fn entries(bytes: &[u8], known: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut entries = BTreeMap::new();
    let mut room = MAXIMUM_UNPACKED;
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for listed in directory(bytes, known)? {
        let (start, packed) = packed(bytes, &listed)?;
        let end = start + packed.len();
        if taken
            .iter()
            .any(|(other_start, other_end)| listed.offset < *other_end && *other_start < end)
        {
            return Err(broken(&listed.name, "it shares its bytes with another entry"));
        }
        taken.push((listed.offset, end));
        let content = unpacked(packed, &listed, room)?;
        room -= content.len();
        if entries.contains_key(&listed.name) {
            return Err(ArchiveError::Twice(listed.name));
        }
        entries.insert(listed.name, content);
    }
    Ok(entries)
}

fn broken(name: &str, what: &'static str) -> ArchiveError {
    ArchiveError::Entry {
        name: name.to_owned(),
        what,
    }
}

/// The lines of the directory. Names are looked at before anything is unpacked.
fn directory(bytes: &[u8], known: &[&str]) -> Result<Vec<Listed>, ArchiveError> {
    const NO_END: ArchiveError = ArchiveError::Damaged("its directory has no end");
    const OUTSIDE: ArchiveError = ArchiveError::Damaged("its directory points outside");
    // A comment may follow the end.
    let latest = bytes.len().checked_sub(END).ok_or(NO_END)?;
    let earliest = latest.saturating_sub(usize::from(u16::MAX));
    let end = (earliest..=latest)
        .rev()
        .find(|&at| {
            u32_at(bytes, at) == Some(END_SIGNATURE)
                && u16_at(bytes, at + 20)
                    .is_some_and(|comment| at + END + usize::from(comment) == bytes.len())
        })
        .ok_or(NO_END)?;
    let count = u16_at(bytes, end + 10).ok_or(NO_END)?;
    let parts = [u16_at(bytes, end + 4), u16_at(bytes, end + 6)];
    if parts != [Some(0), Some(0)] || u16_at(bytes, end + 8) != Some(count) {
        return Err(ArchiveError::Damaged("it is a part of a larger one"));
    }
    let mut at = usize_at(bytes, end + 16).ok_or(OUTSIDE)?;
    let mut listed: Vec<Listed> = Vec::new();
    for _ in 0..count {
        let line = bytes.get(at..at + CENTRAL).ok_or(OUTSIDE)?;
        if u32_at(line, 0) != Some(CENTRAL_SIGNATURE) || at >= end {
            return Err(OUTSIDE);
        }
        let length = |place| u16_at(line, place).map_or(0, usize::from);
        let (name_length, extra, comment) = (length(28), length(30), length(32));
        let name = bytes
            .get(at + CENTRAL..at + CENTRAL + name_length)
            .ok_or(OUTSIDE)?;
        let name = String::from_utf8_lossy(name).into_owned();
        if !known.contains(&name.as_str()) {
            return Err(ArchiveError::Stranger(name));
        }
        if listed.iter().any(|other| other.name == name) {
            return Err(ArchiveError::Twice(name));
        }
        let number = |place| usize_at(line, place).unwrap_or(usize::MAX);
        listed.push(Listed {
            name,
            flags: u16_at(line, 8).unwrap_or_default(),
            method: u16_at(line, 10).unwrap_or(u16::MAX),
            crc: u32_at(line, 16).unwrap_or_default(),
            packed: number(20),
            unpacked: number(24),
            offset: number(42),
        });
        at += CENTRAL + name_length + extra + comment;
    }
    Ok(listed)
}

/// Where an entry's bytes begin, and the bytes.
fn packed<'b>(bytes: &'b [u8], listed: &Listed) -> Result<(usize, &'b [u8]), ArchiveError> {
    let outside = || broken(&listed.name, "it lies outside of the archive");
    let head_end = listed.offset.checked_add(LOCAL).ok_or_else(outside)?;
    let head = bytes.get(listed.offset..head_end).ok_or_else(outside)?;
    let name_length = u16_at(head, 26).map_or(0, usize::from);
    let extra = u16_at(head, 28).map_or(0, usize::from);
    let name = bytes.get(head_end..head_end + name_length);
    if u32_at(head, 0) != Some(LOCAL_SIGNATURE) || name != Some(listed.name.as_bytes()) {
        return Err(broken(&listed.name, "the directory has it elsewhere"));
    }
    if listed.flags & 1 != 0 {
        return Err(broken(&listed.name, "it is encrypted"));
    }
    let start = head_end + name_length + extra;
    let end = start.checked_add(listed.packed).ok_or_else(outside)?;
    Ok((start, bytes.get(start..end).ok_or_else(outside)?))
}

/// The content, never more than there is room for.
fn unpacked(packed: &[u8], listed: &Listed, room: usize) -> Result<Vec<u8>, ArchiveError> {
    let large = |what| ArchiveError::Large {
        name: listed.name.clone(),
        what,
    };
    if listed.unpacked > room {
        return Err(large("more than 256 MiB would be unpacked"));
    }
    if listed.unpacked > packed.len().saturating_mul(MAXIMUM_RATIO) {
        return Err(large("it unpacks to more than 100 times its size"));
    }
    let content = match listed.method {
        STORED => packed.to_vec(),
        DEFLATED => {
            let mut content = Vec::new();
            let limit = u64::try_from(listed.unpacked)
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            DeflateDecoder::new(packed)
                .take(limit)
                .read_to_end(&mut content)
                .map_err(|_| broken(&listed.name, "it cannot be unpacked"))?;
            content
        }
        _ => return Err(broken(&listed.name, "it is packed in a way that is not known")),
    };
    if content.len() != listed.unpacked {
        return Err(broken(
            &listed.name,
            "it has another size than the directory says",
        ));
    }
    let mut crc = Crc::new();
    crc.update(&content);
    if crc.sum() != listed.crc {
        return Err(broken(&listed.name, "its checksum is wrong"));
    }
    Ok(content)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    two.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}
