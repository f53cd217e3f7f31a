//! What only System Administrator gives for the whole organisation, and whether a list of privileges holds it.

use crate::snapshot::Answer;
use crate::snapshot::dataverse::Privileges;

use crate::facts::reading::{Reading, Unknown};

/// Privileges that System Administrator gives for the whole organisation. Source:
/// <https://learn.microsoft.com/power-platform/admin/database-security>.
const SENTINELS: [&str; 5] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadOrganization",
    "prvWriteUser",
    "prvAssignRole",
];

/// Those of the key privileges that are not held at depth Global; unknown where the list does not settle it.
pub(crate) fn keys_not_held_globally(
    privileges: &Privileges,
    answer: &Answer<Privileges>,
) -> Reading<Vec<String>> {
    let asked = privileges.asked.value();
    let judged: Vec<&str> = SENTINELS
        .into_iter()
        .filter(|sentinel| {
            asked.is_none_or(|asked| asked.iter().any(|name| name.eq_ignore_ascii_case(sentinel)))
        })
        .collect();
    if judged.is_empty() {
        return Err(Unknown::silent(
            answer.section,
            "none of the key privileges was asked for",
        ));
    }
    let (mut lacking, mut unclear) = (Vec::new(), None);
    for sentinel in judged {
        let global = |depth: Option<&str>| match depth {
            Some(depth) if depth.eq_ignore_ascii_case("Global") => Ok(true),
            Some(depth) if asked.is_none() && depth.eq_ignore_ascii_case("Basic") => Err(Unknown::silent(
                answer.section,
                "a list of all privileges shows those of a team at depth Basic, whatever its role gives",
            )),
            Some(_) => Ok(false),
            None => Err(Unknown::silent(
                answer.section,
                "a privilege is listed without its depth",
            )),
        };
        match holds(privileges, answer.section, sentinel, global) {
            Ok(true) => {}
            Ok(false) => lacking.push(sentinel.to_owned()),
            Err(unknown) => unclear = Some(unknown),
        }
    }
    // One that is lacking settles it, whatever the others are.
    match unclear {
        Some(unknown) if lacking.is_empty() => Err(unknown),
        _ => Ok(lacking),
    }
}

/// Whether the privilege is listed with a depth that passes; unknown when the list, or the names in it, were not read.
pub(crate) fn holds(
    privileges: &Privileges,
    section: &'static str,
    name: &str,
    passes: impl Fn(Option<&str>) -> Reading<bool>,
) -> Reading<bool> {
    let list = privileges
        .role_privileges
        .value()
        .ok_or_else(|| Unknown::silent(section, "the answer has no list of privileges"))?;
    let mut unclear = None;
    for privilege in list {
        match privilege.privilege_name.text() {
            Some(listed) if listed.eq_ignore_ascii_case(name) => match passes(privilege.depth.text()) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(unknown) => unclear = Some(unknown),
            },
            Some(_) => {}
            None => {
                unclear = Some(Unknown::silent(section, "a privilege is listed without its name"));
            }
        }
    }
    unclear.map_or(Ok(false), Err)
}
