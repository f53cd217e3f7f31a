//! Connections that are not the service account's: Work 365 has others of its own, to providers. What a result must
//! contain to be about one of them is data, `rules/data/providers.csv`.

use std::sync::LazyLock;

use crate::embedded;

/// One kind of connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// What the connection is to.
    pub(crate) name: &'static str,
    /// Whether the text must also say that access was refused: the word alone may stand in any result.
    needs_refusal: bool,
    /// What a text contains that is about it, in lower case.
    word: &'static str,
}

static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    embedded::text("rules/data/providers.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some(Provider {
                word: cells.next()?,
                name: cells.next()?,
                needs_refusal: cells.next()? == "refusal",
            })
        })
        .collect()
});

/// What a refused access is told in.
const REFUSALS: [&str; 12] = [
    "401",
    "403",
    "access denied",
    "aadsts",
    "authenticat",
    "authoriz",
    "authoris",
    "credential",
    "expired",
    "forbidden",
    "token",
    "connect",
];

/// The connection that a result is about, when it is not the service account's.
pub(crate) fn provider_of(text: &str) -> Option<&'static Provider> {
    let text = text.to_lowercase();
    let refuses = REFUSALS.iter().any(|word| text.contains(word));
    PROVIDERS
        .iter()
        .find(|provider| contains_word(&text, provider.word) && (refuses || !provider.needs_refusal))
}

/// Whether `word` stands in `text` and is no part of a longer one.
fn contains_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text
            .get(start + found.len()..)
            .and_then(|after| after.chars().next());
        !is_letter(before) && !is_letter(after)
    })
}

#[cfg(test)]
mod tests {
    use super::provider_of;

    #[test]
    fn results_about_a_provider_are_told_from_those_of_the_service_account() {
        for (text, wanted) in [
            (
                "Partner Center returned 401: code 900421, MFA required",
                Some("Microsoft Partner Center"),
            ),
            (
                "QuickBooks: the token has expired, connect again",
                Some("the accounting system"),
            ),
            ("Avalara: 403 Forbidden", Some("the tax service")),
            (
                "Stripe declined: authentication failed",
                Some("the payment service"),
            ),
            (
                "AADSTS50076: Due to a configuration change made by your administrator",
                None,
            ),
            ("Invoice 1200 was sent to the accounting system", None),
            ("Principal user is missing prvReadAccount privilege", None),
            ("the customer Xerox has no contract; access denied", None),
        ] {
            assert_eq!(provider_of(text).map(|provider| provider.name), wanted, "{text}");
        }
    }
}
