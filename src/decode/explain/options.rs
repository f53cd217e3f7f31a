//! What would give a missing right: the smallest grant first. Words in `tables/grants.csv`.
//!
//! From a text alone little is certain: who lacks what, sometimes how wide. What is known of the account besides (its roles,
//! teams, business unit, access mode) is handed in as a [`Standing`], and decides which of the ways is open.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::embedded::table;
use crate::decode::model::{Check, Depth, Grant, GrantAction, GrantOption, PrincipalKind};
use crate::text::fill;

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let rows = table("grants.csv").lines().skip(1);
    rows.filter_map(|row| row.split_once(',')).collect()
});

/// What is known about the party that lacks the right. Everything that nobody knows is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its access mode, 0 is Read-Write.
    pub access_mode: Option<i64>,
    /// The row is disabled.
    pub disabled: Option<bool>,
    /// Its business unit, by name, else by id.
    pub business_unit: Option<String>,
    /// How wide it holds the privilege today; `Some(None)` is not at all.
    pub held: Option<Option<Depth>>,
    /// Roles that it holds, directly or through teams.
    pub roles: Vec<String>,
    /// What a role that it holds gives by its documentation, where nothing shows what it gives here.
    pub documented: Option<Documented>,
    /// Standard roles that give the privilege and next to nothing else, and that it does not hold.
    pub standard: Vec<Documented>,
    /// Roles that it holds through a team that passes on team privileges only.
    pub team_only: Vec<String>,
    /// Teams that bring the role which the guidance asks for, and that it has yet to be put into.
    pub teams_to_come: Vec<String>,
    /// Its roles were changed less than an hour ago.
    pub changed_lately: bool,
    /// The role that the guidance of the profile asks for, and that it lacks.
    pub role_asked_for: Option<String>,
}

/// What a standard role gives by its documentation: it may have been changed since, in the product or here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    /// The role's name.
    pub role: String,
    /// How wide it gives the privilege.
    pub depth: Depth,
    /// The year of the page that says so.
    pub year: String,
}

/// The ways, the smallest grant first; none that cannot help.
pub fn options(grant: &Grant, standing: &Standing) -> Vec<GrantOption> {
    let mut ways = Ways {
        grant,
        standing,
        found: Vec::new(),
    };
    ways.wait();
    ways.access_mode();
    if grant.check == Some(Check::Column) {
        ways.column();
    } else if !ways.has_enough() {
        ways.documented();
        ways.wider();
        ways.standard();
        ways.team();
        ways.share();
        ways.role_asked_for();
    }
    if let Some(first) = ways.found.first_mut() {
        first.least = true;
    }
    ways.found
}

struct Ways<'a> {
    grant: &'a Grant,
    standing: &'a Standing,
    found: Vec<GrantOption>,
}

