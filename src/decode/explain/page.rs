//! One code, however it is spelled, to its explanation; near misses to suggestions.

use schemars::JsonSchema;
use serde::Serialize;

use super::catalogue::{self, Entry};
use super::describe::{describe, with_advice};
use super::inferences;
use super::tables::{TABLES, Word};
use crate::decode::model::{DecodedError, Family, PasswordVerdict};

/// The schema name of a page.
const SCHEMA: &str = "work365-doctor/explain/v1";

/// The page of one code.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedCode {
    /// Always `work365-doctor/explain/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The code with its meaning, causes and remedy.
    #[serde(flatten)]
    pub error: DecodedError,
    /// What it proves about the password: an inference.
    pub password: PasswordVerdict,
    /// The signed decimal of a Dataverse code, as SDK faults and logs print it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<i32>,
    /// When somebody last compared the explanation with the pages it names; none for a code without an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<String>,
}

/// What a spelling led to.
#[derive(Debug, Clone, PartialEq)]
pub enum Explanation {
    /// The code is known, or it has the shape of a code of a service that keeps adding codes.
    Code(Box<ExplainedCode>),
    /// No such code; these are close.
    Unknown {
        /// The nearest known codes, the nearest first; empty when nothing is near.
        suggestions: Vec<String>,
    },
}

/// How many suggestions a near miss gets.
const SUGGESTIONS: usize = 5;

/// Explains a code in any spelling that people meet: `AADSTS50076`, `50076`, `0x80040220`, `80040220`,
/// `-2147220960`, `2147746336`, `invalid_grant`, `Authorization_RequestDenied`, a symbolic name, or the
/// contract's own spelling.
pub fn explain(spelling: &str) -> Explanation {
    match resolve(spelling.trim().trim_matches(['"', '\'', '`', '.', ':', ','])) {
        Some(code) => Explanation::Code(Box::new(page(&code))),
        None => Explanation::Unknown {
            suggestions: suggestions(spelling.trim()),
        },
    }
}

fn page(code: &str) -> ExplainedCode {
    let decimal = (Family::of(code) == Family::Dataverse)
        .then(|| u32::from_str_radix(code.trim_start_matches("0x"), 16).ok())
        .flatten()
        .map(u32::cast_signed);
    ExplainedCode {
        schema: SCHEMA,
        error: with_advice(describe(code)),
        password: inferences::verdict_of(code),
        decimal,
        checked: catalogue::entry(code)
            .and_then(|entry| entry.checked)
            .map(|day| day.to_string()),
    }
}

fn resolve(spelling: &str) -> Option<String> {
    if let Some(known) = TABLES.known(spelling) {
        return Some(known.code.to_owned());
    }
    if catalogue::entry(spelling).is_some() {
        return Some(spelling.to_owned());
    }
    number(spelling)
        .or_else(|| number_of_another_service(spelling))
        .or_else(|| prefixed(spelling))
        .or_else(|| word(spelling))
        .or_else(|| TABLES.named(spelling).map(str::to_owned))
        .or_else(|| going_by(spelling))
}

/// A number that Entra publishes nothing about and another service answers with, written as if it were Entra's.
fn number_of_another_service(spelling: &str) -> Option<String> {
    let digits = prefixed(spelling)?.strip_prefix("AADSTS")?.to_owned();
    going_by(&digits)
}

/// The failure in words that goes by this name.
fn going_by(name: &str) -> Option<String> {
    let is_its_name = |entry: &&Entry| {
        entry
            .name
            .as_deref()
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let entry = catalogue::entries().find(is_its_name)?;
    Some(entry.code.clone())
}

fn number(spelling: &str) -> Option<String> {
    if let Ok(value) = spelling.parse::<i64>() {
        let entra = format!("AADSTS{value}");
        if TABLES.known(&entra).is_some() {
            return Some(entra);
        }
        let unsigned = if value < 0 {
            i32::try_from(value).ok()?.cast_unsigned()
        } else {
            u32::try_from(value).ok()?
        };
        let hexadecimal = format!("{unsigned:#010x}");
        // Eight digits may also be a code whose hexadecimal digits happen to be decimal ones.
        let as_digits = format!("0x{spelling}");
        return if unsigned >> 28 == 8 || TABLES.known(&hexadecimal).is_some() {
            Some(hexadecimal)
        } else {
            TABLES.known(&as_digits).map(|known| known.code.to_owned())
        };
    }
    let lower = spelling.to_ascii_lowercase();
    let digits = lower.strip_prefix("0x").unwrap_or(&lower);
    let value = u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.len() == 8)?;
    let code = format!("{value:#010x}");
    (TABLES.known(&code).is_some() || (lower.starts_with("0x") && value >> 28 == 8)).then_some(code)
}

