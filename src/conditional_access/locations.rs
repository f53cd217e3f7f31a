//! Where a sign-in comes from: named locations by address and by country, trusted locations.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::list::{List, has_more_pages, list};
use super::policy::Policy;
use super::sign_in::SignIn;
use super::truth::{MatchKind, Missing, Truth};

/// Id of the pseudo-location "MFA trusted IPs".
const MFA_TRUSTED_IPS: &str = "00000000-0000-0000-0000-000000000000";

/// The tenant's named locations by id.
#[derive(Debug, Clone)]
pub(super) struct NamedLocations {
    by_id: BTreeMap<String, NamedLocation>,
    complete: bool,
}

#[derive(Debug, Clone)]
struct NamedLocation {
    /// Display name, or the id where there is none.
    name: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Addresses {
        trusted: bool,
        ranges: Vec<Range>,
        all_readable: bool,
    },
    Countries {
        /// Nothing when it was not said.
        countries: Option<List>,
        by_gps: bool,
    },
    Unrecognised,
}

impl NamedLocations {
    pub(super) fn parse(body: &Value) -> Option<Self> {
        let list = body.get("value")?.as_array()?;
        let entries = list.iter().filter_map(|location| {
            let id = location.get("id")?.as_str()?;
            let name = location
                .get("displayName")
                .and_then(Value::as_str)
                .unwrap_or(id)
                .to_owned();
            Some((
                id.to_ascii_lowercase(),
                NamedLocation {
                    name,
                    place: Place::parse(location),
                },
            ))
        });
        let by_id: BTreeMap<_, _> = entries.collect();
        let complete = by_id.len() == list.len() && !has_more_pages(body);
        Some(Self { by_id, complete })
    }
}

impl Place {
    fn parse(location: &Value) -> Self {
        let kind = location
            .get("@odata.type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if kind.ends_with("ipNamedLocation") || location.get("ipRanges").is_some() {
            let raw = location
                .get("ipRanges")
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            let ranges: Vec<Range> = raw.iter().filter_map(Range::parse).collect();
            Self::Addresses {
                // The documented default is false (Source: Graph, ipNamedLocation).
                trusted: location
                    .get("isTrusted")
                    .and_then(Value::as_bool)
                    .unwrap_or(false),
                all_readable: ranges.len() == raw.len() && location.get("ipRanges").is_some(),
                ranges,
            }
        } else if kind.ends_with("countryNamedLocation") || location.get("countriesAndRegions").is_some() {
            match location.get("countryLookupMethod").and_then(Value::as_str) {
                // The documented default (Source: Graph, countryNamedLocation).
                None | Some("clientIpAddress") => Self::countries(location, false),
                Some("authenticatorAppGps") => Self::countries(location, true),
                Some(_) => Self::Unrecognised,
            }
        } else {
            Self::Unrecognised
        }
    }

    fn countries(location: &Value, by_gps: bool) -> Self {
        let countries = location
            .get("countriesAndRegions")
            .map(|countries| list("countriesAndRegions", Some(countries)));
        Self::Countries { countries, by_gps }
    }
}

impl NamedLocation {
    fn is_trusted(&self) -> bool {
        matches!(self.place, Place::Addresses { trusted: true, .. })
    }

    fn contains(&self, sign_in: &SignIn) -> Truth {
        match &self.place {
            Place::Addresses {
                ranges, all_readable, ..
            } => match sign_in.ip {
                None => Truth::unknown(Missing::Ip),
                Some(ip) if ranges.iter().any(|range| range.contains(ip)) => {
                    Truth::included(MatchKind::Location, &self.name)
                }
                Some(_) if *all_readable => Truth::NOT_INCLUDED,
                Some(_) => Truth::unknown(Missing::NamedLocations),
            },
            Place::Countries { by_gps: true, .. } => Truth::unknown(Missing::GpsLocation),
            Place::Countries { countries: None, .. } => Truth::unknown(Missing::NamedLocations),
            Place::Countries {
                countries: Some(countries),
                ..
            } => match &sign_in.country {
                None => Truth::unknown(Missing::Country),
                Some(country) => countries.any(|listed| {
                    Truth::when(
                        listed.eq_ignore_ascii_case(country),
                        MatchKind::Location,
                        &self.name,
                    )
                }),
            },
            Place::Unrecognised => Truth::unknown(Missing::NamedLocations),
        }
    }
}

