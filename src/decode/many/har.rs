//! HAR captures of a browser: the failing authentication and service requests, in order.
//!
//! A capture is full of secrets. Nothing of a header, cookie, query, form or body leaves this module: only
//! method, scheme, host, path, status, and what the decoder reads out of the answer.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::merge;
use crate::decode::answer::decode_text;
use crate::decode::explain::inferences;
use crate::decode::explain::unrecognised;
use crate::decode::model::{Decoded, Ending, FailedRequest, Newest};

/// Hosts and their subdomains whose requests are looked at.
const HOSTS: [&str; 14] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.live.com",
    "sts.windows.net",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dynamics.com",
    "powerplatform.com",
    "powerapps.com",
    "work365apps.com",
    "device.login.microsoftonline.com",
];

#[derive(Deserialize)]
struct Har<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(default)]
    started_date_time: Option<String>,
    #[serde(borrow)]
    request: Request<'a>,
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(default)]
    method: String,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(default, borrow)]
    post_data: Content<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(default)]
    status: i32,
    #[serde(default, borrow)]
    content: Content<'a>,
    #[serde(default, rename = "redirectURL")]
    redirect: String,
}

#[derive(Default, Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(default)]
    encoding: Option<String>,
}

/// True when bytes start like a HAR capture: a JSON object whose first key is `log`.
pub fn is_har(bytes: &[u8]) -> bool {
    let start = crate::decode::text::encoding::to_text(&bytes[..bytes.len().min(512)]);
    let mut rest = start.trim_start();
    for piece in ["{", "\"log\"", ":", "{"] {
        match rest.strip_prefix(piece) {
            Some(tail) => rest = tail.trim_start(),
            None => return false,
        }
    }
    true
}

/// Decodes a capture.
///
/// # Errors
///
/// The JSON reader's message with line and column, when it is no HAR capture.
pub fn decode_har(bytes: &[u8]) -> Result<Decoded, serde_json::Error> {
    let text = crate::decode::text::encoding::to_text(bytes);
    let har: Har<'_> = serde_json::from_str(&text)?;
    let mut answers = Vec::new();
    let mut refused = None;
    let mut passed = None;
    for (index, entry) in har.log.entries.iter().enumerate() {
        if let Some(answer) = entry.decode(index as u64 + 1) {
            if answer.recognised {
                (refused, passed) = (entry.asks_for_a_token().then_some(entry), None);
            }
            answers.push(answer);
        } else if refused.is_some_and(|refused| entry.gets_the_token_of(refused)) {
            passed = entry.started_date_time.as_deref();
        }
    }
    let mut merged = merge::merge(answers);
    if let Some(at) = passed {
        let error = merged.errors.first();
        merged
            .inferences
            .extend(error.and_then(|error| inferences::about_time("works-again", error, "", at)));
        merged.newest = Some(Newest {
            outcome: Ending::Succeeded,
            at: Some(at.to_owned()),
            code: None,
        });
    }
    unrecognised::mark(&mut merged, "");
    Ok(merged)
}

impl Entry<'_> {
    fn decode(&self, index: u64) -> Option<Decoded> {
        let status = u16::try_from(self.response.status).unwrap_or_default();
        let redirect = error_part(&self.response.redirect);
        let asked = error_part(&self.request.url);
        let ours = is_ours(&self.request.url);
        let failed =
            (ours && (status >= 400 || self.response.status <= 0)) || redirect.is_some() || asked.is_some();
        let body = self.body();
        // A sign-in page that shows an error is answered with 200.
        let shown = ours && (body.contains("AADSTS") || body.contains("strServiceExceptionMessage"));
        if !failed && !shown {
            return None;
        }
        let mut evidence = String::new();
        for part in [asked.as_deref(), redirect.as_deref(), Some(body.as_ref())]
            .into_iter()
            .flatten()
        {
            evidence.push_str(part);
            evidence.push('\n');
        }
        let mut answer = decode_text(evidence.as_bytes());
        if status >= 400 && answer.errors.is_empty() {
            answer = decode_text(format!("{} HTTP {status} from Microsoft", evidence).as_bytes());
        }
        for error in &mut answer.errors {
            error.first_line = 1;
            error.first_seen.clone_from(&self.started_date_time);
            error.last_seen.clone_from(&self.started_date_time);
        }
        answer.requests = vec![FailedRequest {
            index,
            time: self.started_date_time.clone(),
            method: self.request.method.clone(),
            url: without_query(&self.request.url),
            status,
            codes: answer.errors.iter().map(|error| error.code.clone()).collect(),
        }];
        Some(answer)
    }

    fn asks_for_a_token(&self) -> bool {
        is_ours(&self.request.url) && without_query(&self.request.url).ends_with("/token")
    }

    /// Whether this request got the token that the other one was refused: of the same tenant, for the same application and
    /// the same service.
    fn gets_the_token_of(&self, refused: &Self) -> bool {
        let asked = |entry: &Self| ["client_id", "scope", "resource"].map(|name| entry.parameter(name));
        without_query(&self.request.url) == without_query(&refused.request.url)
            && self.response.status == 200
            && self.body().contains("\"access_token\"")
            && asked(self) == asked(refused)
    }

    /// A parameter of the form that was sent.
    fn parameter(&self, name: &str) -> Option<String> {
        let form = self.request.post_data.text.as_deref()?;
        let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }

    fn body(&self) -> Cow<'_, str> {
        let Some(text) = self.response.content.text.as_deref() else {
            return Cow::Borrowed("");
        };
        if self.response.content.encoding.as_deref() == Some("base64") {
            return STANDARD.decode(text).map_or(Cow::Borrowed(""), |bytes| {
                Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
            });
        }
        Cow::Borrowed(text)
    }
}

