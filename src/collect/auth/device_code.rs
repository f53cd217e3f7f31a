//! Device code: a person enters a code in a browser anywhere, we poll as RFC 8628 says (api-facts 3.1 and 3.3).

use std::time::{Duration, Instant};

use super::super::call::Service;
use super::super::http::Http;
use super::token_client::{Grant, Granted, SignInFailure, post, refusal, request};

/// What a person has to do.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// What the sign-in is for.
    pub service: Service,
    /// How long the code is good for.
    pub expires_in: Duration,
}

/// Signs a person in.
pub(super) async fn sign_in(
    http: &Http,
    tenant: &str,
    client: &str,
    scope: &str,
    claims: Option<&str>,
    service: Service,
) -> Result<Granted, SignInFailure> {
    let start = Grant::client(client).with("scope", scope).with_claims(claims);
    let reply = post(http, tenant, "devicecode", &start).await;
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
    let expires_in = Duration::from_secs(body["expires_in"].as_u64().unwrap_or(900));
    let mut interval = Duration::from_secs(body["interval"].as_u64().unwrap_or(5).max(1));
    http.observer.device_code(&DeviceCode {
        user_code: field("user_code"),
        verification_uri: field("verification_uri"),
        service,
        expires_in,
    });
    let end = Instant::now() + expires_in;
    let poll = Grant::new("urn:ietf:params:oauth:grant-type:device_code", client)
        .with("device_code", &device_code)
        .with_claims(claims);
    loop {
        tokio::time::sleep(interval).await;
        // Waiting for a person is not part of the time that reading may take.
        http.restart_clocks();
        match request(http, tenant, &poll, service).await {
            Ok(granted) => return Ok(granted),
            Err(failure) => match failure.error() {
                "authorization_pending" if Instant::now() < end => {}
                "slow_down" if Instant::now() < end => interval += Duration::from_secs(5),
                "authorization_pending" | "slow_down" => {
                    return Err(SignInFailure {
                        text: "nobody entered the code in time; run the command again for a new one"
                            .to_owned(),
                        ..failure
                    });
                }
                _ => return Err(failure),
            },
        }
    }
}
