//! Device code: a person enters a code in a browser anywhere, we poll as RFC 8628 says (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>).

use std::time::{Duration, Instant};

use serde_json::Value;

use super::purpose::Purpose;
use super::token_client::{Grant, Granted, SignInFailure, post, refusal, request};
use crate::collect::wire::call::Repeat;
use crate::collect::wire::http::Http;
use crate::collect::wire::observer::DeviceCode;
use crate::secret::Secret;

/// No code is good for longer than this, whatever a server says; Entra's are good for fifteen minutes.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// The longest pause between two questions: the person who has signed in waits for as long.
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);

/// Signs a person in.
pub(crate) async fn sign_in(
    http: &Http,
    tenant: &str,
    client: &str,
    scope: &str,
    claims: Option<&str>,
    purpose: Purpose,
) -> Result<Granted, SignInFailure> {
    let service = purpose.service;
    let start = Grant::client(client).with("scope", scope).with_claims(claims);
    let reply = post(http, tenant, "devicecode", &start, Repeat::Always).await;
    let Some(body) = reply.ok() else {
        return Err(refusal(service, reply));
    };
    let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let device_code = field("device_code");
    if device_code.is_empty() {
        return Err(SignInFailure::local(
            "the sign-in service answered without a device code".to_owned(),
        ));
    }
    let expires_in = bounded(&body["expires_in"], 900, LONGEST_LIFE);
    let mut interval = bounded(&body["interval"], 5, LONGEST_INTERVAL);
    http.observer.device_code(&DeviceCode {
        user_code: field("user_code"),
        verification_uri: field("verification_uri"),
        purpose: purpose.words,
        number: purpose.number,
        count: purpose.count,
        expires_in,
    });
    let end = Instant::now() + expires_in;
    let poll = Grant::new("urn:ietf:params:oauth:grant-type:device_code", client)
        .with_secret("device_code", Secret::new(&device_code))
        .with_claims(claims);
    let mut is_told = false;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        http.observer.waiting("waiting for the sign-in", left);
        tokio::time::sleep(interval.min(left)).await;
        // Waiting for a person is not part of the time that reading may take.
        http.restart_clocks();
        let failure = match request(http, tenant, &poll, service).await {
            Ok(granted) => return Ok(granted),
            Err(failure) => failure,
        };
        let is_over = Instant::now() >= end;
        match failure.error() {
            "authorization_pending" | "slow_down" if is_over => {
                return Err(SignInFailure {
                    text: "nobody entered the code in time; run the command again for a new one".to_owned(),
                    ..failure
                });
            }
            "authorization_pending" => {}
            "slow_down" => interval = (interval + Duration::from_secs(5)).min(LONGEST_INTERVAL),
            // The person may have signed in already, and the code is good for a while (RFC 8628 3.5).
            _ if failure.is_passing() && !is_over => {
                if !is_told {
                    is_told = true;
                    http.observer.note(&format!(
                        "the sign-in service did not answer ({}); the code is still good, trying again",
                        failure.text
                    ));
                }
                interval = (interval * 2).min(LONGEST_INTERVAL);
            }
            _ => return Err(failure),
        }
    }
}

/// A number of seconds that a server gave, within bounds; `usual` where it gave none.
fn bounded(seconds: &Value, usual: u64, longest: Duration) -> Duration {
    let given = seconds.as_u64().or_else(|| seconds.as_str()?.trim().parse().ok());
    Duration::from_secs(given.unwrap_or(usual).max(1)).min(longest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{LONGEST_LIFE, bounded};

    #[test]
    fn numbers_of_a_server_are_bounded() {
        for (given, expected) in [
            (json!(900), 900),
            (json!("600"), 600),
            (json!(0), 1),
            (json!(-7), 15),
            (json!(null), 15),
            (json!(u64::MAX), 3600),
            (json!(1e300), 15),
        ] {
            let seconds = bounded(&given, 15, LONGEST_LIFE);
            assert_eq!(seconds, Duration::from_secs(expected), "{given}");
        }
    }
}
