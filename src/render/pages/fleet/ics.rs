//! `ics`: what time will break, for a calendar. What it brings to many accounts is one event.

use crate::diagnosis::report;
use crate::fleet::document::{Fleet, Upcoming};
use crate::render::calendar::{Appointment, calendar};

/// How many names stand in the text of an event.
const NAMES: usize = 40;

/// The calendar of all accounts.
pub(crate) fn ics(fleet: &Fleet) -> String {
    let appointments: Vec<Appointment> = fleet.upcoming.iter().map(appointment).collect();
    calendar(&appointments, &fleet.generated_at)
}

fn appointment(event: &Upcoming) -> Appointment {
    let of_report = report::Upcoming {
        at: event.at.clone(),
        kind: event.kind,
        what: event.what.clone(),
        severity: event.severity,
        evidence: event.evidence.clone(),
        owner: event.owner.clone(),
        step: event.step.clone(),
    };
    match event.accounts.as_slice() {
        [name] => Appointment::of(&of_report, name),
        many => {
            let mut appointment = Appointment::of(&of_report, &super::plural(many.len(), "account"));
            // However many accounts it is, it stays the same event.
            appointment.identity = format!("fleet\n{}\n{}\n{}", event.kind.word(), event.at, event.what);
            appointment
                .description
                .push_str(&format!("\n\n{}", super::names(many, NAMES)));
            appointment
        }
    }
}
