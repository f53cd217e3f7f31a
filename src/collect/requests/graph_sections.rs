//! Sections of Microsoft Graph that are made of more than one reply, or of one and its question.

use serde_json::{Value, json};

use super::assignments;
use super::material::Material;
use super::post_bodies;
use super::record::Record;
use super::replies::items;
use super::table::{READS, meaning};
use crate::collect::wire::call::Reply;
use crate::snapshot::{Outcome, Part, sections};

/// The password profile comes by a request of its own, so that its refusal does not hide the rest.
pub(super) fn user(material: &Material<'_>) -> Record {
    let mut record = material.part(sections::USER, Part::Main);
    let profile = material
        .replies
        .body(sections::USER, Part::PasswordProfile)
        .and_then(|body| body.get("passwordProfile"));
    if let (Some(body), Some(profile)) = (record.body_mut(), profile)
        && body.is_object()
    {
        body["passwordProfile"] = profile.clone();
    }
    record
}

pub(super) fn sign_ins(material: &Material<'_>) -> Record {
    let both = json!(["interactiveUser", "nonInteractiveUser"]);
    let replies = &material.replies;
    let (part, asked) = if material.is_application {
        (Part::OfTheApplication, json!(["servicePrincipal"]))
    } else if replies.body(sections::SIGN_INS, Part::InteractiveOnly).is_some() {
        (Part::InteractiveOnly, json!(["interactiveUser"]))
    } else if replies.one(sections::SIGN_INS, Part::Main).is_some() {
        (Part::Main, both)
    } else {
        (Part::ByName, both)
    };
    let mut record = material.part(sections::SIGN_INS, part);
    if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
        body["asked"] = asked;
    }
    record
}

/// Changes of the account and of policies, newest first; one list only if both could be read.
pub(super) fn audits(material: &Material<'_>) -> Record {
    let policies = material.part(sections::DIRECTORY_AUDITS, Part::Policies);
    if policies.outcome != Outcome::Ok {
        return policies;
    }
    let own = material.part(sections::DIRECTORY_AUDITS, Part::Main);
    if own.outcome != Outcome::Ok {
        return own;
    }
    let is_truncated = own.is_truncated() || policies.is_truncated();
    let mut entries: Vec<Value> = Vec::new();
    for list in [own, policies] {
        for entry in list.ok_body().map(items).unwrap_or_default() {
            if !entries.iter().any(|known| known["id"] == entry["id"]) {
                entries.push(entry.clone());
            }
        }
    }
    entries.sort_by(|left, right| {
        let time = |entry: &Value| entry["activityDateTime"].as_str().unwrap_or_default().to_owned();
        time(right).cmp(&time(left))
    });
    Record::list(entries, is_truncated)
}

/// With the sign-in that was asked about: an answer means nothing without its question.
pub(super) fn evaluation(material: &Material<'_>) -> Record {
    let name = sections::CONDITIONAL_ACCESS_EVALUATION;
    let asked = READS
        .iter()
        .find(|read| read.section == name)
        .and_then(|read| post_bodies::body(read, material.known).ok());
    let mut record = material.part(name, Part::Main);
    if let Some(body) = record.body_mut().filter(|body| body["value"].is_array()) {
        body["asked"] = json!(asked);
    }
    record
}

pub(super) fn group_membership(material: &Material<'_>) -> Record {
    let name = sections::SECURITY_GROUP_MEMBERSHIP;
    let (direct, transitive) = (
        material.part(name, Part::Direct),
        material.part(name, Part::Transitive),
    );
    let Some(group) = material.known.get("group") else {
        return direct;
    };
    // "Direct" of a group that cannot be read stays open; the transitive answer alone says enough to be kept.
    let is_direct = direct.ok_body().map(|body| !items(body).is_empty());
    let is_transitive = transitive.ok_body().map(|body| {
        items(body)
            .iter()
            .any(|id| id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(group)))
    });
    let mut body = json!({"group_id": group});
    match (is_direct, is_transitive) {
        (None, None) => return direct,
        (direct, transitive) => {
            if let Some(direct) = direct {
                body["direct"] = json!(direct);
            }
            if let Some(transitive) = transitive.or_else(|| direct.filter(|direct| *direct)) {
                body["transitive"] = json!(transitive);
            }
        }
    }
    Record::ok(Some(200), body)
}

/// The account's own, out of everybody's.
pub(super) fn assignments(material: &Material<'_>) -> Record {
    let name = sections::APP_ROLE_ASSIGNMENTS;
    let everybody = material.collected(name);
    let groups: Vec<(&str, &Reply)> = material.replies.all(name, Part::Direct).collect();
    match material.known.get("object_id") {
        _ if everybody.outcome != Outcome::Ok => everybody,
        Some(account) => assignments::of_account(account, &everybody, &groups, |reply| {
            material.refused(name, Part::Direct, reply)
        }),
        None => Record::skipped(format!("not asked: it needs {}", meaning("object_id"))),
    }
}

pub(super) fn grant_resources(material: &Material<'_>) -> Record {
    let name = sections::GRANT_RESOURCES;
    let grants = material.collected(sections::PERMISSION_GRANTS);
    if grants.outcome != Outcome::Ok {
        return material.missing(name, Part::Main);
    }
    // Dataverse itself is looked at whether or not anything was granted for it.
    let own = material.replies.body(name, Part::Dataverse);
    let mut resources: Vec<Value> = own.into_iter().cloned().collect();
    for (_, reply) in material.replies.all(name, Part::Main) {
        match (reply.ok(), reply.status()) {
            (Some(body), _) if resources.iter().any(|known| known["id"] == body["id"]) => {}
            (Some(body), _) => resources.push(body.clone()),
            // A grant may outlive its resource.
            (None, Some(404)) => {}
            _ => return material.refused(name, Part::Main, reply),
        }
    }
    Record::ok(Some(200), json!({"value": resources}))
}

/// Credentials without the part of them that the directory shows: only when they end is of use.
pub(super) fn without_hints(mut record: Record) -> Record {
    let principals = record
        .body_mut()
        .and_then(|body| body.get_mut("value"))
        .and_then(Value::as_array_mut);
    for principal in principals.into_iter().flatten() {
        for list in ["passwordCredentials", "keyCredentials"] {
            let credentials = principal.get_mut(list).and_then(Value::as_array_mut);
            for credential in credentials.into_iter().flatten().filter_map(Value::as_object_mut) {
                credential.retain(|key, _| {
                    !matches!(
                        key.as_str(),
                        "hint" | "secretText" | "key" | "customKeyIdentifier"
                    )
                });
            }
        }
    }
    record
}
