//! Facts about Conditional Access: what the enforced policies do to the sign-in that Work 365 makes.
//!
//! The evaluator judges one sign-in; here it is asked for every address that Work 365 may come from, and the sign-in log
//! may prove what a policy that could not be read has done.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::conditional_access::{
    Answer, Applicability, Condition, Evaluation, Grants, Membership, PolicySet, PolicyState,
    ServicePrincipal, SignIn, Subject, User, UserKind, Verdict, evaluate, grants,
};
use crate::profile::Profile;
use crate::snapshot::graph::{AppliedPolicy, SignIn as LogEntry};

use super::mfa::CONDITIONAL_ACCESS_SECTIONS;
use super::mixup::demanded_by;
use super::reading::{Reading, Reason, Unknown, any, found, read};
use super::sign_in_log::{code_of, concerns_work_365};
use super::value::{Kind, parse_time};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "conditional_access.mfa_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand MFA.",
        |inputs| {
            inputs
                .responsible(Question::Mfa, |policy| policy.name)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.mfa_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that demand MFA.",
        |inputs| {
            inputs
                .responsible(Question::Mfa, |policy| policy.id)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.microsoft_managed",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "One of the policies that demand MFA was made by Microsoft and switched on after 45 days in report-only mode.",
        |inputs| {
            let managed = inputs.responsible(Question::Mfa, |policy| policy.microsoft_managed.to_string())?;
            Ok(managed.iter().any(|managed| managed == "true").into())
        },
    ),
    fact(
        "conditional_access.blocks",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy blocks the sign-in that Work 365 makes.",
        |inputs| inputs.conditional_access(Question::Block).map(Into::into),
    ),
    fact(
        "conditional_access.blocking_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that block.",
        |inputs| {
            inputs
                .responsible(Question::Block, |policy| policy.name)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.blocking_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that block.",
        |inputs| {
            inputs
                .responsible(Question::Block, |policy| policy.id)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.demands_device",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy demands a managed device or application, with no way around it by MFA.",
        |inputs| inputs.conditional_access(Question::Device).map(Into::into),
    ),
    fact(
        "conditional_access.device_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand a managed device or application.",
        |inputs| {
            inputs
                .responsible(Question::Device, |policy| policy.name)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.sign_in_frequency",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy ages the session, so that a stored token stops working (sign-in frequency).",
        |inputs| inputs.conditional_access(Question::Frequency).map(Into::into),
    ),
    fact(
        "conditional_access.frequency_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that set a sign-in frequency.",
        |inputs| {
            inputs
                .responsible(Question::Frequency, |policy| policy.name)
                .map(Into::into)
        },
    ),
    fact(
        "conditional_access.addresses",
        Kind::Texts,
        &["graph.sign_ins"],
        "Addresses that the policies were judged for: those given with --ip, else those of the log.",
        |inputs| {
            let addresses = inputs.candidate_addresses();
            Ok(addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .into())
        },
    ),
];

/// Readings that several facts start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    judged: std::sync::OnceLock<Reading<Vec<(Evaluation, Grants)>>>,
}

/// What is asked of the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Do they demand MFA?
    Mfa,
    /// Do they block?
    Block,
    /// Do they demand a managed device or application?
    Device,
    /// Do they age the session?
    Frequency,
}

/// Codes of a sign-in that a policy stopped. Sources: domain.md C7, C8, C12; api-facts 3.4.
const BLOCKED: [i64; 4] = [53003, 530032, 530036, 53009];
const DEVICE: [i64; 6] = [53000, 53001, 53002, 50097, 50129, 50155];
const AGED: [i64; 2] = [70043, 50078];

/// A policy that is answerable for a verdict.
#[derive(Debug, Clone)]
struct Responsible {
    id: String,
    name: String,
    microsoft_managed: bool,
}

/// How many different addresses of the log are tried.
const ADDRESSES: usize = 5;

impl<'a> Inputs<'a> {
    pub(super) fn conditional_access_demands_mfa(&self) -> Reading<bool> {
        self.conditional_access(Question::Mfa)
    }

    /// The verdict over every candidate address: one that meets the demand is enough.
    fn conditional_access(&self, question: Question) -> Reading<bool> {
        let by_policies = self
            .judged()
            .and_then(|judged| any(judged.iter().map(|(_, grants)| self.verdict(question, grants))));
        match by_policies {
            Ok(true) => Ok(true),
            _ if self.is_proven_by_log(question) && !self.is_lifted_since(question) => Ok(true),
            verdict => verdict,
        }
    }

    fn verdict(&self, question: Question, grants: &Grants) -> Reading<bool> {
        let answer = answer(question, grants);
        match answer.verdict {
            Verdict::Yes => Ok(true),
            Verdict::No => Ok(false),
            Verdict::Unknown => Err(self.undetermined(answer)),
        }
    }

    /// Names the section, or the flag, that would settle it.
    fn undetermined(&self, answer: &Answer) -> Unknown {
        let missing: Vec<String> = answer.missing.iter().map(ToString::to_string).collect();
        let policies: Vec<&str> = answer
            .undetermined
            .iter()
            .map(|policy| policy.name.as_str())
            .collect();
        let detail = format!(
            "policy {} depends on: {}",
            policies.join(", "),
            missing.join(", ")
        );
        let sections = [
            ("groups", found(&self.evidence().group_memberships).err()),
            ("roles", found(&self.evidence().directory_roles).err()),
            ("named-locations", found(&self.evidence().named_locations).err()),
            (
                "authentication-strengths",
                found(&self.evidence().authentication_strengths).err(),
            ),
            ("user", self.existing_user().err()),
            ("user-type", self.existing_user().err()),
        ];
        sections
            .into_iter()
            .filter(|(name, _)| missing.iter().any(|missing| missing == name))
            .filter_map(|(_, unread)| unread)
            .reduce(Unknown::and)
            .unwrap_or_else(|| Unknown::because("graph.conditional_access_policies", Reason::Absent, detail))
    }

    fn responsible(&self, question: Question, part: fn(Responsible) -> String) -> Reading<Vec<String>> {
        let mut policies: Vec<Responsible> = Vec::new();
        let mut note = |policy: Responsible| {
            if !policies.iter().any(|known| known.id == policy.id) {
                policies.push(policy);
            }
        };
        let judged = self.judged();
        for (_, grants) in judged.as_ref().ok().into_iter().flat_map(|judged| judged.iter()) {
            for policy in &answer(question, grants).policies {
                note(Responsible {
                    id: policy.id.clone(),
                    name: policy.name.clone(),
                    microsoft_managed: policy.microsoft_managed,
                });
            }
        }
        if self.conditional_access(question) == Ok(true) && self.is_proven_by_log(question) {
            for policy in self.named_by_log(question) {
                note(Responsible {
                    id: policy.id.text().unwrap_or_default().to_owned(),
                    name: policy.display_name.text().unwrap_or("(name hidden)").to_owned(),
                    microsoft_managed: false,
                });
            }
        }
        match (policies.is_empty(), judged) {
            (true, Err(unknown)) => Err(unknown),
            _ => Ok(policies.into_iter().map(part).collect()),
        }
    }

    /// One line a policy that would demand MFA if it applied to this sign-in.
    pub(super) fn conditional_access_layers(&self) -> Vec<String> {
        let judged = match self.judged() {
            Ok(judged) => judged,
            Err(_) if self.conditional_access_demands_mfa() == Ok(true) => {
                return vec!["Conditional Access: enforcing (by the sign-in log)".to_owned()];
            }
            Err(_) => return vec!["Conditional Access: unreadable".to_owned()],
        };
        let mut lines = Vec::new();
        let count = judged
            .first()
            .map_or(0, |(evaluation, _)| evaluation.outcomes.len());
        for position in 0..count {
            let outcomes: Vec<_> = judged
                .iter()
                .filter_map(|(evaluation, _)| evaluation.outcomes.get(position))
                .collect();
            let Some(first) = outcomes.first() else { continue };
            if !first
                .grant
                .controls
                .iter()
                .any(|control| control.is_mfa() != Some(false))
            {
                continue;
            }
            let applies = outcomes
                .iter()
                .any(|outcome| matches!(outcome.applicability, Applicability::Applies { .. }));
            let spared = outcomes
                .iter()
                .all(|outcome| matches!(outcome.applicability, Applicability::DoesNotApply { .. }));
            let word = match first.state {
                PolicyState::Disabled => "off",
                PolicyState::ReportOnly => "report-only",
                PolicyState::Enabled if applies => "enforcing",
                PolicyState::Enabled if spared => "excluded",
                PolicyState::Enabled | PolicyState::Unknown => "undetermined",
            };
            lines.push(format!("Conditional Access policy \"{}\": {word}", first.name));
        }
        if lines.is_empty() {
            lines.push("Conditional Access: off".to_owned());
        }
        lines
    }

    fn judged(&self) -> Reading<&[(Evaluation, Grants)]> {
        self.sign_in
            .judged
            .get_or_init(|| self.judge())
            .as_deref()
            .map_err(Clone::clone)
    }

    fn judge(&self) -> Reading<Vec<(Evaluation, Grants)>> {
        let policies = read(&self.evidence().conditional_access_policies)?;
        let locations = found(&self.evidence().named_locations).ok().flatten();
        let strengths = found(&self.evidence().authentication_strengths).ok().flatten();
        let set = PolicySet::parse(policies, locations, strengths).map_err(|problem| {
            Unknown::because(
                "graph.conditional_access_policies",
                Reason::Failed,
                problem.to_string(),
            )
        })?;
        let addresses = self.candidate_addresses();
        let candidates: Vec<Option<IpAddr>> = if addresses.is_empty() {
            vec![None]
        } else {
            addresses.into_iter().map(Some).collect()
        };
        Ok(candidates
            .into_iter()
            .map(|address| {
                let evaluation = evaluate(&set, &self.sign_in_from(address));
                let grants = grants(&evaluation);
                (evaluation, grants)
            })
            .collect())
    }

    fn sign_in_from(&self, address: Option<IpAddr>) -> SignIn {
        let mut sign_in = SignIn::new(self.conditional_access_subject()).assuming_no_risk();
        sign_in.ip = address;
        sign_in.country = self
            .expectations
            .country
            .clone()
            .or_else(|| address.and_then(|address| self.country_of(address)));
        sign_in
    }

    fn conditional_access_subject(&self) -> Subject {
        if self.profile == Profile::ApplicationUser {
            return Subject::ServicePrincipal(ServicePrincipal {
                id: self.object_id().ok().map(str::to_owned),
                // Work 365 is registered in the vendor's tenant.
                registered_here: Some(false),
            });
        }
        let user = self.existing_user().ok();
        let ids = |list: Option<&'a crate::snapshot::Collection<crate::snapshot::graph::DirectoryObject>>| {
            Membership::known(
                list.into_iter()
                    .flat_map(|list| &list.value)
                    .filter_map(|group| group.id.text()),
            )
        };
        let groups = found(&self.evidence().group_memberships).map_or(Membership::Unknown, ids);
        let roles = found(&self.evidence().directory_roles).map_or(Membership::Unknown, |list| {
            let roles: Vec<_> = list.into_iter().flat_map(|list| &list.value).collect();
            // A role whose template id is hidden could be any role (api-facts 1.2).
            if roles.iter().any(|role| role.role_template_id.text().is_none()) {
                return Membership::Unknown;
            }
            Membership::known(roles.iter().filter_map(|role| role.role_template_id.text()))
        });
        Subject::User(User {
            id: self.object_id().ok().map(str::to_owned),
            kind: UserKind::from_directory(
                user.and_then(|user| user.user_type.text()),
                user.and_then(|user| user.user_principal_name.text()),
            ),
            groups,
            roles,
        })
    }

    /// Where Work 365 signs in from: as told, else as the log shows.
    fn candidate_addresses(&self) -> Vec<IpAddr> {
        if !self.expectations.addresses.is_empty() {
            return self.expectations.addresses.clone();
        }
        let mut seen = BTreeSet::new();
        self.log_entries()
            .into_iter()
            .filter_map(|entry| entry.ip_address.text()?.parse().ok())
            .filter(|address| seen.insert(*address))
            .take(ADDRESSES)
            .collect()
    }

    fn country_of(&self, address: IpAddr) -> Option<String> {
        self.log_entries().into_iter().find_map(|entry| {
            let same = entry.ip_address.text()?.parse() == Ok(address);
            let country = entry.location.value()?.country_or_region.text()?;
            same.then(|| country.to_owned())
        })
    }

    /// The entries of the log that Work 365 may have made, newest first: successes, and the newest whatever it was.
    fn log_entries(&self) -> Vec<&'a LogEntry> {
        let entries = if self.profile == Profile::ApplicationUser {
            self.application_sign_ins().unwrap_or_default()
        } else {
            self.account_sign_ins().map(<[_]>::to_vec).unwrap_or_default()
        };
        let ours: Vec<_> = entries
            .into_iter()
            .filter(|entry| concerns_work_365(entry))
            .collect();
        let newest = ours.first().map(|entry| std::ptr::from_ref::<LogEntry>(entry));
        ours.into_iter()
            .filter(|entry| code_of(entry) == Some(0) || newest == Some(std::ptr::from_ref(*entry)))
            .collect()
    }

    /// Whether the newest sign-in for Dynamics 365 met the demand.
    fn is_proven_by_log(&self, question: Question) -> bool {
        if self.profile == Profile::ApplicationUser {
            return question == Question::Block && self.newest_code_is_one_of(&BLOCKED) == Ok(true);
        }
        let codes: &[i64] = match question {
            Question::Mfa => &[],
            Question::Block => &BLOCKED,
            Question::Device => &DEVICE,
            Question::Frequency => &AGED,
        };
        if self.newest_code_is_one_of(codes) == Ok(true) {
            return true;
        }
        let Some(entry) = self.newest_sign_in() else {
            return false;
        };
        match question {
            Question::Mfa => {
                !self.named_by_log(question).is_empty() || demanded_by(entry, "multiConditionalAccess")
            }
            Question::Block | Question::Device => !self.named_by_log(question).is_empty(),
            Question::Frequency => false,
        }
    }

    /// The policies that the newest sign-in names as having made the demand.
    fn named_by_log(&self, question: Question) -> Vec<&'a AppliedPolicy> {
        let Some(entry) = self.newest_sign_in() else {
            return Vec::new();
        };
        entry
            .applied_conditional_access_policies
            .items()
            .iter()
            .filter(|policy| {
                let controls = policy.enforced_grant_controls.items();
                let is = |wanted: &[&str]| {
                    controls.iter().any(|control| {
                        let control = control.to_lowercase();
                        wanted.iter().any(|wanted| control.contains(wanted))
                    })
                };
                let result = policy.result.text().unwrap_or_default();
                match question {
                    Question::Mfa => {
                        (result == "success" || result == "failure")
                            && is(&["mfa", "strength", "multifactor"])
                    }
                    Question::Block => result == "failure" && is(&["block"]),
                    Question::Device => {
                        result == "failure"
                            && is(&["device", "application"])
                            && !is(&["mfa", "strength", "multifactor"])
                    }
                    Question::Frequency => policy
                        .enforced_session_controls
                        .items()
                        .iter()
                        .any(|control| control.to_lowercase().contains("signinfrequency")),
                }
            })
            .collect()
    }

    /// Whether the policies, read after the sign-in, no longer do what the log says: the policy that it names is off or
    /// spares the account now, or, where it names none, some policy was changed since.
    fn is_lifted_since(&self, question: Question) -> bool {
        let Ok(judged) = self.judged() else {
            return false;
        };
        let named = self.named_by_log(question);
        if named.is_empty() {
            let at = self
                .newest_attempt()
                .ok()
                .flatten()
                .and_then(|attempt| attempt.at);
            return at
                .zip(self.newest_policy_change())
                .is_none_or(|(at, changed)| changed > at);
        }
        !judged
            .iter()
            .flat_map(|(evaluation, _)| &evaluation.outcomes)
            .any(|outcome| {
                let is_named = named.iter().any(|policy| {
                    policy
                        .id
                        .text()
                        .is_some_and(|id| id.eq_ignore_ascii_case(&outcome.id))
                });
                let spares = match &outcome.applicability {
                    // Risk is assumed to be none here; the log knows better.
                    Applicability::DoesNotApply { because } => {
                        !matches!(because.condition, Condition::SignInRisk | Condition::UserRisk)
                    }
                    _ => false,
                };
                is_named && outcome.state == PolicyState::Enabled && !spares
            })
    }

    fn newest_policy_change(&self) -> Option<jiff::Timestamp> {
        let body = self.evidence().conditional_access_policies.ok()?;
        let policies = body.get("value")?.as_array()?;
        policies
            .iter()
            .flat_map(|policy| [policy.get("modifiedDateTime"), policy.get("createdDateTime")])
            .filter_map(|time| time?.as_str().and_then(parse_time))
            .max()
    }
}

fn answer(question: Question, grants: &Grants) -> &Answer {
    match question {
        Question::Mfa => &grants.mfa,
        Question::Block => &grants.blocked,
        Question::Device => &grants.device,
        Question::Frequency => &grants.sign_in_frequency,
    }
}
