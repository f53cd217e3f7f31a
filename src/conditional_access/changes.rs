//! The smallest change that would let a sign-in pass one policy: never "disable it", never "exclude everyone".

use serde::Serialize;

use super::decision::{Applicability, Effect, applicability, is_microsoft_managed};
use super::list::list;
use super::locations::matching_ids;
use super::policy::{Policy, Selection};
use super::policy_set::PolicySet;
use super::sign_in::{ClientApp, Flow, InsiderRisk, Membership, RiskLevel, SignIn, Subject};

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Sign in without device code or authentication transfer; the policy stays.
    UseOrdinaryFlow,
    /// Use a client with modern authentication; the policy stays.
    UseModernClient,
    /// Investigate and remediate the risk; the policy stays.
    RemediateRisk,
    /// Take the account out of the directory roles that the policy is for.
    RemoveDirectoryRoles,
    /// Take the account out of the groups that the policy is for.
    LeaveGroups,
    /// Exclude a named location that exists and holds the address.
    ExcludeLocation,
    /// Make a named location of the address, and exclude it.
    ExcludeNewLocation,
    /// Exclude this one account.
    ExcludeAccount,
    /// Exclude this one workload identity.
    ExcludeServicePrincipal,
}

/// What keeps the account guarded after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compensation {
    /// A policy of its own, for this account, that blocks every other location.
    OwnLocationPolicy,
    /// The location must hold only the addresses that Work 365 signs in from.
    NarrowLocation,
    /// A policy of its own, for this workload identity, that blocks every other location.
    OwnWorkloadPolicy,
}

/// One proposed change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// What to do.
    pub kind: ChangeKind,
    /// With what: object ids, or the address.
    pub targets: Vec<String>,
    /// What keeps the account guarded; `None` when the policy goes on guarding it.
    pub compensation: Option<Compensation>,
}

/// The changes after each of which the policy at `index` certainly no longer applies: first what leaves the policy
/// alone, then what touches this account only, last what touches others too. Empty when the policy does not apply now,
/// or demands nothing. Each was tried out, none is a guess.
pub fn smallest_changes(set: &PolicySet, sign_in: &SignIn, index: usize) -> Vec<Change> {
    let Some(policy) = set.policies.get(index) else {
        return Vec::new();
    };
    let ages = policy
        .session
        .iter()
        .any(|control| control.ages_session() != Some(false));
    let demands = ages || policy.grant.effects().1 > Effect::Nothing;
    let judged = |policy: &Policy, sign_in: &SignIn| applicability(policy, set.locations.as_ref(), sign_in);
    if !demands || !matches!(judged(policy, sign_in), Applicability::Applies { .. }) {
        return Vec::new();
    }
    let helps = |candidate: &Candidate| {
        matches!(
            judged(&candidate.policy, &candidate.sign_in),
            Applicability::DoesNotApply { .. }
        )
    };
    let candidates = candidates(set, policy, sign_in);
    candidates
        .into_iter()
        .filter(helps)
        .map(|candidate| candidate.change)
        .collect()
}

/// A change, and the world after it.
struct Candidate {
    change: Change,
    policy: Policy,
    sign_in: SignIn,
}

fn candidates(set: &PolicySet, policy: &Policy, sign_in: &SignIn) -> Vec<Candidate> {
    let mut proposals = Proposals {
        policy,
        sign_in,
        all: Vec::new(),
    };
    proposals.sign_in_otherwise();
    proposals.leave_roles();
    proposals.exclude_the_account();
    proposals.leave_groups();
    proposals.exclude_the_location(set);
    proposals.all
}

/// Changes to try out, the least far-reaching first.
struct Proposals<'p> {
    policy: &'p Policy,
    sign_in: &'p SignIn,
    all: Vec<Candidate>,
}

