//! What a `decode/v1` says of a missing right, completed with the evidence of the account that was refused.

use jiff::Timestamp;

use crate::decode::Decoded;
use crate::diagnosis::Doctor;
use crate::facts::{self, Context, Expectations};
use crate::profile::Choice;
use crate::snapshot::Snapshot;

/// Completes each missing right with what the snapshot knows of the account: the smallest grant comes first.
pub(crate) fn with_evidence(
    answer: &mut Decoded,
    snapshot: &Snapshot,
    doctor: &Doctor,
    choice: Choice,
    now: Option<Timestamp>,
) {
    let expectations = Expectations::default();
    let profile = doctor.profile_of(snapshot, choice, &expectations, None, now);
    let context = Context::new(
        snapshot,
        &expectations,
        profile.unwrap_or_default(),
        now.unwrap_or(snapshot.captured_at),
    );
    for error in &mut answer.errors {
        let grant = error.grant.take();
        error.grant = grant.map(|grant| facts::grant_with_evidence(&context, grant));
    }
}
