//! A live `check`: look once, and with `--wait` again until what time can cure is cured.

use std::time::{Duration, Instant};

use super::Examination;
use crate::cli::args::output::OutputTarget;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::live_run::{self, Live};
use crate::cli::sections;
use crate::diagnosis::Diagnosed;
use crate::diagnosis::report::Status;

impl Examination<'_> {
    /// Collects the evidence of one account, and with `--wait` looks again.
    pub(super) fn live(
        &self,
        targets: &[OutputTarget],
        no_progress: bool,
        console: &Console,
    ) -> Result<Exit, Failure> {
        let now = self.arguments.now;
        let (wait, interval) = self.arguments.waiting()?;
        // A selection needs fewer permissions, so a person is asked for fewer.
        let is_narrow = !self.arguments.select.is_everything();
        let wanted = is_narrow.then(|| sections::behind(self.doctor, &self.selection));
        let collected = live_run::collect(
            &self.arguments.live,
            self.config,
            now,
            wanted,
            self.arguments.record.is_some(),
            no_progress,
            console,
        )?;
        let mut live = match collected {
            Ok(live) => live,
            Err(exit) => return Ok(exit),
        };
        let started = Instant::now();
        let mut has_waited = false;
        loop {
            let (snapshot, _) = live.evidence()?;
            let snapshot = self.answered(snapshot);
            let mut diagnosed = self.diagnose(&snapshot);
            if let Some(left) = time_to_wait(wait, interval, started)
                && let Some(sections) = waiting_for(&diagnosed)
            {
                match look_again(&mut live, left, interval, &sections, console) {
                    Ok(()) => {
                        has_waited = true;
                        continue;
                    }
                    Err(exit) => return Ok(exit),
                }
            }
            if wait.is_some() && (has_waited || is_pending(&diagnosed)) {
                console.note(&why_it_ended(&diagnosed));
            }
            if let Some(folder) = &self.arguments.record {
                live.write_recording(folder)?;
                console.note(&format!(
                    "{} holds every exchange without names; look through it before it leaves",
                    folder.display()
                ));
            }
            diagnosed.report.requests = live.requests();
            return self.answer(&snapshot, &diagnosed, targets, console);
        }
    }
}

/// How much of `--wait` is left, if enough for another look.
fn time_to_wait(wait: Option<Duration>, interval: Duration, started: Instant) -> Option<Duration> {
    let left = wait?.checked_sub(started.elapsed())?;
    (left >= interval).then_some(left)
}

fn look_again(
    live: &mut Live,
    left: Duration,
    interval: Duration,
    sections: &[String],
    console: &Console,
) -> Result<(), Exit> {
    let minutes = left.as_secs().div_ceil(60);
    console.note(&format!(
        "waiting for {}; at most {minutes} more min",
        sections.join(", ")
    ));
    let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
    live.read_again(interval, &sections)
}

fn is_pending(diagnosed: &Diagnosed) -> bool {
    let mut findings = diagnosed.report.findings.iter();
    findings.any(|finding| finding.status == Status::Pending)
}

/// Why nothing is waited for any more.
fn why_it_ended(diagnosed: &Diagnosed) -> String {
    let names = |status: Status, is_root: bool| -> Vec<&str> {
        let findings = diagnosed.report.findings.iter();
        findings
            .filter(|finding| finding.status == status && (!is_root || finding.root_cause))
            .map(|finding| finding.id.as_str())
            .collect()
    };
    let (faults, pending) = (names(Status::Fail, true), names(Status::Pending, false));
    if !faults.is_empty() {
        format!("waiting ended: {} is nothing that time cures", faults.join(", "))
    } else if pending.is_empty() {
        "waiting ended: nothing is pending any more".to_owned()
    } else {
        format!(
            "waiting ended: the time is up, and {} is still pending",
            pending.join(", ")
        )
    }
}

/// The sections that the pending findings look at; nothing when waiting is over: when nothing is pending any more, or
/// when something is wrong that time cannot cure.
fn waiting_for(diagnosed: &Diagnosed) -> Option<Vec<String>> {
    let report = &diagnosed.report;
    let is_incurable = report
        .findings
        .iter()
        .any(|finding| finding.status == Status::Fail && finding.root_cause);
    let mut sections: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Pending)
        .flat_map(|finding| finding.evidence.iter().map(|evidence| evidence.section.clone()))
        .filter(|section| section.contains('.'))
        .collect();
    sections.sort();
    sections.dedup();
    (!is_incurable && !sections.is_empty()).then_some(sections)
}
