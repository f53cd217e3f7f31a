//! Would the environment's IP firewall let Work 365 in? Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/organization>.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::profile::Profile;
use crate::snapshot::dataverse::Organization;
use crate::snapshot::graph::SignIn;

use crate::facts::context::Context;
use crate::facts::environment::linked::{is_set, organization_row};
use crate::facts::identity::subject::row;
use crate::facts::reading::{Reading, Reason, Unknown, all, any, read};
use crate::facts::sign_in::deciding::own_attempts;
use crate::facts::sign_in::entry::{is_by_person, time_of};
use crate::well_known::DATAVERSE_APPLICATION;

/// Whether Work 365's address is surely not allowed. That the check itself was refused because of its own address says
/// nothing about that of Work 365.
pub(crate) fn is_blocked_by_firewall(context: &Context<'_>) -> Reading<bool> {
    let organization = organization_row(context)?;
    let enforced = organization.enableipbasedfirewallrule.value();
    let only_audits = organization.enableipbasedfirewallruleinauditmode.value() == Some(&true);
    match enforced {
        None if organization.enableipbasedfirewallrule.is_missing() => {
            return Err(Unknown::silent(
                "dataverse.organization",
                "the answer does not say whether the IP firewall is on",
            ));
        }
        Some(true) if !only_audits => {}
        _ => return Ok(false),
    }
    all([
        is_let_past(context, organization).map(|let_past| !let_past),
        comes_from_outside(context, organization),
    ])
}

/// Whether an address of Work 365 is in none of the allowed ranges.
fn comes_from_outside(context: &Context<'_>, organization: &Organization) -> Reading<bool> {
    let addresses = caller_addresses(context)?;
    let ranges = Ranges::parse(organization.allowediprangeforfirewall.text().unwrap_or_default());
    if addresses.iter().all(|address| ranges.contain(*address)) {
        return Ok(false);
    }
    if is_set(&organization.allowedservicetagsforfirewall) || ranges.unreadable {
        return Err(Unknown::silent(
            "dataverse.organization",
            "the firewall also allows addresses that cannot be compared here (service tags)",
        ));
    }
    Ok(true)
}

/// The same in words.
pub(crate) fn firewall_finding(context: &Context<'_>) -> Reading<Option<String>> {
    if !is_blocked_by_firewall(context)? {
        return Ok(None);
    }
    let addresses = caller_addresses(context)?;
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let ranges = organization_row(context)?.allowediprangeforfirewall.text();
    Ok(Some(format!(
        "Work 365 comes from {}, and the allowed ranges are {}",
        addresses.join(", "),
        ranges.unwrap_or("none")
    )))
}

/// Application users may bypass the firewall, and so may single rows.
fn is_let_past(context: &Context<'_>, organization: &Organization) -> Reading<bool> {
    let as_application = match organization.allowapplicationuseraccess.value() {
        _ if !context.is(Profile::ApplicationUser) => Ok(false),
        None if organization.allowapplicationuseraccess.is_missing() => Err(Unknown::silent(
            "dataverse.organization",
            "the answer does not say whether application users are let in",
        )),
        allowed => Ok(allowed == Some(&true)),
    };
    let by_row = row(context).and_then(|row| match row {
        Some(row) if row.isallowedbyipfirewall.is_missing() => Err(Unknown::silent(
            "dataverse.system_users",
            "the row has no isallowedbyipfirewall",
        )),
        row => Ok(row.is_some_and(|row| row.isallowedbyipfirewall.value() == Some(&true))),
    });
    any([as_application, by_row])
}

/// Addresses that Work 365 comes from: the user's word, else its own successful sign-ins to Dataverse within a day of
/// the newest one. Refused attempts are left out: anybody can make those. So is a browser: a person sits elsewhere.
pub(crate) fn caller_addresses(context: &Context<'_>) -> Reading<Vec<IpAddr>> {
    if !context.expectations.addresses.is_empty() {
        return Ok(context.expectations.addresses.clone());
    }
    read(&context.evidence().sign_ins)?;
    let mut seen: Vec<(Timestamp, IpAddr)> = own_attempts(context)?
        .iter()
        .filter(|own| own.code == 0)
        .filter_map(|own| own.entry)
        .filter(|entry| is_to_dataverse(entry) && !is_by_person(entry))
        .filter_map(|entry| Some((time_of(entry)?, entry.ip_address.text()?.parse().ok()?)))
        .collect();
    seen.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let Some((newest, _)) = seen.first().copied() else {
        return Err(Unknown::because(
            "graph.sign_ins",
            Reason::Absent,
            "no successful sign-in of Work 365 to Dataverse is recorded; name Work 365's address with --ip",
        ));
    };
    let mut addresses: Vec<IpAddr> = Vec::new();
    for (time, address) in seen {
        if newest.duration_since(time) <= SignedDuration::from_hours(24) && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

fn is_to_dataverse(entry: &SignIn) -> bool {
    let resource = entry.resource_id.text();
    resource.is_none_or(|id| id.eq_ignore_ascii_case(DATAVERSE_APPLICATION))
}

/// The allowed addresses, as the firewall's setting lists them.
#[derive(Debug, Default)]
struct Ranges {
    ranges: Vec<(IpAddr, u8)>,
    /// Something in the list is no address.
    unreadable: bool,
}

impl Ranges {
    fn parse(text: &str) -> Self {
        let mut parsed = Ranges::default();
        let items = text.split([',', ';']).flat_map(str::split_whitespace);
        for item in items {
            match range(item) {
                Some(range) => parsed.ranges.push(range),
                None => parsed.unreadable = true,
            }
        }
        parsed
    }

    fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.ranges
            .iter()
            .any(|(network, prefix)| match (network, address) {
                (IpAddr::V4(network), IpAddr::V4(address)) => {
                    let mask = u32::MAX.checked_shl(32 - u32::from(*prefix)).unwrap_or(0);
                    u32::from(*network) & mask == u32::from(address) & mask
                }
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    let mask = u128::MAX.checked_shl(128 - u32::from(*prefix)).unwrap_or(0);
                    u128::from(*network) & mask == u128::from(address) & mask
                }
                _ => false,
            })
    }
}

/// `203.0.113.0/24`, or one address.
fn range(item: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = item
        .split_once('/')
        .map_or((item, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= longest)?,
        None => longest,
    };
    Some((address, prefix))
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn ranges_hold_their_addresses_and_no_others() {
        let ranges = Ranges::parse("203.0.113.0/24, 198.51.100.7;2001:db8::/32");
        for inside in [
            "203.0.113.0",
            "203.0.113.255",
            "198.51.100.7",
            "2001:db8::1",
            "::ffff:203.0.113.9",
        ] {
            assert!(ranges.contain(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["203.0.114.0", "198.51.100.8", "2001:db9::1"] {
            assert!(!ranges.contain(outside.parse().unwrap()), "{outside}");
        }
        assert!(!ranges.unreadable);
        assert!(Ranges::parse("0.0.0.0/0").contain("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn an_entry_that_is_no_range_is_noticed() {
        assert!(Ranges::parse("203.0.113.0/33").unreadable);
        assert!(Ranges::parse("office").unreadable);
        assert!(Ranges::parse("").ranges.is_empty());
    }
}
