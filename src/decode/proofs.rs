//! What follows from a text without standing in it: the password verdict and the marked inferences.

use super::catalog::{self, table};
use super::model::{DecodedError, Inference, PasswordVerdict};

/// What a code proves about the password, whatever else stands in the text.
pub(super) fn verdict_of(code: &str) -> PasswordVerdict {
    if let Some(verdict) = catalog::entry(code).and_then(|entry| entry.password) {
        return verdict;
    }
    let word = table("password.csv")
        .lines()
        .skip(1)
        .find_map(|line| line.strip_prefix(code)?.strip_prefix(','));
    match word {
        Some("accepted") => PasswordVerdict::Accepted,
        Some("rejected") => PasswordVerdict::Rejected,
        Some("expired") => PasswordVerdict::Expired,
        Some("locked") => PasswordVerdict::Locked,
        _ => PasswordVerdict::Unknown,
    }
}

/// True when a text gives the sign-in address, and not the attempts, as the reason of an AADSTS50053.
pub(super) fn blames_the_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "malicious ip",
        "ip address",
        "malicious activity",
        "from an address",
        "blocked because it came from",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

/// The verdict of a text: the primary error's, else the first that any error gives.
pub(super) fn verdict(text: &str, errors: &[DecodedError]) -> (PasswordVerdict, Option<String>) {
    for error in errors {
        let verdict = verdict_of(&error.code);
        if verdict == PasswordVerdict::Unknown || (error.code == "AADSTS50053" && blames_the_address(text)) {
            continue;
        }
        return (verdict, Some(error.code.clone()));
    }
    (PasswordVerdict::Unknown, None)
}

/// Every inference of a text.
pub(super) fn inferences(text: &str, errors: &[DecodedError]) -> Vec<Inference> {
    let mut found = Vec::new();
    let mut add = |id: &str, error: &DecodedError| found.extend(inference(id, error));
    let (verdict, because) = verdict(text, errors);
    if let Some(error) = errors.iter().find(|error| Some(&error.code) == because.as_ref()) {
        add(verdict.word(), error);
    }
    for error in errors {
        let has = |name: &str| error.ids.contains_key(name);
        match error.code.as_str() {
            "AADSTS50053" if blames_the_address(text) => add("address-blocked", error),
            "AADSTS50173" if has("grant_issued") && has("tokens_valid_from") => add("token-ended", error),
            "AADSTS50173" => add("token-revoked", error),
            "NET:proxy" | "HTTP:407" => add("proxy", error),
            _ => {}
        }
        if !error.conditional_access_policies.is_empty() {
            add("policies", error);
        }
        if error.category == "privilege" && has("privilege") {
            let named = has("principal_id") || has("user_id");
            add(if named { "privilege" } else { "privilege-alone" }, error);
            if error.ids.get("role_count").is_some_and(|count| count == "0") {
                add("no-roles", error);
            }
            if error
                .ids
                .get("access_mode")
                .is_some_and(|mode| mode != "0" && !mode.starts_with("Read-"))
            {
                add("access-mode", error);
            }
        }
    }
    found.dedup();
    let mut kept: Vec<Inference> = Vec::with_capacity(found.len());
    for inference in found {
        if !kept.iter().any(|other| other.says == inference.says) {
            kept.push(inference);
        }
    }
    kept
}

fn inference(id: &str, error: &DecodedError) -> Option<Inference> {
    let row = table("inferences.csv")
        .lines()
        .skip(1)
        .find_map(|line| line.strip_prefix(id)?.strip_prefix(','))?;
    let (about, says) = row.split_once(',')?;
    let mut says = fill(says, error);
    if says.contains("{policies}") {
        says = says.replace("{policies}", &error.conditional_access_policies.join(", "));
    }
    Some(Inference {
        about: about.to_owned(),
        says,
        because: error.code.clone(),
    })
}

/// `text` with the ids of an error in the place of their names in braces; what is unknown becomes `<name>`.
pub(super) fn fill(text: &str, error: &DecodedError) -> String {
    const NAMES: [&str; 16] = [
        "user",
        "tenant_id",
        "principal_id",
        "privilege",
        "correlation_id",
        "trace_id",
        "timestamp",
        "application_id",
        "policy_id",
        "grant_issued",
        "tokens_valid_from",
        "access_mode",
        "request_id",
        "user_id",
        "object_id",
        "resource_id",
    ];
    let mut filled = text.to_owned();
    for name in NAMES {
        let placeholder = format!("{{{name}}}");
        if !filled.contains(&placeholder) {
            continue;
        }
        let value = match name {
            "application_id" => error.ids.get("app_id"),
            "policy_id" => error.conditional_access_policies.first(),
            "principal_id" => error.ids.get("principal_id").or_else(|| error.ids.get("user_id")),
            _ => error.ids.get(name),
        };
        let shown = value.map_or_else(|| format!("<{name}>"), Clone::clone);
        filled = filled.replace(&placeholder, &shown);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::super::decode_text;
    use super::super::model::PasswordVerdict;

    #[test]
    fn the_password_verdict_follows_the_contract() {
        for (text, verdict) in [
            (
                "AADSTS50126: Error validating credentials",
                PasswordVerdict::Rejected,
            ),
            ("AADSTS50055: Password is expired", PasswordVerdict::Expired),
            (
                "AADSTS50053: You've tried to sign in too many times",
                PasswordVerdict::Locked,
            ),
            (
                "AADSTS50053: sign-in was blocked because it came from an IP address with malicious activity",
                PasswordVerdict::Unknown,
            ),
            ("AADSTS53003: Access has been blocked", PasswordVerdict::Accepted),
            ("AADSTS50034: no such account", PasswordVerdict::Unknown),
        ] {
            assert_eq!(decode_text(text.as_bytes()).password, verdict, "{text}");
        }
    }

    #[test]
    fn a_token_that_a_reset_ended_says_not_to_reset_again() {
        let text = "AADSTS50173: The provided grant has expired. The grant was issued on '2026-08-01T09:12:00.0000000Z' \
                    and the TokensValidFrom date (before which tokens are not valid) for this user is '2026-08-03T18:24:00.0000000Z'.";
        let says = decode_text(text.as_bytes())
            .inferences
            .into_iter()
            .find(|inference| inference.about == "token");
        let says = says.map(|inference| inference.says).unwrap_or_default();
        assert!(
            says.contains("2026-08-01T09:12:00.0000000Z") && says.contains("Do not reset"),
            "{says}"
        );
    }
}
