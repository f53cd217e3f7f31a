//! The read-only guard: the one place that says which requests may leave this program.
//!
//! GET, and the few POSTs that are documented to read only: `$batch` of GETs,
//! `checkMemberGroups`, `evaluate` (<https://learn.microsoft.com/graph/api/conditionalaccessroot-evaluate>), and the token endpoints of the sign-in service. Every request passes [`permit`].

use super::call::{Call, Method, Service};

/// A request that would not be a documented read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("refused to send {method} {template}: it is not a documented read-only request")]
pub(crate) struct Forbidden {
    method: &'static str,
    template: String,
}

/// Lets a request pass only if it reads.
///
/// # Errors
///
/// [`Forbidden`] for everything else; nothing has been sent then.
pub(crate) fn permit(call: &Call) -> Result<(), Forbidden> {
    let path = call.path.split('?').next().unwrap_or_default();
    let body = call.body.as_ref().map(|body| body.bytes.as_slice());
    let is_read = match (call.method, call.service) {
        (Method::Get, _) => body.is_none(),
        (Method::Post, Service::Login) => {
            path.ends_with("/oauth2/v2.0/token") || path.ends_with("/oauth2/v2.0/devicecode")
        }
        (Method::Post, Service::Graph) => {
            (matches!(path, "/v1.0/$batch" | "/beta/$batch") && body.is_some_and(is_json_batch_of_gets))
                || (path.starts_with("/v1.0/users/") && path.ends_with("/checkMemberGroups"))
                || path == "/v1.0/identity/conditionalAccess/evaluate"
        }
        (Method::Post, Service::Dataverse) => {
            path.ends_with("/$batch") && body.is_some_and(is_multipart_batch_of_gets)
        }
        (Method::Post, Service::Admin) => false,
    };
    if is_read {
        Ok(())
    } else {
        Err(Forbidden {
            method: call.method.name(),
            template: call.template.clone(),
        })
    }
}

fn is_json_batch_of_gets(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Batch {
        requests: Vec<Item>,
    }
    #[derive(serde::Deserialize)]
    struct Item {
        method: String,
        body: Option<serde_json::Value>,
    }
    serde_json::from_slice::<Batch>(body).is_ok_and(|batch| {
        batch
            .requests
            .iter()
            .all(|item| item.method == "GET" && item.body.is_none())
    })
}

/// Change sets are where writes would be; every part must be one HTTP request, and that a GET.
fn is_multipart_batch_of_gets(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return false;
    };
    let requests = text.lines().filter(|line| line.ends_with(" HTTP/1.1"));
    let parts = text
        .lines()
        .filter(|line| line.to_ascii_lowercase().starts_with("content-type:"))
        .collect::<Vec<_>>();
    requests.clone().all(|line| line.starts_with("GET /"))
        && parts.len() == requests.count()
        && parts
            .iter()
            .all(|line| line.to_ascii_lowercase().trim() == "content-type: application/http")
}

#[cfg(test)]
mod tests {
    use super::permit;
    use crate::collect::wire::call::{Body, Call, Method, Service};

    fn call(method: Method, service: Service, path: &str, body: Option<&str>) -> Call {
        Call {
            method,
            body: body.map(|body| Body {
                content_type: "application/json".to_owned(),
                bytes: body.as_bytes().to_vec(),
            }),
            ..Call::get(service, path.to_owned(), path.to_owned())
        }
    }

    #[test]
    fn gets_and_the_documented_reads_pass() {
        let batch = r#"{"requests":[{"id":"a","method":"GET","url":"/users/x"}]}"#;
        let multipart = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET /api/data/v9.2/WhoAmI HTTP/1.1\r\n\r\n--b--\r\n";
        for (method, service, path, body) in [
            (Method::Get, Service::Admin, "/providers/x", None),
            (Method::Post, Service::Graph, "/v1.0/$batch", Some(batch)),
            (
                Method::Post,
                Service::Graph,
                "/v1.0/users/1/checkMemberGroups",
                Some(r#"{"groupIds":["g"]}"#),
            ),
            (
                Method::Post,
                Service::Graph,
                "/v1.0/identity/conditionalAccess/evaluate",
                Some(r#"{"appliedPoliciesOnly":false}"#),
            ),
            (Method::Post, Service::Login, "/t/oauth2/v2.0/token", Some("a=b")),
            (
                Method::Post,
                Service::Dataverse,
                "/api/data/v9.2/$batch",
                Some(multipart),
            ),
        ] {
            assert_eq!(permit(&call(method, service, path, body)), Ok(()), "{path}");
        }
    }

    #[test]
    fn whatever_could_write_is_refused_before_it_is_sent() {
        let write = r#"{"requests":[{"id":"a","method":"GET","url":"/x"},{"id":"b","method":"PATCH","url":"/users/x","body":{}}]}"#;
        let change = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\nGET /x HTTP/1.1\r\n\r\n--c--\r\n--b--\r\n";
        let hidden = "--b\r\nContent-Type: application/http\r\n\r\nDELETE /api/data/v9.2/systemusers(1) HTTP/1.1\r\n\r\n--b--\r\n";
        for (service, path, body) in [
            (Service::Graph, "/v1.0/users", Some("{}")),
            (Service::Graph, "/v1.0/$batch", Some(write)),
            (Service::Graph, "/v1.0/$batch", Some("not json")),
            (Service::Graph, "/v1.0/groups/1/checkMemberGroups/x", Some("{}")),
            (
                Service::Graph,
                "/v1.0/identity/conditionalAccess/policies",
                Some("{}"),
            ),
            (
                Service::Graph,
                "/v1.0/identity/conditionalAccess/policies/evaluate",
                Some("{}"),
            ),
            (Service::Dataverse, "/api/data/v9.2/systemusers", Some("{}")),
            (Service::Dataverse, "/api/data/v9.2/$batch", Some(change)),
            (Service::Dataverse, "/api/data/v9.2/$batch", Some(hidden)),
            (Service::Admin, "/providers/x/addUser", Some("{}")),
            (Service::Login, "/t/oauth2/authorize", Some("a=b")),
        ] {
            assert!(
                permit(&call(Method::Post, service, path, body)).is_err(),
                "{path}"
            );
        }
        assert!(permit(&call(Method::Get, Service::Graph, "/v1.0/users", Some("{}"))).is_err());
    }
}
