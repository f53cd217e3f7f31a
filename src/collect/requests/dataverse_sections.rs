//! Sections of Dataverse and of its administration that are made of more than one reply, or of one and its question.

use serde_json::{Value, json};

use super::change_history;
use super::discover::{self, is_unknown_question};
use super::job_table;
use super::material::Material;
use super::record::Record;
use super::replies::items;
use super::table::PRIVILEGES;
use crate::snapshot::{Outcome, Part, sections};

pub(super) fn environment(material: &Material<'_>) -> Record {
    let name = sections::ENVIRONMENT;
    if material.replies.one(name, Part::Main).is_some() {
        return material.part(name, Part::Main);
    }
    match discover::environment(material.replies, material.environment) {
        Some(body) => Record::ok(Some(200), body.clone()),
        None if material.replies.body(name, Part::List).is_some() => Record::failed(
            Some(200),
            "no environment of the list has this address; --environment-id names it",
        ),
        None if material.replies.one(name, Part::List).is_some() => material.part(name, Part::List),
        None if material.replies.one(name, Part::ByOrganization).is_some() => {
            material.part(name, Part::ByOrganization)
        }
        None => material.missing(name, Part::Main),
    }
}

/// The union of the reads by name, by object id, and by application id.
pub(super) fn rows(material: &Material<'_>) -> Record {
    let name = sections::SYSTEM_USERS;
    let parts: &[Part] = if material.is_application {
        &[Part::OfTheApplication]
    } else {
        &[Part::ByName, Part::Main]
    };
    let mut rows: Vec<Value> = Vec::new();
    let mut was_asked = false;
    for &part in parts {
        if material.replies.one(name, part).is_none() {
            continue;
        }
        was_asked = true;
        let record = material.part(name, part);
        let Some(body) = record.ok_body() else {
            return record;
        };
        if !body["value"].is_array() {
            return Record::failed(Some(200), "not as documented: value: the list is missing");
        }
        for row in items(body) {
            if !rows
                .iter()
                .any(|known| known["systemuserid"] == row["systemuserid"])
            {
                rows.push(row.clone());
            }
        }
    }
    if was_asked {
        Record::ok(Some(200), json!({"value": rows}))
    } else {
        material.missing(name, parts.first().copied().unwrap_or(Part::Main))
    }
}

/// Each team with its roles and profiles; what could not be read of a team is left out of it, and so stays unknown.
pub(super) fn teams(material: &Material<'_>) -> Record {
    let name = sections::USER_TEAMS;
    let mut record = material.part(name, Part::Main);
    let Some(teams) = record.body_mut().and_then(|body| body["value"].as_array_mut()) else {
        return record;
    };
    for team in teams.iter_mut().filter(|team| team.is_object()) {
        let id = team["teamid"].as_str().unwrap_or_default().to_owned();
        for (part, key) in [
            (Part::Roles, "roles"),
            (Part::Profiles, "column_security_profiles"),
        ] {
            let list = material
                .replies
                .all(name, part)
                .find(|(team, _)| *team == id)
                .and_then(|(_, reply)| reply.ok());
            if let Some(list) = list.and_then(|body| body.get("value")) {
                team[key] = list.clone();
            }
        }
    }
    record
}

/// Jobs of the workflows, those of the account's row if it is known, and the newest success.
pub(super) fn system_jobs(material: &Material<'_>) -> Record {
    let parts = [Part::Main, Part::OfTheAccount, Part::Succeeded];
    material.union(sections::SYSTEM_JOBS, &parts, "asyncoperationid")
}

/// The audit table; where it does not name what changed, with what the record's own history tells.
pub(super) fn changes_of_the_row(material: &Material<'_>) -> Record {
    let audit = material.part(sections::USER_AUDIT, Part::Main);
    match material.replies.body(sections::USER_AUDIT, Part::ChangeHistory) {
        Some(history) => change_history::record(history, &audit),
        None => audit,
    }
}

pub(super) fn work365_tables(material: &Material<'_>) -> Record {
    let name = sections::WORK365_TABLES;
    let part = if material.replies.one(name, Part::Definitions).is_some() {
        Part::Definitions
    } else {
        Part::Main
    };
    let record = material.part(name, part);
    match record.ok_body() {
        Some(body) if body["value"].is_array() => Record::list(job_table::tables(body), false),
        _ => record,
    }
}

/// The jobs of the table that was found, with how many there are of each state.
pub(super) fn work365_jobs(material: &Material<'_>) -> Record {
    let name = sections::WORK365_JOBS;
    let table = match job_table::job_table(material.replies) {
        Ok(Some(table)) => table,
        Ok(None) if work365_tables(material).outcome == Outcome::Ok => {
            return Record::not_found("no table of Work 365 is one of jobs");
        }
        Ok(None) => return material.missing(name, Part::Columns),
        Err(candidates) => {
            let candidates = candidates.join(", ");
            return Record::skipped(format!(
                "not asked: several tables could hold the jobs: {candidates}"
            ));
        }
    };
    for part in [Part::Columns, Part::Counts] {
        let record = material.part(name, part);
        if record.ok_body().is_none() {
            return record;
        }
    }
    let (counts, has_strangers) = job_table::counts(material.replies);
    if counts.is_empty() && has_strangers {
        return Record::failed(Some(200), "the states of the jobs have labels that are not known");
    }
    let key = format!("{}id", table.logical_name);
    let mut record = material.union(name, &[Part::Failed, Part::Open, Part::Succeeded], &key);
    if let Some(body) = record.body_mut() {
        body["table"] = json!(table.logical_name);
        body["counts"] = json!(counts);
    }
    record
}

/// By name, or else the whole list, which shows what comes through teams at depth Basic.
pub(super) fn privileges(material: &Material<'_>, name: &'static str) -> Record {
    if material.replies.one(name, Part::FullList).is_some() {
        return material.part(name, Part::FullList);
    }
    with_names(material.part(name, Part::Main))
}

/// An extra beside the strong read, so a version that does not know the question leaves it out.
pub(super) fn cached_privileges(material: &Material<'_>) -> Record {
    let name = sections::USER_PRIVILEGES_CACHED;
    if is_unknown_question(material.replies.one(name, Part::Main)) {
        return Record::skipped("this version of Dataverse cannot be asked for privileges by name");
    }
    with_names(material.part(name, Part::Main))
}

/// Privileges with the names that were asked for: what is not listed then is not held.
fn with_names(mut record: Record) -> Record {
    if let Some(body) = record.body_mut().filter(|body| body["RolePrivileges"].is_array()) {
        body["asked"] = json!(PRIVILEGES);
    }
    record
}
