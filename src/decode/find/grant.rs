//! Who lacks which right on what: the parts of a refused privilege in every shape that Dataverse writes it.
//!
//! A refusal names up to three parties, and only one of them lacks the right: the principal that was checked, the caller
//! (who may act for another), and the owner of the record. They are told apart by the words before their ids.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::ids::guid_at;
use super::record_type;
use super::token::floor;
use crate::decode::model::{Check, Depth, Grant, Principal, PrincipalKind};
use crate::decode::text::pattern;

/// What the words before an id say about its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    Principal,
    Caller,
    Owner,
}

struct Parties {
    patterns: Vec<(Party, Option<PrincipalKind>, Regex)>,
    principal_data: Option<Regex>,
    owner_data: Option<Regex>,
    inside: Option<Regex>,
    identity: Option<Regex>,
    rights: Option<Regex>,
    secured: Option<Regex>,
    needed: Option<Regex>,
    needed_for_rights: Option<Regex>,
    held: Option<Regex>,
    privilege: Option<Regex>,
}

static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    use Party::{Caller, Owner};
    use PrincipalKind::{Application, Team, User};
    let sep = r#"["'\s]{0,4}[:=]?["'\s{(]{0,4}"#;
    let patterns = [
        (
            Party::Principal,
            Some(User),
            r"(?i)\bprincipal user\s?\(?\s?(?:Id)?\s?[=:]?\s?".to_owned(),
        ),
        (
            Party::Principal,
            Some(Team),
            r"(?i)\bprincipal team\s?\(?\s?(?:Id)?\s?[=:]?\s?".to_owned(),
        ),
        (
            Party::Principal,
            Some(Application),
            r"(?i)\bprincipal application(?: user)?\s?\(?\s?(?:Id)?\s?[=:]?\s?".to_owned(),
        ),
        (
            Party::Principal,
            None,
            r"(?i)\bprincipal with id\s?=?\s?".to_owned(),
        ),
        (
            Party::Principal,
            Some(User),
            r"(?i)\b(?:caller )?user with id\s?=?\s?".to_owned(),
        ),
        (
            Party::Principal,
            Some(Team),
            r"(?i)\bteam with id\s?=?\s?".to_owned(),
        ),
        (
            Party::Principal,
            Some(User),
            format!(r"(?i)(?:^|[^a-z])user ?(?:id)?{sep}(?:id\s?=\s?)?"),
        ),
        (
            Party::Principal,
            Some(User),
            r"(?i)\bidentityUser\.SystemUserId\s?=\s?".to_owned(),
        ),
        (Caller, Some(User), r"(?i)\bcontext\.Caller\s?=\s?".to_owned()),
        (Caller, Some(User), format!(r"(?i)\bcalling ?user(?:id)?{sep}")),
        (
            Caller,
            None,
            r#"(?i)"CallerPrincipal"\s?:\s?\{\s?"PrincipalId"\s?:\s?""#.to_owned(),
        ),
        (Caller, Some(User), format!(r"(?i)\bcaller(?: ?id)?{sep}")),
        (
            Owner,
            None,
            r#"(?i)"OwnerPrincipal"\s?:\s?\{\s?"PrincipalId"\s?:\s?""#.to_owned(),
        ),
        (Owner, None, format!(r"(?i)\bowner ?id{sep}")),
        (
            Owner,
            None,
            r"(?i)\bowner (?:user|team)\s?\(?\s?(?:Id)?\s?[=:]?\s?".to_owned(),
        ),
    ]
    .into_iter()
    .filter_map(|(party, kind, source)| Some((party, kind, pattern::regex(&source)?)))
    .collect();
    Parties {
        patterns,
        principal_data: pattern::regex(r"(?i)\bprincipal data:\s?([^;]{0,200})"),
        owner_data: pattern::regex(r"(?i)\bowner data:\s?([^;]{0,200})"),
        inside: pattern::regex(r"(?i)\bprincipal (?:user|team|application)[^(]{0,20}\(([^)]{0,400})"),
        identity: pattern::regex(r"(?i)\bidentityUser\.SystemUserId([^;\n]{0,200})"),
        rights: pattern::regex(
            r#"(?i)(?:"RightsToCheck"\s?:\s?"|\baccess ?rights?(?: ?mask)?["'\s]{0,2}[:=]\s?["']?|does not have |lacks (?:the )?)([a-z]{4,12}Access(?:[, |]{1,3}[a-z]{4,12}Access){0,7}|\d{1,7}\b)"#,
        ),
        secured: pattern::regex(
            r"(?i)\bdo(?:es not|esn't) have (?:AttributePrivilege)?(update|read|create)(?:\b[^.\n]{0,80}secured (?:field|column|attribute)| permissions? (?:to|for) (?:a|the) \w{1,60} (?:attribute|column|field)\b)",
        ),
        needed: pattern::regex(
            r"(?i)(?:required depth|VerifyCallerPrivileges[^\n]{0,300}?\bdepth|MinimumPrivilegeDepthRequired|privilege ?depth(?: ?required| ?needed)?|depth needed)\s?[:=]\s?'?(\w{1,14})",
        ),
        // Which level is the least that has the rights: "BusinessUnitLevelMinimumPrivilegeDepthRequiredRights = ReadAccess".
        needed_for_rights: pattern::regex(
            r"(?i)(Basic|BusinessUnit|ParentChild|Deep|Organization|Global)(?:Level)?MinimumPrivilegeDepthRequired(?:Rights)?\s?=\s?\w{1,20}Access",
        ),
        held: pattern::regex(
            r"(?i)(?:current|actual|held|granted|existing) (?:privilege )?depth\s?[:=]\s?'?(\w{4,14})",
        ),
        privilege: pattern::regex(r"\b(prv[A-Za-z]\w{2,60})"),
    }
});

