//! When the password expires by the rules of the cloud (<https://learn.microsoft.com/graph/api/resources/domain>).

use jiff::{SignedDuration, Timestamp};

use crate::snapshot::graph::Domain;

use crate::facts::context::Context;
use crate::facts::identity::account::{domain_is_federated, is_synced_from_on_premises, missing};
use crate::facts::identity::subject::existing_user;
use crate::facts::reading::{Reading, Unknown, read};
use crate::facts::value::parse_time;

pub(crate) fn last_password_change(context: &Context<'_>) -> Reading<Timestamp> {
    let user = existing_user(context)?;
    user.last_password_change_date_time
        .text()
        .and_then(parse_time)
        .ok_or_else(|| missing("lastPasswordChangeDateTime"))
}

/// What `passwordValidityPeriodInDays` says for "never". Source: <https://learn.microsoft.com/graph/api/resources/domain>.
const NEVER_DAYS: i64 = 2_147_483_647;

/// When the password expires, `None` for never. Source: <https://learn.microsoft.com/graph/api/resources/domain>.
pub(crate) fn password_expiry(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let user = existing_user(context)?;
    if user.password_policies.is_missing() {
        return Err(missing("passwordPolicies"));
    }
    let policies = user.password_policies.text().unwrap_or_default();
    if policies
        .split(',')
        .any(|policy| policy.trim().eq_ignore_ascii_case("DisablePasswordExpiration"))
    {
        return Ok(None);
    }
    if is_synced_from_on_premises(context).unwrap_or(false) || domain_is_federated(context).unwrap_or(false) {
        return Err(Unknown::silent(
            "graph.user",
            "the password follows the rules of the on-premises directory",
        ));
    }
    let Some(days) = password_validity_days(context)? else {
        return Ok(None);
    };
    let expiry =
        last_password_change(context)?.checked_add(SignedDuration::from_hours(days.saturating_mul(24)));
    // A date beyond the calendar is never.
    Ok(expiry.ok())
}

fn password_validity_days(context: &Context<'_>) -> Reading<Option<i64>> {
    let domain = domain(context)?;
    if let Some(days) = domain.password_validity_period_in_days.value() {
        return Ok((*days != NEVER_DAYS).then_some(*days));
    }
    if domain.password_validity_period_in_days.is_missing() {
        return Err(Unknown::silent(
            "graph.domain",
            "the answer has no passwordValidityPeriodInDays",
        ));
    }
    // Unset: 90 days in tenants made before 2021, none in newer ones.
    let organization = read(&context.evidence().organization)?.0.as_ref();
    let created = organization.and_then(|organization| organization.created_date_time.text());
    let created = created.and_then(parse_time).ok_or_else(|| {
        Unknown::silent(
            "graph.organization",
            "the answer does not say when the tenant was made",
        )
    })?;
    let year = jiff::tz::TimeZone::UTC.to_datetime(created).year();
    Ok((year < 2021).then_some(90))
}

fn domain<'a>(context: &Context<'a>) -> Reading<&'a Domain> {
    read(&context.evidence().domain)?
        .0
        .as_ref()
        .ok_or_else(|| Unknown::silent("graph.domain", "the answer is empty"))
}

pub(crate) fn password_expires_soon(context: &Context<'_>) -> Reading<bool> {
    let Some(expiry) = password_expiry(context)? else {
        return Ok(false);
    };
    let window = domain(context)
        .ok()
        .and_then(|domain| domain.password_notification_window_in_days.value());
    let window = SignedDuration::from_hours(window.copied().unwrap_or(14).saturating_mul(24));
    let left = expiry.duration_since(context.now);
    Ok(left > SignedDuration::ZERO && left <= window)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{Sample, password_sign_in};
    use crate::facts::value::FactValue;

    fn sample(user: Value, days: Value) -> Sample {
        Sample::new().with_user(user).list("graph.sign_ins", json!([])).ok(
            "graph.domain",
            json!({"id": "contoso.com", "authenticationType": "Managed", "passwordValidityPeriodInDays": days,
                "passwordNotificationWindowInDays": null}),
        )
    }

    #[test]
    fn expiry_is_the_last_change_plus_the_days_of_the_domain() {
        for (days, expired, soon) in [(10, true, false), (20, false, true), (90, false, false)] {
            let sample = sample(json!({}), json!(days));
            assert_eq!(sample.is("credential.expired"), Ok(expired), "{days}");
            assert_eq!(sample.is("credential.expires_soon"), Ok(soon), "{days}");
        }
        assert_eq!(
            sample(json!({}), json!(20)).fact("credential.expires_in_days"),
            Ok(FactValue::Int(5))
        );
    }

    #[test]
    fn never_is_said_by_the_account_or_by_the_domain() {
        let by_account = sample(
            json!({"passwordPolicies": "DisableStrongPassword, DisablePasswordExpiration"}),
            json!(10),
        );
        let by_domain = sample(json!({}), json!(2_147_483_647));
        for sample in [by_account, by_domain] {
            assert_eq!(sample.fact("credential.expires_at"), Ok(FactValue::Null));
            assert_eq!(sample.is("credential.expired"), Ok(false));
        }
    }

    #[test]
    fn an_unset_period_depends_on_the_age_of_the_tenant() {
        let unset = sample(
            json!({"lastPasswordChangeDateTime": "2026-01-01T00:00:00Z"}),
            Value::Null,
        );
        assert_eq!(
            unset.is("credential.expired"),
            Err("graph.organization".to_owned())
        );
        for (made, expired) in [("2019-01-01T00:00:00Z", true), ("2024-01-01T00:00:00Z", false)] {
            let sample = unset.clone().list(
                "graph.organization",
                json!([{"id": "t", "createdDateTime": made}]),
            );
            assert_eq!(sample.is("credential.expired"), Ok(expired), "{made}");
        }
    }

    #[test]
    fn on_premises_rules_are_not_known_here_and_a_recent_success_still_answers() {
        let synced = sample(json!({"onPremisesSyncEnabled": true}), json!(10));
        assert_eq!(synced.is("credential.expired"), Err("graph.user".to_owned()));
        let used = synced.list(
            "graph.sign_ins",
            json!([password_sign_in("2026-06-15T06:00:00Z", 0)]),
        );
        assert_eq!(used.is("credential.expired"), Ok(false));
    }

    #[test]
    fn the_sign_in_service_has_the_last_word() {
        let by_code = sample(json!({}), json!(2_147_483_647)).list(
            "graph.sign_ins",
            json!([password_sign_in("2026-06-15T06:00:00Z", 50055)]),
        );
        assert_eq!(by_code.is("credential.expired"), Ok(true));
    }
}
