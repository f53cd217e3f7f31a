//! The errors that were seen: those of `--error`, and the refusal of the evidence that decides.

use jiff::Timestamp;

use super::join::{Seen, Source};
use super::refusal::Refusal;
use crate::decode::{self, Decoded, DecodedError};
use crate::facts::{self, FactValue, Facts, names_owner_at_fault, parse_time, stranger_of};

/// The refusal that the evidence itself holds, as a decode item.
pub(super) struct Logged {
    source: Source,
    error: DecodedError,
    at: Option<Timestamp>,
}

/// The refusal of the attempt that decides, when it stands in the log or came from the probe.
pub(super) fn in_evidence(facts: &Facts<'_>) -> Option<Logged> {
    let source = facts::find("attempt.source").map(|id| facts.get(id));
    let source = match source {
        Some(Ok(FactValue::Text(word))) if word == "sign_in_log" => Source::SignInLog,
        Some(Ok(FactValue::Text(word))) if word == "probe" => Source::Probe,
        _ => return None,
    };
    let refusal = Refusal::of(facts)?;
    let mut error = decode::with_advice(decode::describe(&refusal.spelled()));
    let seen = refusal.at.map(|at| at.to_string());
    error.first_seen.clone_from(&seen);
    error.last_seen = seen;
    Some(Logged {
        source,
        error,
        at: refusal.at,
    })
}

/// An error that a job or a plug-in tells of.
pub(super) struct Told {
    source: Source,
    error: DecodedError,
    primary: Option<String>,
    stranger: Option<String>,
    at: Option<Timestamp>,
    provider: Option<&'static str>,
    names_owner: bool,
}

/// The errors that jobs and plug-ins tell of, the newest first: each code once for each source, with how often and when.
pub(super) fn told(facts: &Facts<'_>) -> Vec<Told> {
    let Some(context) = facts.context() else {
        return Vec::new();
    };
    let mut all: Vec<Told> = Vec::new();
    for message in facts::messages(context) {
        let source = match message.source {
            facts::Source::SystemJob => Source::SystemJob,
            facts::Source::Work365Job => Source::Work365Job,
            facts::Source::PluginTrace => Source::PluginTrace,
            _ => continue,
        };
        let first = message.times.iter().flatten().min().map(ToString::to_string);
        let times = u64::try_from(message.times.len()).unwrap_or(u64::MAX);
        for error in &message.decoded.errors {
            let is_same = |known: &&mut Told| known.source == source && known.error.code == error.code;
            if let Some(known) = all.iter_mut().find(is_same) {
                known.error.count += times;
                known.error.first_seen = first.clone().or(known.error.first_seen.take());
                continue;
            }
            let mut error = error.clone();
            error.count = times;
            error.first_seen.clone_from(&first);
            error.last_seen = message.at.map(|at| at.to_string());
            all.push(Told {
                source,
                stranger: stranger_of(context, &error),
                names_owner: names_owner_at_fault(context, &error),
                error,
                primary: message.decoded.primary.clone(),
                at: message.at,
                provider: message.provider.map(|provider| provider.name),
            });
        }
    }
    all
}

/// Every error with its circumstances; one that `--error` and the evidence both show comes once.
pub(super) fn all<'a>(
    given: Option<&'a Decoded>,
    logged: Option<&'a Logged>,
    told: &'a [Told],
    facts: &Facts<'_>,
    now: Timestamp,
) -> Vec<Seen<'a>> {
    let mut all: Vec<Seen<'a>> = Vec::new();
    if let Some(decoded) = given {
        let stranger = decoded
            .primary_error()
            .and_then(|error| stranger_in(facts, error));
        all.extend(decoded.errors.iter().map(|error| {
            let written = error
                .last_seen
                .as_deref()
                .or(error.ids.get("timestamp").map(String::as_str));
            Seen {
                source: Source::Argument,
                error,
                primary: decoded.primary.as_deref(),
                stranger: stranger_in(facts, error).or_else(|| stranger.clone()),
                at: Some(written.and_then(parse_time).unwrap_or(now)),
                provider: None,
                names_owner: names_owner(facts, error),
            }
        }));
    }
    if let Some(logged) = logged
        && !all.iter().any(|seen| seen.error.code == logged.error.code)
    {
        all.push(Seen {
            source: logged.source,
            error: &logged.error,
            primary: Some(&logged.error.code),
            stranger: None,
            at: logged.at,
            provider: None,
            names_owner: false,
        });
    }
    let given: Vec<&str> = given
        .iter()
        .flat_map(|decoded| decoded.errors.iter().map(|error| error.code.as_str()))
        .collect();
    all.extend(
        told.iter()
            .filter(|told| !given.contains(&told.error.code.as_str()))
            .map(|told| Seen {
                source: told.source,
                error: &told.error,
                primary: told.primary.as_deref(),
                stranger: told.stranger.clone(),
                at: told.at,
                provider: told.provider,
                names_owner: told.names_owner,
            }),
    );
    all
}

fn names_owner(facts: &Facts<'_>, error: &DecodedError) -> bool {
    facts
        .context()
        .is_some_and(|context| names_owner_at_fault(context, error))
}

fn stranger_in(facts: &Facts<'_>, error: &DecodedError) -> Option<String> {
    stranger_of(facts.context()?, error)
}
