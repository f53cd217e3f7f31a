//! Whom a policy is for: users, guests, groups, directory roles, workload identities.

use super::list::List;
use super::policy::{ExternalUsers, Filter, FilterMode, Policy, Tenants, Users, Workloads};
use super::sign_in::{ExternalKind, Membership, ServicePrincipal, Subject, User, UserKind};
use super::truth::{Cause, MatchKind, Missing, Truth};

pub(super) fn judge(policy: &Policy, subject: &Subject) -> Truth {
    let workloads = policy
        .workloads
        .as_ref()
        .filter(|workloads| selects_anything(workloads));
    match (subject, &policy.users, workloads) {
        (Subject::User(user), Some(users), _) if includes_anyone(users) => {
            Truth::within(included(users, user), excluded(users, user))
        }
        (Subject::User(_), _, Some(_)) => Truth::No(Cause::WorkloadsOnly, None),
        (Subject::ServicePrincipal(principal), _, Some(workloads)) => workload(workloads, principal),
        _ if selects_agents(policy) => Truth::No(Cause::AgentsOnly, None),
        (Subject::User(_), Some(_), None) => Truth::NOTHING_SELECTED,
        (Subject::ServicePrincipal(_), Some(_), None) => Truth::No(Cause::UsersOnly, None),
        (_, None, None) => Truth::unknown(Missing::Unrecognised("users".to_owned())),
    }
}

/// Neither the service account nor the application of Work 365 is an agent.
fn selects_agents(policy: &Policy) -> bool {
    policy
        .workloads
        .as_ref()
        .is_some_and(|workloads| workloads.agents)
        || policy
            .users
            .as_ref()
            .is_some_and(|users| users.users.include.items == [ALL_AGENT_USERS])
}

/// Stands for the user accounts of agents.
const ALL_AGENT_USERS: &str = "AllAgentIdUsers";

fn includes_anyone(users: &Users) -> bool {
    let selects = |list: &List| {
        let nobody = |item: &String| item == "None" || item == ALL_AGENT_USERS;
        list.malformed || !list.items.iter().all(nobody)
    };
    selects(&users.users.include)
        || selects(&users.groups.include)
        || selects(&users.roles.include)
        || users.include_external.is_some()
}

fn selects_anything(workloads: &Workloads) -> bool {
    let include = &workloads.principals.include;
    include.malformed || include.items.iter().any(|item| item != "None") || workloads.filter.is_some()
}

fn included(users: &Users, user: &User) -> Truth {
    Truth::any([
        listed(&users.users.include, user),
        groups(&users.groups.include, user),
        roles(&users.roles.include, user),
        external(users.include_external.as_ref(), &user.kind),
    ])
}

fn excluded(users: &Users, user: &User) -> Truth {
    Truth::any([
        listed(&users.users.exclude, user),
        groups(&users.groups.exclude, user),
        roles(&users.roles.exclude, user),
        external(users.exclude_external.as_ref(), &user.kind),
    ])
}

fn listed(list: &List, user: &User) -> Truth {
    list.any(|item| match item {
        "All" => Truth::included(MatchKind::All, item),
        "None" | ALL_AGENT_USERS => Truth::NOT_INCLUDED,
        "GuestsOrExternalUsers" => match user.kind {
            UserKind::Member => Truth::NOT_INCLUDED,
            UserKind::External { .. } => Truth::included(MatchKind::ExternalUser, item),
            UserKind::Unknown => Truth::unknown(Missing::UserType),
        },
        _ => same_id(list, item, user.id.as_deref(), MatchKind::Account),
    })
}

/// Compares ids; a word that is no id is one that this version does not know.
fn same_id(list: &List, item: &str, id: Option<&str>, kind: MatchKind) -> Truth {
    match id {
        Some(id) if id.eq_ignore_ascii_case(item) => Truth::included(kind, item),
        _ if !looks_like_id(item) => list.unrecognised(item),
        Some(_) => Truth::NOT_INCLUDED,
        None if kind == MatchKind::ServicePrincipal => Truth::unknown(Missing::ServicePrincipal),
        None => Truth::unknown(Missing::User),
    }
}