fn prefixed(spelling: &str) -> Option<String> {
    let upper = spelling.to_ascii_uppercase().replace([' ', ':', '-'], "");
    for prefix in ["AADSTS", "AADB2C"] {
        if let Some(digits) = upper.strip_prefix(prefix)
            && (5..=8).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Some(format!("{prefix}{digits}"));
        }
    }
    let (prefix, status) = upper.split_at_checked(4)?;
    let status: u16 = (prefix == "HTTP").then(|| status.parse().ok()).flatten()?;
    (400..600).contains(&status).then(|| format!("HTTP:{status}"))
}

fn word(spelling: &str) -> Option<String> {
    let local = spelling.rsplit_once(':').map_or(spelling, |(_, local)| local);
    let lower = local.to_ascii_lowercase();
    const FAMILIES: [Word; 6] = [
        Word::OAuth,
        Word::Graph,
        Word::Suberror,
        Word::Msal,
        Word::Wif,
        Word::WsTrust,
    ];
    FAMILIES
        .into_iter()
        .find_map(|family| TABLES.word(family, local).or_else(|| TABLES.word(family, &lower)))
        .map(str::to_owned)
        .or_else(|| {
            TABLES
                .codes()
                .find(|known| {
                    known.code.eq_ignore_ascii_case(spelling)
                        || local_part(known.code).eq_ignore_ascii_case(local)
                })
                .map(|known| known.code.to_owned())
        })
}

fn local_part(code: &str) -> &str {
    code.rsplit_once(':').map_or(code, |(_, local)| local)
}

fn suggestions(spelling: &str) -> Vec<String> {
    let wanted = spelling.to_ascii_lowercase();
    let digits = wanted.bytes().any(|byte| byte.is_ascii_digit());
    let mut near: Vec<(f64, &str)> = TABLES
        .codes()
        // The libraries repeat the protocol's words; one suggestion for each word is enough.
        .filter(|known| {
            !(known.code.starts_with("MSAL:") && TABLES.word(Word::OAuth, local_part(known.code)).is_some())
        })
        .filter_map(|known| {
            let code = local_part(known.code).to_ascii_lowercase();
            let bare = code.trim_start_matches("aadsts");
            let likeness = [code.as_str(), bare, known.name]
                .into_iter()
                .filter(|candidate| !candidate.is_empty())
                .map(|candidate| strsim::jaro_winkler(&wanted, &candidate.to_ascii_lowercase()))
                .fold(0.0, f64::max);
            // Numbers share most digits by chance; only near-identical ones help.
            (likeness > if digits { 0.93 } else { 0.88 }).then_some((likeness, known.code))
        })
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    let best = near.first().map_or(0.0, |(likeness, _)| *likeness);
    near.into_iter()
        .take_while(|(likeness, _)| best - likeness < 0.05)
        .take(SUGGESTIONS)
        .map(|(_, code)| code.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Explanation, explain};

    fn code(spelling: &str) -> Option<String> {
        match explain(spelling) {
            Explanation::Code(page) => Some(page.error.code),
            Explanation::Unknown { .. } => None,
        }
    }

    #[test]
    fn every_spelling_of_the_contract_is_understood() {
        for (spelling, expected) in [
            ("AADSTS50076", "AADSTS50076"),
            ("aadsts 50076", "AADSTS50076"),
            ("50076", "AADSTS50076"),
            ("0x80040220", "0x80040220"),
            ("0X80040220", "0x80040220"),
            ("80040220", "0x80040220"),
            ("-2147220960", "0x80040220"),
            ("2147746336", "0x80040220"),
            ("invalid_grant", "OAuth:invalid_grant"),
            ("Authorization_RequestDenied", "Graph:Authorization_RequestDenied"),
            ("authorization_requestdenied", "Graph:Authorization_RequestDenied"),
            ("suberror:bad_token", "suberror:bad_token"),
            ("PrivilegeDenied", "0x80040220"),
            ("HTTP 403", "HTTP:403"),
            ("ID3242", "WIF:ID3242"),
            ("wst:FailedAuthentication", "WST:FailedAuthentication"),
            ("AADSTS99999999", "AADSTS99999999"),
            ("900421", "MSG:partner_center_mfa"),
            ("AADSTS900421", "MSG:partner_center_mfa"),
        ] {
            assert_eq!(code(spelling).as_deref(), Some(expected), "{spelling}");
        }
    }

    #[test]
    fn near_misses_suggest_and_nonsense_does_not() {
        let Explanation::Unknown { suggestions } = explain("invalid_grnt") else {
            unreachable!()
        };
        assert_eq!(
            suggestions.first().map(String::as_str),
            Some("OAuth:invalid_grant")
        );
        assert_eq!(
            explain("qqqqqqqqqqqq"),
            Explanation::Unknown {
                suggestions: Vec::new()
            }
        );
    }

    #[test]
    fn an_unknown_entra_number_is_reported_as_undocumented() {
        let Explanation::Code(page) = explain("AADSTS99999999") else {
            unreachable!()
        };
        assert!(!page.error.documented);
    }
}
