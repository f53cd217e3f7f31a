//! Secrets that cannot be printed: no `Display`, no `Serialize`, a `Debug` that says nothing, wiped when dropped.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "Secret(…)");
    }
}
