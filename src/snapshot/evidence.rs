//! What a typed section answers: its body, or why there is none to judge.

use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::field::{Body, within_section};
use super::json::section_body;
use super::keys::check_keys;
use super::outcome::{Outcome, Section};
use super::section_row::SectionInfo;
use super::shapes::TRUNCATED;
use crate::profile::Profile;
use crate::profile::shared::{Profiles, same_under};

/// The answer to one question: a typed body, "there is none", or nothing readable.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The section's name.
    pub section: &'static str,
    /// When it was read, RFC 3339, if the snapshot says.
    pub read_at: Option<String>,
    body: Result<Arc<T>, Unread>,
    /// The profiles that have the same answer to this question.
    same_under: Profiles,
}

/// Why a section has no body to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The service refused (401 or 403).
    Denied {
        /// Its status.
        http_status: Option<u16>,
        /// The service's error code, if it sent one.
        detail: Option<String>,
    },
    /// The service answered that there is no such thing.
    NotFound {
        /// Its status.
        http_status: Option<u16>,
    },
    /// Transport, 5xx, malformed.
    Failed {
        /// Its status.
        http_status: Option<u16>,
        /// What went wrong.
        detail: Option<String>,
    },
    /// Not asked, on purpose.
    Skipped {
        /// Why.
        detail: Option<String>,
    },
    /// The snapshot does not have the section.
    Absent,
}

impl<T> Answer<T> {
    /// The body, or why there is none.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn body(&self) -> Result<&T, &Unread> {
        same_under(self.same_under);
        self.body.as_deref()
    }

    /// The body when the service answered with one.
    pub fn ok(&self) -> Option<&T> {
        self.body().ok()
    }

    /// The same answer for a reader who judges another row of Dataverse than the one that was asked about.
    pub(super) fn of_another_row(&self) -> Self {
        let is_of_one_row = self.same_under != Profiles::ALL;
        let body = match is_of_one_row {
            true => Err(Unread::Skipped {
                detail: Some(
                    "it was asked about another row, that of the account which was named".to_owned(),
                ),
            }),
            false => self.body.clone(),
        };
        let same_under = match is_of_one_row {
            true => Profiles::only(Profile::ApplicationUser),
            false => Profiles::ALL,
        };
        Self {
            section: self.section,
            read_at: self.read_at.clone(),
            body,
            same_under,
        }
    }

    /// Says nothing from here on: it was read, and is not what was asked for.
    pub(super) fn put_aside(&mut self, detail: String) {
        self.body = Err(Unread::Failed {
            http_status: None,
            detail: Some(detail),
        });
    }

    /// What is wrong with it.
    pub(super) fn fault(&self) -> Option<&str> {
        match self.body() {
            Err(Unread::Failed { detail, .. }) => detail.as_deref(),
            _ => None,
        }
    }

    /// Whether the service said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self.body(), Err(Unread::NotFound { .. }))
    }
}

/// What a section tells: its typed body, or why there is none.
pub(super) fn answer<T: DeserializeOwned + Body>(
    name: &'static str,
    info: Option<&SectionInfo>,
    sections: &BTreeMap<String, Section>,
    is_in_order: bool,
) -> Answer<T> {
    let section = sections.get(name);
    let failed = |detail| Unread::Failed {
        http_status: section.and_then(|section| section.http_status),
        detail: Some(detail),
    };
    Answer {
        section: name,
        read_at: section.and_then(|section| section.read_at.clone()),
        body: raw_answer(section, is_in_order)
            .and_then(|raw| unless_cut(info, raw).map_err(failed))
            .and_then(|raw| typed(name, raw).map(Arc::new).map_err(failed)),
        // An application that is judged instead of the account has a row of its own.
        same_under: match info.is_some_and(|info| info.is_of_one_row) {
            true => Profiles::but(Profile::ApplicationUser),
            false => Profiles::ALL,
        },
    }
}

