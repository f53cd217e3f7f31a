//! The request table: one row for each request that a check makes. The collector, `plan` and the ledger all read it.
//!
//! What a section holds and the least right that reads it stand in [`crate::snapshot::SECTIONS`]; here stands how it is
//! read. A row can be sent as soon as every `{placeholder}` of its path is known, so the rounds of a run follow from the
//! data. Sources: `CONTRACT.md` section 8, api-facts sections 3 to 10.

use super::call::Service;
use super::expand::placeholders;

/// Which kind of account a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Any.
    Both,
    /// A user only.
    User,
    /// An application user only.
    Application,
}

/// One request, before it is known for whom.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    /// The section that it feeds.
    pub section: &'static str,
    /// Which part of the section, when several requests feed it; empty for the main one.
    pub part: &'static str,
    /// Who answers.
    pub service: Service,
    /// Path and query with placeholders, unencoded. `checkMemberGroups` and `evaluate` are the two POSTs.
    pub path: &'static str,
    /// Headers besides the usual ones.
    pub headers: &'static [(&'static str, &'static str)],
    /// Which kind of account it is for.
    pub about: About,
    /// Whether it belongs to the report family, which answers five requests in ten seconds (api-facts 1.4).
    pub paced: bool,
}

const EVENTUAL: &[(&str, &str)] = &[("ConsistencyLevel", "eventual")];
const STRONG: &[(&str, &str)] = &[("Consistency", "Strong")];
const UNKNOWN_MEMBERS: &[(&str, &str)] = &[("Prefer", "include-unknown-enum-members")];

/// The privileges that are asked for by name: what the rules look at, and what Work 365's jobs use (api-facts D-05).
pub const PRIVILEGES: [&str; 18] = [
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
    "prvReadProduct",
    "prvReadPriceLevel",
];

const fn read(section: &'static str, part: &'static str, service: Service, path: &'static str) -> Read {
    Read {
        section,
        part,
        service,
        path,
        headers: &[],
        about: About::Both,
        paced: false,
    }
}

const fn login(section: &'static str, path: &'static str) -> Read {
    read(section, "", Service::Login, path)
}

const fn graph(section: &'static str, path: &'static str) -> Read {
    read(section, "", Service::Graph, path)
}

const fn dataverse(section: &'static str, path: &'static str) -> Read {
    read(section, "", Service::Dataverse, path)
}

impl Read {
    const fn part(self, part: &'static str) -> Self {
        Self { part, ..self }
    }

    const fn of_user(self) -> Self {
        Self {
            about: About::User,
            ..self
        }
    }

    const fn of_application(self) -> Self {
        Self {
            about: About::Application,
            ..self
        }
    }

    const fn paced(self) -> Self {
        Self { paced: true, ..self }
    }

    const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    /// Whether it is one of the read-only POSTs `checkMemberGroups` and `evaluate`.
    pub fn is_post(&self) -> bool {
        self.path.ends_with("/checkMemberGroups") || self.path.ends_with("/evaluate")
    }

    /// Whether it wants what the servers have cached: a batch with reads that want the newest would spoil it.
    pub(super) fn is_cached(&self) -> bool {
        self.section == "dataverse.user_privileges_cached"
    }

