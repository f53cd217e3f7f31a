//! What the roles give: the privileges of the row against those that System Administrator, or Work 365, needs.

use crate::snapshot::Unread;

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Unknown, read};
use crate::facts::roles::key_privileges::{holds, keys_not_held_globally};

pub(crate) const PRIVILEGES: &str = "dataverse.user_privileges";

/// The privilege without which a user cannot even find out who it is; every working role has it.
const FIRST_NEED: &str = "prvReadUser";

/// Sentinels that are not held at depth Global, in the strong read or else in the cached one.
///
/// The cached read is an extra: when it was not made, the strong one decides (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges>).
pub(crate) fn privileges_not_in_effect(context: &Context<'_>) -> Reading<Vec<String>> {
    existing_row(context)?;
    let strong = keys_not_held_globally(
        read(&context.evidence().user_privileges)?,
        &context.evidence().user_privileges,
    )?;
    let cached = &context.evidence().user_privileges_cached;
    if !strong.is_empty() || matches!(cached.body(), Err(Unread::Absent | Unread::Skipped { .. })) {
        return Ok(strong);
    }
    keys_not_held_globally(read(cached)?, cached)
}

/// What Work 365 certainly needs and the row does not hold at any depth. Every list is judged by [`FIRST_NEED`], however it
/// was asked for: what Work 365 needs beyond it is not documented, and its own roles do not hold all that was asked for.
pub(crate) fn privileges_missing(context: &Context<'_>) -> Reading<Vec<String>> {
    existing_row(context)?;
    let answer = read(&context.evidence().user_privileges)?;
    let was_asked = answer
        .asked
        .value()
        .is_none_or(|asked| asked.iter().any(|name| name.eq_ignore_ascii_case(FIRST_NEED)));
    if !was_asked {
        return Err(Unknown::silent(PRIVILEGES, "prvReadUser was not asked for"));
    }
    let is_held = holds(answer, PRIVILEGES, FIRST_NEED, |_| Ok(true))?;
    Ok(if is_held {
        Vec::new()
    } else {
        vec![FIRST_NEED.to_owned()]
    })
}
