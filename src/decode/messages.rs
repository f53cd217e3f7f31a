//! Failures told in words, stated HTTP statuses, and network failures.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

use super::dataverse;
use super::evidence::Evidence;
use super::joined::Joined;
use super::model::Family;
use super::pattern;
use super::scan::{How, Scan, Sighting, tokens};
use super::tables::{Needs, Phrase, TABLES, status_category};

static PHRASES: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| pattern::set(TABLES.phrases().iter().map(|phrase| phrase.pattern)));

/// The phrases that say more than a code beside them, and their places in the table. Most texts have a code: these
/// few are compiled in a twentieth of the time that all of them take.
static BESIDE: LazyLock<(Vec<usize>, Option<RegexSet>)> = LazyLock::new(|| {
    let beside = TABLES.phrases().iter().enumerate();
    let (places, patterns): (Vec<usize>, Vec<&str>) = beside
        .filter(|(_, phrase)| phrase.beside)
        .map(|(place, phrase)| (place, phrase.pattern))
        .unzip();
    let set = pattern::set(patterns);
    (places, set)
});

/// How many words the text of a sign-in page or a dialogue box has at most.
const LONGEST_PAGE: usize = 80;

/// A status stated as the failure's: `HTTP/1.1 403`, `HTTP 403`, `Status: 403`, `(403) Reason`,
/// `403 (Reason)`, `403 Reason`, `-> 403`, `403: sentence`, `403 {body`.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r#"(?xi)
        \bhttp(?:/\d(?:\.\d)?)?[\s:]{1,3}(?:status\s?(?:code)?[\s:]{0,3}|error\s|response\s)?(?P<a>[45]\d\d)\b
        |\bstatus(?:\s?code)?:\s{0,3}(?P<b>[45]\d\d)\s?\(
        |httpstatuscode["'\s:=]{1,5}(?P<c>[45]\d\d)\b
        |\((?P<d>[45]\d\d)\)\s(?:proxy|bad|unauthorized|forbidden|not|request|too|internal|service|gateway|method|conflict)
        |\b(?P<e>[45]\d\d)\s\(?(?:bad\s?request|unauthorized|forbidden|not\s?found|proxy\s?auth|request\s?time|too\s?many\s?requests
            |internal\s?server|service\s?unavailable|bad\s?gateway|gateway\s?time|method\s?not|precondition|conflict)
        |->\s(?P<f>[45]\d\d)\b
        |:\s(?P<g>[45]\d\d)\s\{"
        |(?:^|\n)\s*(?P<h>[45]\d\d):\s(?-i:[A-Z])"#,
    )
});

/// A status that a program reports as the failure's in its own words: believed in a text about anything.
/// In this order, with .NET, .NET of today and Java, Node and Java, wget and Ruby, Python (twice), curl (twice),
/// servers (twice), a title of a server's page, a status line as a line of its own, the same with a key, and a JSON body
/// that repeats the reason.
static REPORTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r#"(?xi)
        (?:server|error|fehler|erreur|errore|servidor)[^\n(]{0,60}:\s?\((?P<a>[45]\d\d)\)\s?[a-z]
        |:\s(?P<b>[45]\d\d)\s["(]?(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)[:)"]
        |(?:failed|error|unexpected|returned|responded),?\s(?:with\s|a\s)?(?:http\s)?(?:status|response\scode|(?:response\s)?status\scode|http)[\s:]{1,2}(?P<c>[45]\d\d)\b
        |\berror\s(?P<d>[45]\d\d):\s(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)
        |\b(?P<e>[45]\d\d)\sclient\serror:\s
        |client\serror\s'(?P<f>[45]\d\d)\s
        |\breceived\shttp\scode\s(?P<n>[45]\d\d)\sfrom\sproxy
        |\burl\sreturned\serror:\s(?P<g>[45]\d\d)\b
        |\bhttp\s(?:status|error|status\scode)\s?[:=]\s?(?P<h>[45]\d\d)\b
        |\bhttp\s(?:status|error|status\scode)\s(?P<i>[45]\d\d)(?:\.\d{1,2})?\s?(?:[(-]|–|—|unauthorized|forbidden|too\smany|\n|$)
        |(?:^|\n)[\s<>|]{0,4}(?P<m>[45]\d\d)\s(?:-\s)?(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth\w{0,12}\srequired)\s?(?:[:.\n]|$)
        |(?:^|\n)[\s<>|]{0,4}http/[\d.]{1,3}\s(?P<j>[45]\d\d)\b
        |(?:^|\n)[\s<>|]{0,4}status(?:\s?code)?\s?[:=]\s?(?P<k>[45]\d\d)\s(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)
        |"status(?:code)?"\s?:\s?"?(?P<l>[45]\d\d)"?,[^\n}]{0,80}(?:unauthorized|forbidden|denied|too\smany\srequests)"#,
    )
});

