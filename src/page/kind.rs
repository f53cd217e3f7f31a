//! What a dropped file is, by its bytes: names lie.

use memchr::memmem;

use crate::conditional_access::DraftPolicy;
use crate::well_known::ZIP;

/// The documents that the page can open, by what their `schema` begins with.
const DOCUMENTS: [(&str, &str); 5] = [
    ("snapshot", "work365-doctor/snapshot/"),
    ("report", "work365-doctor/report/"),
    ("answers", "work365-doctor/answers/"),
    ("map", "work365-doctor/redaction-map/"),
    ("report", "work365-doctor/error/"),
];

/// `snapshot`, `report`, `answers`, `map`, `case`, `policy`, or `text` for everything that is decoded.
pub(super) fn of(bytes: &[u8]) -> &'static str {
    // The page knows one kind of archives.
    if bytes.starts_with(ZIP) {
        return "case";
    }
    let text = crate::decode::text::encoding::to_text(bytes);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_document = start.starts_with('{');
    // The key may stand anywhere; the one of the document stands before those of what it holds, or after all of them.
    let first = |prefix: &str| memmem::find(text.as_bytes(), format!("\"{prefix}").as_bytes());
    DOCUMENTS
        .iter()
        .filter(|_| is_document)
        .filter_map(|(kind, prefix)| Some((first(prefix)?, *kind)))
        .min()
        .map_or_else(|| of_others(start), |(_, kind)| kind)
}

/// What other programs wrote: Conditional Access policies as Graph has them, or something to decode.
fn of_others(text: &str) -> &'static str {
    let is_policy = text.starts_with(['{', '['])
        && text.contains("\"conditions\"")
        && DraftPolicy::read(text.as_bytes(), "").is_ok();
    if is_policy { "policy" } else { "text" }
}
