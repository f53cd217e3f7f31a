//! From what came over the wire to a status with JSON, or a sentence that says why there is none.

use serde_json::Value;

use super::call::{Answer, Reply, Trace};
use super::transport_error::TransportError;
use super::{claims, request_id};

/// Reads an answer as JSON.
pub(crate) fn reply(outcome: Result<Answer, TransportError>) -> Reply {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(trouble) => {
            return Reply::Broken {
                status: None,
                detail: request_id::signed(&trouble.detail, trouble.request_id.as_deref()),
            };
        }
    };
    if (300..400).contains(&answer.status) {
        return broken(&answer, &redirection(&answer));
    }
    if answer.status == 407 {
        return broken(
            &answer,
            "the proxy asks for a sign-in (NTLM and Kerberos proxies are not supported)",
        );
    }
    match parse(&answer.body) {
        Ok(body) => Reply::Json {
            status: answer.status,
            body,
            retry_after: answer.retry_after,
            trace: trace(&answer),
        },
        // A refusal is a refusal in any form; but "not found" is an answer, and only the service itself may give it.
        Err(_) if matches!(answer.status, 401 | 403) => Reply::Json {
            status: answer.status,
            body: Value::Null,
            retry_after: None,
            trace: trace(&answer),
        },
        Err(error) => broken(&answer, &garbage(&answer, &error)),
    }
}

/// Reads a body; an empty one is `null`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes)
}

fn broken(answer: &Answer, detail: &str) -> Reply {
    Reply::Broken {
        status: Some(answer.status),
        detail: request_id::signed(detail, answer.request_id.as_deref()),
    }
}

/// What goes along with an answer, whatever its body.
pub(crate) fn trace(answer: &Answer) -> Trace {
    let demands = (answer.status == 401)
        .then(|| claims::of_headers(answer.challenges.iter().map(String::as_str)))
        .flatten();
    Trace {
        request_id: answer.request_id.clone(),
        claims: demands,
    }
}

fn redirection(answer: &Answer) -> String {
    let target = answer.location.as_deref().unwrap_or("nowhere");
    // The query of a redirect can hold codes and names.
    let target = target.split(['?', '#']).next().unwrap_or_default();
    format!("redirected to {target}; redirects are not followed")
}

fn garbage(answer: &Answer, error: &serde_json::Error) -> String {
    let start = answer.body.trim_ascii_start();
    let is_html = answer.content_type.to_ascii_lowercase().contains("html") || start.starts_with(b"<");
    if is_html {
        format!(
            "HTTP {}: a web page instead of JSON, as a proxy or a sign-in page sends it",
            answer.status
        )
    } else if error.is_eof() {
        format!(
            "HTTP {}: the JSON is cut off after {} bytes",
            answer.status,
            answer.body.len()
        )
    } else {
        format!("HTTP {}: the answer is not JSON ({error})", answer.status)
    }
}

#[cfg(test)]
mod tests {
    use super::reply;
    use crate::collect::wire::call::{Answer, Reply};

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status,
            content_type: content_type.to_owned(),
            challenges: Vec::new(),
            location: Some("https://evil.example/x?code=canary".to_owned()),
            retry_after: None,
            date: None,
            request_id: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn detail(answer: Answer) -> String {
        match reply(Ok(answer)) {
            Reply::Broken { detail, .. } => detail,
            Reply::Json { body, .. } => panic!("taken for an answer: {body}"),
        }
    }

    #[test]
    fn pages_cut_off_bodies_and_redirects_are_told_apart() {
        assert!(detail(answer(200, "text/html", "<html>")).contains("web page"));
        assert!(detail(answer(404, "text/html", "<html>")).contains("web page"));
        assert!(detail(answer(200, "application/json", r#"{"value":["#)).contains("cut off after 10 bytes"));
        assert!(detail(answer(200, "application/json", "Hello")).contains("not JSON"));
        let redirect = detail(answer(302, "", ""));
        assert!(redirect.contains("https://evil.example/x;"), "{redirect}");
        assert!(!redirect.contains("canary"), "{redirect}");
    }
}
