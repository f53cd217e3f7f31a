//! A sentence: what is of everybody stays, and everything else is replaced; a name of the case by the pseudonym that it
//! has everywhere.

use std::collections::HashMap;

use super::pseudonym::{Kind, Pseudonyms};
use super::vocabulary::{Word, is_phrase, knows, words};

/// The longest name that is looked for, in words.
const LONGEST: usize = 12;

/// Names of the case, by their words.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The first word of a name, with the number of words of the longest name that begins so.
    beginnings: HashMap<String, usize>,
    names: HashMap<String, (Kind, String)>,
}

impl Names {
    /// Remembers a name, unless its words are those of everybody.
    pub(super) fn add(&mut self, kind: Kind, name: &str) {
        let lower: Vec<String> = words(name).map(|word| word.text.to_lowercase()).collect();
        let Some(first) = lower.first() else { return };
        if lower.len() > LONGEST {
            return;
        }
        let all = lower.join(" ");
        // A word alone that is one of everybody says nothing; several together can be somebody.
        let is_ordinary = words(name).all(|word| knows(word.text)) && (lower.len() == 1 || is_phrase(&all));
        if is_ordinary {
            return;
        }
        let longest = self.beginnings.entry(first.clone()).or_default();
        *longest = lower.len().max(*longest);
        self.names
            .entry(all)
            .or_insert((kind, name.trim().to_lowercase()));
    }

