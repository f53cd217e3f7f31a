//! Fetches the key set that a token's signature is checked with. Nothing is sent but the request for it.

use std::time::Duration;

use reqwest::{Client, Url, redirect};

/// More than any key set needs, in bytes.
const LONGEST: usize = 1 << 20;
/// How long the whole fetch may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// Why no key set came.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// Not an address, or one without encryption that is not this machine.
    #[error("{0}: an https address is needed (http only for this machine)")]
    Address(String),
    /// The network failed; the chain of causes is in the text.
    #[error("{url}: {causes}")]
    Network {
        /// The address.
        url: String,
        /// Every cause, outermost first.
        causes: String,
    },
    /// Another answer than the key set.
    #[error("{url}: {problem}")]
    Answer {
        /// The address.
        url: String,
        /// What came instead.
        problem: String,
    },
}

/// Fetches a key set by GET. Redirects are not followed.
///
/// # Errors
///
/// [`KeySetError`] with the address and what went wrong.
pub fn fetch(address: &str) -> Result<Vec<u8>, KeySetError> {
    let url = Url::parse(address).map_err(|_| KeySetError::Address(address.to_owned()))?;
    let loopback = matches!(url.host_str(), Some("localhost" | "[::1]"))
        || url
            .host_str()
            .is_some_and(|host| host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok());
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(KeySetError::Address(address.to_owned()));
    }
    let answer = |problem: String| KeySetError::Answer {
        url: address.to_owned(),
        problem,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| answer(error.to_string()))?;
    runtime.block_on(async {
        let network = |error: reqwest::Error| KeySetError::Network {
            url: address.to_owned(),
            causes: causes(&error),
        };
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(DEADLINE)
            .build()
            .map_err(network)?;
        let mut response = client.get(url).send().await.map_err(network)?;
        if !response.status().is_success() {
            return Err(answer(format!("the answer is {}", response.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST {
                return Err(answer("the answer is longer than a key set can be".to_owned()));
            }
        }
        Ok(body)
    })
}

/// An error with its causes: the outermost one alone never says what failed.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::{KeySetError, fetch};

    fn serve(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 2048];
            let _ = stream.read(&mut request);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        format!("http://{address}/keys")
    }

    #[test]
    fn a_key_set_is_fetched_and_a_redirect_is_not_followed() {
        let url = serve("HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"keys\":[]}");
        assert_eq!(fetch(&url).unwrap(), br#"{"keys":[]}"#);
        let url = serve(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
        assert!(matches!(fetch(&url), Err(KeySetError::Answer { .. })));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for address in [
            "http://login.example/keys",
            "keys.json",
            "ftp://x/",
            "http://127.evil.example/",
        ] {
            assert!(
                matches!(fetch(address), Err(KeySetError::Address(_))),
                "{address}"
            );
        }
    }
}
