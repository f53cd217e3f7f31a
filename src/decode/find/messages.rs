//! Failures told in words, and network failures.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

use super::context::Evidence;
use super::numbers::number;
use super::sighting::{How, Scan, Sighting};
use super::statuses;
use super::token::tokens;
use super::wrappers::{is_told_wrapper, is_unexplained, is_wrapper};
use crate::decode::explain::tables::{Needs, Phrase, TABLES, status_category};
use crate::decode::model::Family;
use crate::decode::text::pattern;
use crate::decode::text::unbreak::Joined;

/// Texts of at most this length are searched phrase by phrase. A longer one is first read once with a machine of all phrases, which
/// takes longer to build than a short text takes to search.
const SHORT: usize = 16 << 10;

static PHRASES: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| pattern::set(TABLES.phrases().iter().map(|phrase| phrase.pattern)));

/// The phrases that say more than a code beside them, and their places in the table.
static BESIDE: LazyLock<(Vec<usize>, Option<RegexSet>)> = LazyLock::new(|| {
    let beside = TABLES.phrases().iter().enumerate();
    let (places, patterns): (Vec<usize>, Vec<&str>) = beside
        .filter(|(_, phrase)| phrase.beside)
        .map(|(place, phrase)| (place, phrase.pattern))
        .unzip();
    let set = pattern::set(patterns);
    (places, set)
});

/// A phrase and where it stands.
type Met = (&'static Phrase, Range<usize>);

/// How many words the text of a sign-in page or a dialogue box has at most.
const LONGEST_PAGE: usize = 80;

static WINDOWS_UPDATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern::regex(r"(?i)windows ?update|delivery\.mp\.microsoft\.com|wuauclt"));

/// Adds what the text tells without a code, unless the codes found say the same.
pub(crate) fn add(text: &str, evidence: Evidence, scan: &mut Scan) {
    add_told(text, evidence, scan);
    if scan.sightings.is_empty()
        && let Some(joined) = Joined::of(text)
    {
        add_told(&joined.text, evidence, scan);
        for sighting in &mut scan.sightings {
            sighting.offset = joined.original_offset(sighting.offset);
        }
    }
}

fn add_told(text: &str, evidence: Evidence, scan: &mut Scan) {
    let says_nothing_itself = |code: &str| {
        is_carrier(code)
            || (Family::of(code) == Family::Dataverse && is_wrapper(code))
            || is_unexplained(code)
    };
    let coded = scan
        .sightings
        .iter()
        .any(|sighting| !says_nothing_itself(&sighting.code));
    let wrapped = scan
        .sightings
        .iter()
        .any(|sighting| is_wrapper(&sighting.code) || is_unexplained(&sighting.code));
    let network = add_network(text, evidence, scan);
    statuses::add(text, evidence, scan, network);
    // What stands around every failure does not end the search for what says why.
    let mut is_around = false;
    for (phrase, place) in phrases_in(text, coded) {
        if is_around && is_told_wrapper(phrase.code) {
            continue;
        }
        let wanted = !phrase.code.is_empty()
            && Family::of(phrase.code) == Family::Message
            && is_believed(phrase, &place, text, evidence)
            && !repeats_a_status(phrase, &scan.sightings)
            && !is_reason_of_401(phrase, &place, text)
            && (!wrapped || phrase.beside || is_refusal(phrase.category))
            && !(evidence.is_foreign() && phrase.needs == Needs::Nothing && !phrase.beside);
        if wanted {
            scan.sightings.push(Sighting {
                code: phrase.code.to_owned(),
                offset: place.start,
                how: How::Told,
            });
            scan.sightings
                .retain(|sighting| !super::named_codes::is_exception_name(&sighting.code));
            is_around |= is_told_wrapper(phrase.code);
            if !phrase.beside && !is_told_wrapper(phrase.code) {
                // The table goes from the specific to the general: one sentence is one failure.
                break;
            }
        }
    }
    let is_told = scan
        .sightings
        .iter()
        .any(|sighting| Family::of(&sighting.code) == Family::Message);
    if !coded
        && !is_told
        && !network
        && let Some((code, offset)) = super::words::find(text, evidence)
    {
        scan.sightings.push(Sighting {
            code: code.to_owned(),
            offset,
            how: How::Told,
        });
        scan.sightings
            .retain(|sighting| !super::named_codes::is_exception_name(&sighting.code));
    }
}

