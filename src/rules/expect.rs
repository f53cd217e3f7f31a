//! A test that a rule carries: facts given by hand, and the verdict that they must have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::{FactId, FactValue, Reading};
use crate::profile::Profile;

/// What a rule test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The fault is there.
    Fail,
    /// It is not.
    Pass,
    /// It is there, but young.
    Pending,
    /// The evidence does not say.
    Unknown,
    /// The question is not asked.
    NotApplicable,
}

impl Expect {
    pub(super) const NAMES: [&str; 5] = ["fail", "pass", "pending", "unknown", "not_applicable"];

    /// The word used in rule tests.
    pub fn name(self) -> &'static str {
        match self {
            Expect::Fail => "fail",
            Expect::Pass => "pass",
            Expect::Pending => "pending",
            Expect::Unknown => "unknown",
            Expect::NotApplicable => "not_applicable",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [
            Expect::Fail,
            Expect::Pass,
            Expect::Pending,
            Expect::Unknown,
            Expect::NotApplicable,
        ]
        .into_iter()
        .find(|expect| expect.name() == name)
    }
}

/// One test of a rule.
#[derive(Debug, Clone)]
pub struct RuleTest {
    /// The profile to judge by.
    pub profile: Profile,
    /// "Now".
    pub now: Timestamp,
    /// The facts given; every other is unknown.
    pub facts: Vec<(FactId, Reading<FactValue>)>,
    /// Raw bodies for `section("…")`; every other is absent.
    pub sections: BTreeMap<String, serde_json::Value>,
    /// The verdict wanted.
    pub expect: Expect,
    /// Its line in the rule file, from 1.
    pub line: usize,
}
