//! `junit`: the fleet for a pipeline. A case an account: failed is a fault, an error is what could not be looked at,
//! skipped is a question without an answer.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::what;
use crate::diagnosis::report::Outcome;
use crate::fleet::document::{Account, Fleet};
use crate::text::one_line;

/// The answer as JUnit XML.
pub(crate) fn junit(fleet: &Fleet) -> String {
    let mut document = quick_junit::Report::new("work365-doctor fleet");
    let mut suite = TestSuite::new("fleet");
    suite.add_test_cases(fleet.accounts.iter().map(case));
    document.add_test_suite(suite);
    // Writing to memory has no way to fail.
    document.to_string().unwrap_or_default()
}

fn case(account: &Account) -> TestCase {
    let mut status = match account.outcome {
        None => TestCaseStatus::non_success(NonSuccessKind::Error),
        Some(_) if !account.verdict => TestCaseStatus::non_success(NonSuccessKind::Error),
        Some(Outcome::Unhealthy | Outcome::Pending) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Some(Outcome::Incomplete) => TestCaseStatus::skipped(),
        Some(Outcome::Healthy) => TestCaseStatus::success(),
    };
    let said = account.headline.clone().unwrap_or_else(|| what(account));
    if !super::is_right(account) {
        if let Some(severity) = account.severity {
            status.set_type(severity.name());
        }
        status.set_message(one_line(&said));
        if let Some(step) = &account.next_step {
            status.set_description(one_line(step));
        }
    }
    let mut case = TestCase::new(one_line(&account.name), status);
    case.set_classname(one_line(&account.input));
    case
}
