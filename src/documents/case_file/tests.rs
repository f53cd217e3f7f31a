//! A case file is opened as it was made, and what is damaged, strange or huge is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::names::{ANSWERS, ERROR, MANIFEST, REPORT, SNAPSHOT};
use super::{Case, build, open, zip_format, zip_reader, zip_writer};
use crate::diagnosis::{Doctor, Words};
use crate::embedded;
use crate::rules::RuleBook;
use crate::snapshot::redact::{CaseKey, redact};

const NAMES: [&str; 3] = ["a.json", "b.txt", "c.txt"];

fn case_of(demo: &str, error: Option<&str>) -> Vec<u8> {
    let bytes = embedded::text(&format!("fixtures/demos/{demo}.json")).as_bytes();
    let mut redacted = redact(bytes, &CaseKey::new("key of this test")).unwrap();
    let doctor = Doctor::new(RuleBook::builtin().unwrap(), Words::builtin().unwrap());
    let case = Case {
        redacted: &mut redacted,
        error,
        requests: Vec::new(),
        doctor: &doctor,
    };
    build(case).unwrap().0
}

fn archive() -> Vec<u8> {
    let entries = [("a.json", b"{\"a\":1}".to_vec()), ("b.txt", b"text ".repeat(50))];
    zip_writer::archive(&entries).unwrap()
}

#[test]
fn a_case_is_opened_as_it_was_made_and_the_same_input_gives_the_same_bytes() {
    let text = "AADSTS50076: for svc-work365@fabrikam.com in fabrikam.com";
    let bytes = case_of("mfa-by-conditional-access", Some(text));
    assert_eq!(bytes, case_of("mfa-by-conditional-access", Some(text)));
    let opened = open(&bytes).unwrap();
    assert_eq!(opened.report.diagnosis.root_causes[0], "mfa-conditional-access");
    assert_eq!(opened.error.as_ref().unwrap()["primary"], "AADSTS50076");
    assert!(opened.answers.is_none());
    let names: Vec<&str> = opened
        .manifest
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert!(names.contains(&ERROR) && !names.contains(&ANSWERS) && !names.contains(&MANIFEST));
    for part in [
        serde_json::to_string(&opened).unwrap(),
        String::from_utf8_lossy(&bytes).into_owned(),
    ] {
        assert!(!part.contains("fabrikam"));
    }
}

#[test]
fn every_demonstration_becomes_a_case() {
    for path in embedded::texts("fixtures/demos/") {
        let name = path
            .trim_start_matches("fixtures/demos/")
            .trim_end_matches(".json");
        open(&case_of(name, None)).unwrap();
    }
}

#[test]
fn an_entry_that_was_changed_is_named() {
    let bytes = case_of("healthy", None);
    let entries = zip_reader::entries(&bytes, &super::open::NAMES).unwrap();
    for (changed, expected) in [(REPORT, REPORT), (SNAPSHOT, SNAPSHOT), (MANIFEST, "summary.txt")] {
        let rebuilt: Vec<(&'static str, Vec<u8>)> = super::open::NAMES
            .iter()
            .filter_map(|name| {
                let mut content = entries.get(*name)?.clone();
                if *name == changed {
                    let text = String::from_utf8(content).unwrap();
                    let text = match changed {
                        MANIFEST => text.replacen("\"sha256\": \"", "\"sha256\": \"0", 2),
                        _ => text + " ",
                    };
                    content = text.into_bytes();
                }
                Some((*name, content))
            })
            .collect();
        let error = open(&zip_writer::archive(&rebuilt).unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{changed}: {error}");
    }
}

#[test]
fn a_damaged_archive_is_refused_wherever_it_is_damaged() {
    let good = archive();
    assert_eq!(zip_reader::entries(&good, &NAMES).unwrap().len(), 2);
    let content = zip_reader::entries(&good, &NAMES).unwrap();
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x55;
        // A bit that nothing reads changes nothing; every other one is noticed.
        if let Ok(read) = zip_reader::entries(&bad, &NAMES) {
            assert_eq!(read, content, "byte {place}");
        }
        assert!(
            zip_reader::entries(&good[..place], &NAMES).is_err(),
            "cut at {place}"
        );
    }
}

#[test]
fn strangers_and_bombs_are_refused_before_they_are_unpacked() {
    let refused = |bytes: &[u8], words: &str| {
        let error = zip_reader::entries(bytes, &NAMES).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let stranger = zip_writer::archive(&[("../evil", b"x".to_vec())]).unwrap();
    refused(&stranger, "`../evil`");
    let twice = zip_writer::archive(&[("a.json", b"x".to_vec()), ("a.json", b"y".to_vec())]).unwrap();
    refused(&twice, "twice");
    // What the writer makes of a megabyte of nothing is stored, so that a bounded reader can read it.
    let zeros = zip_writer::archive(&[("a.json", vec![0; 1 << 20])]).unwrap();
    assert!(zeros.len() > 1 << 20);
    assert_eq!(
        zip_reader::entries(&zeros, &NAMES).unwrap()["a.json"].len(),
        1 << 20
    );
    let directory = |bytes: &[u8]| {
        let signature = zip_format::CENTRAL_SIGNATURE.to_le_bytes();
        bytes.windows(4).position(|window| window == signature).unwrap()
    };
    // The directory says that much comes of little.
    for (size, words) in [(10_000_u32, "100 times"), (u32::MAX, "256 MiB")] {
        let mut bomb = archive();
        let at = directory(&bomb) + 24;
        bomb[at..at + 4].copy_from_slice(&size.to_le_bytes());
        refused(&bomb, words);
    }
    let mut encrypted = archive();
    let at = directory(&encrypted) + 8;
    encrypted[at] = 1;
    refused(&encrypted, "encrypted");
}
