//! The patterns of what must not leave: addresses, ids, tokens, hosts. Used to replace and, apart from that, to verify.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::is_guid;

/// What was found at a place of a text. The groups of [`pattern`] are tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Token,
    /// A secret behind its name, which stays.
    Assigned,
    Mail,
    Environment,
    Url,
    Guid,
    Bare,
    /// A time, which stays.
    Time,
    /// A number that a service states of itself, which stays.
    Stated,
    Sid,
    Ip,
    Phone,
    /// Where somebody's machines and people are kept: a domain before a user, a server and its share, a part of a
    /// distinguished name. No word of it is one of everybody.
    Place,
}

const GROUPS: [(&str, Found); 17] = [
    ("token", Found::Token),
    ("header", Found::Assigned),
    ("assigned", Found::Assigned),
    ("query", Found::Assigned),
    ("mail", Found::Mail),
    ("org", Found::Environment),
    ("host", Found::Url),
    ("guid", Found::Guid),
    ("bare", Found::Bare),
    ("time", Found::Time),
    ("stated", Found::Stated),
    ("sid", Found::Sid),
    ("ip", Found::Ip),
    ("phone", Found::Phone),
    ("share", Found::Place),
    ("netbios", Found::Place),
    ("component", Found::Place),
];

/// A time, in the spellings of the services and of Europe and America.
pub(super) const TIME: &str = r"\b[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|z| ?[+-][0-2][0-9]:?[0-5][0-9])?)?\b|\b[0-3]?[0-9][./-][0-3]?[0-9][./-][12][0-9]{3}(?:,? [0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?)?\b";

/// A number that a service states of itself.
pub(super) const STATED: &str = r"(?i:\b(?:rolecount|privilegecount|type|accessmode|licensetype|depth|objecttypecode|otc|retry-?after|count|status|errorcode|error_codes?)\s*[=:]\s*\[?-?[0-9]{1,6}\b)";

/// What may be an IP address or a range.
pub(super) const ADDRESS: &str = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]{1,3})?";

/// From how many bytes a run of base64 is too long for anything but a secret.
const LONG: usize = 200;

/// The pattern for any text.
static OF_ANY_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let long_run = format!("|[A-Za-z0-9+/_-]{{{LONG},}}={{0,2}}");
    Regex::new(&pattern(r"\p{L}\p{N}", &long_run)).ok()
});

/// The same for a text of ASCII below [`LONG`], which nearly all are, without what cannot stand in one. A search learns a
/// state for each way to have come to a place: the alphabets of the world make each dear, and counting to 200 from every
/// letter makes them many.
static OF_SHORT_ASCII: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&pattern("A-Za-z0-9", "")).ok());

/// The pattern, with the letters and digits that a name may have (`LETTERS` in the parts) and the alternative for a run of
/// base64 that is long.
fn pattern(letters: &str, long_run: &str) -> String {
    let parts = [
        // A JSON Web Token, also over several lines, an opaque token of Microsoft, a long run of base64, a PEM block.
        &[
            r"(?P<token>eyJ[A-Za-z0-9_-]{8,}\.\s*[A-Za-z0-9_-]+(?:\.\s*[A-Za-z0-9_-]*)?|\b[01]\.A[A-Za-z0-9._-]{60,}",
            long_run,
            r"|-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----|(?i:bearer )\s*[A-Za-z0-9._~+/-]{16,}=*)",
        ]
        .concat(),
        // A header that holds a secret: to the end of its line, or to the end of the value.
        r"(?i)(?P<header>\b(?:set-)?cookie\s*:[^\r\n]+|\b(?:proxy-)?authorization\s*[:=]\s*(?:basic|bearer|digest|negotiate|ntlm|pop|sharedkey\w*)\s+[^\s,;]+|\bx-(?:api-key|functions-key|ms-client-secret)\s*[:=]\s*[^\s,;]+|\b(?:ocp-apim-subscription-key|api-key)\s*[:=]\s*[^\s,;]+)",
        r#"(?i)(?P<assigned>\b(?:password|passwd|passphrase|pwd|secret|secrettext|client_?secret|client_?assertion|refresh_?token|access_?token|id_?token|device_?code|code_?verifier|account_?key|shared_?access_?(?:key|signature)|primary_?key|api_?key|sas_?token|private_?key|token)["']?\s*[=:]\s*["']?[^\s&"',;}]+)"#,
        r#"(?i)[?&;](?P<query>(?:sig|code|key|token|state|nonce|session_state|ticket|auth)=[^&\s"'<>]+)"#,
        r"(?P<mail>[LETTERS.!#$%&*+=?^_{|}~-]+(?:@|＠|%40)[LETTERS-]+(?:(?:\.|%2[Ee])[LETTERS-]+)+)",
        r"(?i)(?:https?://)?(?P<org>[a-z0-9-]+)(?P<cloud>(?:\.api)?\.crm[0-9]*\.(?:dynamics\.com|microsoftdynamics\.us|appsplatform\.us|dynamics\.cn))",
        r"(?i)https?://(?P<host>(?:[^\s/@]*@)?[LETTERS.-]+)",
        r"(?i)(?P<guid>[0-9a-f]{8}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{12})",
        r"(?i)\b(?P<bare>[0-9a-f]{32})\b",
        &format!("(?P<time>{TIME})"),
        &format!("(?P<stated>{STATED})"),
        r"(?i)(?P<sid>\bs-1-[0-9]+(?:-[0-9]+)+)",
        &format!("(?P<ip>{ADDRESS})"),
        r"(?P<phone>\+[0-9(][0-9() /.\x{a0}-]{5,}[0-9]\b|\b0[0-9]{1,4}[ /.\x{a0}-][0-9 /.\x{a0}-]{4,}[0-9]\b|(?:\([0-9]{3}\)|\b[0-9]{3})[ .\x{a0}-]?[0-9]{3}[ .\x{a0}-][0-9]{4}\b)",
        r#"(?:^|[\s"'(=,;])\\{2,4}(?P<share>[LETTERS][LETTERS._-]*(?:\\{1,2}[LETTERS._$-]+)+)"#,
        r#"(?:^|[\s"'(=,;:])(?P<netbios>[A-Z][A-Z0-9-]{1,14})\\"#,
        r#"(?i)(?:\bdc|/o)=(?P<component>[^,;/\s"'<>]+)"#,
    ];
    // The parts are literals; a test compiles them.
    parts.join("|").replace("LETTERS", letters)
}

