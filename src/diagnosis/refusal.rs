//! The refusal that decides, and whether a finding explains it: never healthy while it fails.
//!
//! The rule that catches what nothing else explains is the last word on the sign-ins. It passes when a fault that was found
//! lists the code, and that fault then stops Work 365, whatever its severity is otherwise. It is pending when what the code
//! names was changed after the refusal, or when the service was to blame and it happened once.

use jiff::{SignedDuration, Timestamp};

use super::mask::Resolved;
use super::report::Status;
use super::{Doctor, Words};
use crate::decode;
use crate::facts::{self, FactValue, Facts};
use crate::remedy::Remedy;
use crate::rules::{self, Severity, Verdict};
use crate::timeline::changed_since;

/// After one job has run, the log shows within this time how it ended.
const ONE_JOB: SignedDuration = SignedDuration::from_hours(1);

/// The refusal of the attempt that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// AADSTS number.
    pub code: i64,
    /// When.
    pub at: Option<Timestamp>,
}

impl Refusal {
    /// The refusal, when the attempt that decides was one.
    pub(crate) fn of(facts: &Facts<'_>) -> Option<Self> {
        Self::in_facts(facts, "attempt.code", "attempt.at")
    }

    /// The refusal of the newest sign-in in the log or of the probe, whatever error was seen beside it.
    pub(super) fn recorded(facts: &Facts<'_>) -> Option<Self> {
        Self::in_facts(facts, "attempt.recorded_code", "attempt.recorded_at")
    }

    fn in_facts(facts: &Facts<'_>, code: &str, at: &str) -> Option<Self> {
        let value = |name: &str| facts::find(name).and_then(|id| facts.get(id).clone().ok());
        let code = match value(code) {
            Some(FactValue::Int(code)) if code != 0 => code,
            _ => return None,
        };
        let at = match value(at) {
            Some(FactValue::Time(at)) => Some(at),
            _ => None,
        };
        Some(Self { code, at })
    }

    /// What is done about it, as its code says.
    pub(crate) fn remedy(self) -> Option<Remedy> {
        decode::with_advice(decode::describe(&self.spelled())).remedy
    }

    /// The code as reports spell it.
    pub(super) fn spelled(self) -> String {
        format!("AADSTS{}", self.code)
    }
}

/// Settles the rule that catches the unexplained refusal, once every other rule has its answer.
pub(super) fn settle(
    doctor: &Doctor,
    facts: &Facts<'_>,
    now: Timestamp,
    verdicts: &mut [Verdict],
    resolved: &mut [Resolved],
) {
    let rules = doctor.book.rules();
    let Some(position) = rules.iter().position(|rule| rule.catches_refusals) else {
        return;
    };
    let Some(refusal) = Refusal::of(facts).filter(|_| resolved[position].status == Status::Fail) else {
        return;
    };
    let described = decode::describe(&refusal.spelled());
    let explains = |index: usize| {
        let rule = &rules[index];
        index != position
            && matches!(resolved[index].status, Status::Fail | Status::Pending)
            && described.rules.contains(&rule.id)
            // What the operator lacks explains no refusal of the account, nor does what is only worth knowing.
            && rule.area != "operator"
            && verdicts[index].severity > Severity::Info
    };
    let explaining: Vec<usize> = (0..rules.len()).filter(|index| explains(*index)).collect();
    if explaining.is_empty() {
        if may_be_over(&doctor.words, facts, refusal, &described, now) {
            let recheck_at = now.checked_add(ONE_JOB).unwrap_or(now);
            verdicts[position].status = rules::Status::Pending { recheck_at };
            resolved[position].status = Status::Pending;
        }
        return;
    }
    verdicts[position].status = rules::Status::Pass;
    resolved[position].status = Status::Pass;
    for index in explaining {
        verdicts[index].severity = Severity::Blocker;
    }
}

/// Whether what the code names was changed after the refusal, or the service was to blame and it happened once.
fn may_be_over(
    words: &Words,
    facts: &Facts<'_>,
    refusal: Refusal,
    described: &decode::DecodedError,
    now: Timestamp,
) -> bool {
    if described.retryable && facts.is_true("attempt.stands_alone") {
        return true;
    }
    let mended_by = &words.diagnosis.mended_by;
    let kinds = mended_by
        .get(&refusal.spelled())
        .or_else(|| mended_by.get(&described.category));
    let (Some(kinds), Some(at), Some(context)) = (kinds, refusal.at, facts.context()) else {
        return false;
    };
    let policies = match facts::find("attempt.refusing_policies").map(|id| facts.get(id)) {
        Some(Ok(FactValue::Texts(ids))) => ids.as_slice(),
        _ => &[],
    };
    changed_since(context, &words.timeline, kinds, policies, at).is_some_and(|changed| changed <= now)
}
