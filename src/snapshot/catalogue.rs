//! The sections of a snapshot: what each holds and the least right that reads it.
//!
//! Sources: `CONTRACT.md` sections 3 and 8, `api-facts.md` sections 4, 6 and 10.

/// What is known about a section before it is read.
#[derive(Debug, PartialEq, Eq)]
pub struct SectionInfo {
    /// Its name in a snapshot.
    pub name: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// The smallest permission that reads it: a Graph scope, or a Dataverse privilege.
    pub permission: Option<&'static str>,
    /// The smallest role that the signed-in person needs beside the permission.
    pub role: Option<&'static str>,
    /// The tenant licence without which the service refuses.
    pub license: Option<&'static str>,
    /// Whether it is a second opinion on what other sections say: without it nothing is missing.
    pub is_optional: bool,
}

const P1: Option<&str> = Some("Microsoft Entra ID P1");
const P2: Option<&str> = Some("Microsoft Entra ID P2");
const SYSTEM_ADMINISTRATOR: Option<&str> = Some("System Administrator (Dynamics 365)");

const fn section(
    name: &'static str,
    holds: &'static str,
    permission: Option<&'static str>,
    role: Option<&'static str>,
    license: Option<&'static str>,
) -> SectionInfo {
    SectionInfo {
        name,
        holds,
        permission,
        role,
        license,
        is_optional: false,
    }
}

impl SectionInfo {
    const fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }
}

