//! The built-in rules are sound and their own tests pass; unsound rule files get the complaints that they deserve.
//!
//! While only some rule files are at hand, `RULES_PARTIAL=1 cargo test --test suite rules` leaves out the complaints about
//! rules that are named but absent. `BLESS=1` rewrites the expected complaints and the committed JSON Schema.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use work365_doctor::facts::{FactValue, Facts};
use work365_doctor::profile::Profile;
use work365_doctor::rules::{Complaints, Meaning, Rule, RuleBook, Status, schema, skeleton, trial};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with a committed file, or rewrites it under `BLESS=1`.
fn assert_is(committed: &Path, found: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(committed, found).unwrap();
    }
    let expected = fs::read_to_string(committed).unwrap_or_default();
    assert!(
        expected == found,
        "{} differs; `BLESS=1 cargo test --test suite rules` rewrites it. Found:\n{found}",
        committed.display()
    );
}

/// The failed tests of a book's rules, a line each.
fn failed_tests(book: &RuleBook) -> String {
    let mut said = String::new();
    for report in trial::run(book) {
        for failure in &report.failures {
            said += &format!(
                "{}:{}: {} expects {}, got {} {}\n",
                report.file,
                failure.line,
                report.id,
                failure.expected,
                failure.got,
                failure.because.join("; ")
            );
        }
    }
    said
}

#[test]
fn the_builtin_rules_have_no_complaints_and_their_rule_test_pass() {
    let (book, mut complaints) = RuleBook::lint_pack(&root().join("rules"));
    if std::env::var_os("RULES_PARTIAL").is_some() {
        complaints = complaints.without_absent_rules();
    }
    let said = format!("{complaints}{}", failed_tests(&book));
    assert!(
        said.is_empty(),
        "{} rules read, {} complaints:\n\n{said}",
        book.rules().len(),
        complaints.len()
    );
}

/// A pack of one rule file, beside the built-in owners.
fn lint_alone(file: &Path) -> (RuleBook, Complaints) {
    let pack = tempfile::tempdir().unwrap();
    fs::create_dir(pack.path().join("checks")).unwrap();
    for name in ["owners.yaml", "pack.yaml"] {
        fs::copy(root().join("rules").join(name), pack.path().join(name)).unwrap();
    }
    let name = file.file_name().unwrap();
    fs::copy(file, pack.path().join("checks").join(name)).unwrap();
    RuleBook::lint_pack(pack.path())
}

fn rule_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("fixtures/rule-files")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

#[test]
fn each_unsound_rule_file_gets_its_complaints() {
    let files = rule_files();
    assert!(files.len() > 20);
    for file in files {
        let (book, complaints) = lint_alone(&file);
        let said = format!("{complaints}{}", failed_tests(&book));
        assert_is(&file.with_extension("txt"), &said);
        let is_sound = file.file_stem().is_some_and(|stem| stem == "sound");
        assert_eq!(complaints.is_empty(), is_sound, "{}", file.display());
    }
}

#[test]
fn the_committed_schema_is_current() {
    let (book, _) = RuleBook::lint_pack(&root().join("rules"));
    let schema = serde_json::to_string_pretty(&schema::rule_file_schema(&book)).unwrap();
    assert_is(&root().join("rules/rule.schema.json"), &(schema + "\n"));
}

#[test]
fn the_skeleton_of_a_new_rule_lints_and_tests_green() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.yaml");
    fs::write(&file, skeleton("my-rule", "roles")).unwrap();
    let (book, complaints) = lint_alone(&file);
    assert!(complaints.is_empty(), "{complaints}");
    assert!(trial::run(&book).iter().all(|report| report.is_green()));
    assert_eq!(book.find("my-rule").unwrap().area, "roles");
}

