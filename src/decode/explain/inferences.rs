//! What follows from a text without standing in it: the password verdict and the marked inferences.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::describe::fill;
use super::embedded::table;
use super::lockout::{Lockout, blames_the_address};
use crate::decode::model::{DecodedError, Inference, PasswordVerdict};

/// `tables/password.csv`, the one place that says what a code proves about the password.
///
/// Accepted are the codes that Entra can only give after the first factor passed: the second factor, Conditional
/// Access and what is built on it (security defaults, risk, device and app conditions), assignment and consent.
/// AADSTS530034 is none of them: it blocks a partner's
/// delegated administrator, whose password the home tenant judged.
static VERDICTS: LazyLock<HashMap<&'static str, PasswordVerdict>> = LazyLock::new(|| {
    let rows = table("password.csv").lines().skip(1);
    rows.filter_map(|row| row.split_once(','))
        .filter_map(|(code, word)| Some((code, verdict_called(word)?)))
        .collect()
});

fn verdict_called(word: &str) -> Option<PasswordVerdict> {
    use PasswordVerdict::{Accepted, Expired, Locked, Rejected};
    [Accepted, Rejected, Expired, Locked]
        .into_iter()
        .find(|verdict| verdict.word() == word)
}

/// What a code in the spelling of the contract proves about the password, whatever else stands in the text.
pub fn verdict_of(code: &str) -> PasswordVerdict {
    VERDICTS.get(code).copied().unwrap_or(PasswordVerdict::Unknown)
}

/// Names of an application's own sign-in, with a secret, a certificate or a managed identity: it shows no password.
const APPLICATION_SIGN_IN: [&str; 17] = [
    "client_credentials",
    "clientcredential",
    "clientsecretcredential",
    "clientcertificatecredential",
    "clientassertioncredential",
    "managedidentitycredential",
    "workloadidentitycredential",
    "acquiretokenforclient",
    "acquire_token_for_client",
    "authtype=clientsecret",
    "authtype=certificate",
    "\"serviceprincipal\"",
    "service principal name",
    "service principal sign",
    "as a service principal",
    "--service-principal",
    "workload identit",
];

/// Names of a person's sign-in: where one stands beside those, either may have been refused.
const PERSON_SIGN_IN: [&str; 8] = [
    "usernamepassword",
    "username_password",
    "grant_type=password",
    "authtype=office365",
    "authtype=oauth",
    "interactivebrowser",
    "devicecode",
    "userprincipalname",
];

/// Whether a text tells of an application that signed in as itself, and of nobody else.
pub(super) fn is_of_an_application(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
    names(&APPLICATION_SIGN_IN) && !names(&PERSON_SIGN_IN)
}

/// The verdict of a text: the primary error's, else the first that any error gives. An application that signs in as itself
/// has no password that a code could accept.
pub(crate) fn verdict(text: &str, errors: &[DecodedError]) -> (PasswordVerdict, Option<String>) {
    for error in errors {
        let verdict = verdict_of(&error.code);
        if verdict == PasswordVerdict::Unknown || blames_the_address(error, text) {
            continue;
        }
        if verdict == PasswordVerdict::Accepted && is_of_an_application(text) {
            break;
        }
        return (verdict, Some(error.code.clone()));
    }
    (PasswordVerdict::Unknown, None)
}

/// Which errors a verdict about the password may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VerdictFrom {
    /// Any of a text that tells one failure.
    Any,
    /// The first alone: the others are older.
    First,
}

/// Every inference of a text.
pub(crate) fn inferences(text: &str, errors: &[DecodedError], from: VerdictFrom) -> Vec<Inference> {
    let mut found = Vec::new();
    let mut add = |id: &str, error: &DecodedError| found.extend(inference(id, error));
    let judged = match from {
        VerdictFrom::Any => errors,
        VerdictFrom::First => &errors[..errors.len().min(1)],
    };
    let (verdict, because) = verdict(text, judged);
    if let Some(error) = errors.iter().find(|error| Some(&error.code) == because.as_ref()) {
        let is_told = verdict != PasswordVerdict::Locked || Lockout::of_error(error).is_some();
        add(
            if is_told {
                verdict.word()
            } else {
                "locked-or-blocked"
            },
            error,
        );
    }
    for error in errors {
        let has = |name: &str| error.ids.contains_key(name);
        match error.code.as_str() {
            "AADSTS50053" if blames_the_address(error, text) => add("address-blocked", error),
            "AADSTS50173" if has("grant_issued") && has("tokens_valid_from") => add("token-ended", error),
            "AADSTS50173" => add("token-revoked", error),
            "NET:proxy" | "HTTP:407" => add("proxy", error),
            _ => {}
        }
        if !error.conditional_access_policies.is_empty() {
            add("policies", error);
        }
        if error.category == "privilege" && has("privilege") {
            let is_named = error.named_principal().is_some();
            add(if is_named { "privilege" } else { "privilege-alone" }, error);
            if error.ids.get("role_count").is_some_and(|count| count == "0") {
                add("no-roles", error);
            }
            if error
                .ids
                .get("access_mode")
                .is_some_and(|mode| mode != "0" && !mode.starts_with("Read-"))
            {
                add("access-mode", error);
            }
        }
    }
    found.dedup();
    let mut kept: Vec<Inference> = Vec::with_capacity(found.len());
    for inference in found {
        if !kept.iter().any(|other| other.says == inference.says) {
            kept.push(inference);
        }
    }
    kept
}

