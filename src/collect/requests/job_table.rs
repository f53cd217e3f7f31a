//! Work 365's own table of jobs: which one it is, which of its columns are asked for, and which values stand for which
//! state. Its names are not public, so everything here is read from the environment: the table by its prefix and its last
//! word, the columns by their names and types, the states by their labels. Nothing is guessed: where the names do not
//! tell, the section says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::placeholders::Known;
use super::replies::{Replies, items};
use crate::snapshot::work365_jobs::{JobState, tells_end};
use crate::snapshot::{Part, sections};

/// The publisher's prefix.
pub(crate) const PREFIX: &str = "work365_";

/// The columns of the list of definitions, which takes no filter.
const DEFINITION_COLUMNS: &str = "LogicalName,EntitySetName,SchemaName";

/// The label of a value.
const LABEL: &str = "@OData.Community.Display.V1.FormattedValue";

/// One table of Work 365.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) logical_name: String,
    pub(crate) set_name: String,
}

/// Puts what is known of the table into `known`.
pub(super) fn learn(known: &mut Known, replies: &Replies, is_unknown_question: bool) {
    let columns = is_unknown_question.then(|| DEFINITION_COLUMNS.to_owned());
    known.set("definition_columns", columns.into_iter().collect());
    let Ok(Some(table)) = job_table(replies) else {
        return;
    };
    known.set("job_table", vec![table.logical_name]);
    let states = state_columns(replies);
    known.set("job_columns", some(job_columns(replies)));
    known.set("job_states", some(states.join(",")));
    // The set leads to rows, so it waits for the columns.
    known.set(
        "job_set",
        some(table.set_name)
            .into_iter()
            .filter(|_| !states.is_empty())
            .collect(),
    );
    for (name, is_meant) in [
        ("job_failed", is_failed as fn(JobState) -> bool),
        ("job_succeeded", is_succeeded),
        ("job_open", JobState::is_open),
    ] {
        known.set(name, some(condition(replies, &states, is_meant)));
    }
}

fn some(text: String) -> Vec<String> {
    Some(text).filter(|text| !text.is_empty()).into_iter().collect()
}

fn is_failed(state: JobState) -> bool {
    state == JobState::Failed
}

fn is_succeeded(state: JobState) -> bool {
    state == JobState::Succeeded
}

/// The tables of Work 365, from whichever list answered, in one spelling.
pub(crate) fn tables(body: &Value) -> Vec<Value> {
    let rows = items(body).into_iter().filter_map(|row| {
        let of = |lower: &str, pascal: &str| row[lower].as_str().or_else(|| row[pascal].as_str());
        let logical = of("logicalname", "LogicalName")?;
        let is_own = logical.to_lowercase().starts_with(PREFIX);
        is_own.then(|| {
            serde_json::json!({
                "logicalname": logical,
                "entitysetname": of("entitysetname", "EntitySetName"),
                "name": of("name", "SchemaName"),
            })
        })
    });
    rows.collect()
}

/// The table of jobs: the one whose name ends in "job". None when there is none, the candidates when there are several.
pub(crate) fn job_table(replies: &Replies) -> Result<Option<Table>, Vec<String>> {
    let lists = [Part::Main, Part::Definitions].map(|part| replies.body(sections::WORK365_TABLES, part));
    let mut candidates: Vec<Table> = lists
        .into_iter()
        .flatten()
        .flat_map(tables)
        .filter_map(|row| {
            let text = |name: &str| row[name].as_str().map(str::to_owned);
            let logical_name = text("logicalname")?.to_lowercase();
            let is_of_jobs = logical_name.ends_with("job");
            let set_name = text("entitysetname").filter(|_| is_of_jobs)?;
            Some(Table {
                logical_name,
                set_name,
            })
        })
        .collect();
    candidates.sort_by(|left, right| left.logical_name.cmp(&right.logical_name));
    candidates.dedup();
    let plain = format!("{PREFIX}job");
    if let Some(position) = candidates.iter().position(|table| table.logical_name == plain) {
        return Ok(Some(candidates.swap_remove(position)));
    }
    match candidates.len() {
        0 | 1 => Ok(candidates.pop()),
        _ => Err(candidates.into_iter().map(|table| table.logical_name).collect()),
    }
}

/// The columns of the table with their types; none before they were read.
fn attributes(replies: &Replies) -> Vec<(&str, &str)> {
    let body = replies.body(sections::WORK365_JOBS, Part::Columns);
    let mut all: Vec<(&str, &str)> = body
        .map(items)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|row| Some((row["LogicalName"].as_str()?, row["AttributeType"].as_str()?)))
        .filter(|(name, _)| is_plain(name))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A logical name as Dataverse makes them, so that it can stand in a query.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn tells_state(name: &str) -> bool {
    name.starts_with(PREFIX) && (name.contains("status") || name.contains("state"))
}

fn state_columns(replies: &Replies) -> Vec<String> {
    let is_state = |(name, kind): &(&str, &str)| {
        (*name == "statuscode" && *kind == "Status") || (*kind == "Picklist" && tells_state(name))
    };
    let columns = attributes(replies).into_iter().filter(is_state);
    columns.map(|(name, _)| name.to_owned()).collect()
}

/// What is asked of each job: its state, its times, its kind, its name and its result; nothing about the customer.
fn job_columns(replies: &Replies) -> String {
    let is_wanted = |(name, kind): &(&str, &str)| match *kind {
        "Status" | "State" => true,
        "Picklist" => tells_state(name) || (name.starts_with(PREFIX) && name.ends_with("type")),
        "DateTime" => {
            matches!(*name, "createdon" | "modifiedon") || name.contains("schedul") || tells_end(name)
        }
        "Memo" => name.contains("result"),
        "String" => *name == "work365_name" || name.contains("result"),
        _ => false,
    };
    let columns = attributes(replies).into_iter().filter(is_wanted);
    let names: Vec<&str> = columns.map(|(name, _)| name).collect();
    names.join(",")
}