/// The body of a section as it came, or why there is none to judge: the one place where an outcome becomes a reason.
pub(super) fn raw_answer(section: Option<&Section>, is_in_order: bool) -> Result<&str, Unread> {
    let Some(section) = section else {
        return Err(Unread::Absent);
    };
    let http_status = section.http_status;
    match section.outcome {
        Outcome::Ok => raw_body(section, is_in_order).map_err(|detail| Unread::Failed {
            http_status,
            detail: Some(detail),
        }),
        Outcome::Denied => Err(Unread::Denied {
            http_status,
            detail: refusal(section),
        }),
        Outcome::NotFound => Err(Unread::NotFound { http_status }),
        Outcome::Failed => Err(Unread::Failed {
            http_status,
            detail: failure(section),
        }),
        Outcome::Skipped => Err(Unread::Skipped {
            detail: section.detail.clone(),
        }),
    }
}

/// The body of a section that says that it was answered, or why it is no answer.
fn raw_body(section: &Section, is_in_order: bool) -> Result<&str, String> {
    let body = section.body.as_ref().map(|body| body.get());
    let raw = body
        .filter(|raw| *raw != "null")
        .ok_or("the answer has no body")?;
    if let Some(words) = service_error(raw) {
        return Err(format!("the answer is an error: {words}"));
    }
    if !is_in_order {
        check_keys(raw)?;
    }
    Ok(raw)
}

/// The body, unless it is the first part of a list that only the whole of is an answer: what is missing from it may stand in
/// the rest. The collector reads such a list to its end or says that it failed; others who write snapshots may not.
fn unless_cut<'r>(info: Option<&SectionInfo>, raw: &'r str) -> Result<&'r str, String> {
    #[derive(serde::Deserialize)]
    struct List {
        // A link beside one object leads nowhere.
        #[expect(dead_code, reason = "what is no list does not have it")]
        value: Vec<IgnoredAny>,
        #[serde(default)]
        truncated: bool,
        #[serde(default, rename = "@odata.nextLink")]
        next_link: Option<IgnoredAny>,
    }
    let is_answer = info.is_some_and(|info| info.is_cut_readable);
    let may_be_cut = [TRUNCATED, "nextLink"]
        .iter()
        .any(|mark| memchr::memmem::find(raw.as_bytes(), mark.as_bytes()).is_some());
    if is_answer || !may_be_cut {
        return Ok(raw);
    }
    match serde_json::from_str::<List>(raw) {
        Ok(list) if list.truncated || list.next_link.is_some() => Err(
            "the list goes on after what was read, so nothing can be said to be missing from it".to_owned(),
        ),
        _ => Ok(raw),
    }
}

/// The body with its type, or what is not as documented. What is wrong with one section costs that section only.
fn typed<T: DeserializeOwned + Body>(name: &'static str, raw: &str) -> Result<T, String> {
    let body: T = within_section(name, || section_body(raw)).map_err(|error| {
        let place = match error.path().trim_start_matches('.') {
            "" | "body" => "the answer",
            place => place.trim_start_matches("body").trim_start_matches('.'),
        };
        format!("not as documented: {place}: {error}")
    })?;
    if body.says_nothing() {
        let hint = if is_pascal_case(raw) {
            "; a cmdlet wrote it, use collect.ps1"
        } else {
            ""
        };
        return Err(format!(
            "not as documented: the answer has none of the properties that belong there{hint}"
        ));
    }
    Ok(body)
}

/// Whether the first key of the first object that holds something is written as cmdlets write it.
fn is_pascal_case(raw: &str) -> bool {
    let mut keys = raw.split('"').skip(1).step_by(2).filter(|key| *key != "value");
    keys.next()
        .and_then(|key| key.chars().next())
        .is_some_and(char::is_uppercase)
}

