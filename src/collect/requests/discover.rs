//! What answers tell about the next questions: ids that become placeholders of the request table.

use serde_json::Value;

use super::assignments;
use super::change_history;
use super::job_table;
use super::placeholders::Known;
use super::post_bodies;
use super::replies::{Replies, is, items, text};
use crate::collect::wire::call::Reply;
use crate::collect::wire::cloud::Cloud;
use crate::snapshot::{Part, sections};
use crate::text::home_address;

/// The version of the admin API that every request names.
const ADMIN_API_VERSION: &str = "2023-06-01";

/// What does not come from answers.
pub(crate) struct Given<'a> {
    /// UPN or application id.
    pub(crate) account: &'a str,
    pub(crate) is_application: bool,
    pub(crate) cloud: Cloud,
    pub(crate) environment: &'a str,
    pub(crate) environment_id: Option<&'a str>,
    /// Object id in the token that the probe got.
    pub(crate) probed_object_id: Option<&'a str>,
    /// Whether the environment can be asked for its id.
    pub(crate) dataverse_is_ready: bool,
}

/// Puts everything that the answers so far tell into `known`.
pub(crate) fn learn(known: &mut Known, replies: &Replies, given: &Given<'_>) {
    let object_id = replies
        .body(sections::USER, Part::Main)
        .and_then(|body| text(single(body), "id"));
    known.set("object_id", some(object_id));
    // The filter by kind of sign-in is beta; where it is refused, v1.0 has the interactive ones (<https://learn.microsoft.com/graph/api/resources/signin>).
    let lacks_types = is_unknown_question(replies.one(sections::SIGN_INS, Part::Main));
    known.set("object_id_without_types", some(object_id.filter(|_| lacks_types)));
    let is_log_settled = !lacks_types || replies.one(sections::SIGN_INS, Part::InteractiveOnly).is_some();
    if let Some(object_id) = object_id.filter(|_| is_log_settled)
        && known.get("sign_in").is_none()
    {
        known.set(
            "sign_in",
            post_bodies::sign_in(object_id, replies).into_iter().collect(),
        );
    }
    if object_id.is_none() && replies.one(sections::USER, Part::Main).is_some() {
        known.set("account_without_id", vec![home_address(given.account)]);
    }
    let principals = replies
        .body(sections::SERVICE_PRINCIPAL, Part::Main)
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
        known.set(
            "audited",
            some(object_id.or_else(|| deleted_id(replies, given.account))),
        );
    }
    known.set("resource", resources(replies));
    known.set("assigned_group", assignments::groups_to_ask(replies));
    let operator = replies
        .body(sections::WHO_AM_I, Part::Main)
        .and_then(|body| text(body, "UserId"));
    known.set("operator", some(operator));
    let lacks_set = is_unknown_question(replies.one(sections::OPERATOR_PRIVILEGES, Part::Main));
    known.set("operator_without_set", some(operator.filter(|_| lacks_set)));
    learn_environment(known, replies, given);
    learn_row(known, replies, given, object_id);
    let lacks_tables = is_unknown_question(replies.one(sections::WORK365_TABLES, Part::Main));
    job_table::learn(known, replies, lacks_tables);
}

/// The id of the one deleted account of this name; its history is still there. Another account may end in the same
/// letters, and is somebody else.
fn deleted_id<'a>(replies: &'a Replies, account: &str) -> Option<&'a str> {
    let deleted = items(replies.body(sections::DELETED_USERS, Part::Main)?);
    let mut own = deleted
        .into_iter()
        .filter(|user| text(user, "userPrincipalName").is_some_and(|name| is_deleted_name(name, account)));
    match (own.next(), own.next()) {
        (Some(only), None) => text(only, "id"),
        _ => None,
    }
}