/// `text` with every find replaced by what `replace` makes of it, and the rest by what `rest` makes of that.
pub(super) fn replace(
    text: &str,
    mut find: impl FnMut(Found, &str) -> String,
    mut rest: impl FnMut(&str) -> String,
) -> String {
    // An id alone is a frequent find, and has digits of its own each time for a search to learn.
    if is_guid(text) {
        return find(Found::Guid, text);
    }
    let is_short_ascii = text.len() < LONG && text.is_ascii();
    let pattern = if is_short_ascii {
        &OF_SHORT_ASCII
    } else {
        &OF_ANY_TEXT
    };
    let Some(pattern) = pattern.as_ref() else {
        return String::new();
    };
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for captures in pattern.captures_iter(text) {
        let group = GROUPS
            .iter()
            .find_map(|(name, found)| captures.name(name).map(|group| (*found, group)));
        let Some((found, group)) = group else {
            continue;
        };
        result.push_str(&rest(&text[end..group.start()]));
        result.push_str(&find(found, group.as_str()));
        end = group.end();
    }
    result.push_str(&rest(&text[end..]));
    result
}

/// Everything that was found, in its order. What stays as it is counts too.
pub(super) fn finds(text: &str) -> Vec<(Found, String)> {
    let mut all = Vec::new();
    replace(
        text,
        |found, part| {
            all.push((found, part.to_owned()));
            String::new()
        },
        |_| String::new(),
    );
    all
}

/// Whether the text is a time, which stays.
pub(super) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes.len() <= 40
        && bytes[..10].iter().enumerate().all(|(position, byte)| {
            if matches!(position, 4 | 7) {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        })
        && bytes[10..]
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"T:.Z+- t".contains(byte))
}

/// Whether the text is a truth value or two digits at most, which say nothing about anybody.
pub(super) fn is_plain(text: &str) -> bool {
    text.is_empty()
        || text.len() < 3 && text.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(text, "true" | "false" | "null" | "True" | "False")
}

/// Whether what was found can be a telephone number: enough digits, and no result code.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (7..=17).contains(&digits) && !(digits == text.len() && super::vocabulary::knows(text))
}

/// An address as it is written without escapes: `a%40b%2Ecom`, `a＠b.com`.
pub(super) fn plain_mail(text: &str) -> String {
    if !text.contains(['%', '＠']) {
        return text.to_owned();
    }
    let text = text.replace('＠', "@");
    [
        "%40 @", "%2E .", "%2e .", "%2B +", "%2b +", "%23 #", "%2D -", "%2d -", "%5F _", "%5f _",
    ]
    .iter()
    .filter_map(|pair| pair.split_once(' '))
    .fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
}

/// `value@odata.type` is a property, no address.
pub(super) fn is_annotation(mail: &str) -> bool {
    mail.split_once('@')
        .is_some_and(|(_, domain)| domain.to_ascii_lowercase().starts_with("odata."))
}

