//! When the password expires by the rules of the cloud (`api-facts.md` G-12).

use jiff::{SignedDuration, Timestamp};

use crate::snapshot::graph::Domain;

use super::Inputs;
use super::identity::missing;
use super::reading::{Reading, Unknown, read};
use super::value::parse_time;

/// What `passwordValidityPeriodInDays` says for "never". Source: api-facts G-12.
const NEVER_DAYS: i64 = 2_147_483_647;

impl<'a> Inputs<'a> {
    /// When the password expires, `None` for never. Source: api-facts G-12.
    pub(super) fn password_expiry(&self) -> Reading<Option<Timestamp>> {
        let user = self.existing_user()?;
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
        if self.is_synced_from_on_premises().unwrap_or(false) || self.domain_is_federated().unwrap_or(false) {
            return Err(Unknown::silent(
                "graph.user",
                "the password follows the rules of the on-premises directory",
            ));
        }
        let Some(days) = self.password_validity_days()? else {
            return Ok(None);
        };
        let expiry = self
            .last_password_change()?
            .checked_add(SignedDuration::from_hours(days.saturating_mul(24)));
        // A date beyond the calendar is never.
        Ok(expiry.ok())
    }

    fn password_validity_days(&self) -> Reading<Option<i64>> {
        let domain = self.domain()?;
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
        let organization = read(&self.evidence().organization)?.0.as_ref();
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

    fn domain(&self) -> Reading<&'a Domain> {
        read(&self.evidence().domain)?
            .0
            .as_ref()
            .ok_or_else(|| Unknown::silent("graph.domain", "the answer is empty"))
    }

    pub(super) fn password_expires_soon(&self) -> Reading<bool> {
        let Some(expiry) = self.password_expiry()? else {
            return Ok(false);
        };
        let window = self
            .domain()
            .ok()
            .and_then(|domain| domain.password_notification_window_in_days.value());
        let window = SignedDuration::from_hours(window.copied().unwrap_or(14).saturating_mul(24));
        let left = expiry.duration_since(self.now);
        Ok(left > SignedDuration::ZERO && left <= window)
    }
}
