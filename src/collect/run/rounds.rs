//! Reading: each question is asked as soon as its inputs are there. Nothing waits for what it does not need: not for the
//! other questions that were asked at the same time, and not for the further pages of a log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::collect::requests::discover::{Given, learn};
use crate::collect::requests::placeholders::Known;
use crate::collect::requests::post_bodies;
use crate::collect::requests::replies::Replies;
use crate::collect::requests::table::{READS, leads_to};
use crate::collect::wire::batch::{self, Answered, GRAPH_LIMIT, Item};
use crate::collect::wire::call::{Reply, Service};
use crate::collect::wire::http::Http;
use crate::collect::wire::pages;
use crate::snapshot::sections;

/// No chain of questions is longer than four; more would be a fault of the table.
const LONGEST_CHAIN: usize = 8;
const DATAVERSE_LIMIT: usize = 50;

/// Answers that come this close to each other lead to questions that travel together.
const TOGETHER: Duration = Duration::from_millis(4);

/// One row of the request table with the value that varied.
type Key = (usize, String);

/// The state of reading: what is known, and what was answered.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) known: Known,
    pub(crate) replies: Replies,
    /// The longest chain of questions so far, each of which needed the answer of the one before.
    pub(crate) rounds: usize,
    /// How deep in their chains the questions of each section stand that this reading has answered.
    depths: BTreeMap<&'static str, usize>,
}

/// What is under way.
struct Flight {
    http: Arc<Http>,
    tasks: JoinSet<()>,
    sender: UnboundedSender<Event>,
    receiver: UnboundedReceiver<Event>,
    /// Where in its chain each question under way stands.
    asked: BTreeMap<Key, usize>,
    /// Questions whose first page is known and the rest not yet.
    partial: BTreeSet<Key>,
}

/// What comes back.
enum Event {
    /// The first answer to a question; more may have to follow.
    First(Item, Reply),
    /// The whole answer.
    Whole(Item, Reply),
}

impl Reading {
    /// Reads everything that can be read from the services that `ready` names, or only some sections of it.
    pub(crate) async fn run(
        &mut self,
        http: &Arc<Http>,
        given: &Given<'_>,
        ready: &BTreeSet<Service>,
        only: Option<&[&str]>,
    ) {
        let mut flight = Flight::new(http);
        self.depths.clear();
        loop {
            learn(&mut self.known, &self.replies, given);
            let mut items = self.due(given, ready, only);
            items.retain(|item| !flight.asked.contains_key(&key(item)));
            let mut asked = Vec::with_capacity(items.len());
            for item in items {
                let depth = self.depth(&item);
                if depth <= LONGEST_CHAIN {
                    self.rounds = self.rounds.max(depth);
                    asked.push((item, depth));
                }
            }
            flight.ask(asked);
            let Some(events) = flight.next().await else {
                break;
            };
            for event in events {
                self.take(&mut flight, event);
            }
            let (done, total) = self.progress(given, ready);
            http.observer.reading("evidence", done, total);
        }
        // A task that panicked has left its question unanswered, or answered in part: it becomes "not asked".
        for (index, value) in &flight.partial {
            self.replies.remove(*index, value);
        }
    }

    /// Where in its chain a question stands: after the answers that its inputs came from.
    fn depth(&self, item: &Item) -> usize {
        let before = leads_to(item.read).filter_map(|section| self.depths.get(section));
        1 + before.max().copied().unwrap_or(0)
    }

    /// Takes what came back.
    fn take(&mut self, flight: &mut Flight, event: Event) {
        let (item, reply, is_whole) = match event {
            Event::First(item, reply) => {
                let is_whole = !pages::wants_more(&item, &reply);
                (item, reply, is_whole)
            }
            Event::Whole(item, reply) => (item, reply, true),
        };
        let key = key(&item);
        let depth = flight.asked.get(&key).copied().unwrap_or(1);
        let deepest = self.depths.entry(item.read.section).or_default();
        *deepest = depth.max(*deepest);
        if is_whole {
            flight.asked.remove(&key);
            flight.partial.remove(&key);
            self.replies.insert(item.index, item.value, reply);
            return;
        }
        // The newest entries of a log say enough to ask on.
        if item.read.is_log() && reply.ok().is_some() {
            flight.partial.insert(key.clone());
            self.replies.insert(item.index, item.value.clone(), reply.clone());
        }
        flight.finish(item, reply);
    }

