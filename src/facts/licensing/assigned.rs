//! The account's licences: which SKUs it has, and what each of their plans is worth and whether it is on.

use std::collections::BTreeSet;

use crate::facts::licensing::table::Grade;
use crate::facts::reading::{Reading, Unknown};

/// Whether a plan can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// Usable, or about to be.
    On,
    /// Switched off in the assignment.
    Off,
    /// Assigned, but the subscription behind it does not run.
    Lapsed,
    /// Assigned, but the service could not set it up.
    Failed,
}

/// One relevant plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) grade: Grade,
    pub(crate) switch: Switch,
    /// Normally comes beside the plan that decides.
    pub(crate) accompanies: bool,
}

/// One SKU of the account.
#[derive(Debug, Clone)]
pub(crate) struct Sku {
    pub(crate) id: String,
    /// Product name, else the SKU's own name.
    pub(crate) name: String,
    /// The plans that matter to Dataverse.
    pub(crate) plans: Vec<Plan>,
    /// Something in it is known to neither the table nor the answer.
    pub(crate) unexplained: bool,
}

impl Sku {
    fn has(&self, grade: Grade, switch: Switch) -> bool {
        self.plans
            .iter()
            .any(|plan| plan.grade == grade && plan.switch == switch)
    }

    /// Whether it carries a plan that would license the account, on or off.
    pub(crate) fn carries_granting_plan(&self) -> bool {
        self.plans.iter().any(|plan| plan.grade == Grade::Grants)
    }

    /// Whether a granting plan of it is on.
    pub(crate) fn grants(&self) -> bool {
        self.has(Grade::Grants, Switch::On)
    }

    /// Whether no granting plan of it is on, and one could not be set up.
    pub(crate) fn failed(&self) -> bool {
        !self.grants() && self.has(Grade::Grants, Switch::Failed)
    }
}

/// Everything that is assigned to the account.
#[derive(Debug, Clone)]
pub(crate) struct Assigned {
    pub(crate) skus: Vec<Sku>,
    pub(crate) section: &'static str,
}

impl Assigned {
    fn any(&self, grade: Grade, switch: Switch) -> bool {
        self.skus.iter().any(|sku| sku.has(grade, switch))
    }

    /// No SKU holds plans that nobody explains; otherwise the question stays open.
    fn all_explained(&self) -> Reading<()> {
        match self.skus.iter().find(|sku| sku.unexplained) {
            None => Ok(()),
            Some(sku) => Err(Unknown::silent(
                self.section,
                format!(
                    "the table of licences does not know {}; whether it licenses Dynamics 365 is open",
                    sku.name
                ),
            )),
        }
    }

    /// A Dynamics 365 or Power Platform plan is on.
    pub(crate) fn granted(&self) -> Reading<bool> {
        if self.any(Grade::Grants, Switch::On) {
            return Ok(true);
        }
        self.all_explained().map(|()| false)
    }

    /// No licence of the account has anything to do with Dynamics 365 or Power Platform.
    pub(crate) fn missing(&self) -> Reading<bool> {
        let is_there = [Switch::On, Switch::Off]
            .into_iter()
            .any(|switch| self.any(Grade::Grants, switch));
        if is_there || self.any(Grade::Limited, Switch::On) {
            return Ok(false);
        }
        if self.any(Grade::Grants, Switch::Lapsed) || self.any(Grade::Grants, Switch::Failed) {
            // It is on paper only, and the details of the licences may list nothing any more.
            return Err(Unknown::silent(
                self.section,
                "the assigned licence does not work: its subscription does not run, or its plan is in error",
            ));
        }
        self.all_explained().map(|()| true)
    }

    /// The licence is there, but every plan in it that counts is switched off.
    pub(crate) fn plans_switched_off(&self) -> Reading<bool> {
        if self.any(Grade::Grants, Switch::On) || !self.any(Grade::Grants, Switch::Off) {
            // Without a known granting plan an unexplained SKU may have one, on or off.
            return if self.skus.iter().any(Sku::carries_granting_plan) {
                Ok(false)
            } else {
                self.all_explained().map(|()| false)
            };
        }
        self.all_explained().map(|()| true)
    }

    /// Only plans that are not enough are on, and nothing better is merely switched off.
    pub(crate) fn insufficient(&self) -> Reading<bool> {
        if self.skus.iter().any(Sku::carries_granting_plan) {
            return Ok(false);
        }
        self.all_explained()
            .map(|()| self.any(Grade::Limited, Switch::On))
    }

    /// Names of the plans of one grade and state, each once.
    pub(crate) fn plan_names(&self, grade: Grade, switch: Switch) -> Vec<String> {
        let names: BTreeSet<&str> = self
            .skus
            .iter()
            .flat_map(|sku| &sku.plans)
            .filter(|plan| plan.grade == grade && plan.switch == switch)
            .map(|plan| plan.name.as_str())
            .collect();
        names.into_iter().map(str::to_owned).collect()
    }
}
