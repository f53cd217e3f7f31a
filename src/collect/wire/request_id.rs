//! The id that each request carries, so that Microsoft support can find it (<https://learn.microsoft.com/graph/best-practices-concept>).

use std::fmt::Write as _;

use super::call::Service;

/// A random id in the form of a UUID; none when the operating system has no randomness to give.
pub(crate) fn fresh() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    // Version 4, variant 1: a service may refuse an id that is no UUID.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

/// The headers that carry the id to a service. Graph and the sign-in service have one name for it, the environment and the
/// admin API another.
pub(crate) fn headers(service: Service) -> &'static [(&'static str, Value)] {
    match service {
        Service::Login => &[("client-request-id", Value::Id)],
        Service::Graph => &[
            ("client-request-id", Value::Id),
            ("return-client-request-id", Value::True),
        ],
        Service::Dataverse | Service::Admin => &[("x-ms-client-request-id", Value::Id)],
    }
}

/// What a header of [`headers`] holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// The id itself.
    Id,
    /// `true`.
    True,
}

/// A text with the id behind it, for the detail of a section.
pub(crate) fn signed(text: &str, id: Option<&str>) -> String {
    match id {
        Some(id) if text.is_empty() => format!("client-request-id {id}"),
        Some(id) => format!("{text} (client-request-id {id})"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{fresh, signed};
    use crate::text::is_guid;

    #[test]
    fn every_id_is_a_uuid_of_its_own() {
        let (first, second) = (fresh().unwrap(), fresh().unwrap());
        assert!(is_guid(&first) && is_guid(&second), "{first} {second}");
        assert_ne!(first, second);
        assert_eq!(first.as_bytes()[14], b'4');
    }

    #[test]
    fn the_id_stands_behind_what_went_wrong() {
        assert_eq!(signed("HTTP 500", Some("1")), "HTTP 500 (client-request-id 1)");
        assert_eq!(signed("", Some("1")), "client-request-id 1");
        assert_eq!(signed("HTTP 500", None), "HTTP 500");
    }
}