/// Tools and services whose refusals have nothing to do with ours, though they report them in the same words.
static ELSEWHERE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r"(?xi)x-amz-|amazons3|x-goog-|cf-ray|cloudflare|\.git\b|\bgit\s(?:push|pull|clone|fetch)|\bnpm\b|registry|\bdocker\b|pypi|
        \bpip\b|\bapt\b|\bmaven\b|\bgradle\b|jenkins|\bjira\b|grafana|prometheus|wordpress|wp-|nexus|artifactory|telegram|youtube",
    )
});

static WINDOWS_UPDATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern::regex(r"(?i)windows ?update|delivery\.mp\.microsoft\.com|wuauclt"));

/// Adds what the text tells without a code, unless the codes found say the same.
pub(super) fn add(text: &str, evidence: Evidence, scan: &mut Scan) {
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
    let coded = scan.sightings.iter().any(|sighting| !is_carrier(&sighting.code));
    let network = add_network(text, evidence, scan);
    add_statuses(text, evidence, scan, network);
    for phrase in phrases_in(text, coded) {
        let wanted = !phrase.code.is_empty()
            && Family::of(phrase.code) == Family::Message
            && is_believed(phrase, text, evidence)
            && !repeats_a_status(phrase, &scan.sightings)
            && !(evidence.is_foreign() && phrase.needs == Needs::Nothing && !phrase.beside);
        if wanted {
            scan.sightings.push(Sighting {
                code: phrase.code.to_owned(),
                offset: offset(phrase, text),
                how: How::Told,
            });
            scan.sightings
                .retain(|sighting| !super::words::is_exception_name(&sighting.code));
            if !phrase.beside {
                // The table goes from the specific to the general: one sentence is one failure.
                break;
            }
        }
    }
}

/// The phrases of a text in the order of the table; beside a code only those that say more than it.
fn phrases_in(text: &str, coded: bool) -> Vec<&'static Phrase> {
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
    places.into_iter().map(|place| &TABLES.phrases()[place]).collect()
}

/// "Too many requests" beside a stated 429 is the status's own reason phrase.
fn repeats_a_status(phrase: &Phrase, sightings: &[Sighting]) -> bool {
    matches!(phrase.category, "throttling" | "transient")
        && sightings.iter().any(|sighting| {
            let status = sighting
                .code
                .strip_prefix("HTTP:")
                .and_then(|status| status.parse().ok());
            status.is_some_and(|status| status_category(status) == phrase.category)
        })
}

/// The category of a text that tells a failure which is neither a sign-in nor a permission error.
pub(super) fn category_without_code(text: &str, evidence: Evidence) -> Option<&'static str> {
    let set = PHRASES.as_ref()?;
    set.matches(text.as_bytes())
        .iter()
        .map(|index| &TABLES.phrases()[index])
        .find(|phrase| phrase.code.is_empty() && is_believed(phrase, text, evidence))
        .map(|phrase| phrase.category)
}

/// True for codes that only say that something failed.
fn is_carrier(code: &str) -> bool {
    super::words::GENERIC_GRAPH.contains(&code)
        || Family::of(code) == Family::Http
        || super::words::is_exception_name(code)
}

fn is_believed(phrase: &Phrase, text: &str, evidence: Evidence) -> bool {
    match phrase.needs {
        Needs::Nothing => true,
        Needs::Dataverse => evidence.dataverse,
        Needs::Entra => evidence.entra || evidence.sign_in_page,
        Needs::Microsoft => evidence.microsoft || evidence.sign_in_page,
        Needs::Page => evidence.entra || evidence.dataverse || evidence.sign_in_page || is_page(phrase, text),
    }
}