/// The grant that a refusal asks for; none when the message names neither a right nor who lacks it.
pub(crate) fn of(message: &str) -> Option<Grant> {
    let parties = &*PARTIES;
    let named = |party| first_of(parties, party, message);
    let caller = named(Party::Caller);
    let owner = named(Party::Owner);
    let checks_owner = message.contains("Privilege Check For Owner") || message.contains("OwnerRead");
    let principal = named(Party::Principal).or_else(|| caller.clone());
    let privilege = captured(parties.privilege.as_ref(), message);
    let named_rights = captured(parties.rights.as_ref(), message);
    let secured = captured(parties.secured.as_ref(), message);
    let check = match (&secured, &named_rights) {
        (Some(_), _) => Check::Column,
        (None, Some(_)) => Check::Access,
        (None, None) if message.contains("AccessCheck") => Check::Access,
        (None, None) => Check::Privilege,
    };
    let mut rights = named_rights.map(|rights| names_of(&rights)).unwrap_or_default();
    if rights.is_empty() {
        rights = secured
            .as_deref()
            .map(right_to_column)
            .or_else(|| privilege.as_deref().and_then(split).map(|(right, _)| right))
            .map(|right| vec![right.to_owned()])
            .unwrap_or_default();
    }
    let table = record_type::named(message).or_else(|| split(privilege.as_deref()?).map(|(_, table)| table));
    if privilege.is_none() && rights.is_empty() {
        return None;
    }
    let mut principal = principal.unwrap_or_default();
    // The same party may be named once with its kind and once without.
    let same = [&caller, &owner]
        .into_iter()
        .flatten()
        .find(|other| other.id == principal.id);
    principal.kind = principal.kind.or(same.and_then(|other| other.kind));
    Some(Grant {
        caller,
        owner: if checks_owner {
            Some(principal.clone())
        } else {
            owner
        },
        principal,
        privilege,
        table,
        access_rights: rights,
        check: Some(check),
        depth_needed: depth(parties.needed_for_rights.as_ref(), message)
            .or_else(|| depth(parties.needed.as_ref(), message)),
        depth_held: depth(parties.held.as_ref(), message),
        access_mode: counts(message).remove("access_mode"),
        options: Vec::new(),
    })
}

/// The right to a secured column, by the word that refuses it.
fn right_to_column(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "update" => "Write",
        "create" => "Create",
        _ => "Read",
    }
}

/// The counts of roles and privileges and the access mode, the principal's and the owner's apart.
pub(crate) fn counts(message: &str) -> BTreeMap<&'static str, String> {
    let parties = &*PARTIES;
    let principal = captured(parties.principal_data.as_ref(), message)
        .or_else(|| captured(parties.inside.as_ref(), message))
        .or_else(|| captured(parties.identity.as_ref(), message))
        .unwrap_or_default()
        .replace("s.Count", "Count");
    let owner = captured(parties.owner_data.as_ref(), message).unwrap_or_default();
    [
        ("role_count", "rolecount", &principal),
        ("privilege_count", "privilegecount", &principal),
        ("access_mode", "accessmode", &principal),
        ("owner_role_count", "rolecount", &owner),
        ("owner_privilege_count", "privilegecount", &owner),
        ("owner_access_mode", "accessmode", &owner),
    ]
    .into_iter()
    .filter_map(|(name, written, data)| Some((name, number_after(data, written)?)))
    .collect()
}

/// The digits after a name.
fn number_after(data: &str, name: &str) -> Option<String> {
    let lower = data.to_ascii_lowercase();
    let rest = lower[lower.find(name)? + name.len()..].trim_start_matches([' ', '=', ':', '\'', '"']);
    let value: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!value.is_empty()).then_some(value)
}