/// The phrases of a text in the order of the table; beside a code only those that say more than it.
fn phrases_in(text: &str, coded: bool) -> Vec<Met> {
    let small = text.to_ascii_lowercase();
    let met = |phrase: &'static Phrase| Some((phrase, phrase.find(text, &small)?));
    if text.len() <= SHORT {
        let phrases = TABLES.phrases().iter();
        return phrases
            .filter(|phrase| !coded || phrase.beside)
            .filter_map(met)
            .collect();
    }
    let matches = |set: Option<&RegexSet>| {
        set.map(|set| set.matches(text.as_bytes()).into_iter().collect::<Vec<usize>>())
            .unwrap_or_default()
    };
    let places = if coded {
        let (places, set) = &*BESIDE;
        matches(set.as_ref())
            .into_iter()
            .map(|index| places[index])
            .collect()
    } else {
        matches(PHRASES.as_ref())
    };
    let phrases = places.into_iter().map(|place| &TABLES.phrases()[place]);
    phrases.filter_map(met).collect()
}

/// True for the categories of a refusal: what else stands around a wrapper's code says no more than it does.
fn is_refusal(category: &str) -> bool {
    matches!(
        category,
        "auth"
            | "privilege"
            | "user-disabled"
            | "user-missing"
            | "license"
            | "password"
            | "mfa"
            | "conditional-access"
            | "account-state"
            | "client-auth"
    )
}

/// "Too many requests" beside a stated 429 is the status's own reason phrase.
fn repeats_a_status(phrase: &Phrase, sightings: &[Sighting]) -> bool {
    let states = || {
        sightings
            .iter()
            .any(|sighting| Family::of(&sighting.code) == Family::Http)
    };
    (phrase.needs == Needs::NoStatus && states())
        || matches!(phrase.category, "throttling" | "transient")
            && sightings.iter().any(|sighting| {
                let status = sighting
                    .code
                    .strip_prefix("HTTP:")
                    .and_then(|status| status.parse().ok());
                status.is_some_and(|status| status_category(status) == phrase.category)
            })
}

/// "401 - Unauthorized: Access is denied" is the reason of the status: the service did not learn who asks, so no right was
/// refused to anybody.
fn is_reason_of_401(phrase: &Phrase, place: &Range<usize>, text: &str) -> bool {
    let before = text.get(..place.start).unwrap_or_default();
    let mut words = before
        .rsplit(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    phrase.category == "privilege"
        && words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("unauthorized"))
        && words.next().is_some_and(|word| word.ends_with("401"))
}

/// The category of a text that tells a failure which is neither a sign-in nor a permission error.
pub(crate) fn category_without_code(text: &str, evidence: Evidence) -> Option<&'static str> {
    phrases_in(text, false)
        .into_iter()
        .find(|(phrase, place)| phrase.code.is_empty() && is_believed(phrase, place, text, evidence))
        .map(|(phrase, _)| phrase.category)
}

/// The category of what a text says is wrong with a token.
pub(crate) fn category_of_token(text: &str, evidence: Evidence) -> Option<&'static str> {
    phrases_in(text, false)
        .into_iter()
        .find(|(phrase, place)| {
            phrase.code.starts_with("MSG:token_") && is_believed(phrase, place, text, evidence)
        })
        .map(|(phrase, _)| phrase.category)
}

/// True for codes that only say that something failed.
fn is_carrier(code: &str) -> bool {
    super::named_codes::GENERIC_GRAPH.contains(&code)
        || Family::of(code) == Family::Http
        || super::named_codes::is_exception_name(code)
}

