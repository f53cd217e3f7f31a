//! The request table: one row for each request that a check makes. The collector, `plan` and the ledger all read it.
//!
//! The requests of a section stand in its row of [`crate::snapshot::SECTIONS`]; here they stand in one list, each with its
//! section. A row can be sent as soon as every `{placeholder}` of its path is known, so the rounds of a run follow from
//! the data.

use super::placeholders::placeholders;
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
pub use crate::snapshot::About;
use crate::snapshot::{Family, Part, SECTIONS, sections};

/// One request with the section that it feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The section that it feeds.
    pub section: &'static str,
    /// Which part of the section.
    pub part: Part,
    /// Who answers.
    pub service: Service,
    /// Path and query with placeholders, unencoded. `checkMemberGroups` and `evaluate` are the two POSTs.
    pub path: &'static str,
    /// Headers besides the usual ones.
    pub headers: &'static [(&'static str, &'static str)],
    /// Which kind of account it is for.
    pub about: About,
    /// Which of Graph's limits it counts against.
    pub family: Family,
    /// The smallest permission that reads it: a Graph scope, or a Dataverse privilege.
    pub permission: Option<&'static str>,
    /// Whether Microsoft Graph in China has it.
    pub is_in_china: bool,
}

/// The privileges that are asked for by name: what the rules look at, and what Work 365's jobs use (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges>). Every
/// environment has them: what is answered for a name that one does not have, as those of the sales tables, is not documented.
pub const PRIVILEGES: [&str; 16] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadOrganization",
    "prvWriteUser",
    "prvAssignRole",
    "prvReadTeam",
    "prvReadBusinessUnit",
    "prvReadUserSettings",
    "prvReadFieldSecurityProfile",
    "prvReadAccount",
    "prvWriteAccount",
    "prvCreateAccount",
    "prvReadContact",
    "prvWriteContact",
    "prvReadWorkflow",
    "prvCreateWorkflow",
];

impl Read {
    /// Whether it is one of the read-only POSTs `checkMemberGroups` and `evaluate`.
    pub fn is_post(&self) -> bool {
        self.path.ends_with("/checkMemberGroups") || self.path.ends_with("/evaluate")
    }

    /// Whether it wants what the servers have cached: a batch with reads that want the newest would spoil it.
    pub(crate) fn is_cached(&self) -> bool {
        self.section == sections::USER_PRIVILEGES_CACHED
    }

    /// Whether the service's token goes along: the sign-in service and the environment's challenge need none.
    pub fn is_signed(&self) -> bool {
        self.service != Service::Login && self.section != sections::CHALLENGE
    }

    /// Whether a cloud has it. What China lacks is what its metadata does not have.
    pub fn is_in(&self, cloud: Cloud) -> bool {
        self.is_in_china || cloud != Cloud::China
    }

    /// Whether it is a log, which is read from the newest entry on and may be cut.
    pub(crate) fn is_log(&self) -> bool {
        self.family == Family::Reports
    }
}

const COUNT: usize = {
    let (mut section, mut count) = (0, 0);
    while section < SECTIONS.len() {
        count += SECTIONS[section].requests.len();
        section += 1;
    }
    count
};

const fn all() -> [Read; COUNT] {
    let mut reads = [Read {
        section: "",
        part: Part::Main,
        service: Service::Login,
        path: "",
        headers: &[],
        about: About::Both,
        family: Family::None,
        permission: None,
        is_in_china: true,
    }; COUNT];
    let (mut section, mut next) = (0, 0);
    while section < SECTIONS.len() {
        let info = SECTIONS[section];
        let mut request = 0;
        while request < info.requests.len() {
            let asked = info.requests[request];
            reads[next] = Read {
                section: info.name,
                part: asked.part,
                service: asked.service,
                path: asked.path,
                headers: asked.headers,
                about: asked.about,
                family: asked.family,
                permission: match asked.permission {
                    Some(own) => Some(own),
                    None => info.permission,
                },
                is_in_china: info.is_in_china,
            };
            next += 1;
            request += 1;
        }
        section += 1;
    }
    reads
}

static ALL: [Read; COUNT] = all();

/// Every request, in the order of the sections.
pub static READS: &[Read] = &ALL;

/// What a placeholder stands for, for `plan` and for the detail of a read that could not be sent.
pub fn meaning(placeholder: &str) -> &'static str {
    match placeholder {
        "account" | "account_without_id" => "the account's UPN",
        "application" => "the application id",
        "tenant" => "the tenant",
        "since" => "the time thirty days ago",
        "domain" => "the account's domain",
        "object_id" | "unmatched_object_id" | "object_id_without_types" => "the account's object id",
        "audited" => "the object id of the account or of the Work 365 application",
        "group" => "a security group that restricts the environment",
        "service_principal" => "the Work 365 application in this tenant",
        "resource" => "a permission grant of the Work 365 application",
        "assigned_group" => "a group of the account that is assigned to the Work 365 application",
        "environment_id" => "the environment id",
        "operator" | "operator_without_set" => "the operator's user id in the environment",
        "unlisted_organization" => "the organization id of the environment",
        "whole_list" => "that nothing else names the environment",
        "row" | "row_without_set" | "directory_object" => "the account's row in the environment",
        "row_without_changes" => "that the audit table does not name what changed",
        "business_unit" => "the row's business unit",
        "team" => "a team of the row",
        "jobs_since" => "the time fourteen days ago",
        "definition_columns" => "that the table of tables cannot be filtered",
        "job_table" | "job_set" => "the table of Work 365's jobs",
        "job_columns" | "job_states" => "the columns of that table",
        "job_failed" | "job_open" | "job_succeeded" => "that there are such jobs",
        _ => "more than is known",
    }
}

