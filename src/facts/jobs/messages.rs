//! What jobs and plug-ins say of their failures, decoded: each with its time and where it was read.

use jiff::Timestamp;

use crate::decode;
use crate::facts::context::Context;
use crate::facts::jobs::job::{Job, Standing, system_jobs, table_jobs};
use crate::facts::jobs::message::Message;
use crate::facts::jobs::provider::provider_of;
use crate::facts::reading::{complete, read};
use crate::facts::sign_in::entry::Source;
use crate::facts::value::parse_time;
use crate::secret::masked;

/// So many of the newest messages are decoded, each text once: more than the collector asks for.
const CONSIDERED: usize = 400;

/// A result is quoted up to this many characters.
const QUOTED: usize = 120;

/// Every message, the newest first.
pub(crate) fn messages<'c>(context: &'c Context<'_>) -> &'c [Message] {
    context
        .once(&context.caches.messages, || gather(context))
        .as_slice()
}

/// A text, still to be decoded.
struct Text {
    source: Source,
    at: Option<Timestamp>,
    times: Vec<Option<Timestamp>>,
    over_by: Option<Timestamp>,
    name: Option<String>,
    is_failure: bool,
    text: String,
    error_code: Option<i64>,
}

impl Text {
    fn says_the_same(&self, other: &Self) -> bool {
        (self.source, self.is_failure, self.error_code) == (other.source, other.is_failure, other.error_code)
            && self.name == other.name
            && self.text == other.text
    }
}

fn gather(context: &Context<'_>) -> Vec<Message> {
    let of_jobs = |jobs: Vec<Job<'_>>| -> Vec<Text> { jobs.into_iter().filter_map(of_job).collect() };
    // What a list lacks is a matter of the facts about jobs, not of the fact that asks for the messages first.
    let system = complete(|| system_jobs(context)).unwrap_or_default();
    let table = complete(|| table_jobs(context))
        .ok()
        .flatten()
        .unwrap_or_default();
    let mut texts: Vec<Text> = of_jobs(system);
    texts.extend(of_jobs(table));
    texts.extend(traces(context));
    texts.sort_by(|left, right| {
        let key = |text: &Text| (text.at, text.source, text.text.clone());
        key(right).cmp(&key(left))
    });
    let mut kept: Vec<Text> = Vec::new();
    for text in texts {
        if kept.len() == CONSIDERED {
            break;
        }
        match kept.iter_mut().find(|newer| newer.says_the_same(&text)) {
            Some(newer) => newer.times.push(text.at),
            None => kept.push(text),
        }
    }
    kept.into_iter().map(decoded).collect()
}

fn of_job(job: Job<'_>) -> Option<Text> {
    if job.standing == Standing::Succeeded || (job.text.is_none() && job.error_code.is_none()) {
        return None;
    }
    // Called off, it is over since somebody did that; what it says is as old as the job, or younger.
    let at = match job.standing {
        Standing::Other => job.created,
        _ => job.at(),
    };
    Some(Text {
        source: job.source,
        at,
        times: vec![at],
        over_by: job.over_by(),
        name: job.name.map(str::to_owned),
        is_failure: job.standing == Standing::Failed,
        text: job.text.unwrap_or_default(),
        error_code: job.error_code,
    })
}

fn traces(context: &Context<'_>) -> Vec<Text> {
    let traces = read(&context.evidence().plugin_traces).map_or(&[][..], |list| list.value.as_slice());
    traces
        .iter()
        .filter_map(|trace| {
            let text = trace
                .exceptiondetails
                .known()
                .filter(|text| !text.trim().is_empty())?;
            let at = trace.createdon.known().and_then(|at| parse_time(at));
            Some(Text {
                source: Source::PluginTrace,
                at,
                times: vec![at],
                over_by: at,
                name: trace.typename.known().cloned(),
                is_failure: true,
                text: text.clone(),
                error_code: None,
            })
        })
        .collect()
}

fn decoded(text: Text) -> Message {
    let mut decoded = decode::decode_text(text.text.as_bytes());
    // The code of a system job stands beside its message, as the signed number that Dataverse keeps.
    if let (false, Some(code)) = (decoded.recognised, text.error_code) {
        decoded = decode::decode_text(format!("ErrorCode: {code}").as_bytes());
    }
    let line = text.text.lines().map(str::trim).find(|line| !line.is_empty());
    // Masked before it is cut: half a secret is one, too.
    let line = line.map(masked);
    let words = match line {
        Some(line) if line.chars().count() > QUOTED => {
            let cut: String = line.chars().take(QUOTED).collect();
            format!("{}…", cut.trim_end())
        }
        Some(line) => line,
        None => String::new(),
    };
    let written = decoded
        .primary_error()
        .and_then(|error| error.last_seen.as_deref().and_then(parse_time));
    Message {
        source: text.source,
        at: text.at,
        times: text.times,
        over_by: text.over_by,
        happened: written.filter(|written| Some(*written) < text.at).or(text.at),
        name: text.name,
        is_failure: text.is_failure,
        provider: provider_of(&text.text, &decoded),
        decoded,
        words,
    }
}
