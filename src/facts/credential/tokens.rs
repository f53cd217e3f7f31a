//! Facts about the tokens that a consent gave to Work 365: revoked, expired, or refused for the vendor's own secret.

use jiff::{SignedDuration, Timestamp};

use crate::profile::Profile;

use crate::facts::context::Context;
use crate::facts::credential::audited::newest_of_account;
use crate::facts::credential::expiry::last_password_change;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::{existing_user, user};
use crate::facts::reading::{Reading, Unknown, any, read, whole};
use crate::facts::sign_in::deciding::{deciding, own_attempts};
use crate::facts::sign_in::entry::{Attempt, attempt, is_non_interactive, is_work_365};
use crate::facts::sign_in::log::{
    application_sign_ins, attempts, log_shows_token_refreshes, refreshes_not_asked, unless_log_is_cut,
};
use crate::facts::value::{Kind, parse_time};
use crate::snapshot::Field;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "token.code",
        Kind::Int,
        &["graph.sign_ins"],
        "AADSTS number of the newest sign-in with a stored token (0 is success); null when there was none.",
        |context| Ok(newest_token_use(context)?.map(|attempt| attempt.code).into()),
    )
    .nullable(),
    fact(
        "token.code_at",
        Kind::Time,
        &["graph.sign_ins"],
        "When the newest sign-in with a stored token happened; null when there was none.",
        |context| Ok(newest_token_use(context)?.and_then(|attempt| attempt.at).into()),
    )
    .nullable(),
    fact(
        "token.reset_at",
        Kind::Time,
        &["graph.directory_audits"],
        "When an administrator last reset the account's password; null when the audit log shows no reset.",
        |context| Ok(last_reset_by_admin(context)?.into()),
    )
    .nullable(),
    fact(
        "token.revoked",
        Kind::Bool,
        &["graph.sign_ins", "graph.directory_audits", "graph.user"],
        "The stored token was revoked: the service said so, or an administrator reset the password after its last use.",
        |context| tokens_are_revoked(context).map(Into::into),
    ),
    fact(
        "token.expired",
        Kind::Bool,
        &["graph.sign_ins"],
        "The stored token has expired because it was not used for 90 days.",
        |context| newest_token_code_is_one_of(context, &EXPIRED).map(Into::into),
    ),
    fact(
        "token.vendor_secret_refused",
        Kind::Bool,
        &["graph.sign_ins"],
        "Work 365's own secret or certificate was refused (AADSTS7000215, 7000222, 700027, 50012).",
        |context| vendor_secret_is_refused(context).map(Into::into),
    ),
];

/// A stored token that was made before everything was revoked.
const MADE_BEFORE: i64 = 50173;

/// A revoked token.
const REVOKED: [i64; 3] = [MADE_BEFORE, 50132, 50133];

/// An idle token.
const EXPIRED: [i64; 3] = [700082, 70008, 700081];

/// Whether only a stored token can be refused so. Sessions of a browser end with the other codes of a revocation too.
pub(crate) fn is_of_a_stored_token(code: i64) -> bool {
    code == MADE_BEFORE || EXPIRED.contains(&code)
}

/// A client secret or certificate that is not accepted.
const CLIENT_SECRET: [i64; 4] = [7000222, 7000215, 700027, 50012];

/// The newest use of a stored token: a refresh, or a sign-in of Work 365 itself.
fn newest_token_use<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    let newest = token_uses(context)?.into_iter().next();
    unless_log_is_cut(context, newest)
}

fn token_uses<'a>(context: &Context<'a>) -> Reading<Vec<Attempt<'a>>> {
    if !context.is(Profile::LegacyPassword) {
        return Ok(own_attempts(context)?.to_vec());
    }
    let mut uses = attempts(context)?;
    uses.retain(|attempt| {
        attempt
            .entry
            .is_some_and(|entry| is_non_interactive(entry) || entry.app_id.text().is_some_and(is_work_365))
    });
    Ok(uses)
}

