//! Tokens of the Azure CLI: `az account get-access-token`. Nothing secret is on its command line.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::call::Service;
use super::super::echo;
use super::token_client::SignInFailure;
use crate::secret::Secret;

/// The Azure CLI is slow to start; longer than this it hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks the Azure CLI for a token.
pub(super) async fn token(audience: &str, tenant: &str, service: Service) -> Result<Secret, SignInFailure> {
    let arguments = [
        "account",
        "get-access-token",
        "--output",
        "json",
        "--resource",
        audience,
        "--tenant",
        tenant,
    ]
    .map(str::to_owned);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread of its own: a hanging program must not keep the run from ending.
    let spawned = std::thread::Builder::new().spawn(move || {
        // The receiver is gone when the run was interrupted.
        let _ = sender.send(run(&arguments));
    });
    let outcome = match spawned {
        Ok(_) => receiver
            .await
            .unwrap_or_else(|_| Err("the Azure CLI could not be watched".to_owned())),
        Err(error) => Err(error.to_string()),
    };
    outcome.map_err(|text| SignInFailure {
        service: Some(service),
        status: None,
        body: Value::Null,
        text,
    })
}

fn run(arguments: &[String]) -> Result<Secret, String> {
    let program = if cfg!(windows) { "az.cmd" } else { "az" };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the Azure CLI (az) could not be started: {error}"))?;
    let end = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // It may have ended by itself in between.
                let _ = child.kill();
                return Err("the Azure CLI did not answer within 60 s".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        }
    };
    let read = |stream: Option<&mut dyn Read>| {
        let mut text = String::new();
        if let Some(stream) = stream {
            // What is not text is no answer of the Azure CLI.
            let _ = stream.take(1 << 20).read_to_string(&mut text);
        }
        text
    };
    let errors = read(child.stderr.as_mut().map(|stream| stream as &mut dyn Read));
    if !status.success() {
        let line = errors
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("no reason was given");
        return Err(format!("the Azure CLI refused: {}", echo::without_tokens(line)));
    }
    let answer = read(child.stdout.as_mut().map(|stream| stream as &mut dyn Read));
    serde_json::from_str::<Value>(&answer)
        .ok()
        .and_then(|answer| answer["accessToken"].as_str().map(Secret::new))
        .ok_or_else(|| "the Azure CLI answered without a token".to_owned())
}
