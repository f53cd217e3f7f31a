//! The rows of Work 365's own table of jobs. Its columns are not public: what a column holds is told by its name, and the
//! state of a job by the label that the vendor's pages give it.
//!
//! Source: <https://docs.work365apps.com/docs/work-365-jobs>.

use std::collections::BTreeMap;
use std::collections::HashSet;

use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::field::{Body, Field};

/// What stands behind the name of a column whose value is followed by its label.
const LABEL: &str = "@OData.Community.Display.V1.FormattedValue";

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    /// Made, and not yet due or not yet taken.
    Waiting,
    /// Taken by the vendor's engine.
    Dispatched,
    /// Running.
    InProgress,
    /// Done.
    Succeeded,
    /// Refused or broken; its result says why.
    Failed,
    /// There was nothing to do.
    NotApplicable,
    /// Failed, and tried again, up to five times.
    Retry,
    /// Called off.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [JobState; 8] = [
        JobState::Waiting,
        JobState::Dispatched,
        JobState::InProgress,
        JobState::Succeeded,
        JobState::Failed,
        JobState::NotApplicable,
        JobState::Retry,
        JobState::Cancelled,
    ];

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            JobState::Waiting => "Waiting",
            JobState::Dispatched => "Dispatched",
            JobState::InProgress => "In Progress",
            JobState::Succeeded => "Succeeded",
            JobState::Failed => "Failed",
            JobState::NotApplicable => "Not Applicable",
            JobState::Retry => "Retry",
            JobState::Cancelled => "Cancelled",
        }
    }

    /// The state of a label, in whatever case and with whatever stands between its words.
    pub fn of(label: &str) -> Option<Self> {
        let letters = |text: &str| -> String {
            let letters = text.chars().filter(|letter| letter.is_alphabetic());
            letters.flat_map(char::to_lowercase).collect()
        };
        let wanted = letters(label);
        let wanted = if wanted == "canceled" {
            "cancelled"
        } else {
            &wanted
        };
        JobState::ALL
            .into_iter()
            .find(|state| letters(state.label()) == *wanted)
    }

    /// Whether the job is neither over nor called off.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            JobState::Waiting | JobState::Dispatched | JobState::InProgress | JobState::Retry
        )
    }
}

/// `dataverse.work365_jobs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work365Jobs {
    /// The jobs that were read.
    pub value: Vec<Work365Job>,
    /// Whether there are more of them.
    pub truncated: bool,
    /// The table's logical name.
    pub table: Field<String>,
    /// How many jobs there are, by the label of their state.
    pub counts: Field<BTreeMap<String, i64>>,
}

/// One job of Work 365.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Work365Job {
    /// What it is called.
    pub name: Field<String>,
    /// What it does, as "Sync invoice".
    pub kind: Field<String>,
    /// How far it is; null for a state that is not known.
    pub state: Field<JobState>,
    /// Made.
    pub created: Field<String>,
    /// Last changed, by the job or by a person who edits its row.
    pub changed: Field<String>,
    /// Over, where a column of this table tells it.
    pub completed: Field<String>,
    /// When it is due.
    pub scheduled: Field<String>,
    /// What became of it: the text under Job Results.
    pub result: Field<String>,
}

impl Work365Job {
    fn of(row: &Map<String, Value>) -> Self {
        Self {
            name: text(row, "name", |key| key == "name" || key.ends_with("_name")),
            kind: kind(row),
            state: state(row),
            created: text(row, "createdon", |key| key == "createdon"),
            changed: text(row, "modifiedon", |key| key == "modifiedon"),
            completed: text(row, "completedon", tells_end),
            scheduled: text(row, "scheduled", |key| key.contains("schedul")),
            result: result(row),
        }
    }
}

/// The columns of a row, without labels and annotations.
fn columns(row: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let columns = row.iter().filter(|(key, _)| !key.contains('@'));
    columns.map(|(key, value)| (key.as_str(), value))
}

/// Whether a column of this name tells when a job was over, as that of the system jobs does.
pub(crate) fn tells_end(key: &str) -> bool {
    key.ends_with("completedon")
}

/// The text of the first column that is meant; null when all of those are.
fn text(row: &Map<String, Value>, name: &'static str, is_meant: impl Fn(&str) -> bool) -> Field<String> {
    let mut found = Field::absent("snake_case", name);
    for (key, value) in columns(row) {
        if !is_meant(&key.to_lowercase()) {
            continue;
        }
        match value {
            Value::String(text) => return Field::Value(text.clone()),
            Value::Null => found = Field::Null,
            _ => {}
        }
    }
    found
}

/// Every label of a row, with the column that it is of.
fn labels(row: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    row.iter().filter_map(|(key, value)| {
        let split = key.len().checked_sub(LABEL.len())?;
        let column = key.get(..split)?;
        let is_label = key
            .get(split..)
            .is_some_and(|end| end.eq_ignore_ascii_case(LABEL));
        is_label.then_some(())?;
        Some((column, value.as_str()?))
    })
}

