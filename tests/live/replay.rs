//! What `check --record` wrote, as a tenant again: a folder of a real tenant is a test once somebody sends one.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use work365_doctor::collect::{RECORDED_SNAPSHOT, Session};
use work365_doctor::snapshot::redact::CaseKey;

use crate::equality::{first_difference, timeless};
use crate::program::{run, with_tokens};
use crate::scopes::fits;
use crate::server::{How, Response};
use crate::tenant::Tenant;
use crate::{ACCOUNT, Watcher, collected, healthy, order};

/// Recorded exchanges in their order; each is served once, and the last of its kind again and again.
pub(crate) struct Recording {
    exchanges: Vec<(Value, bool)>,
}

/// The path that the next page is served at, with the position of its exchange.
pub(crate) const NEXT: &str = "/replay/";

impl Recording {
    fn read(folder: &Path) -> (Self, Value) {
        let json = |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.ends_with(RECORDED_SNAPSHOT))
            .collect();
        paths.sort();
        let exchanges = paths.iter().map(|path| (json(path), false)).collect();
        (Self { exchanges }, json(&folder.join(RECORDED_SNAPSHOT)))
    }

    /// The answer to a target; nothing when nothing like it was recorded. `origin` is where the next page will be.
    pub(crate) fn answer(&mut self, target: &str, is_batched: bool, origin: &str) -> Option<Response> {
        let position = match target.split_once(NEXT) {
            Some((_, position)) => position.split('/').next()?.parse().ok()?,
            None => self.position(target, is_batched)?,
        };
        let (exchange, is_served) = self.exchanges.get_mut(position)?;
        *is_served = true;
        let exchange = exchange.clone();
        let Some(status) = exchange["status"].as_u64() else {
            return Some(Response::json(200, &json!({})).sent(How::Hangup));
        };
        let status = u16::try_from(status).unwrap();
        let mut body = exchange["body"].clone();
        if body["@odata.nextLink"].is_string() {
            // A log that was read far enough has a page that nobody asked for.
            let next = self.next_page(position).unwrap_or(self.exchanges.len());
            body["@odata.nextLink"] = json!(format!("{origin}/v1.0{NEXT}{}/", next));
        }
        let mut response = if exchange["section"] == "login.challenge" {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let challenge = format!(
                "Bearer authorization_uri={}, resource_id={}",
                text("authorization_uri"),
                text("resource_id")
            );
            Response::text(status, "text/plain", "").with("WWW-Authenticate", &challenge)
        } else if exchange["json"] == true {
            Response::json(status, &body)
        } else {
            Response::text(status, "text/html", "")
        };
        if let Some(pause) = exchange["headers"]["retry-after"].as_u64() {
            response = response.with("Retry-After", &pause.to_string());
        }
        Some(response)
    }

    /// The exchange of the page after this one: about the same ids, where the link to it holds any.
    fn next_page(&self, position: usize) -> Option<usize> {
        let (exchange, _) = &self.exchanges[position];
        let later: Vec<usize> = (position + 1..self.exchanges.len())
            .filter(|later| !self.exchanges[*later].1 && self.exchanges[*later].0["path"] == exchange["path"])
            .collect();
        let own = later
            .iter()
            .find(|later| self.exchanges[**later].0["ids"] == exchange["ids"]);
        own.or(later.first()).copied()
    }

    /// The first that was not served yet, else the last; those that travelled in the same way before the others.
    fn position(&self, target: &str, is_batched: bool) -> Option<usize> {
        let alike: Vec<usize> = (0..self.exchanges.len())
            .filter(|position| is_about(&self.exchanges[*position].0, target))
            .collect();
        let in_the_same_way: Vec<usize> = alike
            .iter()
            .copied()
            .filter(|position| (self.exchanges[*position].0["batched"] == true) == is_batched)
            .collect();
        let all = if in_the_same_way.is_empty() {
            alike
        } else {
            in_the_same_way
        };
        let fresh = all.iter().find(|position| !self.exchanges[**position].1);
        fresh.or(all.last()).copied()
    }
}

/// Whether an exchange answers a target: the same question, about the same ids.
fn is_about(exchange: &Value, target: &str) -> bool {
    let path = exchange["path"].as_str().unwrap();
    let mut ids = exchange["ids"].as_array().into_iter().flatten();
    !exchange["section"].as_str().unwrap().is_empty()
        && fits(path, target)
        && ids.all(|id| target.contains(id.as_str().unwrap()))
}

