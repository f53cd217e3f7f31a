//! Facts of the area credential: what the newest password sign-in proves, when the password expires, risk.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};

use crate::decode::{PasswordVerdict, password_verdict};
use crate::profile::Profile;
use crate::snapshot::graph::SignIn;

use super::identity::missing;
use super::reading::{Reading, Unknown};
use super::sign_in_log::{Attempt, carries_password, concerns_work_365};
use super::value::{Kind, parse_time};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "credential.password",
        Kind::Text,
        PASSWORD_SECTIONS,
        "What the probe, or else the newest password sign-in, proves about the password: accepted, rejected, expired, locked or unknown.",
        |inputs| Ok(inputs.password_word()?.into()),
    ),
    fact(
        "credential.code",
        Kind::Int,
        PASSWORD_SECTIONS,
        "AADSTS number of the newest password sign-in (0 is success); null when there was none.",
        |inputs| {
            let evidence = inputs.password_evidence()?;
            Ok(evidence.map(|evidence| evidence.attempt.code).into())
        },
    )
    .nullable(),
    fact(
        "credential.code_at",
        Kind::Time,
        PASSWORD_SECTIONS,
        "When the newest password sign-in happened; null when there was none.",
        |inputs| {
            let evidence = inputs.password_evidence()?;
            Ok(evidence.and_then(|evidence| evidence.attempt.at).into())
        },
    )
    .nullable(),
    fact(
        "credential.address",
        Kind::Text,
        PASSWORD_SECTIONS,
        "Address from which the newest sign-in came; null when it is not known.",
        |inputs| {
            let newest = inputs.password_attempt()?;
            Ok(newest.as_ref().and_then(Attempt::address).into())
        },
    )
    .its_own()
    .nullable(),
    fact(
        "credential.rejected",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "The present password was refused: wrong, or none is set (AADSTS50126, 50064, 50056).",
        |inputs| inputs.password_is_rejected().map(Into::into),
    ),
    fact(
        "credential.none_set",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "The account has no password (AADSTS50056).",
        |inputs| {
            Ok(inputs
                .password_attempt()?
                .is_some_and(|attempt| attempt.code == 50056)
                .into())
        },
    ),
    fact(
        "credential.locked_out",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "Smart lockout: too many wrong passwords (AADSTS50053 that does not speak of the address), less than a day ago.",
        |inputs| inputs.is_refused_as(Meaning::Locked).map(Into::into),
    ),
    fact(
        "credential.address_blocked",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "The sign-in was refused because of the address that it came from (AADSTS50053 that speaks of the address).",
        |inputs| inputs.is_refused_as(Meaning::AddressBlocked).map(Into::into),
    ),
    fact(
        "credential.change_required",
        Kind::Bool,
        &["graph.user", "login.probe", "graph.sign_ins"],
        "The password is temporary and must be changed at the next sign-in.",
        |inputs| inputs.password_change_is_required().map(Into::into),
    ),
    fact(
        "credential.last_changed",
        Kind::Time,
        &["graph.user"],
        "When the password was last changed.",
        |inputs| inputs.last_password_change().map(Into::into),
    ),
    fact(
        "credential.expires_at",
        Kind::Time,
        EXPIRY_SECTIONS,
        "When the password expires by the rules of the cloud; null is never.",
        |inputs| Ok(inputs.password_expiry()?.into()),
    )
    .nullable(),
    fact(
        "credential.expires_in_days",
        Kind::Int,
        EXPIRY_SECTIONS,
        "Whole days until the password expires, negative when it has; null is never.",
        |inputs| {
            let expiry = inputs.password_expiry()?;
            Ok(expiry
                .map(|expiry| expiry.duration_since(inputs.now).as_hours().div_euclid(24))
                .into())
        },
    )
    .its_own()
    .nullable(),
    fact(
        "credential.expired",
        Kind::Bool,
        &[
            "graph.user",
            "graph.domain",
            "graph.organization",
            "login.probe",
            "graph.sign_ins",
        ],
        "The password has expired: by date, or by what the sign-in service said (AADSTS50055, 50144).",
        |inputs| inputs.password_is_expired().map(Into::into),
    ),
    fact(
        "credential.expires_soon",
        Kind::Bool,
        EXPIRY_SECTIONS,
        "The password expires within the domain's notification window (14 days unless set otherwise).",
        |inputs| inputs.password_expires_soon().map(Into::into),
    ),
];

