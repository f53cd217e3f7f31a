//! Error text in, the cause and the next step out.
//!
//! [`decode_text`] reads whatever a person has: a pasted message, a screenshot's text, a JSON body, a stack
//! trace, a redirect URL. [`log`] reads logs of any size, [`har`] browser captures, [`batch`] many texts at
//! once, and [`explain`] a single code. Nothing here touches the network, and no text is kept.

pub mod batch;
pub mod catalog;
mod dataverse;
mod entra;
pub mod evidence;
pub mod explain;
pub mod har;
pub mod ids;
pub mod input;
pub mod inputs;
mod joined;
pub mod log;
pub mod merge;
mod messages;
pub mod model;
mod pattern;
mod primary;
mod proofs;
pub mod scan;
pub mod tables;
pub mod unwrap;
mod words;

pub use model::{Decoded, DecodedError, Family, Inference, PasswordVerdict};
pub use proofs::verdict_of as password_verdict;

use std::collections::BTreeMap;

use evidence::Evidence;
use scan::{How, Sighting};
use unwrap::Plain;

/// The longest text that is unwrapped and read as a whole. What is longer is a log: see [`log`].
pub const LONGEST_TEXT: usize = 4 << 20;

/// Decodes one text in any encoding and wrapping. Only its first [`LONGEST_TEXT`] bytes are read.
pub fn decode_text(bytes: &[u8]) -> Decoded {
    let text = input::to_text(&bytes[..bytes.len().min(LONGEST_TEXT)]);
    let plain = Plain::unwrap(&text);
    let evidence = Evidence::of(&plain.text);
    let found = scan::scan(&plain.text, evidence);
    let category = primary::category(&plain.text, evidence, &found.sightings);
    let chosen = primary::choose(&found.sightings).map(|sighting| sighting.code.clone());
    let errors = errors_of(&text, &plain, &found.sightings, chosen.as_deref());
    let (password, _) = proofs::verdict(&plain.text, &errors);
    Decoded {
        primary: chosen,
        category: category.map(str::to_owned),
        recognised: !errors.is_empty(),
        password,
        foreign: found.foreign,
        inferences: proofs::inferences(&plain.text, &errors),
        errors,
        ..Decoded::nothing()
    }
}

/// One error for each code, the primary one first.
fn errors_of(
    original: &str,
    plain: &Plain,
    sightings: &[Sighting],
    primary: Option<&str>,
) -> Vec<DecodedError> {
    let ids = ids::of(&plain.text);
    let policies = ids::policies(&plain.text);
    let mut order: Vec<&str> = Vec::new();
    let mut by_code: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for sighting in sightings {
        if !by_code.contains_key(sighting.code.as_str()) {
            order.push(&sighting.code);
        }
        by_code.entry(&sighting.code).or_default().push(sighting);
    }
    order.sort_by_key(|code| Some(*code) != primary);
    let mut errors = Vec::with_capacity(order.len());
    for code in order {
        let here = &by_code[code];
        // A JSON error says its code in the description, in `error_codes` and in `error_uri`: that is one.
        let spelled = here
            .iter()
            .filter(|sighting| sighting.how == How::Spelled)
            .count();
        let count = if spelled > 0 {
            spelled
        } else {
            here.iter().filter(|sighting| sighting.how == here[0].how).count()
        };
        let first = here[0].offset;
        let mut error = describe(code);
        error.count = count as u64;
        error.first_line = line_of(original, plain.original_offset(first));
        let line_start = plain.text[..first.min(plain.text.len())]
            .rfind('\n')
            .map_or(0, |index| index + 1);
        let next = next_event(sightings, code, first).unwrap_or(plain.text.len());
        error.ids = ids::around(&ids, line_start, next);
        let message = &plain.text
            [scan::floor(&plain.text, first)..scan::floor(&plain.text, (first + 600).min(next.max(first)))];
        for (role, guid) in ids::roles_of_quoted_guids(code, message) {
            error.ids.insert(role.to_owned(), guid);
        }
        if matches!(error.category.as_str(), "mfa" | "conditional-access" | "device") {
            error.conditional_access_policies = policies.clone();
        }
        let mut times: Vec<&str> = ids
            .iter()
            .filter(|id| id.name == "timestamp" && (id.offset >= line_start && id.offset < next))
            .map(|id| id.value.as_str())
            .collect();
        if times.is_empty() {
            times.extend(
                here.iter()
                    .filter_map(|sighting| log::line_time(line_at(&plain.text, sighting.offset))),
            );
        }
        error.first_seen = times.iter().min().map(|time| (*time).to_owned());
        error.last_seen = times.iter().max().map(|time| (*time).to_owned());
        errors.push(with_advice(error));
    }
    errors
}

/// Where the next failure of the same kind starts: its ids are not this one's.
fn next_event(sightings: &[Sighting], code: &str, first: usize) -> Option<usize> {
    let family = Family::of(code);
    sightings
        .iter()
        .filter(|other| other.offset > first + 200 && other.code != code && Family::of(&other.code) == family)
        .map(|other| other.offset)
        .min()
}

/// A code with what the catalogue and the tables say about it, before anything of a text is added.
pub(crate) fn describe(code: &str) -> DecodedError {
    let entry = catalog::entry(code);
    let known = tables::TABLES.known(code);
    let name = entry.and_then(|entry| entry.name.clone()).or_else(|| {
        known
            .map(|known| known.name.to_owned())
            .filter(|name| !name.is_empty())
    });
    let told = matches!(Family::of(code), Family::Message | Family::Http | Family::Network);
    DecodedError {
        code: code.to_owned(),
        family: Family::of(code),
        name,
        category: catalog::category(code).to_owned(),
        count: 1,
        first_line: 1,
        first_seen: None,
        last_seen: None,
        documented: known.map_or(told || entry.is_some(), |known| {
            known.documented || entry.is_some()
        }),
        meaning: entry.map(|entry| entry.meaning.clone()),
        causes: entry.map(|entry| entry.causes.clone()).unwrap_or_default(),
        retryable: entry.map_or(known.is_some_and(|known| known.retryable), |entry| {
            entry.retryable
        }),
        remedy: entry.map(|entry| entry.remedy.clone()),
        rules: entry.map(|entry| entry.rules.clone()).unwrap_or_default(),
        ids: BTreeMap::new(),
        conditional_access_policies: Vec::new(),
    }
}

/// Spells out the owner and puts the ids of the text into the advice.
pub(crate) fn with_advice(mut error: DecodedError) -> DecodedError {
    if let Some(mut remedy) = error.remedy.take() {
        remedy.owner = catalog::owner_name(&remedy.owner).to_owned();
        for step in &mut remedy.steps {
            *step = proofs::fill(step, &error);
        }
        for command in &mut remedy.commands {
            command.text = proofs::fill(&command.text, &error);
        }
        remedy.avoid = proofs::fill(&remedy.avoid, &error);
        remedy.verify = proofs::fill(&remedy.verify, &error);
        error.remedy = Some(remedy);
    }
    error
}

fn line_of(text: &str, offset: usize) -> u64 {
    let offset = offset.min(text.len());
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count() as u64
}

fn line_at(text: &str, offset: usize) -> &[u8] {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |index| index + 1);
    let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |index| offset + index);
    &bytes[start..end]
}
