//! Facts of the area credential: what the newest password sign-in proves, when the password expires, risk.

use jiff::{SignedDuration, Timestamp};

use crate::profile::Profile;

use crate::facts::context::Context;
use crate::facts::credential::audited::password_set_at;
use crate::facts::credential::expiry::{last_password_change, password_expires_soon, password_expiry};
use crate::facts::credential::proof::{Meaning, Proof};
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::account::{domain_is_federated, is_federated, missing};
use crate::facts::identity::subject::{existing_user, user};
use crate::facts::reading::{Reading, Unknown, complete};
use crate::facts::sign_in::deciding::{deciding, signed_in_at};
use crate::facts::sign_in::entry::{Attempt, carries_password, concerns_work_365};
use crate::facts::sign_in::log::{attempts, unless_log_is_cut};
use crate::facts::sign_in::own_entry::is_password_grant;
use crate::facts::value::Kind;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "credential.password",
        Kind::Text,
        PASSWORD_SECTIONS,
        "What the probe, or else the newest password sign-in, proves about the password: accepted, rejected, expired, locked or unknown.",
        |context| Ok(password_word(context)?.into()),
    ),
    fact(
        "credential.code",
        Kind::Int,
        PASSWORD_SECTIONS,
        "AADSTS number of the newest password sign-in (0 is success); null when there was none.",
        |context| {
            let evidence = password_evidence(context)?;
            Ok(evidence.map(|evidence| evidence.attempt.code).into())
        },
    )
    .nullable(),
    fact(
        "credential.code_at",
        Kind::Time,
        PASSWORD_SECTIONS,
        "When the newest password sign-in happened; null when there was none.",
        |context| {
            let evidence = password_evidence(context)?;
            Ok(evidence.and_then(|evidence| evidence.attempt.at).into())
        },
    )
    .nullable(),
    fact(
        "credential.address",
        Kind::Text,
        PASSWORD_SECTIONS,
        "Address from which the newest sign-in came; null when it is not known.",
        |context| {
            let newest = password_attempt(context)?;
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
        |context| password_is_rejected(context).map(Into::into),
    ),
    fact(
        "credential.none_set",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "The account has no password (AADSTS50056).",
        |context| {
            Ok(password_attempt(context)?
                .is_some_and(|attempt| attempt.code == 50056)
                .into())
        },
    ),
    fact(
        "credential.locked_out",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "Smart lockout: too many wrong passwords (AADSTS50053 whose sentence does not speak of the address), less than a day ago; unknown without the sentence.",
        |context| is_refused_as(context, Meaning::Locked).map(Into::into),
    ),
    fact(
        "credential.address_blocked",
        Kind::Bool,
        PASSWORD_SECTIONS,
        "The sign-in was refused because of the address that it came from (AADSTS50053 whose sentence speaks of the address); unknown without the sentence.",
        |context| is_refused_as(context, Meaning::AddressBlocked).map(Into::into),
    ),
    fact(
        "credential.change_required",
        Kind::Bool,
        &["graph.user", "login.probe", "graph.sign_ins"],
        "The password is temporary and must be changed at the next sign-in.",
        |context| password_change_is_required(context).map(Into::into),
    ),
    fact(
        "credential.last_changed",
        Kind::Time,
        &["graph.user"],
        "When the password was last changed.",
        |context| last_password_change(context).map(Into::into),
    ),
    fact(
        "credential.expires_at",
        Kind::Time,
        EXPIRY_SECTIONS,
        "When the password expires by the rules of the cloud; null is never.",
        |context| Ok(password_expiry(context)?.into()),
    )
    .nullable(),
    fact(
        "credential.expires_in_days",
        Kind::Int,
        EXPIRY_SECTIONS,
        "Whole days until the password expires, negative when it has; null is never.",
        |context| {
            let expiry = password_expiry(context)?;
            Ok(expiry
                .map(|expiry| expiry.duration_since(context.now).as_hours().div_euclid(24))
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
        |context| password_is_expired(context).map(Into::into),
    ),
    fact(
        "credential.expires_soon",
        Kind::Bool,
        EXPIRY_SECTIONS,
        "The password expires within the domain's notification window (14 days unless set otherwise).",
        |context| password_expires_soon(context).map(Into::into),
    ),
];

const PASSWORD_SECTIONS: &[&str] = &[
    "login.probe",
    "graph.sign_ins",
    "graph.user",
    "graph.directory_audits",
];

const EXPIRY_SECTIONS: &[&str] = &["graph.user", "graph.domain", "graph.organization"];

/// The service was busy: the attempt says nothing at all.
const TRANSIENT: [i64; 8] = [90006, 90024, 90033, 90055, 50033, 50196, 90010, 50089];

/// Smart lockout lasts a minute at first and grows; a day later it says nothing about now.
const LOCKOUT_STANDS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The probe, else the newest password sign-in of the log that says something about the password.
fn password_evidence<'a>(context: &Context<'a>) -> Reading<Option<Proof<'a>>> {
    context
        .once(&context.caches.password_proof, || {
            complete(|| find_password_evidence(context))
        })
        .clone()
}

