//! From replies to sections, each in the form that `src/snapshot/section.rs` gives it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::assignments;
use super::change_history;
use super::discover::{environment, is_unknown_question};
use super::job_table;
use super::placeholders::{Known, placeholders};
use super::post_bodies;
use super::record::Record;
use super::refusal;
use super::replies::{Replies, items};
use super::table::{PRIVILEGES, READS, Read, meaning};
use crate::collect::wire::call::{Reply, Service};
use crate::collect::wire::cloud::Cloud;
use crate::snapshot::{Outcome, Part, SECTIONS, TRUNCATED, sections};

/// What sections are made of.
pub(crate) struct Material<'a> {
    pub(crate) known: &'a Known,
    pub(crate) replies: &'a Replies,
    pub(crate) is_application: bool,
    pub(crate) cloud: Cloud,
    pub(crate) environment: &'a str,
    /// Why a service was not asked at all.
    pub(crate) unavailable: &'a BTreeMap<Service, Record>,
    /// Sections that do not come from the table: the challenge, the operator, the probe.
    pub(crate) apart: &'a BTreeMap<&'static str, Record>,
}

impl Material<'_> {
    /// Every section of the catalogue that was asked for or could have been.
    pub(crate) fn sections(&self) -> BTreeMap<&'static str, Record> {
        SECTIONS
            .iter()
            .filter_map(|section| Some((section.name, self.section(section.name)?)))
            .collect()
    }

    fn section(&self, name: &'static str) -> Option<Record> {
        if let Some(record) = self.apart.get(name) {
            return Some(record.clone());
        }
        let reads: Vec<&Read> = READS.iter().filter(|read| read.section == name).collect();
        let own = reads.iter().find(|read| read.about.covers(self.is_application));
        let Some(own) = own else {
            return (!reads.is_empty()).then(|| Record::skipped("not asked for an application user"));
        };
        if !own.is_in(self.cloud) {
            return Some(Record::skipped("not in this cloud"));
        }
        Some(match name {
            sections::USER => self.user(),
            sections::SIGN_INS => self.sign_ins(),
            sections::DIRECTORY_AUDITS => self.audits(),
            sections::CONDITIONAL_ACCESS_EVALUATION => self.evaluation(),
            sections::SECURITY_GROUP_MEMBERSHIP => self.group_membership(),
            sections::PERMISSION_GRANTS => self.collected(name),
            sections::APP_ROLE_ASSIGNMENTS => self.assignments(),
            sections::GRANT_RESOURCES => self.grant_resources(),
            sections::SERVICE_PRINCIPAL => without_hints(self.plain(name, own)),
            sections::ENVIRONMENT => self.environment(),
            sections::SYSTEM_USERS => self.rows(),
            sections::USER_TEAMS => self.teams(),
            sections::USER_PRIVILEGES | sections::OPERATOR_PRIVILEGES => self.privileges(name),
            sections::USER_PRIVILEGES_CACHED => self.cached_privileges(),
            sections::SYSTEM_JOBS => self.system_jobs(),
            sections::USER_AUDIT => self.changes_of_the_row(),
            sections::WORK365_TABLES => self.work365_tables(),
            sections::WORK365_JOBS => self.work365_jobs(),
            _ => self.plain(name, own),
        })
    }

    /// One reply, one section.
    fn plain(&self, name: &'static str, read: &Read) -> Record {
        match self.replies.one(name, read.part) {
            Some(reply) => self.record(read, reply),
            None => self.missing(name, read.part),
        }
    }

    /// Why a row of the table was not sent.
    fn missing(&self, name: &str, part: Part) -> Record {
        let Some(read) = READS
            .iter()
            .find(|read| read.section == name && read.part == part)
        else {
            return Record::skipped("not asked");
        };
        if let Some(record) = self.unavailable.get(&read.service) {
            return record.clone();
        }
        match self.known.lacks(read.path) {
            Some(placeholder) => Record::skipped(format!("not asked: it needs {}", meaning(placeholder))),
            None => match post_bodies::body(read, self.known) {
                Err(placeholder) if read.is_post() => {
                    Record::skipped(format!("not asked: it needs {}", meaning(placeholder)))
                }
                _ => Record::skipped("not asked"),
            },
        }
    }

    fn part(&self, name: &'static str, part: Part) -> Record {
        let read = READS
            .iter()
            .find(|read| read.section == name && read.part == part);
        match (read, self.replies.one(name, part)) {
            (Some(read), Some(reply)) => self.record(read, reply),
            _ => self.missing(name, part),
        }
    }

    /// The password profile comes by a request of its own, so that its refusal does not hide the rest.
    fn user(&self) -> Record {
        let mut record = self.part(sections::USER, Part::Main);
        let profile = self
            .replies
            .body(sections::USER, Part::PasswordProfile)
            .and_then(|body| body.get("passwordProfile"));
        if let (Some(body), Some(profile)) = (record.body_mut(), profile)
            && body.is_object()
        {
            body["passwordProfile"] = profile.clone();
        }
        record
    }

    fn sign_ins(&self) -> Record {
        let both = json!(["interactiveUser", "nonInteractiveUser"]);
        let replies = &self.replies;
        let (part, asked) = if self.is_application {
            (Part::OfTheApplication, json!(["servicePrincipal"]))
        } else if replies.body(sections::SIGN_INS, Part::InteractiveOnly).is_some() {
            (Part::InteractiveOnly, json!(["interactiveUser"]))
        } else if replies.one(sections::SIGN_INS, Part::Main).is_some() {
            (Part::Main, both)
        } else {
            (Part::ByName, both)
        };
        let mut record = self.part(sections::SIGN_INS, part);
        if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
            body["asked"] = asked;
        }
        record
    }

    /// Changes of the account and of policies, newest first; one list only if both could be read.
    fn audits(&self) -> Record {
        let policies = self.part(sections::DIRECTORY_AUDITS, Part::Policies);
        if policies.outcome != Outcome::Ok {
            return policies;
        }
        let own = self.part(sections::DIRECTORY_AUDITS, Part::Main);
        if own.outcome != Outcome::Ok {
            return own;
        }
        let is_truncated = own.is_truncated() || policies.is_truncated();
        let mut entries: Vec<Value> = Vec::new();
        for list in [own, policies] {
            for entry in list.ok_body().map(items).unwrap_or_default() {
                if !entries.iter().any(|known| known["id"] == entry["id"]) {
                    entries.push(entry.clone());
                }
            }
        }
        entries.sort_by(|left, right| {
            let time = |entry: &Value| entry["activityDateTime"].as_str().unwrap_or_default().to_owned();
            time(right).cmp(&time(left))
        });
        Record::list(entries, is_truncated)
    }

    /// With the sign-in that was asked about: an answer means nothing without its question.
    fn evaluation(&self) -> Record {
        let name = sections::CONDITIONAL_ACCESS_EVALUATION;
        let asked = READS
            .iter()
            .find(|read| read.section == name)
            .and_then(|read| post_bodies::body(read, self.known).ok());
        let mut record = self.part(name, Part::Main);
        if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
            body["asked"] = json!(asked);
        }
        record
    }

    fn group_membership(&self) -> Record {
        let name = sections::SECURITY_GROUP_MEMBERSHIP;
        let (direct, transitive) = (self.part(name, Part::Direct), self.part(name, Part::Transitive));
        let Some(group) = self.known.get("group") else {
            return direct;
        };
        // "Direct" of a group that cannot be read stays open; the transitive answer alone says enough to be kept.
        let is_direct = direct.ok_body().map(|body| !items(body).is_empty());
        let is_transitive = transitive.ok_body().map(|body| {
            items(body)
                .iter()
                .any(|id| id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(group)))
        });
        let mut body = json!({"group_id": group});
        match (is_direct, is_transitive) {
            (None, None) => return direct,
            (direct, transitive) => {
                if let Some(direct) = direct {
                    body["direct"] = json!(direct);
                }
                if let Some(transitive) = transitive.or_else(|| direct.filter(|direct| *direct)) {
                    body["transitive"] = json!(transitive);
                }
            }
        }
        Record::ok(Some(200), body)
    }

    /// The lists of several objects as one.
    fn collected(&self, name: &'static str) -> Record {
        let replies: Vec<(&str, &Reply)> = self.replies.all(name, Part::Main).collect();
        let mut entries = Vec::new();
        let mut is_truncated = false;
        for (_, reply) in &replies {
            match reply.ok() {
                Some(body) => {
                    is_truncated |= body[TRUNCATED] == true;
                    entries.extend(items(body).into_iter().cloned());
                }
                None => return self.refused(name, Part::Main, reply),
            }
        }
        let has_no_owner = self
            .replies
            .body(sections::SERVICE_PRINCIPAL, Part::Main)
            .is_some_and(|body| items(body).is_empty());
        if replies.is_empty() && !has_no_owner {
            return self.missing(name, Part::Main);
        }
        Record::list(entries, is_truncated)
    }

    /// The account's own, out of everybody's.
    fn assignments(&self) -> Record {
        let name = sections::APP_ROLE_ASSIGNMENTS;
        let everybody = self.collected(name);
        let groups: Vec<(&str, &Reply)> = self.replies.all(name, Part::Direct).collect();
        match self.known.get("object_id") {
            _ if everybody.outcome != Outcome::Ok => everybody,
            Some(account) => assignments::of_account(account, &everybody, &groups, |reply| {
                self.refused(name, Part::Direct, reply)
            }),
            None => Record::skipped(format!("not asked: it needs {}", meaning("object_id"))),
        }
    }

    /// What a row of a section makes of a reply that is no answer.
    fn refused(&self, name: &'static str, part: Part, reply: &Reply) -> Record {
        let read = READS
            .iter()
            .find(|read| read.section == name && read.part == part);
        read.map_or_else(|| Record::of(reply), |read| self.record(read, reply))
    }

    /// A reply as a section. What hangs on an object that was found is empty at most: a 404 for it is no answer.
    fn record(&self, read: &Read, reply: &Reply) -> Record {
        let record = record(read, reply);
        let is_of_account = placeholders(path_of(read)).any(|name| name == "account");
        let was_found = !is_of_account || self.replies.body(sections::USER, Part::Main).is_some();
        if record.outcome == Outcome::NotFound && is_part_of_an_object(read) && was_found {
            return Record::failed(
                Some(404),
                "HTTP 404: a part of an object that was found cannot be missing",
            );
        }
        record
    }

    fn grant_resources(&self) -> Record {
        let name = sections::GRANT_RESOURCES;
        let grants = self.collected(sections::PERMISSION_GRANTS);
        if grants.outcome != Outcome::Ok {
            return self.missing(name, Part::Main);
        }
        // Dataverse itself is looked at whether or not anything was granted for it.
        let own = self.replies.body(name, Part::Dataverse);
        let mut resources: Vec<Value> = own.into_iter().cloned().collect();
        for (_, reply) in self.replies.all(name, Part::Main) {
            match (reply.ok(), reply.status()) {
                (Some(body), _) if resources.iter().any(|known| known["id"] == body["id"]) => {}
                (Some(body), _) => resources.push(body.clone()),
                // A grant may outlive its resource.
                (None, Some(404)) => {}
                _ => return self.refused(name, Part::Main, reply),
            }
        }
        Record::ok(Some(200), json!({"value": resources}))
    }

    fn environment(&self) -> Record {
        let name = sections::ENVIRONMENT;
        if self.replies.one(name, Part::Main).is_some() {
            return self.part(name, Part::Main);
        }
        match environment(self.replies, self.environment) {
            Some(body) => Record::ok(Some(200), body.clone()),
            None if self.replies.body(name, Part::List).is_some() => Record::failed(
                Some(200),
                "no environment of the list has this address; --environment-id names it",
            ),
            None if self.replies.one(name, Part::List).is_some() => self.part(name, Part::List),
            None if self.replies.one(name, Part::ByOrganization).is_some() => {
                self.part(name, Part::ByOrganization)
            }
            None => self.missing(name, Part::Main),
        }
    }

    /// The union of the reads by name, by object id, and by application id.
    fn rows(&self) -> Record {
        let name = sections::SYSTEM_USERS;
        let parts: &[Part] = if self.is_application {
            &[Part::OfTheApplication]
        } else {
            &[Part::ByName, Part::Main]
        };
        let mut rows: Vec<Value> = Vec::new();
        let mut was_asked = false;
        for &part in parts {
            if self.replies.one(name, part).is_none() {
                continue;
            }
            was_asked = true;
            let record = self.part(name, part);
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
            self.missing(name, parts.first().copied().unwrap_or(Part::Main))
        }
    }

    /// Each team with its roles and profiles; what could not be read of a team is left out of it, and so stays unknown.
    fn teams(&self) -> Record {
        let name = sections::USER_TEAMS;
        let mut record = self.part(name, Part::Main);
        let Some(teams) = record.body_mut().and_then(|body| body["value"].as_array_mut()) else {
            return record;
        };
        for team in teams.iter_mut().filter(|team| team.is_object()) {
            let id = team["teamid"].as_str().unwrap_or_default().to_owned();
            for (part, key) in [
                (Part::Roles, "roles"),
                (Part::Profiles, "column_security_profiles"),
            ] {
                let list = self
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
    fn system_jobs(&self) -> Record {
        let parts = [Part::Main, Part::OfTheAccount, Part::Succeeded];
        self.union(sections::SYSTEM_JOBS, &parts, "asyncoperationid")
    }

    /// The audit table; where it does not name what changed, with what the record's own history tells.
    fn changes_of_the_row(&self) -> Record {
        let audit = self.part(sections::USER_AUDIT, Part::Main);
        match self.replies.body(sections::USER_AUDIT, Part::ChangeHistory) {
            Some(history) => change_history::record(history, &audit),
            None => audit,
        }
    }

    /// Several lists of one table as one, without repeated rows. The newest success is one row by intent, so that it is cut
    /// says nothing.
    fn union(&self, name: &'static str, parts: &[Part], key: &str) -> Record {
        let mut rows: Vec<Value> = Vec::new();
        let mut is_truncated = false;
        for &part in parts {
            if self.replies.one(name, part).is_none() {
                if part == Part::Main {
                    return self.missing(name, part);
                }
                continue;
            }
            let record = self.part(name, part);
            let Some(body) = record.ok_body() else {
                return record;
            };
            is_truncated |= part != Part::Succeeded && record.is_truncated();
            for row in items(body) {
                if !rows
                    .iter()
                    .any(|known| !row[key].is_null() && known[key] == row[key])
                {
                    rows.push(row.clone());
                }
            }
        }
        rows.sort_by(|left, right| {
            let made = |row: &Value| row["createdon"].as_str().unwrap_or_default().to_owned();
            made(right).cmp(&made(left))
        });
        Record::list(rows, is_truncated)
    }

    fn work365_tables(&self) -> Record {
        let name = sections::WORK365_TABLES;
        let part = if self.replies.one(name, Part::Definitions).is_some() {
            Part::Definitions
        } else {
            Part::Main
        };
        let record = self.part(name, part);
        match record.ok_body() {
            Some(body) if body["value"].is_array() => Record::list(job_table::tables(body), false),
            _ => record,
        }
    }

    /// The jobs of the table that was found, with how many there are of each state.
    fn work365_jobs(&self) -> Record {
        let name = sections::WORK365_JOBS;
        let table = match job_table::job_table(self.replies) {
            Ok(Some(table)) => table,
            Ok(None) if self.work365_tables().outcome == Outcome::Ok => {
                return Record::not_found("no table of Work 365 is one of jobs");
            }
            Ok(None) => return self.missing(name, Part::Columns),
            Err(candidates) => {
                let candidates = candidates.join(", ");
                return Record::skipped(format!(
                    "not asked: several tables could hold the jobs: {candidates}"
                ));
            }
        };
        for part in [Part::Columns, Part::Counts] {
            let record = self.part(name, part);
            if record.ok_body().is_none() {
                return record;
            }
        }
        let (counts, has_strangers) = job_table::counts(self.replies);
        if counts.is_empty() && has_strangers {
            return Record::failed(Some(200), "the states of the jobs have labels that are not known");
        }
        let key = format!("{}id", table.logical_name);
        let mut record = self.union(name, &[Part::Failed, Part::Open, Part::Succeeded], &key);
        if let Some(body) = record.body_mut() {
            body["table"] = json!(table.logical_name);
            body["counts"] = json!(counts);
        }
        record
    }

    /// By name, or else the whole list, which shows what comes through teams at depth Basic.
    fn privileges(&self, name: &'static str) -> Record {
        if self.replies.one(name, Part::FullList).is_some() {
            return self.part(name, Part::FullList);
        }
        with_names(self.part(name, Part::Main))
    }

    /// An extra beside the strong read, so a version that does not know the question leaves it out.
    fn cached_privileges(&self) -> Record {
        let name = sections::USER_PRIVILEGES_CACHED;
        if is_unknown_question(self.replies.one(name, Part::Main)) {
            return Record::skipped("this version of Dataverse cannot be asked for privileges by name");
        }
        with_names(self.part(name, Part::Main))
    }
}

/// Privileges with the names that were asked for: what is not listed then is not held.
fn with_names(mut record: Record) -> Record {
    if let Some(body) = record.body_mut().filter(|body| body["RolePrivileges"].is_array()) {
        body["asked"] = json!(PRIVILEGES);
    }
    record
}

/// Credentials without the part of them that the directory shows: only when they end is of use.
fn without_hints(mut record: Record) -> Record {
    let principals = record
        .body_mut()
        .and_then(|body| body.get_mut("value"))
        .and_then(Value::as_array_mut);
    for principal in principals.into_iter().flatten() {
        for list in ["passwordCredentials", "keyCredentials"] {
            let credentials = principal.get_mut(list).and_then(Value::as_array_mut);
            for credential in credentials.into_iter().flatten().filter_map(Value::as_object_mut) {
                credential.retain(|key, _| {
                    !matches!(
                        key.as_str(),
                        "hint" | "secretText" | "key" | "customKeyIdentifier"
                    )
                });
            }
        }
    }
    record
}

/// A reply as a section, with two 404s that are no answer: of a beta path, which may just not exist, and of a list.
fn record(read: &Read, reply: &Reply) -> Record {
    let record = refusal::told(Record::of(reply), read);
    let names_an_object = path_of(read).contains('{');
    if record.outcome != Outcome::NotFound || (names_an_object && !read.path.starts_with("/beta/")) {
        return record;
    }
    Record::failed(Some(404), "HTTP 404: the service does not have this question")
}

fn path_of(read: &Read) -> &str {
    read.path.split('?').next().unwrap_or_default()
}

/// Whether a request asks for what hangs on an object, and not for the object itself.
fn is_part_of_an_object(read: &Read) -> bool {
    let path = path_of(read);
    let last = path.rsplit('/').next().unwrap_or_default();
    path.contains('{') && !last.contains('{')
}
