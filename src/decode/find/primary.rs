//! Which code explains the failure, and the category of the whole text.
//!
//! # The rules
//!
//! 1. A code that is the whole message of another error is the cause; the other one carries it.
//! 2. An Entra or Dataverse code beats everything else. The first of them in the text wins: what fails later
//!    is usually a consequence. Among Entra codes those in `error_codes` beat those in prose or in the
//!    description, since Microsoft keeps the field exact and not the text; and a code that its message follows beats one
//!    that a sentence only mentions ("I followed the article about AADSTS50076"). One of which its sentence says that it is
//!    over loses against every other. A limit that clients wait for loses against
//!    what does not pass.
//! 3. Codes that only wrap another failure ([`super::wrappers`]) lose against any code of rule 2. So do Dataverse codes of which
//!    nothing is known, against a sentence beside them that tells the cause; and messages that say themselves that the cause
//!    stands elsewhere, against a status that names it (407, 429, 503).
//! 4. Then, in this order: WS-Trust and federation codes; words that name the missing scope or privilege; a
//!    network failure (it is why a library gave up); a demand for claims, which the service's own code for the
//!    token only carries; specific Graph codes; library codes; other failures told
//!    in words; generic Graph codes; OAuth values; suberrors; HTTP statuses.
//!
//! # The category of the text
//!
//! It is the primary code's, except where the rest of the text is more exact ([`category`]).

use std::collections::HashSet;

use super::context::Evidence;
use super::messages::{category_of_token, category_without_code};
use super::named_codes::GENERIC_GRAPH;
use super::sighting::{How, Sighting};
use super::token::tokens;
use super::wrappers::{is_telling_status, is_told_wrapper, is_unexplained, is_wrapper};
use crate::decode::explain::catalogue;
use crate::decode::explain::tables::TABLES;
use crate::decode::model::Family;

/// The code that best explains the failure; of two that explain as much, the one of the newer event.
pub(crate) fn choose<'s>(
    text: &str,
    sightings: &'s [Sighting],
    when: impl Fn(&Sighting) -> Option<i64>,
) -> Option<&'s Sighting> {
    let states_the_cause = sightings.iter().any(|sighting| is_telling_status(&sighting.code));
    let codes = |is: &dyn Fn(&Sighting) -> bool| -> HashSet<&str> {
        let these = sightings.iter().filter(|sighting| is(sighting));
        these.map(|sighting| sighting.code.as_str()).collect()
    };
    let in_a_field =
        codes(&|sighting| sighting.how == How::Field && Family::of(&sighting.code) == Family::Aadsts);
    let with_its_message = codes(&|sighting| sighting.has_message(text));
    sightings.iter().max_by_key(|sighting| {
        (
            !is_settled(sighting, text),
            rank(sighting, states_the_cause),
            when(sighting),
            in_a_field.contains(sighting.code.as_str()),
            !is_retried(&sighting.code),
            with_its_message.contains(sighting.code.as_str()),
            std::cmp::Reverse(sighting.offset),
        )
    })
}

/// Whether the sentence that mentions a code says that it is over.
fn is_settled(sighting: &Sighting, text: &str) -> bool {
    const OVER: [&str; 9] = [
        "solved",
        "fixed",
        "been sorted",
        "is gone",
        "went away",
        "behoben",
        "gelöst",
        "résolu",
        "resuelto",
    ];
    if sighting.how != How::Spelled || sighting.has_message(text) {
        return false;
    }
    let behind = text.get(sighting.offset..).unwrap_or_default();
    let sentence = behind
        .split(['.', ',', ';', '\n', '!', '?'])
        .next()
        .unwrap_or_default();
    let sentence = sentence.to_lowercase();
    let is_open = ["not ", "n't ", "unsolved", "unresolved", "nicht "]
        .iter()
        .any(|word| sentence.contains(word));
    !is_open && OVER.iter().any(|word| sentence.contains(word))
}

/// Whether clients wait and try again: beside another code of the same time it is not what ended the work.
fn is_retried(code: &str) -> bool {
    Family::of(code) == Family::Dataverse && catalogue::table_category(code) == "throttling"
}

/// True for a code by which a service itself refused: a later success does not undo that it did.
pub(crate) fn is_refusal(code: &str) -> bool {
    matches!(
        Family::of(code),
        Family::Aadsts | Family::Dataverse | Family::Oauth | Family::Graph | Family::Wstrust | Family::Http
    )
}

