//! The time that a line of a log begins with, in whatever form.

use std::borrow::Cow;

use super::moment::{Culture, Moment, day_and_month};
use super::named::Named;
use super::times::{cultural_time, line_time};

/// The time at the start of a line that means one moment whatever the culture, so that the texts of several sort: none for
/// `5/11/2026`.
fn of_line(line: &[u8]) -> Option<Cow<'_, str>> {
    if let Some(time) = line_time(line) {
        // Another zone than UTC is written anew: only then do the texts sort.
        let is_elsewhere = time.get(19..).is_some_and(|tail| tail.contains(['+', '-']));
        let anew = is_elsewhere
            .then(|| Moment::read(time, Culture::DayFirst))
            .flatten();
        return Some(anew.map_or(Cow::Borrowed(time), |moment| Cow::Owned(moment.written)));
    }
    let Some(time) = cultural_time(line) else {
        return Some(Cow::Owned(Named::of_line(line)?.moment()?.written));
    };
    let numbers = day_and_month(time);
    // A month that is called by its name needs no order; with dots the day comes first everywhere.
    let is_certain = numbers.is_none()
        || time
            .trim_start_matches(|digit: char| digit.is_ascii_digit())
            .starts_with('.');
    let culture = match numbers {
        _ if is_certain => Culture::DayFirst,
        Some((first, _)) if first > 12 => Culture::DayFirst,
        Some((_, second)) if second > 12 => Culture::MonthFirst,
        _ => return None,
    };
    Some(Cow::Owned(Moment::read(time, culture)?.written))
}

/// The time at the start of a line, for its order in the same log: also one without a year, as it is written.
pub(crate) fn of_log_line(line: &[u8]) -> Option<Cow<'_, str>> {
    of_line(line).or_else(|| Some(Cow::Borrowed(Named::of_line(line)?.text)))
}
