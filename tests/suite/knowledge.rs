//! What was once told otherwise: each row of `fixtures/knowledge.tsv` names a page, what it must say, and what it must not.

use regex::RegexBuilder;
use work365_doctor::decode::explain::page::{Explanation, explain};
use work365_doctor::diagnosis::Doctor;

use crate::support::doctor;

/// All words of the page that `explain NAME` shows.
fn page(doctor: &Doctor, name: &str) -> Option<String> {
    if let Some(rule) = doctor.page(name) {
        return serde_json::to_string(&rule).ok();
    }
    match explain(name) {
        Explanation::Code(code) if code.checked.is_some() => serde_json::to_string(&code).ok(),
        _ => None,
    }
}

fn says(page: &str, pattern: &str) -> bool {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .unwrap()
        .is_match(page)
}

#[test]
fn what_was_corrected_stays_corrected() {
    let doctor = doctor();
    let mut wrong = Vec::new();
    let rows = include_str!("../../fixtures/knowledge.tsv").lines().skip(1);
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        let [name, must, must_not, source, day] = columns[..] else {
            panic!("five columns: {row}")
        };
        assert!(
            !source.is_empty() && day.parse::<jiff::civil::Date>().is_ok(),
            "{row}"
        );
        match page(&doctor, name) {
            None => wrong.push(format!("{name}: no page with a day")),
            Some(page) if !says(&page, must) => wrong.push(format!("{name} does not say `{must}`")),
            Some(page) if must_not != "-" && says(&page, must_not) => {
                wrong.push(format!("{name} says `{must_not}`"))
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