impl Ways<'_> {
    /// How wide it reaches today, by the account's own evidence, else by the text.
    fn held(&self) -> Option<Option<Depth>> {
        self.standing.held.or_else(|| self.grant.depth_held.map(Some))
    }

    fn is_own(&self) -> bool {
        let own = self.grant.owner.as_ref().and_then(|owner| owner.id.as_deref());
        own.is_some() && own == self.grant.principal.id.as_deref()
    }

    /// How wide it has to reach: as the text says, else as wide as its own records when it owns the record.
    fn needed(&self) -> Option<Depth> {
        self.grant.depth_needed.or(self.is_own().then_some(Depth::Basic))
    }

    /// Whether the refusal itself shows that the right is held, only not wide enough: the access to a record is looked at
    /// after the privilege was found (<https://learn.microsoft.com/troubleshoot/power-platform/dataverse/user-permissions/client-errors>).
    fn is_held_by_the_check(&self) -> bool {
        self.grant.check == Some(Check::Access) && !self.is_own() && self.held().is_none()
    }

    fn mode(&self) -> Option<i64> {
        let text = self
            .grant
            .access_mode
            .as_deref()
            .and_then(|mode| mode.parse().ok());
        self.standing.access_mode.or(text)
    }

    /// Whether the access mode takes the right away whatever the roles are: Administrative and the modes of Microsoft's own
    /// people reach no data, Read writes none. Non-interactive takes nothing away, and an application user has no such mode.
    fn is_stopped_by_mode(&self) -> bool {
        const READ: i64 = 2;
        if self.grant.principal.kind == Some(PrincipalKind::Application) {
            return false;
        }
        match self.mode() {
            Some(1 | 3 | 5) => true,
            Some(READ) => self.grant.access_rights.iter().any(|right| right != "Read"),
            _ => false,
        }
    }

    /// A role gives nothing while the access mode, or the row itself, is in the way.
    fn is_stopped_before(&self) -> bool {
        self.is_stopped_by_mode() || self.standing.disabled == Some(true)
    }

    fn add(&mut self, action: GrantAction, words: &str, role: Option<&str>, depth: Option<Depth>) {
        self.add_dated(action, words, role, depth, "");
    }

    fn add_dated(
        &mut self,
        action: GrantAction,
        words: &str,
        role: Option<&str>,
        depth: Option<Depth>,
        year: &str,
    ) {
        let privilege = self.privilege();
        let depth_word = depth.map_or("the depth that is needed", Depth::word);
        let unit = self.standing.business_unit.as_deref();
        let why = fill(
            WORDS.get(words).copied().unwrap_or_default(),
            &[
                ("privilege", &privilege),
                ("depth", depth_word),
                ("role", role.unwrap_or("a role of your own")),
                ("unit", unit.unwrap_or("its business unit")),
                ("table", self.grant.table.as_deref().unwrap_or("the record")),
                ("teams", &self.standing.teams_to_come.join(", ")),
                ("year", year),
            ],
        );
        let in_unit = matches!(action, GrantAction::Role | GrantAction::Depth | GrantAction::Team);
        self.found.push(GrantOption {
            action,
            role: role.map(str::to_owned),
            business_unit: unit.filter(|_| in_unit).map(str::to_owned),
            depth,
            why,
            least: false,
        });
    }

    fn privilege(&self) -> String {
        self.grant.privilege.clone().unwrap_or_else(|| {
            let table = self.grant.table.as_deref().unwrap_or("the record");
            match self.grant.access_rights.as_slice() {
                [] => format!("the right on {table}"),
                rights => format!("{} on {table}", rights.join(" and ")),
            }
        })
    }

    /// Whether the account's own evidence shows the right as wide as any record needs it.
    fn has_enough(&self) -> bool {
        let is_wide = |held: Depth| {
            self.needed()
                .map_or(held == Depth::Global, |needed| held >= needed)
        };
        self.standing.held.flatten().is_some_and(is_wide)
    }

    fn wait(&mut self) {
        if self.has_enough() {
            self.add(GrantAction::Wait, "wait-held", None, self.held().flatten());
        } else if !self.standing.teams_to_come.is_empty() {
            self.add(GrantAction::Wait, "wait-team", None, None);
        } else if self.standing.changed_lately {
            self.add(GrantAction::Wait, "wait-role", None, None);
        }
    }

    fn access_mode(&mut self) {
        if self.is_stopped_by_mode() {
            self.add(GrantAction::AccessMode, "access-mode", None, None);
        }
    }

    /// No role opens a secured column.
    fn column(&mut self) {
        if self.is_stopped_before() {
            return;
        }
        self.add(GrantAction::Role, "column", None, None);
        // A profile is no role, and knows no business unit.
        if let Some(last) = self.found.last_mut() {
            last.business_unit = None;
        }
    }

    /// A role that it holds should do: look at it first.
    fn documented(&mut self) {
        let Some(known) = self.standing.documented.clone() else {
            return;
        };
        let is_wide = self.needed().is_none_or(|needed| known.depth >= needed);
        if is_wide && !self.is_stopped_before() {
            let depth = Some(known.depth);
            self.add_dated(
                GrantAction::Role,
                "role-documented",
                Some(&known.role),
                depth,
                &known.year,
            );
        }
    }

    /// A standard role with this privilege and next to nothing else.
    fn standard(&mut self) {
        if self.is_stopped_before() {
            return;
        }
        for known in self.standing.standard.clone() {
            let depth = Some(known.depth);
            self.add_dated(
                GrantAction::Role,
                "role-standard",
                Some(&known.role),
                depth,
                &known.year,
            );
        }
    }

    /// A role that it holds already reaches further, or a role of its own with nothing but this privilege.
    fn wider(&mut self) {
        if self.is_stopped_before() {
            return;
        }
        let needed = self.needed();
        let is_team = self.grant.principal.kind == Some(PrincipalKind::Team);
        let documented = self.standing.documented.as_ref().map(|known| known.depth);
        let held = self.held().flatten().or(documented);
        let is_narrow = held.is_some_and(|held| needed.is_none_or(|needed| held < needed));
        let holds_some = is_narrow || self.is_held_by_the_check();
        if let [team_role] = self.standing.team_only.as_slice() {
            let role = team_role.clone();
            self.add(GrantAction::Role, "role-directly", Some(&role), needed);
        } else if holds_some {
            self.add(GrantAction::Depth, "depth", None, needed);
        } else {
            let words = if is_team { "role-of-team" } else { "role" };
            self.add(GrantAction::Role, words, None, needed);
        }
    }

    /// What belongs to a team is reached by its members.
    fn team(&mut self) {
        let owner = self.grant.owner.as_ref();
        let is_by_team = owner.is_some_and(|owner| owner.kind == Some(PrincipalKind::Team));
        let is_other = owner.map(|owner| &owner.id) != Some(&self.grant.principal.id);
        if is_by_team
            && is_other
            && self.grant.principal.kind != Some(PrincipalKind::Team)
            && !self.is_stopped_before()
        {
            self.add(GrantAction::Team, "team", None, None);
        }
    }

    /// Sharing one record helps whoever holds the privilege for records of his own, and only with rights on a record.
    fn share(&mut self) {
        const OF_A_RECORD: [&str; 7] = ["Read", "Write", "Append", "AppendTo", "Delete", "Share", "Assign"];
        let rights = &self.grant.access_rights;
        let is_of_a_record =
            !rights.is_empty() && rights.iter().all(|right| OF_A_RECORD.contains(&right.as_str()));
        let has_own = matches!(self.held(), Some(Some(_))) || self.is_held_by_the_check();
        let is_about_a_record = self.grant.owner.is_some() || self.grant.privilege.is_none();
        if is_of_a_record && has_own && is_about_a_record && !self.is_stopped_before() {
            self.add(GrantAction::Share, "share", None, None);
        }
    }

    /// The largest comes last, and only what the guidance asks for anyway.
    fn role_asked_for(&mut self) {
        if let Some(role) = self.standing.role_asked_for.clone()
            && !self.is_stopped_before()
        {
            self.add(
                GrantAction::Role,
                "role-asked-for",
                Some(&role),
                Some(Depth::Global),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Documented, Standing, WORDS, options};
    use crate::decode::model::{Check, Depth, Grant, GrantAction, Principal, PrincipalKind};

    fn party(kind: PrincipalKind, id: &str) -> Principal {
        Principal {
            kind: Some(kind),
            id: Some(id.to_owned()),
            name: None,
        }
    }

    fn read_account() -> Grant {
        Grant {
            principal: party(PrincipalKind::User, "a"),
            privilege: Some("prvReadAccount".to_owned()),
            table: Some("account".to_owned()),
            access_rights: vec!["Read".to_owned()],
            ..Grant::default()
        }
    }

    /// What is known, and what is offered in which order.
    #[test]
    fn the_smallest_grant_comes_first_and_what_cannot_help_is_not_offered() {
        use GrantAction::{AccessMode, Depth as Wider, Role, Share, Team, Wait};
        let asked = Some("System Administrator".to_owned());
        let of_team = Grant {
            owner: Some(party(PrincipalKind::Team, "t")),
            depth_needed: Some(Depth::Local),
            depth_held: Some(Depth::Basic),
            ..read_account()
        };
        let rows: [(&str, Grant, Standing, &[GrantAction]); 9] = [
            ("a text alone", read_account(), Standing::default(), &[Role]),
            (
                "a text that says the mode",
                Grant {
                    access_mode: Some("1".to_owned()),
                    ..read_account()
                },
                Standing::default(),
                &[AccessMode],
            ),
            (
                "the mode of the row",
                read_account(),
                Standing {
                    access_mode: Some(1),
                    role_asked_for: asked.clone(),
                    ..Standing::default()
                },
                &[AccessMode],
            ),
            (
                "too narrow, owned by a team",
                of_team.clone(),
                Standing::default(),
                &[Wider, Team, Share],
            ),
            (
                "wide enough now",
                of_team.clone(),
                Standing {
                    held: Some(Some(Depth::Global)),
                    ..Standing::default()
                },
                &[Wait],
            ),
            (
                "not held at all",
                of_team,
                Standing {
                    held: Some(None),
                    role_asked_for: asked,
                    ..Standing::default()
                },
                &[Role, Team, Role],
            ),
            (
                "changed lately",
                read_account(),
                Standing {
                    changed_lately: true,
                    ..Standing::default()
                },
                &[Wait, Role],
            ),
            (
                "a team to come",
                read_account(),
                Standing {
                    teams_to_come: vec!["Administrators".to_owned()],
                    ..Standing::default()
                },
                &[Wait, Role],
            ),
            (
                "a disabled row",
                read_account(),
                Standing {
                    disabled: Some(true),
                    ..Standing::default()
                },
                &[],
            ),
        ];
        for (what, grant, standing, wanted) in rows {
            let found = options(&grant, &standing);
            let actions: Vec<GrantAction> = found.iter().map(|option| option.action).collect();
            assert_eq!(actions, wanted, "{what}");
            assert_eq!(
                found.iter().filter(|option| option.least).count(),
                usize::from(!wanted.is_empty()),
                "{what}"
            );
            assert!(found.iter().all(|option| !option.why.is_empty()), "{what}");
        }
    }

    #[test]
    fn what_a_role_gives_by_its_documentation_is_looked_at_first_and_proves_nothing() {
        use GrantAction::{Depth as Wider, Role};
        let basic_user = |depth| Documented {
            role: "Basic User".to_owned(),
            depth,
            year: "2021".to_owned(),
        };
        let needed = |depth| Grant {
            depth_needed: Some(depth),
            ..read_account()
        };
        let knows = |documented| Standing {
            documented: Some(documented),
            ..Standing::default()
        };
        for (grant, standing, wanted) in [
            (
                needed(Depth::Basic),
                knows(basic_user(Depth::Basic)),
                &[Role, Role][..],
            ),
            (needed(Depth::Local), knows(basic_user(Depth::Basic)), &[Wider]),
            (
                needed(Depth::Local),
                Standing {
                    standard: vec![basic_user(Depth::Global)],
                    ..Standing::default()
                },
                &[Role, Role],
            ),
        ] {
            let found = options(&grant, &standing);
            let actions: Vec<GrantAction> = found.iter().map(|option| option.action).collect();
            assert_eq!(actions, wanted);
            assert!(found.iter().all(|option| option.action != GrantAction::Wait));
        }
    }

    #[test]
    fn a_refused_record_shows_that_the_privilege_is_held_and_a_secured_column_asks_for_no_role() {
        use GrantAction::{Depth as Wider, Role, Share};
        let of_other = Grant {
            privilege: None,
            owner: Some(party(PrincipalKind::User, "b")),
            check: Some(Check::Access),
            ..read_account()
        };
        let own = Grant {
            owner: Some(party(PrincipalKind::User, "a")),
            ..of_other.clone()
        };
        let column = Grant {
            check: Some(Check::Column),
            ..of_other.clone()
        };
        for (grant, wanted) in [
            (of_other, &[Wider, Share][..]),
            (own, &[Role]),
            (column.clone(), &[Role]),
        ] {
            let found = options(&grant, &Standing::default());
            let actions: Vec<GrantAction> = found.iter().map(|option| option.action).collect();
            assert_eq!(actions, wanted, "{:?}", grant.check);
        }
        let found = options(&column, &Standing::default());
        assert!(
            found
                .iter()
                .all(|option| option.why.contains("column security profile"))
        );
    }

    #[test]
    fn a_text_alone_never_offers_an_administrator_role() {
        let found = options(&read_account(), &Standing::default());
        assert!(found.iter().all(|option| option.role.is_none()));
    }

    #[test]
    fn every_way_has_words() {
        for id in [
            "wait-held",
            "wait-team",
            "wait-role",
            "access-mode",
            "depth",
            "role",
            "role-directly",
            "role-of-team",
            "team",
            "share",
            "role-asked-for",
            "role-documented",
            "role-standard",
            "column",
        ] {
            assert!(WORDS.contains_key(id), "{id}");
        }
    }
}
