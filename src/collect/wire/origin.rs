//! Origins: scheme, host and port of a service, https unless the host is this machine.

use super::call::Service;
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
    pub(crate) fn known(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            is_loopback: false,
        }
    }

    /// The origin of an address as it stands in a browser, as `https://contoso.crm4.dynamics.com/main.aspx?appid=…`.
    ///
    /// # Errors
    ///
    /// A sentence when it is no address of a service.
    pub fn of_page(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let start = trimmed.find("://").map_or(0, |scheme| scheme + 3);
        let end = trimmed
            .get(start..)
            .and_then(|rest| rest.find(['/', '?', '#']))
            .map_or(trimmed.len(), |length| start + length);
        trimmed.get(..end).unwrap_or(trimmed).parse()
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
    pub(crate) fn is_plain(&self) -> bool {
        self.text.starts_with("http://")
    }

    /// The path and query of `url` when it lies at this origin.
    pub(crate) fn path_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let start = url.find("://")? + 3;
        let path = url.get(start + url.get(start..)?.find(['/', '?', '#'])?..)?;
        (path.starts_with('/') && Self::of_page(url).ok()? == *self).then_some(path)
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
        // A closing dot says that the name is whole, and the port of the scheme is the one that is meant anyway.
        let host = host.strip_suffix('.').unwrap_or(host);
        let default_port = if scheme == "http" { "80" } else { "443" };
        let port = port.filter(|port| *port != default_port);
        let is_name = |host: &str| {
            host.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
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

/// Where the services are.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The sign-in service.
    pub login: Origin,
    /// Microsoft Graph.
    pub graph: Origin,
    /// The environment.
    pub dataverse: Origin,
    /// The Power Platform admin API.
    pub admin: Origin,
}

impl Origins {
    /// The origin of one service.
    pub fn of(&self, service: Service) -> &Origin {
        match service {
            Service::Login => &self.login,
            Service::Graph => &self.graph,
            Service::Dataverse => &self.dataverse,
            Service::Admin => &self.admin,
        }
    }
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
    fn one_origin_has_one_spelling_and_an_address_may_be_pasted() {
        for text in [
            "https://contoso.crm4.dynamics.com",
            " HTTPS://Contoso.CRM4.dynamics.com:443/ ",
            "contoso.crm4.dynamics.com.",
            "https://contoso.crm4.dynamics.com/main.aspx?appid=a@b&pagetype=entitylist#x",
            "https://contoso.crm4.dynamics.com:443/api/data/v9.2/",
            "contoso.crm4.dynamics.com?x",
        ] {
            let origin = Origin::of_page(text).unwrap();
            assert_eq!(origin.as_str(), "https://contoso.crm4.dynamics.com", "{text}");
        }
        assert_eq!(
            Origin::of_page("http://localhost:80/x").unwrap().as_str(),
            "http://localhost"
        );
        for bad in [
            "https://name:password@contoso.crm4.dynamics.com/main.aspx",
            "https://contoso.crm4.dynamics.com\\@evil.example/",
            "https:///main.aspx",
            "https://contoso..dynamics.com/",
            "",
        ] {
            assert!(Origin::of_page(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_is_at_an_origin_only_when_host_and_port_are_its_own() {
        let origin: Origin = "https://graph.microsoft.com".parse().unwrap();
        assert_eq!(
            origin.path_of("https://graph.microsoft.com/v1.0/x?y"),
            Some("/v1.0/x?y")
        );
        assert_eq!(origin.path_of("https://Graph.microsoft.com:443/x"), Some("/x"));
        for other in [
            "https://graph.microsoft.com?/x",
            "https://graph.microsoft\u{ad}.com/x",
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com:444/",
            "http://graph.microsoft.com/",
            "https://graph.microsoft.com@evil.example/",
        ] {
            assert_eq!(origin.path_of(other), None, "{other}");
        }
    }
}
