//! Connections that are not the service account's: Work 365 has others of its own, to providers. What a result must
//! contain to be about one of them is data, `rules/data/providers.csv`, and so is how a provider says no,
//! `rules/data/provider-refusals.csv`.
//!
//! The name of a product alone says little: a job that carries an invoice to it can also fail on its way through
//! Dynamics 365. What the decoded text says of Dynamics 365 therefore counts before any name.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::decode::text::pattern;
use crate::decode::{Decoded, DecodedError, Family};
use crate::embedded;
use crate::facts::jobs::right::refuses_a_right;
use crate::text::is_environment;
use crate::well_known::DATAVERSE_APPLICATION;

/// One kind of connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// What the connection is to.
    pub(crate) name: &'static str,
    /// What tells that a text is about it.
    sign: Sign,
    /// What a text contains that is about it, in lower case; for [`Sign::Code`] the code.
    word: &'static str,
}

/// When a text that contains the word is about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// The text decodes to this code.
    Code,
    /// The text also says that access was refused. The product has a sign-in of its own, so a code of Microsoft Entra in the
    /// text is not its refusal.
    Refusal,
    /// The same of a product that signs in through Microsoft Entra: its codes are refusals too.
    Entra,
}

static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    rows("rules/data/providers.csv")
        .filter_map(|line| {
            let mut cells = line.split(',');
            let (word, name) = (cells.next()?, cells.next()?);
            let sign = match cells.next()? {
                "code" => Sign::Code,
                "entra" => Sign::Entra,
                _ => Sign::Refusal,
            };
            Some(Provider { name, sign, word })
        })
        .collect()
});

/// What a pattern of the table of refusals means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// Access was refused.
    Refused,
    /// Access was refused, unless the text gives another status: an order can be "not authorized" and the sign-in good.
    Perhaps,
    /// The provider let the caller in and says no to something else, or is busy.
    Other,
}

/// What stands for the provider's name where the text is searched for a refusal: "Xero: 401" is one, "invoice 401" is none,
/// and Authorize.Net is no word for it.
const NAME: &str = "\x01";

static REFUSALS: LazyLock<Vec<(Means, Regex)>> = LazyLock::new(|| {
    rows("rules/data/provider-refusals.csv")
        .filter_map(|line| {
            let (means, source) = line.split_once(',')?;
            let means = match means {
                "refused" => Means::Refused,
                "perhaps" => Means::Perhaps,
                _ => Means::Other,
            };
            Some((means, pattern::regex(source)?))
        })
        .collect()
});

fn rows(path: &str) -> impl Iterator<Item = &'static str> {
    embedded::text(path).lines().skip(1)
}

/// The connection that a result is about, when it is not the service account's.
pub(crate) fn provider_of(text: &str, decoded: &Decoded) -> Option<&'static Provider> {
    let text = text.to_lowercase();
    if is_about_dynamics(&text, decoded) {
        return None;
    }
    let is_of_entra = decoded.errors.iter().any(|error| error.family == Family::Aadsts);
    PROVIDERS.iter().find(|provider| match provider.sign {
        Sign::Code => decoded.errors.iter().any(|error| error.code == provider.word),
        _ if !contains_word(&text, provider.word) => false,
        Sign::Entra => is_of_entra || refuses(&text.replace(provider.word, NAME), decoded),
        Sign::Refusal => !is_of_entra && refuses(&text.replace(provider.word, NAME), decoded),
    })
}

/// Whether Dynamics 365 itself said no, or the sign-in to it: no provider does that, whatever else the text names.
fn is_about_dynamics(text: &str, decoded: &Decoded) -> bool {
    // The address of the Web API of an environment; that of Business Central has no such path.
    text.contains(".dynamics.com/api/data/") || decoded.errors.iter().any(is_of_dynamics)
}

fn is_of_dynamics(error: &DecodedError) -> bool {
    let told = |name: &str| error.ids.get(name);
    match error.family {
        Family::Aadsts => told("resource_id").is_some_and(|resource| {
            resource.eq_ignore_ascii_case(DATAVERSE_APPLICATION) || is_environment(resource)
        }),
        Family::Dataverse => refuses_a_right(error) && !error.retryable,
        // Words alone, as "access denied", are anybody's: with a row or a privilege they are those of Dynamics 365.
        Family::Message => {
            refuses_a_right(error)
                && ["principal_id", "privilege"]
                    .into_iter()
                    .any(|name| told(name).is_some())
        }
        _ => false,
    }
}