/// Scheme, host and path: query and fragment carry codes, tokens and state.
fn without_query(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    // User names and passwords before the host are as secret as a query.
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest
                .split_once('/')
                .map_or((rest, None), |(host, path)| (host, Some(path)));
            let host = host.rsplit('@').next().unwrap_or_default();
            path.map_or_else(
                || format!("{scheme}://{host}"),
                |path| format!("{scheme}://{host}/{path}"),
            )
        }
        None => url.to_owned(),
    }
}

fn is_ours(url: &str) -> bool {
    let plain = without_query(url);
    let host = plain
        .split_once("://")
        .map_or("", |(_, rest)| rest)
        .split(['/', ':'])
        .next()
        .unwrap_or_default();
    HOSTS
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}

/// The `error…` parameters of an address, and no other.
fn error_part(url: &str) -> Option<String> {
    let (_, query) = url.split_once(['?', '#'])?;
    let parts: Vec<&str> = query
        .split(['&', '?', '#'])
        .filter(|part| {
            [
                "error=",
                "error_description=",
                "error_subcode=",
                "suberror=",
                "error_uri=",
            ]
            .iter()
            .any(|key| part.starts_with(key))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("&"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{decode_har, is_har, without_query};

    const SECRET: &str = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0LWNhbmFyeQ.c2ln";

    fn capture() -> String {
        serde_json::json!({"log": {"version": "1.2", "entries": [
            {"startedDateTime": "2026-01-05T10:00:00Z",
             "request": {"method": "GET", "url": format!("https://login.microsoftonline.com/common/oauth2/v2.0/authorize?login_hint=svc&state={SECRET}"),
                         "headers": [{"name": "Cookie", "value": SECRET}], "cookies": [{"name": "ESTSAUTH", "value": SECRET}]},
             "response": {"status": 302, "redirectURL": format!("https://app.example/cb?error=consent_required&error_description=AADSTS65001%3a+The+user&state={SECRET}"),
                          "content": {"size": 0}}},
            {"startedDateTime": "2026-01-05T10:00:01Z",
             "request": {"method": "POST", "url": "https://login.microsoftonline.com/common/oauth2/v2.0/token", "postData": {"text": format!("refresh_token={SECRET}")}},
             "response": {"status": 200, "redirectURL": "", "content": {"text": format!("{{\"access_token\":\"{SECRET}\"}}")}}},
            {"startedDateTime": "2026-01-05T10:00:02Z",
             "request": {"method": "GET", "url": "https://contoso.crm4.dynamics.com/api/data/v9.2/WhoAmI"},
             "response": {"status": 403, "redirectURL": "", "content": {"text": "{\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}"}}},
            {"startedDateTime": "2026-01-05T10:00:03Z",
             "request": {"method": "GET", "url": "https://cdn.example/missing.js"},
             "response": {"status": 404, "redirectURL": "", "content": {}}}
        ]}})
        .to_string()
    }

    #[test]
    fn failing_requests_come_in_order_and_no_secret_leaves() {
        let capture = capture();
        assert!(is_har(capture.as_bytes()));
        let decoded = decode_har(capture.as_bytes()).unwrap();
        let statuses: Vec<(u64, u16)> = decoded
            .requests
            .iter()
            .map(|request| (request.index, request.status))
            .collect();
        assert_eq!(statuses, [(1, 302), (3, 403)]);
        assert_eq!(decoded.primary.as_deref(), Some("AADSTS65001"));
        assert!(decoded.errors.iter().any(|error| error.code == "0x80072560"));
        let shown = serde_json::to_string(&decoded).unwrap();
        assert!(!shown.contains("eyJ") && !shown.contains("state="), "{shown}");
    }

    #[test]
    fn a_token_for_the_same_application_and_service_ends_the_refusal() {
        let ask = |minute: u8, scope: &str, status: u16, body: &str| {
            serde_json::json!({"startedDateTime": format!("2026-03-02T08:{minute:02}:00Z"),
                "request": {"method": "POST", "url": "https://login.microsoftonline.com/fabrikam.com/oauth2/v2.0/token",
                    "postData": {"text": format!("client_id=a1&scope={scope}&refresh_token={SECRET}")}},
                "response": {"status": status, "content": {"text": body}}})
        };
        let refusal =
            r#"{"error":"invalid_grant","error_description":"AADSTS50079: Due to a configuration change"}"#;
        let token = format!(r#"{{"access_token":"{SECRET}"}}"#);
        let newest = |entries: &[serde_json::Value]| {
            let capture = serde_json::json!({"log": {"entries": entries}}).to_string();
            let newest = decode_har(capture.as_bytes()).unwrap().newest;
            newest.and_then(|newest| newest.at)
        };
        let refused = ask(0, "crm", 400, refusal);
        let passed = ask(4, "crm", 200, &token);
        assert_eq!(
            newest(&[refused.clone(), passed.clone()]).as_deref(),
            Some("2026-03-02T08:04:00Z")
        );
        assert_eq!(newest(&[refused.clone(), ask(4, "graph", 200, &token)]), None);
        assert_eq!(newest(&[passed, refused]), None);
    }

    #[test]
    fn addresses_lose_query_fragment_and_user() {
        assert_eq!(
            without_query("https://u:p@h.example/p?q#f"),
            "https://h.example/p"
        );
        assert_eq!(
            without_query("https://h.example#access_token=x"),
            "https://h.example"
        );
    }

    #[test]
    fn base64_bodies_are_read() {
        let capture = capture().replace(
            r#""text":"{\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}""#,
            r#""encoding":"base64","text":"QUFEU1RTNTAwNzY=""#,
        );
        let decoded = decode_har(capture.as_bytes()).unwrap();
        assert!(decoded.errors.iter().any(|error| error.code == "AADSTS50076"));
    }
}
