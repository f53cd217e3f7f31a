//! Names that stay the same from one run to the next: what a ticket is found again by.

use sha2::{Digest as _, Sha256};

use super::report::{Report, ReportSubject};
use crate::text::hex;

/// Bytes of the digest that the name keeps.
const KEPT: usize = 8;

/// The names of one account's findings: `w365-` and 16 hex digits of account, environment and rule. They do not depend on what
/// was found, or when.
pub(super) struct StableIds(Sha256);

impl StableIds {
    pub(super) fn of(subject: &ReportSubject) -> Self {
        let environment = subject.environment.as_deref().unwrap_or_default();
        let environment = environment.trim().trim_end_matches('/');
        let place = format!("{}\n{environment}\n", subject.account.trim());
        Self(Sha256::new_with_prefix(place.to_lowercase()))
    }

    /// The name of one finding; of the case itself where no rule is named. Ids of rules have small letters.
    pub(super) fn of_rule(&self, rule: Option<&str>) -> String {
        let digest = self.0.clone().chain_update(rule.unwrap_or_default()).finalize();
        format!("w365-{}", hex(&digest[..KEPT]))
    }
}

impl Report {
    /// The name of this case, or of one of its findings, that is the same in every run.
    pub fn stable_id(&self, rule: Option<&str>) -> String {
        StableIds::of(&self.subject).of_rule(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::StableIds;
    use crate::diagnosis::report::ReportSubject;

    #[test]
    fn it_depends_on_account_environment_and_rule_alone() {
        let subject = |account: &str, environment: &str| ReportSubject {
            account: account.to_owned(),
            object_id: None,
            tenant_id: None,
            environment: Some(environment.to_owned()),
        };
        let stable_id = |subject: &ReportSubject, rule| StableIds::of(subject).of_rule(rule);
        let id = stable_id(
            &subject("svc@contoso.com", "https://contoso.crm4.dynamics.com"),
            Some("mfa-per-user"),
        );
        assert_eq!(id.len(), 21);
        let same = stable_id(
            &subject(" SVC@contoso.com", "https://contoso.crm4.dynamics.com/"),
            Some("mfa-per-user"),
        );
        assert_eq!(id, same);
        let others = [
            stable_id(
                &subject("svc@contoso.com", "https://contoso.crm.dynamics.com"),
                Some("mfa-per-user"),
            ),
            stable_id(
                &subject("svc2@contoso.com", "https://contoso.crm4.dynamics.com"),
                Some("mfa-per-user"),
            ),
            stable_id(
                &subject("svc@contoso.com", "https://contoso.crm4.dynamics.com"),
                Some("no-roles"),
            ),
            stable_id(
                &subject("svc@contoso.com", "https://contoso.crm4.dynamics.com"),
                None,
            ),
        ];
        assert!(!others.contains(&id));
    }
}