/// Every section that the tool reads, in the order of the contract.
pub const SECTIONS: &[SectionInfo] = &[
    section(
        "login.challenge",
        "tenant and audience named by the environment's 401",
        None,
        None,
        None,
    ),
    section(
        "login.realm",
        "whether the account's domain is managed or federated",
        None,
        None,
        None,
    ),
    section(
        "login.openid_configuration",
        "endpoints and region of the tenant",
        None,
        None,
        None,
    ),
    section(
        "login.probe",
        "result of one password sign-in as the account (--probe-sign-in)",
        None,
        None,
        None,
    ),
    section(
        "graph.operator",
        "claims of the token of the person who ran the check",
        None,
        None,
        None,
    ),
    section(
        "graph.user",
        "the account's directory object",
        Some("User.Read.All"),
        None,
        None,
    ),
    section(
        "graph.sign_in_activity",
        "last sign-ins of the account",
        Some("AuditLog.Read.All"),
        None,
        P1,
    ),
    section(
        "graph.license_details",
        "the account's licences and their service plans",
        Some("LicenseAssignment.Read.All"),
        None,
        None,
    ),
    section(
        "graph.subscribed_skus",
        "the tenant's subscriptions",
        Some("LicenseAssignment.Read.All"),
        None,
        None,
    ),
    section(
        "graph.deleted_users",
        "soft-deleted accounts of the same name",
        Some("User.Read.All"),
        None,
        None,
    ),
    section(
        "graph.authentication_methods",
        "the account's registered authentication methods",
        Some("UserAuthenticationMethod.Read.All"),
        Some("Global Reader"),
        None,
    ),
    section(
        "graph.per_user_mfa",
        "the account's per-user MFA state",
        Some("Policy.Read.All"),
        Some("Global Reader"),
        None,
    ),
    section(
        "graph.registration_details",
        "the account's line in the MFA registration report",
        Some("AuditLog.Read.All"),
        Some("Reports Reader"),
        P1,
    ),
    section(
        "graph.registration_campaign",
        "who is nudged to register",
        Some("Policy.Read.All"),
        None,
        None,
    ),
    section(
        "graph.security_defaults",
        "whether security defaults are on",
        Some("Policy.Read.All"),
        None,
        None,
    ),
    section(
        "graph.conditional_access_policies",
        "the tenant's Conditional Access policies",
        Some("Policy.Read.All"),
        Some("Security Reader"),
        None,
    ),
    section(
        "graph.named_locations",
        "the tenant's named locations",
        Some("Policy.Read.All"),
        Some("Security Reader"),
        None,
    ),
    section(
        "graph.authentication_strengths",
        "the tenant's authentication strengths",
        Some("Policy.Read.All"),
        None,
        None,
    ),
    section(
        "graph.conditional_access_evaluation",
        "Microsoft's own evaluation of the policies for the sign-in of Work 365",
        Some("Policy.Read.ConditionalAccess"),
        Some("Security Reader"),
        None,
    )
    .optional(),
    section(
        "graph.sign_ins",
        "the account's sign-in log",
        Some("AuditLog.Read.All"),
        Some("Reports Reader"),
        P1,
    ),
    section(
        "graph.directory_audits",
        "directory changes to the account and to policies",
        Some("AuditLog.Read.All"),
        Some("Reports Reader"),
        None,
    ),
    section(
        "graph.domain",
        "settings of the account's domain",
        Some("Domain.Read.All"),
        None,
        None,
    ),
    section(
        "graph.federation",
        "federation settings of the domain",
        Some("Domain-InternalFederation.Read.All"),
        None,
        None,
    ),
    section(
        "graph.home_realm_policies",
        "home realm discovery policies",
        Some("Policy.Read.All"),
        None,
        None,
    ),
    section(
        "graph.organization",
        "the tenant",
        Some("Organization.Read.All"),
        None,
        None,
    ),
    section(
        "graph.group_memberships",
        "the account's groups, nested ones included",
        Some("GroupMember.Read.All"),
        None,
        None,
    ),
    section(
        "graph.security_group_membership",
        "membership in the environment's security group",
        Some("GroupMember.Read.All"),
        None,
        None,
    ),
    section(
        "graph.directory_roles",
        "the account's active directory roles",
        Some("RoleManagement.Read.Directory"),
        None,
        None,
    ),
    section(
        "graph.eligible_roles",
        "directory roles that the account may activate",
        Some("RoleEligibilitySchedule.Read.Directory"),
        None,
        P2,
    ),
    section(
        "graph.risky_user",
        "the account's risk",
        Some("IdentityRiskyUser.Read.All"),
        None,
        P2,
    ),
    section(
        "graph.service_principal",
        "the Work 365 enterprise application",
        Some("Application.Read.All"),
        None,
        None,
    ),
    section(
        "graph.permission_grants",
        "what was consented to Work 365",
        Some("Directory.Read.All"),
        None,
        None,
    ),
    section(
        "graph.grant_resources",
        "the applications behind each grant",
        Some("Application.Read.All"),
        None,
        None,
    ),
    section(
        "graph.app_role_assignments",
        "the account's assignments to applications",
        Some("Directory.Read.All"),
        None,
        None,
    ),
    section(
        "admin.environment",
        "the environment's state in the Power Platform admin center",
        None,
        Some("Power Platform Administrator"),
        None,
    ),
    section(
        "dataverse.who_am_i",
        "who the operator is in Dynamics 365",
        None,
        None,
        None,
    ),
    section(
        "dataverse.operator_roles",
        "the operator's security roles",
        Some("prvReadRole"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.operator_privileges",
        "what the operator may read",
        None,
        None,
        None,
    ),
    section(
        "dataverse.system_users",
        "the account's rows in Dynamics 365",
        Some("prvReadUser"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_roles",
        "security roles assigned to the row",
        Some("prvReadRole"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_teams",
        "teams of the row, each with its roles",
        Some("prvReadTeam"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.aad_user_roles",
        "roles that reach the account through Entra group teams",
        Some("prvReadRole"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_privileges",
        "privileges of the row that are in effect",
        Some("prvReadUser"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_privileges_cached",
        "the same, as the servers have it cached",
        Some("prvReadUser"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.column_security_profiles",
        "column security profiles of the row",
        Some("prvReadFieldSecurityProfile"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_settings",
        "personal options of the row: time zone and format",
        Some("prvReadUserSettings"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.license_info",
        "service plans that Dynamics 365 has synchronised",
        Some("prvReadUser"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.organization",
        "settings of the organisation",
        Some("prvReadOrganization"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.provisioned_languages",
        "languages that are switched on",
        None,
        None,
        None,
    ),
    section(
        "dataverse.application_users",
        "application users of the environment",
        Some("prvReadUser"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.user_audit",
        "Dynamics 365's audit of changes to the row",
        Some("prvReadAuditSummary"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.business_unit",
        "the row's business unit",
        Some("prvReadBusinessUnit"),
        SYSTEM_ADMINISTRATOR,
        None,
    ),
    section(
        "dataverse.solutions",
        "installed solutions and their versions",
        Some("prvReadSolution"),
        None,
        None,
    ),
];

/// The catalogue's entry for a section name.
pub fn section_info(name: &str) -> Option<&'static SectionInfo> {
    SECTIONS.iter().find(|section| section.name == name)
}

#[cfg(test)]
mod tests {
    use super::SECTIONS;

    #[test]
    fn section_names_are_unique_and_carry_their_service() {
        let mut names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        assert!(names.iter().all(|name| {
            ["login.", "graph.", "admin.", "dataverse."]
                .iter()
                .any(|service| name.starts_with(service))
        }));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SECTIONS.len());
    }
}