/// Whether the newest use of a token ended with one of `codes`; a later success clears an older failure.
fn newest_token_code_is_one_of(context: &Context<'_>, codes: &[i64]) -> Reading<bool> {
    let newest = newest_token_use(context)?;
    if newest.is_some_and(|attempt| codes.contains(&attempt.code)) {
        return Ok(true);
    }
    // An interactive success says nothing about the refreshes that followed it.
    if log_shows_token_refreshes(context)? {
        Ok(false)
    } else {
        Err(refreshes_not_asked())
    }
}

/// Only an administrator's reset revokes, not an expiry or the user's own change.
fn tokens_are_revoked(context: &Context<'_>) -> Reading<bool> {
    any([
        newest_token_code_is_one_of(context, &REVOKED),
        was_reset_after_last_token_use(context),
        sessions_ended_after_last_token_use(context),
    ])
}

/// How far apart two marks of one event may lie.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

fn is_well_before(first: Timestamp, second: Timestamp) -> bool {
    second.duration_since(first) > SLACK
}

/// Whether somebody revoked the sessions after the last token that worked, which ends every token from before:
/// <https://learn.microsoft.com/graph/api/user-revokesigninsessions>.
fn sessions_ended_after_last_token_use(context: &Context<'_>) -> Reading<bool> {
    let user = user(context);
    let user_read = user.as_ref().ok().copied().flatten();
    let time = |field: &Field<String>| field.known().map(|text| text.trim()).and_then(parse_time);
    // The directory object has a mark, which a change of the password moves too.
    let mark = user_read.and_then(|user| time(&user.sign_in_sessions_valid_from_date_time));
    let changed = user_read.and_then(|user| time(&user.last_password_change_date_time));
    let moved_by_password = mark
        .zip(changed)
        .map(|(mark, changed)| !is_well_before(changed, mark));
    let uses = token_uses(context)?;
    let worked = uses.iter().filter(|attempt| attempt.code == 0);
    let Some(last) = worked.filter_map(|attempt| attempt.at).max() else {
        return Ok(false);
    };
    match mark {
        Some(mark) if !is_well_before(last, mark) => return Ok(false),
        Some(_) if moved_by_password == Some(false) => return Ok(true),
        // An administrator's reset ends the token, the account's own change does not.
        Some(_) if moved_by_password == Some(true) => {
            return Err(Unknown::silent(
                "graph.user",
                "signInSessionsValidFromDateTime moved with a new password after the last use of a token, and whether that ended the token is not known",
            ));
        }
        _ => {}
    }
    let audited = newest_of_account(context, |name| {
        name.starts_with("update stsrefreshtokenvalidfrom") || name.starts_with("revoke user sign")
    });
    match audited {
        Ok(Some(ended)) if is_well_before(last, ended) => Ok(true),
        // What moved the mark is not known.
        _ if mark.is_some() => Err(Unknown::silent(
            "graph.user",
            "signInSessionsValidFromDateTime is after the last use of a token, and nothing tells whether a new password moved it",
        )),
        Ok(_) => Ok(false),
        // Neither says so.
        Err(_) if user.is_ok() => Ok(false),
        Err(unread) => Err(unread),
    }
}

fn last_reset_by_admin(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let newest = newest_of_account(context, |name| {
        let reset = name.starts_with("reset user password") || name.starts_with("reset password");
        reset && !name.contains("self-service")
    })?;
    if newest.is_none() {
        whole(&context.evidence().directory_audits)?;
    }
    Ok(newest)
}

