//! Sign-ins of Work 365 that end, one after the other, with a code that says nothing about the account.
//!
//! One of them is a person who went away or a busy service. A program that meets nothing else for a day does not get in,
//! whatever the code is: that is a refusal, and the code alone does not say by what.

use jiff::SignedDuration;

use crate::facts::sign_in::entry::{Attempt, any_code_of, attempt_with, is_by_person, says_nothing, time_of};
use crate::snapshot::graph::SignIn;

/// How many sign-ins in a row are no accident.
const MANY: usize = 3;
/// Over how long they are no outage.
const LONG: SignedDuration = SignedDuration::from_hours(24);

/// Of Work 365's own entries those that say nothing, newer than every one that does, where they go on for a day; else none.
pub(super) fn lasting<'a>(own: &[&'a SignIn]) -> Vec<Attempt<'a>> {
    let is_silent = |entry: &SignIn| any_code_of(entry).is_some_and(says_nothing);
    let since = own
        .iter()
        .filter(|entry| !is_silent(entry))
        .filter_map(|entry| time_of(entry))
        .max();
    let unfinished: Vec<Attempt<'a>> = own
        .iter()
        .filter(|entry| is_silent(entry) && !is_by_person(entry))
        .filter_map(|entry| Some(attempt_with(any_code_of(entry)?, entry)))
        .filter(|attempt| attempt.at > since)
        .collect();
    let times = || unfinished.iter().filter_map(|attempt| attempt.at);
    let spans_a_day = times()
        .min()
        .zip(times().max())
        .is_some_and(|(first, last)| last.duration_since(first) >= LONG);
    if unfinished.len() >= MANY && spans_a_day {
        unfinished
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::testing::sample::{Sample, password_sign_in};

    /// Whether the newest sign-in was refused, where one of 8 June succeeded and the others ended with `code`.
    fn refused(code: i64, others: &[&str]) -> Option<bool> {
        let mut log = vec![password_sign_in("2026-06-08T06:00:00Z", 0)];
        log.extend(others.iter().map(|at| password_sign_in(at, code)));
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!(log));
        sample.is("attempt.refused").ok()
    }

    #[test]
    fn sign_ins_that_stay_unfinished_for_a_day_are_a_refusal_and_one_or_an_hour_of_them_are_none() {
        let day = [
            "2026-06-12T06:00:00Z",
            "2026-06-13T06:00:00Z",
            "2026-06-14T06:00:00Z",
        ];
        let hour = [
            "2026-06-14T06:00:00Z",
            "2026-06-14T06:20:00Z",
            "2026-06-14T06:40:00Z",
        ];
        for code in [50_196, 90_033, 50_058] {
            assert_eq!(refused(code, &day), Some(true), "{code}");
            assert_eq!(refused(code, &hour), Some(false), "{code}");
            assert_eq!(refused(code, &day[..2]), Some(false), "{code}");
        }
        assert_eq!(refused(0, &day), Some(false));
    }
}
