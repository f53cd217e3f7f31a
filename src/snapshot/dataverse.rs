//! The Dataverse Web API bodies, typed as far as rules judge them. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview>.

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
    /// One team with its roles.
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
        /// Which plug-ins leave a trace: 0 none, 1 those that throw, 2 all.
        plugintracelogsetting: i64,
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
        /// What changed, as JSON text: `{"changedAttributes":[{"logicalName","oldValue","newValue"}]}`. Read without the
        /// row and the table, it comes back without the columns' names.
        changedata: String,
    }
);
body!(
    "snake_case",
    /// One of `dataverse.solutions`: what is installed under this name.
    Solution {
        /// Unique name.
        uniquename: String,
        /// Name that people see.
        friendlyname: String,
        /// Version, as `3.5.0.12`.
        version: String,
    }
);
body!(
    "snake_case",
    /// One of `dataverse.workflows`: a definition (`type` 1) or an activation of one (`type` 2).
    Workflow {
        /// Row id.
        workflowid: String,
        /// Name.
        name: String,
        /// 0 draft, 1 activated, 2 suspended.
        statecode: i64,
        /// 0 workflow, 5 modern flow.
        category: i64,
        /// 1 definition, 2 activation.
        #[serde(rename = "type")]
        kind: i64,
        /// Jobs that succeeded are deleted.
        asyncautodelete: bool,
        /// Owner: a user or a team.
        #[serde(rename = "_ownerid_value")]
        owner_id: String,
        /// The latest activation of a definition.
        #[serde(rename = "_activeworkflowid_value")]
        active_workflow_id: String,
        /// The definition of an activation.
        #[serde(rename = "_parentworkflowid_value")]
        parent_workflow_id: String,
        /// The owner, when it is a user; null for a team.
        owninguser: WorkflowOwner,
    }
);
body!(
    "snake_case",
    /// The user who owns a workflow.
    WorkflowOwner {
        /// Row id.
        systemuserid: String,
        /// Name.
        fullname: String,
        /// True is disabled.
        isdisabled: bool,
        /// Dataverse's own licence verdict.
        islicensed: bool,
        /// 0 Read-Write, 1 Administrative, 2 Read, 3 Support User, 4 Non-interactive, 5 Delegated Admin.
        accessmode: i64,
        /// Application id; set for application users only.
        applicationid: String,
    }
);
body!(
    "snake_case",
    /// One of `dataverse.system_jobs`: a background operation of Dataverse.
    SystemJob {
        /// Row id.
        asyncoperationid: String,
        /// Name; that of the workflow for one of a workflow.
        name: String,
        /// 1 an event of a plug-in, 10 a workflow, and chores of the environment: imports, duplicate detection, matchcodes, …
        operationtype: i64,
        /// 0 ready, 1 suspended, 2 locked, 3 completed.
        statecode: i64,
        /// 0 waiting for resources, 10 waiting, 20 in progress, 30 succeeded, 31 failed, 32 cancelled, …
        statuscode: i64,
        /// Dataverse's code of the failure; 0 or null for none.
        errorcode: i64,
        /// What happened, with the stack.
        message: String,
        /// The same for people.
        friendlymessage: String,
        /// Made.
        createdon: String,
        /// Over.
        completedon: String,
        /// Not before.
        postponeuntil: String,
        /// Owner: a user or a team.
        #[serde(rename = "_ownerid_value")]
        owner_id: String,
        /// The activation of the workflow that it runs.
        #[serde(rename = "_workflowactivationid_value")]
        workflow_activation_id: String,
    }
);
body!(
    "snake_case",
    /// One of `dataverse.plugin_traces`: an exception of a plug-in.
    PluginTrace {
        /// Row id.
        plugintracelogid: String,
        /// Class of the plug-in.
        typename: String,
        /// The exception.
        exceptiondetails: String,
        /// What the plug-in wrote.
        messageblock: String,
        /// When.
        createdon: String,
    }
);
body!(
    "snake_case",
    /// One of `dataverse.work365_tables`.
    Work365Table {
        /// Logical name, as `work365_subscription`.
        logicalname: String,
        /// The name in addresses.
        entitysetname: String,
        /// Schema name.
        name: String,
    }
);
