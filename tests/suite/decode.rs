//! Scores the decoder on the corpus of real error texts and asserts the floors.
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

/// Whose `MSG:` names the labels of a corpus use.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    /// The corpus's own: another name for the same failure counts.
    Corpus,
    /// The decoder's: they must be met exactly.
    Decoder,
}

fn score(file: &str, names: Names) -> Score {
    let corpus =
        std::fs::read_to_string(format!("{}/fixtures/errors/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut score = Score::default();
    for line in corpus.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let expect = &case["expect"];
        let bytes: Vec<u8> = match case["encoding"].as_str() {
            Some("utf-16le") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => text.as_bytes().to_vec(),
        };
        let decoded = decode_text(&bytes);
        let found: BTreeSet<&str> = decoded.errors.iter().map(|error| error.code.as_str()).collect();
        let wanted: BTreeSet<&str> = expect["codes"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let category = expect["category"]
            .as_str()
            .filter(|category| *category != "unrecognized");
        let mut complaints = Vec::new();
        let mut complain = |what: &str, found: String, wanted: String| {
            complaints.push(format!(
                "{}: {what}: found {found}, wanted {wanted}",
                case["id"].as_str().unwrap()
            ));
        };
        score.texts += 1;
        let told = |code: Option<&str>| code.is_some_and(|code| code.starts_with("MSG:"));
        let same_primary = decoded.primary.as_deref() == expect["primary"].as_str()
            || (names == Names::Corpus
                && told(decoded.primary.as_deref())
                && told(expect["primary"].as_str()));
        if same_primary {
            score.primary += 1;
        } else {
            complain(
                "primary",
                format!("{:?}", decoded.primary),
                expect["primary"].to_string(),
            );
        }
        let coded = |codes: &BTreeSet<&str>| -> BTreeSet<String> {
            codes
                .iter()
                .map(|code| {
                    if names == Names::Corpus && code.starts_with("MSG:") {
                        "MSG".to_owned()
                    } else {
                        (*code).to_owned()
                    }
                })
                .collect()
        };
        if coded(&found) == coded(&wanted) {
            score.codes += 1;
        } else {
            complain("codes", format!("{found:?}"), format!("{wanted:?}"));
        }
        if decoded.category.as_deref() == category {
            score.category += 1;
        } else {
            complain(
                "category",
                format!("{:?}", decoded.category),
                format!("{category:?}"),
            );
        }
        if category.is_none() && (decoded.recognised || !decoded.errors.is_empty()) {
            score.false_alarms += 1;
            complain("false alarm", format!("{found:?}"), "nothing".to_owned());
        }
        for (name, value) in expect["secondary_ids"].as_object().unwrap() {
            score.ids_wanted += 1;
            let value = value.as_str().unwrap();
            let got = decoded
                .primary_error()
                .and_then(|error| error.ids.get(name))
                .map(String::as_str);
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

impl Score {
    /// Shows what was missed and how much was right, in per cent: primary code, all codes, category, ids.
    fn show(&self, file: &str) -> [f64; 4] {
        for complaint in &self.complaints {
            println!("{complaint}");
        }
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
        let figures = [
            percent(self.primary, self.texts),
            percent(self.codes, self.texts),
            percent(self.category, self.texts),
            percent(self.ids, self.ids_wanted),
        ];
        println!(
            "{file}: {} texts: primary {:.1} %, codes {:.1} %, category {:.1} %, ids {:.1} %, false alarms {}",
            self.texts, figures[0], figures[1], figures[2], figures[3], self.false_alarms
        );
        figures
    }
}

#[test]
fn the_corpus_is_decoded_to_the_floors_of_the_issue() {
    let score = score("corpus.jsonl", Names::Corpus);
    let [primary, codes, category, _] = score.show("corpus.jsonl");
    assert!(primary >= 97.0 && codes >= 97.0 && category >= 90.0);
    assert_eq!(score.false_alarms, 0);
}

#[test]
fn texts_of_every_shape_are_decoded_and_texts_of_other_products_are_left_alone() {
    let score = score("shapes.jsonl", Names::Decoder);
    let [primary, codes, category, ids] = score.show("shapes.jsonl");
    assert!(primary >= 97.0 && codes >= 97.0 && category >= 97.0 && ids >= 97.0);
    assert_eq!(score.false_alarms, 0);
}

#[test]
fn texts_in_eight_languages_and_innocent_ones_are_told_apart() {
    let score = score("languages.jsonl", Names::Decoder);
    let [primary, codes, category, _] = score.show("languages.jsonl");
    assert!(primary >= 97.0 && codes >= 97.0 && category >= 97.0);
    assert_eq!(score.false_alarms, 0);
}

/// Each export of `fixtures/errors/exports`: its primary code, what came last, and each code with its count of records.
#[test]
fn exports_are_read_by_their_records() {
    let codes = |codes: &[(&'static str, u64)]| -> Vec<(String, u64)> {
        codes
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count))
            .collect()
    };
    for (file, newest, expected) in [
        (
            "csv-oldest-first.csv",
            Some(("refused", "2026-03-03")),
            codes(&[("AADSTS50126", 1), ("AADSTS50076", 2)]),
        ),
        (
            "csv-healed.csv",
            Some(("succeeded", "2026-03-04")),
            codes(&[("AADSTS50126", 1), ("AADSTS50076", 2)]),
        ),
        (
            "portal-interactive.csv",
            Some(("refused", "2026-11-28")),
            codes(&[("AADSTS53003", 1), ("AADSTS50076", 1)]),
        ),
        (
            "exportcsv-fr.csv",
            Some(("refused", "2026-11-28")),
            codes(&[("AADSTS50126", 1), ("AADSTS50076", 1), ("AADSTS50053", 1)]),
        ),
        (
            "plain-oldest-first.log",
            Some(("refused", "2026-03-03")),
            codes(&[("AADSTS50126", 1), ("AADSTS50076", 2)]),
        ),
        (
            "mg-table.txt",
            Some(("refused", "2026-03-01")),
            codes(&[("AADSTS50076", 2), ("AADSTS53003", 2)]),
        ),
        (
            "mg-status.txt",
            None,
            codes(&[("AADSTS50076", 2), ("AADSTS53003", 1)]),
        ),
        (
            "two-policies.json",
            Some(("refused", "2026-03-01")),
            codes(&[("AADSTS50076", 1), ("AADSTS53003", 1)]),
        ),
        (
            "appinsights.json",
            Some(("refused", "2026-03-01")),
            codes(&[("AADSTS7000215", 1), ("HTTP:401", 1)]),
        ),
        (
            "appinsights-dependencies-only.csv",
            Some(("refused", "2026-03-01")),
            codes(&[("HTTP:403", 1)]),
        ),
        (
            "plugintrace.csv",
            None,
            codes(&[("0x80048306", 1), ("0x80040265", 1)]),
        ),
        (
            "msal-verbose-success.log",
            Some(("succeeded", "2026-03-01")),
            codes(&[]),
        ),
    ] {
        let path = format!("{}/fixtures/errors/exports/{file}", env!("CARGO_MANIFEST_DIR"));
        let decoded = decode_text(&std::fs::read(path).unwrap());
        let found: Vec<(String, u64)> = decoded
            .errors
            .iter()
            .map(|error| (error.code.clone(), error.count))
            .collect();
        assert_eq!(found, expected, "{file}");
        assert_eq!(
            decoded.primary.as_deref(),
            expected.first().map(|(code, _)| code.as_str()),
            "{file}"
        );
        let value = serde_json::to_value(&decoded).unwrap();
        let told = newest.map(|(outcome, day)| (Value::from(outcome), day));
        match told {
            Some((outcome, day)) => {
                assert_eq!(value["newest"]["outcome"], outcome, "{file}");
                assert!(
                    value["newest"]["at"].as_str().unwrap().starts_with(day),
                    "{file}: {}",
                    value["newest"]
                );
            }
            None => assert!(value.get("newest").is_none(), "{file}"),
        }
    }
}

#[test]
fn what_stands_in_one_record_stays_with_it() {
    let read = |file: &str| {
        let path = format!("{}/fixtures/errors/exports/{file}", env!("CARGO_MANIFEST_DIR"));
        decode_text(&std::fs::read(path).unwrap())
    };
    let decoded = read("two-policies.json");
    let of = |code: &str| decoded.errors.iter().find(|error| error.code == code).unwrap();
    let (asked, blocked) = (of("AADSTS50076"), of("AADSTS53003"));
    assert_eq!(
        asked.conditional_access_policies,
        ["daa66d13-daa5-40e7-8111-030000000519"]
    );
    assert_eq!(
        blocked.conditional_access_policies,
        ["78dde6c4-78dc-4134-816c-0400000006cc"]
    );
    assert_ne!(asked.ids["correlation_id"], blocked.ids["correlation_id"]);
    let decoded = read("portal-interactive.csv");
    for error in &decoded.errors {
        for name in [
            "correlation_id",
            "request_id",
            "app_id",
            "resource_id",
            "tenant_id",
            "user",
            "user_id",
        ] {
            assert!(error.ids.contains_key(name), "{}: {name}", error.code);
        }
    }
    let ids: BTreeSet<&str> = decoded
        .errors
        .iter()
        .map(|error| error.ids["request_id"].as_str())
        .collect();
    assert_eq!(ids.len(), decoded.errors.len());
}

#[test]
fn a_log_with_many_codes_explains_a_thousand_and_counts_the_rest() {
    use work365_doctor::decode::many::log::LogScanner;
    let mut scanner = LogScanner::new();
    for number in 0..3000 {
        scanner.push(
            format!(
                "2026-01-05T10:00:00Z AADSTS{} x AADSTS{}\n",
                8_000_000 + number,
                8_000_000 + number
            )
            .as_bytes(),
        );
    }
    let decoded = scanner.finish();
    assert_eq!(decoded.errors.len(), 1000);
    assert!(decoded.errors.iter().all(|error| error.count == 1));
    let left = decoded.left_out.unwrap();
    assert_eq!((left.codes, left.count), (2000, 2000));
}

mod properties {
    use proptest::prelude::*;
    use work365_doctor::decode::decode_text;
    use work365_doctor::decode::many::har;
    use work365_doctor::decode::many::log::LogScanner;
    use work365_doctor::decode::text::unwrap::Plain;
    use work365_doctor::token;

    /// Pieces that real texts are made of, so that random texts get past the first check.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("AADSTS50076: x".to_owned()),
            Just("AADSTS".to_owned()),
            Just("\"error_codes\":[50076,".to_owned()),
            Just("{\"error\":{\"code\":\"0x80040220\",\"message\":\"".to_owned()),
            Just("CRM ErrorCode: -2147220960".to_owned()),
            Just("Dataverse 0x80048408 ".to_owned()),
            Just("invalid_grant".to_owned()),
            Just("Correlation ID: 3d483b09-1198-4acb-929f-c648674e32bd".to_owned()),
            Just("Timestamp: 2019 - 07".to_owned()),
            Just("%3a%u00\\u0026\\\\\\\"&quot;&#x".to_owned()),
            Just("\r\n".to_owned()),
            Just(" the second factor is demanded here\n> for ".to_owned()),
            Just("Your password has expired".to_owned()),
            Just("User,\"a, b\",Sign-in error code\n".to_owned()),
            Just("x,\"y, z\",50057\n".to_owned()),
            Just("The remote server returned an error: (403) Forbidden.".to_owned()),
            Just("ü日\u{202e}".to_owned()),
            ".{0,12}",
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        // Each case decodes whole texts; an unoptimised build does some hundred of them a second.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = decode_text(&bytes);
            let _ = har::decode_har(&bytes);
            let _ = token::read(&String::from_utf8_lossy(&bytes), 0, None);
        }

        #[test]
        fn lines_and_offsets_stay_within_the_text(text in pieces()) {
            let plain = Plain::unwrap(&text);
            for offset in 0..=plain.text.len() {
                prop_assert!(plain.original_offset(offset) <= text.len());
            }
            let lines = text.matches('\n').count() as u64 + 1;
            let decoded = decode_text(text.as_bytes());
            for error in &decoded.errors {
                prop_assert!((1..=lines).contains(&error.first_line));
                prop_assert!(error.count >= 1);
            }
            prop_assert_eq!(decoded.recognised, !decoded.errors.is_empty());
            prop_assert_eq!(decoded.primary.is_some(), decoded.recognised);
        }

        #[test]
        fn the_answer_survives_its_own_serialisation(text in pieces()) {
            let decoded = decode_text(text.as_bytes());
            let json = serde_json::to_string(&decoded).unwrap();
            prop_assert_eq!(serde_json::from_str::<work365_doctor::decode::Decoded>(&json).unwrap(), decoded);
        }

        #[test]
        fn where_a_log_is_cut_makes_no_difference(lines in prop::collection::vec(pieces(), 1..12), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let log = lines.join("\n");
            let mut whole = LogScanner::new();
            whole.push(log.as_bytes());
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
            at.sort_unstable();
            let mut split = LogScanner::new();
            let mut start = 0;
            for end in at {
                split.push(&log.as_bytes()[start..end]);
                start = end;
            }
            split.push(&log.as_bytes()[start..]);
            let mut read = LogScanner::new();
            read.read(log.as_bytes(), |_| ()).unwrap();
            let whole = whole.finish();
            prop_assert_eq!(&split.finish(), &whole);
            // Reading also recognises encodings, which pushing does not.
            if !log.contains('\0') && !log.starts_with('\u{feff}') {
                prop_assert_eq!(&read.finish(), &whole);
            }
        }
    }
}

/// A log of every text of the corpus that stands in one line, among ordinary lines.
fn corpus_log() -> Vec<(String, Vec<String>)> {
    let corpus = [
        include_str!("../../fixtures/errors/corpus.jsonl"),
        include_str!("../../fixtures/errors/shapes.jsonl"),
    ];
    corpus
        .iter()
        .flat_map(|corpus| corpus.lines())
        .filter_map(|case| serde_json::from_str::<Value>(case).ok())
        .filter_map(|case| case["text"].as_str().map(str::to_owned))
        .filter(|text| !text.contains('\n') && text.len() < 4000)
        .map(|text| {
            let errors = decode_text(text.as_bytes()).errors;
            (text, errors.into_iter().map(|error| error.code).collect())
        })
        .collect()
}

#[test]
fn texts_of_public_threads_have_their_codes_ids_category_and_password_verdict() {
    let corpus = include_str!("../../fixtures/errors/public.jsonl");
    let mut read = 0;
    for line in corpus.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (id, expect) = (&case["id"], &case["expect"]);
        let decoded = serde_json::to_value(decode_text(case["text"].as_str().unwrap().as_bytes())).unwrap();
        let one_of = |wanted: &Value, got: &str| wanted.as_array().unwrap().iter().any(|one| one == got);
        let primary = decoded["primary"].as_str();
        let is_told = primary.is_none_or(|code| code.starts_with("MSG:") || code.starts_with("HTTP:"));
        assert!(
            primary == expect["primary"].as_str() || (expect["primary"].is_null() && is_told),
            "{id}: {primary:?}"
        );
        let errors = decoded["errors"].as_array().unwrap();
        for code in expect["codes"].as_array().unwrap() {
            assert!(errors.iter().any(|error| error["code"] == *code), "{id}: {code}");
        }
        let category = decoded["category"].as_str().unwrap_or("unrecognized");
        assert!(one_of(&expect["category_ok"], category), "{id}: {category}");
        assert!(
            one_of(&expect["password"], decoded["password"].as_str().unwrap()),
            "{id}"
        );
        let ids = errors
            .iter()
            .find(|error| error["code"].as_str() == primary)
            .map(|error| &error["ids"]);
        for (name, value) in expect["secondary_ids"].as_object().unwrap() {
            assert_eq!(ids.map(|ids| &ids[name]), Some(value), "{id}: {name}");
        }
        read += 1;
    }
    assert_eq!(read, 35);
}

#[test]
fn a_log_has_the_entra_codes_of_its_lines_however_it_is_cut() {
    use work365_doctor::decode::many::log::LogScanner;
    let mut log = String::new();
    let mut wanted = BTreeSet::new();
    for (number, (text, codes)) in corpus_log().into_iter().enumerate() {
        log.push_str(&format!(
            "2026-01-05T10:00:00Z request {number} took 0x80 ms\n{text}\n"
        ));
        wanted.extend(
            codes
                .into_iter()
                .filter(|code| code.starts_with("AADSTS") && text.contains(code.as_str())),
        );
    }
    let answer = |size: usize| {
        let mut scanner = LogScanner::new();
        for piece in log.as_bytes().chunks(size) {
            scanner.push(piece);
        }
        scanner.finish()
    };
    let whole = answer(log.len());
    for size in [97, 4096, 65_537] {
        assert!(
            answer(size) == whole,
            "pieces of {size} bytes give another answer"
        );
    }
    let found: BTreeSet<String> = whole.errors.into_iter().map(|error| error.code).collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(wanted.len() > 30 && missing.is_empty(), "{missing:?}");
}

#[test]
fn a_failure_told_in_words_is_counted_in_every_line_of_a_log() {
    use work365_doctor::decode::many::log::LogScanner;
    let mut scanner = LogScanner::new();
    for number in 0..5000 {
        let line = format!(
            "2026-01-05T10:{:02}:{:02}Z SecLib::CheckPrivilege failed. Returned hr = 0, ObjectID: {number:08x}-1198-4acb-929f-c648674e32bd\n",
            number / 60 % 60,
            number % 60
        );
        scanner.push(line.as_bytes());
    }
    let errors = scanner.finish().errors;
    let told = errors
        .iter()
        .find(|error| error.code == "MSG:seclib_checkprivilege_failed");
    assert_eq!(told.map(|error| error.count), Some(5000));
}

#[test]
fn nested_escapes_do_not_multiply_the_text() {
    // Each layer may only shrink: that is what bounds the work, whatever the nesting.
    let mut text = "\"".to_owned();
    for _ in 0..16 {
        text = text.replace('\\', "\\\\").replace('"', "\\\"");
    }
    let plain = work365_doctor::decode::text::unwrap::Plain::unwrap(&text);
    assert!(plain.text.len() <= text.len());
}

#[test]
fn a_line_without_an_end_is_read_in_bounded_memory() {
    let mut scanner = work365_doctor::decode::many::log::LogScanner::new();
    let piece = vec![b' '; 1 << 20];
    for _ in 0..4 {
        scanner.push(&piece);
        scanner.push(b"AADSTS50076: x ");
    }
    let decoded = scanner.finish();
    assert_eq!(decoded.errors[0].count, 4);
}

mod command_line {
    use assert_cmd::Command;
    use serde_json::Value;

    fn doctor() -> Command {
        let mut command = Command::cargo_bin("work365-doctor").unwrap();
        command.env_clear().args(["--no-config", "--color", "never"]);
        command
    }

    fn exit(arguments: &[&str], input: &str) -> i32 {
        doctor()
            .args(arguments)
            .write_stdin(input)
            .output()
            .unwrap()
            .status
            .code()
            .unwrap()
    }

    fn json(arguments: &[&str], input: &str) -> Value {
        let output = doctor()
            .args(arguments)
            .args(["-o", "json"])
            .write_stdin(input)
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[test]
    fn an_argument_is_a_file_stdin_or_text_and_a_missing_file_is_a_usage_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("error.txt");
        std::fs::write(&path, "AADSTS53003: blocked").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(json(&["decode", path], "")["primary"], "AADSTS53003");
        assert_eq!(
            json(&["decode", "-"], "AADSTS53003: blocked")["primary"],
            "AADSTS53003"
        );
        assert_eq!(
            json(&["decode", "AADSTS53003: blocked"], "")["primary"],
            "AADSTS53003"
        );
        let both = json(&["decode", path, path], "");
        assert_eq!(both["errors"][0]["count"], 2);
        assert_eq!(exit(&["decode", "logs/missing.log"], ""), 2);
        assert_eq!(exit(&["decode"], ""), 2);
    }

    #[test]
    fn exit_codes_are_those_of_the_contract_in_every_format() {
        for format in ["table", "json", "ndjson", "short"] {
            assert_eq!(exit(&["decode", "AADSTS53003: blocked", "-o", format], ""), 0);
            assert_eq!(exit(&["decode", "good morning", "-o", format], ""), 3);
        }
        assert_eq!(json(&["decode", "good morning"], "")["recognised"], false);
        assert_eq!(exit(&["decode", "x", "-o", "json", "-o", "table"], ""), 2);
        for bare in ["50076", "-2147220960", "0x80040220"] {
            assert_eq!(
                json(&["decode", bare], "")["primary"],
                json(&["explain", bare], "")["code"]
            );
        }
        assert_eq!(exit(&["explain", "50076"], ""), 0);
        assert_eq!(exit(&["explain", "no_such_code_at_all"], ""), 2);
    }

    #[test]
    fn a_batch_is_clustered_and_its_items_come_one_a_line() {
        let lines = "{\"id\":\"a\",\"text\":\"AADSTS50076: x\"}\n\n\"AADSTS50076: y\"\n\"nothing\"\n";
        let batch = json(&["decode", "--batch", "-"], lines);
        assert_eq!(batch["clusters"][0]["primary"], "AADSTS50076");
        assert_eq!(batch["clusters"][0]["lines"], serde_json::json!([1, 3]));
        let output = doctor()
            .args(["decode", "--batch", "-", "-o", "ndjson"])
            .write_stdin(lines)
            .output()
            .unwrap();
        let items: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(items.len(), 3);
        assert_eq!(
            (&items[0]["schema"], &items[0]["id"]),
            (&"work365-doctor/decode/v1".into(), &"a".into())
        );
        assert_eq!(exit(&["decode", "--batch", "-"], "{broken\n"), 2);
    }

    #[test]
    fn a_token_comes_by_stdin_and_is_never_shown() {
        // {"alg":"none"}.{"aud":"https://graph.microsoft.com","scp":"User.Read","exp":1}.
        let token = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2dyYXBoLm1pY3Jvc29mdC5jb20iLCJzY3AiOiJVc2VyLlJlYWQiLCJleHAiOjF9.";
        for format in ["table", "json", "ndjson", "short"] {
            let output = doctor()
                .args(["token", "-o", format])
                .write_stdin(token)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1));
            let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!shown.contains("eyJ"), "{shown}");
        }
        assert_eq!(exit(&["token", "--now", "1970-01-01T00:00:00Z"], token), 0);
        assert_eq!(exit(&["token", token], ""), 2);
        assert_eq!(exit(&["token"], "opaque"), 3);
    }
}

