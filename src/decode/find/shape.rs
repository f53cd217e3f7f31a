//! Texts that differ in nothing but times and ids.

use super::times::has_shape;

/// The line without its times and GUIDs. No code depends on these: lines of one shape have the same codes.
pub(crate) fn shape(line: &[u8]) -> Vec<u8> {
    let mut shape = Vec::with_capacity(line.len());
    let mut position = 0;
    while let Some(byte) = line.get(position) {
        let at = |length: usize| line.get(position..position + length);
        let length = if !byte.is_ascii_hexdigit() {
            0
        } else if at(36).is_some_and(is_guid) {
            36
        } else if at(10).is_some_and(|text| has_shape(text, b"dddd-dd-dd")) {
            10
        } else if at(8).is_some_and(|text| has_shape(text, b"dd:dd:dd")) {
            let fraction = line[position + 8..]
                .iter()
                .take(12)
                .take_while(|byte| matches!(byte, b'.' | b',' | b'0'..=b'9'))
                .count();
            8 + fraction
        } else {
            0
        };
        if length == 0 {
            shape.push(*byte);
            position += 1;
        } else {
            shape.push(0);
            position += length;
        }
    }
    shape
}

/// True for 36 bytes that are a GUID.
pub(crate) fn is_guid(candidate: &[u8]) -> bool {
    candidate.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn the_shape_of_a_line_forgets_times_and_guids_and_keeps_every_other_number() {
        let first =
            b"2026-01-05T10:11:12.345Z 3d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50053";
        let second =
            b"2026-02-06T11:00:00.1Z 4d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50053";
        let third =
            b"2026-01-05T10:11:12.345Z 3d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50076";
        assert_eq!(shape(first), shape(second));
        assert_ne!(shape(first), shape(third));
    }
}
