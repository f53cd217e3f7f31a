//! `ics`: what time brings to the account, for a calendar.

use crate::diagnosis::report::Report;
use crate::render::calendar::{Appointment, calendar};

/// The calendar of one report.
pub(crate) fn ics(report: &Report) -> String {
    let appointments: Vec<Appointment> = report
        .upcoming
        .iter()
        .map(|upcoming| Appointment::of(upcoming, &report.subject.account))
        .collect();
    calendar(&appointments, &report.generated_at)
}
