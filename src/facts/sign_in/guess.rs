//! Sign-ins of others with the account's password, or with a guess at it: no job of Work 365 made them.

use crate::facts::sign_in::entry::{any_code_of, plain, time_of};
use crate::snapshot::Field;
use crate::snapshot::graph::SignIn;

/// Codes of a sign-in whose password was not accepted.
const FIRST_FACTOR: [i64; 5] = [50126, 50053, 50034, 50056, 50064];

/// Takes the guesses of others out of Work 365's own sign-ins. Answers with those that may be guesses, each with the property
/// that is missing to tell.
///
/// `lost` is what an entry lacks that may be Work 365's too: it may be the success without which nobody is a stranger.
pub(super) fn without_guesses<'a>(
    own: &mut Vec<&'a SignIn>,
    lost: Option<&'static str>,
) -> Vec<(&'a SignIn, &'static str)> {
    let (trusted, refused): (Vec<&SignIn>, Vec<&SignIn>) = own
        .iter()
        .partition(|entry| any_code_of(entry).is_some_and(|code| !FIRST_FACTOR.contains(&code)));
    let lost = lost.filter(|_| trusted.is_empty());
    let mut uncertain = Vec::new();
    let kept = refused
        .into_iter()
        .filter(|entry| match (is_guess(entry, &trusted), lost) {
            (Ok(false), None) => true,
            (Ok(true), _) => false,
            (Ok(false), Some(property)) | (Err(property), _) => {
                uncertain.push((*entry, property));
                false
            }
        });
    let kept: Vec<&SignIn> = kept.collect();
    *own = trusted.into_iter().chain(kept).collect();
    uncertain
}

/// Takes the first success of a client and an address that never succeeded before out of Work 365's own sign-ins, where
/// another client does: somebody tried the password, and that mends nothing where Work 365 signs in. Answers with those that
/// may be such, each with the property that is missing to tell.
pub(super) fn without_trials<'a>(own: &mut Vec<&'a SignIn>) -> Vec<(&'a SignIn, &'static str)> {
    let successes: Vec<&SignIn> = own
        .iter()
        .copied()
        .filter(|entry| any_code_of(entry) == Some(0))
        .collect();
    let mut uncertain = Vec::new();
    own.retain(|entry| {
        if any_code_of(entry) != Some(0) {
            return true;
        }
        let before = |other: &&&SignIn| time_of(other) < time_of(entry);
        let earlier: Vec<&SignIn> = successes.iter().filter(before).copied().collect();
        match is_guess(entry, &earlier) {
            Ok(is_trial) => !is_trial,
            Err(property) => {
                uncertain.push((*entry, property));
                false
            }
        }
    });
    uncertain
}

/// Whether the entry is the guess of somebody else: a password that was not accepted, from an address and by a client that
/// never succeeded while another address and another client did; otherwise which property is missing to tell.
fn is_guess(entry: &SignIn, trusted: &[&SignIn]) -> Result<bool, &'static str> {
    let differs = |field: &Field<String>, other: &Field<String>, name| match (plain(field), plain(other)) {
        (Some(one), Some(other)) => Ok(!one.eq_ignore_ascii_case(other)),
        _ if field.is_missing() || other.is_missing() => Err(name),
        _ => Ok(false),
    };
    let mut unknown = None;
    let tells = |field: &Field<String>| field.is_missing() || plain(field).is_some();
    let mut trusted = trusted
        .iter()
        .filter(|own| tells(&own.ip_address) && tells(&own.app_id))
        .peekable();
    if trusted.peek().is_none() {
        return Ok(false);
    }
    for own in trusted {
        let by_place = [
            differs(&entry.ip_address, &own.ip_address, "ipAddress"),
            differs(&entry.app_id, &own.app_id, "appId"),
        ];
        if by_place.contains(&Ok(false)) {
            return Ok(false);
        }
        unknown = unknown.or(by_place.into_iter().find_map(Result::err));
    }
    unknown.map_or(Ok(true), Err)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{without_guesses, without_trials};
    use crate::snapshot::graph::SignIn;

    /// How many stay, and what is missing to tell of the others.
    fn told(entries: &[Value]) -> (usize, Vec<&'static str>) {
        let entries: Vec<SignIn> = entries
            .iter()
            .map(|entry| serde_json::from_value(entry.clone()).unwrap())
            .collect();
        let mut own = entries.iter().collect();
        let uncertain = without_guesses(&mut own, None);
        (
            own.len(),
            uncertain.into_iter().map(|(_, property)| property).collect(),
        )
    }

    #[test]
    fn a_guess_comes_from_elsewhere_by_another_client_and_only_then() {
        let entry = |code: i64, address: &str, client: &str| json!({"status": {"errorCode": code}, "ipAddress": address, "appId": client});
        let own = entry(0, "192.0.2.1", "a");
        assert_eq!(told(&[own.clone(), entry(50126, "192.0.2.2", "b")]), (1, vec![]));
        assert_eq!(told(&[own.clone(), entry(50126, "192.0.2.1", "b")]), (2, vec![]));
        assert_eq!(told(&[entry(50126, "192.0.2.2", "b")]), (1, vec![]));
        let mut nowhere = entry(50126, "", "b");
        nowhere.as_object_mut().unwrap().remove("ipAddress");
        assert_eq!(told(&[own, nowhere]), (1, vec!["ipAddress"]));
    }

    #[test]
    fn the_first_success_elsewhere_by_another_client_is_a_trial_and_the_second_is_none() {
        let success = |day: u8, address: &str, client: &str| {
            let entry = json!({"status": {"errorCode": 0}, "ipAddress": address, "appId": client,
                "createdDateTime": format!("2026-06-{day:02}T08:00:00Z")});
            serde_json::from_value::<SignIn>(entry).unwrap()
        };
        for (others, kept) in [
            (vec![("192.0.2.2", "b")], 1),
            (vec![("192.0.2.2", "a")], 2),
            (vec![("192.0.2.1", "b")], 2),
            (vec![("192.0.2.2", "b"), ("192.0.2.2", "b")], 2),
        ] {
            let later = others.iter().zip(2..);
            let later = later.map(|((address, client), day)| success(day, address, client));
            let entries: Vec<SignIn> = std::iter::once(success(1, "192.0.2.1", "a"))
                .chain(later)
                .collect();
            let mut own = entries.iter().collect();
            assert!(without_trials(&mut own).is_empty());
            assert_eq!(own.len(), kept, "{others:?}");
        }
    }
}
