//! Which lists may leave something out because the operator is not shown every row.

use crate::facts::context::Context;
use crate::facts::identity::subject::row;
use crate::facts::operator::rights::operator_is_system_administrator;
use crate::facts::reading::{Reading, Reason, Unknown, complete};
use crate::snapshot::Field;
use crate::snapshot::dataverse::{SystemUser, WhoAmI};

/// Why a list of what belongs to a business unit may leave some out: the operator reads such rows with this privilege, and not those
/// of the unit of the account. Nothing where the evidence does not say so.
///
/// Source: <https://learn.microsoft.com/power-platform/admin/security-roles-privileges>.
pub(crate) fn reads_other_units(context: &Context<'_>, privilege: &str, section: &str) -> Reading<()> {
    let privileges = context.evidence().operator_privileges.ok();
    let privileges = privileges.and_then(|answer| answer.role_privileges.known());
    let mut depths = privileges
        .into_iter()
        .flatten()
        .filter(|listed| is(&listed.privilege_name, privilege))
        .filter_map(|listed| listed.depth.known())
        .map(|depth| depth.trim())
        .peekable();
    let is_silent = depths.peek().is_none();
    let reads_the_row = depths.any(|depth| match depth.to_ascii_lowercase().as_str() {
        "global" => true,
        "deep" | "local" => is_of_own_unit(context),
        _ => false,
    });
    if is_silent
        || reads_the_row
        || is_the_account(context)
        || operator_is_system_administrator(context) == Ok(true)
    {
        return Ok(());
    }
    Err(Unknown::because(
        section,
        Reason::Denied,
        "the operator may not be allowed to see those of other business units",
    ))
}

/// Whether an empty list of what a user owns proves nothing: the operator is neither System Administrator nor the account itself.
pub(crate) fn may_see_own_rows_only(context: &Context<'_>) -> bool {
    operator_is_system_administrator(context) == Ok(false) && !is_the_account(context)
}

/// Whether the account ran the check itself.
fn is_the_account(context: &Context<'_>) -> bool {
    compare(context, |operator| &operator.user_id, |row| &row.systemuserid)
}

/// Whether account and operator are of one business unit.
fn is_of_own_unit(context: &Context<'_>) -> bool {
    compare(
        context,
        |operator| &operator.business_unit_id,
        |row| &row.business_unit_id,
    )
}

fn compare(
    context: &Context<'_>,
    of_operator: impl Fn(&WhoAmI) -> &Field<String>,
    of_row: impl Fn(&SystemUser) -> &Field<String>,
) -> bool {
    let row = complete(|| row(context)).ok().flatten();
    let id = context
        .evidence()
        .who_am_i
        .ok()
        .and_then(|operator| of_operator(operator).known());
    row.zip(id).is_some_and(|(row, id)| is(of_row(row), id.trim()))
}

fn is(field: &Field<String>, wanted: &str) -> bool {
    field
        .known()
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
}