/// What the newest password attempt alone proves, without looking behind it.
fn password_word(context: &Context<'_>) -> Reading<&'static str> {
    if context.is(Profile::ApplicationUser) {
        // An application user has no password.
        return Ok("unknown");
    }
    let attempts = attempts(context)?;
    // The newest of all: what a person typed tells whether the password is right, though Work 365 may store another.
    let newest = attempts.iter().find(|attempt| {
        attempt.entry.is_none_or(|entry| {
            if carries_password(entry) && attempt.code == 0 {
                return true;
            }
            let known = password_attempt(context)
                .ok()
                .flatten()
                .and_then(|known| known.entry);
            let is_known = known.is_some_and(|known| std::ptr::eq(known, entry));
            is_known || (carries_password(entry) && concerns_work_365(entry))
        })
    });
    let newest = newest.filter(|attempt| is_about_present_password(context, attempt));
    Ok(newest.and_then(Meaning::of).map_or("unknown", Meaning::word))
}

/// The attempt behind [`password_evidence`].
pub(crate) fn password_attempt<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    Ok(password_evidence(context)?.map(|evidence| evidence.attempt))
}

fn find_password_evidence<'a>(context: &Context<'a>) -> Reading<Option<Proof<'a>>> {
    let with_meaning = |attempt: Attempt<'a>| {
        let meaning = Meaning::of(&attempt)?;
        Some(Proof { attempt, meaning })
    };
    if context.is(Profile::ApplicationUser) {
        let newest = attempts(context)?.into_iter().find_map(with_meaning);
        return unless_log_is_cut(context, newest);
    }
    let attempts: Vec<_> = attempts(context)?
        .into_iter()
        .filter(|attempt| attempt.entry.is_none_or(carries_password))
        .filter_map(with_meaning)
        .collect();
    let counts = |evidence: &&Proof<'_>| {
        !is_by_a_stranger(evidence, &attempts)
            && !is_typed_by_a_person(evidence, &attempts)
            && !is_outlived_by_the_token(context, evidence)
    };
    let newest = attempts.iter().find(counts);
    // That somebody else knows the password does not mend the one that Work 365 stores.
    let stored = complete(|| deciding(context)).ok().flatten();
    let stored = stored
        .filter(|own| context.is(Profile::LegacyPassword) && own.entry.is_some())
        .and_then(with_meaning);
    let wrong_where_stored = stored.filter(|stored| {
        stored.meaning == Meaning::Rejected && is_about_present_password(context, &stored.attempt)
    });
    unless_log_is_cut(context, wrong_where_stored.or(newest.copied()))
}

/// Whether a sign-in of the log is the password grant that Work 365 makes; nothing for what is in no log.
fn is_grant(proof: &Proof<'_>) -> Option<Result<bool, &'static str>> {
    proof.attempt.entry.map(is_password_grant)
}

/// Since when the present password is set, as far as directory and audit log tell.
fn present_password_since(context: &Context<'_>) -> Option<Timestamp> {
    let by_directory = last_password_change(context).ok();
    by_directory.max(complete(|| password_set_at(context)).ok().flatten())
}

/// Whether the attempt used the password that is set now. Without a known time of change there is nothing that
/// speaks against it.
fn is_about_present_password(context: &Context<'_>, attempt: &Attempt<'_>) -> bool {
    is_since(attempt, present_password_since(context))
}

fn is_since(attempt: &Attempt<'_>, then: Option<Timestamp>) -> bool {
    attempt.at.zip(then).is_none_or(|(at, then)| at >= then)
}

/// The newest password attempt, when it was refused with a code that says nothing about the password. An older success
/// must not cover it up.
fn unclassified_refusal<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    let attempts = attempts(context)?;
    let newest = attempts.into_iter().find(|attempt| {
        attempt
            .entry
            .is_none_or(|entry| carries_password(entry) && concerns_work_365(entry))
            && !TRANSIENT.contains(&attempt.code)
            && !is_outlived(context, attempt)
    });
    Ok(newest.filter(|attempt| Meaning::of(attempt).is_none() && !context.supposed.is_cured(attempt.code)))
}

/// Whether Work 365 has signed in since an error that was only seen, with a password or without.
fn is_outlived(context: &Context<'_>, attempt: &Attempt<'_>) -> bool {
    attempt.entry.is_none() && signed_in_at(context) > attempt.at
}

