//! What a token may not read: known before the first read, refused by the tenant, named in the finding, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;
use work365_doctor::snapshot::{SECTIONS, SectionInfo};

use crate::program::{run, with_tokens};
use crate::{ACCOUNT, collected, healthy, order};

/// Sections that need a permission, by the catalogue.
fn sections_of(permission: &str) -> BTreeSet<&'static str> {
    SECTIONS
        .iter()
        .filter(|section| section.name.starts_with("graph.") && section.permission == Some(permission))
        .map(|section| section.name)
        .collect()
}

fn with_outcome(document: &Value, outcomes: &[&str]) -> BTreeSet<String> {
    document["sections"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, section)| outcomes.contains(&section["outcome"].as_str().unwrap()))
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn each_permission_that_a_token_lacks_denies_its_own_sections_and_no_other() {
    let permissions: BTreeSet<&str> = SECTIONS
        .iter()
        .filter(|section| section.name.starts_with("graph."))
        .filter_map(|section| section.permission)
        .collect();
    assert!(permissions.len() > 10, "{permissions:?}");
    let (tenant, _) = healthy();
    let (whole, _) = collected(order(&tenant, ACCOUNT));
    // This tenant has no Work 365 application, so nobody asks for its grants.
    let mut asked = with_outcome(&whole.snapshot(), &["ok", "not_found", "failed"]);
    asked.remove("graph.permission_grants");
    for &permission in &permissions {
        // Wider permissions would stand in for it.
        let wider = SECTIONS
            .iter()
            .filter(|section| section.permission == Some(permission))
            .flat_map(|section| section.covered_by.iter().copied());
        let withheld: BTreeSet<&str> = wider.chain([permission]).collect();
        *tenant.state.withheld.lock().unwrap() = withheld.iter().map(|name| (*name).to_owned()).collect();
        let (session, watcher) = collected(order(&tenant, ACCOUNT));
        let document = session.snapshot();
        let denied = with_outcome(&document, &["denied"]);
        let is_readable = |section: &SectionInfo| {
            let mut readers = section.permission.iter().chain(section.covered_by);
            readers.any(|reader| permissions.contains(reader) && !withheld.contains(reader))
        };
        let lacking: BTreeSet<&str> = SECTIONS
            .iter()
            .filter(|section| section.name.starts_with("graph.") && section.permission.is_some())
            .filter(|section| !is_readable(section))
            .map(|section| section.name)
            .collect();
        let expected: BTreeSet<String> = asked
            .iter()
            .filter(|name| lacking.contains(name.as_str()))
            // Without the account's id nobody can ask for these.
            .filter(|name| document["sections"][name.as_str()]["outcome"] != "skipped")
            .cloned()
            .collect();
        assert_eq!(denied, expected, "{permission}");
        for name in &denied {
            assert_eq!(document["sections"][name]["http_status"], 403, "{name}");
        }
        let notes = watcher.notes.lock().unwrap().clone();
        let note = notes
            .iter()
            .find(|note| note.contains("the Graph token lacks"))
            .unwrap_or_else(|| panic!("{permission}: {notes:?}"));
        let named = format!(
            "{permission} ({})",
            Vec::from_iter(
                SECTIONS
                    .iter()
                    .filter(|section| sections_of(permission).contains(section.name))
                    .map(|section| section.name)
            )
            .join(", ")
        );
        assert!(note.contains(&named), "{note}\nlacks {named}");
    }
}

#[test]
fn without_the_audit_permission_the_run_says_so_first_and_each_finding_names_it() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    *tenant.state.withheld.lock().unwrap() = vec!["AuditLog.Read.All".to_owned()];
    let (session, _) = collected(order(&tenant, ACCOUNT));
    assert_eq!(
        with_outcome(&session.snapshot(), &["denied"]),
        [
            "graph.directory_audits",
            "graph.registration_details",
            "graph.sign_ins"
        ]
        .map(str::to_owned)
        .into()
    );
    let (_, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json", "-vv", "--now", now]));
    let position = |words: &str| {
        stderr
            .find(words)
            .unwrap_or_else(|| panic!("{words} is missing in {stderr}"))
    };
    assert!(
        position("the Graph token lacks AuditLog.Read.All (graph.registration_details,")
            < position("request: ")
    );
    assert!(stderr.contains("403 in "), "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let causes: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|finding| finding["unknown_because"].as_array().unwrap())
        .filter(|cause| cause["section"] == "graph.sign_ins")
        .collect();
    assert!(!causes.is_empty(), "{}", report["summary"]);
    for cause in causes {
        assert_eq!(cause["reason"], "denied");
        assert_eq!(cause["http_status"], 403);
        assert_eq!(cause["permission"], "AuditLog.Read.All");
        assert_eq!(cause["role"], "Security Reader");
        let detail = cause["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("Authentication_MSGraphPermissionMissing"),
            "{detail}"
        );
    }
}

#[test]
fn tokens_say_what_they_are_for_and_the_environment_wants_a_person_to_have_agreed() {
    let (tenant, _) = healthy();
    let claims =
        |token: String| -> Value { jsonwebtoken::dangerous::insecure_decode_claims(&token).unwrap() };
    let graph = claims(tenant.token("https://graph.microsoft.com"));
    assert!(graph["scp"].as_str().unwrap().contains("Policy.Read.All"));
    let environment = claims(tenant.token(&tenant.addresses.dataverse));
    assert_eq!(environment["scp"], "user_impersonation");
    let application = claims(tenant.state.application_token("https://graph.microsoft.com"));
    assert!(application["scp"].is_null() && application["roles"].is_array());
    // A token of Graph is no token of the environment, even at the right address.
    let mut order = order(&tenant, ACCOUNT);
    if let work365_doctor::collect::Auth::AccessToken(tokens) = &mut order.auth {
        tokens.dataverse = tokens.graph.clone();
        tokens.admin = Some(work365_doctor::secret::Secret::new(
            tenant.token("https://elsewhere.example"),
        ));
    }
    let (session, _) = collected(order);
    let document = session.snapshot();
    let environment = &document["sections"]["dataverse.who_am_i"];
    assert_eq!(environment["outcome"], "skipped");
    let detail = environment["detail"].as_str().unwrap();
    assert!(
        detail.contains("was issued for Microsoft Graph, so it was not sent"),
        "{detail}"
    );
    // An audience that nobody knows is not the service's either.
    assert_eq!(document["sections"]["admin.environment"]["outcome"], "skipped");
}
