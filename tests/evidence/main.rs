//! Judged evidence, a trial for each folder under `fixtures/`: what a snapshot must come out as (`scenarios`), that its
//! redacted copy comes out the same (`redaction`), that less of it never turns a verdict (`law`), that profiles share no
//! more than is the same (`profiles`), what differs between two of them (`comparison`), what fails next after a fix (`rehearsal`), and where an interview ends (`ask`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod ask;
mod comparison;
mod law;
mod profiles;
mod redaction;
mod rehearsal;
mod scenarios;
mod sweep;
mod timeline;

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use work365_doctor::diagnosis::Doctor;

fn main() {
    let arguments = Arguments::from_args();
    let doctor = Arc::new(support::big_stack(support::doctor));
    let mut trials = scenarios::trials(&doctor);
    trials.extend(sweep::trials(&doctor));
    trials.extend(redaction::trials(&doctor));
    trials.extend(comparison::trials(&doctor));
    trials.extend(law::trials(&doctor));
    trials.extend(profiles::trials(&doctor));
    trials.extend(rehearsal::trials(&doctor));
    trials.extend(ask::trials(&doctor));
    libtest_mimic::run(&arguments, trials).exit();
}

/// A trial for each scenario folder, called `GROUP::FOLDER`, with the room that the command line has.
fn each_scenario(
    group: &str,
    doctor: &Arc<Doctor>,
    work: fn(&Doctor, &Path) -> Result<(), Failed>,
) -> Vec<Trial> {
    let trial = |folder: std::path::PathBuf| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let doctor = Arc::clone(doctor);
        Trial::test(format!("{group}::{name}"), move || {
            support::big_stack(|| work(&doctor, &folder))
        })
    };
    support::folders().into_iter().map(trial).collect()
}
