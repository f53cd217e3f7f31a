//! The times that stand beside an error.

/// The time at the start of a line, as written: `2026-01-05T10:11:12.345Z`, `2026-01-05 10:11:12`.
pub(crate) fn line_time(line: &[u8]) -> Option<&str> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let start = (0..64).find(|start| {
        line.get(*start..start + SHAPE.len())
            .is_some_and(|text| has_shape(text, SHAPE))
    })?;
    let tail = &line[start + SHAPE.len()..];
    let mut length = tail
        .iter()
        .take(12)
        .take_while(|byte| matches!(byte, b'.' | b'0'..=b'9'))
        .count();
    length += usize::from(tail.get(length) == Some(&b'Z'));
    std::str::from_utf8(&line[start..start + SHAPE.len() + length]).ok()
}

/// True when each byte is what the shape says: `d` a digit, a blank also a `T`.
pub(crate) fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.iter().zip(shape).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        other => byte == other,
    })
}

/// Widens a span of times by one more. Times of one log are written alike, so their text sorts like they do.
pub(crate) fn widen(first: &mut Option<String>, last: &mut Option<String>, time: Option<&str>) {
    let Some(time) = time else { return };
    if first.as_deref().is_none_or(|first| time < first) {
        *first = Some(time.to_owned());
    }
    match last {
        Some(last) if time > last.as_str() => {
            last.clear();
            last.push_str(time);
        }
        Some(_) => {}
        None => *last = Some(time.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{line_time, widen};

    #[test]
    fn times_are_found_behind_a_prefix() {
        assert_eq!(
            line_time(b"[2026-01-05 10:11:12.345] x"),
            Some("2026-01-05 10:11:12.345")
        );
        assert_eq!(line_time(b"no time"), None);
    }

    #[test]
    fn times_widen_a_span_at_both_ends() {
        let (mut first, mut last) = (None, None);
        for time in [Some("b"), None, Some("c"), Some("a")] {
            widen(&mut first, &mut last, time);
        }
        assert_eq!((first.as_deref(), last.as_deref()), (Some("a"), Some("c")));
    }
}
