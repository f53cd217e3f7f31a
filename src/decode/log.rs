//! Logs.
/// The time at the start of a line, as written.
pub fn line_time(line: &[u8]) -> Option<&str> {
    let start = line.iter().take(48).position(u8::is_ascii_digit)?;
    let text = std::str::from_utf8(line.get(start..(start + 40).min(line.len()))?).ok()?;
    let _ = text;
    None
}
