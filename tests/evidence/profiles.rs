//! Profiles share what comes out the same under them: what they share is what each of them comes to alone, in whatever order
//! it is asked for.

use std::path::Path;
use std::sync::Arc;

use crate::each_scenario;
use crate::support::{read_json, snapshot_of};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use work365_doctor::decode::decode_text;
use work365_doctor::diagnosis::Doctor;
use work365_doctor::facts::{Context, Expectations, Facts, ids};
use work365_doctor::profile::Profile;
use work365_doctor::snapshot::Snapshot;

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    each_scenario("profiles", doctor, |_, folder| shared_is_alone(folder))
}

/// What is looked at of `expect.json`.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    arguments: Vec<String>,
}

fn shared_is_alone(folder: &Path) -> Result<(), Failed> {
    let document = snapshot_of(folder)?;
    let Ok(snapshot) = Snapshot::from_bytes(document.to_string().as_bytes()) else {
        return Ok(());
    };
    let asked: Asked = read_json(&folder.join("expect.json"))?;
    let mut words = asked.arguments.iter();
    let error = words.find(|word| *word == "--error").and_then(|_| words.next());
    let error = error.map(|error| decode_text(error.as_bytes()));
    let expectations = Expectations::default();
    let facts_of = |profile| {
        let context = Context::new(&snapshot, &expectations, profile, snapshot.captured_at);
        Facts::of(context.with_error(error.as_ref()))
    };
    let alone = Profile::ALL.map(facts_of);
    let [one, two, three] = Profile::ALL;
    for order in [[one, two, three], [three, two, one], [two, three, one]] {
        let first = facts_of(order[0]);
        for profile in order {
            let shared = first.under(profile);
            for id in ids() {
                let (shared, alone) = (shared.get(id), alone[profile as usize].get(id));
                if shared != alone {
                    let name = id.definition().name;
                    return Err(format!(
                        "{name} under {profile} after {order:?}: {shared:?}, alone {alone:?}"
                    )
                    .into());
                }
            }
        }
    }
    Ok(())
}