/// A tenant that answers as the recorded one did, and the snapshot that came of it.
fn tenant_of(folder: &Path) -> (Tenant, Value) {
    let tenant = Tenant::new(Value::Null);
    let (mut recording, snapshot) = Recording::read(folder);
    let environment = snapshot["subject"]["environment"].as_str().unwrap().to_owned();
    let moved = |value: &Value| -> Value {
        let text = value
            .to_string()
            .replace(&environment, &tenant.addresses.dataverse);
        serde_json::from_str(&text).unwrap()
    };
    for (exchange, _) in &mut recording.exchanges {
        *exchange = moved(exchange);
    }
    let snapshot = moved(&snapshot);
    *tenant.state.snapshot.lock().unwrap() = snapshot.clone();
    *tenant.state.recording.lock().unwrap() = Some(recording);
    (tenant, snapshot)
}

/// Records a run against a tenant; the folder, and what the run itself collected.
fn recorded(tenant: &Tenant) -> (tempfile::TempDir, Session) {
    let watcher = std::sync::Arc::new(Watcher::default());
    let mut session = Session::new(order(tenant, ACCOUNT), watcher).unwrap();
    session.keep_exchanges();
    session.collect().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, document) in session.recording(&CaseKey::new("the key of this test")).unwrap() {
        std::fs::write(folder.path().join(name), document.to_string()).unwrap();
    }
    (folder, session)
}

/// Sections that come of a replay as they came of the recorded run.
fn assert_replays(folder: &Path) {
    let (tenant, recorded) = tenant_of(folder);
    let account = recorded["subject"]["account"].as_str().unwrap();
    let again = collected(order(&tenant, account)).0.snapshot();
    let plain = |snapshot: &Value| {
        let mut sections = snapshot["sections"].clone();
        timeless(&mut sections);
        let sections_of = sections.as_object_mut().unwrap();
        // Of the token, whose times and permissions are those of the test's own.
        sections_of.remove("graph.operator");
        for section in sections_of.values_mut() {
            // Sentences of this program are not those of everybody, and so are redacted.
            if let Some(section) = section.as_object_mut() {
                section.remove("detail");
            }
        }
        sections
    };
    assert_eq!(first_difference("", &plain(&recorded), &plain(&again)), "");
}

#[test]
fn a_recorded_run_is_replayed_as_a_tenant_with_the_same_sections() {
    let (tenant, _) = healthy();
    *tenant.state.page_size.lock().unwrap() = 2;
    let later = Response::json(429, &json!({"error": {"code": "TooManyRequests"}})).with("Retry-After", "1");
    tenant.fault("/beta/users/", later, 1);
    let denied = Response::json(403, &json!({"error": {"code": "Authorization_RequestDenied"}}));
    tenant.fault("/v1.0/domains/", denied, usize::MAX);
    tenant.fault(
        "/usersettingscollection",
        Response::json(500, &json!({})).sent(How::Hangup),
        usize::MAX,
    );
    let (folder, session) = recorded(&tenant);
    let snapshot = session.snapshot();
    assert_eq!(snapshot["sections"]["graph.domain"]["outcome"], "denied");
    assert_replays(folder.path());
}

#[test]
fn every_recording_that_was_sent_is_read_as_it_was_recorded() {
    let Ok(folders) = std::fs::read_dir("fixtures/recordings") else {
        println!("nobody has sent a recording yet");
        return;
    };
    let folders = folders.map(|entry| entry.unwrap().path());
    for folder in folders.filter(|path| path.is_dir()) {
        assert_replays(&folder);
    }
}

#[test]
fn a_recording_holds_every_exchange_and_neither_token_nor_name() {
    let (tenant, _) = healthy();
    let (folder, session) = recorded(&tenant);
    let mut all = String::new();
    let mut batched = 0;
    let mut sent = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        if !path.ends_with(RECORDED_SNAPSHOT) {
            assert!(
                document["method"].is_string() && document["path"].is_string(),
                "{text}"
            );
            if document["batched"] == true {
                batched += 1;
            } else {
                sent += 1;
            }
        }
        all.push_str(&text);
    }
    assert_eq!(sent, session.requests().len());
    assert!(batched > 30, "{batched}");
    for secret in ["eyJ", "fabrikam", "Bearer ", "svc-work365"] {
        assert!(!all.contains(secret), "{secret}");
    }
    for section in [
        "graph.user",
        "dataverse.user_roles",
        "login.challenge",
        "login.realm",
    ] {
        assert!(all.contains(&format!("\"section\":\"{section}\"")), "{section}");
    }
}

#[test]
fn check_record_writes_a_new_folder_and_touches_no_old_one() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("recorded");
    let name = folder.to_str().unwrap().to_owned();
    let arguments = ["-o", "json", "--now", now, "--record", &name];
    let (code, stdout, stderr) = run(with_tokens(&tenant, &arguments));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with('{') && folder.join(RECORDED_SNAPSHOT).exists());
    assert_replays(&folder);
    let sent = tenant.state.travelled.lock().unwrap().len();
    let (code, _, stderr) = run(with_tokens(&tenant, &arguments));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("is not empty"), "{stderr}");
    assert_eq!(tenant.state.travelled.lock().unwrap().len(), sent);
}