const PASSWORD_SECTIONS: &[&str] = &["login.probe", "graph.sign_ins", "graph.user"];
const EXPIRY_SECTIONS: &[&str] = &["graph.user", "graph.domain", "graph.organization"];

/// Readings that several facts start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    pub(super) sign_ins: OnceLock<Reading<Vec<&'a SignIn>>>,
    password: OnceLock<Reading<Option<Evidence<'a>>>>,
}

/// What a password sign-in proves about the password. Source: api-facts 3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It was right, whatever else was demanded afterwards.
    Accepted,
    /// It was wrong, or there is none.
    Rejected,
    /// It was right, but too old.
    Expired,
    /// Nothing: too many wrong attempts before.
    Locked,
    /// Nothing: the address is not trusted.
    AddressBlocked,
}

impl Meaning {
    /// The word of `diagnosis.password`.
    fn word(self) -> &'static str {
        match self {
            Meaning::Accepted => "accepted",
            Meaning::Rejected => "rejected",
            Meaning::Expired => "expired",
            Meaning::Locked => "locked",
            Meaning::AddressBlocked => "unknown",
        }
    }

    fn of(attempt: &Attempt<'_>) -> Option<Self> {
        if attempt.code == 0 {
            return Some(Meaning::Accepted);
        }
        // The decoder's table is the one source of what a code proves; only the log says whose fault a 50053 is.
        match password_verdict(&format!("AADSTS{}", attempt.code)) {
            PasswordVerdict::Accepted => Some(Meaning::Accepted),
            PasswordVerdict::Rejected => Some(Meaning::Rejected),
            PasswordVerdict::Expired => Some(Meaning::Expired),
            PasswordVerdict::Locked if attempt.mentions(&["ip address", "malicious", " ip "]) => {
                Some(Meaning::AddressBlocked)
            }
            PasswordVerdict::Locked => Some(Meaning::Locked),
            PasswordVerdict::Unknown => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Evidence<'a> {
    attempt: Attempt<'a>,
    meaning: Meaning,
}

/// The service was busy: the attempt says nothing at all. Source: domain.md D12.
const TRANSIENT: [i64; 8] = [90006, 90024, 90033, 90055, 50033, 50196, 90010, 50089];

/// Smart lockout lasts a minute at first and grows; a day later it says nothing about now. Source: domain.md B3.
const LOCKOUT_STANDS_FOR: SignedDuration = SignedDuration::from_hours(24);

impl<'a> Inputs<'a> {
    /// The probe, else the newest password sign-in of the log that says something about the password.
    fn password_evidence(&self) -> Reading<Option<Evidence<'a>>> {
        self.credential
            .password
            .get_or_init(|| self.find_password_evidence())
            .clone()
    }

    /// What the newest password attempt alone proves, without looking behind it (CONTRACT section 4).
    fn password_word(&self) -> Reading<&'static str> {
        if self.profile == Profile::ApplicationUser {
            // An application user has no password.
            return Ok("unknown");
        }
        let attempts = self.attempts()?;
        let newest = attempts.iter().find(|attempt| {
            attempt.entry.is_none_or(|entry| {
                let known = self
                    .password_attempt()
                    .ok()
                    .flatten()
                    .and_then(|known| known.entry);
                let is_known = known.is_some_and(|known| std::ptr::eq(known, entry));
                is_known || (carries_password(entry) && concerns_work_365(entry))
            })
        });
        Ok(newest.and_then(Meaning::of).map_or("unknown", Meaning::word))
    }

    /// The attempt behind [`Self::password_evidence`].
    pub(super) fn password_attempt(&self) -> Reading<Option<Attempt<'a>>> {
        Ok(self.password_evidence()?.map(|evidence| evidence.attempt))
    }

    fn find_password_evidence(&self) -> Reading<Option<Evidence<'a>>> {
        let with_meaning = |attempt: Attempt<'a>| {
            let meaning = Meaning::of(&attempt)?;
            Some(Evidence { attempt, meaning })
        };
        if self.profile == Profile::ApplicationUser {
            let newest = self.attempts()?.into_iter().find_map(with_meaning);
            return self.unless_log_is_cut(newest);
        }
        let attempts: Vec<_> = self
            .attempts()?
            .into_iter()
            .filter(|attempt| attempt.entry.is_none_or(carries_password))
            .filter_map(with_meaning)
            .collect();
        let newest = attempts
            .iter()
            .find(|evidence| !is_by_a_stranger(evidence, &attempts));
        self.unless_log_is_cut(newest.copied())
    }

    pub(super) fn last_password_change(&self) -> Reading<Timestamp> {
        let user = self.existing_user()?;
        user.last_password_change_date_time
            .text()
            .and_then(parse_time)
            .ok_or_else(|| missing("lastPasswordChangeDateTime"))
    }

    /// Whether the attempt used the password that is set now. Without a known time of change there is nothing that
    /// speaks against it.
    fn is_about_present_password(&self, attempt: &Attempt<'_>) -> bool {
        match (attempt.at, self.last_password_change()) {
            (Some(at), Ok(changed)) => at >= changed,
            _ => true,
        }
    }

    /// The newest password attempt, when it was refused with a code that says nothing about the password. An older success
    /// must not cover it up.
    fn unclassified_refusal(&self) -> Reading<Option<Attempt<'a>>> {
        let attempts = self.attempts()?;
        let newest = attempts.into_iter().find(|attempt| {
            attempt
                .entry
                .is_none_or(|entry| carries_password(entry) && concerns_work_365(entry))
                && !TRANSIENT.contains(&attempt.code)
        });
        Ok(newest.filter(|attempt| Meaning::of(attempt).is_none()))
    }

    fn password_is_rejected(&self) -> Reading<bool> {
        if let Some(attempt) = self.unclassified_refusal()? {
            return Err(Unknown::silent(
                attempt.section(),
                format!(
                    "the newest sign-in was refused with AADSTS{}, which says nothing about the password",
                    attempt.code
                ),
            ));
        }
        let evidence = self.password_evidence()?;
        let present = evidence.filter(|evidence| self.is_about_present_password(&evidence.attempt));
        match present.map(|evidence| evidence.meaning) {
            // The cloud cannot check the password of a federated domain: its refusal says nothing (domain.md A10).
            Some(Meaning::Rejected) if self.is_federated() == Ok(true) => Err(Unknown::silent(
                "graph.domain",
                "the domain is federated, so the cloud refuses even the right password",
            )),
            Some(Meaning::Rejected) => Ok(true),
            Some(Meaning::Accepted | Meaning::Expired) => Ok(false),
            // While it is locked, even a right password is refused: nothing is known about it.
            Some(Meaning::Locked | Meaning::AddressBlocked) => Err(Unknown::silent(
                "graph.sign_ins",
                "the newest sign-in was refused before the password was looked at",
            )),
            None if self.succeeded_after_last_change()? => Ok(false),
            None => Err(Unknown::silent(
                "graph.sign_ins",
                "no password sign-in since the password was last changed",
            )),
        }
    }

    fn succeeded_after_last_change(&self) -> Reading<bool> {
        Ok(self
            .attempts()?
            .iter()
            .any(|attempt| attempt.code == 0 && self.is_about_present_password(attempt)))
    }

    fn is_refused_as(&self, wanted: Meaning) -> Reading<bool> {
        let Some(evidence) = self.password_evidence()? else {
            return Ok(false);
        };
        if evidence.meaning != wanted {
            return Ok(false);
        }
        // A new password ends a lockout; it does not make an address trusted.
        if wanted == Meaning::Locked && !self.is_about_present_password(&evidence.attempt) {
            return Ok(false);
        }
        match evidence.attempt.at {
            Some(at) if self.now.duration_since(at) > LOCKOUT_STANDS_FOR => Err(Unknown::silent(
                "graph.sign_ins",
                "the refusal is older than a day and nothing was tried since",
            )),
            _ => Ok(true),
        }
    }

    fn password_change_is_required(&self) -> Reading<bool> {
        let user = self.existing_user()?;
        let profile = user.password_profile.value();
        let flags = profile.map(|profile| {
            [
                &profile.force_change_password_next_sign_in,
                &profile.force_change_password_next_sign_in_with_mfa,
            ]
        });
        let known: Vec<bool> = flags
            .into_iter()
            .flatten()
            .filter_map(|flag| flag.value().copied())
            .collect();
        if !known.is_empty() {
            return Ok(known.contains(&true));
        }
        // The flag was not shown. A password sign-in since the last change answers as well (CONTRACT section 8).
        let evidence = self.password_evidence().ok().flatten();
        let present = evidence.filter(|evidence| self.is_about_present_password(&evidence.attempt));
        match present {
            Some(evidence) if evidence.attempt.code == 50125 => Ok(true),
            Some(evidence) if evidence.meaning == Meaning::Accepted => Ok(false),
            // 50055 on a password that never expires is the flag (api-facts 3.4).
            Some(evidence) if evidence.meaning == Meaning::Expired && self.password_expiry() == Ok(None) => {
                Ok(true)
            }
            _ => Err(missing("passwordProfile.forceChangePasswordNextSignIn")),
        }
    }

    fn password_is_expired(&self) -> Reading<bool> {
        let evidence = self.password_evidence().ok().flatten();
        let present = evidence.filter(|evidence| self.is_about_present_password(&evidence.attempt));
        if present.is_some_and(|evidence| evidence.meaning == Meaning::Expired) {
            return Ok(true);
        }
        let accepted_at = present
            .filter(|evidence| evidence.meaning == Meaning::Accepted)
            .and_then(|evidence| evidence.attempt.at);
        match self.password_expiry() {
            Ok(None) => Ok(false),
            Ok(Some(expiry)) => Ok(expiry <= self.now && accepted_at.is_none_or(|at| at < expiry)),
            Err(_) if accepted_at.is_some_and(|at| self.now.duration_since(at) <= LOCKOUT_STANDS_FOR) => {
                Ok(false)
            }
            Err(unknown) => Err(unknown),
        }
    }
}