fn is_believed(phrase: &Phrase, place: &Range<usize>, text: &str, evidence: Evidence) -> bool {
    match phrase.needs {
        Needs::Nothing | Needs::NoStatus => true,
        Needs::Dataverse => evidence.dataverse,
        Needs::Entra => evidence.entra || evidence.sign_in_page,
        Needs::Microsoft => evidence.microsoft || evidence.sign_in_page,
        Needs::Page => {
            let is_placed = evidence.entra || evidence.dataverse || evidence.sign_in_page;
            is_placed || (is_page(place, text) && !evidence.other_vendor)
        }
    }
}

/// True for a short text in which the phrase is a sentence of its own, as a sign-in page or a dialogue box
/// shows it and as a person pastes it.
fn is_page(found: &Range<usize>, text: &str) -> bool {
    if text.split_whitespace().nth(LONGEST_PAGE).is_some() {
        return false;
    }
    let before = text.as_bytes()[..found.start].trim_ascii_end();
    let starts = before.is_empty()
        || text.as_bytes()[before.len()..found.start].contains(&b'\n')
        || before.ends_with(b"rror:")
        || before.ends_with(b"essage:")
        || matches!(
            before.last(),
            Some(b'.' | b'!' | b'"' | b'\'' | b'>' | b'*' | b'`')
        );
    let after = &text.as_bytes()[found.end..];
    let ends = after.trim_ascii_start().is_empty()
        || matches!(
            after.first(),
            Some(b'.' | b'!' | b'\n' | b'"' | b'\'' | b'<' | b'*' | b'`')
        );
    starts && ends
}

/// WinINet and WinHTTP errors wrapped as HRESULT, by what broke.
fn wininet(value: u32) -> Option<&'static str> {
    match value {
        0x8007_2ee2 => Some("NET:timeout"),
        0x8007_2ee7 => Some("NET:dns"),
        0x8007_2efd..=0x8007_2eff => Some("NET:reset"),
        0x8007_2f05..=0x8007_2f0d | 0x8007_2f7d | 0x8007_2f8f => Some("NET:tls"),
        0x8007_2f78 | 0x8007_2ef1 | 0x8007_2ee5 => None,
        _ => None,
    }
}

fn add_network(text: &str, evidence: Evidence, scan: &mut Scan) -> bool {
    // An Entra or Dataverse code means that the service answered: the network is not what failed.
    let answered = scan.sightings.iter().any(|sighting| {
        matches!(
            Family::of(&sighting.code),
            Family::Aadsts | Family::Dataverse | Family::Oauth | Family::Graph
        )
    });
    if answered
        || evidence.is_foreign()
        || is_windows_update(text, evidence)
        || statuses::is_elsewhere(text, evidence)
    {
        return false;
    }
    let before = scan.sightings.len();
    for token in tokens(text).filter(|token| token.word().len() == 10) {
        if let Some(code) = number(&token).and_then(wininet)
            && !scan.sightings.iter().any(|sighting| sighting.code == code)
        {
            scan.sightings.push(Sighting {
                code: code.to_owned(),
                offset: token.start,
                how: How::Spelled,
            });
        }
    }
    if scan.sightings.len() == before {
        let first = phrases_in(text, false)
            .into_iter()
            .filter(|(phrase, _)| Family::of(phrase.code) == Family::Network && !phrase.code.is_empty())
            .map(|(phrase, place)| (place.start, phrase.code))
            .min();
        if let Some((offset, code)) = first {
            scan.sightings.push(Sighting {
                code: code.to_owned(),
                offset,
                how: How::Told,
            });
        }
    }
    scan.sightings.len() > before
}

