//! The roles that are in force for the row, with the parts that could not be read.

use crate::profile::Profile;
use crate::snapshot::dataverse::{Role, Team};
use crate::snapshot::{Evidence, Field};

use crate::facts::reading::{Reading, Unknown, any, read};
use crate::well_known::SYSTEM_ADMINISTRATOR;

pub(crate) const USER_ROLES: &str = "dataverse.user_roles";

pub(crate) const USER_TEAMS: &str = "dataverse.user_teams";

/// Name of the role for the service identity since version 2.5; no template id is known.
pub(crate) const WORK_365_SERVICE: &str = "Work 365 Service";

/// Name of the second role of an application user.
pub(crate) const WORK_365_PORTAL_SERVICE: &str = "Work 365 Portal Service";

const SYSTEM_ADMINISTRATOR_NAME: &str = "System Administrator";

/// How the built-in role is called where the base language is not English, in lower case. Only used to notice that a
/// role pretends to be it; a missing language makes one look-alike go unnoticed, nothing else.
const LOCALISED_NAMES: [&str; 22] = [
    "system administrator",
    "systemadministrator",
    "administrateur système",
    "administrador del sistema",
    "systeembeheerder",
    "amministratore di sistema",
    "amministratore sistema",
    "administrador do sistema",
    "systemadministratör",
    "systemansvarlig",
    "järjestelmänvalvoja",
    "administrator systemu",
    "správce systému",
    "správca systému",
    "rendszergazda",
    "administrator de sistem",
    "sistem yöneticisi",
    "системный администратор",
    "διαχειριστής συστήματος",
    "システム管理者",
    "系统管理员",
    "시스템 관리자",
];

/// A type of team that cannot hold roles. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/role>.
const ACCESS_TEAM: i64 = 1;

/// A role that reaches the row through a team.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TeamRole<'a> {
    team: &'a Team,
    role: &'a Role,
}

/// The roles in force, each list with what stood in the way of the rest of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldRoles<'a> {
    direct: Reading<&'a [Role]>,
    /// Why there may be further roles of its own.
    direct_gap: Option<Unknown>,
    by_team: Vec<TeamRole<'a>>,
    /// Why there may be further roles through teams.
    team_gap: Option<Unknown>,
    /// Every role that the evidence shows, the operator's included: among them a copy's root role may be found.
    shown: Vec<&'a Role>,
}

/// The name of the role that a profile's guidance asks for.
pub(crate) fn needed_name(profile: Profile) -> &'static str {
    match profile {
        Profile::LegacyPassword => SYSTEM_ADMINISTRATOR_NAME,
        Profile::Consent | Profile::ApplicationUser => WORK_365_SERVICE,
    }
}

impl<'a> HeldRoles<'a> {
    /// `roles` and `teams` tell why the list of either may leave some out.
    pub(crate) fn of(evidence: &'a Evidence, roles: Option<Unknown>, teams: Option<Unknown>) -> Self {
        let direct = read(&evidence.user_roles).map(|roles| roles.value.as_slice());
        let (by_team, team_gap) = match read(&evidence.user_teams) {
            Ok(teams) => team_roles(&teams.value),
            Err(unknown) => (Vec::new(), Some(unknown)),
        };
        let operator = evidence.operator_roles.ok().map(|roles| roles.value.as_slice());
        let groups = evidence.aad_user_roles.ok().map(|roles| roles.value.as_slice());
        let listed = [direct.as_ref().ok().copied(), operator, groups];
        let shown = listed
            .into_iter()
            .flatten()
            .flatten()
            .chain(by_team.iter().map(|held| held.role))
            .collect();
        Self {
            direct,
            direct_gap: roles,
            by_team,
            team_gap: team_gap.or(teams),
            shown,
        }
    }

    /// Whether a role that is assigned directly passes the test.
    pub(crate) fn directly(&self, test: impl Fn(&Role) -> Reading<bool>) -> Reading<bool> {
        match &self.direct {
            Ok(roles) => {
                let gap = self.direct_gap.iter().map(|unknown| Err(unknown.clone()));
                any(roles.iter().map(test).chain(gap))
            }
            Err(unknown) => Err(unknown.clone()),
        }
    }

    /// Whether a role in force passes the test; what could not be read matters only if nothing passes it.
    pub(crate) fn any(&self, test: impl Fn(&Role) -> Reading<bool>) -> Reading<bool> {
        let through_teams = self.by_team.iter().map(|held| test(held.role));
        let gap = self.team_gap.iter().map(|unknown| Err(unknown.clone()));
        any(std::iter::once(self.directly(&test))
            .chain(through_teams)
            .chain(gap))
    }

    pub(crate) fn named(&self, name: &str) -> Reading<bool> {
        self.any(|role| is_named(role, name))
    }

    pub(crate) fn system_administrator(&self) -> Reading<bool> {
        self.any(|role| self.is_system_administrator(role))
    }

    /// Whether a role is what the profile's guidance asks for.
    pub(crate) fn is_needed(&self, role: &Role, profile: Profile) -> Reading<bool> {
        match profile {
            Profile::LegacyPassword => self.is_system_administrator(role),
            Profile::Consent | Profile::ApplicationUser => is_named(role, WORK_365_SERVICE),
        }
    }

    pub(crate) fn needed(&self, profile: Profile) -> Reading<bool> {
        self.any(|role| self.is_needed(role, profile))
    }

