//! One section of a snapshot: how a read ended, checked against the typed body that rules will judge.

use serde_json::{Map, Value, json};

use crate::collect::wire::call::Reply;
use crate::collect::wire::claims;
use crate::collect::wire::request_id::signed;
use crate::snapshot::{self, Outcome, Snapshot, TRUNCATED};

/// A section as it will be written.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) outcome: Outcome,
    http_status: Option<u16>,
    detail: Option<String>,
    body: Option<Value>,
}

impl Record {
    /// A section that was answered with this body.
    pub(crate) fn ok(http_status: Option<u16>, body: Value) -> Self {
        Self {
            outcome: Outcome::Ok,
            http_status,
            detail: None,
            body: Some(body),
        }
    }

    /// A list that was put together, which is not whole unless all its parts are.
    pub(crate) fn list(entries: Vec<Value>, is_truncated: bool) -> Self {
        let mut body = json!({"value": entries});
        if is_truncated {
            body[TRUNCATED] = json!(true);
        }
        Self {
            detail: cut_note(&body),
            ..Self::ok(Some(200), body)
        }
    }

    /// The same answer, which is known to be a refusal, and for which reason.
    pub(crate) fn denied(self, detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Denied,
            detail: Some(detail.into()),
            ..self
        }
    }

    /// The service's own code and message.
    pub(crate) fn words(&self) -> Option<String> {
        let error = &self.body.as_ref()?["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default();
        error
            .is_object()
            .then(|| format!("{} {}", text("code"), text("message")))
    }

    /// What the sign-in service says of a refused sign-in.
    pub(crate) fn words_of_oauth(&self) -> Option<String> {
        let body = self.body.as_ref()?;
        let error = body["error"].as_str()?;
        Some(body["error_description"].as_str().unwrap_or(error).to_owned())
    }

    /// The HTTP status, if there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        self.http_status
    }

    /// Whether the section's list goes on after what was read.
    pub(crate) fn is_truncated(&self) -> bool {
        self.ok_body().is_some_and(|body| body[TRUNCATED] == true)
    }

    /// A section that was not asked for, and why.
    pub(crate) fn skipped(detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skipped,
            http_status: None,
            detail: Some(detail.into()),
            body: None,
        }
    }

    /// What a question is about is not there.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::NotFound,
            http_status: None,
            detail: Some(detail.into()),
            body: None,
        }
    }

    /// A section that could not be read, and why.
    pub(crate) fn failed(http_status: Option<u16>, detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            http_status,
            detail: Some(detail.into()),
            body: None,
        }
    }

    /// What one reply makes of a section.
    pub(crate) fn of(reply: &Reply) -> Self {
        match reply {
            Reply::Broken { status, detail } => Self::failed(*status, detail.clone()),
            Reply::Json {
                status, body, trace, ..
            } => {
                let id = trace.request_id.as_deref();
                let (outcome, detail) = match status {
                    200..=299 if body.is_null() => (Outcome::Failed, Some(signed("an empty answer", id))),
                    200..=299 => (Outcome::Ok, cut_note(body)),
                    401 | 403 if trace.claims.is_some() => (Outcome::Denied, Some(claims::ADVICE.to_owned())),
                    // A refusal without a word of its own can be found by its id at least.
                    401 | 403 if body.is_null() => (Outcome::Denied, id.map(|id| signed("", Some(id)))),
                    401 | 403 => (Outcome::Denied, None),
                    404 => (Outcome::NotFound, None),
                    status => (Outcome::Failed, Some(signed(&format!("HTTP {status}"), id))),
                };
                Self {
                    outcome,
                    http_status: Some(*status),
                    detail,
                    body: Some(body.clone()).filter(|body| !body.is_null()),
                }
            }
        }
    }

    /// Why a section could not be read.
    pub(crate) fn failure(&self) -> Option<&str> {
        let is_answered = matches!(self.outcome, Outcome::Ok | Outcome::Skipped);
        self.detail.as_deref().filter(|_| !is_answered)
    }

    /// The body of an answered section.
    pub(crate) fn ok_body(&self) -> Option<&Value> {
        self.body.as_ref().filter(|_| self.outcome == Outcome::Ok)
    }

    /// The body of an answered section, to complete it.
    pub(crate) fn body_mut(&mut self) -> Option<&mut Value> {
        self.body.as_mut().filter(|_| self.outcome == Outcome::Ok)
    }

    /// The same, or `failed` if the body is not what is documented: a wrong type must not spoil the other sections.
    pub(crate) fn checked(self, name: &str, read_at: &str) -> Self {
        let mut sections = Map::new();
        sections.insert(name.to_owned(), self.to_json(Some(read_at)));
        let alone = json!({
            "schema": snapshot::SCHEMA,
            "captured_at": read_at,
            "subject": {"account": "-"},
            "sections": sections,
        });
        match Snapshot::from_bytes(alone.to_string().as_bytes()) {
            Ok(snapshot) if self.outcome == Outcome::Ok => match snapshot.evidence.fault_of(name) {
                Some(fault) => Self::failed(self.http_status, fault.to_owned()),
                None => self,
            },
            Ok(_) => self,
            Err(error) => {
                let path = error.path();
                let inner = path.split_once("].body").map_or(path, |(_, inner)| inner);
                let place = inner.trim_start_matches('.');
                let place = if place.is_empty() { "the answer" } else { place };
                Self::failed(self.http_status, format!("not as documented: {place}: {error}"))
            }
        }
    }

    /// The section's JSON.
    pub(crate) fn to_json(&self, read_at: Option<&str>) -> Value {
        let mut section = Map::new();
        section.insert("outcome".to_owned(), json!(self.outcome));
        if self.outcome != Outcome::Skipped {
            section.insert("read_at".to_owned(), json!(read_at));
        }
        section.insert("http_status".to_owned(), json!(self.http_status));
        if let Some(detail) = &self.detail {
            section.insert("detail".to_owned(), json!(detail));
        }
        if let Some(body) = &self.body {
            section.insert("body".to_owned(), body.clone());
        }
        Value::Object(section)
    }
}