/// Whether a refusal is somebody else's: not for Dynamics 365 or Work 365, and from an address that never used the right
/// password. An attacker's guesses say nothing about the password that Work 365 stores.
fn is_by_a_stranger(evidence: &Evidence<'_>, all: &[Evidence<'_>]) -> bool {
    let Some(entry) = evidence.attempt.entry else {
        return false;
    };
    if evidence.meaning == Meaning::Accepted || concerns_work_365(entry) {
        return false;
    }
    let mut accepted = all
        .iter()
        .filter(|other| {
            other.meaning == Meaning::Accepted && other.attempt.entry.is_none_or(concerns_work_365)
        })
        .peekable();
    accepted.peek().is_some() && accepted.all(|other| other.attempt.address() != evidence.attempt.address())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use crate::facts::FactValue;
    use crate::facts::sample::{Sample, password_sign_in};

    fn unknown_in(section: &str) -> Result<bool, String> {
        Err(section.to_owned())
    }

    #[test]
    fn the_newest_password_sign_in_decides_and_order_in_the_file_does_not() {
        let sample = Sample::new().with_user(json!({})).list(
            "graph.sign_ins",
            json!([
                password_sign_in("2026-06-14T06:00:00Z", 0),
                password_sign_in("2026-06-15T06:00:00Z", 50126),
            ]),
        );
        assert_eq!(sample.is("credential.rejected"), Ok(true));
        assert_eq!(sample.fact("credential.password"), Ok("rejected".into()));
        assert_eq!(sample.fact("credential.code"), Ok(FactValue::Int(50126)));
    }

    #[test]
    fn a_refusal_from_before_the_last_change_proves_nothing_about_the_present_password() {
        let old = json!([password_sign_in("2026-05-30T06:00:00Z", 50126)]);
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", old.clone());
        assert_eq!(sample.is("credential.rejected"), unknown_in("graph.sign_ins"));
        let mut entries = old.as_array().cloned().unwrap();
        entries.push(crate::facts::sample::token_refresh("2026-06-10T06:00:00Z", 0));
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!(entries));
        assert_eq!(sample.is("credential.rejected"), Ok(false));
    }

    #[test]
    fn an_mfa_refusal_accepts_the_password_and_a_lockout_leaves_it_open() {
        for (code, rejected, locked) in [
            (50076, Ok(false), Ok(false)),
            (53003, Ok(false), Ok(false)),
            (50056, Ok(true), Ok(false)),
            (50053, unknown_in("graph.sign_ins"), Ok(true)),
        ] {
            let sample = Sample::new().with_user(json!({})).list(
                "graph.sign_ins",
                json!([password_sign_in("2026-06-15T06:00:00Z", code)]),
            );
            assert_eq!(sample.is("credential.rejected"), rejected, "{code}");
            assert_eq!(sample.is("credential.locked_out"), locked, "{code}");
        }
    }

    #[test]
    fn code_50053_is_the_address_when_its_text_says_so() {
        let mut entry = password_sign_in("2026-06-15T06:00:00Z", 50053);
        entry["status"]["failureReason"] =
            json!("Sign-in was blocked because it came from an IP address with malicious activity");
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!([entry]));
        assert_eq!(sample.is("credential.address_blocked"), Ok(true));
        assert_eq!(sample.is("credential.locked_out"), Ok(false));
        assert_eq!(sample.fact("credential.password"), Ok("unknown".into()));
    }

    #[test]
    fn a_lockout_of_last_week_says_nothing_about_now() {
        let sample = Sample::new().with_user(json!({})).list(
            "graph.sign_ins",
            json!([password_sign_in("2026-06-08T06:00:00Z", 50053)]),
        );
        assert_eq!(sample.is("credential.locked_out"), unknown_in("graph.sign_ins"));
    }

    #[test]
    fn guesses_of_an_attacker_do_not_count_against_the_account() {
        let mut guess = password_sign_in("2026-06-15T08:00:00Z", 50126);
        guess["resourceId"] = json!("00000002-0000-0000-c000-000000000000");
        guess["ipAddress"] = json!("198.51.100.99");
        let own = password_sign_in("2026-06-15T06:00:00Z", 0);
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!([guess.clone(), own]));
        assert_eq!(sample.is("credential.rejected"), Ok(false));
        let alone = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!([guess]));
        assert_eq!(alone.is("credential.rejected"), Ok(true));
    }

    #[test]
    fn the_probe_comes_before_the_log_and_an_empty_log_locks_nobody_out() {
        let sample = Sample::new()
            .with_user(json!({}))
            .ok(
                "login.probe",
                json!({"error": "invalid_grant", "error_codes": [50126], "timestamp": "2026-06-15 08:59:00Z"}),
            )
            .list(
                "graph.sign_ins",
                json!([password_sign_in("2026-06-15T06:00:00Z", 0)]),
            );
        assert_eq!(sample.is("credential.rejected"), Ok(true));
        let empty = Sample::new()
            .with_user(json!({}))
            .list("graph.sign_ins", json!([]));
        assert_eq!(empty.is("credential.locked_out"), Ok(false));
        assert_eq!(empty.is("credential.rejected"), unknown_in("graph.sign_ins"));
        let denied = Sample::new()
            .with_user(json!({}))
            .ended("graph.sign_ins", "denied");
        assert_eq!(denied.is("credential.locked_out"), unknown_in("graph.sign_ins"));
    }

    #[test]
    fn the_refusal_of_a_federated_domain_says_nothing_about_the_password() {
        let sample = Sample::new()
            .with_user(json!({}))
            .ok(
                "graph.domain",
                json!({"id": "contoso.com", "authenticationType": "Federated"}),
            )
            .list(
                "graph.sign_ins",
                json!([password_sign_in("2026-06-15T06:00:00Z", 50126)]),
            );
        assert_eq!(sample.is("credential.rejected"), unknown_in("graph.domain"));
        assert_eq!(sample.is("user.federated"), Ok(true));
    }

    #[test]
    fn a_change_at_next_sign_in_is_read_from_the_flag_or_from_a_later_success() {
        let flagged =
            Sample::new().with_user(json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}}));
        assert_eq!(flagged.is("credential.change_required"), Ok(true));
        let hidden = Sample::new().with_user(json!({}));
        assert_eq!(hidden.is("credential.change_required"), unknown_in("graph.user"));
        let used = hidden.list(
            "graph.sign_ins",
            json!([password_sign_in("2026-06-15T06:00:00Z", 0)]),
        );
        assert_eq!(used.is("credential.change_required"), Ok(false));
    }
}
