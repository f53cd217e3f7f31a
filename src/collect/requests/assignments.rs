//! Who may use Work 365 where it admits assigned users only. The application tells everybody's assignments by a permission
//! that its own entry needs anyway; the account's own list would need the whole directory. Nobody else's are kept.
//!
//! Source: <https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto>. It cannot be filtered by
//! the assignee.

use serde_json::Value;

use super::record::Record;
use super::replies::{Replies, is, items, text};
use crate::collect::wire::call::Reply;
use crate::snapshot::{Part, sections};

/// The groups that are assigned and may hold the account: where its groups were read, none but those. Entra admits the
/// direct members of an assigned group only, so each is asked for the account.
///
/// Source: <https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal>.
pub(crate) fn groups_to_ask(replies: &Replies) -> Vec<String> {
    let own = replies.body(sections::GROUP_MEMBERSHIPS, Part::Main).map(items);
    let may_hold_account = |group: &str| {
        own.as_ref()
            .is_none_or(|own| own.iter().any(|one| is(text(one, "id"), group)))
    };
    let mut groups: Vec<String> = replies
        .all(sections::APP_ROLE_ASSIGNMENTS, Part::Main)
        .filter_map(|(_, reply)| reply.ok())
        .flat_map(items)
        .filter(|assignment| is(text(assignment, "principalType"), "Group"))
        .filter_map(|assignment| text(assignment, "principalId"))
        .filter(|group| may_hold_account(group))
        .map(str::to_owned)
        .collect();
    groups.sort();
    groups.dedup();
    groups
}

/// Out of everybody's assignments the account's own and those of groups that answered that it is their member. Where
/// there is none and a group did not answer, it is open whether that one admits the account: `refused` says how.
pub(crate) fn of_account(
    account: &str,
    everybody: &Record,
    groups: &[(&str, &Reply)],
    refused: impl Fn(&Reply) -> Record,
) -> Record {
    let assignments = everybody.ok_body().map(items).unwrap_or_default();
    let admitting: Vec<&str> = groups
        .iter()
        .filter(|(_, reply)| reply.ok().is_some_and(|body| !items(body).is_empty()))
        .map(|(group, _)| *group)
        .chain([account])
        .collect();
    let own: Vec<Value> = assignments
        .into_iter()
        .filter(|one| admitting.iter().any(|id| is(text(one, "principalId"), id)))
        .cloned()
        .collect();
    // A group may be gone since.
    let open = groups
        .iter()
        .map(|(_, reply)| reply)
        .find(|reply| reply.ok().is_none() && reply.status() != Some(404));
    match (own.is_empty(), open) {
        (true, Some(reply)) => refused(reply),
        (is_empty, _) => Record::list(own, is_empty && everybody.is_truncated()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of_account;
    use crate::collect::requests::record::Record;
    use crate::collect::wire::call::Reply;
    use crate::snapshot::Outcome;

    fn everybody(is_truncated: bool) -> Record {
        Record::list(
            vec![
                json!({"principalId": "somebody", "principalType": "User"}),
                json!({"principalId": "Group-1", "principalType": "Group"}),
                json!({"principalId": "group-2", "principalType": "Group"}),
            ],
            is_truncated,
        )
    }

    /// The assignees that are left, or how the section ended.
    fn kept(account: &str, groups: &[(&str, Reply)], is_truncated: bool) -> (Outcome, bool, Vec<Value>) {
        let groups: Vec<(&str, &Reply)> = groups.iter().map(|(id, reply)| (*id, reply)).collect();
        let record = of_account(account, &everybody(is_truncated), &groups, Record::of);
        let list = record.ok_body().map(|body| body["value"].clone());
        let ids = list.as_ref().and_then(Value::as_array).into_iter().flatten();
        let ids = ids.map(|one| one["principalId"].clone()).collect();
        (record.outcome, record.is_truncated(), ids)
    }

    #[test]
    fn nobody_elses_assignments_are_kept() {
        let none = Reply::json(200, json!({"value": []}));
        let one = Reply::json(200, json!({"value": [{"id": "account"}]}));
        let gone = Reply::json(404, json!({}));
        let refused = Reply::json(403, json!({}));
        let ok = |ids: &[&str]| {
            (
                Outcome::Ok,
                false,
                ids.iter().map(|id| json!(id)).collect::<Vec<_>>(),
            )
        };

        assert_eq!(kept("account", &[], false), ok(&[]));
        assert_eq!(kept("SOMEBODY", &[], false), ok(&["somebody"]));
        assert_eq!(
            kept(
                "account",
                &[("group-1", one.clone()), ("group-2", none.clone())],
                false
            ),
            ok(&["Group-1"])
        );
        assert_eq!(
            kept("account", &[("group-1", none.clone()), ("group-2", gone)], false),
            ok(&[])
        );
        let open = [("group-1", none), ("group-2", refused.clone())];
        assert_eq!(kept("account", &open, false), (Outcome::Denied, false, vec![]));
        // One that admits is enough, whatever another says.
        assert_eq!(
            kept("account", &[("group-1", one), ("group-2", refused)], false),
            ok(&["Group-1"])
        );
    }

    #[test]
    fn a_list_that_was_cut_proves_an_assignment_and_none_to_be_missing() {
        assert_eq!(kept("account", &[], true), (Outcome::Ok, true, vec![]));
        assert_eq!(
            kept("somebody", &[], true),
            (Outcome::Ok, false, vec![json!("somebody")])
        );
    }
}
