//! A live `check`: look once, and with `--wait` again until what time can cure is cured.

use std::time::{Duration, Instant};

use super::check::Examination;
use super::exit::Exit;
use super::live::{self, Live};
use super::output::{Console, OutputTarget};
use crate::diagnosis::Diagnosed;
use crate::diagnosis::report::Status;

impl Examination<'_> {
    /// Collects the evidence of one account, and with `--wait` looks again.
    pub(super) fn live(
        &self,
        targets: &[OutputTarget],
        no_progress: bool,
        console: &Console,
    ) -> Result<Exit, String> {
        let now = self.arguments.now;
        let collected = live::collect(&self.arguments.live, self.config, now, no_progress, console)?;
        let mut live = match collected {
            Ok(live) => live,
            Err(exit) => return Ok(exit),
        };
        let (wait, interval) = self.arguments.waiting()?;
        let started = Instant::now();
        loop {
            let (snapshot, _) = live.evidence()?;
            let mut diagnosed = self.diagnose(&snapshot);
            if let Some(left) = time_to_wait(wait, interval, started)
                && let Some(sections) = waiting_for(&diagnosed)
            {
                match look_again(&mut live, left, interval, &sections, console) {
                    Ok(()) => continue,
                    Err(exit) => return Ok(exit),
                }
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