fn captured(pattern: Option<&Regex>, message: &str) -> Option<String> {
    let captures = pattern?.captures(message.as_bytes())?;
    let group = captures.iter().skip(1).flatten().next()?;
    Some(String::from_utf8_lossy(group.as_bytes()).into_owned())
}

fn first_of(parties: &Parties, wanted: Party, message: &str) -> Option<Principal> {
    let mut best: Option<(usize, Principal)> = None;
    for (party, kind, pattern) in &parties.patterns {
        if *party != wanted {
            continue;
        }
        for found in pattern.find_iter(message.as_bytes()) {
            // The words of one party may be the end of another's: `CallingUser:` is no `User:`.
            let rest = &message[floor(message, found.end())..];
            let Some(id) = guid_at(rest) else { continue };
            if best.as_ref().is_none_or(|(at, _)| found.start() < *at) {
                let after = rest.get(36..).unwrap_or_default();
                let principal = Principal {
                    // An application user is a user by its type, too.
                    kind: kind
                        .filter(|kind| *kind == PrincipalKind::Application)
                        .or(kind_after(after))
                        .or(*kind),
                    name: name_after(after),
                    id: Some(id),
                };
                best = Some((found.start(), principal));
            }
            break;
        }
    }
    best.map(|(_, principal)| principal)
}

/// The kind that follows an id: `, type=8` or `","Type":9`: the object type codes of users and teams.
fn kind_after(after: &str) -> Option<PrincipalKind> {
    let near: String = after.chars().take(60).collect::<String>().to_ascii_lowercase();
    let at = near.find("type")?;
    let number: String = near[at + 4..]
        .chars()
        .skip_while(|character| matches!(character, '"' | ' ' | '=' | ':' | '\''))
        .take_while(char::is_ascii_digit)
        .collect();
    match number.as_str() {
        "8" => Some(PrincipalKind::User),
        "9" => Some(PrincipalKind::Team),
        _ => None,
    }
}

