//! The bodies of the read-only POSTs: what is asked, once enough is known to ask it.

use serde_json::{Value, json};

use super::placeholders::Known;
use super::replies::{Replies, items};
use super::table::Read;
use crate::snapshot::{Part, sections};
use crate::well_known::DATAVERSE_APPLICATION;

/// The body of a POST of the request table, or the placeholder that it waits for.
///
/// # Errors
///
/// The name of what is not known yet.
pub(crate) fn body(read: &Read, known: &Known) -> Result<Value, &'static str> {
    if read.path.ends_with("/checkMemberGroups") {
        return known
            .get("group")
            .map(|group| json!({ "groupIds": [group] }))
            .ok_or("group");
    }
    let asked = known
        .get("sign_in")
        .and_then(|text| serde_json::from_str(text).ok());
    asked.ok_or("object_id")
}

/// The sign-in that Work 365 makes, for Microsoft's own evaluation (<https://learn.microsoft.com/graph/api/conditionalaccessroot-evaluate>): this account, Dataverse, a modern
/// native client without risk, from where the newest such entry of the log came. Known as soon as the log has answered,
/// whatever it said: without an address the policies that ask for one stay unjudged.
pub(crate) fn sign_in(object_id: &str, replies: &Replies) -> Option<String> {
    let log = [Part::InteractiveOnly, Part::Main]
        .into_iter()
        .find_map(|part| replies.one(sections::SIGN_INS, part))?;
    let mut conditions = json!({
        "clientAppType": "mobileAppsAndDesktopClients",
        "signInRiskLevel": "none",
        "userRiskLevel": "none",
    });
    let newest = log.ok().and_then(|body| {
        items(body)
            .into_iter()
            .filter(|entry| is_ours(entry))
            .max_by_key(|entry| time(entry))
    });
    if let Some(entry) = newest {
        for (name, value) in [
            ("ipAddress", &entry["ipAddress"]),
            ("country", &entry["location"]["countryOrRegion"]),
        ] {
            if value.as_str().is_some_and(|text| !text.is_empty()) {
                conditions[name] = value.clone();
            }
        }
    }
    let question = json!({
        "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": object_id},
        "signInContext": {"@odata.type": "#microsoft.graph.applicationContext", "includeApplications": [DATAVERSE_APPLICATION]},
        "signInConditions": conditions,
        "appliedPoliciesOnly": false,
    });
    Some(question.to_string())
}

/// A sign-in to Dataverse that no person made in a browser.
fn is_ours(entry: &Value) -> bool {
    let is_dataverse = entry["resourceId"]
        .as_str()
        .is_some_and(|id| id.eq_ignore_ascii_case(DATAVERSE_APPLICATION));
    is_dataverse && entry["clientAppUsed"] != "Browser"
}

fn time(entry: &Value) -> &str {
    entry["createdDateTime"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{body, sign_in};
    use crate::collect::requests::placeholders::Known;
    use crate::collect::requests::replies::Replies;
    use crate::collect::requests::table::READS;
    use crate::collect::wire::call::Reply;
    use crate::snapshot::Part;

    fn replies(status: u16, log: Value) -> Replies {
        let index = READS
            .iter()
            .position(|read| read.section == "graph.sign_ins" && read.part == Part::Main);
        let mut replies = Replies::default();
        let reply = Reply::json(status, log);
        replies.insert(index.unwrap(), String::new(), reply);
        replies
    }

    fn conditions(replies: &Replies) -> Value {
        let question: Value = serde_json::from_str(&sign_in("u", replies).unwrap()).unwrap();
        assert_eq!(question["signInIdentity"]["userId"], "u");
        question["signInConditions"].clone()
    }

    #[test]
    fn the_newest_sign_in_of_a_machine_gives_the_address() {
        let entry = |at: &str, client: &str, address: &str| {
            json!({"createdDateTime": at, "clientAppUsed": client, "ipAddress": address,
                "resourceId": "00000007-0000-0000-C000-000000000000", "location": {"countryOrRegion": "DE"}})
        };
        let log = json!({"value": [
            entry("2026-01-01T00:00:00Z", "Mobile Apps and Desktop clients", "192.0.2.1"),
            entry("2026-01-03T00:00:00Z", "Browser", "192.0.2.3"),
            entry("2026-01-02T00:00:00Z", "Mobile Apps and Desktop clients", "192.0.2.2"),
        ]});
        let conditions = conditions(&replies(200, log));
        assert_eq!(conditions["ipAddress"], "192.0.2.2");
        assert_eq!(conditions["country"], "DE");
    }

    #[test]
    fn without_a_log_it_is_asked_without_an_address_and_before_the_log_not_at_all() {
        let conditions = conditions(&replies(403, json!({"error": {}})));
        assert!(conditions.get("ipAddress").is_none());
        assert_eq!(sign_in("u", &Replies::default()), None);
    }

    #[test]
    fn every_post_of_the_table_waits_for_what_it_needs() {
        for read in READS.iter().filter(|read| read.is_post()) {
            assert!(body(read, &Known::default()).is_err(), "{}", read.path);
        }
    }
}
