//! What answers tell about the next questions: ids that become placeholders of the request table.

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::{Reply, Service};
use super::expand::Known;
use super::question;
use super::table::READS;

/// Every reply so far, by position in the request table and by the value that varied.
#[derive(Debug, Default)]
pub(super) struct Replies(BTreeMap<(usize, String), Reply>);

impl Replies {
    pub(super) fn has(&self, index: usize, value: &str) -> bool {
        self.0.contains_key(&(index, value.to_owned()))
    }

    pub(super) fn insert(&mut self, index: usize, value: String, reply: Reply) {
        self.0.insert((index, value), reply);
    }

    /// The claims that services demand in place of an answer, one demand each.
    pub(super) fn demanded_claims(&self) -> BTreeMap<Service, String> {
        let mut demands = BTreeMap::new();
        for ((index, _), reply) in &self.0 {
            if let (Some(read), Some(claims)) = (READS.get(*index), reply.demanded_claims()) {
                demands.entry(read.service).or_insert_with(|| claims.to_owned());
            }
        }
        demands
    }

    /// Forgets the answers of a service that demanded claims instead of answering.
    pub(super) fn forget_refusals_of(&mut self, service: Service) {
        self.0.retain(|(index, _), reply| {
            reply.demanded_claims().is_none() || READS.get(*index).is_none_or(|read| read.service != service)
        });
    }

    /// Forgets what was read for a section, so that it is read again.
    pub(super) fn forget(&mut self, section: &str) {
        self.0
            .retain(|(index, _), _| READS.get(*index).is_none_or(|read| read.section != section));
    }

    /// The replies to one row of the table, with the value that varied.
    pub(super) fn all<'a>(
        &'a self,
        section: &'a str,
        part: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Reply)> {
        self.0.iter().filter_map(move |((index, value), reply)| {
            let read = READS.get(*index)?;
            (read.section == section && read.part == part).then_some((value.as_str(), reply))
        })
    }

    /// The reply to a row that is sent once.
    pub(super) fn one(&self, section: &str, part: &str) -> Option<&Reply> {
        let index = READS
            .iter()
            .position(|read| read.section == section && read.part == part)?;
        self.0
            .range((index, String::new())..)
            .next()
            .filter(|((found, _), _)| *found == index)
            .map(|(_, reply)| reply)
    }

    /// The body of a 200 to a row that is sent once.
    pub(super) fn body(&self, section: &str, part: &str) -> Option<&Value> {
        self.one(section, part)?.ok()
    }
}

/// What does not come from answers.
pub(super) struct Given<'a> {
    /// UPN or application id.
    pub(super) account: &'a str,
    pub(super) is_application: bool,
    pub(super) environment: &'a str,
    pub(super) environment_id: Option<&'a str>,
    /// Object id in the token that the probe got.
    pub(super) probed_object_id: Option<&'a str>,
    /// Whether the environment can be asked for its id.
    pub(super) dataverse_is_ready: bool,
}

/// Puts everything that the answers so far tell into `known`.
pub(super) fn learn(known: &mut Known, replies: &Replies, given: &Given<'_>) {
    let object_id = replies
        .body("graph.user", "")
        .and_then(|body| text(single(body), "id"));
    known.set("object_id", some(object_id));
    // The filter by kind of sign-in is beta; where it is refused, v1.0 has the interactive ones (api-facts G-11).
    let lacks_types = is_unknown_question(replies.one("graph.sign_ins", ""));
    known.set("object_id_without_types", some(object_id.filter(|_| lacks_types)));
    let is_log_settled = !lacks_types || replies.one("graph.sign_ins", "interactive only").is_some();
    if let Some(object_id) = object_id.filter(|_| is_log_settled)
        && known.get("sign_in").is_none()
    {
        known.set(
            "sign_in",
            question::sign_in(object_id, replies).into_iter().collect(),
        );
    }
    if object_id.is_none() && replies.one("graph.user", "").is_some() {
        known.set("account_without_id", vec![given.account.to_lowercase()]);
    }
    let principals = replies
        .body("graph.service_principal", "")
        .map(items)
        .unwrap_or_default();
    let ids = |objects: &[&Value]| {
        objects
            .iter()
            .filter_map(|object| text(object, "id").map(str::to_owned))
            .collect()
    };
    known.set("service_principal", ids(&principals));
    if given.is_application {
        let own: Vec<&Value> = principals
            .iter()
            .copied()
            .filter(|principal| is(text(principal, "appId"), given.account))
            .collect();
        known.set("audited", ids(&own));
    } else {
        known.set("audited", some(object_id.or_else(|| deleted_id(replies))));
    }
    known.set("resource", resources(replies));
    known.set("federated_domain", some(federated_domain(known, replies)));
    let operator = replies
        .body("dataverse.who_am_i", "")
        .and_then(|body| text(body, "UserId"));
    known.set("operator", some(operator));
    learn_environment(known, replies, given);
    learn_row(known, replies, given, object_id);
}

/// The id of the one deleted account of this name; its history is still there.
fn deleted_id(replies: &Replies) -> Option<&str> {
    match items(replies.body("graph.deleted_users", "")?).as_slice() {
        [only] => text(only, "id"),
        _ => None,
    }
}