/// A GUID, or the pseudonym of one: both have hyphens and digits, the reserved words have neither.
pub(super) fn looks_like_id(text: &str) -> bool {
    text.contains('-') && text.bytes().any(|byte| byte.is_ascii_digit())
}

fn groups(list: &List, user: &User) -> Truth {
    list.any(|id| member(id, &user.groups, MatchKind::Group, Missing::Groups))
}

fn roles(list: &List, user: &User) -> Truth {
    list.any(|id| member(id, &user.roles, MatchKind::Role, Missing::Roles))
}

fn member(id: &str, membership: &Membership, kind: MatchKind, missing: Missing) -> Truth {
    match membership {
        Membership::Known(ids) => Truth::when(ids.contains(&id.to_ascii_lowercase()), kind, id),
        Membership::Unknown => Truth::unknown(missing),
    }
}

fn external(policy: Option<&ExternalUsers>, user: &UserKind) -> Truth {
    let (Some(policy), UserKind::External { kind, home_tenant }) = (policy, user) else {
        return match (policy, user) {
            (Some(_), UserKind::Unknown) => Truth::unknown(Missing::UserType),
            _ => Truth::NOT_INCLUDED,
        };
    };
    let kinds = policy
        .kinds
        .any(|item| match (item.parse::<ExternalKind>(), kind) {
            (Ok(wanted), Some(kind)) => Truth::when(wanted == *kind, MatchKind::ExternalUser, item),
            (Ok(_), None) => Truth::unknown(Missing::UserType),
            (Err(_), _) if item == "none" => Truth::NOT_INCLUDED,
            (Err(_), _) => policy.kinds.unrecognised(item),
        });
    let tenants = match (&policy.tenants, home_tenant) {
        (Tenants::All, _) => return kinds,
        (Tenants::Unrecognised, _) => {
            Truth::unknown(Missing::Unrecognised("externalTenants.membershipKind".to_owned()))
        }
        (Tenants::Listed(_), None) => Truth::unknown(Missing::HomeTenant),
        (Tenants::Listed(list), Some(home)) => {
            list.any(|tenant| Truth::when(tenant.eq_ignore_ascii_case(home), MatchKind::ExternalUser, tenant))
        }
    };
    Truth::both(tenants, kinds)
}

fn workload(workloads: &Workloads, principal: &ServicePrincipal) -> Truth {
    if principal.registered_here == Some(false) {
        return Truth::No(Cause::OutOfScope, None);
    }
    let listed = |list: &List| {
        list.any(|item| match item {
            "None" => Truth::NOT_INCLUDED,
            "ServicePrincipalsInMyTenant" => match principal.registered_here {
                Some(here) => Truth::when(here, MatchKind::All, item),
                None => Truth::unknown(Missing::ServicePrincipalKind),
            },
            _ => same_id(list, item, principal.id.as_deref(), MatchKind::ServicePrincipal),
        })
    };
    let (filter_in, filter_out) = filter_sides(workloads.filter.as_ref(), &Missing::ServicePrincipalFilter);
    Truth::within(
        Truth::any([listed(&workloads.principals.include), filter_in]),
        Truth::any([listed(&workloads.principals.exclude), filter_out]),
    )
}

/// A filter over attributes that are no evidence of ours leaves the side it works on open.
pub(super) fn filter_sides(filter: Option<&Filter>, missing: &Missing) -> (Truth, Truth) {
    let open = || Truth::unknown(missing.clone());
    match filter.map(|filter| filter.mode) {
        None => (Truth::NOT_INCLUDED, Truth::NOT_INCLUDED),
        Some(FilterMode::Include) => (open(), Truth::NOT_INCLUDED),
        Some(FilterMode::Exclude) => (Truth::NOT_INCLUDED, open()),
        Some(FilterMode::Unrecognised) => (open(), open()),
    }
}
