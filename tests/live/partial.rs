//! Evidence that is not whole, or not the newest: cut logs, cached privileges; and how a failed request is found again.

use serde_json::{Value, json};

use crate::program::{run, with_tokens};
use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order};

fn report(tenant: &Tenant, now: &str) -> Value {
    let (_, stdout, stderr) = run(with_tokens(tenant, &["-o", "json", "--now", now]));
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"))
}

/// The finding of a rule.
pub(crate) fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["id"] == id).unwrap()
}

/// Sign-ins of another application, newest first, as whole as one of the log: more than is read.
fn foreign_sign_ins(like: &Value, count: usize) -> Value {
    let entries: Vec<Value> = (0..count)
        .map(|number| {
            let mut entry = like.clone();
            entry["id"] = number.to_string().into();
            entry["correlationId"] = format!("99999999-0000-4000-8000-{number:012}").into();
            entry["createdDateTime"] = "2026-06-15T08:00:00Z".into();
            entry["appId"] = "99999999-0000-4000-8000-000000000099".into();
            entry["appDisplayName"] = "Another application".into();
            entry["resourceId"] = "99999999-0000-4000-8000-000000000098".into();
            entry
        })
        .collect();
    json!(entries)
}

#[test]
fn a_log_that_is_longer_than_what_is_read_says_so_and_its_silence_proves_nothing() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let whole = report(&tenant, now);
    let log = "/sections/graph.sign_ins/body/value";
    *tenant.state.snapshot.lock().unwrap().pointer_mut(log).unwrap() =
        foreign_sign_ins(&snapshot["sections"]["graph.sign_ins"]["body"]["value"][0], 12);
    *tenant.state.page_size.lock().unwrap() = 2;
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let document = session.snapshot();
    let section = &document["sections"]["graph.sign_ins"];
    assert_eq!(section["outcome"], "ok");
    assert_eq!(section["body"]["truncated"], true);
    assert_eq!(section["body"]["value"].as_array().unwrap().len(), 10);
    assert!(section["body"]["@odata.nextLink"].is_null());
    assert_eq!(section["detail"], "partial: only the newest 10 entries were read");
    let cut = report(&tenant, now);
    *tenant.state.page_size.lock().unwrap() = 12;
    let quiet = report(&tenant, now);
    let mut opened = 0;
    for finding in cut["findings"].as_array().unwrap() {
        let id = finding["id"].as_str().unwrap();
        let (before, now) = (&self::finding(&quiet, id)["status"], &finding["status"]);
        if before != now {
            assert_eq!(now, "unknown", "{id} was {before}");
            let causes = finding["unknown_because"].to_string();
            assert!(
                causes.contains("only the newest 10 entries were read"),
                "{id}: {causes}"
            );
            opened += 1;
        }
    }
    assert!(
        opened > 0,
        "a cut log leaves questions open that a whole one answers"
    );
    assert_eq!(whole["summary"]["outcome"], "healthy");
}

#[test]
fn every_list_with_an_end_of_its_own_says_when_it_was_reached() {
    let (tenant, _) = healthy();
    let entries = |count: usize| {
        let entry =
            json!({"createdon": "2026-06-01T00:00:00Z", "changedata": "{}", "operation": 2, "action": 2});
        json!({"outcome": "ok", "http_status": 200, "body": {"value": vec![entry; count]}})
    };
    for (count, is_cut) in [(49, false), (50, true)] {
        tenant.state.snapshot.lock().unwrap()["sections"]["dataverse.user_audit"] = entries(count);
        let (session, _) = collected(order(&tenant, ACCOUNT));
        let section = session.snapshot()["sections"]["dataverse.user_audit"].clone();
        assert_eq!(section["body"]["truncated"] == true, is_cut, "{count}");
        assert_eq!(section["detail"].is_string(), is_cut, "{count}");
    }
    // A list that no order makes harmless to cut is failed rather than wrong.
    *tenant.state.page_size.lock().unwrap() = 1;
    let group = json!({"id": "1", "displayName": "a group"});
    tenant.state.snapshot.lock().unwrap()["sections"]["graph.group_memberships"] =
        json!({"outcome": "ok", "http_status": 200, "body": {"value": vec![group; 60]}});
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let section = session.snapshot()["sections"]["graph.group_memberships"].clone();
    assert_eq!(section["outcome"], "failed");
    assert!(
        section["detail"].as_str().unwrap().contains("more than 50 pages"),
        "{section}"
    );
}