fn resources(replies: &Replies) -> Vec<String> {
    let mut resources: Vec<String> = replies
        .all("graph.permission_grants", "")
        .filter_map(|(_, reply)| reply.ok())
        .flat_map(items)
        .filter_map(|grant| text(grant, "resourceId").map(str::to_owned))
        .collect();
    resources.sort();
    resources.dedup();
    resources
}

/// The domain if it, or else the realm, says that it is federated.
fn federated_domain<'a>(known: &'a Known, replies: &Replies) -> Option<&'a str> {
    let says = |section, field| {
        replies
            .body(section, "")
            .and_then(|body| text(single(body), field))
            .map(|word| word.eq_ignore_ascii_case("Federated"))
    };
    let is_federated =
        says("graph.domain", "authenticationType").or_else(|| says("login.realm", "account_type"));
    known.get("domain").filter(|_| is_federated == Some(true))
}

fn learn_environment(known: &mut Known, replies: &Replies, given: &Given<'_>) {
    let current = replies.one("admin.environment", "environment id");
    let from_organization = current
        .and_then(Reply::ok)
        .and_then(|body| text(&body["Detail"], "EnvironmentId"));
    match given.environment_id.or(from_organization) {
        Some(id) => known.set("environment_id", vec![id.to_owned()]),
        None if current.is_some() || !given.dataverse_is_ready => {
            known.set("without_environment_id", vec!["permissions".to_owned()]);
        }
        None => {}
    }
    let group = environment(replies, given.environment)
        .and_then(|body| {
            text(
                &body["properties"]["linkedEnvironmentMetadata"],
                "securityGroupId",
            )
        })
        .filter(|group| {
            group
                .bytes()
                .any(|byte| byte.is_ascii_alphanumeric() && byte != b'0')
        });
    known.set("group", some(group));
}

/// The environment of the admin API: asked for by id, or found in the list by its address.
pub(super) fn environment<'a>(replies: &'a Replies, address: &str) -> Option<&'a Value> {
    replies.body("admin.environment", "").or_else(|| {
        let all = items(replies.body("admin.environment", "list")?);
        all.into_iter().find(|environment| {
            text(
                &environment["properties"]["linkedEnvironmentMetadata"],
                "instanceUrl",
            )
            .is_some_and(|url| url.trim_end_matches('/').eq_ignore_ascii_case(address))
        })
    })
}

/// The row is the one with the account's object id, or the application's id; never the one with its name.
fn learn_row(known: &mut Known, replies: &Replies, given: &Given<'_>, object_id: Option<&str>) {
    let principal = object_id
        .or(given.probed_object_id)
        .or_else(|| signed_in_id(replies))
        .map(str::to_owned);
    let parts = ["by name", "", "of the application"];
    let rows: Vec<&Value> = parts
        .into_iter()
        .filter_map(|part| replies.body("dataverse.system_users", part))
        .flat_map(items)
        .collect();
    let row = rows.into_iter().find(|row| {
        if given.is_application {
            is(text(row, "applicationid"), given.account)
        } else {
            principal
                .as_deref()
                .is_some_and(|id| is(text(row, "azureactivedirectoryobjectid"), id))
        }
    });
    let field = |name: &str| some(row.and_then(|row| text(row, name)));
    known.set("row", field("systemuserid"));
    known.set("business_unit", field("_businessunitid_value"));
    let was_asked_by_name = replies.one("dataverse.system_users", "by name").is_some();
    let directory_object = if given.is_application {
        field("azureactivedirectoryobjectid")
    } else {
        // The matched row stays matched when its reads are repeated, so this is asked at most once.
        if row.is_none() && was_asked_by_name {
            known.set("unmatched_object_id", some(principal.as_deref()));
        }
        some(principal.as_deref())
    };
    known.set("directory_object", directory_object);
    let lacks_set = is_unknown_question(replies.one("dataverse.user_privileges", ""));
    known.set(
        "row_without_set",
        if lacks_set {
            field("systemuserid")
        } else {
            Vec::new()
        },
    );
    let teams = replies
        .body("dataverse.user_teams", "")
        .map(items)
        .unwrap_or_default();
    known.set(
        "team",
        teams
            .iter()
            .filter_map(|team| text(team, "teamid").map(str::to_owned))
            .collect(),
    );
}

/// Whether the service answered that it does not know such a request.
pub(super) fn is_unknown_question(reply: Option<&Reply>) -> bool {
    reply
        .and_then(Reply::status)
        .is_some_and(|status| matches!(status, 400 | 404 | 405 | 501))
}

fn signed_in_id(replies: &Replies) -> Option<&str> {
    items(replies.body("graph.sign_ins", "by name")?)
        .into_iter()
        .find_map(|entry| text(entry, "userId"))
}

/// The elements of a collection, or the one object.
pub(super) fn items(body: &Value) -> Vec<&Value> {
    match body.get("value") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) => Vec::new(),
        Some(item) => vec![item],
        None => vec![body],
    }
}

fn single(body: &Value) -> &Value {
    if body.get("id").is_some() {
        return body;
    }
    items(body).into_iter().next().unwrap_or(body)
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.is_empty())
}

fn some(text: Option<&str>) -> Vec<String> {
    text.map(str::to_owned).into_iter().collect()
}

fn is(text: Option<&str>, wanted: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}
