//! IP addresses: replaced so that two addresses share exactly as many leading bits as before. An address that lay in
//! a named range or an allow list still does, one that lay outside still does not.
//!
//! Source: Xu, Fan, Ammar, Moon, "Prefix-preserving IP address anonymization" (2002), with HMAC for the block cipher.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pseudonym::{Kind, Pseudonyms};

/// An address or a range (`192.0.2.0/24`), if `text` is one.
pub(super) fn replaced(pseudonyms: &mut Pseudonyms, text: &str) -> Option<String> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    // A zone (`fe80::1%eth0`) is no part of the address.
    let address: IpAddr = address.split('%').next()?.parse().ok()?;
    if address.is_loopback() || address.is_unspecified() && prefix.is_none() {
        return Some(text.to_owned());
    }
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.filter(|prefix| *prefix <= bits);
    let number = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let mut other = permuted(pseudonyms, number, bits);
    if let Some(prefix) = prefix {
        // The host bits of a range say nothing; those of the original stay.
        let host = 1_u128
            .checked_shl(u32::from(bits - prefix))
            .map_or(u128::MAX, |size| size - 1);
        other = (other & !host) | (number & host);
    }
    let address: IpAddr = match u32::try_from(other) {
        Ok(other) if bits == 32 => Ipv4Addr::from(other).into(),
        _ => Ipv6Addr::from(other).into(),
    };
    let shown = prefix.map_or(address.to_string(), |prefix| format!("{address}/{prefix}"));
    pseudonyms.remember(Kind::Address, text.to_lowercase(), shown.clone());
    Some(shown)
}

/// Each bit is flipped or not by a keyed function of the bits before it.
fn permuted(pseudonyms: &Pseudonyms, number: u128, bits: u8) -> u128 {
    let mut result = 0_u128;
    for position in 0..bits {
        let shift = bits - 1 - position;
        let before = number.checked_shr(u32::from(shift) + 1).unwrap_or(0);
        let mut input = before.to_be_bytes().to_vec();
        input.extend([position, bits]);
        let flip = pseudonyms.digest("address", &input)[0] & 1;
        let bit = (number >> shift) & 1;
        result |= (bit ^ u128::from(flip)) << shift;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::replaced;
    use crate::snapshot::redact::pseudonym::{CaseKey, Pseudonyms};

    fn all(texts: &[&str]) -> Vec<String> {
        let mut pseudonyms = Pseudonyms::new(&CaseKey::new("case"));
        texts
            .iter()
            .map(|text| replaced(&mut pseudonyms, text).unwrap())
            .collect()
    }

    #[test]
    fn an_address_stays_in_its_range_and_outside_of_others() {
        let found = all(&["192.0.2.0/24", "192.0.2.77", "192.0.3.77"]);
        let network = found[0].strip_suffix(".0/24").unwrap();
        assert!(found[1].starts_with(network), "{found:?}");
        assert!(!found[2].starts_with(&format!("{network}.")), "{found:?}");
        assert_ne!(found[1], "192.0.2.77");
    }

    #[test]
    fn six_and_the_edges_work_too() {
        let found = all(&[
            "2001:db8:1::/48",
            "2001:db8:1::7",
            "0.0.0.0/0",
            "::1",
            "127.0.0.1",
            "203.0.113.7/32",
        ]);
        let network = found[0].strip_suffix("::/48").unwrap();
        assert!(found[1].starts_with(network), "{found:?}");
        assert_eq!(found[2], "0.0.0.0/0");
        assert_eq!(&found[3..5], ["::1", "127.0.0.1"]);
        assert!(found[5].ends_with("/32"));
    }

    #[test]
    fn other_text_is_no_address() {
        let mut pseudonyms = Pseudonyms::new(&CaseKey::new("case"));
        for text in ["9.2.26014.00150", "08:00:00", "a/b", "1.2.3", "10.0.0.1/x"] {
            assert_eq!(replaced(&mut pseudonyms, text), None, "{text}");
        }
    }
}
