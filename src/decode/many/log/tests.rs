//! Logs in pieces give the answer of the whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;

use super::LogScanner;
use crate::decode::Decoded;
use crate::decode::model::Ending;

const LOG: &str = "2026-01-05T10:00:00Z start\n\
    2026-01-05T10:00:01Z svc@contoso.com AADSTS50076: x Correlation ID: 3d483b09-1198-4acb-929f-c648674e32bd\n\
    2026-01-05T10:00:02Z nothing 0x12345678\n\
    2026-01-05T10:00:03Z {\"error\":{\"code\":\"0x80040220\",\"message\":\"Principal user (Id=3d483b09-1198-4acb-929f-c648674e32bd) is missing prvReadAccount privilege\"}}\n\
    2026-01-05T10:00:04Z svc@contoso.com AADSTS50076: x";

fn decode(log: &[u8]) -> Decoded {
    let mut scanner = LogScanner::new();
    scanner.read(log, |_| ()).unwrap();
    scanner.finish()
}

#[test]
fn codes_are_counted_with_their_times_lines_and_principals() {
    let decoded = decode(LOG.as_bytes());
    let mfa = decoded
        .errors
        .iter()
        .find(|error| error.code == "AADSTS50076")
        .unwrap();
    assert_eq!((mfa.count, mfa.first_line), (2, 2));
    assert_eq!(mfa.first_seen.as_deref(), Some("2026-01-05T10:00:01Z"));
    assert_eq!(mfa.last_seen.as_deref(), Some("2026-01-05T10:00:04Z"));
    assert_eq!(decoded.principals[0].id, "svc@contoso.com");
    assert_eq!(decoded.principals[0].count, 2);
    assert_eq!(decoded.correlations[0].codes, ["AADSTS50076"]);
    assert!(decoded.errors.iter().any(|error| error.code == "0x80040220"));
    assert_eq!(decoded.primary.as_deref(), Some("AADSTS50076"));
}

#[test]
fn gzip_of_several_members_and_utf_16_give_the_same_answer() {
    let plain = decode(LOG.as_bytes());
    let (head, tail) = LOG.as_bytes().split_at(100);
    let mut packed = Vec::new();
    for part in [head, tail] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part).unwrap();
        packed.extend(encoder.finish().unwrap());
    }
    assert_eq!(decode(&packed), plain);
    let wide: Vec<u8> = LOG.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&wide), plain);
}

#[test]
fn a_number_without_evidence_is_foreign() {
    let decoded = decode(b"SOME_IOCTL 0x80044151\n");
    assert!(decoded.errors.is_empty());
    assert_eq!(decoded.foreign, ["0x80044151"]);
}

#[test]
fn what_came_last_is_told_in_logs_of_any_size_and_however_they_are_cut() {
    let filler =
        "2026-11-29T05:00:00Z INFO worker-7 handled request 1f in 20 ms, queue depth 3\n".repeat(5000);
    let refused = "2026-11-29T05:00:01Z ERROR svc@contoso.com AADSTS50173: revoked\n\
        2026-11-29T05:00:02Z ERROR svc@contoso.com AADSTS700082: expired due to inactivity\n";
    let works = "2026-11-29T06:00:00Z INFO svc@contoso.com token was refreshed successfully\n";
    let of_another = works.replace("svc@", "other@");
    for (tail, newest) in [
        (
            String::new(),
            (Ending::Refused, "2026-11-29T05:00:02Z", Some("AADSTS700082")),
        ),
        (
            works.to_owned(),
            (Ending::Succeeded, "2026-11-29T06:00:00Z", None),
        ),
        (
            of_another,
            (Ending::Refused, "2026-11-29T05:00:02Z", Some("AADSTS700082")),
        ),
        (
            format!("{works}{refused}"),
            (Ending::Refused, "2026-11-29T05:00:02Z", Some("AADSTS700082")),
        ),
    ] {
        let log = format!("{filler}{refused}{filler}{tail}{filler}");
        let whole = decode(log.as_bytes());
        let told = whole.newest.as_ref().unwrap();
        let (outcome, at, code) = newest;
        assert_eq!(told.outcome, outcome);
        assert_eq!((told.at.as_deref(), told.code.as_deref()), (Some(at), code));
        let says_so = whole.inferences.iter().any(|inference| inference.about == "time");
        assert_eq!(says_so, outcome == Ending::Succeeded);
        let half = log.len() / 2;
        let cut = half + log[half..].find('\n').unwrap() + 1;
        let (mut first, mut second) = (LogScanner::new(), LogScanner::new());
        first.push(&log.as_bytes()[..cut]);
        second.push(&log.as_bytes()[cut..]);
        first.absorb(second);
        assert_eq!(first.finish().newest, whole.newest);
    }
}

#[test]
fn a_log_without_years_is_in_the_order_of_its_lines() {
    let decoded = decode(
        b"Dec 31 23:59:00 host d[1]: AADSTS50126: x\nJan  1 00:01:00 host d[1]: AADSTS50053: x\n\
          Jan  1 00:02:00 host d[1]: AADSTS50126: x\nJan  2 00:01:00 host d[1]: AADSTS50173: x\n",
    );
    assert_eq!(decoded.primary.as_deref(), Some("AADSTS50173"));
    let rejected = decoded
        .errors
        .iter()
        .find(|error| error.code == "AADSTS50126")
        .unwrap();
    assert_eq!(rejected.first_seen.as_deref(), Some("Dec 31 23:59:00"));
    assert_eq!(rejected.last_seen.as_deref(), Some("Jan  1 00:02:00"));
    assert_eq!(decoded.newest.unwrap().at.as_deref(), Some("Jan  2 00:01:00"));
}
