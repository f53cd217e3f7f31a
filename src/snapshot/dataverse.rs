//! The Dataverse Web API bodies, typed as far as rules judge them. Shapes: `api-facts.md` section 10.

use super::field::Field;

body!(
    "PascalCase",
    /// `dataverse.who_am_i`: the operator.
    WhoAmI {
        /// Business unit.
        business_unit_id: String,
        /// `systemuserid`.
        user_id: String,
        /// Organisation.
        organization_id: String,
    }
);
body!(
    "snake_case",
    /// One row of `dataverse.system_users` or `dataverse.application_users` (D-02).
    SystemUser {
        /// Row id.
        systemuserid: String,
        /// Organisation.
        organizationid: String,
        /// Entra object id; the only safe key of a user's row.
        azureactivedirectoryobjectid: String,
        /// Application id; set for application users only.
        applicationid: String,
        /// UPN.
        domainname: String,
        /// Mail address.
        internalemailaddress: String,
        /// Name.
        fullname: String,
        /// True is disabled.
        isdisabled: bool,
        /// Why.
        disabledreason: String,
        /// Dataverse's own licence verdict.
        islicensed: bool,
        /// False for rows made by an import.
        issyncwithdirectory: bool,
        /// An unlicensed administrator ("Restricted Access Mode").
        setupuser: bool,
        /// 0 Read-Write, 1 Administrative, 2 Read, 3 Support User, 4 Non-interactive, 5 Delegated Admin.
        accessmode: i64,
        /// 0 exists, 1 soft-deleted, 2 not found or hard-deleted in Entra.
        azurestate: i64,
        /// 0 not deleted, 1 soft-deleted.
        deletedstate: i64,
        /// Bypasses the IP firewall.
        isallowedbyipfirewall: bool,
        /// Business unit.
        #[serde(rename = "_businessunitid_value")]
        business_unit_id: String,
        /// Made.
        createdon: String,
        /// Changed.
        modifiedon: String,
    }
);
body!(
    "snake_case",
    /// One security role (D-04).
    Role {
        /// Row id; differs per business unit.
        roleid: String,
        /// Name; localised and renamable, never a key.
        name: String,
        /// 0 team privileges only, 1 direct user level and team privileges.
        isinherited: i64,
        /// Template; the same in every environment.
        #[serde(rename = "_roletemplateid_value")]
        role_template_id: String,
        /// The role in the root business unit that this one is a copy of.
        #[serde(rename = "_parentrootroleid_value")]
        parent_root_role_id: String,
        /// Business unit.
        #[serde(rename = "_businessunitid_value")]
        business_unit_id: String,
        /// Team that carries it (`RetrieveAadUserRoles` only).
        #[serde(rename = "t_x002e_teamid")]
        team_id: String,
        /// Entra group of that team (`RetrieveAadUserRoles` only).
        #[serde(rename = "t_x002e_azureactivedirectoryobjectid")]
        team_group_id: String,
        /// Name of that team (`RetrieveAadUserRoles` only).
        #[serde(rename = "t_x002e_name")]
        team_name: String,
    }
);
body!(
    "snake_case",
    /// One team with its roles (contract section 8).
    Team {
        /// Row id.
        teamid: String,
        /// Name.
        name: String,
        /// 0 owner, 1 access (holds no roles), 2 Entra security group, 3 Microsoft 365 group.
        teamtype: i64,
        /// 0 members and guests, 1 members, 2 owners, 3 guests.
        membershiptype: i64,
        /// A business unit's own team.
        isdefault: bool,
        /// Entra group of a group team.
        azureactivedirectoryobjectid: String,
        /// Business unit.
        #[serde(rename = "_businessunitid_value")]
        business_unit_id: String,
        /// Its roles.
        roles: Vec<Role>,
        /// Its column security profiles.
        column_security_profiles: Vec<ColumnSecurityProfile>,
    }
);
body!(
    "PascalCase",
    /// `dataverse.user_privileges` (D-05).
    Privileges {
        /// What the user may do.
        role_privileges: Vec<Privilege>,
        /// The names that were asked for; missing when this is the full list.
        #[serde(rename = "asked")]
        asked: Vec<String>,
    }
);
body!(
    "PascalCase",
    /// One privilege.
    Privilege {
        /// `Basic`, `Local`, `Deep`, `Global`.
        depth: String,
        /// Name, as `prvReadUser`.
        privilege_name: String,
        /// Id.
        privilege_id: String,
    }
);
body!(
    "snake_case",
    /// One column security profile (D-06).
    ColumnSecurityProfile {
        /// Row id.
        fieldsecurityprofileid: String,
        /// Name.
        name: String,
    }
);
body!(
    "snake_case",
    /// `dataverse.user_settings` (D-07).
    UserSettings {
        /// Whose.
        systemuserid: String,
        /// Time zone code (`timezones.csv`).
        timezonecode: i64,
        /// Format, as LCID; 1033 is English (United States).
        localeid: i64,
        /// User interface language, as LCID; 0 is the organisation's.
        uilanguageid: i64,
        /// Short date pattern.
        dateformatstring: String,
        /// Date separator.
        dateseparator: String,
        /// Time pattern.
        timeformatstring: String,
        /// Decimal symbol.
        decimalsymbol: String,
        /// Digit grouping symbol.
        numberseparator: String,
    }
);
body!(
    "camelCase",
    /// `dataverse.license_info`: what Dataverse has synchronised.
    LicenseInfoAnswer {
        /// The wrapped answer.
        license_info: LicenseInfo,
    }
);
body!(
    "PascalCase",
    /// The synchronised service plans.
    LicenseInfo {
        /// Service plans.
        service_plans: Vec<LicensePlan>,
    }
);
body!(
    "PascalCase",
    /// One synchronised service plan.
    LicensePlan {
        /// Service plan id.
        service_plan_id: String,
        /// Name.
        name: String,
    }
);
body!(
    "snake_case",
    /// `dataverse.organization` (D-01).
    Organization {
        /// Organisation id.
        organizationid: String,
        /// Base language, as LCID.
        languagecode: i64,
        /// Default format, as LCID.
        localeid: i64,
        /// Whether it is disabled.
        isdisabled: bool,
        /// Why.
        disabledreason: String,
        /// Whether the IP firewall enforces.
        enableipbasedfirewallrule: bool,
        /// Whether it only records.
        enableipbasedfirewallruleinauditmode: bool,
        /// Allowed ranges, comma-separated CIDR.
        allowediprangeforfirewall: String,
        /// Allowed service tags.
        allowedservicetagsforfirewall: String,
        /// Application users bypass the firewall.
        allowapplicationuseraccess: bool,
        /// Settings as XML.
        orgdborgsettings: String,
    }
);
body!(
    "PascalCase",
    /// `dataverse.provisioned_languages`.
    ProvisionedLanguages {
        /// LCIDs.
        retrieve_provisioned_languages: Vec<i64>,
    }
);
body!(
    "snake_case",
    /// `dataverse.business_unit` (D-03).
    BusinessUnit {
        /// Row id.
        businessunitid: String,
        /// Name.
        name: String,
        /// A disabled unit blocks its users.
        isdisabled: bool,
        /// Null for the root.
        #[serde(rename = "_parentbusinessunitid_value")]
        parent_business_unit_id: String,
    }
);
body!(
    "snake_case",
    /// One entry of `dataverse.user_audit`: a change of the row, as the audit table keeps it.
    AuditEntry {
        /// When.
        createdon: String,
        /// What was done: 2 update, 34 disassociate, 55 role assigned, 56 role removed, …
        action: i64,
        /// What changed, as JSON text: `{"changedAttributes":[{"logicalName","oldValue","newValue"}]}`.
        changedata: String,
    }
);