/// Windows Update reports the same network numbers, and its log is full of Microsoft's names.
fn is_windows_update(text: &str, evidence: Evidence) -> bool {
    !(evidence.entra || evidence.dataverse)
        && WINDOWS_UPDATE
            .as_ref()
            .is_some_and(|names| names.is_match(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::context::Evidence;
    use super::super::scan::scan;
    use super::{BESIDE, PHRASES, WINDOWS_UPDATE};

    fn codes(text: &str) -> Vec<String> {
        scan(text, Evidence::of(text))
            .sightings
            .into_iter()
            .map(|sighting| sighting.code)
            .collect()
    }

    #[test]
    fn the_phrases_compile() {
        assert!(PHRASES.is_some() && BESIDE.1.is_some() && WINDOWS_UPDATE.is_some());
    }

    #[test]
    fn statuses_count_only_when_stated_as_the_failures_own() {
        let body =
            r#"{"error":{"code":"0x80072560","message":"The user is not a member of the organization."}}"#;
        for text in [
            format!("HTTP/1.1 403 Forbidden\n{body}"),
            format!("  -> 403 {body}"),
            format!("failed: 403 {body}"),
        ] {
            assert!(codes(&text).contains(&"HTTP:403".to_owned()), "{text}");
        }
        for text in [
            format!("403 records read, then {body}"),
            "AADSTS50076 HTTP/1.1 400 Bad Request".to_owned(),
        ] {
            assert!(
                !codes(&text).iter().any(|code| code.starts_with("HTTP")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_status_that_a_program_reports_needs_no_other_evidence_and_one_in_passing_is_no_error() {
        for (text, code) in [
            (
                "The remote server returned an error: (403) Forbidden.",
                "HTTP:403",
            ),
            (
                "Der Remoteserver hat einen Fehler zurückgegeben: (401) Nicht autorisiert.",
                "HTTP:401",
            ),
            (
                "Response status code does not indicate success: 403 (Forbidden)",
                "HTTP:403",
            ),
            ("Status: 403 Forbidden", "HTTP:403"),
            ("HTTP/1.1 401 Unauthorized", "HTTP:401"),
            ("HTTP status code: 429", "HTTP:429"),
            (
                "401 - Unauthorized: Access is denied due to invalid credentials.",
                "HTTP:401",
            ),
            ("the call failed with HTTP 401", "HTTP:401"),
            (r#"{"status":403,"error":"Forbidden"}"#, "HTTP:403"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
        for text in [
            "The remote server returned an error: (404) Not Found.",
            "GET /items took 403 ms",
            "404 items on port 403, line 401",
            "phone: (401) 555-0143",
            "printer error code 403",
            "The function returns HTTP status 403 when the quota is used up.",
            r#""GET / HTTP/1.1" 403 153 "-" "curl/8.5.0""#,
            "< HTTP/1.1 403 Forbidden\n< x-amz-request-id: 1",
            "git push: The requested URL returned error: 403",
        ] {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_sentence_of_the_sign_in_page_counts_alone_and_not_in_passing() {
        for (text, code) in [
            (
                "Your account has been disabled. Please contact your administrator.",
                "MSG:account_disabled",
            ),
            (
                "Enter password\nThe user name or password is incorrect",
                "MSG:password_invalid",
            ),
            ("Error: Your password has expired", "MSG:password_expired"),
            (
                "Your account has been locked. Contact your support person to unlock it, then try again.",
                "MSG:account_disabled",
            ),
            (
                "The account you use has no connection ACL: missing connection ACL in Power Automate",
                "MSG:connection_not_shared",
            ),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
        for text in [
            "Your account has been disabled by the shop.",
            "If your password has expired, open the page of the bank.",
            "This game account is temporarily locked.",
        ] {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn network_failures_are_told_apart() {
        for (text, code) in [
            (
                "dial tcp: lookup login.microsoftonline.com: no such host",
                "NET:dns",
            ),
            ("CERTIFICATE_VERIFY_FAILED", "NET:tls"),
            ("ProxyError('Cannot connect to proxy.')", "NET:proxy"),
            ("Error = 0x80072ee2", "NET:timeout"),
            ("Error -2147012894", "NET:timeout"),
            ("read ECONNRESET", "NET:reset"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
    }
}