#[test]
fn the_schema_accepts_what_the_check_accepts() {
    let (book, _) = RuleBook::lint_pack(&root().join("rules"));
    let schema = jsonschema::validator_for(&schema::rule_file_schema(&book)).unwrap();
    let mut files: Vec<_> = fs::read_dir(root().join("rules/checks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.push(root().join("fixtures/rule-files/sound.yaml"));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let document: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(&document)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
    let wrong = fs::read_to_string(root().join("fixtures/rule-files/unknown-keys.yaml")).unwrap();
    let wrong: serde_json::Value = serde_saphyr::from_str(&wrong.replace("    gate: 4\n", "")).unwrap();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn a_folder_of_rules_overrides_by_id_and_adds() {
    let builtin = RuleBook::builtin().unwrap();
    let replaced = &builtin.rules()[0];
    let folder = tempfile::tempdir().unwrap();
    for (name, id) in [("one.yaml", replaced.id.as_str()), ("two.yml", "rule-of-ours")] {
        fs::write(folder.path().join(name), skeleton(id, "roles")).unwrap();
    }
    let book = RuleBook::with_directories(&[folder.path().to_path_buf()]).unwrap();
    assert_eq!(book.rules().len(), builtin.rules().len() + 1);
    assert_eq!(book.find(&replaced.id).unwrap().gate, 14);
    assert!(!book.find("rule-of-ours").unwrap().place.builtin);
    assert_ne!(book.pack().sha256, builtin.pack().sha256);
    let gates: Vec<_> = book.rules().iter().map(|rule| rule.gate).collect();
    assert!(gates.is_sorted());
}

#[test]
fn a_folder_that_cannot_be_read_is_one_clear_complaint() {
    let complaints = RuleBook::with_directories(&[PathBuf::from("/no/such/folder")]).unwrap_err();
    assert_eq!(complaints.len(), 1);
    assert!(complaints.has_unreadable_path());
    assert!(complaints.to_string().contains("/no/such/folder"));
}

#[test]
fn a_young_fault_is_pending_with_the_time_to_look_again() {
    let book = RuleBook::builtin().unwrap();
    let rule = book.rules().iter().find(|rule| rule.pending.is_some()).unwrap();
    let pending = rule.pending.as_ref().unwrap();
    // The built-in rules are loaded without their tests, whose facts are needed here.
    let (whole, _) = RuleBook::lint(&[]);
    let test = whole
        .find(&rule.id)
        .unwrap()
        .tests
        .iter()
        .find(|test| test.expect.name() == "pending")
        .unwrap()
        .clone();
    let since: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    let verdict_after = |minutes: i64| {
        let mut given = test.facts.clone();
        given.retain(|(id, _)| *id != pending.since);
        given.push((pending.since, Ok(FactValue::Time(since))));
        let now = since + SignedDuration::from_mins(minutes);
        rule.judge(&Facts::given(given), test.profile, now).status
    };
    let usual = since + pending.usual;
    let limit = since + pending.limit;
    let minutes_of = |duration: SignedDuration| duration.as_mins();
    assert_eq!(verdict_after(0), Status::Pending { recheck_at: usual });
    assert_eq!(
        verdict_after(minutes_of(pending.limit) - 1),
        Status::Pending { recheck_at: limit }
    );
    assert_eq!(verdict_after(minutes_of(pending.limit)), Status::Fail);
    // A clock that runs behind does not make the fault older than it is.
    assert_eq!(verdict_after(-5), Status::Pending { recheck_at: usual });
}

/// Rules whose remedy changes nothing that a fact could tell, each with the reason.
const WITHOUT_CURES: &[(&str, &str)] = &[];

/// A rule that can find a fault says what is so once its remedy is done, or stands on the list with a reason; `rules test`
/// then holds what it says against its own faults and those of all others.
#[test]
fn every_builtin_rule_that_can_fail_says_what_its_remedy_cures() {
    let (book, _) = RuleBook::lint(&[]);
    let can_fail = |rule: &&Rule| {
        Profile::ALL
            .iter()
            .any(|profile| matches!(rule.meaning(*profile), Meaning::Fault(_) | Meaning::FaultAfterLag))
    };
    let reason = |rule: &Rule| WITHOUT_CURES.iter().find(|(id, _)| *id == rule.id);
    let mut judged = 0;
    for rule in book.rules().iter().filter(can_fail) {
        assert!(
            !rule.tests.is_empty(),
            "{}: nothing to hold its cures against",
            rule.id
        );
        assert_ne!(
            rule.cures.is_empty(),
            reason(rule).is_none(),
            "{}: cures or a reason",
            rule.id
        );
        judged += 1;
    }
    assert!(judged >= 96, "only {judged} rules were judged");
    for (id, why) in WITHOUT_CURES {
        assert!(book.find(id).is_some() && why.len() > 20, "{id}");
    }
}

/// `cures` that leave the fault, and that take away the fault of a rule that has nothing to do with it.
#[test]
fn cures_must_cure_their_own_rule_and_no_other() {
    let rule = |id: &str, fact: &str, cures: &str| {
        skeleton(id, "roles")
            .replace(
                "subject.account.startsWith(\"test-\")",
                &format!("{fact} != 0\n    cures: {cures}"),
            )
            .replace("subject.account: test-1@contoso.com", &format!("{fact}: 1"))
            .replace("subject.account: svc-d365@contoso.com", &format!("{fact}: 0"))
            .replace("subject.account: {", &format!("{fact}: {{"))
    };
    let rules = |text: &str| text.split_once("\nrules:\n").unwrap().1.to_owned();
    for (cures, wanted) in [
        ("{user_row.access_mode: 0}", None),
        ("{user_row.access_mode: 2}", Some("does not cure this fault")),
        ("{user_row.disabled: false}", Some("does not cure this fault")),
        (
            "{user_row.access_mode: 0, settings.format: 0}",
            Some("also cures other-rule"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.yaml");
        let mut text = rule("my-rule", "user_row.access_mode", cures);
        text += &rules(&rule("other-rule", "settings.format", "{settings.format: 0}"));
        fs::write(&file, text).unwrap();
        let (book, complaints) = lint_alone(&file);
        assert!(complaints.is_empty(), "{complaints}");
        let said = failed_tests(&book);
        match wanted {
            None => assert_eq!(said, "", "{cures}"),
            Some(part) => assert!(said.contains(part), "{cures}: {said}"),
        }
    }
}