/// Whether a text says that access was refused.
fn refuses(text: &str, decoded: &Decoded) -> bool {
    let says = |wanted: Means| {
        REFUSALS
            .iter()
            .any(|(means, pattern)| *means == wanted && pattern.is_match(text.as_bytes()))
    };
    let is_status = |error: &DecodedError| matches!(error.code.as_str(), "HTTP:401" | "HTTP:403");
    says(Means::Refused)
        || ((says(Means::Perhaps) || decoded.errors.iter().any(is_status)) && !says(Means::Other))
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
    use super::{PROVIDERS, REFUSALS, provider_of, rows};
    use crate::decode::decode_text;

    fn named(text: &str) -> Option<&'static str> {
        provider_of(text, &decode_text(text.as_bytes())).map(|provider| provider.name)
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(PROVIDERS.len(), rows("rules/data/providers.csv").count());
        assert_eq!(REFUSALS.len(), rows("rules/data/provider-refusals.csv").count());
    }

    #[test]
    fn a_refusal_by_a_provider_is_recognised() {
        let accounting = "the accounting system";
        for (text, wanted) in [
            (
                "Partner Center returned 401: code 900421, MFA required",
                "Microsoft Partner Center",
            ),
            (
                "Authentication failed. MFA required. (10001)",
                "Microsoft Partner Center",
            ),
            (
                "AADSTS50076: you must use multi-factor authentication to access 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'.",
                "Microsoft Partner Center",
            ),
            ("QuickBooks: the token has expired, connect again", accounting),
            (
                r#"QB Auth Exception: Application authentication failed {"intuitObject":null,"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; statusCode=401","code":"3200"}]}}"#,
                accounting,
            ),
            (
                r#"HTTP status 400, error message: {"error":"invalid_grant","error_description":"Incorrect or invalid refresh token"}, intuit_tid 1-628f"#,
                accounting,
            ),
            (
                "Invalid login attempt. See the Login Audit Trail in the NetSuite UI. INVALID_LOGIN",
                accounting,
            ),
            ("NetSuite: INVALID_LOGIN_ATTEMPT", accounting),
            ("Xero API: invalid_grant", accounting),
            ("Xero: 401", accounting),
            (
                r#"401 (Unauthorized). {"error":{"code":"Authentication_InvalidCredentials","message":"The server has rejected the client credentials."}} https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0/companies"#,
                accounting,
            ),
            ("Avalara: 403 Forbidden", "the tax service"),
            (
                r#"{"error":{"code":"AuthenticationException","helpLink":"http://developer.avalara.com/avatax/errors/AuthenticationException"}}"#,
                "the tax service",
            ),
            ("Avatax: AuthenticationIncomplete", "the tax service"),
            ("GoCardless: access_token_not_found", "the payment service"),
            ("PayPal: AUTHENTICATION_FAILURE", "the payment service"),
            ("CSP API returned 401", "Microsoft Partner Center"),
            ("Pax8: 401 invalid token", "the distributor"),
            ("Ingram Micro: 401 Unauthorized", "the distributor"),
            ("Stripe declined: authentication failed", "the payment service"),
            (
                r#"{"error":{"code":"api_key_expired","doc_url":"https://stripe.com/docs/error-codes/api-key-expired"}}"#,
                "the payment service",
            ),
        ] {
            assert_eq!(named(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_product_makes_no_refusal_of_dynamics_365_the_products() {
        for text in [
            "AADSTS50076: Due to a configuration change made by your administrator",
            "Sync Invoice to QuickBooks failed. AADSTS50076: you must use multi-factor authentication to access '00000007-0000-0000-c000-000000000000'.",
            "Partner Center: AADSTS50076: you must use multi-factor authentication to access '00000007-0000-0000-c000-000000000000'.",
            "Sync Invoice to QuickBooks failed. AADSTS700082: The refresh token has expired due to inactivity.",
            "Sync to QuickBooks failed: The user with SystemUserId=55555555-5555-4555-8555-5555555555c1 in OrganizationContext=22222222-2222-4222-8222-2222222222c1 is disabled. Unable to connect to Dynamics 365.",
            "QuickBooks: Principal user (Id=55555555-5555-4555-8555-5555555555c1) is missing prvReadAccount privilege. The access token is expired.",
            "Xero: 401 Unauthorized at https://contoso.crm4.dynamics.com/api/data/v9.2/accounts",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_provider_says_that_lets_the_caller_in_is_no_refusal() {
        for text in [
            "Partner Center: 429 Too Many Requests. Retry after 60 seconds.",
            "Partner Center: 400 BadRequest. code 800037: the term ended. The customer must accept the agreement first.",
            "Partner Center: 400 Bad Request. The reseller is not authorized to order this offer.",
            "Partner Center: the promotion has expired",
            "Partner Center is connected; the token was used",
            "Authorize.Net: the card was declined",
            "Your card was declined. See https://stripe.com/docs/error-codes/card-declined",
            "QuickBooks: invoice 401 exists already",
            "Invoice 900421 was not created",
            "Invoice 1200 was sent to the accounting system",
            "Principal user is missing prvReadAccount privilege",
            "Pax8: the order was not found",
            "the customer Xerox has no contract; access denied",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
