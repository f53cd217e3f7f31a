//! Codes that are words: OAuth, suberrors, Graph, MSAL and ADAL, Windows Identity Foundation, WS-Trust.
//!
//! The more ordinary a word is, the more its place must say: `Authorization_RequestDenied` is a code wherever
//! it stands, `Forbidden` only as the value of an error field of a Microsoft service.

use super::context::Evidence;
use super::sighting::{How, Sighting};
use super::token::Token;
use crate::decode::explain::tables::{TABLES, Word};

/// OAuth values that other services and plain prose use too.
const ORDINARY_OAUTH: [&str; 9] = [
    "invalid_request",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "slow_down",
    "expired_token",
    "invalid_token",
    "request_not_supported",
    "code_expired",
];

/// Graph values without an underscore that are a code wherever they stand.
const DISTINCT_GRAPH: [&str; 12] = [
    "InvalidAuthenticationToken",
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "MailboxNotHostedInExchangeOnline",
    "PermissionScopeNotGranted",
    "NoPermissionsInAccessToken",
    "ErrorNonExistentMailbox",
    "ErrorMailboxStoreUnavailable",
    "ErrorMailboxMoveInProgress",
    "ErrorAccessDenied",
    "ErrorSendAsDenied",
    "activityLimitReached",
];

/// Graph values about a token or about load: believed in any error object that has a message beside the code.
const PLACED_GRAPH: [&str; 4] = [
    "TokenExpired",
    "TooManyRequests",
    "ApplicationThrottled",
    "throttledRequest",
];

/// Graph values that say no more than an HTTP status does.
pub(crate) const GENERIC_GRAPH: [&str; 20] = [
    "Graph:Forbidden",
    "Graph:Unauthorized",
    "Graph:AccessDenied",
    "Graph:accessDenied",
    "Graph:BadRequest",
    "Graph:badRequest",
    "Graph:NotFound",
    "Graph:notFound",
    "Graph:Conflict",
    "Graph:UnknownError",
    "Graph:UnknownErrorWithCode",
    "Graph:generalException",
    "Graph:InternalServerError",
    "Graph:Request_BadRequest",
    "Graph:unauthenticated",
    "Graph:UnauthorizedAccess",
    "Graph:AuthenticationError",
    "Graph:MethodNotAllowed",
    "Graph:PreconditionFailed",
    "Graph:invalidRequest",
];

/// Reads one token that starts with a letter.
pub(crate) fn read(token: &Token<'_>, evidence: Evidence) -> Option<Sighting> {
    let word = token.word();
    if word.len() < 5 || word.len() > 90 {
        return None;
    }
    oauth(token, evidence)
        .or_else(|| graph(token, evidence))
        .or_else(|| msal(token, evidence))
        .or_else(|| federation(token, evidence))
}

fn sighting(code: &str, token: &Token<'_>, how: How) -> Sighting {
    Sighting {
        code: code.to_owned(),
        offset: token.start,
        how,
    }
}

fn is_error_key(key: &str) -> bool {
    matches!(
        key,
        "error" | "errorcode" | "code" | "err" | "exception" | "autherror" | "oauth2error" | "reason"
    ) || key.ends_with("error")
        || key.ends_with("errorcode")
}

fn oauth(token: &Token<'_>, evidence: Evidence) -> Option<Sighting> {
    let word = token.word();
    let key = token.key();
    if matches!(
        key.as_deref(),
        Some("suberror" | "errorsubcode" | "oauthsuberror")
    ) {
        let code = TABLES.word(Word::Suberror, word)?;
        return Some(sighting(code, token, How::Field));
    }
    let code = TABLES.word(Word::OAuth, word)?;
    if evidence.is_foreign() {
        return None;
    }
    let field = key.as_deref().is_some_and(is_error_key);
    let ordinary = ORDINARY_OAUTH.contains(&word);
    let told = evidence.entra || token.text.contains("error_description");
    let accepted = match (field, ordinary) {
        (true, false) => true,
        (true, true) => told || evidence.microsoft || is_parameter(token),
        (false, false) => {
            (evidence.entra || (evidence.microsoft && !evidence.other_vendor))
                && (token.introduces_a_message() || is_quoted(token) || !is_source(token))
        }
        (false, true) => evidence.entra && token.introduces_a_message(),
    };
    accepted.then(|| sighting(code, token, if field { How::Field } else { How::Prose }))
}

