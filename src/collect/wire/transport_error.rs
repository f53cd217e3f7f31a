//! What went wrong on the way to a service, in words for a person, with what to do where that is known.

/// A request without an answer.
#[derive(Debug, Clone)]
pub(crate) struct TransportError {
    pub(crate) detail: String,
    /// Whether sending again could help.
    pub(crate) is_transient: bool,
    /// Whether no connection was made at all: other requests to the same service would fare no better.
    pub(crate) is_unreachable: bool,
    /// Whether the name of the host leads nowhere.
    pub(crate) is_unresolved: bool,
    /// The id that the request carried.
    pub(crate) request_id: Option<String>,
}

impl TransportError {
    /// TransportError that sending again does not cure.
    pub(crate) fn lasting(detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            is_transient: false,
            is_unreachable: false,
            is_unresolved: false,
            request_id: None,
        }
    }

    /// What kind of failure it is, in words that name nobody.
    pub(crate) fn kind(&self) -> &str {
        self.detail.split(": ").next().unwrap_or_default()
    }

    /// A transport error in words. reqwest's own text names only the outermost layer, and the URL with its names.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let chain = chain(error);
        let (what, is_transient) = kind(&chain, error);
        Self {
            detail: format!("{what}: {chain}"),
            is_transient,
            is_unreachable: error.is_connect(),
            is_unresolved: what == UNRESOLVED,
            request_id: None,
        }
    }
}

const UNRESOLVED: &str = "the name could not be resolved";

fn kind(chain: &str, error: &reqwest::Error) -> (&'static str, bool) {
    let lower = chain.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["dns error", "failed to lookup address"]) {
        return (UNRESOLVED, true);
    }
    // The tunnel is refused before any encryption, yet its error may speak of both.
    if has(&["proxy authorization required", "proxy authentication required"]) {
        return (
            "the proxy asks for a sign-in (HTTPS_PROXY can hold one as http://name:password@host:port; NTLM and Kerberos proxies are not supported)",
            false,
        );
    }
    if has(&["failed to create underlying connection"]) {
        return ("the proxy cannot be reached (HTTPS_PROXY names it)", true);
    }
    if has(&["tunnel", "proxy"]) {
        return (
            "the proxy refused the connection (HTTPS_PROXY names it, NO_PROXY makes exceptions)",
            false,
        );
    }
    if let Some(what) = encryption(&has) {
        return (what, false);
    }
    if error.is_timeout() || has(&["timed out"]) {
        ("the connection timed out", true)
    } else if has(&["connection refused"]) {
        ("the connection was refused", true)
    } else if has(&["connection reset", "connection closed", "broken pipe"]) {
        ("the connection was cut", true)
    } else if error.is_decode() || error.is_body() {
        ("the answer was cut off or garbled", true)
    } else {
        ("the request could not be sent", error.is_connect())
    }
}

/// What stopped the encrypted connection; the words are those of rustls and of the systems' verifiers.
fn encryption(has: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    if has(&[
        "unknownissuer",
        "badsignature",
        "unknown issuer",
        "not trusted",
        "selfsigned",
        "self-signed",
        "self signed",
        "caused by: untrusted",
        "root certificate",
    ]) {
        return Some(
            "the encrypted connection could not be made, because nobody whom this machine trusts issued the service's certificate; behind a proxy that inspects traffic, add its certificate to the system's CA store, or name a PEM file with it in SSL_CERT_FILE",
        );
    }
    if has(&["notvalidforname", "not valid for name"]) {
        return Some(
            "the encrypted connection could not be made, because the certificate is for another name; check the address",
        );
    }
    if has(&["expired", "notvalidyet", "not valid yet"]) && has(&["certificate"]) {
        return Some(
            "the encrypted connection could not be made, because the certificate is not valid at this machine's time; check the clock",
        );
    }
    if has(&["protocolversion", "protocol version", "tls12or13"]) {
        return Some(
            "the encrypted connection could not be made, because what answers there, or something on the way, speaks only TLS older than 1.2, which is not safe any more; whoever runs it has to allow TLS 1.2",
        );
    }
    if has(&["handshake eof"]) {
        return Some(
            "the encrypted connection could not be made, because it was closed before anything was encrypted: what answers there may not speak TLS, or something on the way cuts it off; check address and port",
        );
    }
    if has(&["corrupt message", "invalidcontenttype", "wrong version number"]) {
        return Some(
            "the encrypted connection could not be made, because what answers there does not speak TLS; check address and port",
        );
    }
    has(&["certificate", "tls", "handshake"]).then_some("the encrypted connection could not be made")
}

/// The innermost causes of an error; the outermost line names the URL, which holds the account's name.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        source = cause.source();
    }
    if texts.is_empty() {
        "no cause was given".to_owned()
    } else {
        texts.join(": ")
    }
}