fn was_reset_after_last_token_use(context: &Context<'_>) -> Reading<bool> {
    let reset = last_reset_by_admin(context).or_else(|unknown| {
        // Without the audit log: a token that worked after the last change of the password survived it.
        let changed = last_password_change(context).ok();
        let newest = newest_token_use(context).ok().flatten();
        let worked = newest
            .filter(|attempt| attempt.code == 0)
            .and_then(|attempt| attempt.at);
        let survived = worked
            .zip(changed)
            .is_some_and(|(worked, changed)| worked >= changed);
        if survived { Ok(None) } else { Err(unknown) }
    });
    let Some(reset) = reset? else {
        return Ok(false);
    };
    // A reset that revoked anything moved this mark (<https://learn.microsoft.com/graph/api/resources/user>).
    let user = existing_user(context).ok();
    let valid_from = user.and_then(|user| user.sign_in_sessions_valid_from_date_time.text());
    if valid_from
        .and_then(parse_time)
        .is_some_and(|mark| is_well_before(mark, reset))
    {
        return Ok(false);
    }
    read(&context.evidence().sign_ins)?;
    let uses = token_uses(context)?;
    let succeeded_at = |wanted: fn(Timestamp, Timestamp) -> bool| {
        uses.iter()
            .any(|attempt| attempt.code == 0 && attempt.at.is_some_and(|at| wanted(at, reset)))
    };
    if succeeded_at(|at, reset| at >= reset) {
        return Ok(false);
    }
    if succeeded_at(|at, reset| at < reset) {
        return Ok(true);
    }
    Err(Unknown::silent(
        "graph.sign_ins",
        "the log shows no use of a token, neither before nor after the password was reset",
    ))
}