fn name_after(after: &str) -> Option<String> {
    let near: String = after.chars().take(160).collect();
    let at = near
        .find(", Name=")
        .map(|at| at + 7)
        .or_else(|| near.find(", name=").map(|at| at + 7))?;
    let name = near[at..]
        .split([',', ')', ';'])
        .next()?
        .trim_matches(['\'', '"', ' ']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The rights of a list of names or of a mask, without "Access".
fn names_of(rights: &str) -> Vec<String> {
    const MASK: [(u32, &str); 8] = [
        (1, "Read"),
        (2, "Write"),
        (4, "Append"),
        (16, "AppendTo"),
        (32, "Create"),
        (65_536, "Delete"),
        (262_144, "Share"),
        (524_288, "Assign"),
    ];
    if let Ok(mask) = rights.parse::<u32>() {
        return MASK
            .iter()
            .filter(|(bit, _)| mask & bit != 0)
            .map(|(_, name)| (*name).to_owned())
            .collect();
    }
    rights
        .split([',', ' ', '|'])
        .filter_map(|word| {
            let bare = word.get(..word.len().checked_sub(6)?)?;
            MASK.iter()
                .find(|(_, name)| name.eq_ignore_ascii_case(bare))
                .map(|(_, name)| (*name).to_owned())
        })
        .collect()
}

/// The right and the table that a privilege's name is made of: `prvReadAccount`.
fn split(privilege: &str) -> Option<(&'static str, String)> {
    const RIGHTS: [&str; 8] = [
        "Read", "Write", "AppendTo", "Append", "Create", "Delete", "Share", "Assign",
    ];
    let rest = privilege.get(3..)?;
    let right = RIGHTS
        .into_iter()
        .find(|right| rest.to_ascii_lowercase().starts_with(&right.to_ascii_lowercase()))?;
    let table = rest.get(right.len()..)?.to_ascii_lowercase();
    let table = match table.as_str() {
        "activity" => "activitypointer",
        "user" => "systemuser",
        "workflow" => "workflow",
        "note" => "annotation",
        other => other,
    };
    (!table.is_empty()).then(|| (right, table.to_owned()))
}

/// The first depth that the pattern finds; what is no depth ("= False") is passed over.
fn depth(pattern: Option<&Regex>, message: &str) -> Option<Depth> {
    pattern?
        .captures_iter(message.as_bytes())
        .filter_map(|captures| captures.get(1))
        .find_map(|word| depth_called(&String::from_utf8_lossy(word.as_bytes())))
}

fn depth_called(word: &str) -> Option<Depth> {
    match word.to_ascii_lowercase().replace([' ', '_'], "").as_str() {
        "1" | "basic" | "user" => Some(Depth::Basic),
        "2" | "local" | "businessunit" => Some(Depth::Local),
        "4" | "deep" | "parentchild" => Some(Depth::Deep),
        "8" | "global" | "organization" => Some(Depth::Global),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTIES, counts, names_of, of};
    use crate::decode::model::{Depth, PrincipalKind};

    const CALLER: &str = "aaaaaaaa-0000-4000-8000-000000000001";
    const OWNER: &str = "bbbbbbbb-0000-4000-8000-000000000002";

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PARTIES.patterns.len(), 15);
        assert!(
            PARTIES.needed_for_rights.is_some()
                && PARTIES.rights.is_some()
                && PARTIES.needed.is_some()
                && PARTIES.held.is_some()
        );
        assert!(
            PARTIES.principal_data.is_some()
                && PARTIES.inside.is_some()
                && PARTIES.secured.is_some()
                && PARTIES.privilege.is_some()
        );
    }

    #[test]
    fn principal_caller_and_owner_are_kept_apart() {
        let text = format!(
            "Principal with id {CALLER} does not have WriteAccess right(s) for record of entity activitypointer. Details: {{\"CallerPrincipal\":{{\"PrincipalId\":\"{CALLER}\",\"Type\":8}},\"OwnerPrincipal\":{{\"PrincipalId\":\"{OWNER}\",\"Type\":9}},\"Messages\":[\"WithAtLeastBasicPrivilegeDepth = False\",\"MinimumPrivilegeDepthRequired = Local\",\"Owner Data: roleCount=12, privilegeCount=3, accessMode=4; Principal Data: roleCount=17, privilegeCount=1151, accessMode=0\"]}}"
        );
        let grant = of(&text).unwrap_or_default();
        assert_eq!(grant.principal.id.as_deref(), Some(CALLER));
        assert_eq!(
            grant.owner.as_ref().and_then(|owner| owner.id.as_deref()),
            Some(OWNER)
        );
        assert_eq!(
            grant.owner.and_then(|owner| owner.kind),
            Some(PrincipalKind::Team)
        );
        assert_eq!(grant.access_rights, ["Write"]);
        assert_eq!(grant.table.as_deref(), Some("activitypointer"));
        assert_eq!(grant.depth_needed, Some(Depth::Local));
        assert_eq!(grant.privilege, None);
        let counts = counts(&text);
        assert_eq!(
            (counts["role_count"].as_str(), counts["access_mode"].as_str()),
            ("17", "0")
        );
    }

    #[test]
    fn each_shape_says_whose_right_on_what_is_missing() {
        for (text, kind, right, table) in [
            (
                format!(
                    "Principal user (Id={CALLER}, type=8, roleCount=2, privilegeCount=5, accessMode='0 Read-Write'), is missing prvReadAccount privilege (Id={OWNER}) on OTC=1 for entity 'account'"
                ),
                Some(PrincipalKind::User),
                "Read",
                "account",
            ),
            (
                format!(
                    "Principal team (Id={CALLER}, type=9, teamType=0, privilegeCount=5), is missing prvAppendToContact privilege (Id={OWNER})"
                ),
                Some(PrincipalKind::Team),
                "AppendTo",
                "contact",
            ),
            (
                format!(
                    "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: {OWNER}, OwnerId: {OWNER}, OwnerIdType: 8 and CallingUser: {CALLER}. ObjectTypeCode: 1, AccessRights: ReadAccess"
                ),
                Some(PrincipalKind::User),
                "Read",
                "account",
            ),
            (
                format!(
                    "SecLib::CheckPrivilege failed. User: {CALLER}, PrivilegeName: prvDeleteLead, PrivilegeDepth: Global"
                ),
                Some(PrincipalKind::User),
                "Delete",
                "lead",
            ),
            (
                format!(
                    "Caller user with Id {CALLER} does not have update permissions for the new_limit secured attribute on entity account"
                ),
                Some(PrincipalKind::User),
                "Write",
                "account",
            ),
        ] {
            let grant = of(&text).unwrap_or_default();
            assert_eq!(grant.principal.id.as_deref(), Some(CALLER), "{text}");
            assert_eq!(grant.principal.kind, kind, "{text}");
            assert_eq!(grant.access_rights, [right], "{text}");
            assert_eq!(grant.table.unwrap_or_default(), table, "{text}");
        }
        assert_eq!(of("Access is denied."), None);
    }

    #[test]
    fn masks_become_names() {
        assert_eq!(names_of("262153"), ["Read", "Share"]);
        assert_eq!(names_of("ReadAccess, WriteAccess"), ["Read", "Write"]);
        assert_eq!(
            names_of("852023"),
            [
                "Read", "Write", "Append", "AppendTo", "Create", "Delete", "Share", "Assign"
            ]
        );
    }
}