/// The `error` parameter of an address, as a sign-in service sends the browser back with it.
fn is_parameter(token: &Token<'_>) -> bool {
    ["?error=", "#error=", "&error="]
        .iter()
        .any(|parameter| token.before(7) == *parameter)
}

/// In back quotes or quotes, as text quotes a code.
fn is_quoted(token: &Token<'_>) -> bool {
    token.before(1).ends_with(['`', '\'', '"']) && token.after(1).starts_with(['`', '\'', '"'])
}

/// Part of a longer name: a property, a path, a file.
fn is_source(token: &Token<'_>) -> bool {
    token.before(1).ends_with(['.', '/', '-', '$', '@']) || token.after(1).starts_with(['(', '/', '-', '['])
}

fn graph(token: &Token<'_>, evidence: Evidence) -> Option<Sighting> {
    let word = token.word();
    let code = TABLES.word(Word::Graph, word)?;
    if is_source(token) || evidence.is_foreign() {
        return None;
    }
    let key = token.key();
    let field = matches!(key.as_deref(), Some("code" | "errorcode" | "odataerrorcode"))
        || key
            .as_deref()
            .is_some_and(|key| key.ends_with("exceptioncode") || key.ends_with("errorcode"));
    if word.contains('_') || DISTINCT_GRAPH.contains(&word) {
        return Some(sighting(
            code,
            token,
            if field { How::Field } else { How::Spelled },
        ));
    }
    if !field {
        return None;
    }
    let object = {
        let after = token.after(60).to_ascii_lowercase();
        after.contains("message") || after.contains("target")
    };
    let believed = if PLACED_GRAPH.contains(&word) {
        evidence.microsoft || (object && !evidence.other_vendor)
    } else {
        evidence.microsoft && !evidence.other_vendor
    };
    believed.then(|| sighting(code, token, How::Field))
}

fn msal(token: &Token<'_>, evidence: Evidence) -> Option<Sighting> {
    let word = token.word();
    let lower = word.to_ascii_lowercase();
    // Constants of the libraries carry the same words in capitals.
    let code = TABLES.word(Word::Msal, word).or_else(|| {
        (word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
            .then(|| TABLES.word(Word::Msal, &lower))
            .flatten()
    })?;
    if is_source(token) || evidence.is_foreign() {
        return None;
    }
    let distinct = word.matches('_').count() >= 2;
    let placed = token.introduces_a_message() || token.key().as_deref().is_some_and(is_error_key);
    let accepted = match (distinct, placed) {
        (true, true) => true,
        (true, false) => evidence.library || evidence.entra,
        (false, true) => evidence.library,
        (false, false) => false,
    };
    // Words without an underscore are exception and diagnostic names: `prune` keeps them only when alone.
    let accepted = accepted || (!word.contains('_') && evidence.microsoft && word.len() >= 8);
    accepted.then(|| sighting(code, token, if placed { How::Field } else { How::Prose }))
}

fn federation(token: &Token<'_>, evidence: Evidence) -> Option<Sighting> {
    let word = token.word();
    if let Some(code) = TABLES.word(Word::Wif, word) {
        let placed = token.introduces_a_message() || evidence.federation;
        return placed.then(|| sighting(code, token, How::Spelled));
    }
    if word.len() == 8 && word.starts_with("MSIS") && word[4..].bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(sighting(&format!("WIF:{word}"), token, How::Spelled));
    }
    let code = TABLES.word(Word::WsTrust, word)?;
    let about_ours = evidence.federation || evidence.microsoft;
    (is_qualified_fault(token, about_ours) || (word == "FailedAuthentication" && evidence.microsoft))
        .then(|| sighting(code, token, How::Spelled))
}

