//! The state that a healthy account was in, and what differs from it now.
//!
//! `check --write-expected` records it in the configuration file; from then on drift is a finding, also where the
//! vendor's guidance leaves the value to the customer.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::expectations::ExpectedState;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Reason, Unknown, read};
use crate::facts::value::{FactValue, Kind};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "expected_state.drift",
    Kind::Texts,
    &[
        "dataverse.user_roles",
        "graph.license_details",
        "dataverse.system_users",
        "dataverse.user_settings",
    ],
    "What differs from the state that was recorded when the account was healthy.",
    |context| drift(context).map(FactValue::from),
)
.its_own()];

/// The account's state as `--write-expected` records it; what could not be read is left out.
pub fn present_state(context: &Context<'_>) -> ExpectedState {
    ExpectedState {
        account: context.snapshot.subject.account.clone(),
        roles: role_names(context).ok(),
        licenses: license_names(context).ok(),
        access_mode: access_mode_code(context).ok(),
        time_zone: setting(context, |settings| settings.timezonecode.value().copied()).ok(),
        format: setting(context, |settings| settings.localeid.value().copied()).ok(),
    }
}

fn drift(context: &Context<'_>) -> Reading<Vec<String>> {
    let account = context.snapshot.subject.account.as_str();
    let recorded = context
        .expectations
        .state
        .as_ref()
        .filter(|state| state.account.eq_ignore_ascii_case(account));
    let Some(expected) = recorded else {
        return Err(Unknown::because(
            "arguments",
            Reason::ExpectationMissing,
            "record the state of a healthy account with --write-expected",
        ));
    };
    let mut drift = Vec::new();
    let mut unknown: Option<Unknown> = None;
    let mut compare = |difference: Reading<Option<String>>| match difference {
        Ok(difference) => drift.extend(difference),
        Err(cause) => {
            unknown = Some(
                unknown
                    .take()
                    .map_or_else(|| cause.clone(), |known| known.and(cause.clone())),
            )
        }
    };
    if let Some(roles) = &expected.roles {
        compare(role_names(context).map(|now| list_difference("security roles", roles, &now)));
    }
    if let Some(licenses) = &expected.licenses {
        compare(license_names(context).map(|now| list_difference("licences", licenses, &now)));
    }
    let numbers = [
        ("access mode", expected.access_mode, access_mode_code(context)),
        (
            "time zone",
            expected.time_zone,
            setting(context, |settings| settings.timezonecode.value().copied()),
        ),
        (
            "format",
            expected.format,
            setting(context, |settings| settings.localeid.value().copied()),
        ),
    ];
    for (what, expected, now) in numbers {
        if let Some(expected) = expected {
            compare(now.map(|now| (now != expected).then(|| format!("{what}: {expected} became {now}"))));
        }
    }
    match unknown {
        // A difference that was seen is a difference, whatever else could not be read.
        Some(unknown) if drift.is_empty() => Err(unknown),
        _ => Ok(drift),
    }
}

fn role_names(context: &Context<'_>) -> Reading<Vec<String>> {
    existing_row(context)?;
    let roles = &read(&context.evidence().user_roles)?.value;
    Ok(sorted(roles.iter().filter_map(|role| role.name.text())))
}

fn license_names(context: &Context<'_>) -> Reading<Vec<String>> {
    let licenses = &read(&context.evidence().license_details)?.value;
    Ok(sorted(
        licenses
            .iter()
            .filter_map(|license| license.sku_part_number.text()),
    ))
}

fn access_mode_code(context: &Context<'_>) -> Reading<i64> {
    let mode = existing_row(context)?.accessmode.value().copied();
    mode.ok_or_else(|| Unknown::silent("dataverse.system_users", "the row has no access mode"))
}

fn setting(
    context: &Context<'_>,
    of: impl Fn(&crate::snapshot::dataverse::UserSettings) -> Option<i64>,
) -> Reading<i64> {
    existing_row(context)?;
    let settings = read(&context.evidence().user_settings)?;
    settings
        .0
        .as_ref()
        .and_then(of)
        .ok_or_else(|| Unknown::silent("dataverse.user_settings", "the answer has no such setting"))
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn list_difference(what: &str, expected: &[String], now: &[String]) -> Option<String> {
    let missing: Vec<&str> = expected
        .iter()
        .filter(|name| !now.contains(name))
        .map(String::as_str)
        .collect();
    let added: Vec<&str> = now
        .iter()
        .filter(|name| !expected.contains(name))
        .map(String::as_str)
        .collect();
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("lost {}", missing.join(", ")));
    }
    if !added.is_empty() {
        parts.push(format!("gained {}", added.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("{what}: {}", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::list_difference;

    #[test]
    fn a_list_differs_by_what_was_lost_and_what_was_gained() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let difference = list_difference("roles", &list(&["A", "B"]), &list(&["B", "C"]));
        assert_eq!(difference.as_deref(), Some("roles: lost A; gained C"));
        assert_eq!(list_difference("roles", &list(&["A"]), &list(&["A"])), None);
    }
}