    /// The longest name at the beginning of `rest`, with the number of its words.
    fn at(&self, text: &str, rest: &[Word<'_>]) -> Option<(usize, &(Kind, String))> {
        let first = rest.first()?.text.to_lowercase();
        let longest = *self.beginnings.get(&first)?;
        let mut found = None;
        let mut name = first;
        for length in 1..=longest.min(rest.len()) {
            if length > 1 {
                let (before, word) = (rest.get(length - 2)?, rest.get(length - 1)?);
                let between = text.get(before.end()..word.start).unwrap_or_default();
                if between.len() > 3 || between.contains(['\n', '\r']) {
                    break;
                }
                name.push(' ');
                name.push_str(&word.text.to_lowercase());
            }
            if let Some(known) = self.names.get(&name) {
                found = Some((length, known));
            }
        }
        found
    }
}

/// The text with everything replaced that does not stay.
pub(super) fn replaced(
    pseudonyms: &mut Pseudonyms,
    names: &Names,
    stays: &dyn Fn(&str) -> bool,
    text: &str,
) -> String {
    let all: Vec<Word<'_>> = words(text).collect();
    let mut result = String::with_capacity(text.len());
    let (mut position, mut end) = (0, 0);
    while let Some(rest) = all.get(position..).filter(|rest| !rest.is_empty()) {
        let named = names.at(text, rest);
        let (length, pseudonym) = match (named, amount(text, rest)) {
            (Some((length, (kind, name))), _) => (length, Some(pseudonyms.of(*kind, name))),
            (None, Some(length)) => {
                let (first, last) = (rest.first(), rest.get(length - 1));
                let digits = first
                    .zip(last)
                    .and_then(|(first, last)| text.get(first.start..last.end()));
                (length, digits.map(|digits| pseudonyms.of(Kind::Number, digits)))
            }
            (None, None) => match rest.first().filter(|word| !stays(word.text)) {
                None => (1, None),
                Some(first) => {
                    let length = run(text, names, stays, rest);
                    let last = rest.get(length - 1).unwrap_or(first);
                    let unknown = text.get(first.start..last.end()).unwrap_or_default();
                    let is_number = unknown.bytes().all(|byte| byte.is_ascii_digit());
                    let kind = if is_number { Kind::Number } else { Kind::Text };
                    (length, Some(pseudonyms.of(kind, unknown)))
                }
            },
        };
        if let (Some(pseudonym), Some(first), Some(last)) = (pseudonym, rest.first(), rest.get(length - 1)) {
            result.push_str(text.get(end..first.start).unwrap_or_default());
            result.push_str(&pseudonym);
            end = last.end();
        }
        position += length;
    }
    result.push_str(text.get(end..).unwrap_or_default());
    result
}

/// Currencies by their signs and by the codes of ISO 4217 in which customers of the vendor are billed.
const CURRENCIES: [&str; 30] = [
    "€", "$", "£", "¥", "₹", "aud", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "eur", "gbp",
    "hkd", "huf", "inr", "jpy", "mxn", "nok", "nzd", "pln", "ron", "sek", "sgd", "try", "usd", "zar",
];

/// How many words from the first one are an amount of money: a number, grouped or not, beside a currency.
fn amount(text: &str, rest: &[Word<'_>]) -> Option<usize> {
    let is_number = |word: &Word<'_>| word.text.bytes().all(|byte| byte.is_ascii_digit());
    let first = rest.first().filter(|word| is_number(word))?;
    let mut length = 1;
    for pair in rest.windows(2) {
        let [before, word] = pair else { break };
        let between = text.get(before.end()..word.start).unwrap_or_default();
        if !matches!(between, "." | "," | "'" | "’") || !is_number(word) {
            break;
        }
        length += 1;
    }
    let last = rest.get(length - 1)?;
    let before = text.get(..first.start)?.trim_end().to_lowercase();
    let after = text.get(last.end()..)?.trim_start();
    let after: String = after.chars().take(3).flat_map(char::to_lowercase).collect();
    let is_amount = CURRENCIES
        .iter()
        .any(|currency| before.ends_with(currency) || after.starts_with(currency));
    is_amount.then_some(length)
}

/// How many words from the first one are unknown and hang together: `Maria-Luisa Neilson` is one name.
fn run(text: &str, names: &Names, stays: &dyn Fn(&str) -> bool, rest: &[Word<'_>]) -> usize {
    let mut length = 1;
    for pair in rest.windows(2) {
        let [before, word] = pair else { break };
        let between = text.get(before.end()..word.start).unwrap_or_default();
        let hangs = matches!(between, " " | "-" | "." | "'" | "’" | "_");
        if !hangs || stays(word.text) || names.beginnings.contains_key(&word.text.to_lowercase()) {
            break;
        }
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::{Names, replaced};
    use crate::snapshot::redact::pseudonym::{CaseKey, Kind, Pseudonyms};
    use crate::snapshot::redact::vocabulary::knows;

    #[test]
    fn what_is_of_everybody_stays_and_a_name_has_one_pseudonym() {
        let mut pseudonyms = Pseudonyms::new(&CaseKey::new("case"));
        let name = pseudonyms.of(Kind::Name, "grant mark");
        let mut names = Names::default();
        names.add(Kind::Name, "Grant Mark");
        names.add(Kind::Name, "Domain");
        names.add(Kind::Name, "Conditional Access policy");
        let mut of = |text: &str| replaced(&mut pseudonyms, &names, &knows, text);
        assert_eq!(
            of("The domain of grant  mark needs a Conditional Access policy"),
            format!("The domain of {name} needs a Conditional Access policy")
        );
        for amount in ["EUR 1,234.50", "1.234,50 €", "$99", "500 USD"] {
            let text = of(&format!("an invoice over {amount} failed"));
            assert!(text.contains("number-"), "{text}");
            assert!(!text.contains(amount), "{text}");
        }
        assert_eq!(of("HTTP 403 in 12 of 40"), "HTTP 403 in 12 of 40");
        let other = of("user Maria-Luisa Neilson denied, İ too");
        assert!(
            other.starts_with("user text-") && other.contains(" denied, text-"),
            "{other}"
        );
        assert_eq!(other.matches("text-").count(), 2, "{other}");
        assert!(of("call 5551234").starts_with("call number-"));
        assert_eq!(of("HTTP 403: AADSTS50076"), "HTTP 403: AADSTS50076");
        // A domain is a name too, and its dots hold it together.
        names.add(Kind::Domain, "fabrikam.com");
        let domain = pseudonyms.of(Kind::Domain, "fabrikam.com");
        assert_eq!(
            replaced(&mut pseudonyms, &names, &knows, "at FABRIKAM.com."),
            format!("at {domain}.")
        );
    }
}