/// Below every status.
const LOWEST: u8 = 20;

fn rank(sighting: &Sighting, states_the_cause: bool) -> u8 {
    if sighting.how == How::Inner {
        100
    } else if states_the_cause && is_told_wrapper(&sighting.code) {
        LOWEST
    } else {
        rank_of(&sighting.code)
    }
}

/// How telling a code is by rules 2 to 4; a code of a higher rank explains one of a lower rank.
pub(crate) fn rank_of(code: &str) -> u8 {
    match Family::of(code) {
        Family::Aadsts if is_wrapper(code) => 85,
        // The words inside say why; below them, and above what only carries the wrapper.
        Family::Dataverse if is_wrapper(code) => 55,
        Family::Dataverse if is_unexplained(code) => 58,
        Family::Aadsts | Family::Dataverse => 90,
        Family::Wstrust => 80,
        Family::Message if says_more(code) => 76,
        Family::Network => 74,
        Family::Oauth if code == "OAuth:insufficient_claims" => 73,
        Family::Graph if GENERIC_GRAPH.contains(&code) => 50,
        Family::Graph => 72,
        Family::Msal => 70,
        // What stands around every failure, against another sentence that says why.
        Family::Message if is_told_wrapper(code) => 59,
        Family::Message => 60,
        Family::Oauth if code.starts_with("suberror") => 40,
        Family::Oauth => 45,
        Family::Http => 30,
    }
}

/// True for a failure in words that says more than a code beside it.
fn says_more(code: &str) -> bool {
    TABLES
        .phrases()
        .iter()
        .any(|phrase| phrase.beside && phrase.code == code)
}

/// The category of the whole text. Where it differs from the primary code's usual one:
///
/// * a suberror that names the cause (`bad_token`, `consent_required`) decides for the Entra code beside it;
/// * "does not exist" about a user row means that the user is missing;
/// * the generic Dataverse error takes the category of the name that the error object gives (an unknown name:
///   `other`), and is the plug-in's or the server code's when a .NET exception stands in it;
/// * Graph's one code for tokens takes the category of the words that say what is wrong with the token.
pub(crate) fn category(
    text: &str,
    evidence: Evidence,
    sightings: &[Sighting],
    primary: Option<&Sighting>,
) -> Option<&'static str> {
    let Some(primary) = primary else {
        return category_without_code(text, evidence);
    };
    let code = primary.code.as_str();
    if Family::of(code) == Family::Aadsts
        && let Some(suberror) = sightings
            .iter()
            .find_map(|sighting| sighting.code.strip_prefix("suberror:"))
        && !matches!(suberror, "basic_action" | "additional_action" | "message_only")
    {
        return Some(catalogue::table_category(&format!("suberror:{suberror}")));
    }
    if matches!(code, "0x80040217" | "0x80060891") && names_user_row(text) {
        return Some("user-missing");
    }
    if code == "0x80040216" {
        return Some(unexpected(text));
    }
    if code == "Graph:InvalidAuthenticationToken"
        && let Some(told) = category_of_token(text, evidence)
    {
        return Some(told);
    }
    Some(catalogue::category(code))
}

fn names_user_row(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("systemuser with id")
        || lower.contains("entity 'systemuser'")
        || lower.contains("systemuser does not exist")
}

fn unexpected(text: &str) -> &'static str {
    let named = tokens(text).find(|token| token.key().as_deref() == Some("errorname"));
    if let Some(name) = named {
        return TABLES.named(name.word()).map_or("other", catalogue::category);
    }
    let exception =
        tokens(text).any(|token| token.word().ends_with("Exception") && token.word() != "CrmException");
    if exception {
        "plugin"
    } else {
        catalogue::category("0x80040216")
    }
}

#[cfg(test)]
mod tests {
    use super::super::context::Evidence;
    use super::super::scan::scan;
    use super::{category, choose};

    fn judged(text: &str) -> (Option<String>, Option<&'static str>) {
        let evidence = Evidence::of(text);
        let found = scan(text, evidence).sightings;
        let chosen = choose(text, &found, |_| None);
        (
            chosen.map(|sighting| sighting.code.clone()),
            category(text, evidence, &found, chosen),
        )
    }

