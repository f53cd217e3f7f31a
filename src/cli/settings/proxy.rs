//! The way that requests take, as the HTTP client takes it from variables, told without a proxy's password.

use std::path::PathBuf;

/// The variables that name a proxy for https, in the order in which the HTTP client looks at them.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Schemes of proxies that the HTTP client knows.
const SCHEMES: [&str; 5] = ["http", "https", "socks4", "socks5", "socks5h"];

/// The file of trusted certificates that the HTTP client takes from `SSL_CERT_FILE`.
pub(crate) fn named_certificates() -> Option<PathBuf> {
    std::env::var_os("SSL_CERT_FILE")
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
}

/// Which way requests take, without the name and password that a proxy's address may hold; nothing where no proxy is named.
pub(crate) fn way() -> Option<String> {
    way_by(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
}

fn way_by(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (name, address) = PROXIES
        .into_iter()
        .find_map(|name| Some((name, variable(name)?)))?;
    let (scheme, rest) = address
        .trim()
        .split_once("://")
        .unwrap_or(("http", address.trim()));
    // Whatever stands before the last @ of the authority is a secret, also when it holds a slash.
    let (credentials, host) = rest
        .rsplit_once('@')
        .map_or((false, rest), |(_, host)| (true, host));
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    // The HTTP client leaves out what it cannot read, and what is left out may be a secret: it is not shown.
    if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) || !is_host(host) {
        return Some(format!(
            "{name} holds no address of a proxy, as http://proxy.example:8080, so requests go out directly"
        ));
    }
    let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(variable);
    if exceptions
        .as_deref()
        .is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*"))
    {
        return Some(format!(
            "{name} names a proxy, and the * of NO_PROXY makes an exception of every host: requests go out directly"
        ));
    }
    let signs_in = if credentials {
        ", with a sign-in of its own"
    } else {
        ""
    };
    let exceptions = if exceptions.is_some() {
        "; NO_PROXY makes exceptions"
    } else {
        ""
    };
    Some(format!(
        "requests go through the proxy {scheme}://{host} ({name}{signs_in}){exceptions}"
    ))
}

/// Whether a text is a host name or an address, with a port or without.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let is_name = |host: &str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_address = inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    is_port && !host.is_empty() && (is_address || is_name(host))
}

#[cfg(test)]
mod tests {
    use super::way_by;

    fn told(variables: &[(&str, &str)]) -> Option<String> {
        way_by(|wanted| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        assert_eq!(told(&[]), None);
        for address in [
            "http://name:canary@proxy.example:8080",
            "http://name:can@ry/canary@proxy.example:8080/",
            "name:canary@proxy.example:8080",
        ] {
            let text = told(&[("HTTPS_PROXY", address), ("NO_PROXY", "localhost")]).unwrap();
            assert!(
                text.contains("http://proxy.example:8080 (HTTPS_PROXY, with a sign-in"),
                "{text}"
            );
            assert!(
                text.contains("NO_PROXY") && !text.contains("canary") && !text.contains("name"),
                "{text}"
            );
        }
        let text = told(&[("all_proxy", "socks5h://proxy.example")]).unwrap();
        assert!(text.contains("socks5h://proxy.example (all_proxy)"), "{text}");
    }
    #[test]
    fn what_names_no_proxy_or_excepts_everything_is_said_and_not_shown() {
        for garbage in [
            "canary",
            "canary secret",
            "ftp://canary",
            "http://",
            "http://canary:70000",
            "://",
            "http://a b",
        ] {
            let told = told(&[("HTTPS_PROXY", garbage)]).unwrap();
            let is_name = garbage == "canary";
            assert_eq!(told.contains("holds no address"), !is_name, "{garbage}: {told}");
            assert!(is_name || !told.contains("canary"), "{told}");
        }
        for exceptions in ["*", "localhost, *"] {
            let variables = [
                ("HTTPS_PROXY", "http://proxy.example:8080"),
                ("no_proxy", exceptions),
            ];
            assert!(told(&variables).unwrap().ends_with("requests go out directly"));
        }
        let address = told(&[("HTTPS_PROXY", "http://[::1]:3128")]).unwrap();
        assert!(address.contains("http://[::1]:3128"), "{address}");
    }
}