    /// By template id on the role or on the root role that it is a copy of, never by name (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/role>).
    ///
    /// Unknown when the template was not read, or when the role is called System Administrator and the root role that
    /// would tell is not in the evidence.
    pub(crate) fn is_system_administrator(&self, role: &Role) -> Reading<bool> {
        match &role.role_template_id {
            Field::Value(template) if !template.trim().is_empty() => {
                return Ok(template.trim().eq_ignore_ascii_case(SYSTEM_ADMINISTRATOR));
            }
            Field::Missing(_) => {
                return Err(Unknown::silent(
                    USER_ROLES,
                    "a role is listed without its template id",
                ));
            }
            Field::Value(_) | Field::Null => {}
        }
        let Some(root_id) = role.parent_root_role_id.text() else {
            return Ok(false);
        };
        if same(role.roleid.text(), root_id) {
            return Ok(false);
        }
        let root = self
            .shown
            .iter()
            .find(|other| same(other.roleid.text(), root_id) && !other.role_template_id.is_missing());
        match root {
            Some(root) => Ok(same(root.role_template_id.text(), SYSTEM_ADMINISTRATOR)),
            None if looks_like_system_administrator(role) => Err(Unknown::silent(
                USER_ROLES,
                "the role is a copy, and the role that it is a copy of was not read",
            )),
            None => Ok(false),
        }
    }

    /// Roles with the name of System Administrator that are not it; unknown when a role cannot be told apart.
    pub(crate) fn look_alikes(&self) -> Reading<Vec<String>> {
        let direct = self.direct.clone()?;
        let through_teams = self.by_team.iter().map(|held| held.role);
        let mut names = Vec::new();
        for role in direct.iter().chain(through_teams) {
            if looks_like_system_administrator(role) && !self.is_system_administrator(role)? {
                names.push(name_of(role));
            }
        }
        match &self.team_gap {
            Some(unknown) if names.is_empty() => Err(unknown.clone()),
            _ => Ok(names),
        }
    }

    pub(crate) fn direct_names(&self) -> Reading<Vec<String>> {
        Ok(self.direct.clone()?.iter().map(name_of).collect())
    }

    /// The names of the roles in force, as far as they were read.
    pub(crate) fn names(&self) -> Vec<String> {
        let direct = self.direct.iter().copied().flatten();
        let through_teams = self.by_team.iter().map(|held| held.role);
        direct.chain(through_teams).map(name_of).collect()
    }

    pub(crate) fn team_names(&self) -> Reading<Vec<String>> {
        self.complete_teams()?;
        let in_words =
            |held: &TeamRole<'_>| format!("{} (team {})", name_of(held.role), team_name(held.team));
        Ok(self.by_team.iter().map(in_words).collect())
    }

    pub(crate) fn system_administrator_teams(&self) -> Reading<Vec<String>> {
        let mut names = Vec::new();
        for held in &self.by_team {
            if self.is_system_administrator(held.role)? {
                names.push(team_name(held.team));
            }
        }
        if names.is_empty() {
            self.complete_teams()?;
        }
        Ok(names)
    }

    /// Id of System Administrator in this business unit, if any list shows it.
    pub(crate) fn system_administrator_of(&self, business_unit: &str) -> Option<&'a str> {
        self.shown
            .iter()
            .find(|role| {
                role.business_unit_id
                    .text()
                    .is_some_and(|unit| unit.eq_ignore_ascii_case(business_unit))
                    && self.is_system_administrator(role) == Ok(true)
            })
            .and_then(|role| role.roleid.text())
    }

    /// The teams that bring the needed role with team privileges only; none as soon as something else brings it too.
    pub(crate) fn team_privileges_only(&self, profile: Profile) -> Reading<Vec<String>> {
        if self.directly(|role| self.is_needed(role, profile))? {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        let mut unclear = self.team_gap.clone();
        for held in &self.by_team {
            if !self.is_needed(held.role, profile)? {
                continue;
            }
            match held.role.isinherited.value() {
                Some(0) => names.push(team_name(held.team)),
                Some(_) => return Ok(Vec::new()),
                None => {
                    unclear = Some(Unknown::silent(
                        USER_TEAMS,
                        "a team's role is listed without isinherited",
                    ));
                }
            }
        }
        unclear.map_or(Ok(names), Err)
    }

    pub(crate) fn direct(&self) -> Reading<&'a [Role]> {
        self.direct.clone()
    }

    fn complete_teams(&self) -> Reading<()> {
        self.team_gap.clone().map_or(Ok(()), Err)
    }
}

fn team_roles(teams: &[Team]) -> (Vec<TeamRole<'_>>, Option<Unknown>) {
    let mut roles = Vec::new();
    let mut gap = None;
    for team in teams
        .iter()
        .filter(|team| team.teamtype.value() != Some(&ACCESS_TEAM))
    {
        match &team.roles {
            Field::Value(list) => roles.extend(list.iter().map(|role| TeamRole { team, role })),
            Field::Missing(_) | Field::Null => {
                gap = Some(Unknown::silent(USER_TEAMS, "a team is listed without its roles"));
            }
        }
    }
    (roles, gap)
}

fn is_named(role: &Role, wanted: &str) -> Reading<bool> {
    role.name
        .text()
        .map(|name| name.trim().eq_ignore_ascii_case(wanted))
        .ok_or_else(|| Unknown::silent(USER_ROLES, "a role is listed without its name"))
}

fn looks_like_system_administrator(role: &Role) -> bool {
    role.name.text().is_some_and(|name| {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        LOCALISED_NAMES.contains(&words.join(" ").as_str())
    })
}

pub(crate) fn name_of(role: &Role) -> String {
    let id = role.roleid.text().unwrap_or("a role without a name");
    role.name.text().unwrap_or(id).to_owned()
}

fn team_name(team: &Team) -> String {
    let id = team.teamid.text().unwrap_or("a team without a name");
    team.name.text().unwrap_or(id).to_owned()
}

pub(crate) fn same(id: Option<&str>, other: &str) -> bool {
    id.is_some_and(|id| id.eq_ignore_ascii_case(other))
}
