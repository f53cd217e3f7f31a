//! What follows a first answer: its further pages, and the same question without columns that an old version lacks.

use serde_json::Value;

use super::batch::{Item, single};
use super::call::{Reply, Service};
use super::http::Http;
use crate::collect::requests::log_reach::is_far_enough;
use crate::snapshot::TRUNCATED;

const PAGES: usize = 50;
const LOG_PAGES: usize = 5;

/// Whether an answer is not the whole one: more pages follow, or the question has to be put in another way.
pub(crate) fn wants_more(item: &Item, reply: &Reply) -> bool {
    let goes_on = reply
        .ok()
        .is_some_and(|body| body["value"].is_array() && body["@odata.nextLink"].is_string());
    goes_on || is_at_its_limit(item, reply) || reply.status() == Some(400)
}

/// Follows `@odata.nextLink` until there is none: all pages become one collection.
pub(crate) async fn all_pages(http: &Http, item: &Item, first: Reply) -> Reply {
    let limit = if item.read.is_log() { LOG_PAGES } else { PAGES };
    let mut whole = first;
    for page in 1.. {
        if goes_back_far_enough(item, &whole) {
            return cut(whole);
        }
        // A link to more means something only beside a list.
        let Some(link) = whole
            .ok()
            .filter(|body| body["value"].is_array())
            .and_then(|body| body["@odata.nextLink"].as_str())
            .map(str::to_owned)
        else {
            return if is_at_its_limit(item, &whole) {
                cut(whole)
            } else {
                whole
            };
        };
        let Some(path) = http.origins.of(item.read.service).path_of(&link) else {
            return Reply::Broken {
                status: whole.status(),
                detail: "the next page is at another host; it was not asked for".to_owned(),
            };
        };
        if page >= limit {
            // Logs come newest first: what is left out is old, and the section says that it was cut. Any other list that
            // is cut would be wrong.
            if item.read.is_log() {
                return cut(whole);
            }
            return Reply::Broken {
                status: whole.status(),
                detail: format!("more than {limit} pages, so the list would not be whole"),
            };
        }
        let next = single(
            http,
            &Item {
                path: path.to_owned(),
                ..item.clone()
            },
        )
        .await;
        match next.ok() {
            Some(body) if body["value"].is_array() => whole = appended(whole, body),
            Some(_) => {
                return Reply::Broken {
                    status: next.status(),
                    detail: "a page without its list".to_owned(),
                };
            }
            // "Not found" is no answer to the question for the rest of a list.
            None if next.status() == Some(404) => {
                return Reply::Broken {
                    status: Some(404),
                    detail: "HTTP 404 for a later page, so the list would not be whole".to_owned(),
                };
            }
            None => return next,
        }
    }
    whole
}

/// Whether a log has older entries, and they would only be history.
fn goes_back_far_enough(item: &Item, whole: &Reply) -> bool {
    let entries = whole
        .ok()
        .filter(|body| body["@odata.nextLink"].is_string())
        .and_then(|body| body["value"].as_array());
    item.read.is_log() && entries.is_some_and(|entries| is_far_enough(item.read.path, entries))
}

fn appended(whole: Reply, page: &Value) -> Reply {
    let Reply::Json {
        status,
        mut body,
        retry_after,
        trace,
    } = whole
    else {
        return whole;
    };
    if let (Some(all), Some(more)) = (body["value"].as_array_mut(), page["value"].as_array()) {
        all.extend(more.iter().cloned());
    }
    match page.get("@odata.nextLink") {
        Some(link) => body["@odata.nextLink"] = link.clone(),
        None => {
            if let Some(object) = body.as_object_mut() {
                object.remove("@odata.nextLink");
            }
        }
    }
    Reply::Json {
        status,
        body,
        retry_after,
        trace,
    }
}

/// Marks a list that goes on after what was read.
fn cut(mut whole: Reply) -> Reply {
    if let Reply::Json { body, .. } = &mut whole
        && let Some(object) = body.as_object_mut()
    {
        object.remove("@odata.nextLink");
        object.insert(TRUNCATED.to_owned(), Value::Bool(true));
    }
    whole
}