fn state(row: &Map<String, Value>) -> Field<JobState> {
    let tells_state = |column: &str| {
        let column = column.to_lowercase();
        column.contains("status") || column.contains("state")
    };
    let written = columns(row).filter_map(|(key, value)| Some((key, value.as_str()?)));
    let told = labels(row)
        .chain(written)
        .filter(|(column, _)| tells_state(column))
        .filter_map(|(_, label)| JobState::of(label))
        .next();
    // A number says nothing without its label: the labels are asked for. Every row of Dataverse has its own statecode. What every
    // table calls its rows is no state of a job; any other label may be one, in the words of a release or a language of its own.
    let is_of_every_table =
        |label: &str| ["active", "inactive"].contains(&label.trim().to_lowercase().as_str());
    let is_labelled = |key: &str| {
        key == "statecode" || labels(row).any(|(column, label)| column == key && is_of_every_table(label))
    };
    let mut states = columns(row).filter(|(key, _)| tells_state(key)).peekable();
    match told {
        Some(state) => Field::Value(state),
        None if states.peek().is_some()
            && states.all(|(key, value)| !value.is_number() || is_labelled(key)) =>
        {
            Field::Null
        }
        None => Field::absent("snake_case", "state"),
    }
}

fn kind(row: &Map<String, Value>) -> Field<String> {
    let of_type = |column: &str| column.to_lowercase().ends_with("type");
    match labels(row).find(|(column, _)| of_type(column)) {
        Some((_, label)) => Field::Value(label.to_owned()),
        None => text(row, "type", |key| key.ends_with("type")),
    }
}

fn result(row: &Map<String, Value>) -> Field<String> {
    let own = text(row, "result", |key| key.contains("result"));
    if own.known().is_some() {
        return own;
    }
    let other = text(row, "result", |key| {
        ["error", "exception", "message", "failure"]
            .iter()
            .any(|word| key.contains(word))
    });
    if other.is_missing() { own } else { other }
}

impl Body for Work365Jobs {
    fn says_nothing(&self) -> bool {
        false
    }
}

impl<'de> Deserialize<'de> for Work365Jobs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Wire {
            value: Vec<Map<String, Value>>,
            #[serde(default)]
            truncated: bool,
            #[serde(default, rename = "@odata.nextLink")]
            next_link: Option<serde::de::IgnoredAny>,
            table: Option<String>,
            counts: Option<BTreeMap<String, i64>>,
        }
        let wire = Wire::deserialize(deserializer)?;
        let mut seen = HashSet::with_capacity(wire.value.len());
        let mut value = Vec::with_capacity(wire.value.len());
        for row in &wire.value {
            // A row that stands twice is one job; the primary key is among its columns.
            if seen.insert(Value::Object(row.clone()).to_string()) {
                value.push(Work365Job::of(row));
            }
        }
        let absent = |name| Field::absent("snake_case", name);
        Ok(Self {
            value,
            truncated: wire.truncated || wire.next_link.is_some(),
            table: wire.table.map_or_else(|| absent("table"), Field::Value),
            counts: wire
                .counts
                .map_or_else(|| Field::absent("snake_case", "counts"), Field::Value),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::{JobState, Work365Jobs};

    #[test]
    fn a_state_is_known_by_its_label_whatever_the_column_is_called() {
        for (row, wanted) in [
            (
                json!({"statuscode": 3, "statuscode@OData.Community.Display.V1.FormattedValue": "Failed"}),
                Some(JobState::Failed),
            ),
            (
                json!({"statuscode": 1, "statuscode@OData.Community.Display.V1.FormattedValue": "Active",
                "work365_jobstatus": 7, "work365_jobstatus@OData.Community.Display.V1.FormattedValue": "In progress"}),
                Some(JobState::InProgress),
            ),
            (
                json!({"work365_status": "not applicable"}),
                Some(JobState::NotApplicable),
            ),
            (json!({"statuscode": 3}), None),
            (
                json!({"statuscode": 1, "statuscode@OData.Community.Display.V1.FormattedValue": "Active"}),
                None,
            ),
            (
                json!({"work365_customer@OData.Community.Display.V1.FormattedValue": "Failed"}),
                None,
            ),
        ] {
            let jobs: Work365Jobs = serde_json::from_value(json!({"value": [row]})).unwrap();
            assert_eq!(jobs.value[0].state.known().copied(), wanted, "{row}");
        }
        let state = |row: serde_json::Value| {
            let jobs: Work365Jobs = serde_json::from_value(json!({"value": [row]})).unwrap();
            jobs.value[0].state.clone()
        };
        // What every table has is known not to be one of these; another word, or a number without its label, is not known.
        let label = "statuscode@OData.Community.Display.V1.FormattedValue";
        assert!(!state(json!({"statecode": 0, "statuscode": 1, label: "Active"})).is_missing());
        assert!(state(json!({"statecode": 0, "statuscode": 3})).is_missing());
        assert!(state(json!({"statuscode": 5, label: "Fehlgeschlagen"})).is_missing());
        assert_eq!(JobState::of("Canceled"), Some(JobState::Cancelled));
        assert_eq!(JobState::of("Active"), None);
    }

    #[test]
    fn the_result_is_the_column_that_says_so_and_else_the_one_with_the_error() {
        let jobs: Work365Jobs = serde_json::from_value(json!({"value": [
            {"work365_jobresults": "AADSTS50076", "work365_error": "x"},
            {"work365_jobresults": null, "work365_errormessage": "boom"},
            {"work365_jobresults": null},
        ]}))
        .unwrap();
        let results: Vec<_> = jobs.value.iter().map(|job| job.result.known().cloned()).collect();
        assert_eq!(
            results,
            [Some("AADSTS50076".to_owned()), Some("boom".to_owned()), None]
        );
    }
}
