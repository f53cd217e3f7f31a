//! Answers that name another object than the one that was asked about.
//!
//! A snapshot may be put together from the answers of several questions: those about the one account with a file of its colleague,
//! or a section of the domain that somebody looked up by hand. Where such an answer names what it is about, and that is surely not
//! what this snapshot is about, it says nothing here.

use super::evidence::Answer;
use super::field::Field;
use super::outcome::Subject;
use super::section::Evidence;
use super::shapes::Single;

/// Puts aside the answers of `evidence` that are about another account or another account's domain.
///
/// The admin API's answer about another environment stays: that it is another one is a finding of its own.
pub(super) fn put_aside(evidence: &mut Evidence, subject: &Subject) {
    let user = evidence.user.ok().and_then(|single| single.0.as_ref());
    let own = Own {
        object_id: user.and_then(|user| known(&user.id)),
        names: [
            Some(subject.account.as_str()),
            user.and_then(|user| known(&user.user_principal_name)),
        ],
    };
    let risk =
        single(&evidence.risky_user).and_then(|risk| own.stranger(&risk.id, &risk.user_principal_name));
    let registration = single(&evidence.registration_details)
        .and_then(|details| own.stranger(&details.id, &details.user_principal_name));
    let domain = single(&evidence.domain).and_then(|domain| own.other_domain(&domain.id));
    let realm = evidence
        .realm
        .ok()
        .and_then(|realm| own.other_domain(&realm.domain_name));
    refuse(&mut evidence.risky_user, risk);
    refuse(&mut evidence.registration_details, registration);
    refuse(&mut evidence.domain, domain);
    refuse(&mut evidence.realm, realm);
}

/// What the account is called.
struct Own<'a> {
    object_id: Option<&'a str>,
    names: [Option<&'a str>; 2],
}

impl<'a> Own<'a> {
    /// Its addresses.
    fn addresses(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = self.names.into_iter().flatten();
        named.filter_map(|name| Some((name, name.rsplit_once('@')?.1)))
    }

    /// The account that an answer names, if it is surely another one: by its id, which stays when names change, else by its name.
    fn stranger(&self, id: &Field<String>, name: &Field<String>) -> Option<String> {
        if let (Some(id), Some(own)) = (known(id), self.object_id) {
            return (!id.eq_ignore_ascii_case(own)).then(|| id.to_owned());
        }
        let name = known(name)?;
        is_other(
            self.addresses()
                .map(|(address, _)| address.eq_ignore_ascii_case(name)),
        )
        .then(|| name.to_owned())
    }

    /// The domain that an answer names, if it is neither the account's nor one above it, whose settings that one inherits
    /// (<https://learn.microsoft.com/entra/identity/users/domains-verify-custom-subdomain>).
    fn other_domain(&self, name: &Field<String>) -> Option<String> {
        let name = known(name)?;
        let is_own = |domain: &str| match domain.len().checked_sub(name.len()) {
            Some(0) => domain.eq_ignore_ascii_case(name),
            Some(above) => {
                domain.get(..above).is_some_and(|below| below.ends_with('.'))
                    && domain
                        .get(above..)
                        .is_some_and(|end| end.eq_ignore_ascii_case(name))
            }
            None => false,
        };
        is_other(self.addresses().map(|(_, domain)| is_own(domain))).then(|| name.to_owned())
    }
}

/// Whether there are names to compare with, and none is meant.
fn is_other(mut is_meant: impl Iterator<Item = bool>) -> bool {
    is_meant
        .next()
        .is_some_and(|first| !first && !is_meant.any(|meant| meant))
}

fn single<T>(answer: &Answer<Single<T>>) -> Option<&T> {
    answer.ok()?.0.as_ref()
}

fn known(field: &Field<String>) -> Option<&str> {
    field
        .known()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}

fn refuse<T>(answer: &mut Answer<T>, stranger: Option<String>) {
    if let Some(stranger) = stranger {
        answer.put_aside(format!("the answer is about {stranger}"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use crate::snapshot::{Snapshot, Unread};

    const OWN: &str = "b6a1f0c2-1111-4222-8333-444455556666";
    const OTHER: &str = "0c0ffee0-1111-4222-8333-444455556666";

    fn with(sections: &[(&str, Value)]) -> Snapshot {
        let sections: serde_json::Map<_, _> = sections
            .iter()
            .map(|(name, body)| ((*name).to_owned(), json!({"outcome": "ok", "body": body})))
            .collect();
        let snapshot = json!({
            "schema": super::super::SCHEMA,
            "captured_at": "2026-01-05T10:11:12Z",
            "subject": {"account": "svc@contoso.com", "environment": "https://contoso.crm.dynamics.com"},
            "sections": sections,
        });
        Snapshot::from_bytes(snapshot.to_string().as_bytes()).unwrap()
    }

    fn why(body: Result<(), Unread>) -> Option<String> {
        match body {
            Err(Unread::Failed { detail, .. }) => detail,
            _ => None,
        }
    }

    #[test]
    fn the_domain_of_another_account_says_nothing() {
        for (name, is_own) in [
            ("contoso.com", true),
            ("Contoso.com ", true),
            ("fabrikam.com", false),
        ] {
            let snapshot = with(&[
                (
                    "graph.domain",
                    json!({"id": name, "authenticationType": "Managed"}),
                ),
                (
                    "login.realm",
                    json!({"domain_name": name, "account_type": "Managed"}),
                ),
            ]);
            let domain = snapshot.evidence.domain.body().map(|_| ()).map_err(Clone::clone);
            let realm = snapshot.evidence.realm.body().map(|_| ()).map_err(Clone::clone);
            let expected = (!is_own).then(|| format!("the answer is about {name}"));
            assert_eq!((why(domain), why(realm)), (expected.clone(), expected), "{name}");
        }
        let below = with(&[("graph.domain", json!({"id": "COM"}))]);
        assert!(
            below.evidence.domain.ok().is_some(),
            "a domain inherits from the one above it"
        );
        // A guest signs in at home and has a name here.
        let guest = with(&[
            (
                "graph.user",
                json!({"id": OWN, "userPrincipalName": "svc_contoso.com#EXT#@fabrikam.onmicrosoft.com"}),
            ),
            ("graph.domain", json!({"id": "fabrikam.onmicrosoft.com"})),
            ("login.realm", json!({"domain_name": "contoso.com"})),
        ]);
        assert!(guest.evidence.domain.ok().is_some() && guest.evidence.realm.ok().is_some());
    }

    #[test]
    fn the_risk_of_another_account_says_nothing() {
        let user = json!({"id": OWN, "userPrincipalName": "svc@contoso.com"});
        for (risk, is_own) in [
            (
                json!({"id": OWN.to_uppercase(), "userPrincipalName": "former@contoso.com"}),
                true,
            ),
            (
                json!({"id": OTHER, "userPrincipalName": "svc@contoso.com"}),
                false,
            ),
            (json!({"userPrincipalName": "SVC@contoso.com"}), true),
            (json!({"userPrincipalName": "amira@contoso.com"}), false),
            (json!({"riskState": "none"}), true),
        ] {
            let snapshot = with(&[
                ("graph.user", user.clone()),
                ("graph.risky_user", risk.clone()),
                ("graph.registration_details", risk.clone()),
            ]);
            assert_eq!(snapshot.evidence.risky_user.ok().is_some(), is_own, "{risk}");
            if risk.get("riskState").is_none() {
                assert_eq!(
                    snapshot.evidence.registration_details.ok().is_some(),
                    is_own,
                    "{risk}"
                );
            }
        }
    }
}
