//! The words of what time brings, and the announced changes: `rules/upcoming.yaml`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::rules::severity::Severity;

/// Where the words stand.
pub(crate) const FILE_NAME: &str = "rules/upcoming.yaml";

/// `rules/upcoming.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct UpcomingWords {
    /// An event that is due within so many days stands in the headline of a healthy account.
    pub soon_days: i64,
    pub headline: String,
    pub headline_more: String,
    pub events: BTreeMap<String, EventWords>,
    pub changes: Vec<AnnouncedChange>,
}

/// What is said of one event, and who does what about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventWords {
    pub severity: Severity,
    /// An id of `rules/owners.yaml`.
    pub owner: String,
    /// For the headline; what has none is no headline.
    pub short: Option<String>,
    pub what: String,
    pub step: String,
}

/// A change that Microsoft or the vendor announced for a day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnnouncedChange {
    pub id: String,
    pub date: Date,
    pub reaches: Reach,
    pub severity: Severity,
    pub owner: String,
    pub short: String,
    pub what: String,
    pub step: String,
    pub source: String,
    pub checked: Date,
}

/// Which accounts a change reaches: those of which all that is named here holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// An enforced policy that covers the sign-in selects this grant control.
    #[serde(default)]
    pub control: Option<String>,
    /// A fact that has the value `is`.
    #[serde(default)]
    pub fact: Option<String>,
    #[serde(default)]
    pub is: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::{FILE_NAME, UpcomingWords};
    use crate::decode::explain::catalogue;
    use crate::{embedded, facts};

    /// Every key that the code asks for.
    const EVENTS: [&str; 19] = [
        "certificate-expiry",
        "certificate-expiry-spare",
        "elevation-end",
        "environment-end",
        "environment-trial",
        "exception-end",
        "licence-end",
        "licence-end-spare",
        "licence-grace",
        "licence-grace-end",
        "password-expiry",
        "policy-managed",
        "policy-managed-any-day",
        "policy-report-only",
        "role-end",
        "secret-expiry",
        "secret-expiry-spare",
        "stale-evidence",
        "trial-end",
    ];

    #[test]
    fn every_event_has_words_an_owner_and_a_step() {
        let words: UpcomingWords = embedded::data(FILE_NAME).unwrap();
        let known: Vec<&str> = words.events.keys().map(String::as_str).collect();
        assert_eq!(known, EVENTS);
        let owners = words.events.values().map(|event| &event.owner);
        for owner in owners.chain(words.changes.iter().map(|change| &change.owner)) {
            assert_ne!(catalogue::owner_name(owner), owner, "{owner}");
        }
        for change in &words.changes {
            assert!(change.source.starts_with("https://"), "{}", change.id);
            let named = [&change.reaches.control, &change.reaches.fact];
            assert!(named.iter().any(|part| part.is_some()), "{}", change.id);
            if let Some(fact) = &change.reaches.fact {
                assert!(
                    facts::find(fact).is_some() && change.reaches.is.is_some(),
                    "{fact}"
                );
            }
        }
    }
}
