//! A healthy account in a healthy environment, for the unit tests of the areas environment, licensing and
//! dataverse-user; a test says only what is different.

use serde_json::{Value, json};

use crate::facts::{Context, Expectations, FactValue, Facts, Reading, find};
use crate::profile::Profile;
use crate::snapshot::Snapshot;

pub(in crate::facts) const ACCOUNT: &str = "svc-d365@contoso.com";
pub(in crate::facts) const APPLICATION: &str = "5e56ae97-9be1-40d3-938b-99ea52175a30";
pub(in crate::facts) const OBJECT_ID: &str = "11111111-1111-4111-8111-111111111111";
pub(in crate::facts) const OTHER_OBJECT_ID: &str = "99999999-1111-4111-8111-111111111111";
pub(in crate::facts) const GROUP: &str = "44444444-4444-4444-8444-444444444444";
pub(in crate::facts) const SALES: &str = "1e1a282c-9c54-43a2-9310-98ef728faace";
pub(in crate::facts) const SALES_PLAN: &str = "2da8e897-7791-486b-b08f-cc63c8129df7";
pub(in crate::facts) const POWER_APPS_PLAN: &str = "874fc546-6efe-4d22-90b8-5c4e7aa59f4b";

/// A snapshot under construction.
pub(in crate::facts) struct Case {
    body: Value,
    profile: Profile,
    expectations: Expectations,
}

impl Case {
    /// Everything is in order.
    pub(in crate::facts) fn healthy() -> Self {
        let organization = "22222222-2222-4222-8222-222222222222";
        let sections = json!({
            "login.challenge": ok(json!({"resource_id": "https://contoso.crm4.dynamics.com/"})),
            "graph.user": ok(json!({
                "id": OBJECT_ID, "userPrincipalName": ACCOUNT, "mail": null, "displayName": "Work 365 Service",
                "accountEnabled": true, "createdDateTime": "2026-01-05T08:00:00Z", "usageLocation": "DE",
                "assignedLicenses": [{"skuId": SALES, "disabledPlans": []}],
                "assignedPlans": [plan(SALES_PLAN, "Enabled"), plan(POWER_APPS_PLAN, "Enabled")],
                "licenseAssignmentStates": [{
                    "skuId": SALES, "disabledPlans": [], "assignedByGroup": null, "state": "Active", "error": "None",
                    "lastUpdatedDateTime": "2026-01-05T09:00:00Z"}]})),
            "graph.license_details": ok(json!({"value": [detail(SALES, "DYN365_ENTERPRISE_SALES", &[
                (SALES_PLAN, "DYN365_ENTERPRISE_SALES", "Success"),
                (POWER_APPS_PLAN, "POWERAPPS_DYN_APPS", "Success")])]})),
            "graph.subscribed_skus": ok(json!({"value": [{"skuId": SALES, "capabilityStatus": "Enabled"}]})),
            "graph.directory_roles": ok(json!({"value": []})),
            "graph.group_memberships": ok(json!({"value": [{"id": GROUP}]})),
            "graph.security_group_membership": ok(json!({"group_id": GROUP, "direct": true, "transitive": true})),
            "graph.service_principal": ok(json!({"id": OBJECT_ID, "appId": APPLICATION})),
            "graph.sign_ins": ok(json!({"value": [sign_in("203.0.113.10", "2026-01-05T09:30:00Z", 0)]})),
            "admin.environment": ok(json!({"name": "33333333-3333-4333-8333-333333333333", "properties": {
                "displayName": "Contoso Prod", "environmentSku": "Production",
                "linkedEnvironmentMetadata": {
                    "resourceId": organization, "instanceUrl": "https://contoso.crm4.dynamics.com/",
                    "instanceApiUrl": "https://contoso.api.crm4.dynamics.com", "instanceState": "Ready",
                    "securityGroupId": GROUP, "backgroundOperationsState": "Enabled"},
                "states": {"management": {"id": "Ready"},
                           "runtime": {"id": "Enabled", "runtimeReasonCode": "NotSpecified"}}}})),
            "dataverse.who_am_i": ok(json!({"OrganizationId": organization})),
            "dataverse.operator_roles": ok(json!({"value": [
                {"_roletemplateid_value": "627090ff-40a3-4053-8790-584edc5be201"}]})),
            "dataverse.system_users": ok(json!({"value": [row()]})),
            "dataverse.user_roles": ok(json!({"value": [{"roleid": "r", "name": "Work 365 Service"}]})),
            "dataverse.license_info": ok(json!({"licenseInfo": {"ServicePlans": [{"ServicePlanId": SALES_PLAN}]}})),
            "dataverse.organization": ok(json!({"value": [{
                "organizationid": organization, "isdisabled": false, "disabledreason": null,
                "enableipbasedfirewallrule": false, "enableipbasedfirewallruleinauditmode": false,
                "allowediprangeforfirewall": null, "allowedservicetagsforfirewall": null,
                "allowapplicationuseraccess": false}]})),
        });
        Self {
            body: json!({
                "schema": "work365-doctor/snapshot/v1", "captured_at": "2026-01-05T10:00:00Z",
                "subject": {"account": ACCOUNT, "environment": "https://contoso.crm4.dynamics.com"},
                "sections": sections}),
            profile: Profile::LegacyPassword,
            expectations: Expectations::default(),
        }
    }

