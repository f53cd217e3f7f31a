//! The five clouds: where each signs in, where its services are, and what a token for them is called.

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

/// Where one cloud's services are, and what a token for them is called.
struct Row {
    cloud: Cloud,
    /// The word in arguments and snapshots.
    name: &'static str,
    /// Where accounts sign in.
    login: &'static str,
    /// Microsoft Graph; also the audience of its tokens.
    graph: &'static str,
    /// The Power Platform admin API.
    admin: &'static str,
    /// Audience of a token for the admin API.
    admin_audience: &'static str,
    /// How the host names of environments end; the first that fits tells the cloud.
    environments: &'static str,
    /// The admin centers of Entra, Microsoft 365 and the Power Platform.
    portals: [&'static str; 3],
}

/// Sources: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud> for sign-in, Graph and the
/// admin center of Entra; the module Microsoft.PowerApps.Administration.PowerShell for the admin API and its audiences;
/// <https://learn.microsoft.com/power-platform/admin/powerapps-us-government> and
/// <https://learn.microsoft.com/power-platform/admin/about-microsoft-cloud-china> for the other admin centers.
const CLOUDS: [Row; 5] = [
    Row {
        cloud: Cloud::Gcc,
        name: "gcc",
        login: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
        admin: "https://gov.api.bap.microsoft.us",
        admin_audience: "https://gov.service.powerapps.us",
        environments: ".crm9.dynamics.com",
        portals: [
            "https://entra.microsoft.com",
            "https://admin.microsoft.com",
            "https://gcc.admin.powerplatform.microsoft.us",
        ],
    },
    Row {
        cloud: Cloud::Public,
        name: "public",
        login: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
        admin: "https://api.bap.microsoft.com",
        admin_audience: "https://service.powerapps.com",
        environments: ".dynamics.com",
        portals: [
            "https://entra.microsoft.com",
            "https://admin.microsoft.com",
            "https://admin.powerplatform.microsoft.com",
        ],
    },
    Row {
        cloud: Cloud::GccHigh,
        name: "gcc-high",
        login: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
        admin: "https://high.api.bap.microsoft.us",
        admin_audience: "https://high.service.powerapps.us",
        environments: ".microsoftdynamics.us",
        portals: [
            "https://entra.microsoft.us",
            "https://portal.office365.us",
            "https://high.admin.powerplatform.microsoft.us",
        ],
    },
    Row {
        cloud: Cloud::Dod,
        name: "dod",
        login: "https://login.microsoftonline.us",
        graph: "https://dod-graph.microsoft.us",
        admin: "https://api.bap.appsplatform.us",
        admin_audience: "https://service.apps.appsplatform.us",
        environments: ".appsplatform.us",
        portals: [
            "https://entra.microsoft.us",
            "https://portal.apps.mil",
            "https://admin.appsplatform.us",
        ],
    },
    Row {
        cloud: Cloud::China,
        name: "china",
        login: "https://login.partner.microsoftonline.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        admin: "https://api.bap.partner.microsoftonline.cn",
        admin_audience: "https://service.powerapps.cn",
        environments: ".dynamics.cn",
        portals: [
            "https://entra.microsoftonline.cn",
            "https://portal.partner.microsoftonline.cn",
            "https://admin.powerplatform.partner.microsoftonline.cn",
        ],
    },
];

impl Cloud {
    fn row(self) -> &'static Row {
        CLOUDS.iter().find(|row| row.cloud == self).unwrap_or(&CLOUDS[1])
    }

    /// The word in arguments and snapshots.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Where accounts of this cloud sign in.
    pub fn login(self) -> Origin {
        Origin::known(self.row().login)
    }

    /// Microsoft Graph of this cloud; also the audience of its tokens.
    pub fn graph(self) -> Origin {
        Origin::known(self.row().graph)
    }

    /// The Power Platform admin API of this cloud.
    pub fn admin(self) -> Origin {
        Origin::known(self.row().admin)
    }

    /// The admin centers of Entra, Microsoft 365 and the Power Platform in this cloud.
    pub fn portals(self) -> [&'static str; 3] {
        self.row().portals
    }

    /// Audience of a token for the admin API.
    pub fn admin_audience(self) -> &'static str {
        self.row().admin_audience
    }

    /// The cloud that an environment's host name belongs to; nothing for a host that says nothing, as a loopback one.
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        CLOUDS
            .iter()
            .find(|row| host.ends_with(row.environments))
            .map(|row| row.cloud)
    }
}

impl FromStr for Cloud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CLOUDS
            .iter()
            .find(|row| row.name == text)
            .map(|row| row.cloud)
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
    fn each_cloud_signs_in_at_its_own_host_for_its_own_audience() {
        let told: Vec<_> = super::CLOUDS
            .iter()
            .map(|row| (row.name, row.login, row.admin_audience))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "gcc",
                    "https://login.microsoftonline.com",
                    "https://gov.service.powerapps.us"
                ),
                (
                    "public",
                    "https://login.microsoftonline.com",
                    "https://service.powerapps.com"
                ),
                (
                    "gcc-high",
                    "https://login.microsoftonline.us",
                    "https://high.service.powerapps.us"
                ),
                (
                    "dod",
                    "https://login.microsoftonline.us",
                    "https://service.apps.appsplatform.us"
                ),
                (
                    "china",
                    "https://login.partner.microsoftonline.cn",
                    "https://service.powerapps.cn"
                ),
            ]
        );
        for row in super::CLOUDS {
            for portal in row.portals {
                let is_in_the_united_states = portal.ends_with(".us") || portal.ends_with(".mil");
                match row.cloud {
                    Cloud::China => assert!(portal.ends_with(".cn"), "{portal}"),
                    Cloud::GccHigh | Cloud::Dod => assert!(is_in_the_united_states, "{portal}"),
                    Cloud::Public => assert!(portal.ends_with(".com"), "{portal}"),
                    Cloud::Gcc => {}
                }
            }
        }
    }

    #[test]
    fn every_cloud_has_https_hosts_and_is_read_back_from_its_name() {
        for row in super::CLOUDS {
            let cloud = row.cloud;
            assert_eq!(row.name.parse(), Ok(cloud));
            for origin in [cloud.login(), cloud.graph(), cloud.admin()] {
                assert!(origin.as_str().starts_with("https://"), "{origin}");
            }
        }
    }
}
