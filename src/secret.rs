//! Secrets that cannot be printed: no `Display`, no `Serialize`, a `Debug` that says nothing, wiped when dropped. Those that stand
//! in a text of somebody else's are replaced before it is quoted.

use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use zeroize::Zeroizing;

/// A token or password. The only way to its text is [`Secret::expose`], so each use can be found by name.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the request or the decoder that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What a token is replaced by. The brackets make it no token, so that masking twice changes nothing.
const TOKEN: &str = "[token removed]";
/// What a password or client secret is replaced by.
const SECRET: &str = "[secret removed]";

static TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{8,}").ok()
});

static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(password|passwort|passwd|pwd|client_secret|clientsecret|client_assertion|refresh_token|access_token|id_token|x-api-key|sharedaccesskey|accountkey)("?\s*[:=]\s*"?)([^\s"'&;,<>\[\]]{3,})"#,
    )
    .ok()
});

/// A text that somebody else wrote, with tokens, passwords and client secrets replaced: it is quoted or shown again, and they are
/// not.
pub(crate) fn masked(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "Secret(…)");
    }

    #[test]
    fn a_text_is_quoted_without_its_secrets() {
        for text in [
            "POST /token username=svc&password=Sommer2026!&grant_type=password",
            "AuthType=ClientSecret;ClientSecret=Sommer2026!;Url=https://x",
            "Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJTb21tZXIyMDI2ISJ9",
            "Stripe: sk_live_Sommer2026abc was refused",
        ] {
            let masked = super::masked(text);
            assert!(
                masked.contains("removed]") && !masked.contains("Sommer2026"),
                "{masked}"
            );
            assert_eq!(super::masked(&masked), masked);
        }
        assert_eq!(super::masked("The password is wrong."), "The password is wrong.");
    }
}
