//! Every answer of a run so far, by the row of the request table that asked for it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::READS;
use crate::collect::wire::call::{Reply, Service};
use crate::snapshot::Part;

/// Every reply so far, by position in the request table and by the value that varied.
#[derive(Debug, Default, Clone)]
pub(crate) struct Replies(BTreeMap<(usize, String), Reply>);

impl Replies {
    pub(crate) fn has(&self, index: usize, value: &str) -> bool {
        self.0.contains_key(&(index, value.to_owned()))
    }

    pub(crate) fn insert(&mut self, index: usize, value: String, reply: Reply) {
        self.0.insert((index, value), reply);
    }

    pub(crate) fn remove(&mut self, index: usize, value: &str) {
        self.0.remove(&(index, value.to_owned()));
    }

    /// The claims that services demand in place of an answer, one demand each.
    pub(crate) fn demanded_claims(&self) -> BTreeMap<Service, String> {
        let mut demands = BTreeMap::new();
        for ((index, _), reply) in &self.0 {
            if let (Some(read), Some(claims)) = (READS.get(*index), reply.demanded_claims()) {
                demands.entry(read.service).or_insert_with(|| claims.to_owned());
            }
        }
        demands
    }

    /// Forgets the answers of a service that demanded claims instead of answering.
    pub(crate) fn forget_refusals_of(&mut self, service: Service) {
        self.0.retain(|(index, _), reply| {
            reply.demanded_claims().is_none() || READS.get(*index).is_none_or(|read| read.service != service)
        });
    }

    /// Forgets what was read for a section, so that it is read again.
    pub(crate) fn forget(&mut self, section: &str) {
        self.0
            .retain(|(index, _), _| READS.get(*index).is_none_or(|read| read.section != section));
    }

    /// Takes a section's answers from an earlier look.
    pub(crate) fn restore(&mut self, section: &str, earlier: &Self) {
        self.forget(section);
        let own = earlier
            .0
            .iter()
            .filter(|((index, _), _)| READS.get(*index).is_some_and(|read| read.section == section));
        self.0
            .extend(own.map(|(key, reply)| (key.clone(), reply.clone())));
    }

    /// The replies to one row of the table, with the value that varied.
    pub(crate) fn all<'a>(
        &'a self,
        section: &'a str,
        part: Part,
    ) -> impl Iterator<Item = (&'a str, &'a Reply)> {
        self.0.iter().filter_map(move |((index, value), reply)| {
            let read = READS.get(*index)?;
            (read.section == section && read.part == part).then_some((value.as_str(), reply))
        })
    }

    /// The reply to a row that is sent once.
    pub(crate) fn one(&self, section: &str, part: Part) -> Option<&Reply> {
        let index = READS
            .iter()
            .position(|read| read.section == section && read.part == part)?;
        self.0
            .range((index, String::new())..)
            .next()
            .filter(|((found, _), _)| *found == index)
            .map(|(_, reply)| reply)
    }

    /// The body of a 200 to a row that is sent once.
    pub(crate) fn body(&self, section: &str, part: Part) -> Option<&Value> {
        self.one(section, part)?.ok()
    }
}

/// The elements of a collection, or the one object.
pub(crate) fn items(body: &Value) -> Vec<&Value> {
    match body.get("value") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) => Vec::new(),
        Some(item) => vec![item],
        None => vec![body],
    }
}

/// A property that is a text and not empty.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.is_empty())
}

/// Whether a text is this one, whatever the case of its letters.
pub(crate) fn is(text: Option<&str>, wanted: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}
