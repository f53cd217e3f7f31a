//! Sending reads: many in one `$batch` where the service has one, each alone where not, and page after page.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::reply;
use super::call::{Body, Call, Method, Repeat, Reply, Service, Trace};
use super::http::Http;
use super::{claims, multipart, retry};
use crate::collect::requests::table::Read;

/// Graph takes this many in one batch (<https://learn.microsoft.com/graph/json-batching>).
pub(crate) const GRAPH_LIMIT: usize = 20;

/// One read, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Position in the request table.
    pub(crate) index: usize,
    /// The value of the placeholder that varies, empty if none does.
    pub(crate) value: String,
    pub(crate) read: &'static Read,
    pub(crate) path: String,
    /// The body of a POST.
    pub(crate) body: Option<Value>,
    /// Whether it is asked once more without the advanced query.
    pub(crate) is_simple: bool,
}

/// Headers that every Dataverse request carries (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>).
pub(crate) const ODATA: [(&str, &str); 3] = [
    ("OData-MaxVersion", "4.0"),
    ("OData-Version", "4.0"),
    ("If-None-Match", "null"),
];

/// Sends one read alone.
pub(crate) async fn single(http: &Http, item: &Item) -> Reply {
    reply(http.send(&call_of(item)).await)
}

pub(crate) fn call_of(item: &Item) -> Call {
    let mut call = Call::get(item.read.service, item.path.clone(), item.read.path.to_owned());
    call.section = item.read.section;
    call.signed = item.read.is_signed();
    call.paced = usize::from(item.read.is_log());
    call.family = item.read.family;
    if item.read.service == Service::Dataverse && call.signed {
        call.headers
            .extend(ODATA.map(|(name, value)| (name, value.to_owned())));
    }
    for (name, value) in item.read.headers.iter().filter(|_| !item.is_simple) {
        call.headers.push((name, (*value).to_owned()));
    }
    if let Some(body) = &item.body {
        call.method = Method::Post;
        call.repeat = Repeat::WhenThrottled;
        call.body = Some(json_body(body));
    }
    call
}

fn json_body(body: &Value) -> Body {
    Body {
        content_type: "application/json".to_owned(),
        bytes: body.to_string().into_bytes(),
    }
}

/// Who takes each answer as soon as it is there.
pub(crate) type Answered<'a> = &'a (dyn Fn(Item, Reply) + Send + Sync);

/// Sends reads of one service: alone, or in one batch.
pub(crate) async fn send(http: &Arc<Http>, mut items: Vec<Item>, answered: Answered<'_>) {
    if items.len() > 1 {
        batch(http, items, answered).await;
    } else if let Some(item) = items.pop() {
        let reply = single(http, &item).await;
        answered(item, reply);
    }
}

/// Sends reads in one batch; throttled ones again, and all of them alone when the service takes no batch.
async fn batch(http: &Arc<Http>, items: Vec<Item>, answered: Answered<'_>) {
    let mut open = items;
    let mut attempts = 0;
    while !open.is_empty() {
        attempts += 1;
        let service = open.first().map(|item| item.read.service);
        let outcome = if service.is_some_and(|service| http.is_without_batch(service)) {
            Batched::Unusable
        } else {
            send_batch(http, &open).await
        };
        if let (Some(recorder), Batched::Replies(replies)) = (http.recorder(), &outcome) {
            for (item, reply) in open.iter().zip(replies) {
                recorder.keep_batched(item.read, &item.path, reply);
            }
        }
        let replies = match outcome {
            Batched::Replies(replies) => replies,
            // The token was refused, or nobody is there: asking one by one would end the same way.
            Batched::Refused(refusal) => vec![refusal; open.len()],
            Batched::Unusable => {
                // Once is enough to know; the other rounds do not ask again.
                if let Some(service) = service {
                    http.set_without_batch(service);
                }
                one_by_one(http, open, answered).await;
                return;
            }
        };
        let mut throttled = Vec::new();
        let mut pause = None;
        for (item, reply) in open.into_iter().zip(replies) {
            match &reply {
                Reply::Json {
                    status, retry_after, ..
                } if retry::is_throttled(*status) => {
                    // What has been asked often enough is not asked again because of its neighbours.
                    match retry::after_throttling(*retry_after, attempts, item.read.family) {
                        Some(own) => {
                            pause = pause.max(Some(own));
                            throttled.push((item, reply));
                        }
                        None => answered(item, reply),
                    }
                }
                _ => answered(item, reply),
            }
        }
        open = Vec::new();
        match (throttled.first(), pause) {
            (Some((first, _)), Some(pause)) if http.may_wait(pause) => {
                http.wait(first.read.service, pause, true).await;
                open = throttled.into_iter().map(|(item, _)| item).collect();
            }
            _ => throttled
                .into_iter()
                .for_each(|(item, reply)| answered(item, reply)),
        }
    }
}

enum Batched {
    /// One for each item, in their order.
    Replies(Vec<Reply>),
    /// 401 or 403 for the batch as a whole, "later" until patience was used up, or no connection at all.
    Refused(Reply),
    /// No batch answer came back.
    Unusable,
}

