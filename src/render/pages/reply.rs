//! The reply to somebody who sent an error, as Markdown for a mail or a ticket: plain words, or facts.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::decode::{Decoded, DecodedError};
use crate::embedded;
use crate::render::Audience;
use crate::render::report::marks::escaped;
use crate::render::report::shown::{UNDOCUMENTED, numbered_lines, plain, ways_of};
use crate::text::fill;

/// Where the words stand.
const FILE: &str = "rules/reply.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reply: ReplyWords,
    comparison: ComparisonWords,
}

/// `rules/reply.yaml`: the reply after a second look.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComparisonWords {
    pub(crate) opening: BTreeMap<String, String>,
    pub(crate) still: String,
    pub(crate) new: String,
    pub(crate) fixed: String,
    pub(crate) coming: String,
    pub(crate) who: String,
    pub(crate) closing: String,
}

/// The words of the reply after a second look.
///
/// # Errors
///
/// What is wrong with `rules/reply.yaml`; a test keeps it sound.
pub(crate) fn comparison_words() -> Result<ComparisonWords, String> {
    Ok(embedded::data::<File>(FILE)?.comparison)
}

/// `rules/reply.yaml`: the reply to an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyWords {
    opening: String,
    password: BTreeMap<String, String>,
    who: String,
    steps: String,
    avoid: String,
    verify: String,
    others: String,
    closing: String,
    nothing: String,
}

/// The reply.
///
/// # Errors
///
/// What is wrong with `rules/reply.yaml`; a test keeps it sound.
pub(crate) fn reply(answer: &Decoded, audience: Audience) -> Result<String, String> {
    let words = embedded::data::<File>(FILE)?.reply;
    let Some(primary) = answer.primary_error() else {
        return Ok(format!("{}\n", words.nothing));
    };
    let is_customer = audience == Audience::Customer;
    let said = |text: &str| match is_customer {
        true => escaped(&plain(text)),
        false => escaped(text),
    };
    let mut parts: Vec<String> = Vec::new();
    if !is_customer {
        parts.push(format!("## {}", escaped(&named(primary))));
    }
    let meaning = primary.meaning.as_deref().unwrap_or(UNDOCUMENTED);
    parts.push(fill(&words.opening, &[("meaning", &said(meaning))]));
    let password = words.password.get(answer.password.word());
    parts.extend(password.filter(|line| !line.is_empty()).cloned());
    if let Some(remedy) = &primary.remedy {
        parts.push(fill(&words.who, &[("owner", &said(&remedy.owner))]));
        let steps: Vec<String> = remedy
            .steps
            .iter()
            .map(|step| said(step))
            .filter(|step| !step.is_empty())
            .collect();
        if !steps.is_empty() {
            parts.push(format!(
                "**{}**\n\n{}",
                words.steps,
                numbered_lines(&steps, '.').join("\n")
            ));
        }
        for (template, name, text) in [
            (&words.avoid, "avoid", &remedy.avoid),
            (&words.verify, "verify", &remedy.verify),
        ] {
            let text = said(text);
            if !text.is_empty() {
                parts.push(fill(template, &[(name, &text)]));
            }
        }
    }
    if answer.errors.len() > 1 {
        parts.push(words.others.clone());
    }
    if !is_customer {
        parts.extend(facts(answer));
    }
    parts.push(words.closing.clone());
    Ok(parts.join("\n\n") + "\n")
}

fn named(error: &DecodedError) -> String {
    match &error.name {
        Some(name) => format!("{} {name}", error.code),
        None => error.code.clone(),
    }
}

/// Codes and ids, for who opens the ticket.
fn facts(answer: &Decoded) -> Vec<String> {
    let codes: Vec<String> = answer
        .errors
        .iter()
        .map(|error| {
            let ids: Vec<String> = error
                .ids
                .iter()
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let ids = if ids.is_empty() {
                String::new()
            } else {
                format!(" ({})", ids.join(", "))
            };
            let ways = error.grant.iter().flat_map(ways_of);
            let ways: String = ways.map(|way| format!("\n  * {}", escaped(&way))).collect();
            format!("* {}{ways}", escaped(&format!("{}{ids}", named(error))))
        })
        .collect();
    vec![codes.join("\n")]
}

#[cfg(test)]
mod tests {
    use super::reply;
    use crate::decode::decode_text;
    use crate::render::Audience;

    #[test]
    fn a_customer_gets_words_and_a_ticket_gets_codes() {
        let answer = decode_text(
            b"AADSTS50076: Due to a configuration change. Correlation ID: 11111111-2222-4333-8444-555555555555",
        );
        let customer = reply(&answer, Audience::Customer).unwrap();
        for word in ["AADSTS", "11111111", "work365-doctor", "{"] {
            assert!(!customer.contains(word), "{word}: {customer}");
        }
        assert!(
            customer.contains("do not reset it") && customer.contains("1. "),
            "{customer}"
        );
        let ticket = reply(&answer, Audience::Ticket).unwrap();
        assert!(
            ticket.contains("AADSTS50076") && ticket.contains("11111111"),
            "{ticket}"
        );
        let nothing = reply(&decode_text(b"hello"), Audience::Customer).unwrap();
        assert!(nothing.contains("correlation id"));
    }
}
