//! The five clouds: where each signs in, where its services are, and what a token for them is called.
//!
//! Source: api-facts section 2.

use std::fmt;
use std::str::FromStr;

use super::origin::Origin;

/// One of Microsoft's clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cloud {
    /// Worldwide.
    #[default]
    Public,
    /// US Government Community Cloud: worldwide sign-in and Graph, its own Power Platform.
    Gcc,
    /// US Government, high.
    GccHigh,
    /// US Department of Defense.
    Dod,
    /// China, operated by 21Vianet.
    China,
}

/// Name, sign-in host, Graph host, admin API host, audience of the admin API.
const CLOUDS: [(Cloud, &str, &str, &str, &str, &str); 5] = [
    (
        Cloud::Public,
        "public",
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "https://api.bap.microsoft.com",
        "https://service.powerapps.com",
    ),
    (
        Cloud::Gcc,
        "gcc",
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "https://gov.api.bap.microsoft.us",
        "https://service.powerapps.us",
    ),
    (
        Cloud::GccHigh,
        "gcc-high",
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us",
        "https://high.api.bap.microsoft.us",
        "https://high.service.apps.appsplatform.us",
    ),
    (
        Cloud::Dod,
        "dod",
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        "https://api.bap.appsplatform.us",
        "https://service.apps.appsplatform.us",
    ),
    (
        Cloud::China,
        "china",
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://api.bap.partner.microsoftonline.cn",
        "https://service.powerapps.cn",
    ),
];

impl Cloud {
    fn row(
        self,
    ) -> &'static (
        Cloud,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ) {
        CLOUDS
            .iter()
            .find(|(cloud, ..)| *cloud == self)
            .unwrap_or(&CLOUDS[0])
    }

    /// The word in arguments and snapshots.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Where accounts of this cloud sign in.
    pub fn login(self) -> Origin {
        Origin::known(self.row().2)
    }

    /// Microsoft Graph of this cloud; also the audience of its tokens.
    pub fn graph(self) -> Origin {
        Origin::known(self.row().3)
    }

    /// The Power Platform admin API of this cloud.
    pub fn admin(self) -> Origin {
        Origin::known(self.row().4)
    }

    /// Audience of a token for the admin API.
    pub fn admin_audience(self) -> &'static str {
        self.row().5
    }

    /// The cloud that an environment's host name belongs to; nothing for a host that says nothing, as a loopback one.
    pub fn of_host(host: &str) -> Option<Self> {
        [
            (".crm9.dynamics.com", Cloud::Gcc),
            (".dynamics.com", Cloud::Public),
            (".microsoftdynamics.us", Cloud::GccHigh),
            (".appsplatform.us", Cloud::Dod),
            (".dynamics.cn", Cloud::China),
        ]
        .into_iter()
        .find(|(suffix, _)| host.to_ascii_lowercase().ends_with(suffix))
        .map(|(_, cloud)| cloud)
    }
}

impl FromStr for Cloud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CLOUDS
            .iter()
            .find(|(_, name, ..)| *name == text)
            .map(|(cloud, ..)| *cloud)
            .ok_or_else(|| {
                format!("no cloud is called `{text}`; there are public, gcc, gcc-high, dod and china")
            })
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Cloud;

    #[test]
    fn the_environments_host_tells_the_cloud() {
        for (host, cloud) in [
            ("contoso.crm4.dynamics.com", Some(Cloud::Public)),
            ("contoso.crm9.dynamics.com", Some(Cloud::Gcc)),
            ("contoso.crm.microsoftdynamics.us", Some(Cloud::GccHigh)),
            ("contoso.crm.appsplatform.us", Some(Cloud::Dod)),
            ("contoso.crm.dynamics.cn", Some(Cloud::China)),
            ("127.0.0.1", None),
        ] {
            assert_eq!(Cloud::of_host(host), cloud, "{host}");
        }
    }

    #[test]
    fn every_cloud_has_https_hosts_and_is_read_back_from_its_name() {
        for (cloud, name, ..) in super::CLOUDS {
            assert_eq!(name.parse(), Ok(cloud));
            for origin in [cloud.login(), cloud.graph(), cloud.admin()] {
                assert!(origin.as_str().starts_with("https://"), "{origin}");
            }
        }
    }
}