    /// Whether the service's token goes along: the sign-in service and the environment's challenge need none.
    pub fn is_signed(&self) -> bool {
        self.service != Service::Login && self.section != "login.challenge"
    }
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

/// Every request, in the order of the contract's sections.
pub const READS: &[Read] = &[
    dataverse("login.challenge", "/api/data/v9.2/"),
    login("login.realm", "/common/userrealm/{account}?api-version=1.0").of_user(),
    login("login.openid_configuration", "/{tenant}/v2.0/.well-known/openid-configuration"),
    graph("graph.user", "/v1.0/users/{account}?$select=id,userPrincipalName,mail,displayName,accountEnabled,userType,creationType,externalUserState,createdDateTime,deletedDateTime,usageLocation,preferredLanguage,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates,serviceProvisioningErrors,onPremisesSyncEnabled,onPremisesImmutableId,onPremisesDomainName,onPremisesUserPrincipalName,onPremisesLastSyncDateTime,onPremisesProvisioningErrors,passwordPolicies,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,identities,isManagementRestricted").of_user(),
    graph("graph.user", "/v1.0/users/{account}?$select=id,passwordProfile").part("password profile").of_user(),
    graph("graph.sign_in_activity", "/v1.0/users/{object_id}?$select=id,signInActivity").of_user().paced(),
    graph("graph.license_details", "/v1.0/users/{account}/licenseDetails").of_user(),
    graph("graph.subscribed_skus", "/v1.0/subscribedSkus"),
    graph("graph.deleted_users", "/v1.0/directory/deletedItems/microsoft.graph.user?$filter=endsWith(userPrincipalName,'{account}')&$count=true&$select=id,displayName,userPrincipalName,mail,deletedDateTime").with(EVENTUAL).of_user(),
    graph("graph.authentication_methods", "/v1.0/users/{account}/authentication/methods").of_user(),
    graph("graph.per_user_mfa", "/beta/users/{account}/authentication/requirements").of_user(),
    graph("graph.registration_details", "/v1.0/reports/authenticationMethods/userRegistrationDetails/{object_id}").of_user().paced(),
    graph("graph.registration_campaign", "/v1.0/policies/authenticationMethodsPolicy?$select=registrationEnforcement"),
    graph("graph.security_defaults", "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"),
    graph("graph.conditional_access_policies", "/v1.0/identity/conditionalAccess/policies"),
    graph("graph.named_locations", "/v1.0/identity/conditionalAccess/namedLocations"),
    graph("graph.authentication_strengths", "/v1.0/policies/authenticationStrengthPolicies"),
    graph("graph.conditional_access_evaluation", "/v1.0/identity/conditionalAccess/evaluate").of_user(),
    graph("graph.sign_ins", "/beta/auditLogs/signIns?$filter=userId eq '{object_id}' and createdDateTime ge {since} and (signInEventTypes/any(t:t eq 'interactiveUser') or signInEventTypes/any(t:t eq 'nonInteractiveUser'))&$top=200").with(UNKNOWN_MEMBERS).of_user().paced(),
    graph("graph.sign_ins", "/beta/auditLogs/signIns?$filter=userPrincipalName eq '{account_without_id}' and createdDateTime ge {since} and (signInEventTypes/any(t:t eq 'interactiveUser') or signInEventTypes/any(t:t eq 'nonInteractiveUser'))&$top=200").part("by name").with(UNKNOWN_MEMBERS).of_user().paced(),
    graph(
        "graph.sign_ins",
        "/v1.0/auditLogs/signIns?$filter=userId eq '{object_id_without_types}' and createdDateTime ge {since}&$top=200",
    )
    .part("interactive only")
    .with(UNKNOWN_MEMBERS)
    .of_user()
    .paced(),
    graph("graph.sign_ins", "/beta/auditLogs/signIns?$filter=appId eq '{application}' and createdDateTime ge {since} and signInEventTypes/any(t:t eq 'servicePrincipal')&$top=200").part("of the application").with(UNKNOWN_MEMBERS).of_application().paced(),
    graph("graph.directory_audits", "/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '{audited}') and activityDateTime ge {since}").paced(),
    graph("graph.directory_audits", "/v1.0/auditLogs/directoryAudits?$filter=category eq 'Policy' and activityDateTime ge {since}").part("policies").paced(),
    graph("graph.domain", "/v1.0/domains/{domain}").of_user(),
    graph("graph.federation", "/v1.0/domains/{federated_domain}/federationConfiguration").of_user(),
    graph("graph.home_realm_policies", "/v1.0/policies/homeRealmDiscoveryPolicies"),
    graph("graph.organization", "/v1.0/organization?$select=id,displayName,createdDateTime,tenantType,onPremisesSyncEnabled,onPremisesLastSyncDateTime,verifiedDomains,assignedPlans,countryLetterCode"),
    graph("graph.group_memberships", "/v1.0/users/{account}/transitiveMemberOf/microsoft.graph.group?$select=id,displayName,securityEnabled,mailEnabled,groupTypes").of_user(),
    graph("graph.security_group_membership", "/v1.0/groups/{group}/members?$filter=id eq '{object_id}'&$count=true&$select=id").part("direct").with(EVENTUAL).of_user(),
    graph("graph.security_group_membership", "/v1.0/users/{object_id}/checkMemberGroups").part("transitive").of_user(),
    graph("graph.directory_roles", "/v1.0/users/{account}/transitiveMemberOf/microsoft.graph.directoryRole?$select=id,displayName,roleTemplateId").of_user(),
    graph("graph.eligible_roles", "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$filter=principalId eq '{object_id}'").of_user(),
    graph("graph.risky_user", "/v1.0/identityProtection/riskyUsers/{object_id}").of_user(),
    graph("graph.service_principal", "/v1.0/servicePrincipals?$filter=appId in ('e4b1a995-abe3-4350-a61c-65fccd32e8bd','5e56ae97-9be1-40d3-938b-99ea52175a30')&$select=id,appId,displayName,accountEnabled,appRoleAssignmentRequired"),
    graph("graph.permission_grants", "/v1.0/servicePrincipals/{service_principal}/oauth2PermissionGrants"),
    graph("graph.grant_resources", "/v1.0/servicePrincipals/{resource}?$select=id,appId,displayName"),
    graph("graph.app_role_assignments", "/v1.0/users/{account}/appRoleAssignments").of_user(),
    read("admin.environment", "", Service::Admin, "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments/{environment_id}?$expand=permissions,properties.capacity&api-version=2023-06-01"),
    read("admin.environment", "list", Service::Admin, "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?$expand={without_environment_id}&api-version=2023-06-01"),
    dataverse("admin.environment", "/api/data/v9.2/RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'").part("environment id"),
    dataverse("dataverse.who_am_i", "/api/data/v9.2/WhoAmI"),
    dataverse("dataverse.operator_roles", concat!("/api/data/v9.2/systemusers({operator})/systemuserroles_association?$select=", role_columns!())),
    dataverse("dataverse.operator_privileges", "/api/data/v9.2/systemusers({operator})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"),
    dataverse("dataverse.system_users", concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=domainname eq '{account}'")).part("by name").of_user(),
    dataverse("dataverse.system_users", concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=azureactivedirectoryobjectid eq {unmatched_object_id}")).of_user(),
    dataverse("dataverse.system_users", concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=applicationid eq {application}")).part("of the application").of_application(),
    dataverse("dataverse.user_roles", concat!("/api/data/v9.2/systemusers({row})/systemuserroles_association?$select=", role_columns!())).with(STRONG),
    dataverse("dataverse.user_teams", "/api/data/v9.2/systemusers({row})/teammembership_association?$select=teamid,name,teamtype,membershiptype,isdefault,systemmanaged,azureactivedirectoryobjectid,_businessunitid_value").with(STRONG),
    dataverse("dataverse.user_teams", concat!("/api/data/v9.2/teams({team})/teamroles_association?$select=", role_columns!())).part("roles").with(STRONG),
    dataverse("dataverse.user_teams", "/api/data/v9.2/teams({team})/teamprofiles_association?$select=fieldsecurityprofileid,name").part("profiles").with(STRONG),
    dataverse("dataverse.aad_user_roles", "/api/data/v9.2/RetrieveAadUserRoles(DirectoryObjectId={directory_object})?$select=name,_parentrootroleid_value,_roletemplateid_value").with(STRONG),
    dataverse("dataverse.user_privileges", "/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={privileges}").with(STRONG),
    dataverse("dataverse.user_privileges", "/api/data/v9.2/systemusers({row_without_set})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()").part("full list").with(STRONG),
    dataverse("dataverse.user_privileges_cached", "/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={privileges}"),
    dataverse("dataverse.column_security_profiles", "/api/data/v9.2/systemusers({row})/systemuserprofiles_association?$select=fieldsecurityprofileid,name").with(STRONG),
    dataverse("dataverse.user_settings", "/api/data/v9.2/usersettingscollection({row})?$select=systemuserid,businessunitid,timezonecode,timezonebias,timezonedaylightbias,localeid,uilanguageid,helplanguageid,dateformatcode,dateformatstring,dateseparator,longdateformatcode,timeformatcode,timeformatstring,timeseparator,amdesignator,pmdesignator,decimalsymbol,numberseparator,numbergroupformat,negativeformatcode,currencysymbol,currencyformatcode,currencydecimalprecision,pricingdecimalprecision,negativecurrencyformatcode,fullnameconventioncode,calendartype,defaultcountrycode,paginglimit,workdaystarttime,workdaystoptime,issendasallowed,_transactioncurrencyid_value").with(STRONG),
    dataverse("dataverse.license_info", "/api/data/v9.2/systemusers({row})/Microsoft.Dynamics.CRM.RetrieveUserLicenseInfo()").of_user(),
    dataverse("dataverse.organization", "/api/data/v9.2/organizations?$select=organizationid,name,localeid,languagecode,utcconversiontimezonecode,dateformatcode,dateformatstring,dateseparator,longdateformatcode,timeformatcode,timeformatstring,timeseparator,decimalsymbol,numberseparator,numberformat,numbergroupformat,negativeformatcode,currencyformatcode,currencydisplayoption,currencysymbol,currencydecimalprecision,pricingdecimalprecision,negativecurrencyformatcode,amdesignator,pmdesignator,calendartype,weekstartdaycode,fullnameconventioncode,isdisabled,disabledreason,organizationstate,enableipbasedfirewallrule,enableipbasedfirewallruleinauditmode,allowediprangeforfirewall,allowedservicetagsforfirewall,allowapplicationuseraccess,enableipbasedcookiebinding,sessiontimeoutenabled,sessiontimeoutinmins,inactivitytimeoutenabled,isauditenabled,isuseraccessauditenabled,delegatedadminuserid,orgdborgsettings,_basecurrencyid_value"),
    dataverse("dataverse.provisioned_languages", "/api/data/v9.2/RetrieveProvisionedLanguages()"),
    dataverse("dataverse.application_users", concat!("/api/data/v9.2/systemusers?$select=", row_columns!(), "&$filter=applicationid ne null")),
    dataverse("dataverse.user_audit", "/api/data/v9.2/audits?$select=createdon,changedata,operation,action&$filter=_objectid_value eq {row}&$orderby=createdon desc&$top=50"),
    dataverse("dataverse.business_unit", "/api/data/v9.2/businessunits({business_unit})?$select=businessunitid,name,isdisabled,_parentbusinessunitid_value"),
    dataverse("dataverse.solutions", "/api/data/v9.2/solutions?$select=uniquename,friendlyname,version&$filter=contains(uniquename,'ork365') or contains(friendlyname,'ork 365')"),
];

/// What a placeholder stands for, for `plan` and for the detail of a read that could not be sent.
pub fn meaning(placeholder: &str) -> &'static str {
    match placeholder {
        "account" | "account_without_id" => "the account's UPN",
        "application" => "the application id",
        "tenant" => "the tenant",
        "since" => "the time thirty days ago",
        "domain" => "the account's domain",
        "federated_domain" => "a federated domain",
        "object_id" | "unmatched_object_id" | "object_id_without_types" => "the account's object id",
        "audited" => "the object id of the account or of the Work 365 application",
        "group" => "a security group that restricts the environment",
        "service_principal" => "the Work 365 application in this tenant",
        "resource" => "a permission grant of the Work 365 application",
        "environment_id" | "without_environment_id" => "the environment id",
        "operator" => "the operator's user id in the environment",
        "row" | "row_without_set" | "directory_object" => "the account's row in the environment",
        "business_unit" => "the row's business unit",
        "team" => "a team of the row",
        _ => "more than is known",
    }
}

/// The sections whose answers tell a placeholder; none for what is given.
fn sources(placeholder: &str) -> &'static [&'static str] {
    match placeholder {
        "tenant" => &["login.challenge"],
        "object_id" | "account_without_id" => &["graph.user"],
        "object_id_without_types" => &["graph.user", "graph.sign_ins"],
        "audited" => &["graph.user", "graph.deleted_users", "graph.service_principal"],
        "federated_domain" => &["graph.domain", "login.realm"],
        "group" | "environment_id" | "without_environment_id" => &["admin.environment"],
        "service_principal" => &["graph.service_principal"],
        "resource" => &["graph.permission_grants"],
        "operator" => &["dataverse.who_am_i"],
        "row" | "row_without_set" | "business_unit" | "unmatched_object_id" | "directory_object" => {
            &["graph.user", "dataverse.system_users"]
        }
        "team" => &["dataverse.user_teams"],
        _ => &[],
    }
}

/// The sections, and all whose answers lead to them; sorted.
pub fn with_leads(sections: Vec<&'static str>) -> Vec<&'static str> {
    let mut all: std::collections::BTreeSet<&'static str> = sections.into_iter().collect();
    loop {
        let leads: Vec<&'static str> = READS
            .iter()
            .filter(|read| all.contains(read.section))
            .flat_map(|read| placeholders(read.path))
            .flat_map(|name| sources(name).iter().copied())
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
    use crate::collect::expand::placeholders;
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
        let given = ["account", "application", "domain", "since", "privileges"];
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