/// Hosts of the platform: the same for everybody.
pub(super) fn is_platform_host(host: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        "microsoft.com",
        "microsoftonline.com",
        "microsoftonline.us",
        "windows.net",
        "azure.com",
        "dynamics.com",
        "office.com",
        "microsoftazure.us",
        "microsoft.us",
        "powerplatform.com",
        "live.com",
        "chinacloudapi.cn",
        "partner.microsoftonline.cn",
        "azure-api.net",
        "aka.ms",
        "w3.org",
        "xmlsoap.org",
        "oasis-open.org",
        "loopback.invalid",
        "sts.windows.net",
        "appsplatform.us",
        "microsoftdynamics.us",
        "dynamics.cn",
        "work365apps.com",
    ];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    !host.ends_with("onmicrosoft.com")
        && SUFFIXES.iter().any(|suffix| {
            host == *suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Found, LONG, OF_ANY_TEXT, OF_SHORT_ASCII, finds, is_platform_host, is_time};

    proptest! {
        #[test]
        fn a_short_text_of_ascii_is_searched_by_a_smaller_pattern_and_the_same_is_found(
            pieces in proptest::collection::vec(
                prop_oneof![
                    "[ -~]{1,6}",
                    "[a-f0-9]{4,12}",
                    prop::sample::select(vec![
                        "a.b@c.de", "%40", "@", ".com", "https://", "org.crm4.dynamics.com", "eyJhbGciOi", "password=", "Bearer ",
                        "cookie: ", "?code=", "203.0.113.7", "2001:db8::7", "+1 (425) 555-0100", "0151 234 5678", "425-555-0100",
                        "S-1-5-21-7", "\\\\files\\share", "CORP\\user", "DC=", "/o=", "2026-06-15T09:00:00Z", "3/5/2026 9:15", "count: 7",
                        "11111111-1111-4111-8111-1111111111f1", "-", " ", "\n", "\"", "(", ",", ";", "&",
                    ]).prop_map(str::to_owned),
                ],
                0..12,
            ),
        ) {
            let mut text = pieces.concat();
            text.truncate(LONG - 1);
            let all = |pattern: &Option<regex::Regex>| -> Vec<Vec<Option<std::ops::Range<usize>>>> {
                let pattern = pattern.as_ref().unwrap();
                let captures = pattern.captures_iter(&text);
                captures.map(|one| one.iter().map(|group| group.map(|group| group.range())).collect()).collect()
            };
            prop_assert_eq!(all(&OF_SHORT_ASCII), all(&OF_ANY_TEXT), "{}", text);
        }

        #[test]
        fn an_id_alone_is_what_the_pattern_would_find(id in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}") {
            let by_pattern = OF_SHORT_ASCII.as_ref().unwrap().captures(&id).unwrap();
            prop_assert_eq!(by_pattern.name("guid").map(|group| group.as_str()), Some(id.as_str()));
            prop_assert_eq!(finds(&id), [(Found::Guid, id)]);
        }
    }

    #[test]
    fn each_pattern_finds_its_kind() {
        let token = format!("eyJ{}.{}.sig", "a".repeat(20), "b".repeat(20));
        for (text, found, part) in [
            ("user a.b@fabrikam.com failed", Found::Mail, "a.b@fabrikam.com"),
            (
                "https://fabrikam.crm4.dynamics.com/x",
                Found::Environment,
                "fabrikam",
            ),
            ("https://sts.fabrikam.com/adfs", Found::Url, "sts.fabrikam.com"),
            (
                "id=11111111-1111-4111-8111-1111111111f1_x",
                Found::Guid,
                "11111111-1111-4111-8111-1111111111f1",
            ),
            ("from 203.0.113.7.", Found::Ip, "203.0.113.7"),
            ("from 2001:db8::7/64", Found::Ip, "2001:db8::7/64"),
            ("grant password=hunter2&x", Found::Assigned, "password=hunter2"),
            (token.as_str(), Found::Token, token.as_str()),
            (r"on \\files\finance$ of", Found::Place, r"files\finance$"),
            (r"for FOREST\user.", Found::Place, "FOREST"),
            ("CN=Users,DC=secret,x", Found::Place, "secret"),
            ("/o=Exchange/cn=x", Found::Place, "Exchange"),
        ] {
            assert_eq!(finds(text), [(found, part.to_owned())], "{text}");
        }
    }

    #[test]
    fn times_and_hosts_of_the_platform_are_known() {
        assert!(is_time("2026-06-15T09:00:00Z") && is_time("2026-06-15"));
        assert!(!is_time("2026-06-15 Contoso"));
        assert!(
            is_platform_host("login.microsoftonline.com") && !is_platform_host("fabrikam.onmicrosoft.com")
        );
        assert!(!is_platform_host("notmicrosoft.com"));
    }
}