/// What a row of the counts is of: the column that tells the state, its value, the state.
fn told<'a>(row: &'a Value, states: &'a [String]) -> Option<(&'a str, i64, JobState)> {
    states.iter().find_map(|column| {
        let label = row[format!("{column}{LABEL}")].as_str()?;
        Some((
            column.as_str(),
            row[column.as_str()].as_i64()?,
            JobState::of(label)?,
        ))
    })
}

/// The condition that holds for the jobs in certain states; empty when there are none.
fn condition(replies: &Replies, states: &[String], is_meant: fn(JobState) -> bool) -> String {
    let rows = replies
        .body(sections::WORK365_JOBS, Part::Counts)
        .map(items)
        .unwrap_or_default();
    let mut terms: Vec<String> = rows
        .into_iter()
        .filter_map(|row| told(row, states))
        .filter(|(_, _, state)| is_meant(*state))
        .map(|(column, value, _)| format!("{column} eq {value}"))
        .collect();
    terms.sort();
    terms.dedup();
    terms.join(" or ")
}

/// How many jobs there are of each state, and whether there are some whose state is not known.
pub(crate) fn counts(replies: &Replies) -> (BTreeMap<&'static str, i64>, bool) {
    let states = state_columns(replies);
    let rows = replies
        .body(sections::WORK365_JOBS, Part::Counts)
        .map(items)
        .unwrap_or_default();
    let mut counts = BTreeMap::new();
    let mut has_strangers = false;
    for row in rows {
        match (told(row, &states), row["count"].as_i64()) {
            (Some((_, _, state)), Some(count)) => *counts.entry(state.label()).or_default() += count,
            _ => has_strangers = true,
        }
    }
    (counts, has_strangers)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{Replies, condition, counts, is_failed, job_columns, job_table, state_columns};
    use crate::collect::requests::table::READS;
    use crate::collect::wire::call::Reply;
    use crate::snapshot::{Part, sections};

    fn replies(answers: &[(&str, Part, Value)]) -> Replies {
        let mut replies = Replies::default();
        for (section, part, body) in answers {
            let index = READS
                .iter()
                .position(|read| read.section == *section && read.part == *part);
            let reply = Reply::json(200, body.clone());
            replies.insert(index.unwrap(), String::new(), reply);
        }
        replies
    }

    #[test]
    fn the_table_of_jobs_is_found_and_never_guessed() {
        let table = |names: &[&str]| {
            let rows: Vec<Value> = names
                .iter()
                .map(|name| json!({"logicalname": name, "entitysetname": format!("{name}s"), "name": name}))
                .collect();
            job_table(&replies(&[(
                sections::WORK365_TABLES,
                Part::Main,
                json!({"value": rows}),
            )]))
            .map(|table| table.map(|table| table.logical_name))
        };
        assert_eq!(
            table(&["work365_subscription", "work365_providerjob"]),
            Ok(Some("work365_providerjob".to_owned()))
        );
        assert_eq!(
            table(&["work365_ajob", "work365_job", "work365_jobtype"]),
            Ok(Some("work365_job".to_owned()))
        );
        assert_eq!(table(&["work365_subscription"]), Ok(None));
        assert_eq!(table(&["account", "job"]), Ok(None));
        assert_eq!(
            table(&["work365_ajob", "work365_bjob"]),
            Err(vec!["work365_ajob".to_owned(), "work365_bjob".to_owned()])
        );
    }

    #[test]
    fn columns_are_chosen_by_name_and_type_and_states_by_their_labels() {
        let columns = json!({"value": [
            {"LogicalName": "statuscode", "AttributeType": "Status"},
            {"LogicalName": "work365_jobstatus", "AttributeType": "Picklist"},
            {"LogicalName": "work365_customer", "AttributeType": "Lookup"},
            {"LogicalName": "work365_amount", "AttributeType": "Money"},
            {"LogicalName": "work365_jobresults", "AttributeType": "Memo"},
            {"LogicalName": "createdon", "AttributeType": "DateTime"},
            {"LogicalName": "work365_completedon", "AttributeType": "DateTime"},
            {"LogicalName": "x'; drop", "AttributeType": "Memo"},
        ]});
        let label = |text: &str| json!(text);
        let groups = json!({"value": [
            {"statuscode": 1, "statuscode@OData.Community.Display.V1.FormattedValue": label("Active"),
             "work365_jobstatus": 5, "work365_jobstatus@OData.Community.Display.V1.FormattedValue": label("Failed"), "count": 3},
            {"statuscode": 2, "statuscode@OData.Community.Display.V1.FormattedValue": label("Inactive"),
             "work365_jobstatus": 5, "work365_jobstatus@OData.Community.Display.V1.FormattedValue": label("Failed"), "count": 1},
            {"statuscode": 1, "work365_jobstatus": 9, "count": 1},
        ]});
        let replies = replies(&[
            (sections::WORK365_JOBS, Part::Columns, columns),
            (sections::WORK365_JOBS, Part::Counts, groups),
        ]);
        assert_eq!(
            job_columns(&replies),
            "createdon,statuscode,work365_completedon,work365_jobresults,work365_jobstatus"
        );
        let states = state_columns(&replies);
        assert_eq!(condition(&replies, &states, is_failed), "work365_jobstatus eq 5");
        let (by_state, has_strangers) = counts(&replies);
        assert_eq!((by_state.get("Failed"), has_strangers), (Some(&4), true));
    }
}