/// What follows from the order of the records: `id` is `works-again` or, with a user, `works-again-for`.
pub(crate) fn about_time(id: &str, error: &DecodedError, user: &str, at: &str) -> Option<Inference> {
    let mut inference = inference(id, error)?;
    inference.says = inference.says.replace("{at}", at).replace("{who}", user);
    Some(inference)
}

fn inference(id: &str, error: &DecodedError) -> Option<Inference> {
    let row = table("inferences.csv")
        .lines()
        .skip(1)
        .find_map(|line| line.strip_prefix(id)?.strip_prefix(','))?;
    let (about, says) = row.split_once(',')?;
    let mut says = fill(says, error);
    if says.contains("{policies}") {
        says = says.replace("{policies}", &error.conditional_access_policies.join(", "));
    }
    Some(Inference {
        about: about.to_owned(),
        says,
        because: error.code.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entry;
    use super::super::embedded::table;
    use super::super::tables::TABLES;
    use super::{VERDICTS, verdict_of};
    use crate::decode::answer::decode_text;
    use crate::decode::model::PasswordVerdict;

    #[test]
    fn every_row_of_the_verdicts_is_a_known_code_once_with_a_word_of_the_contract() {
        let rows = table("password.csv").lines().skip(1);
        assert_eq!(
            rows.clone().count(),
            VERDICTS.len(),
            "a row is double or has no verdict"
        );
        for row in rows {
            let code = row.split(',').next().unwrap_or_default();
            assert!(TABLES.known(code).is_some() && entry(code).is_some(), "{code}");
        }
    }

    #[test]
    fn only_what_comes_after_the_first_factor_proves_the_password() {
        for code in [
            "AADSTS50161",
            "AADSTS530031",
            "AADSTS530032",
            "AADSTS530035",
            "AADSTS53011",
        ] {
            assert_eq!(verdict_of(code), PasswordVerdict::Accepted, "{code}");
        }
        assert_eq!(verdict_of("AADSTS530034"), PasswordVerdict::Unknown);
    }

    #[test]
    fn an_application_that_signs_in_as_itself_shows_no_password() {
        let refused = "failed: AADSTS53003: Access has been blocked by Conditional Access policies.";
        for (text, verdict) in [
            ("ClientSecretCredential authentication", "unknown"),
            ("grant_type=client_credentials", "unknown"),
            ("app.acquire_token_for_client()", "unknown"),
            ("UsernamePasswordCredential authentication", "accepted"),
            (
                "EnvironmentCredential, ClientSecretCredential, UsernamePasswordCredential",
                "accepted",
            ),
            ("The sign-in", "accepted"),
        ] {
            let text = format!("{text} {refused}");
            assert_eq!(decode_text(text.as_bytes()).password.word(), verdict, "{text}");
        }
    }

    #[test]
    fn the_password_verdict_follows_the_contract() {
        for (text, verdict) in [
            (
                "AADSTS50126: Error validating credentials",
                PasswordVerdict::Rejected,
            ),
            ("AADSTS50055: Password is expired", PasswordVerdict::Expired),
            (
                "AADSTS50053: You've tried to sign in too many times",
                PasswordVerdict::Locked,
            ),
            (
                "AADSTS50053: sign-in was blocked because it came from an IP address with malicious activity",
                PasswordVerdict::Unknown,
            ),
            ("AADSTS53003: Access has been blocked", PasswordVerdict::Accepted),
            ("AADSTS50034: no such account", PasswordVerdict::Unknown),
        ] {
            assert_eq!(decode_text(text.as_bytes()).password, verdict, "{text}");
        }
    }

    #[test]
    fn a_token_that_a_reset_ended_says_not_to_reset_again() {
        let text = "AADSTS50173: The provided grant has expired. The grant was issued on '2026-08-01T09:12:00.0000000Z' \
                    and the TokensValidFrom date (before which tokens are not valid) for this user is '2026-08-03T18:24:00.0000000Z'.";
        let says = decode_text(text.as_bytes())
            .inferences
            .into_iter()
            .find(|inference| inference.about == "token");
        let says = says.map(|inference| inference.says).unwrap_or_default();
        assert!(
            says.contains("2026-08-01T09:12:00.0000000Z") && says.contains("Do not reset"),
            "{says}"
        );
    }
}
