//! What ends of the account itself and of what it works in: password, licence, role, environment.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::event::{Event, Sight, day_of, seen};
use crate::diagnosis::report::Evidence;
use crate::diagnosis::report::UpcomingKind;
use crate::facts::{self, FactValue, Term, parse_time};
use crate::profile::Profile;

/// How long a standard trial of an environment lasts.
///
/// Source: <https://learn.microsoft.com/power-platform/admin/trial-environments>
const TRIAL: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The password of an account that signs in with it.
pub(super) fn password(sight: Sight<'_, '_>) -> Option<Event> {
    const FACT: &str = "credential.expires_at";
    if sight.profile != Profile::LegacyPassword {
        return None;
    }
    let id = facts::find(FACT)?;
    let Ok(FactValue::Time(at)) = sight.facts.get(id) else {
        return None;
    };
    let (section, read_at) = sight.facts.source(id);
    Some(Event {
        kind: UpcomingKind::PasswordExpiry,
        words: "password-expiry",
        at: Some(*at),
        values: Vec::new(),
        evidence: vec![Evidence {
            fact: FACT.to_owned(),
            value: at.to_string().into(),
            section: section.to_owned(),
            read_at: read_at.map(str::to_owned),
        }],
    })
}

/// Terms of the account's licences that will be over, with what outlasts them.
pub(super) fn terms(sight: Sight<'_, '_>) -> Vec<Event> {
    let Some(context) = sight.facts.context() else {
        return Vec::new();
    };
    if facts::is_exempt_from_licensing(context) {
        return Vec::new();
    }
    let answer = &context.evidence().subscriptions;
    let terms = facts::terms(context).unwrap_or_default();
    let event = |term: &Term| {
        let longest = terms.iter().max_by_key(|other| other.end);
        let spare = longest.filter(|other| other.end > term.end);
        let mut values = vec![("name", term.product.clone())];
        values.extend(spare.map(|other| ("last", day_of(other.end))));
        Event {
            kind: UpcomingKind::LicenceEnd,
            words: match (spare, term.is_trial) {
                (Some(_), _) => "licence-end-spare",
                (None, Some(true)) => "trial-end",
                (None, _) => "licence-end",
            },
            at: Some(term.end),
            values,
            evidence: seen(
                "subscriptions.nextLifecycleDateTime",
                term.end.to_string(),
                answer.section,
                answer.read_at.as_ref(),
            ),
        }
    };
    terms.iter().map(event).collect()
}

/// Subscriptions behind the account's licences that have ended and run on in grace.
pub(super) fn licences(sight: Sight<'_, '_>) -> Vec<Event> {
    let Some(context) = sight.facts.context() else {
        return Vec::new();
    };
    let evidence = context.evidence();
    let details = evidence.license_details.ok();
    let by_detail = details.iter().flat_map(|list| &list.value);
    let by_user = facts::user(context)
        .ok()
        .flatten()
        .and_then(|user| user.assigned_licenses.known())
        .into_iter()
        .flatten();
    let held: BTreeSet<String> = by_detail
        .filter_map(|detail| detail.sku_id.known())
        .chain(by_user.filter_map(|license| license.sku_id.known()))
        .map(|id| id.trim().to_lowercase())
        .collect();
    let subscribed = &evidence.subscribed_skus;
    let skus = subscribed
        .ok()
        .map(|list| list.value.as_slice())
        .unwrap_or_default();
    let in_grace = skus.iter().filter(|sku| {
        let id = sku.sku_id.known().map(|id| id.trim().to_lowercase());
        let state = sku.capability_status.known();
        id.is_some_and(|id| held.contains(&id))
            && state.is_some_and(|state| state.trim().eq_ignore_ascii_case("Warning"))
    });
    in_grace
        .map(|sku| {
            let name = sku.sku_part_number.known().or(sku.sku_id.known());
            let end = sku.sku_id.known().and_then(|id| facts::grace_end(context, id));
            let at = end.filter(|end| *end >= sight.now);
            Event {
                kind: UpcomingKind::LicenceEnd,
                words: match at {
                    Some(_) => "licence-grace-end",
                    None => "licence-grace",
                },
                at,
                values: vec![("name", name.cloned().unwrap_or_default())],
                evidence: seen(
                    "subscribedSkus.capabilityStatus",
                    "Warning",
                    subscribed.section,
                    subscribed.read_at.as_ref(),
                ),
            }
        })
        .collect()
}

/// Directory roles that the account may activate until a day.
pub(super) fn roles(sight: Sight<'_, '_>) -> Vec<Event> {
    let Some(context) = sight.facts.context() else {
        return Vec::new();
    };
    let answer = &context.evidence().eligible_roles;
    let roles = answer.ok().map(|list| list.value.as_slice()).unwrap_or_default();
    roles
        .iter()
        .filter_map(|role| {
            let end = role.end_date_time.known()?;
            let definition = role.role_definition_id.known();
            let known = definition.and_then(|id| facts::administrator_of(id));
            let name = role.display_name.known().or(definition).cloned();
            Some(Event {
                kind: UpcomingKind::RoleEnd,
                words: "role-end",
                at: Some(parse_time(end)?),
                values: vec![(
                    "name",
                    known.map_or_else(|| name.unwrap_or_default(), |(_, name)| name.to_owned()),
                )],
                evidence: seen(
                    "roleEligibilityScheduleInstances.endDateTime",
                    end.as_str(),
                    answer.section,
                    answer.read_at.as_ref(),
                ),
            })
        })
        .collect()
}

/// The administrator role that the account holds for a time, where its System Administrator may go with it.
pub(super) fn elevation(sight: Sight<'_, '_>) -> Option<Event> {
    let context = sight.facts.context()?;
    let elevation = facts::elevation_to_rest_on(context)?;
    let answer = &context.evidence().active_roles;
    Some(Event {
        kind: UpcomingKind::RoleEnd,
        words: "elevation-end",
        at: Some(elevation.end),
        values: vec![("name", elevation.role.to_owned())],
        evidence: seen(
            "roleAssignmentScheduleInstances.endDateTime",
            elevation.end.to_string(),
            answer.section,
            answer.read_at.as_ref(),
        ),
    })
}

/// The environment, where it says when it ends, or is a trial of a known age.
pub(super) fn environment(sight: Sight<'_, '_>) -> Option<Event> {
    let answer = &sight.facts.context()?.evidence().environment;
    let properties = answer.ok()?.properties.known()?;
    let kind = properties.environment_sku.known().map(|kind| kind.trim());
    let expires = properties.expiration_time.known();
    let made = properties.created_time.known();
    let (words, at, fact, value) = match (expires, made) {
        (Some(expires), _) => (
            "environment-end",
            parse_time(expires)?,
            "properties.expirationTime",
            expires,
        ),
        (None, Some(made)) if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Trial")) => (
            "environment-trial",
            parse_time(made)?.checked_add(TRIAL).ok()?,
            "properties.createdTime",
            made,
        ),
        _ => return None,
    };
    let name = properties.display_name.known().cloned();
    Some(Event {
        kind: UpcomingKind::EnvironmentEnd,
        words,
        at: Some(at),
        values: vec![
            ("name", name.unwrap_or_default()),
            ("state", kind.unwrap_or("kind unknown").to_owned()),
        ],
        evidence: seen(fact, value.as_str(), answer.section, answer.read_at.as_ref()),
    })
}
