//! Tokens of the Azure CLI: `az account get-access-token`. Nothing secret is on its command line.

use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::token_client::SignInFailure;
use crate::collect::wire::call::Service;
use crate::collect::wire::scrub_secrets;
use crate::secret::Secret;

/// The Azure CLI is slow to start; longer than this it hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks the Azure CLI for a token.
pub(crate) async fn token(audience: &str, tenant: &str, service: Service) -> Result<Secret, SignInFailure> {
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
    run(&arguments).await.map_err(|text| SignInFailure {
        service: Some(service),
        status: None,
        body: Value::Null,
        text,
    })
}

/// The program while it runs; it ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself, most of the time.
        let _ = self.0.kill();
        let _ = self.0.try_wait();
    }
}

async fn run(arguments: &[String]) -> Result<Secret, String> {
    let program = if cfg!(windows) { "az.cmd" } else { "az" };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                "the Azure CLI (az) could not be started: it is not installed, or not on the path; install it, or choose another --auth"
                    .to_owned()
            }
            _ => format!("the Azure CLI (az) could not be started: {error}"),
        })?;
    // Both are read while it runs: a program that nobody listens to stops when the pipe is full.
    let (answer, errors) = (text_of(child.stdout.take()), text_of(child.stderr.take()));
    let mut running = Running(child);
    let end = Instant::now() + LIMIT;
    let status = loop {
        match running.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok(None) => return Err("the Azure CLI did not answer within 60 s".to_owned()),
            Err(error) => return Err(error.to_string()),
        }
    };
    let text = |stream: &Receiver<String>| stream.recv_timeout(Duration::from_secs(2)).unwrap_or_default();
    if !status.success() {
        return Err(format!(
            "the Azure CLI refused: {}",
            scrub_secrets::without_tokens(&reason(&text(&errors)))
        ));
    }
    serde_json::from_str::<Value>(&text(&answer))
        .ok()
        .and_then(|answer| answer["accessToken"].as_str().map(Secret::new))
        .ok_or_else(|| "the Azure CLI answered without a token".to_owned())
}

/// What a stream says until its end.
fn text_of(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What is longer than any answer is read, so that the program can end, and not kept.
            let _ = stream.by_ref().take(1 << 20).read_to_end(&mut bytes);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// The line that says what went wrong; warnings and advice stand around it.
fn reason(errors: &str) -> String {
    let mut lines = errors.lines().map(str::trim).filter(|line| !line.is_empty());
    let own = lines.clone().find(|line| line.starts_with("ERROR:"));
    let other = lines.find(|line| !line.starts_with("WARNING:"));
    let line = own.or(other).unwrap_or("no reason was given");
    line.strip_prefix("ERROR:").unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_reason_is_the_line_of_the_error() {
        for (errors, line) in [
            ("ERROR: Please run 'az login'", "Please run 'az login'"),
            (
                "WARNING: A new version is there.\n\nERROR: AADSTS50076: more is needed.\r\nTrace ID: 1\n",
                "AADSTS50076: more is needed.",
            ),
            ("WARNING: x\nsomething else", "something else"),
            ("WARNING: x\n", "no reason was given"),
            ("", "no reason was given"),
        ] {
            assert_eq!(reason(errors), line, "{errors}");
        }
    }
}