/// Whether a policy that names this location by id would match the sign-in; for the smallest change.
pub(super) fn matching_ids(locations: &NamedLocations, sign_in: &SignIn) -> Vec<String> {
    let matching = locations.by_id.iter().filter(|(_, location)| {
        matches!(location.place, Place::Addresses { .. })
            && matches!(location.contains(sign_in), Truth::Yes(..))
    });
    matching.map(|(id, _)| id.clone()).collect()
}

pub(super) fn judge(policy: &Policy, locations: Option<&NamedLocations>, sign_in: &SignIn) -> Truth {
    let Some(selection) = policy
        .locations
        .as_ref()
        .filter(|selection| !selection.is_empty())
    else {
        return Truth::NOT_CONFIGURED;
    };
    let selected = |list: &List, trusted: &dyn Fn() -> Truth| {
        list.any(|item| match item {
            "All" => Truth::included(MatchKind::All, item),
            "AllTrusted" => trusted(),
            MFA_TRUSTED_IPS => mfa_trusted(sign_in),
            _ => match locations.and_then(|locations| locations.by_id.get(&item.to_ascii_lowercase())) {
                Some(location) => location.contains(sign_in),
                None => Truth::unknown(Missing::NamedLocations),
            },
        })
    };
    let named = || trusted(locations, sign_in);
    let named_or_open = || Truth::any([named(), mfa_trusted(sign_in)]);
    let include = if selection.include.is_empty() {
        selection.include.unrecognised("")
    } else {
        selected(&selection.include, &named_or_open)
    };
    Truth::within(include, selected(&selection.exclude, &named))
}

/// The trusted named locations. Where there is none, "all trusted" can only mean the MFA trusted addresses.
fn trusted(locations: Option<&NamedLocations>, sign_in: &SignIn) -> Truth {
    let Some(locations) = locations else {
        return Truth::unknown(Missing::NamedLocations);
    };
    if sign_in.mfa_trusted_ip == Some(true) {
        return Truth::included(MatchKind::TrustedLocations, "AllTrusted");
    }
    let trusted: Vec<_> = locations
        .by_id
        .values()
        .filter(|location| location.is_trusted())
        .collect();
    let open = (!locations.complete).then(|| Truth::unknown(Missing::NamedLocations));
    let nameless = trusted.is_empty().then(|| mfa_trusted(sign_in));
    Truth::any(
        trusted
            .iter()
            .map(|location| location.contains(sign_in))
            .chain(open)
            .chain(nameless),
    )
}

/// MFA trusted addresses are IPv4 only.
fn mfa_trusted(sign_in: &SignIn) -> Truth {
    match (sign_in.mfa_trusted_ip, sign_in.ip.map(|ip| ip.to_canonical())) {
        (Some(inside), _) => Truth::when(inside, MatchKind::TrustedLocations, "MFA trusted IPs"),
        (None, Some(IpAddr::V6(_))) => Truth::NOT_INCLUDED,
        (None, _) => Truth::unknown(Missing::MfaTrustedIps),
    }
}

/// An address range in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    network: IpAddr,
    prefix: u32,
}

impl Range {
    fn parse(raw: &Value) -> Option<Self> {
        let cidr = raw.get("cidrAddress")?.as_str()?.trim();
        let (network, prefix) = match cidr.split_once('/') {
            Some((network, prefix)) => (network.parse().ok()?, prefix.parse().ok()?),
            None => (cidr.parse().ok()?, u32::MAX),
        };
        let bits = if matches!(network, IpAddr::V4(_)) { 32 } else { 128 };
        let prefix = if prefix == u32::MAX { bits } else { prefix };
        (prefix <= bits).then_some(Self { network, prefix })
    }

    fn contains(&self, ip: IpAddr) -> bool {
        let differing = match (self.network, ip.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.prefix
    }
}