async fn send_batch(http: &Http, items: &[Item]) -> Batched {
    let is_graph = items
        .first()
        .is_none_or(|item| item.read.service == Service::Graph);
    let call = if is_graph {
        graph_call(items)
    } else {
        dataverse_call(items)
    };
    let outcome = http.send(&call).await;
    if !is_graph
        && let Ok(answer) = &outcome
        && let Some(replies) = multipart::replies(answer)
        && replies.len() == items.len()
    {
        return Batched::Replies(replies);
    }
    let is_unreachable = outcome.as_ref().is_err_and(|trouble| trouble.is_unreachable);
    let reply = reply(outcome);
    match &reply {
        _ if is_unreachable => Batched::Refused(reply),
        Reply::Json {
            status: 200,
            body,
            trace,
            ..
        } if is_graph && body["responses"].is_array() => {
            Batched::Replies(graph_replies(&body["responses"], items.len(), trace))
        }
        Reply::Json {
            status: 401 | 403, ..
        } => Batched::Refused(reply),
        // Asking one by one what the service has no time for would only make it busier.
        _ if reply.status().is_some_and(retry::is_throttled) => Batched::Refused(reply),
        _ => Batched::Unusable,
    }
}

fn graph_call(items: &[Item]) -> Call {
    let requests: Vec<Value> = items
        .iter()
        .enumerate()
        .map(|(position, item)| {
            let url = item.path.strip_prefix("/v1.0").unwrap_or(&item.path);
            let mut request = json!({"id": position.to_string(), "method": "GET", "url": url});
            if !item.read.headers.is_empty() {
                request["headers"] = item
                    .read
                    .headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), json!(value)))
                    .collect();
            }
            request
        })
        .collect();
    Call {
        method: Method::Post,
        repeat: Repeat::WhenThrottled,
        body: Some(json_body(&json!({"requests": requests}))),
        paced: items.iter().filter(|item| item.read.is_log()).count(),
        ..Call::get(
            Service::Graph,
            "/v1.0/$batch".to_owned(),
            "/v1.0/$batch".to_owned(),
        )
    }
}

fn graph_replies(responses: &Value, count: usize, outer: &Trace) -> Vec<Reply> {
    let find = |position: usize| {
        responses
            .as_array()
            .into_iter()
            .flatten()
            .find(|response| response["id"].as_str() == Some(position.to_string().as_str()))
    };
    (0..count)
        .map(|position| {
            let Some(response) = find(position) else {
                return Reply::Broken {
                    status: Some(200),
                    detail: "the batch does not answer this request".to_owned(),
                };
            };
            let Some(status) = response["status"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
            else {
                return Reply::Broken {
                    status: Some(200),
                    detail: "the batch answers this request without a status".to_owned(),
                };
            };
            let header = |wanted: &str| {
                let headers = response["headers"].as_object()?;
                let (_, value) = headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
                value.as_str()
            };
            let retry_after = header("retry-after").and_then(retry::pause_of);
            let challenge = header("www-authenticate").filter(|_| status == 401);
            let trace = Trace {
                request_id: outer.request_id.clone(),
                claims: claims::of_headers(challenge),
            };
            match &response["body"] {
                // Bodies that are not JSON arrive as text (base64) in a batch.
                Value::String(_) if !matches!(status, 401 | 403) => Reply::Broken {
                    status: Some(status),
                    detail: format!("HTTP {status}: the answer is not JSON"),
                },
                Value::String(_) => Reply::Json {
                    status,
                    body: Value::Null,
                    retry_after,
                    trace,
                },
                body => Reply::Json {
                    status,
                    body: body.clone(),
                    retry_after,
                    trace,
                },
            }
        })
        .collect()
}

fn dataverse_call(items: &[Item]) -> Call {
    let text = multipart::body(items.iter().map(|item| multipart::Part {
        path: &item.path,
        headers: item.read.headers,
    }));
    let mut call = Call {
        method: Method::Post,
        repeat: Repeat::WhenThrottled,
        body: Some(Body {
            content_type: format!("multipart/mixed; boundary={}", multipart::BOUNDARY),
            bytes: text.into_bytes(),
        }),
        ..Call::get(
            Service::Dataverse,
            "/api/data/v9.2/$batch".to_owned(),
            "/api/data/v9.2/$batch".to_owned(),
        )
    };
    call.headers
        .extend(ODATA.map(|(name, value)| (name, value.to_owned())));
    call.headers
        .push(("Prefer", "odata.continue-on-error".to_owned()));
    // Whether the header counts inside a part is not documented; outside it does, and costs the other parts little.
    if items
        .iter()
        .any(|item| item.read.headers.iter().any(|(name, _)| *name == "Consistency"))
    {
        call.headers.push(("Consistency", "Strong".to_owned()));
    }
    call
}

/// At most four at a time: a service counts concurrent requests against its limits (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>).
const CONCURRENT: usize = 4;

async fn one_by_one(http: &Arc<Http>, items: Vec<Item>, answered: Answered<'_>) {
    let mut waiting = items.into_iter();
    let mut running = tokio::task::JoinSet::new();
    loop {
        while running.len() < CONCURRENT
            && let Some(item) = waiting.next()
        {
            let http = Arc::clone(http);
            running.spawn(async move {
                let reply = single(&http, &item).await;
                (item, reply)
            });
        }
        match running.join_next().await {
            Some(Ok((item, reply))) => answered(item, reply),
            Some(Err(_)) => {}
            None => return,
        }
    }
}
