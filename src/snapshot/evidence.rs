//! The typed sections, each with its outcome: what rules judge.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

use super::field::OneOrMany;
use super::parse::{SnapshotError, section_body};
use super::{Collection, Outcome, Section, Single, admin, dataverse, graph, login};

/// The answer to one question: a typed body, "there is none", or nothing readable.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The section's name.
    pub section: &'static str,
    /// When it was read, RFC 3339, if the snapshot says.
    pub read_at: Option<String>,
    /// The body, or why there is none.
    pub body: Result<T, Unread>,
}

/// Why a section has no body to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The service refused (401 or 403).
    Denied {
        /// Its status.
        http_status: Option<u16>,
        /// The service's error code, if it sent one.
        detail: Option<String>,
    },
    /// The service answered that there is no such thing.
    NotFound {
        /// Its status.
        http_status: Option<u16>,
    },
    /// Transport, 5xx, malformed.
    Failed {
        /// Its status.
        http_status: Option<u16>,
        /// What went wrong.
        detail: Option<String>,
    },
    /// Not asked, on purpose.
    Skipped {
        /// Why.
        detail: Option<String>,
    },
    /// The snapshot does not have the section.
    Absent,
}

impl<T> Answer<T> {
    /// The body when the service answered with one.
    pub fn ok(&self) -> Option<&T> {
        self.body.as_ref().ok()
    }

    /// Whether the service said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self.body, Err(Unread::NotFound { .. }))
    }
}

