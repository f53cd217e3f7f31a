//! The table "what Dataverse, Graph and Work 365 need, and what this token has".

use super::report::{Need, Service, TokenReport};
use crate::embedded;
use crate::well_known::{DATAVERSE_APPLICATION, GRAPH_APPLICATION, WORK_365_APPLICATIONS};

const NEEDS: &str = "rules/errors/tables/token-needs.csv";

impl Service {
    /// The service that an audience names.
    pub fn of(audience: &str, environment: Option<&str>) -> Option<Self> {
        let audience = origin(audience);
        let host = audience
            .split_once("://")
            .map_or(audience.as_str(), |(_, host)| host);
        if host == GRAPH_APPLICATION
            || host == "graph.microsoft.com"
            || host.starts_with("graph.microsoft.")
            || host == "dod-graph.microsoft.us"
        {
            return Some(Self::Graph);
        }
        let dynamics = [
            ".dynamics.com",
            ".crm.appsplatform.us",
            ".microsoftdynamics.us",
            ".dynamics.cn",
        ];
        let known = dynamics.iter().any(|suffix| host.ends_with(suffix)) || host == DATAVERSE_APPLICATION;
        (known || environment.is_some_and(|environment| origin(environment) == audience))
            .then_some(Self::Dataverse)
    }

    /// The word that tables use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dataverse => "dataverse",
            Self::Graph => "graph",
            Self::Work365 => "work-365",
        }
    }
}

/// Every need, met or not.
pub(super) fn of(report: &TokenReport, environment: Option<&str>) -> Vec<Need> {
    embedded::text(NEEDS)
        .lines()
        .skip(1)
        .filter_map(|row| {
            let mut fields = row.splitn(3, ',');
            let (service, requirement, needed) = (fields.next()?, fields.next()?, fields.next()?);
            let service = match service {
                "dataverse" => Service::Dataverse,
                "graph" => Service::Graph,
                _ => Service::Work365,
            };
            let (has, met) = judge(report, environment, service, requirement);
            Some(Need {
                service,
                requirement: requirement.to_owned(),
                needed: needed.to_owned(),
                has,
                met,
            })
        })
        .collect()
}

fn judge(
    report: &TokenReport,
    environment: Option<&str>,
    service: Service,
    requirement: &str,
) -> (String, Option<bool>) {
    match requirement {
        "audience" => {
            let Some(audience) = &report.audience else {
                return (String::new(), None);
            };
            let fits = match (service, environment) {
                (Service::Dataverse, Some(environment)) => origin(environment) == origin(audience),
                _ => report.service == Some(service),
            };
            (audience.clone(), Some(fits))
        }
        "lifetime" => {
            let until = report.expires_at.clone().unwrap_or_default();
            (until, report.valid_now)
        }
        "permission" => permission(report, service),
        "application" => {
            let Some(id) = &report.application_id else {
                return (String::new(), None);
            };
            (
                id.clone(),
                Some(WORK_365_APPLICATIONS.contains(&id.to_ascii_lowercase().as_str())),
            )
        }
        "multifactor" => {
            let methods = &report.authentication_methods;
            let met = (!methods.is_empty())
                .then(|| methods.iter().any(|method| method == "mfa" || method == "ngcmfa"));
            (methods.join(" "), met)
        }
        _ => (String::new(), None),
    }
}

fn permission(report: &TokenReport, service: Service) -> (String, Option<bool>) {
    let has = |scope: &str| report.scopes.iter().any(|held| held.eq_ignore_ascii_case(scope));
    let shown = report
        .scopes
        .iter()
        .chain(&report.roles)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    let met = match (service, report.kind.as_deref()) {
        // Whether the application user exists stands in the environment, not in the token.
        (Service::Dataverse, Some("application")) => None,
        (Service::Dataverse, _) => Some(has("user_impersonation")),
        (Service::Graph, Some("application")) => Some(!report.roles.is_empty()),
        (Service::Graph, _) => Some(report.scopes.iter().any(|scope| scope.contains('.'))),
        (Service::Work365, _) => match report.service {
            Some(Service::Dataverse) if report.kind.as_deref() == Some("application") => None,
            Some(Service::Dataverse) => Some(has("user_impersonation")),
            Some(Service::Graph) => Some(has("User.Read")),
            _ => Some(false),
        },
    };
    (shown, met)
}

/// Scheme and host in lower case, without path and trailing slash.
fn origin(address: &str) -> String {
    let lower = address.trim().to_ascii_lowercase();
    match lower.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
        None => lower.trim_end_matches('/').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Service;

    #[test]
    fn audiences_name_their_service() {
        for (audience, service) in [
            ("https://contoso.crm4.dynamics.com/", Some(Service::Dataverse)),
            ("00000003-0000-0000-c000-000000000000", Some(Service::Graph)),
            ("https://graph.microsoft.com", Some(Service::Graph)),
            ("https://evil.example/graph.microsoft.com", None),
            ("https://dynamics.com.evil.example", None),
            ("https://management.azure.com", None),
        ] {
            assert_eq!(Service::of(audience, None), service, "{audience}");
        }
        assert_eq!(
            Service::of("http://127.0.0.1:9", Some("http://127.0.0.1:9/")),
            Some(Service::Dataverse)
        );
    }
}
