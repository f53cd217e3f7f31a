//! The events of records: what each one says happened.

use std::collections::HashMap;

use crate::decode::explain::catalogue;
use crate::decode::explain::describe::describe;
use crate::decode::find::context::Evidence;
use crate::decode::find::moment::Culture;
use crate::decode::find::primary::rank_of;
use crate::decode::find::records::Records;
use crate::decode::find::records::entry::{self, Entry, Outcome};
use crate::decode::find::shape::shape;
use crate::decode::model::{Decoded, DecodedError};
use crate::decode::single;

/// Interrupts of a sign-in that went on: "stay signed in?".
const INTERRUPTS: [&str; 3] = ["AADSTS50140", "AADSTS50199", "AADSTS50125"];
/// How many texts that differ in more than times and ids are read.
const MOST_SHAPES: usize = 4000;
/// How long one attempt may take, in milliseconds: a person answers a prompt within it.
const ONE_ATTEMPT: i64 = 15 * 60 * 1000;

/// What happened in one record.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) entry: Entry,
    pub(super) refusal: Option<Refusal>,
}

/// How it was refused.
#[derive(Clone)]
pub(super) struct Refusal {
    pub(super) primary: String,
    pub(super) category: Option<String>,
    pub(super) errors: Vec<DecodedError>,
}

/// Reads records, part by part.
#[derive(Default)]
pub(super) struct Reader {
    /// What the texts say, by what remains of them without times and ids.
    known: HashMap<Vec<u8>, Decoded>,
    pub(super) foreign: Vec<String>,
    /// How the parts read so far write their dates.
    culture: Option<Culture>,
}

impl Reader {
    /// The events of one part of an export.
    pub(super) fn events(&mut self, records: &Records) -> Vec<Event> {
        let mut events: Vec<Event> = entry::entries(records, &mut self.culture)
            .into_iter()
            .filter_map(|entry| self.read(entry))
            .collect();
        drop_answered(&mut events);
        events
    }

    /// The event of a record; none when it says neither that something failed nor that it worked.
    fn read(&mut self, entry: Entry) -> Option<Event> {
        let refusal = match &entry.outcome {
            Outcome::Succeeded => None,
            Outcome::Code(code) if INTERRUPTS.contains(&code.as_str()) => return None,
            Outcome::Code(code) => Some(Refusal {
                primary: code.clone(),
                category: Some(catalogue::category(code).to_owned()),
                errors: vec![describe(code)],
            }),
            Outcome::Status(status) => {
                let told = self.told(&entry).or_else(|| {
                    let code = format!("HTTP:{status}");
                    Evidence::of(&entry.text).microsoft.then(|| Refusal {
                        category: Some(catalogue::category(&code).to_owned()),
                        errors: vec![describe(&code)],
                        primary: code,
                    })
                });
                Some(told?)
            }
            Outcome::Told => Some(self.told(&entry)?),
        };
        Some(Event { entry, refusal })
    }

    fn told(&mut self, entry: &Entry) -> Option<Refusal> {
        let decoded = self.decoded(&entry.text)?;
        let primary = decoded.primary?;
        for code in decoded.foreign {
            if !self.foreign.contains(&code) {
                self.foreign.push(code);
            }
        }
        Some(Refusal {
            primary,
            category: decoded.category,
            errors: decoded.errors,
        })
    }

    /// What a text says. Texts that differ in times and ids alone are read once, but for the ids that they hold.
    fn decoded(&mut self, text: &str) -> Option<Decoded> {
        let shape = shape(text.as_bytes());
        if let Some(known) = self.known.get(&shape) {
            return if known.recognised {
                Some(single::decode(text))
            } else {
                Some(known.clone())
            };
        }
        if self.known.len() == MOST_SHAPES {
            return None;
        }
        let decoded = single::decode(text);
        self.known.insert(shape, decoded.clone());
        Some(decoded)
    }
}

/// Whose event it is: the account and the application, and for telemetry the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Whose {
    pub(super) user: String,
    pub(super) app: String,
    about: String,
}

impl Event {
    pub(super) fn millis(&self) -> Option<i64> {
        self.entry.time.as_ref().map(|time| time.millis)
    }

    /// Whose event it is: the account and the application, and for telemetry the request.
    pub(super) fn whose(&self) -> Whose {
        let id = |names: &[&str]| {
            let value = names.iter().find_map(|name| self.entry.ids.get(*name));
            value.map(|value| value.to_ascii_lowercase()).unwrap_or_default()
        };
        Whose {
            user: id(&["user", "user_id"]),
            app: id(&["app_id"]),
            about: self.entry.about.clone(),
        }
    }

    pub(super) fn rank(&self) -> u8 {
        self.refusal
            .as_ref()
            .map_or(0, |refusal| rank_of(&refusal.primary))
    }
}

/// Takes away the interrupts that the same attempt went past: its last entry decides.
fn drop_answered(events: &mut Vec<Event>) {
    let mut answered: HashMap<String, Vec<i64>> = HashMap::new();
    for event in events.iter().filter(|event| event.refusal.is_none()) {
        if let (Some(id), Some(at)) = (event.entry.ids.get("correlation_id"), event.millis()) {
            answered.entry(id.clone()).or_default().push(at);
        }
    }
    events.retain(|event| {
        let id = event.entry.ids.get("correlation_id");
        let (true, Some(at), Some(successes)) = (
            event.refusal.is_some(),
            event.millis(),
            id.and_then(|id| answered.get(id)),
        ) else {
            return true;
        };
        !successes
            .iter()
            .any(|success| (0..=ONE_ATTEMPT).contains(&(success - at)))
    });
}
