//! Origins: scheme, host and port of a service, https unless the host is this machine.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An origin without a path, as `https://contoso.crm4.dynamics.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    is_loopback: bool,
}

impl Origin {
    /// An origin that is written in this program.
    pub(super) fn known(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            is_loopback: false,
        }
    }

    /// The origin as text, without a closing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host, without the port.
    pub fn host(&self) -> &str {
        let rest = self
            .text
            .split_once("://")
            .map_or(self.text.as_str(), |(_, rest)| rest);
        split_port(rest).0
    }

    /// Whether it is this machine: 127.0.0.0/8, `[::1]` or `localhost`.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whether the scheme is plain http, which only loopback origins have.
    pub(super) fn is_plain(&self) -> bool {
        self.text.starts_with("http://")
    }

    /// The path and query of `url` when it lies at this origin.
    pub(super) fn path_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let head = url.get(..self.text.len())?;
        let path = url.get(self.text.len()..)?;
        (head.eq_ignore_ascii_case(&self.text) && path.starts_with('/')).then_some(path)
    }
}

impl FromStr for Origin {
    type Err = String;

    /// Reads `https://host`, `https://host:port` or, for this machine, the same with `http`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Before an @ stands a name, and often a password.
        let shown = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
        let wrong = |why: &str| format!("`{shown}` {why}");
        let trimmed = text.trim().trim_end_matches('/');
        let (scheme, rest) = match trimmed.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), trimmed),
        };
        if rest.contains(['/', '?', '#', '@', '\\']) {
            return Err(wrong(
                "is no origin: give scheme and host only, as https://contoso.crm4.dynamics.com",
            ));
        }
        let (host, port) = split_port(rest);
        let is_name = |host: &str| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        };
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match address {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => is_name(host),
        };
        if !is_host || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(wrong("has no valid host name"));
        }
        let is_loopback = is_loopback(address.unwrap_or(host));
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => {
                return Err(wrong(
                    "is plain http, which is accepted for loopback addresses only",
                ));
            }
            _ => return Err(wrong("has a scheme other than https")),
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self {
            text: format!("{scheme}://{}{port}", host.to_ascii_lowercase()),
            is_loopback,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:99",
            "https://contoso.crm4.dynamics.com/",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "http://contoso.crm4.dynamics.com",
            "http://128.0.0.1",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "ftp://127.0.0.1",
            "https://host/path",
            "https://host:99999",
            "https://",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_is_at_an_origin_only_when_host_and_port_are_its_own() {
        let origin: Origin = "https://graph.microsoft.com".parse().unwrap();
        assert_eq!(
            origin.path_of("https://graph.microsoft.com/v1.0/x?y"),
            Some("/v1.0/x?y")
        );
        for other in [
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com:444/",
            "http://graph.microsoft.com/",
            "https://graph.microsoft.com@evil.example/",
        ] {
            assert_eq!(origin.path_of(other), None, "{other}");
        }
    }
}
