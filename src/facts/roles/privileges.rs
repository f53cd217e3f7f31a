//! What the roles give: the privileges of the row against those that System Administrator, or Work 365, needs.

use crate::snapshot::dataverse::Privileges;
use crate::snapshot::{Answer, Unread};

use super::super::Inputs;
use super::super::reading::{Reading, Unknown, read};
use super::PRIVILEGES;

/// Privileges that System Administrator gives for the whole organisation. Source: api-facts D-05.
const SENTINELS: [&str; 5] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadOrganization",
    "prvWriteUser",
    "prvAssignRole",
];

/// Of those, the ones that only serve to administer other users: a service role may well lack them.
const FOR_ADMINISTRATORS: [&str; 2] = ["prvWriteUser", "prvAssignRole"];

/// The privilege without which a user cannot even find out who it is; every working role has it.
const FIRST_NEED: &str = "prvReadUser";

impl Inputs<'_> {
    /// Sentinels that are not held at depth Global, in the strong read or else in the cached one.
    ///
    /// The cached read is an extra: when it was not made, the strong one decides (api-facts D-05, `CONTRACT.md` section 8).
    pub(super) fn privileges_not_in_effect(&self) -> Reading<Vec<String>> {
        self.existing_row()?;
        let strong = lacking_globally(
            read(&self.evidence().user_privileges)?,
            &self.evidence().user_privileges,
        )?;
        let cached = &self.evidence().user_privileges_cached;
        if !strong.is_empty() || matches!(cached.body, Err(Unread::Absent | Unread::Skipped { .. })) {
            return Ok(strong);
        }
        lacking_globally(read(cached)?, cached)
    }

    /// Privileges that were asked for and are not held at any depth. Of a full list only [`FIRST_NEED`] is judged: what
    /// Work 365 needs beyond it is not documented.
    pub(super) fn privileges_missing(&self) -> Reading<Vec<String>> {
        self.existing_row()?;
        let answer = read(&self.evidence().user_privileges)?;
        let wanted: Vec<&str> = match answer.asked.value() {
            Some(asked) => asked.iter().map(String::as_str).collect(),
            None => vec![FIRST_NEED],
        };
        let mut missing = Vec::new();
        for name in wanted {
            if !is_one_of(name, &FOR_ADMINISTRATORS) && !holds(answer, PRIVILEGES, name, |_| Ok(true))? {
                missing.push(name.to_owned());
            }
        }
        Ok(missing)
    }
}

fn lacking_globally(privileges: &Privileges, answer: &Answer<Privileges>) -> Reading<Vec<String>> {
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
    let mut lacking = Vec::new();
    for sentinel in judged {
        let global = |depth: Option<&str>| {
            depth
                .map(|depth| depth.eq_ignore_ascii_case("Global"))
                .ok_or_else(|| Unknown::silent(answer.section, "a privilege is listed without its depth"))
        };
        if !holds(privileges, answer.section, sentinel, global)? {
            lacking.push(sentinel.to_owned());
        }
    }
    Ok(lacking)
}

/// Whether the privilege is listed with a depth that passes; unknown when the list, or the names in it, were not read.
fn holds(
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

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}