/// Texts of refused rights and what each says: who lacks what, who called, whose record it is, how wide, what comes first.
/// What the row does not name is not said by the text.
#[test]
fn a_refused_right_is_read_from_every_shape_of_its_text() {
    let corpus = include_str!("../../fixtures/errors/grants.jsonl");
    let mut read = 0;
    for (number, line) in corpus.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        let expect = &row["expect"];
        let decoded = serde_json::to_value(decode_text(text.as_bytes())).unwrap();
        let with_grant = decoded["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|error| !error["grant"].is_null());
        let place = format!("row {}: {text}", number + 1);
        if expect["none"] == true {
            assert!(with_grant.is_none(), "{place}");
            continue;
        }
        let error = with_grant.unwrap_or_else(|| panic!("no grant in {place}"));
        let grant = &error["grant"];
        read += 1;
        for (key, got) in [
            ("kind", &grant["principal"]["kind"]),
            ("id", &grant["principal"]["id"]),
            ("owner", &grant["owner"]["id"]),
            ("privilege", &grant["privilege"]),
            ("table", &grant["table"]),
            ("rights", &grant["access_rights"]),
            ("depth_needed", &grant["depth_needed"]),
            ("depth_held", &grant["depth_held"]),
            ("role_count", &error["ids"]["role_count"]),
        ] {
            let wanted = match (&expect[key], key) {
                (Value::Null, "rights") => Value::Array(Vec::new()),
                (wanted, _) => wanted.clone(),
            };
            assert_eq!(*got, wanted, "{key} of {place}");
        }
        for (key, got) in [
            ("caller", &grant["caller"]["id"]),
            ("owner_kind", &grant["owner"]["kind"]),
            ("access_mode", &grant["access_mode"]),
            ("first", &grant["options"][0]["do"]),
            ("check", &grant["check"]),
            ("owner_unit", &error["ids"]["owning_business_unit_id"]),
        ] {
            if !expect[key].is_null() {
                assert_eq!(*got, expect[key], "{key} of {place}");
            }
        }
        let least = grant["options"].as_array().into_iter().flatten();
        assert!(least.clone().all(|option| option["role"].is_null()), "{place}");
        assert_eq!(
            least.filter(|option| option["least"] == true).count(),
            1,
            "{place}"
        );
    }
    assert!(read >= 100, "only {read} texts were read");
}
