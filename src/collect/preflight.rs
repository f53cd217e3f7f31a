//! What can be known before anybody signs in: the environment's challenge, its tenant, the clock, the way there.

use serde_json::json;

use super::answer;
use super::batch::{Item, call_of};
use super::call::{Answer, Reply};
use super::http::Http;
use super::section::Record;
use super::table::READS;

/// Clocks this far apart make tokens look expired, or not yet valid.
const SKEW_SECONDS: i64 = 300;

/// What the environment's 401 says.
#[derive(Debug)]
pub(super) struct Challenge {
    /// `login.challenge`.
    pub(super) record: Record,
    /// Tenant id in the authorization address; nothing else of that address is ever used.
    pub(super) tenant: Option<String>,
}

/// Asks the environment for its challenge, without a token.
pub(super) async fn challenge(http: &Http) -> Option<Challenge> {
    let index = READS.iter().position(|read| read.section == "login.challenge")?;
    let read = READS.get(index)?;
    let item = Item {
        index,
        value: String::new(),
        read,
        path: read.path.to_owned(),
        body: None,
    };
    let outcome = http.send(&call_of(&item)).await;
    if let Ok(answer) = &outcome {
        note_skew(http, answer);
        if answer.status == 401
            && let Some(challenge) = from_headers(&answer.challenges)
        {
            return Some(challenge);
        }
    }
    let record = match answer::reply(outcome) {
        Reply::Json { status: 401, .. } => {
            Record::failed(Some(401), "the 401 names no authorization_uri and resource_id")
        }
        Reply::Json { status: 200, .. } => {
            Record::failed(Some(200), "the environment answered without asking for a sign-in")
        }
        other => Record::of(&other),
    };
    Some(Challenge { record, tenant: None })
}

fn note_skew(http: &Http, answer: &Answer) {
    let Some(date) = answer.date else { return };
    let skew = jiff::Timestamp::now().as_second() - date.as_second();
    if skew.abs() > SKEW_SECONDS {
        let direction = if skew > 0 { "ahead of" } else { "behind" };
        http.observer.note(&format!(
            "this machine's clock is {} minutes {direction} the environment's: tokens may be refused",
            skew.abs() / 60
        ));
    }
}

/// `Bearer authorization_uri=…, resource_id=…`: quoted or not, keys in any case (api-facts 3.6).
fn from_headers(headers: &[String]) -> Option<Challenge> {
    headers.iter().find_map(|header| {
        let rest = header.trim();
        let rest = rest
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("bearer "))
            .map(|_| &rest[7..])?;
        let value = |wanted: &str| {
            rest.split(',').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case(wanted)
                    .then(|| value.trim().trim_matches('"').to_owned())
            })
        };
        let authorization = value("authorization_uri")?;
        let resource = value("resource_id")?;
        Some(Challenge {
            tenant: tenant_of(&authorization),
            record: Record::ok(
                Some(401),
                json!({"authorization_uri": authorization, "resource_id": resource}),
            ),
        })
    })
}

/// The first path segment when it is a tenant id.
fn tenant_of(authorization: &str) -> Option<String> {
    let (_, rest) = authorization.split_once("://")?;
    let segment = rest.split('/').nth(1)?;
    is_guid(segment).then(|| segment.to_ascii_lowercase())
}

/// Whether a text is a GUID.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::{from_headers, is_guid};

    #[test]
    fn the_tenant_is_taken_from_the_challenge_in_either_spelling() {
        for header in [
            "Bearer authorization_uri=https://login.microsoftonline.com/AAAAAAAA-0000-4000-8000-000000000001/oauth2/authorize, resource_id=https://contoso.crm4.dynamics.com/",
            "bearer Resource_Id=\"https://contoso.crm4.dynamics.com/\", Authorization_Uri=\"https://evil.example/aaaaaaaa-0000-4000-8000-000000000001/x\"",
        ] {
            let challenge = from_headers(&["Negotiate".to_owned(), header.to_owned()]).unwrap();
            assert_eq!(
                challenge.tenant.as_deref(),
                Some("aaaaaaaa-0000-4000-8000-000000000001")
            );
        }
        assert!(from_headers(&["Bearer realm=\"\"".to_owned()]).is_none());
        assert!(!is_guid("common"));
    }
}