    /// The same as an application user.
    pub(in crate::facts) fn healthy_application_user() -> Self {
        let mut case = Self::healthy();
        case.profile = Profile::ApplicationUser;
        case.body["subject"]["account"] = json!(APPLICATION);
        case.set(
            "dataverse.system_users",
            "/value/0/applicationid",
            json!(APPLICATION),
        )
    }

    /// Changes one value of a section's body.
    pub(in crate::facts) fn set(mut self, section: &str, pointer: &str, value: Value) -> Self {
        let body = &mut self.body["sections"][section]["body"];
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) if items.len() == key.parse::<usize>().unwrap() => items.push(value),
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
            parent => parent[key] = value,
        }
        self
    }

    /// Removes one key of a section's body.
    pub(in crate::facts) fn unset(mut self, section: &str, pointer: &str) -> Self {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = self.body["sections"][section]["body"]
            .pointer_mut(parent)
            .unwrap();
        parent.as_object_mut().unwrap().remove(key);
        self
    }

    /// A section that was refused.
    pub(in crate::facts) fn denied(mut self, section: &str) -> Self {
        self.body["sections"][section] = json!({"outcome": "denied", "http_status": 403, "body": {}});
        self
    }

    /// A whole section, envelope included.
    pub(in crate::facts) fn section(mut self, section: &str, envelope: Value) -> Self {
        self.body["sections"][section] = envelope;
        self
    }

    /// Another address of the environment.
    pub(in crate::facts) fn environment(mut self, address: &str) -> Self {
        self.body["subject"]["environment"] = json!(address);
        self
    }

    /// `--ip`.
    pub(in crate::facts) fn calling_from(mut self, address: &str) -> Self {
        self.expectations.addresses = vec![address.parse().unwrap()];
        self
    }

    /// One fact.
    pub(in crate::facts) fn fact(&self, name: &str) -> Reading<FactValue> {
        let snapshot = Snapshot::from_bytes(self.body.to_string().as_bytes()).unwrap();
        let context = Context::new(&snapshot, &self.expectations, self.profile, snapshot.captured_at);
        Facts::of(context).get(find(name).unwrap()).clone()
    }

    /// A fact of kind bool: yes, no, or unknown.
    pub(in crate::facts) fn flag(&self, name: &str) -> Option<bool> {
        match self.fact(name) {
            Ok(FactValue::Bool(value)) => Some(value),
            Ok(other) => panic!("{name} is {other:?}"),
            Err(_) => None,
        }
    }
}

/// An answered section.
pub(in crate::facts) fn ok(body: Value) -> Value {
    json!({"outcome": "ok", "http_status": 200, "body": body})
}

/// The account's row.
pub(in crate::facts) fn row() -> Value {
    json!({
        "systemuserid": "55555555-5555-4555-8555-555555555555", "azureactivedirectoryobjectid": OBJECT_ID,
        "applicationid": null, "domainname": ACCOUNT, "internalemailaddress": ACCOUNT, "fullname": "Work 365 Service",
        "isdisabled": false, "islicensed": true, "issyncwithdirectory": true, "accessmode": 0,
        "isallowedbyipfirewall": false})
}

/// One assigned plan.
pub(in crate::facts) fn plan(id: &str, status: &str) -> Value {
    json!({"servicePlanId": id, "capabilityStatus": status, "assignedDateTime": "2026-01-05T09:00:00Z"})
}

/// One entry of licence details.
pub(in crate::facts) fn detail(sku: &str, name: &str, plans: &[(&str, &str, &str)]) -> Value {
    let plans: Vec<Value> = plans
        .iter()
        .map(|(id, name, status)| {
            json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": status})
        })
        .collect();
    json!({"skuId": sku, "skuPartNumber": name, "servicePlans": plans})
}

/// One sign-in to Dataverse.
pub(in crate::facts) fn sign_in(address: &str, time: &str, error: i64) -> Value {
    json!({
        "userId": OBJECT_ID, "userPrincipalName": ACCOUNT, "appId": APPLICATION, "createdDateTime": time,
        "resourceId": "00000007-0000-0000-c000-000000000000", "ipAddress": address, "status": {"errorCode": error},
        "authenticationProtocol": "ropc", "clientAppUsed": "Mobile Apps and Desktop clients", "isInteractive": true})
}
