//! One look over a document's bytes that tells most to be in order, without reading a value.

use memchr::memmem;

use super::error::MAXIMUM_DEPTH;
use super::json_path::end_of_string;

/// So many keys of one object are compared with each other: more than there are sections.
const KEYS: usize = 128;

/// A number of fewer digits is in range, if it has no exponent.
const DIGITS: usize = 300;

/// An object or a list that is open.
struct Open {
    is_object: bool,
    /// Where its keys begin among those of all open objects.
    keys: usize,
    /// A bit for each look that one of its keys has.
    looks: u64,
}

/// Whether every object of a document surely has each of its keys once, every number is surely in range, and every text
/// surely one, and nothing is nested too deeply. "No" means that somebody has to look closer, and so does what turns out to be no JSON.
pub(super) fn surely_in_order(body: &str) -> bool {
    // Half a character is none: `\ud800` may stand for one.
    let may_have_halves = |half: &str| memmem::find(body.as_bytes(), half.as_bytes()).is_some();
    !may_have_halves("\\ud") && !may_have_halves("\\uD") && look_through(body.as_bytes()).is_some()
}

fn look_through(body: &[u8]) -> Option<()> {
    let mut open: Vec<Open> = Vec::with_capacity(16);
    let mut keys: Vec<&[u8]> = Vec::with_capacity(64);
    let mut at = 0;
    let mut is_key = false;
    while let Some(&byte) = body.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let end = end_of_string(body, at);
                if is_key {
                    open.last_mut()?.add(body.get(at..end)?, &mut keys)?;
                    is_key = false;
                }
                at = end + 1;
            }
            b'{' | b'[' => {
                is_key = byte == b'{';
                open.push(Open {
                    is_object: is_key,
                    keys: keys.len(),
                    looks: 0,
                });
                if open.len() > MAXIMUM_DEPTH {
                    return None;
                }
            }
            b'}' | b']' => {
                keys.truncate(open.pop()?.keys);
                is_key = false;
            }
            b',' => is_key = open.last()?.is_object,
            b'-' | b'0'..=b'9' => at += number_at(body.get(at..)?)?,
            // White space, colons, and the letters of true, false and null.
            _ => {}
        }
    }
    Some(())
}

impl Open {
    /// Adds a key that was not there before.
    fn add<'k>(&mut self, key: &'k [u8], keys: &mut Vec<&'k [u8]>) -> Option<()> {
        let look = 1 << look(key);
        let own = keys.get(self.keys..)?;
        let may_be_known = self.looks & look != 0 && own.contains(&key);
        // An escape is another way to write a key.
        if may_be_known || own.len() == KEYS || key.contains(&b'\\') {
            return None;
        }
        self.looks |= look;
        keys.push(key);
        Some(())
    }
}

/// How many bytes the rest of a number has.
fn number_at(rest: &[u8]) -> Option<usize> {
    let is_of_it = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let length = rest.iter().take_while(is_of_it).count();
    let is_plain = length < DIGITS && !rest[..length].iter().any(|byte| matches!(byte, b'e' | b'E'));
    is_plain.then_some(length)
}

/// What a key looks like at a glance: a number below 64.
pub(super) fn look(key: &[u8]) -> u8 {
    let middle = key.get(key.len() / 2).copied().unwrap_or_default();
    let ends = key
        .first()
        .zip(key.last())
        .map_or(0, |(first, last)| first.wrapping_mul(5) ^ last);
    (key.len() as u8 ^ middle.wrapping_mul(11) ^ ends) & 63
}