fn password_is_rejected(context: &Context<'_>) -> Reading<bool> {
    if let Some(attempt) = unclassified_refusal(context)? {
        return Err(Unknown::silent(
            attempt.section(),
            format!(
                "the newest sign-in was refused with AADSTS{}, which says nothing about the password",
                attempt.code
            ),
        ));
    }
    let evidence = password_evidence(context)?;
    let present = evidence.filter(|evidence| is_about_present_password(context, &evidence.attempt));
    match present.map(|evidence| evidence.meaning) {
        // The cloud cannot check the password of a federated domain, unless a policy says so: its refusal says nothing.
        Some(Meaning::Rejected) if domain_is_federated(context) == Ok(true) && is_federated(context)? => {
            Err(Unknown::silent(
                "graph.domain",
                "the domain is federated, so the cloud refuses even the right password",
            ))
        }
        Some(Meaning::Rejected) => Ok(true),
        Some(Meaning::Accepted | Meaning::Expired) => Ok(false),
        // While it is locked, even a right password is refused: nothing is known about it.
        Some(Meaning::Locked | Meaning::AddressBlocked | Meaning::LockedOrBlocked) => Err(Unknown::silent(
            "graph.sign_ins",
            "the newest sign-in was refused before the password was looked at",
        )),
        None if succeeded_after_last_change(context)? => Ok(false),
        None => Err(Unknown::silent(
            "graph.sign_ins",
            "no password sign-in since the password was last changed",
        )),
    }
}

fn succeeded_after_last_change(context: &Context<'_>) -> Reading<bool> {
    let attempts = attempts(context)?;
    let mut successes = attempts.iter().filter(|attempt| attempt.code == 0).peekable();
    if successes.peek().is_none() {
        return Ok(false);
    }
    let since = present_password_since(context);
    Ok(successes.any(|attempt| is_since(attempt, since)))
}

fn is_refused_as(context: &Context<'_>, wanted: Meaning) -> Reading<bool> {
    // Where the address is refused, a success from another one changes nothing.
    if wanted == Meaning::AddressBlocked
        && complete(|| deciding(context))
            .ok()
            .flatten()
            .is_some_and(|own| own.is_refused_for_address())
    {
        return Ok(true);
    }
    let Some(evidence) = password_evidence(context)? else {
        return Ok(false);
    };
    if evidence.meaning != wanted && evidence.meaning != Meaning::LockedOrBlocked {
        return Ok(false);
    }
    // A new password ends a lockout; it does not make an address trusted.
    if wanted == Meaning::Locked && !is_about_present_password(context, &evidence.attempt) {
        return Ok(false);
    }
    match evidence.attempt.at {
        _ if evidence.meaning == Meaning::LockedOrBlocked => Err(Unknown::silent(
            evidence.attempt.section(),
            "AADSTS50053 is a lockout or a blocked address: only the sentence beside it, or Failure reason in the sign-in log, tells which",
        )),
        Some(at) if context.now.duration_since(at) > LOCKOUT_STANDS_FOR => Err(Unknown::silent(
            "graph.sign_ins",
            "the refusal is older than a day and nothing was tried since",
        )),
        _ => Ok(true),
    }
}

fn password_change_is_required(context: &Context<'_>) -> Reading<bool> {
    let user = existing_user(context)?;
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
    // The flag was not shown. A password sign-in since the last change answers as well.
    let evidence = password_evidence(context).ok().flatten();
    let present = evidence.filter(|evidence| is_about_present_password(context, &evidence.attempt));
    match present {
        Some(evidence) if evidence.attempt.code == 50125 => Ok(true),
        Some(evidence) if evidence.meaning == Meaning::Accepted => Ok(false),
        // 50055 on a password that never expires is the flag (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
        Some(evidence) if evidence.meaning == Meaning::Expired && password_expiry(context) == Ok(None) => {
            Ok(true)
        }
        _ => Err(missing("passwordProfile.forceChangePasswordNextSignIn")),
    }
}

fn password_is_expired(context: &Context<'_>) -> Reading<bool> {
    // The sign-in service has the last word: while its word could not be read, the date settles nothing.
    let evidence = password_evidence(context)?;
    let present = evidence.filter(|evidence| is_about_present_password(context, &evidence.attempt));
    if present.is_some_and(|evidence| evidence.meaning == Meaning::Expired) {
        return Ok(true);
    }
    let accepted_at = present
        .filter(|evidence| evidence.meaning == Meaning::Accepted)
        .and_then(|evidence| evidence.attempt.at);
    match password_expiry(context) {
        Ok(None) => Ok(false),
        Ok(Some(expiry)) => Ok(expiry <= context.now && accepted_at.is_none_or(|at| at < expiry)),
        // A deleted account has no password that could expire: what worked yesterday says nothing about it.
        Err(unknown) if matches!(user(context), Ok(None)) => Err(unknown),
        Err(_) if accepted_at.is_some_and(|at| context.now.duration_since(at) <= LOCKOUT_STANDS_FOR) => {
            Ok(false)
        }
        Err(unknown) => Err(unknown),
    }
}

