//! One row a section: everything that the program knows about a section before it is read.
//!
//! A row names the typed body, what the section holds, the question that it answers, the least rights that read it and
//! the requests that make it. The catalogue, the typed [`Evidence`], the names of sections, the request table of the
//! collector, `plan`, its scripts and the permissions that a sign-in asks for are all made from these rows.
//!
//! Paths, columns and rights are those of Microsoft's reference: `fixtures/reference` holds the parts of Graph's metadata, of its
//! permission table and of the Dataverse table reference that a test holds these rows against.

use std::collections::BTreeMap;

use super::evidence::{Answer, answer};
use super::section_row::{Family, Part, Request, SectionInfo, Service, row};
use super::{Collection, OneOrMany, Section, Single, admin, dataverse, graph, login, work365_jobs};
use serde_json::Value;

const P1: &str = "Microsoft Entra ID P1";
const P2: &str = "Microsoft Entra ID P2";
const SYSTEM_ADMINISTRATOR: &str = "System Administrator (Dynamics 365)";

const EVENTUAL: &[(&str, &str)] = &[("ConsistencyLevel", "eventual")];
const STRONG: &[(&str, &str)] = &[("Consistency", "Strong")];
const LABELS: &[(&str, &str)] = &[(
    "Prefer",
    "odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"",
)];
const UNKNOWN_MEMBERS: &[(&str, &str)] = &[("Prefer", "include-unknown-enum-members")];

const fn login(path: &'static str) -> Request {
    Request::to(Service::Login, path)
}

const fn graph(path: &'static str) -> Request {
    Request::to(Service::Graph, path)
}

const fn dataverse(path: &'static str) -> Request {
    Request::to(Service::Dataverse, path)
}

const fn admin(path: &'static str) -> Request {
    Request::to(Service::Admin, path)
}

macro_rules! role_columns {
    () => {
        "roleid,name,isinherited,ismanaged,componentstate,_roletemplateid_value,_parentrootroleid_value,_businessunitid_value"
    };
}
macro_rules! row_columns {
    () => {
        "systemuserid,organizationid,azureactivedirectoryobjectid,applicationid,domainname,internalemailaddress,fullname,firstname,lastname,windowsliveid,isdisabled,disabledreason,islicensed,issyncwithdirectory,isintegrationuser,setupuser,accessmode,caltype,userlicensetype,azurestate,azuredeletedon,deletedstate,invitestatuscode,isallowedbyipfirewall,systemmanagedusertype,_businessunitid_value,createdon,modifiedon"
    };
}

macro_rules! job_columns {
    () => {
        "asyncoperationid,name,operationtype,statecode,statuscode,errorcode,message,friendlymessage,createdon,startedon,completedon,postponeuntil,retrycount,_ownerid_value,_workflowactivationid_value"
    };
}
macro_rules! is_named_work_365 {
    () => {
        "(contains(name,'ork 365') or contains(name,'ork365'))"
    };
}
macro_rules! is_open_or_failed {
    () => {
        "(statecode eq 0 or statecode eq 1 or statecode eq 2 or statuscode eq 31)"
    };
}

/// Makes the catalogue, the names and the typed evidence from the rows: the field of the evidence, the constant of the
/// name, the type of the body, and the row.
macro_rules! sections {
    ($($field:ident $constant:ident: $kind:ty = $row:expr;)*) => {
        /// Every section that the tool reads, in the order in which reports and tables list them.
        ///
        /// A static, which stands in the program once: of a constant each unit of code that reads it carries its own, 70 kB.
        pub static SECTIONS: &[SectionInfo] = &[$($row),*];

        /// The sections' names, for code that speaks of one.
        pub mod sections {
            #[allow(unused_imports, reason = "the rows are written in the words of the parent module")]
            use super::*;

            $(
                /// A section's name.
                pub const $constant: &str = $row.name;
            )*
        }

        /// Every section that rules judge, typed.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Evidence {
            $(
                /// The section that the row of this field describes.
                pub $field: Answer<$kind>,
            )*
        }

        impl Evidence {
            /// Their answers. Where all of the snapshot is surely in order, no key of them is looked at again.
            pub(super) fn read(answers: &BTreeMap<String, Section>, is_in_order: bool) -> Self {
                Self { $($field: answer(sections::$constant, section_info(sections::$constant), answers, is_in_order)),* }
            }

            /// The same for a reader who judges another row: what was asked about one row was not asked about that one.
            pub(super) fn of_another_row(&self) -> Self {
                Self { $($field: self.$field.of_another_row()),* }
            }

            /// Why a section that was answered could not be read, as far as it is typed.
            pub(crate) fn fault_of(&self, name: &str) -> Option<&str> {
                match name {
                    $(sections::$constant => self.$field.fault(),)*
                    _ => None,
                }
            }

            /// Whether typed evidence exists for this section name.
            pub fn has_section(name: &str) -> bool {
                section_info(name).is_some()
            }
        }
    };
}