/// Whether the list is as long as the request allows: Dataverse's `$top` ends it without a link to more.
fn is_at_its_limit(item: &Item, reply: &Reply) -> bool {
    let limit = (item.read.service == Service::Dataverse)
        .then(|| item.read.path.split_once("$top="))
        .flatten()
        .and_then(|(_, rest)| rest.split('&').next()?.parse::<usize>().ok());
    let count = reply.ok().and_then(|body| body["value"].as_array()).map(Vec::len);
    limit.zip(count).is_some_and(|(limit, count)| count >= limit)
}

/// Columns that an older version does not know are left out, one after another.
pub(crate) async fn without_unknown_columns(http: &Http, item: &Item, first: Reply) -> Reply {
    let mut reply = first;
    let mut item = item.clone();
    for _ in 0..8 {
        let Reply::Json {
            status: 400, body, ..
        } = &reply
        else {
            return reply;
        };
        let Some(path) = without_named_column(&item.path, body) else {
            return reply;
        };
        item.path = path;
        reply = single(http, &item).await;
    }
    reply
}

/// The path without the column that the refusal names. The service's sentence is in the language of the user; the name
/// of the column stands in it between quotes of some kind, and is one of those that were asked for.
fn without_named_column(path: &str, body: &Value) -> Option<String> {
    let message = body["error"]["message"].as_str()?;
    message
        .split(['\'', '"', '„', '“', '”', '‘', '’', '«', '»', '「', '」'])
        .find_map(|word| without_column(path, word.trim()))
}

/// The same question without what not every tenant answers: a cast in a tenant that takes no advanced query. With it
/// comes how it was asked in the end, which is how its further pages are asked for.
pub(crate) async fn without_advanced_query(http: &Http, item: Item, first: Reply) -> (Item, Reply) {
    let is_refused_cast = first.status() == Some(400) && item.path.contains("/transitiveMemberOf/");
    if !is_refused_cast {
        return (item, first);
    }
    let simple = Item {
        path: item.path.replacen("$count=true&", "", 1),
        is_simple: true,
        ..item.clone()
    };
    match single(http, &simple).await {
        second if second.ok().is_some() => (simple, second),
        _ => (item, first),
    }
}

fn without_column(path: &str, column: &str) -> Option<String> {
    let start = path.find("$select=")? + "$select=".len();
    let end = path[start..]
        .find('&')
        .map_or(path.len(), |length| start + length);
    let columns: Vec<&str> = path[start..end].split(',').collect();
    let left: Vec<&str> = columns.iter().copied().filter(|name| *name != column).collect();
    (left.len() < columns.len() && !left.is_empty())
        .then(|| format!("{}{}{}", &path[..start], left.join(","), &path[end..]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::{Reply, cut, without_column};

    #[test]
    fn a_log_that_is_cut_says_so_and_leads_nowhere() {
        let whole = Reply::json(
            200,
            json!({"value": [1], "@odata.nextLink": "https://graph.microsoft.com/x"}),
        );
        assert_eq!(cut(whole).ok(), Some(&json!({"value": [1], "truncated": true})));
    }

    #[test]
    fn an_unknown_column_is_left_out_of_the_selection_whatever_the_language() {
        for message in [
            "Could not find a property named 'b' on type 'Microsoft.Dynamics.CRM.systemuser'.",
            "Eine Eigenschaft namens „b“ wurde im Typ „Microsoft.Dynamics.CRM.systemuser“ nicht gefunden.",
            "Propriété introuvable : «b»",
        ] {
            let body = json!({"error": {"code": "0x80060888", "message": message}});
            assert_eq!(
                super::without_named_column("/x?$select=a,b,c&$filter=b eq 1", &body).as_deref(),
                Some("/x?$select=a,c&$filter=b eq 1"),
                "{message}"
            );
        }
        let other = json!({"error": {"code": "0x0", "message": "The name b is taken."}});
        assert_eq!(super::without_named_column("/x?$select=a,b", &other), None);
        assert_eq!(
            without_column("/x?$select=a,b,c&$filter=b eq 1", "b").as_deref(),
            Some("/x?$select=a,c&$filter=b eq 1")
        );
        assert_eq!(without_column("/x?$select=a", "a"), None);
        assert_eq!(without_column("/x?$select=a,b", "z"), None);
    }
}