/// Whether a person mistyped the password in a browser, where the log shows what Work 365 itself sends: that the stored
/// one is wrong does not follow.
fn is_typed_by_a_person(evidence: &Proof<'_>, all: &[Proof<'_>]) -> bool {
    evidence.meaning == Meaning::Rejected
        && is_grant(evidence) == Some(Ok(false))
        && all.iter().any(|other| is_grant(other) == Some(Ok(true)))
}

/// Whether a password was refused while a consent was given, and the token works since: Work 365 stores no password then.
fn is_outlived_by_the_token(context: &Context<'_>, evidence: &Proof<'_>) -> bool {
    let is_refused = !matches!(evidence.meaning, Meaning::Accepted | Meaning::Expired);
    context.is(Profile::Consent) && is_refused && signed_in_at(context) > evidence.attempt.at
}

/// Whether a refusal is somebody else's: not for Dynamics 365 or Work 365, and from an address that never used the right
/// password. An attacker's guesses say nothing about the password that Work 365 stores.
fn is_by_a_stranger(evidence: &Proof<'_>, all: &[Proof<'_>]) -> bool {
    let Some(entry) = evidence.attempt.entry else {
        return false;
    };
    if evidence.meaning == Meaning::Accepted {
        return false;
    }
    let concerns_us = concerns_work_365(entry);
    let client = entry.app_id.text();
    let accepted = || {
        all.iter().filter(|other| {
            other.meaning == Meaning::Accepted && other.attempt.entry.is_none_or(concerns_work_365)
        })
    };
    // Where Work 365 itself got in, it shows what is its own, and not a person in a browser.
    let by_work_365 = |other: &&Proof<'_>| is_grant(other) == Some(Ok(true));
    let is_known = is_grant(evidence) == Some(Ok(true)) && accepted().any(|other| by_work_365(&other));
    let mut accepted = accepted()
        .filter(|other| !is_known || by_work_365(other))
        .peekable();
    // A guess for Dynamics 365 is a stranger's only when the client is another one too.
    let is_another = |other: &Proof<'_>| {
        let other_client = other.attempt.entry.and_then(|entry| entry.app_id.text());
        other.attempt.address() != evidence.attempt.address()
            && (!concerns_us
                || client
                    .zip(other_client)
                    .is_some_and(|(client, other)| client != other))
    };
    accepted.peek().is_some() && accepted.all(is_another)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use crate::facts::testing::sample::{Sample, password_sign_in};
    use crate::facts::value::FactValue;

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
        entries.push(crate::facts::testing::sample::token_refresh(
            "2026-06-10T06:00:00Z",
            0,
        ));
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
    fn code_50053_without_its_sentence_leaves_lockout_and_address_open() {
        let told = |text: &str| {
            Sample::new()
                .with_user(json!({}))
                .list("graph.sign_ins", json!([]))
                .with_error(text)
        };
        let bare = told("AADSTS50053");
        assert_eq!(bare.is("credential.locked_out"), unknown_in("error"));
        assert_eq!(bare.is("credential.address_blocked"), unknown_in("error"));
        assert_eq!(bare.fact("credential.password"), Ok("locked".into()));
        let locked = told("AADSTS50053: The account is locked, you've tried to sign in too many times.");
        assert_eq!(locked.is("credential.locked_out"), Ok(true));
        assert_eq!(locked.is("credential.address_blocked"), Ok(false));
        let blocked = told(
            "AADSTS50053: Sign-in was blocked because it came from an IP address with malicious activity.",
        );
        assert_eq!(blocked.is("credential.locked_out"), Ok(false));
        assert_eq!(blocked.is("credential.address_blocked"), Ok(true));
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
            )
            .list("graph.home_realm_policies", json!([]));
        assert_eq!(sample.is("credential.rejected"), unknown_in("graph.domain"));
        assert_eq!(sample.is("user.federated"), Ok(true));
        // A policy that lets the cloud check it may stand among those that were not shown.
        let sample = sample.ended("graph.home_realm_policies", "denied");
        assert_eq!(
            sample.is("credential.rejected"),
            unknown_in("graph.home_realm_policies")
        );
    }

    #[test]
    fn a_change_at_next_sign_in_is_read_from_the_flag_or_from_a_later_success() {
        let _whole = crate::snapshot::whole_answers();
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
