//! Writes a ZIP archive whose bytes follow from its entries alone: no clock, no owner, no order but the given one.
//!
//! Source: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::zip_format::{
    CENTRAL_SIGNATURE, DEFLATED, END_SIGNATURE, LOCAL_SIGNATURE, MAXIMUM_RATIO, STORED, VERSION,
};

/// The first day that the format can name.
const DATE: u16 = 0x21;

/// An entry and where it stands.
struct Written {
    name: &'static str,
    method: u16,
    crc: u32,
    packed: u32,
    unpacked: u32,
    offset: u32,
}

/// The archive; nothing when an entry is too large for the format.
pub(super) fn archive(entries: &[(&'static str, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut written = Vec::with_capacity(entries.len());
    for (name, content) in entries {
        let mut crc = Crc::new();
        crc.update(content);
        let deflated = deflated(content);
        // A reader that bounds the ratio must be able to read what is written here.
        let is_smaller = deflated.len() < content.len();
        let is_modest = content.len() <= deflated.len().saturating_mul(MAXIMUM_RATIO);
        let (method, packed) = match is_smaller && is_modest {
            true => (DEFLATED, &deflated),
            false => (STORED, content),
        };
        let entry = Written {
            name,
            method,
            crc: crc.sum(),
            packed: u32::try_from(packed.len()).ok()?,
            unpacked: u32::try_from(content.len()).ok()?,
            offset: u32::try_from(bytes.len()).ok()?,
        };
        put_u32(&mut bytes, LOCAL_SIGNATURE);
        put_common(&mut bytes, &entry);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(packed);
        written.push(entry);
    }
    let start = u32::try_from(bytes.len()).ok()?;
    for entry in &written {
        put_u32(&mut bytes, CENTRAL_SIGNATURE);
        put_u16(&mut bytes, VERSION);
        put_common(&mut bytes, entry);
        // No comment, first disk, no attributes.
        bytes.extend_from_slice(&[0; 10]);
        put_u32(&mut bytes, entry.offset);
        bytes.extend_from_slice(entry.name.as_bytes());
    }
    let size = u32::try_from(bytes.len()).ok()?.checked_sub(start)?;
    let count = u16::try_from(written.len()).ok()?;
    put_u32(&mut bytes, END_SIGNATURE);
    put_u32(&mut bytes, 0);
    put_u16(&mut bytes, count);
    put_u16(&mut bytes, count);
    put_u32(&mut bytes, size);
    put_u32(&mut bytes, start);
    put_u16(&mut bytes, 0);
    Some(bytes)
}

/// What the local and the central header have in common, after their beginnings.
fn put_common(bytes: &mut Vec<u8>, entry: &Written) {
    put_u16(bytes, VERSION);
    put_u16(bytes, 0);
    put_u16(bytes, entry.method);
    put_u16(bytes, 0);
    put_u16(bytes, DATE);
    put_u32(bytes, entry.crc);
    put_u32(bytes, entry.packed);
    put_u32(bytes, entry.unpacked);
    put_u16(bytes, u16::try_from(entry.name.len()).unwrap_or(u16::MAX));
    put_u16(bytes, 0);
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    // Writing to a Vec cannot fail; were it to, the entry would be stored as it is.
    match encoder.write_all(content).and_then(|()| encoder.finish()) {
        Ok(deflated) => deflated,
        Err(_) => content.to_vec(),
    }
}

fn put_u16(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_u32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}
