//! What a policy protects: applications, Microsoft's application groups, user actions, authentication contexts.

use super::list::List;
use super::policy::{Applications, Policy};
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
    let selected = |list: &List| list.any(|item| judge_item(list, item, application));
    let (filter_in, filter_out) = filter_sides(applications.filter.as_ref(), &Missing::ApplicationFilter);
    Truth::within(
        Truth::any([selected(&applications.selection.include), filter_in]),
        Truth::any([selected(&applications.selection.exclude), filter_out]),
    )
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
