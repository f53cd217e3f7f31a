//! What a text is, by the property that holds it. A property that is not listed holds something unknown, and its
//! text is replaced: that a new property of a service leaks nothing matters more than that it can be read.

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A word of a service's vocabulary: stays; ids, addresses and domains in it are replaced.
    Vocabulary,
    /// Sentences: stay, and everything in them that names somebody is replaced.
    Sentence,
    /// A name that somebody chose.
    Name,
    /// The name of a security role or a column security profile: rules judge it, it stays.
    RoleName,
    /// A domain name.
    Domain,
    /// A sign-in name or mail address, with or without a domain.
    Account,
    /// A password or a key.
    Secret,
    /// Not known.
    Unknown,
}

/// Names that somebody chose.
const NAMES: &[&str] = &[
    "appdisplayname",
    "clientdisplayname",
    "devicedisplayname",
    "displayname",
    "domainname_label",
    "firstname",
    "friendlyname",
    "fullname",
    "given_name",
    "family_name",
    "givenname",
    "initiatedbydisplayname",
    "lastname",
    "name",
    "resourcedisplayname",
    "serviceprincipalname",
    "surname",
    "t_x002e_name",
    "uniquename",
    "unique_name",
    "urlname",
    "userdisplayname",
];

/// Sign-in names and mail addresses.
const ACCOUNTS: &[&str] = &[
    "account",
    "domainname",
    "internalemailaddress",
    "issuerassignedid",
    "mail",
    "onpremisesuserprincipalname",
    "preferred_username",
    "preferredusername",
    "upn",
    "useridentifier",
    "username",
    "userprincipalname",
    "windowsliveid",
];

/// Domain names.
const DOMAINS: &[&str] = &["domain_name", "issuer", "onpremisesdomainname"];

/// Sentences.
const SENTENCES: &[&str] = &[
    "additionaldetails",
    "changedata",
    "claims",
    "definition",
    "description",
    "detail",
    "disabledreason",
    "error_description",
    "failurereason",
    "innererror",
    "issueruri",
    "issuer_uri",
    "message",
    "newvalue",
    "oldvalue",
    "orgdborgsettings",
    "resultreason",
    "rule",
    "runtimereasondetails",
];

/// Words of the services.
const VOCABULARY: &[&str] = &[
    "@odata.context",
    "@odata.etag",
    "@odata.type",
    "account_type",
    "activitydatetime",
    "activitydisplayname",
    "allowedcombinations",
    "allowediprangeforfirewall",
    "allowedservicetagsforfirewall",
    "amdesignator",
    "amr",
    "analysisreasons",
    "appid",
    "applicationid",
    "appliesto",
    "approleid",
    "asked",
    "aud",
    "authenticationmethod",
    "authenticationprotocol",
    "authenticationrequirement",
    "authenticationtype",
    "authorization_uri",
    "backgroundoperationsstate",
    "builtincontrols",
    "businessunitid",
    "capabilities",
    "capabilitystatus",
    "category",
    "cidraddress",
    "clientapptype",
    "clientapptypes",
    "clientappused",
    "clientid",
    "cloud",
    "cloud_audience_urn",
    "cloud_instance_name",
    "code",
    "conditionalaccessstatus",
    "consenttype",
    "correlation_id",
    "countriesandregions",
    "country",
    "countrylettercode",
    "countrylookupmethod",
    "countryorregion",
    "creationtype",
    "currencysymbol",
    "databasetype",
    "dateformatstring",
    "dateseparator",
    "decimalsymbol",
    "depth",
    "devicefiltermode",
    "directoryscopeid",
    "disabledplans",
    "enforcedgrantcontrols",
    "enforcedsessioncontrols",
    "environment",
    "environmentsku",
    "error",
    "error_codes",
    "error_uri",
    "excludeapplications",
    "excludeclientapplications",
    "excludegroups",
    "excludelocations",
    "excludeplatforms",
    "excluderoles",
    "excludeserviceprincipals",
    "excludeusers",
    "externaluserstate",
    "federatedidpmfabehavior",
    "federation_active_auth_url",
    "federation_metadata_url",
    "federation_protocol",
    "frequencyinterval",
    "grouptype",
    "grouptypes",
    "guestorexternalusertypes",
    "idtyp",
    "includeapplications",
    "includeauthenticationcontextclassreferences",
    "includegroups",
    "includelocations",
    "includeplatforms",
    "includeroles",
    "includeserviceprincipals",
    "includeuseractions",
    "includeusers",
    "insiderrisklevels",
    "instanceapiurl",
    "instancestate",
    "instanceurl",
    "ipaddr",
    "ipaddress",
    "kind",
    "location",
    "loggedbyservice",
    "membershipkind",
    "members",
    "membertype",
    "methodsregistered",
    "mode",
    "msgraph_host",
    "numbergroupformat",
    "numberseparator",
    "operationtype",
    "operator",
    "outcome",
    "passwordauthenticationmethod",
    "passwordpolicies",
    "perusermfastate",
    "phoneappversion",
    "phonetype",
    "pmdesignator",
    "policytype",
    "preferredlanguage",
    "principaltype",
    "privilegename",
    "protectionlevel",
    "provisioningstate",
    "provisioningstatus",
    "read_at",
    "region",
    "requirementprovider",
    "requirementssatisfied",
    "resource_id",
    "resourceid",
    "result",
    "riskdetail",
    "risklevel",
    "risklevelduringsignin",
    "risklevelaggregated",
    "riskstate",
    "roles",
    "runtimereasoncode",
    "schema",
    "scope",
    "scp",
    "service",
    "serviceplanname",
    "serviceprincipalrisklevels",
    "serviceprincipaltype",
    "signineventtypes",
    "signinrisklevel",
    "signinrisklevels",
    "signintype",
    "skupartnumber",
    "smssigninstate",
    "sourcetypes",
    "state",
    "suberror",
    "supportedservices",
    "systempreferredauthenticationmethods",
    "tags",
    "targetedauthenticationmethod",
    "targettype",
    "tenant_region_scope",
    "tenanttype",
    "timeformatstring",
    "timeseparator",
    "timestamp",
    "token_endpoint",
    "token_type",
    "transfermethods",
    "type",
    "usagelocation",
    "userpreferredmethodforsecondaryauthentication",
    "userrisklevel",
    "userrisklevels",
    "usertype",
    "values",
    "ver",
    "version",
    "wids",
    "workdaystarttime",
    "workdaystoptime",
    "azurecloudinstance",
    "id",
    "usage",
    "xms_cc",
    "acr",
    "acrs",
    "appidacr",
    "azpacr",
    "iss",
];

