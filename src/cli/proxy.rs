//! The proxy that the HTTP client will use, told without its password.

/// The variables that name a proxy for https, in the order in which the HTTP client looks at them.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The proxy in use, without the name and password that its address may hold.
pub(super) fn proxy(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
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
    let signs_in = if credentials {
        ", with a sign-in of its own"
    } else {
        ""
    };
    let exceptions = ["NO_PROXY", "no_proxy"]
        .into_iter()
        .any(|name| variable(name).is_some());
    let exceptions = if exceptions {
        "; NO_PROXY makes exceptions"
    } else {
        ""
    };
    Some(format!("{scheme}://{host} ({name}{signs_in}){exceptions}"))
}

#[cfg(test)]
mod tests {
    use super::proxy;

    fn told(variables: &[(&str, &str)]) -> Option<String> {
        proxy(|wanted| {
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
}