fn vendor_secret_is_refused(context: &Context<'_>) -> Reading<bool> {
    let newest = deciding(context).ok().flatten();
    if newest.is_some_and(|own| CLIENT_SECRET.contains(&own.code)) {
        return Ok(true);
    }
    read(&context.evidence().sign_ins)?;
    let newest_refuses = |attempts: Vec<Attempt<'_>>| {
        let own = attempts.into_iter().find(|attempt| {
            attempt
                .entry
                .is_some_and(|entry| entry.app_id.text().is_none_or(is_work_365))
        });
        own.map(|attempt| CLIENT_SECRET.contains(&attempt.code))
    };
    let by_itself = application_sign_ins(context)?
        .into_iter()
        .filter_map(attempt)
        .collect();
    if context.is(Profile::ApplicationUser) {
        return Ok(unless_log_is_cut(context, newest_refuses(by_itself))?.unwrap_or(false));
    }
    let of_account = newest_refuses(attempts(context)?);
    let either = of_account.max(newest_refuses(by_itself));
    Ok(unless_log_is_cut(context, either)?.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, token_refresh};
    use crate::profile::Profile;

    fn sample(log: Value) -> Sample {
        Sample::new()
            .under(Profile::Consent)
            .with_user(json!({}))
            .list("graph.sign_ins", log)
            .list("graph.directory_audits", json!([]))
    }

    fn reset(at: &str, name: &str) -> Value {
        json!([{"activityDisplayName": name, "activityDateTime": at, "result": "success",
            "targetResources": [{"id": ACCOUNT_ID}]}])
    }

    #[test]
    fn a_later_success_clears_an_older_revocation() {
        let revoked = token_refresh("2026-06-14T06:00:00Z", 50173);
        assert_eq!(sample(json!([revoked])).is("token.revoked"), Ok(true));
        let later = json!([revoked, token_refresh("2026-06-15T06:00:00Z", 0)]);
        assert_eq!(sample(later).is("token.revoked"), Ok(false));
        let idle = json!([token_refresh("2026-06-14T06:00:00Z", 700_082)]);
        assert_eq!(sample(idle.clone()).is("token.expired"), Ok(true));
        assert_eq!(sample(idle).is("token.revoked"), Ok(false));
    }

    #[test]
    fn a_reset_by_an_administrator_after_the_last_use_revokes_and_the_own_change_does_not() {
        let _whole = crate::snapshot::whole_answers();
        let used = || sample(json!([token_refresh("2026-06-10T06:00:00Z", 0)]));
        for (at, name, revoked) in [
            ("2026-06-12T00:00:00Z", "Reset user password", true),
            ("2026-06-12T00:00:00Z", "Reset password (by admin)", true),
            ("2026-06-12T00:00:00Z", "Reset password (self-service)", false),
            ("2026-06-12T00:00:00Z", "Change user password", false),
            ("2026-06-09T00:00:00Z", "Reset user password", false),
        ] {
            let sample = used().list("graph.directory_audits", reset(at, name));
            assert_eq!(sample.is("token.revoked"), Ok(revoked), "{name} at {at}");
        }
    }

    #[test]
    fn a_mark_that_a_new_password_moved_after_the_last_use_is_no_pass() {
        let moved = json!({"signInSessionsValidFromDateTime": "2026-06-12T00:00:00Z",
            "lastPasswordChangeDateTime": "2026-06-12T00:00:00Z"});
        let used = |at: &str| {
            sample(json!([token_refresh(at, 0)]))
                .with_user(moved.clone())
                .list("graph.directory_audits", json!([]))
                .is("token.revoked")
        };
        assert_eq!(used("2026-06-10T06:00:00Z"), Err("graph.user".to_owned()));
        assert_eq!(used("2026-06-13T06:00:00Z"), Ok(false));
    }

    #[test]
    fn without_the_audit_log_a_token_that_outlived_the_last_change_answers() {
        for (at, revoked) in [
            ("2026-06-10T06:00:00Z", Ok(false)),
            ("2026-05-10T06:00:00Z", Err("graph.directory_audits".to_owned())),
        ] {
            let denied = sample(json!([token_refresh(at, 0)])).ended("graph.directory_audits", "denied");
            assert_eq!(denied.is("token.revoked"), revoked, "{at}");
        }
    }

    #[test]
    fn a_log_without_refreshes_says_nothing_about_tokens() {
        let mut interactive = token_refresh("2026-06-15T06:00:00Z", 0);
        interactive["signInEventTypes"] = json!(["interactiveUser"]);
        let sample = sample(json!([interactive]));
        assert_eq!(sample.is("token.expired"), Err("graph.sign_ins".to_owned()));
    }

    #[test]
    fn the_secret_is_the_vendors_only_when_its_application_was_refused() {
        let refused = token_refresh("2026-06-15T06:00:00Z", 7_000_222);
        assert_eq!(
            sample(json!([refused])).is("token.vendor_secret_refused"),
            Ok(true)
        );
        let mut other = refused;
        other["appId"] = json!("99999999-0000-4000-8000-000000000009");
        assert_eq!(
            sample(json!([other])).is("token.vendor_secret_refused"),
            Ok(false)
        );
    }

    #[test]
    fn the_silence_of_a_cut_log_proves_nothing() {
        let _whole = crate::snapshot::whole_answers();
        let foreign = json!({"createdDateTime": "2026-06-14T06:00:00Z", "appId": "1", "resourceId": "2", "isInteractive": true,
                             "signInEventTypes": ["interactiveUser"], "status": {"errorCode": 0}});
        let log = |truncated: bool| json!({"value": [foreign], "truncated": truncated, "asked": ["interactiveUser", "nonInteractiveUser"]});
        let audits = |truncated: bool| json!({"value": [], "truncated": truncated});
        for fact in [
            "token.expired",
            "token.vendor_secret_refused",
            "sign_in.legacy_protocol",
            "sign_in.cross_tenant_blocked",
        ] {
            let sample = |truncated| {
                Sample::new()
                    .with_user(json!({}))
                    .ok("graph.sign_ins", log(truncated))
            };
            assert_eq!(sample(false).is(fact), Ok(false), "{fact}");
            assert_eq!(sample(true).is(fact), Err("graph.sign_ins".to_owned()), "{fact}");
        }
        let reset = |truncated| {
            let sample = Sample::new().ok("graph.directory_audits", audits(truncated));
            sample.fact("token.reset_at").is_ok()
        };
        assert!(reset(false) && !reset(true));
    }
}
