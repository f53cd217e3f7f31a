//! One pass over a plain text: every token that is a code of some family becomes a sighting.
//!
//! A token is a run of ASCII letters, digits and underscores. Whether it is a code is decided by its family's
//! module from the token, from the key it is the value of, and from the evidence in the rest of the text.

use super::context::Evidence;
use super::dataverse;
use super::entra;
use super::messages;
use super::named_codes;
use super::sighting::Scan;
use super::token::tokens;

/// Scans a plain text for every family.
pub(crate) fn scan(text: &str, evidence: Evidence) -> Scan {
    let mut scan = Scan::default();
    let numbers = dataverse::Numbers::of(text, evidence);
    for token in tokens(text) {
        if let Some(sighting) = entra::spelled(&token) {
            scan.sightings.push(sighting);
        } else if token.starts_with_digit()
            || token
                .word()
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("ox"))
        {
            numbers.read(&token, &mut scan);
        } else if let Some(sighting) = named_codes::read(&token, evidence) {
            scan.sightings.push(sighting);
        }
    }
    let spelled = scan
        .sightings
        .iter()
        .any(|sighting| sighting.code.starts_with("AADSTS"));
    scan.sightings.extend(entra::fields(text, evidence));
    if !spelled && scan.sightings.is_empty() {
        scan.sightings.extend(entra::prose(text, evidence));
    }
    named_codes::prune(&mut scan.sightings, evidence);
    messages::add(text, evidence, &mut scan);
    scan.sightings.sort_by_key(|sighting| sighting.offset);
    scan
}
