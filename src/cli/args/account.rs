//! `--account`: an address, or the application id of an application user; nothing else is looked up.

use crate::cli::failure::Failure;
use crate::text::is_guid;

/// The account without the blanks around it.
///
/// # Errors
///
/// A sentence when it is neither an address nor an application id.
pub(crate) fn account(text: &str) -> Result<String, Failure> {
    let account = text.trim();
    if is_guid(account) || is_address(account) {
        return Ok(account.to_owned());
    }
    Err(Failure::Usage(format!(
        "--account: `{account}` is neither an address, as svc@contoso.com, nor an application id, as 00000000-0000-4000-8000-000000000000"
    )))
}

/// One `@` between two names, and nothing that no user principal name holds.
fn is_address(text: &str) -> bool {
    let has_sides = text
        .split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty() && !domain.contains('@'));
    let is_strange = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(
                character,
                '{' | '}' | '"' | '`' | '´' | '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»'
            )
    };
    has_sides && !text.chars().any(is_strange)
}

#[cfg(test)]
mod tests {
    use super::account;

    #[test]
    fn an_account_is_an_address_or_an_application_id() {
        for (text, taken) in [
            ("svc@contoso.com", "svc@contoso.com"),
            ("  svc@contoso.com\n", "svc@contoso.com"),
            ("o'brien@contoso.com", "o'brien@contoso.com"),
            (
                "svc_fabrikam.com#EXT#@contoso.onmicrosoft.com",
                "svc_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            ),
            ("$svc@contoso.com", "$svc@contoso.com"),
            (
                "AAAAAAAA-0000-4000-8000-000000000001",
                "AAAAAAAA-0000-4000-8000-000000000001",
            ),
        ] {
            assert_eq!(account(text).as_deref(), Ok(taken), "{text}");
        }
        for text in [
            "",
            "   ",
            "noat",
            "@contoso.com",
            "svc@",
            "a@b@c",
            "svc @contoso.com",
            "svc@contoso.com\u{0}x",
            "{svc@contoso.com}",
            "{aaaaaaaa-0000-4000-8000-000000000001}",
            "\"svc@contoso.com\"",
            "“svc@contoso.com”",
            "aaaaaaaa-0000-4000-8000-00000000000",
        ] {
            assert!(account(text).is_err(), "{text}");
        }
    }
}
