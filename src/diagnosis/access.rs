//! What stood between a run and its evidence as a whole: different situations, each with its own first sentence.
//!
//! One section that could not be read is the matter of the rules that need it. When no service answered at all, there is no
//! verdict, and the reader must learn which of the reasons it was.

use serde::Deserialize;

use crate::snapshot::{Outcome, Section, Snapshot};

/// Whether the services answered, and if none did, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Access {
    /// At least one question was answered.
    Read,
    /// No question was asked.
    NothingAsked,
    /// Every service refused.
    Refused,
    /// The tokens were not accepted (401).
    Expired,
    /// Every service answered that it is busy or out of order.
    Unavailable,
    /// No service could be reached.
    Unreachable,
    /// The environment's host does not resolve or answer.
    NoHost,
    /// Everything that was asked came back broken.
    Broken,
}

impl Access {
    /// Looks at how the sections of Graph and Dataverse ended.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let asked = |service: &str| -> Vec<Access> {
            snapshot
                .sections
                .iter()
                .filter(|(name, _)| name.starts_with(service) && *name != OWN_TOKEN)
                .filter_map(|(_, section)| ended(section))
                .collect()
        };
        let dataverse = asked("dataverse.");
        let graph = asked("graph.");
        let challenge = snapshot.section("login.challenge").and_then(ended);
        let all_unreached = |ends: &[Access]| ends.iter().all(|end| *end == Access::Unreachable);
        let host_is_gone = match challenge {
            Some(challenge) => challenge == Access::Unreachable && all_unreached(&dataverse),
            None => !dataverse.is_empty() && all_unreached(&dataverse),
        };
        let graph_is_unreached = !graph.is_empty() && all_unreached(&graph);
        match () {
            () if host_is_gone && !graph_is_unreached => Access::NoHost,
            () if host_is_gone => Access::Unreachable,
            () if graph.iter().chain(&dataverse).any(|end| *end == Access::Read) => Access::Read,
            () if graph.is_empty() && dataverse.is_empty() => Access::NothingAsked,
            () => most_frequent(graph.into_iter().chain(dataverse)),
        }
    }
}

/// The claims of the operator's own token: no answer of a service.
const OWN_TOKEN: &str = "graph.operator";

/// How a section ended; nothing when it was not asked.
fn ended(section: &Section) -> Option<Access> {
    Some(match (section.outcome, section.http_status) {
        (Outcome::Skipped, _) => return None,
        (Outcome::Ok | Outcome::NotFound, _) => Access::Read,
        (Outcome::Denied, Some(401)) => Access::Expired,
        (Outcome::Denied, None) if speaks_of_the_token(section) => Access::Expired,
        (Outcome::Denied, _) => Access::Refused,
        (Outcome::Failed, None) => Access::Unreachable,
        (Outcome::Failed, Some(429 | 500..)) => Access::Unavailable,
        (Outcome::Failed, Some(_)) => Access::Broken,
    })
}

/// A refusal without a status says by its words that the token was not accepted.
fn speaks_of_the_token(section: &Section) -> bool {
    let body = section.body.as_ref().map(|body| body.get());
    let texts = [section.detail.as_deref(), body];
    texts
        .into_iter()
        .flatten()
        .any(|text| text.contains("InvalidAuthenticationToken") || text.contains("token is expired"))
}

/// The reason that most sections give; of two, the one that stands first in the list of reasons.
fn most_frequent(ends: impl Iterator<Item = Access>) -> Access {
    let mut counts = std::collections::BTreeMap::<Access, usize>::new();
    for end in ends {
        *counts.entry(end).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(end, count)| (*count, std::cmp::Reverse(*end)))
        .map_or(Access::Broken, |(end, _)| end)
}