/// The catalogue's entry for a section name.
pub fn section_info(name: &str) -> Option<&'static SectionInfo> {
    SECTIONS.iter().find(|section| section.name == name)
}

sections! {
    challenge CHALLENGE: login::Challenge = row("login.challenge", "tenant and audience named by the environment's 401")
        .answers("Which tenant and audience does the environment name?")
        .asks(&[
            dataverse("/api/data/v9.2/"),
        ]);
    realm REALM: login::Realm = row("login.realm", "whether the account's domain is managed or federated")
        .answers("Is the account's domain managed here or federated elsewhere?")
        .asks(&[
            login("/common/userrealm/{account}?api-version=1.0").of_user(),
        ]);
    probe PROBE: login::Probe = row("login.probe", "result of one password sign-in as the account (--probe-sign-in)")
        .answers("What comes of one sign-in with the password?");
    operator OPERATOR: graph::Operator = row("graph.operator", "claims of the token of the person who ran the check")
        .answers("Who looks, and what may they read?");
    user USER: Single<graph::User> = row("graph.user", "the account's directory object")
        .answers("Is the account there, enabled, a cloud account, and with which password policy?")
        .permission("User.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/users/{account}?$select=id,userPrincipalName,mail,displayName,accountEnabled,userType,creationType,createdDateTime,deletedDateTime,usageLocation,assignedLicenses,assignedPlans,licenseAssignmentStates,onPremisesSyncEnabled,passwordPolicies,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,identities").of_user(),
            graph("/v1.0/users/{account}?$select=id,passwordProfile").part(Part::PasswordProfile).of_user(),
        ]);
    license_details LICENSE_DETAILS: Collection<graph::LicenseDetail> = row("graph.license_details", "the account's licences and their service plans")
        .answers("Which service plans does the account hold?")
        .permission("LicenseAssignment.Read.All", &["User.Read.All", "Directory.Read.All"])
        .asks(&[
            graph("/v1.0/users/{account}/licenseDetails").of_user(),
        ]);
    subscribed_skus SUBSCRIBED_SKUS: Collection<graph::SubscribedSku> = row("graph.subscribed_skus", "the tenant's subscriptions")
        .answers("Are the subscriptions behind its licences alive?")
        .permission("LicenseAssignment.Read.All", &["Organization.Read.All", "Directory.Read.All"])
        .asks(&[
            graph("/v1.0/subscribedSkus"),
        ]);
    subscriptions SUBSCRIPTIONS: Collection<graph::Subscription> = row("graph.subscriptions", "the terms of the tenant's subscriptions: trial or bought, and until when")
        .may_be_cut()
        .answers("When are the subscriptions behind its licences renewed, or end?")
        .permission("Organization.Read.All", &["Directory.Read.All"])
        .later()
        .asks(&[
            graph("/v1.0/directory/subscriptions?$select=id,skuId,status,isTrial,nextLifecycleDateTime").of_user(),
        ]);
    deleted_users DELETED_USERS: Collection<graph::DeletedUser> = row("graph.deleted_users", "soft-deleted accounts of the same name")
        .answers("Was the account deleted, and can it be restored?")
        .permission("User.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/directory/deletedItems/microsoft.graph.user?$filter=endsWith(userPrincipalName,'{account}')&$count=true&$select=id,displayName,userPrincipalName,mail,deletedDateTime").with(EVENTUAL).of_user(),
        ]);
    authentication_methods AUTHENTICATION_METHODS: Collection<graph::AuthenticationMethod> = row("graph.authentication_methods", "the account's registered authentication methods")
        .answers("Which second factors does the account hold?")
        .permission("UserAuthenticationMethod.Read.All", &[])
        .role("Global Reader")
        .not_in_china()
        .asks(&[
            graph("/v1.0/users/{account}/authentication/methods").of_user(),
        ]);
    per_user_mfa PER_USER_MFA: Single<graph::PerUserMfa> = row("graph.per_user_mfa", "the account's per-user MFA state")
        .answers("Is MFA enforced for this account alone?")
        .permission("Policy.Read.All", &[])
        .role("Global Reader")
        .asks(&[
            graph("/beta/users/{account}/authentication/requirements").of_user(),
        ]);
    registration_details REGISTRATION_DETAILS: Single<graph::RegistrationDetails> = row("graph.registration_details", "the account's line in the MFA registration report")
        .answers("Is the account registered for MFA?")
        .permission("AuditLog.Read.All", &[])
        .role("Reports Reader")
        .license(P1)
        .asks(&[
            graph("/v1.0/reports/authenticationMethods/userRegistrationDetails/{object_id}").of_user().limited(Family::Reports),
        ]);
    registration_campaign REGISTRATION_CAMPAIGN: Value = row("graph.registration_campaign", "who is nudged to register, and which methods the tenant allows")
        .answers("Is the account nudged to register a method, and may it use a certificate?")
        .permission("Policy.Read.AuthenticationMethod", &["Policy.Read.All"])
        .role("Global Reader")
        .not_in_china()
        .asks(&[
            graph("/v1.0/policies/authenticationMethodsPolicy"),
        ]);
    security_defaults SECURITY_DEFAULTS: Single<graph::SecurityDefaults> = row("graph.security_defaults", "whether security defaults are on")
        .answers("Do the security defaults ask everybody for MFA?")
        .permission("Policy.Read.All", &[])
        .asks(&[
            graph("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"),
        ]);
    conditional_access_policies CONDITIONAL_ACCESS_POLICIES: Value = row("graph.conditional_access_policies", "the tenant's Conditional Access policies")
        .may_be_cut()
        .answers("Which policies block the sign-in, or ask for more?")
        .permission("Policy.Read.All", &[])
        .role("Security Reader")
        .asks(&[
            graph("/v1.0/identity/conditionalAccess/policies").limited(Family::ConditionalAccess),
        ]);
    named_locations NAMED_LOCATIONS: Value = row("graph.named_locations", "the tenant's named locations")
        .may_be_cut()
        .answers("Which places do those policies speak of?")
        .permission("Policy.Read.All", &[])
        .role("Security Reader")
        .asks(&[
            graph("/v1.0/identity/conditionalAccess/namedLocations").limited(Family::ConditionalAccess),
        ]);
    authentication_strengths AUTHENTICATION_STRENGTHS: Value = row("graph.authentication_strengths", "the tenant's authentication strengths")
        .may_be_cut()
        .answers("What do the strengths that they ask for accept?")
        .permission("Policy.Read.AuthenticationMethod", &["Policy.Read.All"])
        .role("Security Reader")
        .asks(&[
            graph("/v1.0/policies/authenticationStrengthPolicies"),
        ]);
    conditional_access_evaluation CONDITIONAL_ACCESS_EVALUATION: graph::ConditionalAccessEvaluation = row("graph.conditional_access_evaluation", "Microsoft's own evaluation of the policies for the sign-in of Work 365")
        .answers("What does Microsoft say that the policies do?")
        .permission("Policy.Read.ConditionalAccess", &["Policy.Read.All"])
        .role("Security Reader")
        .license(P1)
        .optional()
        .asks(&[
            graph("/v1.0/identity/conditionalAccess/evaluate").limited(Family::ConditionalAccess).of_user(),
        ]);
    sign_ins SIGN_INS: Collection<graph::SignIn> = row("graph.sign_ins", "the account's sign-in log")
        .may_be_cut()
        .answers("What came of the latest sign-ins?")
        .permission("AuditLog.Read.All", &[])
        .role("Security Reader")
        .license(P1)
        .asks(&[
            graph("/beta/auditLogs/signIns?$filter=userId eq '{object_id}' and createdDateTime ge {since} and (signInEventTypes/any(t:t eq 'interactiveUser') or signInEventTypes/any(t:t eq 'nonInteractiveUser'))&$top=500").with(UNKNOWN_MEMBERS).of_user().limited(Family::Reports),
            graph("/beta/auditLogs/signIns?$filter=userPrincipalName eq '{account_without_id}' and createdDateTime ge {since} and (signInEventTypes/any(t:t eq 'interactiveUser') or signInEventTypes/any(t:t eq 'nonInteractiveUser'))&$top=500").part(Part::ByName).with(UNKNOWN_MEMBERS).of_user().limited(Family::Reports),
            graph("/v1.0/auditLogs/signIns?$filter=userId eq '{object_id_without_types}' and createdDateTime ge {since}&$top=500").part(Part::InteractiveOnly) .with(UNKNOWN_MEMBERS) .of_user() .limited(Family::Reports),
            graph("/beta/auditLogs/signIns?$filter=appId eq '{application}' and createdDateTime ge {since} and signInEventTypes/any(t:t eq 'servicePrincipal')&$top=500").part(Part::OfTheApplication).with(UNKNOWN_MEMBERS).of_application().limited(Family::Reports),
        ]);
    directory_audits DIRECTORY_AUDITS: Collection<graph::DirectoryAudit> = row("graph.directory_audits", "directory changes to the account and to policies")
        .may_be_cut()
        .answers("What was changed about the account and the policies, and when?")
        .permission("AuditLog.Read.All", &[])
        .role("Reports Reader")
        .not_in_china()
        .asks(&[
            graph("/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '{audited}') and activityDateTime ge {since}").limited(Family::Reports),
            graph("/v1.0/auditLogs/directoryAudits?$filter=category eq 'Policy' and activityDateTime ge {since}").part(Part::Policies).limited(Family::Reports),
        ]);
    domain DOMAIN: Single<graph::Domain> = row("graph.domain", "settings of the account's domain")
        .answers("Is the domain verified, federated, and how long do its passwords last?")
        .permission("Domain.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/domains/{domain}").of_user(),
        ]);
    home_realm_policies HOME_REALM_POLICIES: Collection<graph::HomeRealmPolicy> = row("graph.home_realm_policies", "home realm discovery policies")
        .answers("May a password be used although the domain is federated?")
        .permission("Policy.Read.All", &[])
        .asks(&[
            graph("/v1.0/policies/homeRealmDiscoveryPolicies"),
        ]);
    organization ORGANIZATION: Single<graph::Organization> = row("graph.organization", "the tenant")
        .answers("Does the tenant synchronise with a directory on premises?")
        .permission("Organization.Read.All", &["User.Read.All", "Directory.Read.All"])
        .asks(&[
            graph("/v1.0/organization?$select=id,displayName,createdDateTime,onPremisesSyncEnabled"),
        ]);
    group_memberships GROUP_MEMBERSHIPS: Collection<graph::DirectoryObject> = row("graph.group_memberships", "the account's groups, nested ones included")
        .answers("Which groups do policies and licences reach the account by?")
        .permission("User.Read.All", &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"])
        .asks(&[
            graph("/v1.0/users/{account}/transitiveMemberOf/microsoft.graph.group?$count=true&$top=999&$select=id,displayName,securityEnabled,mailEnabled,groupTypes").with(EVENTUAL).of_user(),
        ]);
    security_group_membership SECURITY_GROUP_MEMBERSHIP: Single<graph::SecurityGroupMembership> = row("graph.security_group_membership", "membership in the environment's security group")
        .answers("Is the account in the group that restricts the environment?")
        .permission("GroupMember.Read.All", &["Group.Read.All", "Directory.Read.All"])
        .asks(&[
            graph("/v1.0/groups/{group}/members?$filter=id eq '{object_id}'&$count=true&$select=id").part(Part::Direct).with(EVENTUAL).of_user(),
            graph("/v1.0/users/{object_id}/checkMemberGroups").part(Part::Transitive).of_user(),
        ]);
    directory_roles DIRECTORY_ROLES: Collection<graph::DirectoryObject> = row("graph.directory_roles", "the account's active directory roles")
        .answers("Which directory roles does the account hold?")
        .permission("Directory.Read.All", &[])
        .asks(&[
            graph("/v1.0/users/{account}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$top=999&$select=id,displayName,roleTemplateId").with(EVENTUAL).of_user(),
        ]);
    eligible_roles ELIGIBLE_ROLES: Collection<graph::DirectoryObject> = row("graph.eligible_roles", "directory roles that the account may activate")
        .answers("Which directory roles may it activate?")
        .permission("RoleEligibilitySchedule.Read.Directory", &["RoleManagement.Read.Directory"])
        .role("Security Reader")
        .license(P2)
        .asks(&[
            graph("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$filter=principalId eq '{object_id}'").of_user(),
        ]);
    // One permission for what may be activated and for what is active, in place of one for each.
    active_roles ACTIVE_ROLES: Collection<graph::ActiveRole> = row("graph.active_roles", "directory roles that the account holds, each with its end")
        .may_be_cut()
        .answers("Until when does it hold them?")
        .permission("RoleManagement.Read.Directory", &["RoleAssignmentSchedule.Read.Directory"])
        .role("Security Reader")
        .license(P2)
        .later()
        .asks(&[
            graph("/v1.0/roleManagement/directory/roleAssignmentScheduleInstances?$filter=principalId eq '{object_id}'").of_user(),
        ]);
    risky_user RISKY_USER: Single<graph::RiskyUser> = row("graph.risky_user", "the account's risk")
        .answers("Is the account blocked as a risk?")
        .permission("IdentityRiskyUser.Read.All", &[])
        .role("Security Reader")
        .license(P2)
        .not_in_china()
        .asks(&[
            graph("/v1.0/identityProtection/riskyUsers/{object_id}").limited(Family::ConditionalAccess).of_user(),
        ]);
    service_principal SERVICE_PRINCIPAL: OneOrMany<graph::ServicePrincipal> = row("graph.service_principal", "the Work 365 enterprise application")
        .answers("Is Work 365 known in the tenant, and enabled?")
        .permission("Application.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/servicePrincipals?$filter=appId in ('e4b1a995-abe3-4350-a61c-65fccd32e8bd','5e56ae97-9be1-40d3-938b-99ea52175a30')&$select=id,appId,displayName,accountEnabled,appRoleAssignmentRequired,passwordCredentials,keyCredentials"),
        ]);
    permission_grants PERMISSION_GRANTS: Collection<graph::PermissionGrant> = row("graph.permission_grants", "what was consented to Work 365")
        .answers("What was consented to Work 365, and by whom?")
        .permission("Directory.Read.All", &[])
        .asks(&[
            graph("/v1.0/servicePrincipals/{service_principal}/oauth2PermissionGrants"),
        ]);
    grant_resources GRANT_RESOURCES: Collection<graph::ServicePrincipal> = row("graph.grant_resources", "the applications behind each grant")
        .answers("Which application is behind each consent?")
        .permission("Application.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/servicePrincipals/{resource}?$select=id,appId,displayName,accountEnabled"),
            graph("/v1.0/servicePrincipals(appId='00000007-0000-0000-c000-000000000000')?$select=id,appId,displayName,accountEnabled").part(Part::Dataverse),
        ]);
    app_role_assignments APP_ROLE_ASSIGNMENTS: Collection<graph::AppRoleAssignment> = row("graph.app_role_assignments", "the account's assignments to Work 365, its own and those of its groups")
        .answers("Is the account assigned where an assignment is required?")
        .permission("Application.Read.All", &["Directory.Read.All"])
        .asks(&[
            graph("/v1.0/servicePrincipals/{service_principal}/appRoleAssignedTo?$top=999&$select=id,createdDateTime,principalId,principalType,resourceId").of_user(),
            graph("/v1.0/groups/{assigned_group}/members?$filter=id eq '{object_id}'&$count=true&$top=1&$select=id").part(Part::Direct).with(EVENTUAL).of_user().privilege("GroupMember.Read.All"),
        ]);
    environment ENVIRONMENT: admin::Environment = row("admin.environment", "the environment's state in the Power Platform admin center")
        .answers("Is the environment running, and restricted to a group?")
        .role("Power Platform Administrator")
        .asks(&[
            admin("/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments/{environment_id}?api-version=2023-06-01"),
            admin("/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?$filter=properties/linkedEnvironmentMetadata/resourceId eq {unlisted_organization}&api-version=2023-06-01").part(Part::ByOrganization),
            admin("/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version={whole_list}").part(Part::List),
            dataverse("/api/data/v9.2/RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'").part(Part::EnvironmentId),
        ]);
    who_am_i WHO_AM_I: dataverse::WhoAmI = row("dataverse.who_am_i", "who the operator is in Dynamics 365")
        .answers("Who is the operator in the environment?")
        .asks(&[
            dataverse("/api/data/v9.2/WhoAmI"),
        ]);
    operator_roles OPERATOR_ROLES: Collection<dataverse::Role> = row("dataverse.operator_roles", "the operator's security roles")
        .answers("Is the operator a System Administrator, who sees every row?")
        .privilege("prvReadRole")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse(concat!("/api/data/v9.2/systemusers({operator})/systemuserroles_association?$select=", role_columns!())),
        ]);
    operator_privileges OPERATOR_PRIVILEGES: dataverse::Privileges = row("dataverse.operator_privileges", "what the operator may read")
        .answers("Does the operator read all rows, or only some?")
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({operator})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={privileges}"),
            dataverse("/api/data/v9.2/systemusers({operator_without_set})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()").part(Part::FullList),
        ]);
    system_users SYSTEM_USERS: Collection<dataverse::SystemUser> = row("dataverse.system_users", "the account's rows in Dynamics 365")
        .answers("Is there a row of the account, enabled and read-write?")
        .privilege("prvReadUser")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse(concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=domainname eq '{account}'")).part(Part::ByName).of_user(),
            dataverse(concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=azureactivedirectoryobjectid eq {unmatched_object_id}")).of_user(),
            dataverse(concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=applicationid eq {application}")).part(Part::OfTheApplication).of_application(),
        ]);
    user_roles USER_ROLES: Collection<dataverse::Role> = row("dataverse.user_roles", "security roles assigned to the row")
        .answers("Which security roles does the row hold?")
        .of_one_row()
        .privilege("prvReadRole")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse(concat!("/api/data/v9.2/systemusers({row})/systemuserroles_association?$select=", role_columns!())).with(STRONG),
        ]);
    user_teams USER_TEAMS: Collection<dataverse::Team> = row("dataverse.user_teams", "teams of the row, each with its roles")
        .answers("Which roles and profiles come through teams?")
        .of_one_row()
        .privilege("prvReadTeam")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({row})/teammembership_association?$select=teamid,name,teamtype,membershiptype,isdefault,systemmanaged,azureactivedirectoryobjectid,_businessunitid_value").with(STRONG),
            dataverse(concat!("/api/data/v9.2/teams({team})/teamroles_association?$select=", role_columns!())).part(Part::Roles).privilege("prvReadRole").with(STRONG),
            dataverse("/api/data/v9.2/teams({team})/teamprofiles_association?$select=fieldsecurityprofileid,name").part(Part::Profiles).privilege("prvReadFieldSecurityProfile").with(STRONG),
        ]);
    aad_user_roles AAD_USER_ROLES: Collection<dataverse::Role> = row("dataverse.aad_user_roles", "roles that reach the account through Entra group teams")
        .answers("Which roles come through teams of Entra groups?")
        .of_one_row()
        .privilege("prvReadRole")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/RetrieveAadUserRoles(DirectoryObjectId={directory_object})?$select=name,_parentrootroleid_value,_roletemplateid_value").with(STRONG),
        ]);
    user_privileges USER_PRIVILEGES: dataverse::Privileges = row("dataverse.user_privileges", "privileges of the row that are in effect")
        .answers("Are the role's privileges in effect?")
        .of_one_row()
        .privilege("prvReadUser")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={privileges}").with(STRONG),
            dataverse("/api/data/v9.2/systemusers({row_without_set})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()").part(Part::FullList).with(STRONG),
        ]);
    user_privileges_cached USER_PRIVILEGES_CACHED: dataverse::Privileges = row("dataverse.user_privileges_cached", "the same, as the servers have it cached")
        .answers("Do the servers know it already?")
        .of_one_row()
        .privilege("prvReadUser")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={privileges}"),
        ]);
    column_security_profiles COLUMN_SECURITY_PROFILES: Collection<dataverse::ColumnSecurityProfile> = row("dataverse.column_security_profiles", "column security profiles of the row")
        .answers("Which secured columns may the row read?")
        .of_one_row()
        .privilege("prvReadFieldSecurityProfile")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({row})/systemuserprofiles_association?$select=fieldsecurityprofileid,name").with(STRONG),
        ]);
    user_settings USER_SETTINGS: Single<dataverse::UserSettings> = row("dataverse.user_settings", "personal options of the row: time zone and format")
        .answers("In which time zone and format does the row work?")
        .of_one_row()
        .privilege("prvReadUserSettings")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/usersettingscollection({row})?$select=systemuserid,businessunitid,timezonecode,timezonebias,timezonedaylightbias,localeid,uilanguageid,helplanguageid,dateformatcode,dateformatstring,dateseparator,longdateformatcode,timeformatcode,timeformatstring,timeseparator,amdesignator,pmdesignator,decimalsymbol,numberseparator,numbergroupformat,negativeformatcode,currencysymbol,currencyformatcode,currencydecimalprecision,pricingdecimalprecision,negativecurrencyformatcode,fullnameconventioncode,calendartype,defaultcountrycode,paginglimit,workdaystarttime,workdaystoptime,issendasallowed,_transactioncurrencyid_value").with(STRONG),
        ]);
    license_info LICENSE_INFO: dataverse::LicenseInfoAnswer = row("dataverse.license_info", "service plans that Dynamics 365 has synchronised")
        .answers("Which licence does Dynamics 365 know of?")
        .of_one_row()
        .privilege("prvReadUser")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserLicenseInfo()").of_user(),
        ]);
    organization_row ORGANIZATION_ROW: Single<dataverse::Organization> = row("dataverse.organization", "settings of the organisation")
        .answers("Is the organisation enabled, and is there a firewall?")
        .privilege("prvReadOrganization")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/organizations?$select=organizationid,name,localeid,languagecode,utcconversiontimezonecode,dateformatcode,dateformatstring,dateseparator,longdateformatcode,timeformatcode,timeformatstring,timeseparator,decimalsymbol,numberseparator,numberformat,numbergroupformat,negativeformatcode,currencyformatcode,currencydisplayoption,currencysymbol,currencydecimalprecision,pricingdecimalprecision,negativecurrencyformatcode,amdesignator,pmdesignator,calendartype,weekstartdaycode,fullnameconventioncode,isdisabled,disabledreason,organizationstate,enableipbasedfirewallrule,enableipbasedfirewallruleinauditmode,allowediprangeforfirewall,allowedservicetagsforfirewall,allowapplicationuseraccess,enableipbasedcookiebinding,sessiontimeoutenabled,sessiontimeoutinmins,inactivitytimeoutenabled,isauditenabled,isuseraccessauditenabled,delegatedadminuserid,orgdborgsettings,plugintracelogsetting,_basecurrencyid_value"),
        ]);
    provisioned_languages PROVISIONED_LANGUAGES: dataverse::ProvisionedLanguages = row("dataverse.provisioned_languages", "languages that are switched on")
        .answers("Are the row's languages switched on?")
        .asks(&[
            dataverse("/api/data/v9.2/RetrieveProvisionedLanguages()"),
        ]);
    application_users APPLICATION_USERS: Collection<dataverse::SystemUser> = row("dataverse.application_users", "application users of the environment")
        .answers("Which applications have a row?")
        .privilege("prvReadUser")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse(concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=applicationid ne null")),
        ]);
    user_audit USER_AUDIT: Collection<dataverse::AuditEntry> = row("dataverse.user_audit", "Dynamics 365's audit of changes to the row")
        .may_be_cut()
        .answers("Who changed the row or its roles, and when?")
        .of_one_row()
        .privilege("prvReadAuditSummary")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/audits?$select=createdon,action,operation,changedata,_objectid_value,objecttypecode&$filter=objecttypecode eq 'systemuser' and _objectid_value eq {row}&$orderby=createdon desc&$top=50"),
            dataverse("/api/data/v9.2/RetrieveRecordChangeHistory(Target=@row)?@row=%7B'@odata.id':'systemusers({row_without_changes})'%7D")
                .part(Part::ChangeHistory)
                .privilege("prvReadRecordAuditHistory"),
        ]);
    business_unit BUSINESS_UNIT: Single<dataverse::BusinessUnit> = row("dataverse.business_unit", "the row's business unit")
        .answers("Is the row's business unit enabled?")
        .of_one_row()
        .privilege("prvReadBusinessUnit")
        .role(SYSTEM_ADMINISTRATOR)
        .asks(&[
            dataverse("/api/data/v9.2/businessunits({business_unit})?$select=businessunitid,name,isdisabled,_parentbusinessunitid_value"),
        ]);
    solutions SOLUTIONS: Collection<dataverse::Solution> = row("dataverse.solutions", "installed solutions and their versions")
        .answers("Which version of Work 365 is installed?")
        .privilege("prvReadSolution")
        .asks(&[
            dataverse("/api/data/v9.2/solutions?$select=uniquename,friendlyname,version&$filter=contains(uniquename,'ork365') or contains(friendlyname,'ork 365')"),
        ]);
    workflows WORKFLOWS: Collection<dataverse::Workflow> = row("dataverse.workflows", "Work 365's workflows, each with its owner")
        .may_be_cut()
        .answers("Are the workflows of Work 365 active, and does somebody own them who still works here?")
        .privilege("prvReadWorkflow")
        .role(SYSTEM_ADMINISTRATOR)
        .later()
        .asks(&[
            dataverse(concat!("/api/data/v9.2/workflows?$select=workflowid,name,statecode,statuscode,category,type,asyncautodelete,_ownerid_value,_owningteam_value,_activeworkflowid_value,_parentworkflowid_value,createdon,modifiedon&$expand=owninguser($select=systemuserid,fullname,isdisabled,islicensed,accessmode,applicationid)&$filter=", is_named_work_365!(), " and (type eq 1 or type eq 2)&$orderby=type asc,modifiedon desc&$top=250")),
        ]);
    system_jobs SYSTEM_JOBS: Collection<dataverse::SystemJob> = row("dataverse.system_jobs", "system jobs of Work 365's workflows and of the account's row, 14 days: failed, suspended or waiting, and the newest success")
        .may_be_cut()
        .answers("Which background jobs failed or wait, and with which error?")
        .privilege("prvReadAsyncOperation")
        .role(SYSTEM_ADMINISTRATOR)
        .later()
        .asks(&[
            dataverse(concat!("/api/data/v9.2/asyncoperations?$select=", job_columns!(), "&$filter=createdon ge {jobs_since} and operationtype eq 10 and ", is_named_work_365!(), " and ", is_open_or_failed!(), "&$orderby=createdon desc&$top=100")),
            dataverse(concat!("/api/data/v9.2/asyncoperations?$select=", job_columns!(), "&$filter=createdon ge {jobs_since} and _ownerid_value eq {row} and ", is_open_or_failed!(), "&$orderby=createdon desc&$top=50")).part(Part::OfTheAccount),
            dataverse(concat!("/api/data/v9.2/asyncoperations?$select=", job_columns!(), "&$filter=createdon ge {jobs_since} and operationtype eq 10 and ", is_named_work_365!(), " and statuscode eq 30&$orderby=createdon desc&$top=1")).part(Part::Succeeded),
        ]);
    plugin_traces PLUGIN_TRACES: Collection<dataverse::PluginTrace> = row("dataverse.plugin_traces", "exceptions of Work 365's plug-ins, 14 days, where tracing is on")
        .may_be_cut()
        .answers("Which exceptions did the plug-ins of Work 365 throw?")
        .privilege("prvReadPluginTraceLog")
        .role(SYSTEM_ADMINISTRATOR)
        .later()
        .asks(&[
            dataverse("/api/data/v9.2/plugintracelogs?$select=plugintracelogid,typename,messagename,primaryentity,exceptiondetails,messageblock,createdon,correlationid,operationtype,mode,depth&$filter=createdon ge {jobs_since} and exceptiondetails ne null and (contains(typename,'ork365') or contains(typename,'otap'))&$orderby=createdon desc&$top=50"),
        ]);
    work365_tables WORK365_TABLES: Collection<dataverse::Work365Table> = row("dataverse.work365_tables", "the tables of Work 365, by their prefix")
        .answers("Which tables does Work 365 have here, and which one holds its jobs?")
        .privilege("prvReadEntity")
        .role(SYSTEM_ADMINISTRATOR)
        .later()
        .asks(&[
            dataverse("/api/data/v9.2/entities?$select=logicalname,entitysetname,name&$filter=startswith(logicalname,'work365_')"),
            dataverse("/api/data/v9.2/EntityDefinitions?$select={definition_columns}").part(Part::Definitions),
        ]);
    work365_jobs WORK365_JOBS: work365_jobs::Work365Jobs = row("dataverse.work365_jobs", "the jobs of Work 365, 14 days: how many in each state, the newest success, failures with their result, those that are not over")
        .may_be_cut()
        .answers("Which jobs of Work 365 succeed, fail or wait, and what do their results say?")
        .privilege("prvRead on the table of Work 365's jobs")
        .role("Work 365 Admin (Dynamics 365)")
        .later()
        .asks(&[
            dataverse("/api/data/v9.2/EntityDefinitions(LogicalName='{job_table}')/Attributes?$select=LogicalName,AttributeType").part(Part::Columns),
            dataverse("/api/data/v9.2/{job_set}?$apply=filter(createdon ge {jobs_since})/groupby(({job_states}),aggregate($count as count))").part(Part::Counts).with(LABELS),
            dataverse("/api/data/v9.2/{job_set}?$select={job_columns}&$filter=createdon ge {jobs_since} and ({job_failed})&$orderby=createdon desc&$top=50").part(Part::Failed).with(LABELS),
            dataverse("/api/data/v9.2/{job_set}?$select={job_columns}&$filter=createdon ge {jobs_since} and ({job_open})&$orderby=createdon desc&$top=100").part(Part::Open).with(LABELS),
            dataverse("/api/data/v9.2/{job_set}?$select={job_columns}&$filter=createdon ge {jobs_since} and ({job_succeeded})&$orderby=modifiedon desc&$top=1").part(Part::Succeeded).with(LABELS),
        ]);
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

    #[test]
    fn every_section_says_which_question_it_answers() {
        for section in SECTIONS {
            assert!(section.question.ends_with('?'), "{}", section.name);
        }
    }
}
