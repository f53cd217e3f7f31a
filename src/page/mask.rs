//! Secrets in a text that somebody pasted. They are decoded with it, kept nowhere, and no longer shown.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a token is replaced by. The brackets make it no token, so that masking twice changes nothing.
const TOKEN: &str = "[token removed]";
/// What a password or client secret is replaced by.
const SECRET: &str = "[secret removed]";

static TOKENS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}").ok());

static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(password|passwort|passwd|pwd|client_secret|clientsecret|client_assertion|refresh_token|access_token|id_token|x-api-key|sharedaccesskey|accountkey)("?\s*[:=]\s*"?)([^\s"'&;,<>\[\]]{3,})"#,
    )
    .ok()
});

/// The text with tokens, passwords and client secrets replaced.
pub(super) fn masked(text: &str) -> String {
    let (Some(tokens), Some(secrets)) = (TOKENS.as_ref(), SECRETS.as_ref()) else {
        return text.to_owned();
    };
    let text = tokens.replace_all(text, TOKEN);
    secrets
        .replace_all(&text, |found: &Captures<'_>| {
            let name = found.get(1).map_or("", |name| name.as_str());
            let between = found.get(2).map_or("", |between| between.as_str());
            format!("{name}{between}{SECRET}")
        })
        .into_owned()
}
