//! What sections are made of: the replies to the requests of a run, and how one of them, or several lists, become a section.

use std::collections::BTreeMap;

use serde_json::Value;

use super::placeholders::{Known, placeholders};
use super::post_bodies;
use super::record::Record;
use super::refusal;
use super::replies::{Replies, items};
use super::table::{READS, Read, meaning};
use crate::collect::wire::call::{Reply, Service};
use crate::collect::wire::cloud::Cloud;
use crate::snapshot::{Outcome, Part, TRUNCATED, sections};

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
    /// One reply, one section.
    pub(super) fn plain(&self, name: &'static str, read: &Read) -> Record {
        match self.replies.one(name, read.part) {
            Some(reply) => self.record(read, reply),
            None => self.missing(name, read.part),
        }
    }

    /// Why a row of the table was not sent.
    pub(super) fn missing(&self, name: &str, part: Part) -> Record {
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

    pub(super) fn part(&self, name: &'static str, part: Part) -> Record {
        let read = READS
            .iter()
            .find(|read| read.section == name && read.part == part);
        match (read, self.replies.one(name, part)) {
            (Some(read), Some(reply)) => self.record(read, reply),
            _ => self.missing(name, part),
        }
    }

    /// What a row of a section makes of a reply that is no answer.
    pub(super) fn refused(&self, name: &'static str, part: Part, reply: &Reply) -> Record {
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

    /// The lists of several objects as one.
    pub(super) fn collected(&self, name: &'static str) -> Record {
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

    /// Several lists of one table as one, without repeated rows. The newest success is one row by intent, so that it is cut
    /// says nothing.
    pub(super) fn union(&self, name: &'static str, parts: &[Part], key: &str) -> Record {
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
