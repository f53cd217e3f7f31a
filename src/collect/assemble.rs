//! From replies to sections, each in the form of `CONTRACT.md` sections 3 and 8.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Reply, Service};
use super::learn::{environment, is_unknown_question, items};
use super::question;
use super::rounds::{Reading, is_about};
use super::section::Record;
use super::table::{PRIVILEGES, READS, Read, meaning};
use crate::snapshot::{Outcome, SECTIONS};

/// What sections are made of.
pub(super) struct Material<'a> {
    pub(super) reading: &'a Reading,
    pub(super) is_application: bool,
    pub(super) environment: &'a str,
    /// Why a service was not asked at all.
    pub(super) unavailable: &'a BTreeMap<Service, Record>,
    /// Sections that do not come from the table: the challenge, the operator, the probe.
    pub(super) apart: &'a BTreeMap<&'static str, Record>,
}

impl Material<'_> {
    /// Every section of the catalogue that was asked for or could have been.
    pub(super) fn sections(&self) -> BTreeMap<&'static str, Record> {
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
        let own = reads
            .iter()
            .find(|read| is_about(read.about, self.is_application));
        let Some(own) = own else {
            return (!reads.is_empty()).then(|| Record::skipped("not asked for an application user"));
        };
        Some(match name {
            "graph.user" => self.user(),
            "graph.sign_ins" => self.sign_ins(),
            "graph.directory_audits" => self.audits(),
            "graph.conditional_access_evaluation" => self.evaluation(),
            "graph.security_group_membership" => self.group_membership(),
            "graph.permission_grants" => self.collected(name),
            "graph.grant_resources" => self.grant_resources(),
            "admin.environment" => self.environment(),
            "dataverse.system_users" => self.rows(),
            "dataverse.user_teams" => self.teams(),
            "dataverse.user_privileges" => self.privileges(),
            "dataverse.user_privileges_cached" => self.cached_privileges(),
            _ => self.plain(name, own),
        })
    }

    /// One reply, one section.
    fn plain(&self, name: &'static str, read: &Read) -> Record {
        match self.reading.replies.one(name, read.part) {
            Some(reply) => record(read, reply),
            None => self.missing(name, read.part),
        }
    }

    /// Why a row of the table was not sent.
    fn missing(&self, name: &str, part: &str) -> Record {
        let Some(read) = READS
            .iter()
            .find(|read| read.section == name && read.part == part)
        else {
            return Record::skipped("not asked");
        };
        if let Some(record) = self.unavailable.get(&read.service) {
            return record.clone();
        }
        match self.reading.known.lacks(read.path) {
            Some(placeholder) => Record::skipped(format!("not asked: it needs {}", meaning(placeholder))),
            None => match question::body(read, &self.reading.known) {
                Err(placeholder) if read.is_post() => {
                    Record::skipped(format!("not asked: it needs {}", meaning(placeholder)))
                }
                _ => Record::skipped("not asked"),
            },
        }
    }

    fn part(&self, name: &'static str, part: &str) -> Record {
        let read = READS
            .iter()
            .find(|read| read.section == name && read.part == part);
        match (read, self.reading.replies.one(name, part)) {
            (Some(read), Some(reply)) => record(read, reply),
            _ => self.missing(name, part),
        }
    }

    /// The password profile comes by a request of its own, so that its refusal does not hide the rest.
    fn user(&self) -> Record {
        let mut record = self.part("graph.user", "");
        let profile = self
            .reading
            .replies
            .body("graph.user", "password profile")
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
        let replies = &self.reading.replies;
        let (part, asked) = if self.is_application {
            ("of the application", json!(["servicePrincipal"]))
        } else if replies.body("graph.sign_ins", "interactive only").is_some() {
            ("interactive only", json!(["interactiveUser"]))
        } else if replies.one("graph.sign_ins", "").is_some() {
            ("", both)
        } else {
            ("by name", both)
        };
        let mut record = self.part("graph.sign_ins", part);
        if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
            body["asked"] = asked;
        }
        record
    }

    /// Changes of the account and of policies, newest first; one list only if both could be read.
    fn audits(&self) -> Record {
        let policies = self.part("graph.directory_audits", "policies");
        if policies.outcome != Outcome::Ok {
            return policies;
        }
        let own = self.part("graph.directory_audits", "");
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
        let name = "graph.conditional_access_evaluation";
        let asked = READS
            .iter()
            .find(|read| read.section == name)
            .and_then(|read| question::body(read, &self.reading.known).ok());
        let mut record = self.part(name, "");
        if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
            body["asked"] = json!(asked);
        }
        record
    }

    fn group_membership(&self) -> Record {
        let name = "graph.security_group_membership";
        let (direct, transitive) = (self.part(name, "direct"), self.part(name, "transitive"));
        let Some(group) = self.reading.known.get("group") else {
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
        let replies: Vec<(&str, &Reply)> = self.reading.replies.all(name, "").collect();
        let mut entries = Vec::new();
        for (_, reply) in &replies {
            match reply.ok() {
                Some(body) => entries.extend(items(body).into_iter().cloned()),
                None => return Record::of(reply),
            }
        }
        let has_no_owner = self
            .reading
            .replies
            .body("graph.service_principal", "")
            .is_some_and(|body| items(body).is_empty());
        if replies.is_empty() && !has_no_owner {
            return self.missing(name, "");
        }
        Record::ok(Some(200), json!({"value": entries}))
    }

    fn grant_resources(&self) -> Record {
        let name = "graph.grant_resources";
        let grants = self.collected("graph.permission_grants");
        if grants.outcome != Outcome::Ok {
            return self.missing(name, "");
        }
        let mut resources = Vec::new();
        for (_, reply) in self.reading.replies.all(name, "") {
            match (reply.ok(), reply.status()) {
                (Some(body), _) => resources.push(body.clone()),
                // A grant may outlive its resource.
                (None, Some(404)) => {}
                _ => return Record::of(reply),
            }
        }
        Record::ok(Some(200), json!({"value": resources}))
    }

    fn environment(&self) -> Record {
        let name = "admin.environment";
        if self.reading.replies.one(name, "").is_some() {
            return self.part(name, "");
        }
        match environment(&self.reading.replies, self.environment) {
            Some(body) => Record::ok(Some(200), body.clone()),
            None if self.reading.replies.body(name, "list").is_some() => Record::failed(
                Some(200),
                "no environment of the list has this address; --environment-id names it",
            ),
            None if self.reading.replies.one(name, "list").is_some() => self.part(name, "list"),
            None => self.missing(name, ""),
        }
    }

    /// The union of the reads by name, by object id, and by application id.
    fn rows(&self) -> Record {
        let name = "dataverse.system_users";
        let parts: &[&str] = if self.is_application {
            &["of the application"]
        } else {
            &["by name", ""]
        };
        let mut rows: Vec<Value> = Vec::new();
        let mut was_asked = false;
        for part in parts {
            if self.reading.replies.one(name, part).is_none() {
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
            self.missing(name, parts.first().copied().unwrap_or_default())
        }
    }

    /// Each team with its roles and profiles; what could not be read of a team is left out of it, and so stays unknown.
    fn teams(&self) -> Record {
        let name = "dataverse.user_teams";
        let mut record = self.part(name, "");
        let Some(teams) = record.body_mut().and_then(|body| body["value"].as_array_mut()) else {
            return record;
        };
        for team in teams.iter_mut().filter(|team| team.is_object()) {
            let id = team["teamid"].as_str().unwrap_or_default().to_owned();
            for (part, key) in [("roles", "roles"), ("profiles", "column_security_profiles")] {
                let list = self
                    .reading
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

    fn privileges(&self) -> Record {
        let name = "dataverse.user_privileges";
        if self.reading.replies.one(name, "full list").is_some() {
            return self.part(name, "full list");
        }
        with_names(self.part(name, ""))
    }

    /// An extra beside the strong read, so a version that does not know the question leaves it out.
    fn cached_privileges(&self) -> Record {
        let name = "dataverse.user_privileges_cached";
        if is_unknown_question(self.reading.replies.one(name, "")) {
            return Record::skipped("this version of Dataverse cannot be asked for privileges by name");
        }
        with_names(self.part(name, ""))
    }
}

/// Privileges with the names that were asked for: what is not listed then is not held.
fn with_names(mut record: Record) -> Record {
    if let Some(body) = record.body_mut().filter(|body| body["RolePrivileges"].is_array()) {
        body["asked"] = json!(PRIVILEGES);
    }
    record
}

/// A reply as a section, with two 404s that are no answer: of a beta path, which may just not exist, and of a list.
fn record(read: &Read, reply: &Reply) -> Record {
    let record = Record::of(reply);
    let path = read.path.split('?').next().unwrap_or_default();
    let names_an_object = path.contains('{');
    if record.outcome != Outcome::NotFound || (names_an_object && !path.starts_with("/beta/")) {
        return record;
    }
    Record::failed(Some(404), "HTTP 404: the service does not have this question")
}