    fn due(&self, given: &Given<'_>, ready: &BTreeSet<Service>, only: Option<&[&str]>) -> Vec<Item> {
        let mut items = Vec::new();
        for (index, read) in READS.iter().enumerate() {
            let is_wanted = read.about.covers(given.is_application)
                && read.section != sections::CHALLENGE
                && ready.contains(&read.service)
                && read.is_in(given.cloud)
                && only.is_none_or(|only| only.contains(&read.section));
            if !is_wanted {
                continue;
            }
            for (value, path) in self.known.expand(read.path) {
                if self.replies.has(index, &value) {
                    continue;
                }
                let body = match read.is_post().then(|| post_bodies::body(read, &self.known)) {
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
                    is_simple: false,
                });
            }
        }
        items
    }

    /// How many rows of the table were answered, of how many that could be.
    fn progress(&self, given: &Given<'_>, ready: &BTreeSet<Service>) -> (usize, usize) {
        let wanted: Vec<_> = READS
            .iter()
            .filter(|read| {
                read.about.covers(given.is_application)
                    && ready.contains(&read.service)
                    && read.is_in(given.cloud)
            })
            .collect();
        let done = wanted
            .iter()
            .filter(|read| self.replies.all(read.section, read.part).next().is_some())
            .count();
        (done, wanted.len())
    }
}

fn key(item: &Item) -> Key {
    (item.index, item.value.clone())
}

impl Flight {
    fn new(http: &Arc<Http>) -> Self {
        let (sender, receiver) = unbounded_channel();
        Self {
            http: Arc::clone(http),
            tasks: JoinSet::new(),
            sender,
            receiver,
            asked: BTreeMap::new(),
            partial: BTreeSet::new(),
        }
    }

    /// Sends questions, together where the service can.
    fn ask(&mut self, items: Vec<(Item, usize)>) {
        self.asked
            .extend(items.iter().map(|(item, depth)| (key(item), *depth)));
        let items = items.into_iter().map(|(item, _)| item);
        let (graph, rest): (Vec<_>, Vec<_>) = items.partition(|item| {
            item.read.service == Service::Graph && item.read.path.starts_with("/v1.0/") && item.body.is_none()
        });
        let (dataverse, single): (Vec<_>, Vec<_>) = rest.into_iter().partition(|item| {
            item.read.service == Service::Dataverse && item.read.is_signed() && !item.read.is_cached()
        });
        let batches = graph
            .chunks(GRAPH_LIMIT)
            .chain(dataverse.chunks(DATAVERSE_LIMIT))
            .map(<[Item]>::to_vec);
        for items in batches.chain(single.into_iter().map(|item| vec![item])) {
            let (http, sender) = (Arc::clone(&self.http), self.sender.clone());
            self.tasks.spawn(async move {
                let answered: Answered<'_> = &|item, reply| {
                    // Nobody listens any more when the run was interrupted.
                    let _ = sender.send(Event::First(item, reply));
                };
                batch::send(&http, items, answered).await;
            });
        }
    }

    /// Asks for what is missing of an answer.
    fn finish(&mut self, item: Item, reply: Reply) {
        let (http, sender) = (Arc::clone(&self.http), self.sender.clone());
        self.tasks.spawn(async move {
            let (item, reply) = match item.read.service {
                Service::Dataverse => {
                    let reply = pages::without_unknown_columns(&http, &item, reply).await;
                    (item, reply)
                }
                Service::Graph => pages::without_advanced_query(&http, item, reply).await,
                _ => (item, reply),
            };
            let reply = pages::all_pages(&http, &item, reply).await;
            let _ = sender.send(Event::Whole(item, reply));
        });
    }

    /// The next answers; nothing when all is answered.
    async fn next(&mut self) -> Option<Vec<Event>> {
        let first = loop {
            if let Ok(event) = self.receiver.try_recv() {
                break event;
            }
            if self.tasks.is_empty() {
                return None;
            }
            tokio::select! {
                Some(event) = self.receiver.recv() => break event,
                Some(_) = self.tasks.join_next() => {}
            }
        };
        let mut events = vec![first];
        while let Ok(Some(event)) = tokio::time::timeout(TOGETHER, self.receiver.recv()).await {
            events.push(event);
        }
        Some(events)
    }
}