/// The service's own words, and what the collector noted beside them.
fn refusal(section: &Section) -> Option<String> {
    match (section.detail.as_deref(), error_code(section)) {
        (Some(detail), Some(words)) if words != detail => Some(format!("{words}; {detail}")),
        (_, words) => words,
    }
}

/// What went wrong: the recorded detail, and the service's own words where the body has some.
fn failure(section: &Section) -> Option<String> {
    match (section.detail.as_deref(), error_code(section)) {
        (Some(detail), Some(words)) if words != detail => Some(format!("{detail}: {words}")),
        (_, words) => words,
    }
}

/// The service's own error code and message in the body of a refused request, or the recorded detail.
fn error_code(section: &Section) -> Option<String> {
    let body = section.body.as_ref().map(|body| body.get());
    body.and_then(service_error).or_else(|| section.detail.clone())
}

/// The words of a body of the form `{"error":{"code","message"}}`.
///
/// Source: <https://learn.microsoft.com/graph/errors>
fn service_error(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Envelope {
        error: ServiceError,
    }
    #[derive(serde::Deserialize)]
    struct ServiceError {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    // Most bodies are no error: one look for the key instead of reading all of it.
    memchr::memmem::find(body.as_bytes(), b"\"error\"")?;
    let Envelope { error } = serde_json::from_str(body).ok()?;
    let words = match (error.code.as_str(), error.message.as_str()) {
        ("", message) => message.to_owned(),
        (code, "") => code.to_owned(),
        (code, message) => format!("{code}: {message}"),
    };
    Some(words).filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::Unread;
    use crate::snapshot::Snapshot;

    fn snapshot(section: &str, body: &Value) -> Snapshot {
        let document = json!({
            "schema": "work365-doctor/snapshot/v1",
            "captured_at": "2026-06-15T09:00:00Z",
            "tool": {"name": "work365-doctor", "version": "0.1.0"},
            "redacted": false,
            "subject": {"account": "svc@contoso.com"},
            "sections": {section: {"outcome": "ok", "body": body}},
        });
        Snapshot::from_bytes(document.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_list_that_goes_on_is_an_answer_only_where_its_readers_ask() {
        let role = json!({"roleid": "1b88fda1-4358-42f2-a680-992a0249af2f", "name": "Salesperson"});
        for (mark, is_whole) in [
            (json!({}), true),
            (json!({"@odata.nextLink": null}), true),
            (json!({"truncated": false}), true),
            (json!({"truncated": true}), false),
            (
                json!({"@odata.nextLink": "https://contoso.crm4.dynamics.com/next"}),
                false,
            ),
        ] {
            let mut body = json!({"value": [role]});
            body.as_object_mut()
                .unwrap()
                .extend(mark.as_object().unwrap().clone());
            let of_roles = snapshot("dataverse.user_roles", &body);
            let answer = of_roles.evidence.user_roles.body();
            assert_eq!(answer.is_ok(), is_whole, "{body}");
            assert!(is_whole || matches!(answer, Err(Unread::Failed { detail: Some(_), .. })));
            let of_one_or_many = snapshot(
                "graph.service_principal",
                &json!({"value": [{"id": "1", "appId": "2"}], "truncated": !is_whole}),
            );
            assert_eq!(of_one_or_many.evidence.service_principal.body().is_ok(), is_whole);
        }
        let one = json!({"id": "1", "@odata.nextLink": "https://graph.microsoft.com/next"});
        assert!(snapshot("graph.user", &one).evidence.user.ok().is_some());
        // A role of this name is no mark.
        let body = json!({"value": [{"roleid": "1", "name": "truncated nextLink"}]});
        assert!(
            snapshot("dataverse.user_roles", &body)
                .evidence
                .user_roles
                .ok()
                .is_some()
        );
        let log = json!({"value": [], "truncated": true});
        assert!(
            snapshot("graph.directory_audits", &log)
                .evidence
                .directory_audits
                .ok()
                .is_some()
        );
    }
}
