//! What came last in a log.

use super::success::Success;
use crate::decode::explain::inferences;
use crate::decode::find::moment::{Culture, Moment};
use crate::decode::model::{Decoded, Ending, Newest};

/// Says what came last. A success counts where its line has a time that is not before the refusals', and where it is not
/// somebody else's.
pub(super) fn tell(decoded: &mut Decoded, success: Option<&Success>) {
    let Some(error) = decoded.errors.first() else {
        return;
    };
    let is_own = |success: &&Success| {
        let who = success.principal.as_deref().map(String::from_utf8_lossy);
        let mut known = decoded.principals.iter();
        who.is_none_or(|who| decoded.principals.is_empty() || known.any(|group| group.id == who))
    };
    let refused = decoded
        .errors
        .iter()
        .filter_map(|error| error.last_seen.as_deref());
    let healed = success.filter(is_own);
    if let Some(success) = healed {
        let at = success.time.as_deref();
        let Some(at) = at.filter(|at| refused.clone().all(|refused| !is_before(at, refused))) else {
            return;
        };
        let follows = inferences::about_time("works-again", error, "", at);
        decoded.inferences.extend(follows);
        decoded.newest = Some(Newest {
            outcome: Ending::Succeeded,
            at: Some(at.to_owned()),
            code: None,
        });
        return;
    }
    // One dated refusal gives no order.
    let dated = decoded.errors.iter().filter(|error| error.last_seen.is_some());
    if dated.map(|error| error.count).sum::<u64>() > 1 && error.last_seen.is_some() {
        decoded.newest = Some(Newest {
            outcome: Ending::Refused,
            at: error.last_seen.clone(),
            code: Some(error.code.clone()),
        });
    }
}

/// Whether one time is before another; times without a year are in the order of the log.
fn is_before(one: &str, other: &str) -> bool {
    let millis = |time| Some(Moment::read(time, Culture::MonthFirst)?.millis);
    matches!((millis(one), millis(other)), (Some(one), Some(other)) if one < other)
}
