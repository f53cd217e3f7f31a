//! Scores the decoder on the corpus of real error texts and asserts the floors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::collections::BTreeSet;

use serde_json::Value;
use work365_doctor::decode::decode_text;

#[derive(Default)]
struct Score {
    texts: usize,
    primary: usize,
    codes: usize,
    category: usize,
    ids: usize,
    ids_wanted: usize,
    false_alarms: usize,
    complaints: Vec<String>,
}

fn score(corpus: &str) -> Score {
    let mut score = Score::default();
    for line in corpus.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let expect = &case["expect"];
        let decoded = decode_text(text.as_bytes());
        let found: BTreeSet<&str> = decoded.errors.iter().map(|error| error.code.as_str()).collect();
        let wanted: BTreeSet<&str> = expect["codes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let category = expect["category"].as_str().filter(|category| *category != "unrecognized");
        let mut complaints = Vec::new();
        let mut complain = |what: &str, found: String, wanted: String| {
            complaints.push(format!("{}: {what}: found {found}, wanted {wanted}", case["id"].as_str().unwrap()));
        };
        score.texts += 1;
        let told = |code: Option<&str>| code.is_some_and(|code| code.starts_with("MSG:"));
        // The corpus's names of failures told in words are its own: another name for the same failure counts.
        let same_primary = decoded.primary.as_deref() == expect["primary"].as_str()
            || (told(decoded.primary.as_deref()) && told(expect["primary"].as_str()));
        if same_primary {
            score.primary += 1;
        } else {
            complain("primary", format!("{:?}", decoded.primary), expect["primary"].to_string());
        }
        let coded = |codes: &BTreeSet<&str>| -> BTreeSet<String> {
            codes.iter().map(|code| if code.starts_with("MSG:") { "MSG".to_owned() } else { (*code).to_owned() }).collect()
        };
        if coded(&found) == coded(&wanted) {
            score.codes += 1;
        } else {
            complain("codes", format!("{found:?}"), format!("{wanted:?}"));
        }
        if decoded.category.as_deref() == category {
            score.category += 1;
        } else {
            complain("category", format!("{:?}", decoded.category), format!("{category:?}"));
        }
        if category.is_none() && (decoded.recognised || !decoded.errors.is_empty()) {
            score.false_alarms += 1;
            complain("false alarm", format!("{found:?}"), "nothing".to_owned());
        }
        for (name, value) in expect["secondary_ids"].as_object().unwrap() {
            score.ids_wanted += 1;
            let value = value.as_str().unwrap();
            let got = decoded.primary_error().and_then(|error| error.ids.get(name)).map(String::as_str);
            if got == Some(value) {
                score.ids += 1;
            } else if !wanted.is_empty() {
                complain(name, format!("{got:?}"), value.to_owned());
            }
        }
        score.complaints.append(&mut complaints);
    }
    score
}

#[test]
fn the_corpus_is_decoded_to_the_floors_of_the_issue() {
    let corpus = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/errors/corpus.jsonl")).unwrap();
    let score = score(&corpus);
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    for complaint in &score.complaints {
        println!("{complaint}");
    }
    println!(
        "{} texts: primary {:.1} %, codes {:.1} %, category {:.1} %, ids {:.1} %, false alarms {}",
        score.texts,
        percent(score.primary, score.texts),
        percent(score.codes, score.texts),
        percent(score.category, score.texts),
        percent(score.ids, score.ids_wanted),
        score.false_alarms
    );
    assert!(percent(score.primary, score.texts) >= 97.0);
    assert!(percent(score.codes, score.texts) >= 97.0);
    assert!(percent(score.category, score.texts) >= 90.0);
    assert_eq!(score.false_alarms, 0);
}
