//! HTTP statuses that a text states as the failure's own.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::context::Evidence;
use super::sighting::{How, Scan, Sighting};
use crate::decode::model::Family;
use crate::decode::text::pattern;

/// A status stated as the failure's: `HTTP/1.1 403`, `HTTP 403`, `Status: 403`, `(403) Reason`,
/// `403 (Reason)`, `403 Reason`, `-> 403`, `403: sentence`, `403 {body`.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r#"(?xi)
        \bhttp(?:/\d(?:\.\d)?)?[\s:]{1,3}(?:status\s?(?:code)?[\s:]{0,3}|error\s|response\s)?(?P<a>[45]\d\d)\b
        |\bstatus(?:\s?code)?:\s{0,3}(?P<b>[45]\d\d)\s?\(
        |httpstatuscode["'\s:=]{1,5}(?P<c>[45]\d\d)\b
        |\((?P<d>[45]\d\d)\)\s(?:proxy|bad|unauthorized|forbidden|not|request|too|internal|service|gateway|method|conflict)
        |\b(?P<e>[45]\d\d)\s(?:-\s)?\(?(?:bad\s?request|unauthorized|forbidden|not\s?found|proxy\s?auth|request\s?time|too\s?many\s?requests
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
        (?:server|serveur|servidor|サーバー|fehler|erreur|errore?|fout|error|エラー|http|web)[^\n(]{0,80}(?::|：|\.\s)\s?\((?P<a>[45]\d\d)\)\s?[^\d\s]
        |:\s(?P<b>[45]\d\d)\s(?:-\s)?["(]?(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)[:)"]
        |(?:failed|error|unexpected|returned|responded),?\s(?:with\s|a\s)?(?:http\s)?(?:status|response\scode|(?:response\s)?status\scode|http)[\s:]{1,2}(?P<c>[45]\d\d)\b
        |\berror\s(?P<d>[45]\d\d):\s(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)
        |\b(?P<e>[45]\d\d)\sclient\serror:\s
        |client\serror\s'(?P<f>[45]\d\d)\s
        |\breceived\shttp\scode\s(?P<n>[45]\d\d)\sfrom\sproxy
        |\burl\sreturned\serror:\s(?P<g>[45]\d\d)\b
        |\bhttp\s(?:status|error|status\scode)\s?[:=]\s?(?P<h>[45]\d\d)\b
        |\bhttp\s(?:status|error|status\scode)\s(?P<i>[45]\d\d)(?:\.\d{1,2})?\s?(?:[(-]|–|—|unauthorized|forbidden|too\smany|\n|$)
        |(?:^|\n|<\w{1,5}>)[\s<>|]{0,4}(?P<m>[45]\d\d)\s(?:-\s)?(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth\w{0,12}\srequired)\s?(?:[:.\n]|$)
        |(?:^|\n)[\s<>|]{0,4}http/[\d.]{1,3}\s(?P<j>[45]\d\d)\b
        |(?:^|\n)[\s<>|]{0,4}status(?:\s?code)?\s?[:=]\s?(?P<k>[45]\d\d)\s(?:unauthorized|forbidden|too\smany\srequests|proxy\sauth)
        |"status(?:code)?"\s?:\s?"?(?P<l>[45]\d\d)"?,[^\n}]{0,80}(?:unauthorized|forbidden|denied|too\smany\srequests)
        |\bstatuscode:\s?(?P<o>[45]\d\d),\s?reasonphrase
        |\bhttpstatuscode["'\s]{0,3}[:=]\s?"?(?P<p>[45]\d\d)\b
        |"status_?code"\s?:\s?"?(?P<q>401|403|407|429)\b
        |\b(?:with|http|response|returned|unexpected)\s(?:a\s)?(?:http\s)?status\s?code[\s:=]{1,3}(?P<r>[45]\d\d)\b
        |(?:^|\n)[\s<>|]{0,4}http\s(?P<s>401|403|407|429)\s?(?:[.:,;-]|\n|$)
        |(?:^|\n)[\s<>|]{0,4}status\s?code[\s:=]{1,3}(?P<t>401|403|407|429)\s?(?:[.:,;-]|\n|$)"#,
    )
});

/// A status by its name: `failed with status code Unauthorized`, `StatusCode: Forbidden`.
static NAMED_STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r#"(?xi)\b(?:status\s?(?:code)?|(?:call|request|api|server|service)\s(?:returned|failed\swith))["'\s:=]{1,5}
        (?P<name>unauthorized|forbidden|too\s?many\s?requests|proxy\s?authentication\s?required|service\s?unavailable)\b"#,
    )
});

/// The number of a status that is given by its name.
fn status_called(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_bytes() {
        [b'u', ..] => "401",
        [b'f', ..] => "403",
        [b't', ..] => "429",
        [b'p', ..] => "407",
        _ => "503",
    }
}

/// Tools and services whose refusals have nothing to do with ours, though they report them in the same words.
static ELSEWHERE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(
        r"(?xi)x-amz-|amazons3|x-goog-|cf-ray|cloudflare|\.git\b|\bgit\s(?:push|pull|clone|fetch)|\bnpm\b|registry|\bdocker\b|pypi|
        \bpip\b|\bapt\b|\bmaven\b|\bgradle\b|jenkins|\bjira\b|grafana|prometheus|wordpress|wp-|nexus|artifactory|telegram|youtube|
        \bssh\b|\bsftp\b|\bpsql\b|\bkubectl\b|terraform",
    )
});

/// Adds the statuses of a text, unless its other codes say why there is one.
pub(super) fn add(text: &str, evidence: Evidence, scan: &mut Scan, network: bool) {
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
    let elsewhere = is_elsewhere(text, evidence);
    let stated = numbers(status, text).map(|(offset, status)| (offset, status, false));
    let reported = REPORTED.as_ref().map(|reported| numbers(reported, text));
    let reported = reported
        .into_iter()
        .flatten()
        .map(|(offset, status)| (offset, status, true));
    let named = NAMED_STATUS.as_ref().map(|named| numbers(named, text));
    let named = named
        .into_iter()
        .flatten()
        .map(|(offset, name)| (offset, status_called(name), true));
    for (offset, status, reported) in reported.chain(named).chain(stated) {
        let code = format!("HTTP:{status}");
        let proxy = status == "407";
        // A status alone is a sign-in or permission error only if it says so, and needs a text about our
        // services or a program that reports it as its failure: the web is full of 404s.
        let believed = proxy
            || (is_access(status) && (evidence.microsoft || (reported && !elsewhere && status != "503")))
            || (matches!(status, "502" | "504") && reported && evidence.microsoft);
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

/// True for a text about a tool that has nothing to do with ours.
pub(super) fn is_elsewhere(text: &str, evidence: Evidence) -> bool {
    !evidence.microsoft
        && ELSEWHERE
            .as_ref()
            .is_some_and(|elsewhere| elsewhere.is_match(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{ELSEWHERE, NAMED_STATUS, REPORTED, STATUS};

    #[test]
    fn the_patterns_compile() {
        assert!(STATUS.is_some() && NAMED_STATUS.is_some() && REPORTED.is_some() && ELSEWHERE.is_some());
    }
}
