//! Authorization code with PKCE: the browser of this machine, and one request back to a loopback port.

use std::process::{Command, Stdio};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use super::purpose::Purpose;
use super::random;
use super::token_client::{Grant, Granted, SignInFailure, request};
use crate::collect::wire::encoding::{encode, form};
use crate::collect::wire::http::Http;
use crate::secret::Secret;
use crate::text::one_line;

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(300);

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>work365-doctor</title><p>You can close this window and go back to the terminal.";

/// Signs a person in.
pub(crate) async fn sign_in(
    http: &Http,
    tenant: &str,
    client: &str,
    scope: &str,
    claims: Option<&str>,
    purpose: Purpose,
) -> Result<Granted, SignInFailure> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| SignInFailure::local(format!("no loopback port could be opened: {error}")))?;
    let port = listener
        .local_addr()
        .map_err(|error| SignInFailure::local(error.to_string()))?
        .port();
    let redirect = format!("http://localhost:{port}");
    let verifier = random::token().map_err(SignInFailure::local)?;
    let state = random::token().map_err(SignInFailure::local)?;
    let challenge = random::base64url(&Sha256::digest(verifier.as_bytes()));
    let mut fields = vec![
        ("client_id", client),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", &redirect),
        ("scope", scope),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ];
    fields.extend(claims.map(|claims| ("claims", claims)));
    let query = form(&fields);
    let url = format!(
        "{}/{}/oauth2/v2.0/authorize?{query}",
        http.origins.login,
        encode(tenant)
    );
    open(&url);
    http.observer.browse(&url);
    http.observer
        .waiting("waiting for the sign-in in the browser", PATIENCE);
    let code = tokio::time::timeout(PATIENCE, wait_for_code(&listener, &state))
        .await
        .map_err(|_| SignInFailure::local("nobody signed in within 5 minutes".to_owned()))??;
    http.restart_clocks();
    let grant = Grant::new("authorization_code", client)
        .with("scope", scope)
        .with("redirect_uri", &redirect)
        .with_secret("code_verifier", Secret::new(&verifier))
        .with_secret("code", Secret::new(&code))
        .with_claims(claims);
    request(http, tenant, &grant, purpose.service).await
}

/// Opens the browser; where that is not possible the person opens the address that is shown.
fn open(url: &str) {
    let (program, arguments): (&str, &[&str]) = if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let _ = Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

/// Takes requests until one is the sign-in service's: browsers also ask for icons and open connections that they do not
/// use, and other programs may knock. None of them holds up the others.
async fn wait_for_code(listener: &TcpListener, state: &str) -> Result<String, SignInFailure> {
    let (sender, mut receiver) = unbounded_channel();
    let mut visitors = JoinSet::new();
    loop {
        tokio::select! {
            Some(outcome) = receiver.recv() => return outcome,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (sender, state) = (sender.clone(), state.to_owned());
                    visitors.spawn(async move {
                        if let Some(outcome) = visit(stream, &state).await {
                            let _ = sender.send(outcome);
                        }
                    });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

/// What one visitor brought, if it is the sign-in service's answer. An error may come without our state: then there is
/// nothing in it that could be used.
async fn visit(mut stream: TcpStream, state: &str) -> Option<Result<String, SignInFailure>> {
    let parameters = parameters(&mut stream).await?;
    let value = |name: &str| {
        parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let is_ours = value("state").as_deref() == Some(state);
    let is_bare_error = value("state").is_none() && value("error").is_some();
    if !is_ours && !is_bare_error {
        respond(&mut stream, "404 Not Found", "").await;
        return None;
    }
    respond(&mut stream, "200 OK", PAGE).await;
    if let Some(code) = value("code").filter(|_| is_ours) {
        return Some(Ok(code));
    }
    let word = value("error").unwrap_or_else(|| "no code came back".to_owned());
    let text = value("error_description").map_or_else(|| word.clone(), |text| one_line(&text));
    Some(Err(SignInFailure {
        body: serde_json::json!({"error": word, "error_description": text}),
        ..SignInFailure::local(text)
    }))
}

/// The query of one GET.
async fn parameters(stream: &mut TcpStream) -> Option<Vec<(String, String)>> {
    let mut head = Vec::new();
    let mut buffer = [0_u8; 2048];
    while !head.windows(2).any(|pair| pair == b"\r\n") {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer)).await;
        match read {
            Ok(Ok(count)) if count > 0 && head.len() < 16 * 1024 => head.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
    let text = String::from_utf8_lossy(&head);
    let target = text.strip_prefix("GET ")?.split(' ').next()?;
    let (_, query) = target.split_once('?').unwrap_or((target, ""));
    Some(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

async fn respond(stream: &mut TcpStream, status: &str, page: &str) {
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The person has signed in whether or not the browser still listens.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