#[test]
fn privileges_that_the_servers_have_not_heard_of_are_not_in_effect() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let id = "system-administrator-not-in-effect";
    assert_eq!(finding(&report(&tenant, now), id)["status"], "pass");
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let document = session.snapshot();
    let strong = &document["sections"]["dataverse.user_privileges"]["body"];
    assert_eq!(
        &document["sections"]["dataverse.user_privileges_cached"]["body"],
        strong
    );
    let mut cached = json!({"outcome": "ok", "http_status": 200, "body": strong});
    let list = cached["body"]["RolePrivileges"].as_array_mut().unwrap();
    list.retain(|privilege| privilege["PrivilegeName"] != "prvReadUser");
    tenant.state.snapshot.lock().unwrap()["sections"]["dataverse.user_privileges_cached"] = cached;
    let lagging = report(&tenant, now);
    let finding = finding(&lagging, id);
    assert!(
        matches!(finding["status"].as_str(), Some("fail" | "pending")),
        "{finding}"
    );
    assert!(
        finding["why"].as_str().unwrap().contains("prvReadUser"),
        "{finding}"
    );
}

#[test]
fn waiting_for_a_role_to_take_effect_looks_at_the_cache_again() {
    let (tenant, _) = healthy();
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let strong = session.snapshot()["sections"]["dataverse.user_privileges"]["body"].clone();
    let mut cached = json!({"outcome": "ok", "http_status": 200, "body": strong});
    let list = cached["body"]["RolePrivileges"].as_array_mut().unwrap();
    list.retain(|privilege| privilege["PrivilegeName"] != "prvReadUser");
    let just_now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - 120).unwrap();
    {
        let mut served = tenant.state.snapshot.lock().unwrap();
        served["sections"]["dataverse.user_privileges_cached"] = cached;
        let rows = served.pointer_mut("/sections/dataverse.system_users/body/value");
        for row in rows.unwrap().as_array_mut().unwrap() {
            row["modifiedon"] = json!(just_now.to_string());
        }
    }
    let state = std::sync::Arc::clone(&tenant.state);
    let servers = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        state.snapshot.lock().unwrap()["sections"]["dataverse.user_privileges_cached"] = Value::Null;
    });
    let command = with_tokens(&tenant, &["-o", "json", "--wait", "60s", "--wait-interval", "5s"]);
    let started = std::time::Instant::now();
    let (_, stdout, stderr) = run(command);
    servers.join().unwrap();
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(stderr.contains("waiting for"), "{stderr}");
    assert_eq!(
        finding(&report, "system-administrator-not-in-effect")["status"],
        "pass"
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(40));
}

#[test]
fn a_version_that_cannot_be_asked_by_name_is_asked_for_the_full_list_only() {
    let (tenant, _) = healthy();
    let unknown = json!({"error": {"code": "0x80060888", "message": "Resource not found for the segment."}});
    tenant.fault(
        "RetrieveUserSetOfPrivilegesByNames",
        Response::json(404, &unknown),
        usize::MAX,
    );
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let document = session.snapshot();
    assert_eq!(document["sections"]["dataverse.user_privileges"]["outcome"], "ok");
    assert_eq!(
        document["sections"]["dataverse.user_privileges_cached"]["outcome"],
        "skipped"
    );
}

#[test]
fn every_request_carries_an_id_of_its_own_and_a_failed_section_tells_it() {
    let (tenant, _) = healthy();
    let error = json!({"error": {"code": "UnknownError", "message": "Try later."}});
    tenant.fault(
        "/authentication/requirements",
        Response::json(500, &error),
        usize::MAX,
    );
    tenant.fault("/api/data/v9.2/$batch", Response::text(403, "text/html", ""), 1);
    let (_, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json", "-v"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let requests = report["requests"].as_array().unwrap();
    let ids: std::collections::BTreeSet<&str> = requests
        .iter()
        .map(|request| request["client_request_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), requests.len());
    assert!(ids.iter().all(|id| id.len() == 36));
    let sent = tenant.state.request_ids.lock().unwrap().clone();
    for id in &ids {
        assert!(sent.iter().any(|(_, known)| known == id), "{id} never arrived");
    }
    for (service, header) in [
        ("graph", "client-request-id"),
        ("dataverse", "x-ms-client-request-id"),
        ("admin", "x-ms-client-request-id"),
        ("login", "client-request-id"),
    ] {
        assert!(
            sent.iter()
                .any(|(name, _)| name == &format!("{service} {header}")),
            "{service}"
        );
    }
    let failed = requests
        .iter()
        .find(|request| {
            request["url"]
                .as_str()
                .unwrap()
                .ends_with("/authentication/requirements")
        })
        .unwrap();
    let id = failed["client_request_id"].as_str().unwrap();
    let words = format!("HTTP 500 (client-request-id {id}): UnknownError: Try later.");
    assert!(stdout.contains(&words), "{words}");
    assert!(
        stderr.contains("→ 500 in") && stderr.contains(&format!("client-request-id {id}")),
        "{stderr}"
    );
    assert!(
        !stderr.contains("→ 200"),
        "-v tells the failed ones only: {stderr}"
    );
}