    #[test]
    fn wrappers_never_win_against_a_cause() {
        for (text, primary, category) in [
            (
                r#"{"error":"invalid_grant","error_description":"AADSTS70002: Error. AADSTS70008: expired"}"#,
                "AADSTS70008",
                "token-expired",
            ),
            (
                r#""AADSTS901007: Error", "error_codes":[50126]"#,
                "AADSTS50126",
                "password",
            ),
            (
                r#"{"error":{"code":"0x80040265","message":"CRM: 0x80040220 in a plug-in"}}"#,
                "0x80040220",
                "privilege",
            ),
            (
                "Add-AzureAccount : user_realm_discovery_failed: error: (407) Proxy Authentication Required.",
                "NET:proxy",
                "network",
            ),
            (
                r#"error:"invalid_grant",suberror:"bad_token" AADSTS9002313: x"#,
                "AADSTS9002313",
                "token-expired",
            ),
            (
                r#"{"error":{"code":"0x80040217","message":"SystemUser With Id = 1 Does Not Exist"}}"#,
                "0x80040217",
                "user-missing",
            ),
            (
                "Failed to connect to Dataverse\nThe remote server returned an error: (407) Proxy Authentication Required.",
                "HTTP:407",
                "network",
            ),
            (
                "Failed to connect to Dataverse\nThe remote server returned an error: (429) Too Many Requests.",
                "HTTP:429",
                "throttling",
            ),
            (
                "Unable to Login to Dynamics CRM\nThe remote server returned an error: (503) Server Unavailable.",
                "HTTP:503",
                "transient",
            ),
            (
                "Unable to Login to Dynamics CRM\nThe remote server returned an error: (401) Unauthorized.",
                "MSG:unable_to_login_dynamics_crm",
                "auth",
            ),
            (
                "Failed to connect to Dataverse HResult=0x80131500 AADSTS7000222: The provided client secret keys are expired.",
                "AADSTS7000222",
                "client-auth",
            ),
            (
                "This action is not supported.\nError Code: 2147746581\nSecLib::CheckPrivilege failed. User: 8, PrivilegeName: prvReadEntity",
                "MSG:seclib_checkprivilege_failed",
                "privilege",
            ),
            (
                "Dataverse 0x80040315: The user is not a member of the organization.",
                "MSG:user_not_member_of_organization",
                "user-missing",
            ),
            (
                r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}"#,
                "Graph:InvalidAuthenticationToken",
                "app-config",
            ),
            (
                "[InvalidAuthenticationToken] : Continuous access evaluation resulted in challenge with result: InteractionRequired and code: LocationConditionEvaluationSatisfied",
                "MSG:location_policy_refused_token",
                "conditional-access",
            ),
        ] {
            let (chosen, of_text) = judged(text);
            assert_eq!(chosen.as_deref(), Some(primary), "{text}");
            assert_eq!(of_text, Some(category), "{text}");
        }
    }

    #[test]
    fn a_code_with_its_message_beats_one_that_a_sentence_mentions() {
        for (text, primary) in [
            (
                "I followed the article about AADSTS50076. Now: AADSTS50126: Error validating credentials",
                "AADSTS50126",
            ),
            (
                "It is not AADSTS50076. The error is AADSTS50126: x",
                "AADSTS50126",
            ),
            (
                r#"We fixed AADSTS65001, now we get {"error":{"code":"0x80072560","message":"The user is not a member of the organization."}}"#,
                "0x80072560",
            ),
            ("AADSTS50126: x. Not to be taken for AADSTS50076", "AADSTS50126"),
            ("AADSTS50076 first, AADSTS50126 then", "AADSTS50076"),
            (
                "The AADSTS50076 of Monday was fixed by the exclusion. Today it is AADSTS50126",
                "AADSTS50126",
            ),
            ("AADSTS50076 ist behoben, dafür kommt AADSTS50126", "AADSTS50126"),
            (
                "AADSTS50076 is not solved, and AADSTS50126 was only once",
                "AADSTS50076",
            ),
            ("AADSTS50076 is solved", "AADSTS50076"),
        ] {
            assert_eq!(judged(text).0.as_deref(), Some(primary), "{text}");
        }
    }

    #[test]
    fn the_first_of_two_equals_wins() {
        let text = r#"failed: 400 {"error":{"code":"0x80048425"}} then 429 {"error":{"code":"0x80071151"}}"#;
        assert_eq!(judged(text).0.as_deref(), Some("0x80048425"));
    }
}