/// `wst:FailedAuthentication`, or a word of WS-Trust behind any other prefix: in a text about our services, or
/// alone as the qualified name in an element.
fn is_qualified_fault(token: &Token<'_>, about_ours: bool) -> bool {
    // Every SOAP service may answer with a fault called like these.
    const ORDINARY: [&str; 4] = ["BadRequest", "InvalidRequest", "RequestFailed", "InvalidScope"];
    let Some(before) = token.before(24).strip_suffix(':') else {
        return false;
    };
    let start = before
        .trim_end_matches(|character: char| character.is_ascii_alphanumeric())
        .len();
    let prefix = before[start..].to_ascii_lowercase();
    let starts = |names: &[&str]| names.iter().any(|name| prefix.starts_with(name));
    if starts(&["wst", "wsse", "trust"]) {
        return true;
    }
    let ordinary = ORDINARY.contains(&token.word());
    let element = before[..start].ends_with('>') && token.after(1) == "<";
    (about_ours && !(ordinary && starts(&["soap", "env"]))) || (element && !ordinary)
}

/// True for the library "codes" that are names of exceptions or diagnostics: any other code says more.
pub(crate) fn is_exception_name(code: &str) -> bool {
    code.strip_prefix("MSAL:")
        .is_some_and(|word| !word.contains(['_', '-']))
}

/// Drops what the rest of the sightings make superfluous: exception names and diagnostic ids of the libraries
/// beside any code, and library words that repeat an OAuth value.
pub(crate) fn prune(sightings: &mut Vec<Sighting>, evidence: Evidence) {
    if sightings
        .iter()
        .any(|sighting| !is_exception_name(&sighting.code))
    {
        sightings.retain(|sighting| !is_exception_name(&sighting.code));
    }
    if evidence.other_vendor && !evidence.entra {
        sightings.retain(|sighting| sighting.how != How::Prose);
    }
}

#[cfg(test)]
mod tests {
    use super::super::context::Evidence;
    use super::super::scan::scan;

    fn codes(text: &str) -> Vec<String> {
        scan(text, Evidence::of(text))
            .sightings
            .into_iter()
            .map(|sighting| sighting.code)
            .collect()
    }

    #[test]
    fn words_are_codes_where_their_place_says_so() {
        for (text, expected) in [
            (
                r#"{"error":"invalid_grant","suberror":"bad_token"}"#,
                vec!["OAuth:invalid_grant", "suberror:bad_token"],
            ),
            (
                "Code: Authorization_RequestDenied",
                vec!["Graph:Authorization_RequestDenied"],
            ),
            (
                "Graph said Request_ResourceNotFound once",
                vec!["Graph:Request_ResourceNotFound"],
            ),
            (
                "password_required_for_managed_user: Password is required",
                vec!["MSAL:password_required_for_managed_user"],
            ),
            (
                "MsalClientException: `MULTIPLE_MATCHING_TOKENS_DETECTED`",
                vec!["MSAL:multiple_matching_tokens_detected"],
            ),
            (
                "ID3242: The security token could not be authenticated",
                vec!["WIF:ID3242"],
            ),
            ("MSIS9999: AD FS has a new message", vec!["WIF:MSIS9999"]),
            (
                "<a:Value xmlns:a='x'>wst:FailedAuthentication</a:Value> from the Microsoft STS",
                vec!["WST:FailedAuthentication"],
            ),
            (
                "<s:Value>wst:FailedAuthentication</s:Value>",
                vec!["WST:FailedAuthentication"],
            ),
            (
                "<Value>a:InvalidSecurityToken</Value>",
                vec!["WST:InvalidSecurityToken"],
            ),
            (
                "https://portal.contoso.com/auth#error=access_denied&error_subcode=cancel",
                vec!["OAuth:access_denied"],
            ),
        ] {
            assert_eq!(codes(text), expected, "{text}");
        }
    }

    #[test]
    fn ordinary_words_and_other_vendors_are_left_alone() {
        for text in [
            "Access is Forbidden to minors",
            r#"{"code":"NotFound","message":"no such book"}"#,
            r#"{"error":{"code":"Forbidden","message":"Role lacks the scope admin:write"}}"#,
            r#"https://oauth2.googleapis.com/token answered {"error":"invalid_grant"}"#,
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error> from s3.amazonaws.com",
            "if (token.not_found) return",
            "<faultcode>soap:InvalidRequest</faultcode>",
            "https://accounts.google.com/back?error=access_denied",
        ] {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
    }
}
