//! The literals that make a line worth a look, searched over whole windows at once.
//!
//! A search for up to sixteen literals runs in vector registers at a few gigabytes a second, as long as the first
//! three bytes of each are rare in logs: `0x8`, `error` or `40` alone would stop it every few lines. That is why a
//! literal is cut out of the middle of what it stands for: `d_grant` for `invalid_grant`.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// Every literal. A recogniser whose texts contain none of them works in texts and not in logs of more than
/// [`super::super::LONGEST_TEXT`] bytes; the tests below name those.
pub(super) const LITERALS: [&str; 16] = [
    // Entra codes, and all Dataverse codes in hexadecimal and in decimal.
    "AAD",
    "x80",
    "-2147",
    // `invalid_grant`; `invalid_client` and `unauthorized_client`; `interaction_required`.
    "d_grant",
    "d_client",
    "n_required",
    // `Authorization_RequestDenied`, `InvalidAuthenticationToken`.
    "zation_R",
    "onToken",
    // `Proxy Authentication Required`.
    "n Require",
    // The exceptions of the sign-in libraries.
    "Msal",
    "ed_service",
    // Dataverse's own security library.
    "SecLib",
    // Windows Identity Foundation, AD FS, and the checks of a token.
    "MSIS",
    "IDX1",
    // Networks.
    "CERTIF",
    "ECONN",
];

/// Only literals are in it: then no automaton runs beside the search.
static PREFILTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literals: Vec<String> = LITERALS.iter().map(|literal| regex::escape(literal)).collect();
    RegexBuilder::new(&literals.join("|")).unicode(false).build().ok()
});

/// The first literal at or after `from`: where it starts and ends.
pub(super) fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let hit = PREFILTER.as_ref()?.find_at(text, from)?;
    Some((hit.start(), hit.end()))
}
