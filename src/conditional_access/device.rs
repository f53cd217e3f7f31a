//! What the sign-in runs on: platform, and the filter for devices.

use super::list::List;
use super::policy::{FilterMode, Policy};
use super::sign_in::{Device, Platform, SignIn};
use super::truth::{Cause, MatchKind, Missing, Truth};

pub(super) fn platforms(policy: &Policy, platform: Option<Platform>) -> Truth {
    let Some(selection) = policy
        .platforms
        .as_ref()
        .filter(|selection| !selection.is_empty())
    else {
        return Truth::NOT_CONFIGURED;
    };
    let selected = |list: &List| {
        list.any(|item| match (item.parse::<Platform>(), platform) {
            _ if item == "all" => Truth::included(MatchKind::All, item),
            (Ok(wanted), Some(platform)) => Truth::when(wanted == platform, MatchKind::Value, item),
            (Ok(_), None) => Truth::unknown(Missing::Platform),
            (Err(_), _) => list.unrecognised(item),
        })
    };
    let include = if selection.include.is_empty() {
        selection.include.unrecognised("")
    } else {
        selected(&selection.include)
    };
    Truth::within(include, selected(&selection.exclude))
}

pub(super) fn filter(policy: &Policy, sign_in: &SignIn) -> Truth {
    let Some(filter) = &policy.device_filter else {
        return Truth::NOT_CONFIGURED;
    };
    let matches = match sign_in.device {
        Device::Unknown => None,
        Device::Unregistered => matches_nothing_known(&filter.rule),
    };
    match (filter.mode, matches) {
        (FilterMode::Include, Some(true)) | (FilterMode::Exclude, Some(false)) => {
            Truth::included(MatchKind::Value, &filter.rule)
        }
        (FilterMode::Include, Some(false)) => Truth::NOT_INCLUDED,
        (FilterMode::Exclude, Some(true)) => Truth::No(Cause::Excluded, None),
        (FilterMode::Unrecognised, _) | (_, None) => Truth::unknown(Missing::DeviceFilter),
    }
}

/// Whether a rule matches a device without any property: not with positive operators only, yes with negative ones
/// only, and not decided here when they are mixed, negated, or compare with null.
fn matches_nothing_known(rule: &str) -> Option<bool> {
    const POSITIVE: [&str; 5] = ["-eq", "-startswith", "-endswith", "-contains", "-in"];
    const NEGATIVE: [&str; 5] = ["-ne", "-notstartswith", "-notendswith", "-notcontains", "-notin"];
    if rule.contains("\"\"") || rule.contains("''") {
        return None;
    }
    let code = rule
        .split(['"', '\''])
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    let words: Vec<&str> = code
        .split(|c: char| c.is_whitespace() || "()[],".contains(c))
        .collect();
    if words
        .iter()
        .any(|word| matches!(*word, "-not" | "not" | "null" | "$null"))
    {
        return None;
    }
    let has = |operators: [&str; 5]| words.iter().any(|word| operators.contains(word));
    match (has(POSITIVE), has(NEGATIVE)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}