macro_rules! evidence {
    ($($(#[$meta:meta])* $field:ident : $section:literal => $kind:ty),* $(,)?) => {
        /// Every section that rules judge, typed.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Evidence { $($(#[$meta])* pub $field: Answer<$kind>),* }

        impl Evidence {
            pub(super) fn read(sections: &BTreeMap<String, Section>) -> Result<Self, SnapshotError> {
                Ok(Self { $($field: answer($section, sections)?),* })
            }

            /// Whether typed evidence exists for this section name.
            pub fn has_section(name: &str) -> bool {
                [$($section),*].contains(&name)
            }
        }
    };
}

evidence! {
    /// `login.challenge`
    challenge: "login.challenge" => login::Challenge,
    /// `login.realm`
    realm: "login.realm" => login::Realm,
    /// `login.probe`
    probe: "login.probe" => login::Probe,
    /// `graph.operator`
    operator: "graph.operator" => graph::Operator,
    /// `graph.user`
    user: "graph.user" => Single<graph::User>,
    /// `graph.license_details`
    license_details: "graph.license_details" => Collection<graph::LicenseDetail>,
    /// `graph.subscribed_skus`
    subscribed_skus: "graph.subscribed_skus" => Collection<graph::SubscribedSku>,
    /// `graph.deleted_users`
    deleted_users: "graph.deleted_users" => Collection<graph::DeletedUser>,
    /// `graph.authentication_methods`
    authentication_methods: "graph.authentication_methods" => Collection<graph::AuthenticationMethod>,
    /// `graph.per_user_mfa`
    per_user_mfa: "graph.per_user_mfa" => Single<graph::PerUserMfa>,
    /// `graph.registration_details`
    registration_details: "graph.registration_details" => Single<graph::RegistrationDetails>,
    /// `graph.registration_campaign`, judged by its raw shape
    registration_campaign: "graph.registration_campaign" => Value,
    /// `graph.security_defaults`
    security_defaults: "graph.security_defaults" => Single<graph::SecurityDefaults>,
    /// `graph.conditional_access_policies`, in the raw form that the evaluator takes
    conditional_access_policies: "graph.conditional_access_policies" => Value,
    /// `graph.named_locations`, in the raw form that the evaluator takes
    named_locations: "graph.named_locations" => Value,
    /// `graph.authentication_strengths`, in the raw form that the evaluator takes
    authentication_strengths: "graph.authentication_strengths" => Value,
    /// `graph.conditional_access_evaluation`
    conditional_access_evaluation: "graph.conditional_access_evaluation" => graph::ConditionalAccessEvaluation,
    /// `graph.sign_ins`
    sign_ins: "graph.sign_ins" => Collection<graph::SignIn>,
    /// `graph.directory_audits`
    directory_audits: "graph.directory_audits" => Collection<graph::DirectoryAudit>,
    /// `graph.domain`
    domain: "graph.domain" => Single<graph::Domain>,
    /// `graph.federation`
    federation: "graph.federation" => Single<graph::Federation>,
    /// `graph.home_realm_policies`
    home_realm_policies: "graph.home_realm_policies" => Collection<graph::HomeRealmPolicy>,
    /// `graph.organization`
    organization: "graph.organization" => Single<graph::Organization>,
    /// `graph.group_memberships`
    group_memberships: "graph.group_memberships" => Collection<graph::DirectoryObject>,
    /// `graph.security_group_membership`
    security_group_membership: "graph.security_group_membership" => Single<graph::SecurityGroupMembership>,
    /// `graph.directory_roles`
    directory_roles: "graph.directory_roles" => Collection<graph::DirectoryObject>,
    /// `graph.eligible_roles`
    eligible_roles: "graph.eligible_roles" => Collection<graph::DirectoryObject>,
    /// `graph.risky_user`
    risky_user: "graph.risky_user" => Single<graph::RiskyUser>,
    /// `graph.service_principal`: one object or a list
    service_principal: "graph.service_principal" => OneOrMany<graph::ServicePrincipal>,
    /// `graph.permission_grants`
    permission_grants: "graph.permission_grants" => Collection<graph::PermissionGrant>,
    /// `graph.grant_resources`
    grant_resources: "graph.grant_resources" => Collection<graph::ServicePrincipal>,
    /// `graph.app_role_assignments`
    app_role_assignments: "graph.app_role_assignments" => Collection<graph::AppRoleAssignment>,
    /// `admin.environment`
    environment: "admin.environment" => admin::Environment,
    /// `dataverse.who_am_i`
    who_am_i: "dataverse.who_am_i" => dataverse::WhoAmI,
    /// `dataverse.operator_roles`
    operator_roles: "dataverse.operator_roles" => Collection<dataverse::Role>,
    /// `dataverse.operator_privileges`
    operator_privileges: "dataverse.operator_privileges" => dataverse::Privileges,
    /// `dataverse.system_users`
    system_users: "dataverse.system_users" => Collection<dataverse::SystemUser>,
    /// `dataverse.user_roles`
    user_roles: "dataverse.user_roles" => Collection<dataverse::Role>,
    /// `dataverse.user_teams`
    user_teams: "dataverse.user_teams" => Collection<dataverse::Team>,
    /// `dataverse.aad_user_roles`
    aad_user_roles: "dataverse.aad_user_roles" => Collection<dataverse::Role>,
    /// `dataverse.user_privileges`
    user_privileges: "dataverse.user_privileges" => dataverse::Privileges,
    /// `dataverse.user_privileges_cached`
    user_privileges_cached: "dataverse.user_privileges_cached" => dataverse::Privileges,
    /// `dataverse.column_security_profiles`
    column_security_profiles: "dataverse.column_security_profiles" => Collection<dataverse::ColumnSecurityProfile>,
    /// `dataverse.user_settings`
    user_settings: "dataverse.user_settings" => Single<dataverse::UserSettings>,
    /// `dataverse.license_info`
    license_info: "dataverse.license_info" => dataverse::LicenseInfoAnswer,
    /// `dataverse.organization`
    organization_row: "dataverse.organization" => Single<dataverse::Organization>,
    /// `dataverse.provisioned_languages`
    provisioned_languages: "dataverse.provisioned_languages" => dataverse::ProvisionedLanguages,
    /// `dataverse.application_users`
    application_users: "dataverse.application_users" => Collection<dataverse::SystemUser>,
    /// `dataverse.user_audit`
    user_audit: "dataverse.user_audit" => Collection<dataverse::AuditEntry>,
    /// `dataverse.business_unit`
    business_unit: "dataverse.business_unit" => Single<dataverse::BusinessUnit>,
}

fn answer<T: DeserializeOwned>(
    name: &'static str,
    sections: &BTreeMap<String, Section>,
) -> Result<Answer<T>, SnapshotError> {
    let Some(section) = sections.get(name) else {
        return Ok(Answer {
            section: name,
            read_at: None,
            body: Err(Unread::Absent),
        });
    };
    let http_status = section.http_status;
    let body = match section.outcome {
        Outcome::Ok => match section_body(name, section)? {
            Some(body) => Ok(body),
            None => Err(Unread::Failed {
                http_status,
                detail: Some("the answer has no body".to_owned()),
            }),
        },
        Outcome::Denied => Err(Unread::Denied {
            http_status,
            detail: refusal(section),
        }),
        Outcome::NotFound => Err(Unread::NotFound { http_status }),
        Outcome::Failed => Err(Unread::Failed {
            http_status,
            detail: failure(section),
        }),
        Outcome::Skipped => Err(Unread::Skipped {
            detail: section.detail.clone(),
        }),
    };
    Ok(Answer {
        section: name,
        read_at: section.read_at.clone(),
        body,
    })
}

/// The service's own words, and what the collector noted beside them.
fn refusal(section: &Section) -> Option<String> {
    match (section.detail.as_deref(), error_code(section)) {
        (Some(detail), Some(words)) if words != detail => Some(format!("{words}; {detail}")),
        (_, words) => words,
    }
}

/// What went wrong: the recorded detail, and the service's own words where the body has some.
fn failure(section: &Section) -> Option<String> {
    match (section.detail.as_deref(), error_code(section)) {
        (Some(detail), Some(words)) if words != detail => Some(format!("{detail}: {words}")),
        (_, words) => words,
    }
}

/// The service's own error code and message in the body of a refused request (api-facts 1.3), or the recorded detail.
fn error_code(section: &Section) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Envelope {
        error: ServiceError,
    }
    #[derive(serde::Deserialize)]
    struct ServiceError {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let envelope: Option<Envelope> = section
        .body
        .as_ref()
        .and_then(|body| serde_json::from_str(body.get()).ok());
    let detail = envelope.map(
        |Envelope { error }| match (error.code.as_str(), error.message.as_str()) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        },
    );
    detail
        .filter(|text| !text.is_empty())
        .or_else(|| section.detail.clone())
}