/// The sections whose answers tell a placeholder; none for what is given.
fn sources(placeholder: &str) -> &'static [&'static str] {
    match placeholder {
        "tenant" => &[sections::CHALLENGE],
        "object_id" | "account_without_id" => &[sections::USER],
        "object_id_without_types" => &[sections::USER, sections::SIGN_INS],
        "audited" => &[
            sections::USER,
            sections::DELETED_USERS,
            sections::SERVICE_PRINCIPAL,
        ],
        "group" | "environment_id" | "whole_list" => &[sections::ENVIRONMENT],
        "unlisted_organization" => &[sections::ENVIRONMENT, sections::WHO_AM_I],
        "service_principal" => &[sections::SERVICE_PRINCIPAL],
        "resource" => &[sections::PERMISSION_GRANTS],
        "assigned_group" => &[sections::APP_ROLE_ASSIGNMENTS, sections::GROUP_MEMBERSHIPS],
        "operator" => &[sections::WHO_AM_I],
        "operator_without_set" => &[sections::WHO_AM_I, sections::OPERATOR_PRIVILEGES],
        "row_without_changes" => &[sections::USER, sections::SYSTEM_USERS, sections::USER_AUDIT],
        "row_without_set" => &[sections::USER, sections::SYSTEM_USERS, sections::USER_PRIVILEGES],
        "row" | "business_unit" | "unmatched_object_id" | "directory_object" => {
            &[sections::USER, sections::SYSTEM_USERS]
        }
        "team" => &[sections::USER_TEAMS],
        "definition_columns" | "job_table" => &[sections::WORK365_TABLES],
        "job_set" | "job_columns" | "job_states" | "job_failed" | "job_open" | "job_succeeded" => {
            &[sections::WORK365_TABLES, sections::WORK365_JOBS]
        }
        _ => &[],
    }
}

/// The sections that have to be answered before a request can be sent.
pub(crate) fn leads_to(read: &Read) -> impl Iterator<Item = &'static str> {
    // What the bodies of the POSTs are made of.
    let body: &[&str] = if read.is_post() {
        &["group", "object_id_without_types"]
    } else {
        &[]
    };
    leads_to_path(read).chain(body.iter().flat_map(|name| sources(name).iter().copied()))
}

/// The sections that tell what the request's path is made of.
fn leads_to_path(read: &Read) -> impl Iterator<Item = &'static str> {
    placeholders(read.path).flat_map(|name| sources(name).iter().copied())
}

/// Whether the answers of a section tell what else can be asked.
pub(crate) fn leads(section: &str) -> bool {
    READS.iter().flat_map(leads_to_path).any(|lead| lead == section)
}

/// The sections, and all whose answers lead to them; sorted.
pub fn with_leads(sections: Vec<&'static str>) -> Vec<&'static str> {
    let mut all: std::collections::BTreeSet<&'static str> = sections.into_iter().collect();
    loop {
        let leads: Vec<&'static str> = READS
            .iter()
            .filter(|read| all.contains(read.section))
            .flat_map(leads_to_path)
            .filter(|section| !all.contains(section))
            .collect();
        if leads.is_empty() {
            return all.into_iter().collect();
        }
        all.extend(leads);
    }
}

#[cfg(test)]
mod tests {
    use super::{READS, sources, with_leads};
    use crate::collect::requests::placeholders::placeholders;
    use crate::snapshot::SECTIONS;

    #[test]
    fn every_section_of_the_catalogue_has_its_requests_and_no_request_is_without_a_section() {
        let without_request = ["login.probe", "graph.operator"];
        for section in SECTIONS {
            let has_request = READS.iter().any(|read| read.section == section.name);
            assert_ne!(
                has_request,
                without_request.contains(&section.name),
                "{}",
                section.name
            );
        }
        for read in READS {
            assert!(
                crate::snapshot::section_info(read.section).is_some(),
                "{}",
                read.section
            );
        }
    }

    #[test]
    fn every_placeholder_has_a_meaning() {
        for read in READS {
            for name in placeholders(read.path) {
                let has_meaning = super::meaning(name) != super::meaning("?") || name == "privileges";
                assert!(has_meaning, "{name}");
            }
        }
    }

    #[test]
    fn every_placeholder_is_given_or_has_its_sources() {
        let given = [
            "account",
            "application",
            "domain",
            "since",
            "jobs_since",
            "privileges",
        ];
        for name in READS.iter().flat_map(|read| placeholders(read.path)) {
            assert_eq!(sources(name).is_empty(), given.contains(&name), "{name}");
            for section in sources(name) {
                assert!(READS.iter().any(|read| read.section == *section), "{section}");
            }
        }
    }

    #[test]
    fn leads_are_followed_to_their_beginning() {
        assert_eq!(
            with_leads(vec!["graph.grant_resources"]),
            [
                "graph.grant_resources",
                "graph.permission_grants",
                "graph.service_principal"
            ]
        );
        assert_eq!(
            with_leads(vec!["graph.named_locations"]),
            ["graph.named_locations"]
        );
    }
}
