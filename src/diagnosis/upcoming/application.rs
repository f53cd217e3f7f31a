//! Secrets and certificates of the Work 365 application, as far as they can be read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::event::{Event, Sight, day_of, seen};
use crate::diagnosis::report::UpcomingKind;
use crate::facts::parse_time;
use crate::profile::Profile;
use crate::snapshot::graph::{ApplicationCredential, ServicePrincipal};

/// Everything that ends, with what outlasts it.
pub(super) fn credentials(sight: Sight<'_, '_>) -> Vec<Event> {
    // A password account has no application of its own.
    if sight.profile == Profile::LegacyPassword {
        return Vec::new();
    }
    let Some(context) = sight.facts.context() else {
        return Vec::new();
    };
    let answer = &context.evidence().service_principal;
    let principals = answer.ok().map(|list| list.0.as_slice()).unwrap_or_default();
    let read_at = answer.read_at.as_ref();
    principals
        .iter()
        .flat_map(|principal| {
            let secrets = of(principal, &SECRETS, sight.now, answer.section, read_at);
            let certificates = of(principal, &CERTIFICATES, sight.now, answer.section, read_at);
            secrets.into_iter().chain(certificates)
        })
        .collect()
}

/// One kind of credentials.
struct Sort {
    kind: UpcomingKind,
    words: &'static str,
    /// When another one lasts longer.
    spare: &'static str,
    property: &'static str,
    list: fn(&ServicePrincipal) -> Option<&Vec<ApplicationCredential>>,
}

const SECRETS: Sort = Sort {
    kind: UpcomingKind::SecretExpiry,
    words: "secret-expiry",
    spare: "secret-expiry-spare",
    property: "passwordCredentials.endDateTime",
    list: |principal| principal.password_credentials.known(),
};

const CERTIFICATES: Sort = Sort {
    kind: UpcomingKind::CertificateExpiry,
    words: "certificate-expiry",
    spare: "certificate-expiry-spare",
    property: "keyCredentials.endDateTime",
    list: |principal| principal.key_credentials.known(),
};

fn of(
    principal: &ServicePrincipal,
    sort: &Sort,
    now: Timestamp,
    section: &str,
    read_at: Option<&String>,
) -> Vec<Event> {
    // A certificate stands in the list once for signing and once for checking: one event a day.
    let mut ends: BTreeMap<Timestamp, String> = BTreeMap::new();
    for credential in (sort.list)(principal).into_iter().flatten() {
        let end = credential.end_date_time.known().and_then(|text| parse_time(text));
        let name = credential.display_name.known().or(credential.key_id.known());
        if let Some(end) = end.filter(|end| *end >= now) {
            ends.entry(end)
                .or_insert_with(|| name.cloned().unwrap_or_else(|| "without a name".to_owned()));
        }
    }
    let Some((&last, _)) = ends.last_key_value() else {
        return Vec::new();
    };
    let name = principal.display_name.known().or(principal.app_id.known());
    let name = name.cloned().unwrap_or_default();
    ends.into_iter()
        .map(|(end, key)| Event {
            kind: sort.kind,
            words: if end == last { sort.words } else { sort.spare },
            at: Some(end),
            values: vec![("name", name.clone()), ("key", key), ("last", day_of(last))],
            evidence: seen(sort.property, end.to_string(), section, read_at),
        })
        .collect()
}
