//! Three-valued readings: a value, or what stood in the way of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::snapshot::{Absent, Answer, Collection, Unread, noting_absence, section_info};

/// A known value, or the causes why it is unknown.
pub type Reading<T> = Result<T, Unknown>;

/// Why something is not known: one cause per section that stood in the way, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(Vec<Cause>);

/// One section that could not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The section's name.
    pub section: String,
    /// How it failed to answer.
    pub reason: Reason,
    /// HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// The service's own words, or what is missing.
    pub detail: Option<String>,
}

/// Why a section says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Refused: 401 or 403.
    Denied,
    /// The service answered, and there is no such thing.
    NotFound,
    /// Transport, 5xx, malformed, or an answer that lacks what is needed.
    Failed,
    /// Not asked, on purpose.
    Skipped,
    /// Not in the snapshot: nobody asked.
    Absent,
    /// The user did not say what to expect.
    ExpectationMissing,
}

/// A cause with the right that would cure it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnknownBecause {
    /// The section that did not answer.
    pub section: String,
    /// How it did not.
    pub reason: Reason,
    /// HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// The service's words, or what is missing.
    pub detail: Option<String>,
    /// The smallest permission that reads the section.
    pub permission: Option<String>,
    /// The smallest role that reads it.
    pub role: Option<String>,
    /// The tenant licence that it needs.
    pub license: Option<String>,
}

impl From<&Cause> for UnknownBecause {
    fn from(cause: &Cause) -> Self {
        let info = section_info(&cause.section);
        // A right cures a refusal and a question that was never asked. It does not cure a broken answer, nor one that
        // came and holds nothing on the matter.
        let missing_right = |right: Option<&'static str>| match cause.reason {
            // The token was not accepted, whoever holds it and whatever it allows.
            Reason::Denied if cause.http_status == Some(401) => None,
            Reason::Denied | Reason::Skipped | Reason::Absent => right.map(str::to_owned),
            Reason::NotFound | Reason::Failed | Reason::ExpectationMissing => None,
        };
        let license = info.and_then(|info| info.license);
        // Where the service said that the tenant lacks the licence, no permission and no role would help.
        let is_unlicensed = license
            .zip(cause.detail.as_deref())
            .is_some_and(|(license, detail)| {
                cause.reason == Reason::Denied && detail.contains(&format!("has no {license} licence"))
            });
        let rights = info.filter(|_| !is_unlicensed);
        Self {
            section: cause.section.clone(),
            reason: cause.reason,
            http_status: cause.http_status,
            detail: cause.detail.clone(),
            permission: missing_right(rights.and_then(|info| info.permission)),
            role: missing_right(rights.and_then(|info| info.role)),
            license: missing_right(license),
        }
    }
}

impl Unknown {
    /// One cause.
    pub fn because(section: &str, reason: Reason, detail: impl Into<String>) -> Self {
        Self(vec![Cause {
            section: section.to_owned(),
            reason,
            http_status: None,
            detail: Some(detail.into()),
        }])
    }

    /// Why this section has no body to judge.
    pub(crate) fn of(section: &str, unread: &Unread) -> Self {
        let (reason, http_status, detail) = match unread {
            Unread::Denied { http_status, detail } => (Reason::Denied, *http_status, detail.clone()),
            Unread::NotFound { http_status } => (Reason::NotFound, *http_status, None),
            Unread::Failed { http_status, detail } => (Reason::Failed, *http_status, detail.clone()),
            Unread::Skipped { detail } => (Reason::Skipped, None, detail.clone()),
            Unread::Absent => (Reason::Absent, None, None),
        };
        Self(vec![Cause {
            section: section.to_owned(),
            reason,
            http_status,
            detail,
        }])
    }

    /// The section answered, but its answer holds nothing on what is asked: an answer, not a failure to read.
    pub fn silent(section: &str, detail: impl Into<String>) -> Self {
        Self::because(section, Reason::NotFound, detail)
    }

    /// What stood in the way.
    pub fn causes(&self) -> &[Cause] {
        &self.0
    }

    /// Whether a service was asked and refused or failed, rather than not asked at all.
    pub fn was_refused(&self) -> bool {
        let refused = |cause: &Cause| matches!(cause.reason, Reason::Denied | Reason::Failed);
        self.0.iter().any(refused)
    }

    /// An answer that lacks the property is no answer which says that there is none.
    fn for_lack_of(mut self, absent: Absent) -> Self {
        let is_silence =
            |cause: &&mut Cause| cause.reason == Reason::NotFound && cause.section == absent.section;
        if let Some(cause) = self.0.iter_mut().find(is_silence) {
            *cause = lacking_cause(absent);
        }
        self
    }

