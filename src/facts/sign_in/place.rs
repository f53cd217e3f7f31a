//! Refusals that depend on where and from what a sign-in comes: a person who gets in from elsewhere does not end them.

use crate::facts::sign_in::entry::{Attempt, is_by_person};

/// Codes of a sign-in that a policy stopped. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
pub(super) const BLOCKED: [i64; 5] = [53003, 530032, 530036, 53009, TOKEN_PROTECTION];

/// A policy wants a token that is bound to a device. Source: <https://learn.microsoft.com/entra/identity/conditional-access/concept-token-protection>.
pub(super) const TOKEN_PROTECTION: i64 = 530_084;

/// Codes of a sign-in from a device that a policy does not accept.
pub(super) const DEVICE: [i64; 6] = [53000, 53001, 53002, 50097, 50129, 50155];

/// Takes away what got in elsewhere after Work 365's own address was refused: a person who repeats the consent in a browser,
/// and the probe of this tool. The next sign-in of Work 365 comes from where the last one was refused.
pub(super) fn without_successes_elsewhere(attempts: &mut Vec<Attempt<'_>>) {
    let is_by_program = |attempt: &Attempt<'_>| attempt.entry.is_some_and(|entry| !is_by_person(entry));
    let newest = attempts
        .iter()
        .filter(|attempt| is_by_program(attempt))
        .max_by_key(|attempt| attempt.at)
        .filter(|attempt| is_of_the_place(attempt))
        .copied();
    let Some(refusal) = newest else {
        return;
    };
    let is_from_there =
        |attempt: &Attempt<'_>| attempt.address().is_some_and(|at| Some(at) == refusal.address());
    attempts.retain(|attempt| {
        let is_later = attempt.code == 0 && attempt.at > refusal.at;
        !is_later || attempt.source.is_hearsay() || is_from_there(attempt)
    });
}

fn is_of_the_place(refusal: &Attempt<'_>) -> bool {
    BLOCKED.contains(&refusal.code) || DEVICE.contains(&refusal.code) || refusal.is_refused_for_address()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::FactValue;
    use crate::facts::testing::sample::{Sample, token_refresh};
    use crate::profile::Profile;

    /// The code that decides, where the last refresh ended with `code` and a person signed in from `address` after it.
    fn deciding(code: i64, address: serde_json::Value) -> Result<FactValue, String> {
        let mut person = token_refresh("2026-06-14T07:00:00Z", 0);
        for (property, value) in [
            ("clientAppUsed", json!("Browser")),
            ("isInteractive", json!(true)),
            ("signInEventTypes", json!(["interactiveUser"])),
            ("ipAddress", address),
        ] {
            person[property] = value;
        }
        let sample = Sample::new().under(Profile::Consent).with_user(json!({})).list(
            "graph.sign_ins",
            json!([token_refresh("2026-06-14T06:00:00Z", code), person]),
        );
        sample.fact("attempt.code")
    }

    #[test]
    fn a_person_elsewhere_ends_no_refusal_of_the_place() {
        for (code, address, decides) in [
            (53003, json!("198.51.100.9"), 53003),
            (50097, json!("198.51.100.9"), 50097),
            (53003, json!(null), 53003),
            (53003, json!("203.0.113.10"), 0),
            (50173, json!("198.51.100.9"), 0),
        ] {
            let told = deciding(code, address.clone());
            assert_eq!(told, Ok(FactValue::Int(decides)), "{code} {address}");
        }
    }
}
