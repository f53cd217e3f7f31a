//! Dataverse's `$batch`: GETs in one multipart body, answers in the same order (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>).

use serde_json::Value;

use super::call::{Answer, Reply, Trace};
use super::{answer, claims};

/// Separates the parts of a request. No path or header of ours contains it.
pub(crate) const BOUNDARY: &str = "batch_work365_doctor";

/// One GET of a batch.
pub(crate) struct Part<'a> {
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'static str, &'static str)],
}

/// The body of a batch of GETs.
pub(crate) fn body<'a>(parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str("--");
        text.push_str(BOUNDARY);
        text.push_str("\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ");
        text.push_str(part.path);
        text.push_str(" HTTP/1.1\r\nAccept: application/json\r\n");
        for (name, value) in part.headers {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str("\r\n\r\n");
    }
    text.push_str("--");
    text.push_str(BOUNDARY);
    text.push_str("--\r\n");
    text
}

/// The answers of a batch in order; nothing if the answer is no batch answer.
pub(crate) fn replies(answer: &Answer) -> Option<Vec<Reply>> {
    let boundary = boundary(&answer.content_type)?;
    let text = std::str::from_utf8(&answer.body).ok()?;
    let delimiter = format!("--{boundary}");
    let mut replies = Vec::new();
    for part in text.split(delimiter.as_str()).skip(1) {
        if part.starts_with("--") {
            return Some(replies);
        }
        replies.push(part_reply(part, answer.request_id.as_deref())?);
    }
    // Without the closing delimiter the answer was cut off.
    None
}

fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim().trim_matches('"'))
        .filter(|value| !value.is_empty())
}

/// MIME headers, a blank line, a status line, HTTP headers, a blank line, a body.
fn part_reply(part: &str, request_id: Option<&str>) -> Option<Reply> {
    let start = part.find("HTTP/1.")?;
    let response = &part[start..];
    let status: u16 = response.split_whitespace().nth(1)?.parse().ok()?;
    let (head, body) = response
        .split_once("\r\n\r\n")
        .or_else(|| response.split_once("\n\n"))
        .unwrap_or((response, ""));
    let retry_after = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))
        .and_then(|(_, value)| crate::collect::wire::retry::pause_of(value));
    let challenges = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| status == 401 && name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, value)| value);
    let trace = Trace {
        request_id: request_id.map(str::to_owned),
        claims: claims::of_headers(challenges),
    };
    Some(match answer::parse(body.as_bytes()) {
        Ok(body) => Reply::Json {
            status,
            body,
            retry_after,
            trace,
        },
        Err(_) if matches!(status, 401 | 403) => Reply::Json {
            status,
            body: Value::Null,
            retry_after,
            trace,
        },
        Err(error) => {
            let what = format!("HTTP {status}: the answer is not JSON ({error})");
            Reply::Broken {
                status: Some(status),
                detail: crate::collect::wire::request_id::signed(&what, request_id),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Part, body, replies};
    use crate::collect::wire::call::{Answer, Reply};

    fn answer(content_type: &str, body: &str) -> Answer {
        Answer {
            status: 200,
            content_type: content_type.to_owned(),
            challenges: Vec::new(),
            location: None,
            retry_after: None,
            date: None,
            request_id: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_batch_is_written_with_its_headers_and_read_in_order() {
        let parts = [
            Part {
                path: "/api/data/v9.2/WhoAmI",
                headers: &[("Consistency", "Strong")],
            },
            Part {
                path: "/api/data/v9.2/x",
                headers: &[],
            },
        ];
        let sent = body(parts.into_iter());
        assert!(sent.contains("GET /api/data/v9.2/WhoAmI HTTP/1.1\r\n"));
        assert!(sent.contains("Consistency: Strong\r\n"));
        let received = "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nOData-Version: 4.0\r\n\r\n{\"a\":1}\r\n--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\n\r\n{}\r\n--b--\r\n";
        let replies = replies(&answer("multipart/mixed; boundary=b", received)).unwrap();
        assert_eq!(replies.len(), 2);
        assert_eq!(replies[0].ok().unwrap()["a"], 1);
        assert!(matches!(
            replies[1],
            Reply::Json { status: 429, retry_after: Some(pause), .. } if pause.as_secs() == 3
        ));
    }

    #[test]
    fn what_is_no_batch_answer_or_was_cut_off_is_refused() {
        assert!(replies(&answer("application/json", "{}")).is_none());
        assert!(
            replies(&answer(
                "multipart/mixed; boundary=b",
                "--b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}"
            ))
            .is_none()
        );
        assert!(
            replies(&answer(
                "multipart/mixed; boundary=b",
                "--b\r\n\r\nnothing\r\n--b--"
            ))
            .is_none()
        );
    }
}