/// Passwords and keys.
const SECRETS: &[&str] = &[
    "access_token",
    "accesstoken",
    "client_assertion",
    "client_secret",
    "id_token",
    "password",
    "refresh_token",
    "refreshtoken",
    "secret",
    "secrettext",
    "authorization",
    "assertion",
    "cookie",
    "set-cookie",
    "key",
    "privatekey",
    "hint",
    "code_verifier",
    "device_code",
    "user_code",
    "x-ms-client-secret",
];

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The section; empty outside the sections.
    pub(super) section: &'a str,
    /// The property around the object.
    pub(super) around: &'a str,
}

/// What the property holds.
pub(super) fn class(key: &str, place: Place<'_>) -> Class {
    let key = key.to_ascii_lowercase();
    let has = |list: &[&str]| list.contains(&key.as_str());
    if has(SECRETS) {
        return Class::Secret;
    }
    match (place.section, place.around, key.as_str()) {
        ("", "tool", "name" | "version") | ("dataverse.license_info", _, "name" | "displayname") => {
            Class::Vocabulary
        }
        ("graph.domain", _, "id") | (_, "verifiedDomains" | "domains", "name") => Class::Domain,
        ("admin.environment", _, "domainname") => Class::Name,
        (_, "modifiedProperties", "displayname") => Class::Vocabulary,
        (section, around, "name") if is_of_roles(section, around) => Class::RoleName,
        _ if has(ACCOUNTS) => Class::Account,
        _ if has(NAMES) => Class::Name,
        _ if has(DOMAINS) => Class::Domain,
        _ if has(SENTENCES) => Class::Sentence,
        _ if has(VOCABULARY) => Class::Vocabulary,
        _ => Class::Unknown,
    }
}

fn is_of_roles(section: &str, around: &str) -> bool {
    match around {
        "value" | "body" => {
            section.starts_with("dataverse.")
                && (section.ends_with("_roles") || section.ends_with("column_security_profiles"))
        }
        _ => matches!(around, "roles" | "column_security_profiles"),
    }
}

/// Whether the property holds ids that are the same in every tenant.
pub(super) fn holds_known_ids(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "skuid"
            | "serviceplanid"
            | "disabledplans"
            | "roletemplateid"
            | "_roletemplateid_value"
            | "roledefinitionid"
            | "templateid"
            | "wids"
            | "includeroles"
            | "excluderoles"
    )
}
