//! SARIF and JUnit as their standards have them; NDJSON and Markdown as their readers need them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jsonschema::Validator;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::Value;

use super::{DEMOS, PROFILES, hostile, json, run, stdout, text};

/// Cases of every kind: the evidence arguments of `check`.
fn cases(folder: &tempfile::TempDir) -> Vec<Vec<String>> {
    let of = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut cases: Vec<Vec<String>> = DEMOS
        .iter()
        .flat_map(|demo| PROFILES.map(|profile| of(&["--demo", demo, "--profile", profile])))
        .collect();
    let path: PathBuf = hostile::snapshot(folder.path(), hostile::NAME);
    cases.push(of(&["--snapshot", text(&path)]));
    cases.push(of(&["--demo", "--error", "AADSTS50076 <b>"]));
    cases
}

fn check(case: &[String], format: &str) -> std::process::Output {
    let case: Vec<&str> = case.iter().map(String::as_str).collect();
    run(&[&["check", "-o", format][..], &case].concat())
}

fn sarif_schema() -> Validator {
    let file = std::fs::read_to_string("fixtures/schemas/third-party/sarif-2.1.0.json").unwrap();
    // A stray bracket makes the patterns of this edition no patterns; the errata of the standard have these.
    let stray = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    assert!(file.contains(stray));
    let schema: Value = serde_json::from_str(&file.replace(stray, "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$")).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[test]
fn sarif_is_valid_against_the_schema_of_the_standard() {
    let schema = sarif_schema();
    let folder = tempfile::tempdir().unwrap();
    for case in cases(&folder) {
        let log = json(&check(&case, "sarif"));
        let wrong: Vec<String> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{case:?}:\n{}", wrong.join("\n"));

        let report = json(&check(&case, "json"));
        let findings = report["findings"].as_array().unwrap();
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), findings.len());
        for (result, finding) in results.iter().zip(findings) {
            assert_eq!(result["ruleId"], finding["id"]);
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], finding["id"]);
            let place = &result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
            assert!(
                place
                    .as_str()
                    .unwrap()
                    .ends_with(finding["area"].as_str().unwrap())
            );
            let kind = match finding["status"].as_str().unwrap() {
                "pass" => "pass",
                "fail" => "fail",
                "pending" => "review",
                "unknown" => "open",
                _ => "notApplicable",
            };
            assert_eq!(result["kind"], kind, "{}", finding["id"]);
        }
    }
}

#[test]
fn a_log_that_breaks_the_standard_is_noticed() {
    let schema = sarif_schema();
    let mut log = json(&run(&["check", "--demo", "-o", "sarif"]));
    assert!(schema.is_valid(&log));
    log["runs"][0]["results"][0]["kind"] = "wrong".into();
    assert!(!schema.is_valid(&log));
}

type Attributes = BTreeMap<String, String>;

fn attributes(tag: &BytesStart<'_>) -> Attributes {
    tag.attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
            (name, value.into_owned())
        })
        .collect()
}

/// The elements of a JUnit file with their depth, in order. Well-formed, or it panics.
fn elements(xml: &str) -> Vec<(usize, String, Attributes)> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut elements, mut depth) = (Vec::new(), 0);
    let name = |tag: &BytesStart<'_>| String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                elements.push((depth, name(&tag), attributes(&tag)));
                depth += 1;
            }
            Event::Empty(tag) => elements.push((depth, name(&tag), attributes(&tag))),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    elements
}

/// The rules that the common schema of JUnit files has: which element stands where, which attributes it must have, and
/// counts that agree with what stands below.
#[test]
fn junit_has_the_structure_that_pipelines_read_and_counts_that_agree() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases(&folder) {
        let output = check(&case, "junit");
        let xml = stdout(&output);
        let legal = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(xml.chars().all(legal), "{case:?}");
        let elements = elements(xml);
        let allowed: BTreeMap<&str, (usize, &[&str])> = BTreeMap::from([
            ("testsuites", (0, &["name", "tests", "failures", "errors"][..])),
            ("testsuite", (1, &["name", "tests", "failures", "errors"])),
            ("properties", (2, &[])),
            ("property", (3, &["name", "value"])),
            ("testcase", (2, &["name", "classname"])),
            ("failure", (3, &["message", "type"])),
            ("skipped", (3, &["message"])),
        ]);
        for (depth, name, attributes) in &elements {
            let (wanted, required) = allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(depth, wanted, "{name}");
            for key in *required {
                assert!(attributes.contains_key(*key), "{name} without {key}");
            }
        }
        let report = json(&check(&case, "json"));
        let summary = |key: &str| report["summary"][key].as_u64().unwrap();
        let count = |wanted: &str| elements.iter().filter(|(_, name, _)| name == wanted).count() as u64;
        let told = |name: &str, key: &str| {
            let suites = elements.iter().filter(|(_, element, _)| element == name);
            suites
                .map(|(_, _, attributes)| attributes.get(key).map_or(0, |value| value.parse().unwrap()))
                .sum::<u64>()
        };
        let findings = report["findings"].as_array().unwrap();
        for (wanted, element, key) in [
            (findings.len() as u64, "testcase", "tests"),
            (summary("fail") + summary("pending"), "failure", "failures"),
            (0, "error", "errors"),
        ] {
            assert_eq!(count(element), wanted, "{case:?} {element}");
            assert_eq!(told("testsuites", key), wanted, "{case:?} {key}");
            assert_eq!(told("testsuite", key), wanted, "{case:?} {key}");
        }
        assert_eq!(count("skipped"), summary("unknown") + summary("not_applicable"));
        let mut names: Vec<&str> = elements
            .iter()
            .filter(|(_, name, _)| name == "testcase")
            .map(|(_, _, attributes)| attributes["name"].as_str())
            .collect();
        let mut ids: Vec<&str> = findings
            .iter()
            .map(|finding| finding["id"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        ids.sort_unstable();
        assert_eq!(names, ids);
    }
}

#[test]
fn a_hostile_name_comes_back_whole_from_a_junit_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = hostile::snapshot(folder.path(), hostile::NAME);
    let output = run(&["check", "--snapshot", text(&path), "-o", "junit"]);
    let messages: Vec<String> = elements(stdout(&output))
        .into_iter()
        .filter_map(|(_, _, mut attributes)| attributes.remove("message"))
        .collect();
    let name = "<img src=x onerror=alert(2)>";
    assert!(
        messages.iter().any(|message| message.contains(name)),
        "{messages:?}"
    );
}

#[test]
fn ndjson_is_one_document_a_line_the_same_as_json() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases(&folder) {
        let lines = check(&case, "ndjson");
        let lines: Vec<&str> = stdout(&lines).lines().collect();
        assert_eq!(lines.len(), 1, "{case:?}");
        let line: Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(line, json(&check(&case, "json")), "{case:?}");
    }
}

#[test]
fn a_ticket_with_one_root_cause_stays_under_40_lines() {
    let folder = tempfile::tempdir().unwrap();
    let case = super::snapshot(folder.path(), "mfa.json", super::with_mfa);
    for audience in ["customer", "ticket"] {
        let output = run(&[
            "check",
            "--snapshot",
            text(&case),
            "-o",
            "markdown",
            "--audience",
            audience,
        ]);
        let lines = stdout(&output).lines().count();
        assert!(lines < 40, "{audience}: {lines}");
    }
    let report = json(&run(&["check", "--snapshot", text(&case), "-o", "json"]));
    assert_eq!(report["diagnosis"]["root_causes"].as_array().unwrap().len(), 1);
}