/// That a list goes on after what was read.
fn cut_note(body: &Value) -> Option<String> {
    let count = body["value"].as_array().map(Vec::len)?;
    (body[TRUNCATED] == true).then(|| format!("partial: only the newest {count} entries were read"))
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::collect::wire::call::Reply;
    use crate::snapshot::Outcome;
    use serde_json::json;

    #[test]
    fn each_status_has_its_outcome() {
        for (status, body, outcome) in [
            (200, json!({}), Outcome::Ok),
            (200, json!(null), Outcome::Failed),
            (401, json!(null), Outcome::Denied),
            (403, json!({"error": {}}), Outcome::Denied),
            (404, json!({}), Outcome::NotFound),
            (429, json!({}), Outcome::Failed),
            (500, json!({}), Outcome::Failed),
        ] {
            assert_eq!(
                Record::of(&Reply::json(status, body)).outcome,
                outcome,
                "{status}"
            );
        }
    }

    #[test]
    fn a_wrongly_typed_body_spoils_its_own_section_only() {
        let record = Record::of(&Reply::json(200, json!({"accountEnabled": "yes"})));
        let record = record.checked("graph.user", "2026-01-05T10:11:12Z");
        assert_eq!(record.outcome, Outcome::Failed);
        let detail = record.detail.unwrap();
        assert!(
            detail.starts_with("not as documented: accountEnabled: "),
            "{detail}"
        );
    }

    #[test]
    fn nesting_that_no_snapshot_may_have_fails_its_section() {
        let mut body = json!(1);
        for _ in 0..119 {
            body = json!([body]);
        }
        let record = Record::ok(Some(200), body).checked("graph.tomorrow", "2026-01-05T10:11:12Z");
        assert_eq!(record.outcome, Outcome::Failed);
    }
}