/// Whether a deleted account had this name: Entra puts the object id, without its hyphens, before the name of what it
/// deletes.
fn is_deleted_name(name: &str, account: &str) -> bool {
    let Some(length) = name.len().checked_sub(account.len()) else {
        return false;
    };
    let (Some(id), Some(rest)) = (name.get(..length), name.get(length..)) else {
        return false;
    };
    rest.eq_ignore_ascii_case(account)
        && (id.is_empty() || (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

fn resources(replies: &Replies) -> Vec<String> {
    let mut resources: Vec<String> = replies
        .all(sections::PERMISSION_GRANTS, Part::Main)
        .filter_map(|(_, reply)| reply.ok())
        .flat_map(items)
        .filter_map(|grant| text(grant, "resourceId").map(str::to_owned))
        .collect();
    resources.sort();
    resources.dedup();
    resources
}

fn learn_environment(known: &mut Known, replies: &Replies, given: &Given<'_>) {
    let current = replies.one(sections::ENVIRONMENT, Part::EnvironmentId);
    let from_organization = current
        .and_then(Reply::ok)
        .and_then(|body| text(&body["Detail"], "EnvironmentId"));
    // What was not known before the sign-in may be known now: then nobody asks for every environment of the tenant.
    known.set("unlisted_organization", Vec::new());
    known.set("whole_list", Vec::new());
    match given.environment_id.or(from_organization) {
        Some(id) => known.set("environment_id", vec![id.to_owned()]),
        None if current.is_some() || !given.dataverse_is_ready => learn_list(known, replies),
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

/// Without its id the environment is asked for by its organization; the whole tenant's list only where that fails.
fn learn_list(known: &mut Known, replies: &Replies) {
    let organization = replies
        .body(sections::WHO_AM_I, Part::Main)
        .and_then(|body| text(body, "OrganizationId"));
    let by_organization = replies.one(sections::ENVIRONMENT, Part::ByOrganization);
    let found_none =
        by_organization.is_some_and(|reply| reply.ok().is_some_and(|body| items(body).is_empty()));
    known.set("unlisted_organization", some(organization));
    if organization.is_none() || found_none || is_unknown_question(by_organization) {
        known.set("whole_list", vec![ADMIN_API_VERSION.to_owned()]);
    }
}

/// The environment of the admin API: asked for by id, or found in the list by its address.
pub(crate) fn environment<'a>(replies: &'a Replies, address: &str) -> Option<&'a Value> {
    replies.body(sections::ENVIRONMENT, Part::Main).or_else(|| {
        [Part::ByOrganization, Part::List]
            .into_iter()
            .filter_map(|part| replies.body(sections::ENVIRONMENT, part))
            .flat_map(items)
            .find(|environment| {
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
    let parts = [Part::ByName, Part::Main, Part::OfTheApplication];
    let rows: Vec<&Value> = parts
        .into_iter()
        .filter_map(|part| replies.body(sections::SYSTEM_USERS, part))
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
    let was_asked_by_name = replies.one(sections::SYSTEM_USERS, Part::ByName).is_some();
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
    let lacks_set = is_unknown_question(replies.one(sections::USER_PRIVILEGES, Part::Main));
    known.set(
        "row_without_set",
        if lacks_set {
            field("systemuserid")
        } else {
            Vec::new()
        },
    );
    let lacks_changes = replies
        .one(sections::USER_AUDIT, Part::Main)
        .is_some_and(change_history::is_wanted);
    known.set(
        "row_without_changes",
        if lacks_changes {
            field("systemuserid")
        } else {
            Vec::new()
        },
    );
    let teams = replies
        .body(sections::USER_TEAMS, Part::Main)
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
pub(crate) fn is_unknown_question(reply: Option<&Reply>) -> bool {
    reply.is_some_and(Reply::is_unknown_question)
}

fn signed_in_id(replies: &Replies) -> Option<&str> {
    items(replies.body(sections::SIGN_INS, Part::ByName)?)
        .into_iter()
        .find_map(|entry| text(entry, "userId"))
}

fn single(body: &Value) -> &Value {
    if body.get("id").is_some() {
        return body;
    }
    items(body).into_iter().next().unwrap_or(body)
}

fn some(text: Option<&str>) -> Vec<String> {
    text.map(str::to_owned).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::is_deleted_name;

    #[test]
    fn only_the_account_itself_is_taken_for_the_deleted_one() {
        let account = "svc@contoso.com";
        for (name, is_own) in [
            ("0123456789abcdef0123456789abcdefsvc@contoso.com", true),
            ("0123456789ABCDEF0123456789ABCDEFSVC@contoso.com", true),
            ("svc@contoso.com", true),
            ("xsvc@contoso.com", false),
            ("0123456789abcdef0123456789abcdefxsvc@contoso.com", false),
            ("é@contoso.com", false),
            ("c@contoso.com", false),
        ] {
            assert_eq!(is_deleted_name(name, account), is_own, "{name}");
        }
    }
}
