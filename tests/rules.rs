//! The built-in rules are sound, and each rule's own tests pass.
//!
//! While only some rule files are at hand, `RULES_PARTIAL=1 cargo test --test rules -- --nocapture` leaves out the
//! complaints about rules that are named but absent.

use std::path::Path;

use work365_doctor::rules::{RuleBook, own_tests};

#[test]
fn the_builtin_rules_have_no_complaints_and_their_own_tests_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let (book, mut complaints) = RuleBook::lint_pack(&folder);
    if std::env::var_os("RULES_PARTIAL").is_some() {
        complaints = complaints.without_absent_rules();
    }
    let mut said = complaints.to_string();
    for report in own_tests::run(&book) {
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
    assert!(
        said.is_empty(),
        "{} rules read, {} complaints:\n\n{said}",
        book.rules().len(),
        complaints.len()
    );
}
