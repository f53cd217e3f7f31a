//! What differs around the findings: what the sign-ins come to, and what time will bring.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnosis::report::{Report, Upcoming, UpcomingKind};
use crate::timeline::State;

/// What the sign-ins came to, and come to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignIns {
    /// The older answer; null when the report says nothing of it.
    pub before: Option<State>,
    /// The newer answer.
    pub after: Option<State>,
    /// The newer answer in one sentence.
    pub summary: String,
}

/// The sign-ins, where the newer report says anything of them.
pub(super) fn sign_ins(old: &Report, new: &Report) -> Option<SignIns> {
    let after = new.timeline.as_ref()?;
    Some(SignIns {
        before: old.timeline.as_ref().map(|timeline| timeline.state),
        after: Some(after.state),
        summary: after.summary.clone(),
    })
}

/// What `new` has coming and `old` has not. What can happen any day carries the day of the report: the words tell events
/// apart.
pub(super) fn coming(old: &Report, new: &Report) -> Vec<Upcoming> {
    let is_known = |event: &Upcoming| {
        let mut known = old.upcoming.iter();
        known.any(|known| known.kind == event.kind && known.what == event.what)
    };
    let events = new.upcoming.iter();
    events
        .filter(|event| event.kind != UpcomingKind::StaleEvidence && !is_known(event))
        .cloned()
        .collect()
}