    /// Both causes, each section once.
    pub fn and(mut self, other: Unknown) -> Self {
        for cause in other.0 {
            if !self
                .0
                .iter()
                .any(|known| known.section == cause.section && known.reason == cause.reason)
            {
                self.0.push(cause);
            }
        }
        self
    }
}

/// The body of an answer, or why there is none. "Not found" counts as no body here; see [`found`].
pub(crate) fn read<T>(answer: &Answer<T>) -> Reading<&T> {
    answer
        .body()
        .map_err(|unread| Unknown::of(answer.section, unread))
}

/// Nothing, when a log was read to its end; otherwise why the absence of an entry in it says nothing.
pub(crate) fn whole<T>(log: &Answer<Collection<T>>) -> Reading<()> {
    match read(log)? {
        list if list.truncated => Err(Unknown::silent(
            log.section,
            format!(
                "only the newest {} entries were read, and none of them is about this",
                list.value.len()
            ),
        )),
        _ => Ok(()),
    }
}

/// The body of an answer, `None` when the service said that there is no such thing.
pub(crate) fn found<T>(answer: &Answer<T>) -> Reading<Option<&T>> {
    match answer.body() {
        Ok(body) => Ok(Some(body)),
        Err(Unread::NotFound { .. }) => Ok(None),
        Err(unread) => Err(Unknown::of(answer.section, unread)),
    }
}

/// A reading that used a property which the answer does not have is unknown, whatever was concluded from it.
///
/// Every fact is computed inside of this, and so is every cached reading, whose absent properties are then its own.
pub(crate) fn complete<T>(compute: impl FnOnce() -> Reading<T>) -> Reading<T> {
    match noting_absence(compute) {
        (Ok(_), Some(absent)) => Err(lacking(absent)),
        (Err(unknown), Some(absent)) => Err(unknown.for_lack_of(absent)),
        (reading, None) => reading,
    }
}

fn lacking(absent: Absent) -> Unknown {
    Unknown(vec![lacking_cause(absent)])
}

fn lacking_cause(absent: Absent) -> Cause {
    Cause {
        section: absent.section.to_owned(),
        reason: Reason::Failed,
        http_status: None,
        detail: Some(format!("the answer has no {}", absent.property())),
    }
}

/// Kleene "or": one known `true` decides, whatever else could not be read.
pub(crate) fn any(readings: impl IntoIterator<Item = Reading<bool>>) -> Reading<bool> {
    decide(readings, true)
}

/// Kleene "and": one known `false` decides, whatever else could not be read.
pub(crate) fn all(readings: impl IntoIterator<Item = Reading<bool>>) -> Reading<bool> {
    decide(readings, false)
}

fn decide(readings: impl IntoIterator<Item = Reading<bool>>, deciding: bool) -> Reading<bool> {
    let mut unknown: Option<Unknown> = None;
    let mut readings = readings.into_iter();
    loop {
        // Each is judged for itself: what one of them lacks does not matter when another one decides.
        let (next, absent) = noting_absence(|| readings.next());
        let Some(reading) = next else { break };
        match absent.map_or(reading, |absent| Err(lacking(absent))) {
            Ok(value) if value == deciding => return Ok(deciding),
            Ok(_) => {}
            Err(cause) => {
                unknown = Some(unknown.map_or_else(|| cause.clone(), |so_far| so_far.and(cause.clone())))
            }
        }
    }
    unknown.map_or(Ok(!deciding), Err)
}

#[cfg(test)]
mod tests {
    use super::{Reading, Reason, Unknown, all, any};

    #[test]
    fn kleene_logic_lets_a_deciding_value_win_over_the_unknown() {
        let unknown = || -> Reading<bool> { Err(Unknown::because("graph.user", Reason::Denied, "403")) };
        for (left, right, or, and) in [
            (Ok(true), unknown(), Some(true), None),
            (Ok(false), unknown(), None, Some(false)),
            (unknown(), unknown(), None, None),
            (Ok(true), Ok(false), Some(true), Some(false)),
        ] {
            assert_eq!(any([left.clone(), right.clone()]).ok(), or);
            assert_eq!(all([left, right]).ok(), and);
        }
        assert_eq!(any([]), Ok(false));
        assert_eq!(all([]), Ok(true));
    }

    #[test]
    fn causes_of_two_sections_are_kept_and_repeats_are_not() {
        let user = Unknown::because("graph.user", Reason::Denied, "403");
        let both = user
            .clone()
            .and(Unknown::because("graph.domain", Reason::Failed, "500"))
            .and(user);
        assert_eq!(both.causes().len(), 2);
    }
}
