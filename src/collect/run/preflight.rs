//! What can be known before anybody signs in: the environment's challenge, its tenant, the clock, the way there.

use serde_json::json;

use crate::collect::requests::record::Record;
use crate::collect::requests::table::READS;
use crate::collect::wire::answer;
use crate::collect::wire::batch::{Item, call_of};
use crate::collect::wire::call::{Answer, Reply};
use crate::collect::wire::http::Http;
use crate::snapshot::sections;
use crate::text::is_guid;

/// Clocks this far apart make tokens look expired, or not yet valid.
const SKEW_SECONDS: i64 = 300;

/// What the environment's 401 says.
#[derive(Debug)]
pub(crate) struct Challenge {
    /// `login.challenge`.
    pub(crate) record: Record,
    /// Tenant id in the authorization address; nothing else of that address is ever used.
    pub(crate) tenant: Option<String>,
    /// The service's clock.
    pub(crate) date: Option<jiff::Timestamp>,
    /// Why there is no environment at this address, when that is certain: no name, or something that is no Dataverse.
    pub(crate) is_absent: Option<String>,
}

/// Asks the environment for its challenge, without a token.
pub(crate) async fn challenge(http: &Http) -> Option<Challenge> {
    let index = READS
        .iter()
        .position(|read| read.section == sections::CHALLENGE)?;
    let read = READS.get(index)?;
    let item = Item {
        index,
        value: String::new(),
        read,
        path: read.path.to_owned(),
        body: None,
        is_simple: false,
    };
    let outcome = http.send(&call_of(&item)).await;
    let date = outcome.as_ref().ok().and_then(|answer| answer.date);
    if let Ok(answer) = &outcome {
        note_skew(http, answer);
        if answer.status == 401
            && let Some(challenge) = from_headers(&answer.challenges)
        {
            return Some(Challenge {
                date: answer.date,
                ..challenge
            });
        }
    }
    let is_unresolved = outcome.as_ref().is_err_and(|trouble| trouble.is_unresolved);
    let record = match answer::reply(outcome) {
        Reply::Json { status: 401, .. } => {
            Record::failed(Some(401), "the 401 names no authorization_uri and resource_id")
        }
        Reply::Json { status: 200, .. } => {
            Record::failed(Some(200), "the environment answered without asking for a sign-in")
        }
        other => Record::of(&other),
    };
    let is_absent = if is_unresolved {
        Some("cannot be found: its name could not be resolved".to_owned())
    } else {
        is_something_else(&record).then(|| format!("is no Dataverse environment: {}", what_it_is(&record)))
    };
    Some(Challenge {
        record,
        tenant: None,
        date,
        is_absent,
    })
}

/// Whether the answer is none that an environment gives to a request without a token: every environment asks for a
/// sign-in, or is busy (429, 5xx), or keeps strangers out (403); and a proxy may stand in between (407).
fn is_something_else(record: &Record) -> bool {
    matches!(
        record.status(),
        Some(200..=399 | 400..=402 | 404..=406 | 408..=428)
    )
}

fn what_it_is(record: &Record) -> String {
    let status = record.status().unwrap_or_default();
    record
        .failure()
        .map_or_else(|| format!("it answers HTTP {status}"), str::to_owned)
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

/// `Bearer authorization_uri=…, resource_id=…`: quoted or not, keys in any case (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
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
            date: None,
            is_absent: None,
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
