//! What a policy protects: applications, Microsoft's application groups, user actions, authentication contexts.

use super::list::List;
use super::policy::{Applications, Policy, Selection};
use super::truth::{Cause, MatchKind, Missing, Truth};
use super::users::{filter_sides, looks_like_id};
use crate::well_known::DATAVERSE_APPLICATION;

/// "Windows Azure Service Management API" stands for a group of services.
const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

/// Certain members of Microsoft's groups. The full lists change and are kept by name only, so any other application
/// is undetermined; Dataverse is in none of them (Source: Entra documentation, "Apps included in Conditional Access
/// Office 365 app suite", "Target resources"; the suite holds the Power Apps service and portals, not Dataverse).
const GROUP_MEMBERS: &[(&str, &str)] = &[
    // Exchange Online, SharePoint Online, Teams Services, Power Apps Service.
    ("Office365", "00000002-0000-0ff1-ce00-000000000000"),
    ("Office365", "00000003-0000-0ff1-ce00-000000000000"),
    ("Office365", "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe"),
    ("Office365", "475226c6-020e-4fb2-8a90-7a972cbfc1d4"),
    // The Azure portal.
    ("MicrosoftAdminPortals", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
    (AZURE_MANAGEMENT, "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
    (AZURE_MANAGEMENT, AZURE_MANAGEMENT),
];

pub(super) fn judge(policy: &Policy, application: &str) -> Truth {
    let Some(applications) = &policy.applications else {
        return Truth::unknown(Missing::Unrecognised("applications".to_owned()));
    };
    if let Some(other) = protects_other_things(applications) {
        return Truth::No(other, None);
    }
    let (filter_in, _) = filter_sides(applications.filter.as_ref(), &Missing::ApplicationFilter);
    Truth::within(
        Truth::any([selected(&applications.selection.include, application), filter_in]),
        excluded(applications, application),
    )
}

fn selected(list: &List, application: &str) -> Truth {
    list.any(|item| judge_item(list, item, application))
}

fn excluded(applications: &Applications, application: &str) -> Truth {
    let (_, filter_out) = filter_sides(applications.filter.as_ref(), &Missing::ApplicationFilter);
    Truth::any([selected(&applications.selection.exclude, application), filter_out])
}

/// Whether the policy is for all resources and leaves this one out; nothing when what was read of it does not tell.
pub(super) fn leaves_out_of_all(policy: &Policy, application: &str) -> Option<bool> {
    let applications = policy.applications.as_ref()?;
    let is_readable = |list: &List| !list.malformed && !policy.lacks("applications", list.path);
    let Selection { include, exclude } = &applications.selection;
    let is_for_all = match include.items.iter().any(|item| item == "All") {
        false if !is_readable(include) => None,
        known => Some(known),
    };
    let is_left_out = match excluded(applications, application) {
        Truth::Yes(..) => Some(true),
        Truth::No(..) if is_readable(exclude) => Some(false),
        Truth::No(..) | Truth::Unknown(_) => None,
    };
    match (is_for_all, is_left_out) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// A policy for user actions or authentication contexts has no applications, and never meets a plain sign-in.
fn protects_other_things(applications: &Applications) -> Option<Cause> {
    let selects_none =
        applications.selection.include.is_empty() || applications.selection.include.items == ["None"];
    if !selects_none || applications.filter.is_some() {
        return None;
    }
    Some(if !applications.user_actions.is_empty() {
        Cause::UserActionsOnly
    } else if !applications.authentication_contexts.is_empty() {
        Cause::AuthenticationContextOnly
    } else {
        Cause::NothingSelected
    })
}

fn judge_item(list: &List, item: &str, application: &str) -> Truth {
    match item {
        "All" => Truth::included(MatchKind::All, item),
        "None" => Truth::NOT_INCLUDED,
        // Resources that are agents themselves; Microsoft's own services are none.
        "AllAgentIdResources" => Truth::NOT_INCLUDED,
        "Office365" | "MicrosoftAdminPortals" => in_group(item, application),
        _ if item.eq_ignore_ascii_case(AZURE_MANAGEMENT) => in_group(AZURE_MANAGEMENT, application),
        _ if item.eq_ignore_ascii_case(application) => Truth::included(MatchKind::Application, item),
        _ if looks_like_id(item) => Truth::NOT_INCLUDED,
        _ => list.unrecognised(item),
    }
}

fn in_group(group: &str, application: &str) -> Truth {
    let is_member =
        |(name, member): &(&str, &str)| *name == group && member.eq_ignore_ascii_case(application);
    if application.eq_ignore_ascii_case(DATAVERSE_APPLICATION) {
        Truth::NOT_INCLUDED
    } else if GROUP_MEMBERS.iter().any(is_member) {
        Truth::included(MatchKind::ApplicationGroup, group)
    } else {
        Truth::unknown(Missing::ApplicationGroup)
    }
}
