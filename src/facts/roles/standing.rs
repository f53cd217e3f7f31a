//! What the evidence knows about the party that a refusal names: the account itself, or nothing.

use jiff::SignedDuration;

use crate::decode::explain::options::{Standing, options};
use crate::decode::model::{Depth, Grant, PrincipalKind};
use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::read;
use crate::facts::roles::business_unit::business_unit_name;
use crate::facts::roles::documented;
use crate::facts::roles::held::needed_name;
use crate::facts::roles::held_by_row::{held_roles, teams_not_refreshed};
use crate::facts::roles::history::roles_changed_at;
use crate::profile::Profile;
use crate::snapshot::dataverse::SystemUser;

/// A change of roles is in effect after this long at the latest.
const IN_EFFECT: SignedDuration = SignedDuration::from_hours(1);

/// The grant with what the evidence knows: how wide the right is held, the access mode, and what would give it.
#[must_use]
pub fn with_evidence(context: &Context<'_>, mut grant: Grant) -> Grant {
    let standing = standing(context, &grant).unwrap_or_default();
    if grant.depth_held.is_none() {
        grant.depth_held = standing.held.flatten();
    }
    if grant.access_mode.is_none() {
        grant.access_mode = standing.access_mode.map(|mode| mode.to_string());
    }
    grant.options = options(&grant, &standing);
    grant
}

/// Nothing where the refusal is about somebody else, or the account has no row.
fn standing(context: &Context<'_>, grant: &Grant) -> Option<Standing> {
    let row = existing_row(context).ok()?;
    if grant.principal.kind == Some(PrincipalKind::Team) || !is_about(row, grant.principal.id.as_deref()) {
        return None;
    }
    let held = held_roles(context).ok();
    let roles = held.map(|held| {
        let mut names = held.direct_names().unwrap_or_default();
        names.extend(held.team_names().unwrap_or_default());
        names
    });
    let lately = |at| context.now.duration_since(at) < IN_EFFECT;
    let lacks_needed = held.map(|held| held.needed(context.profile())) == Some(Ok(false));
    let unit = business_unit_name(context).ok();
    let depth = held_depth(context, grant);
    let names = held.map(|held| held.names()).unwrap_or_default();
    let asked = privilege_of(grant).filter(|_| held.is_some());
    Some(Standing {
        // What the evidence shows needs no page.
        documented: asked
            .as_deref()
            .filter(|_| depth.is_none())
            .and_then(|asked| documented::widest(&names, asked)),
        standard: asked
            .as_deref()
            .map(|asked| documented::narrow(&names, asked))
            .unwrap_or_default(),
        access_mode: row
            .accessmode
            .value()
            .copied()
            .filter(|_| !context.is(Profile::ApplicationUser)),
        disabled: row.isdisabled.value().copied(),
        business_unit: unit.or_else(|| row.business_unit_id.text().map(str::to_owned)),
        held: depth,
        team_only: held
            .and_then(|held| held.team_privileges_only(context.profile()).ok())
            .filter(|teams| !teams.is_empty())
            .map(|_| vec![needed_name(context.profile()).to_owned()])
            .unwrap_or_default(),
        roles: roles.unwrap_or_default(),
        teams_to_come: teams_not_refreshed(context)
            .unwrap_or_default()
            .into_iter()
            .map(|team| team.name)
            .collect(),
        changed_lately: roles_changed_at(context).ok().flatten().is_some_and(lately),
        role_asked_for: lacks_needed.then(|| needed_name(context.profile()).to_owned()),
    })
}

/// A text that names nobody is about the account that is looked at.
fn is_about(row: &SystemUser, id: Option<&str>) -> bool {
    let own = [
        &row.systemuserid,
        &row.azureactivedirectoryobjectid,
        &row.applicationid,
    ];
    id.is_none_or(|id| {
        own.iter()
            .any(|known| known.text().is_some_and(|known| known.eq_ignore_ascii_case(id)))
    })
}

/// The privilege that is asked for: named, or made of the right and the table.
fn privilege_of(grant: &Grant) -> Option<String> {
    grant
        .privilege
        .clone()
        .or_else(|| match grant.access_rights.as_slice() {
            [right] => grant.table.as_ref().map(|table| format!("prv{right}{table}")),
            _ => None,
        })
}

/// How wide the privilege is held: `Some(None)` is not at all; `None` where it was not asked for.
fn held_depth(context: &Context<'_>, grant: &Grant) -> Option<Option<Depth>> {
    let name = privilege_of(grant)?;
    let privileges = read(&context.evidence().user_privileges).ok()?;
    let held = privileges.role_privileges.items().iter().find(|held| {
        held.privilege_name
            .text()
            .is_some_and(|own| own.eq_ignore_ascii_case(&name))
    });
    if let Some(held) = held {
        return Depth::called(held.depth.text()?).map(Some);
    }
    // A list that was asked for says nothing about a name that is not in it.
    let was_asked = match privileges.asked.value() {
        Some(asked) => asked.iter().any(|asked| asked.eq_ignore_ascii_case(&name)),
        None => grant.privilege.is_some(),
    };
    was_asked.then_some(None)
}