/// True for a short text in which the phrase is a sentence of its own, as a sign-in page or a dialogue box
/// shows it and as a person pastes it.
fn is_page(phrase: &Phrase, text: &str) -> bool {
    if text.split_whitespace().nth(LONGEST_PAGE).is_some() {
        return false;
    }
    let found = pattern::regex(&format!("(?i){}", phrase.pattern))
        .and_then(|pattern| pattern.find(text.as_bytes()).map(|found| found.range()));
    let Some(found) = found else { return false };
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

fn offset(phrase: &Phrase, text: &str) -> usize {
    pattern::regex(&format!("(?i){}", phrase.pattern))
        .and_then(|pattern| pattern.find(text.as_bytes()).map(|found| found.start()))
        .unwrap_or_default()
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
    if answered || evidence.is_foreign() || is_windows_update(text, evidence) {
        return false;
    }
    let before = scan.sightings.len();
    for token in tokens(text).filter(|token| token.word().len() == 10) {
        if let Some(code) = dataverse::number(&token).and_then(wininet)
            && !scan.sightings.iter().any(|sighting| sighting.code == code)
        {
            scan.sightings.push(Sighting {
                code: code.to_owned(),
                offset: token.start,
                how: How::Spelled,
            });
        }
    }
    if scan.sightings.len() == before
        && let Some(set) = PHRASES.as_ref()
    {
        let first = set
            .matches(text.as_bytes())
            .iter()
            .map(|index| &TABLES.phrases()[index])
            .filter(|phrase| Family::of(phrase.code) == Family::Network && !phrase.code.is_empty())
            .map(|phrase| (offset(phrase, text), phrase.code))
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

fn add_statuses(text: &str, evidence: Evidence, scan: &mut Scan, network: bool) {
    // The token endpoint answers every refusal with 400 or 401: there the status says nothing.
    let token_endpoint = scan
        .sightings
        .iter()
        .any(|sighting| matches!(Family::of(&sighting.code), Family::Aadsts | Family::Oauth));
    if token_endpoint || network || evidence.is_foreign() {
        return;
    }
    let Some(status) = STATUS.as_ref() else { return };
    let library = scan
        .sightings
        .iter()
        .any(|sighting| Family::of(&sighting.code) == Family::Msal);
    let elsewhere = !evidence.microsoft
        && ELSEWHERE
            .as_ref()
            .is_some_and(|elsewhere| elsewhere.is_match(text.as_bytes()));
    let stated = numbers(status, text).map(|(offset, status)| (offset, status, false));
    let reported = REPORTED.as_ref().map(|reported| numbers(reported, text));
    let reported = reported
        .into_iter()
        .flatten()
        .map(|(offset, status)| (offset, status, true));
    for (offset, status, reported) in reported.chain(stated) {
        let code = format!("HTTP:{status}");
        let proxy = status == "407";
        // A status alone is a sign-in or permission error only if it says so, and needs a text about our
        // services or a program that reports it as its failure: the web is full of 404s.
        let believed = proxy
            || (is_access(status) && (evidence.microsoft || (reported && !elsewhere && status != "503")));
        if scan.sightings.is_empty() && !believed {
            continue;
        }
        if scan.sightings.iter().all(|sighting| sighting.code != code) {
            scan.sightings.push(Sighting {
                code,
                offset,
                how: How::Field,
            });
        }
        if proxy && library && scan.sightings.iter().all(|sighting| sighting.code != "NET:proxy") {
            // The library's own code only says where the proxy's refusal hit it.
            scan.sightings.push(Sighting {
                code: "NET:proxy".to_owned(),
                offset,
                how: How::Told,
            });
        }
    }
}

/// The number that each match of a pattern captures, and where it stands.
fn numbers<'a>(pattern: &'a Regex, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    pattern
        .captures_iter(text.as_bytes())
        .filter_map(|captures| {
            captures
                .iter()
                .skip(1)
                .flatten()
                .next()
                .map(|number| number.range())
        })
        .map(|range| (range.start, &text[range]))
}

fn is_access(status: &str) -> bool {
    matches!(status, "401" | "403" | "407" | "429" | "503")
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Evidence;
    use super::super::scan::scan;
    use super::{BESIDE, ELSEWHERE, PHRASES, REPORTED, STATUS, WINDOWS_UPDATE};

    fn codes(text: &str) -> Vec<String> {
        scan(text, Evidence::of(text))
            .sightings
            .into_iter()
            .map(|sighting| sighting.code)
            .collect()
    }

    #[test]
    fn the_phrases_and_the_status_pattern_compile() {
        assert!(PHRASES.is_some() && BESIDE.1.is_some() && ELSEWHERE.is_some());
        assert!(STATUS.is_some() && REPORTED.is_some() && WINDOWS_UPDATE.is_some());
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
