//! Rounds of reading: whatever can be asked is asked at once, then what the answers made askable, until nothing is left.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::About;
use super::batch::{self, GRAPH_LIMIT, Item};
use super::call::{Reply, Service};
use super::expand::Known;
use super::http::Http;
use super::learn::{Given, Replies, learn};
use super::pages;
use super::question;
use super::table::READS;

/// No chain of questions is longer than four; more would be a fault of the table.
const MAXIMUM_ROUNDS: usize = 8;
const DATAVERSE_LIMIT: usize = 50;

/// The state of reading: what is known, and what was answered.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) known: Known,
    pub(super) replies: Replies,
    /// How many rounds of requests there were.
    pub(super) rounds: usize,
}

impl Reading {
    /// Reads everything that can be read from the services that `ready` names, except `except`.
    pub(super) async fn run(
        &mut self,
        http: &Arc<Http>,
        given: &Given<'_>,
        ready: &BTreeSet<Service>,
        only: Option<&[&str]>,
    ) {
        for _ in 0..MAXIMUM_ROUNDS {
            learn(&mut self.known, &self.replies, given);
            let items = self.due(given, ready, only);
            if items.is_empty() {
                return;
            }
            self.rounds += 1;
            for (item, reply) in round(http, items).await {
                self.replies.insert(item.index, item.value, reply);
            }
            let (done, total) = self.progress(given, ready);
            http.observer.reading("evidence", done, total);
        }
    }

    fn due(&self, given: &Given<'_>, ready: &BTreeSet<Service>, only: Option<&[&str]>) -> Vec<Item> {
        let mut items = Vec::new();
        for (index, read) in READS.iter().enumerate() {
            let is_wanted = is_about(read.about, given.is_application)
                && read.section != "login.challenge"
                && ready.contains(&read.service)
                && only.is_none_or(|only| only.contains(&read.section));
            if !is_wanted {
                continue;
            }
            for (value, path) in self.known.expand(read.path) {
                if self.replies.has(index, &value) {
                    continue;
                }
                let body = match read.is_post().then(|| question::body(read, &self.known)) {
                    None => None,
                    Some(Ok(body)) => Some(body),
                    Some(Err(_)) => continue,
                };
                items.push(Item {
                    index,
                    value,
                    read,
                    path,
                    body,
                });
            }
        }
        items
    }

    /// How many rows of the table were answered, of how many that could be.
    fn progress(&self, given: &Given<'_>, ready: &BTreeSet<Service>) -> (usize, usize) {
        let wanted: Vec<_> = READS
            .iter()
            .filter(|read| is_about(read.about, given.is_application) && ready.contains(&read.service))
            .collect();
        let done = wanted
            .iter()
            .filter(|read| self.replies.all(read.section, read.part).next().is_some())
            .count();
        (done, wanted.len())
    }
}

/// Whether a row is for this kind of account.
pub(super) fn is_about(about: About, is_application: bool) -> bool {
    match about {
        About::Both => true,
        About::User => !is_application,
        About::Application => is_application,
    }
}

/// Sends the reads of one round, together where the service can, and each with all its pages.
async fn round(http: &Arc<Http>, items: Vec<Item>) -> Vec<(Item, Reply)> {
    let (graph, rest): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| {
        item.read.service == Service::Graph && item.read.path.starts_with("/v1.0/") && item.body.is_none()
    });
    let (dataverse, single): (Vec<_>, Vec<_>) = rest.into_iter().partition(|item| {
        item.read.service == Service::Dataverse && item.read.is_signed() && !item.read.is_cached()
    });
    let mut tasks = tokio::task::JoinSet::new();
    let batches = graph
        .chunks(GRAPH_LIMIT)
        .chain(dataverse.chunks(DATAVERSE_LIMIT))
        .map(<[Item]>::to_vec);
    for items in batches.chain(single.into_iter().map(|item| vec![item])) {
        let http = Arc::clone(http);
        tasks.spawn(async move { whole(&http, items).await });
    }
    let mut done = Vec::new();
    while let Some(outcome) = tasks.join_next().await {
        // A task that panicked has left its reads unanswered; they become "not asked".
        done.extend(outcome.into_iter().flatten());
    }
    done
}

async fn whole(http: &Arc<Http>, mut items: Vec<Item>) -> Vec<(Item, Reply)> {
    let replies = if items.len() == 1 {
        let item = items.remove(0);
        let reply = batch::single(http, &item).await;
        vec![(item, reply)]
    } else {
        batch::batch(http, items).await
    };
    let mut done = Vec::with_capacity(replies.len());
    for (item, reply) in replies {
        let reply = match item.read.service {
            Service::Dataverse => pages::without_unknown_columns(http, &item, reply).await,
            _ => reply,
        };
        let reply = pages::all_pages(http, &item, reply).await;
        done.push((item, reply));
    }
    done
}