impl Proposals<'_> {
    fn propose(
        &mut self,
        kind: ChangeKind,
        targets: Vec<String>,
        compensation: Option<Compensation>,
        alter: impl FnOnce(&mut Policy, &mut SignIn),
    ) {
        let (mut policy, mut sign_in) = (self.policy.clone(), self.sign_in.clone());
        alter(&mut policy, &mut sign_in);
        self.all.push(Candidate {
            change: Change {
                kind,
                targets,
                compensation,
            },
            policy,
            sign_in,
        });
    }

    fn sign_in_otherwise(&mut self) {
        if self.sign_in.flow != Some(Flow::Ordinary) {
            self.propose(ChangeKind::UseOrdinaryFlow, vec![], None, |_, after| {
                after.flow = Some(Flow::Ordinary);
            });
        }
        if matches!(
            self.sign_in.client_app,
            ClientApp::Other | ClientApp::ExchangeActiveSync
        ) {
            self.propose(ChangeKind::UseModernClient, vec![], None, |_, after| {
                after.client_app = ClientApp::MobileAppsAndDesktopClients;
            });
        }
        self.propose(ChangeKind::RemediateRisk, vec![], None, |_, after| {
            let risks = [
                &mut after.sign_in_risk,
                &mut after.user_risk,
                &mut after.service_principal_risk,
            ];
            risks.into_iter().for_each(|risk| *risk = Some(RiskLevel::None));
            after.insider_risk = Some(InsiderRisk::None);
        });
    }

    fn leave_roles(&mut self) {
        if let (Subject::User(user), Some(users)) = (&self.sign_in.subject, &self.policy.users) {
            let roles = common(&users.roles.include.items, &user.roles);
            self.propose(
                ChangeKind::RemoveDirectoryRoles,
                roles.clone(),
                None,
                |_, after| {
                    change_user(after, |user| remove(&mut user.roles, &roles));
                },
            );
        }
    }

    fn exclude_the_account(&mut self) {
        let Ok(id) = self.sign_in.subject.id() else { return };
        let id = id.to_owned();
        let targets = vec![id.clone()];
        let exclude = |selection: Option<&mut Selection>| {
            selection
                .into_iter()
                .for_each(|selection| selection.exclude.items.push(id.clone()));
        };
        match self.sign_in.subject {
            Subject::User(_) => {
                let guarded = Some(Compensation::OwnLocationPolicy);
                self.propose(ChangeKind::ExcludeAccount, targets, guarded, |after, _| {
                    exclude(after.users.as_mut().map(|users| &mut users.users));
                });
            }
            Subject::ServicePrincipal(_) => {
                let guarded = Some(Compensation::OwnWorkloadPolicy);
                self.propose(
                    ChangeKind::ExcludeServicePrincipal,
                    targets,
                    guarded,
                    |after, _| {
                        exclude(
                            after
                                .workloads
                                .as_mut()
                                .map(|workloads| &mut workloads.principals),
                        );
                    },
                );
            }
        }
    }

    fn leave_groups(&mut self) {
        if let (Subject::User(user), Some(users)) = (&self.sign_in.subject, &self.policy.users) {
            let groups = common(&users.groups.include.items, &user.groups);
            let guarded = Some(Compensation::OwnLocationPolicy);
            self.propose(ChangeKind::LeaveGroups, groups.clone(), guarded, |_, after| {
                change_user(after, |user| remove(&mut user.groups, &groups));
            });
        }
    }

    fn exclude_the_location(&mut self, set: &PolicySet) {
        let Some(ip) = self.sign_in.ip.filter(|_| !is_microsoft_managed(self.policy)) else {
            return;
        };
        let named = set.locations.as_ref();
        let existing = named
            .map(|named| matching_ids(named, self.sign_in))
            .unwrap_or_default();
        let narrow = Some(Compensation::NarrowLocation);
        if existing.is_empty() {
            let address = vec![ip.to_string()];
            self.propose(ChangeKind::ExcludeNewLocation, address, narrow, |after, _| {
                exclude_location(after, "All");
            });
        }
        for id in existing {
            self.propose(
                ChangeKind::ExcludeLocation,
                vec![id.clone()],
                narrow,
                |after, _| {
                    exclude_location(after, &id);
                },
            );
        }
    }
}

fn common(listed: &[String], held: &Membership) -> Vec<String> {
    let Membership::Known(held) = held else {
        return Vec::new();
    };
    listed
        .iter()
        .filter(|id| held.contains(&id.to_ascii_lowercase()))
        .cloned()
        .collect()
}

fn change_user(sign_in: &mut SignIn, change: impl FnOnce(&mut super::sign_in::User)) {
    if let Subject::User(user) = &mut sign_in.subject {
        change(user);
    }
}

fn remove(membership: &mut Membership, ids: &[String]) {
    if let Membership::Known(held) = membership {
        held.retain(|id| !ids.iter().any(|gone| gone.eq_ignore_ascii_case(id)));
    }
}

fn exclude_location(policy: &mut Policy, id: &str) {
    let everywhere = || Selection {
        include: list("includeLocations", Some(&"All".into())),
        exclude: list("excludeLocations", None),
    };
    let selection = policy.locations.get_or_insert_with(everywhere);
    if selection.is_empty() {
        *selection = everywhere();
    }
    selection.exclude.items.push(id.to_owned());
}
