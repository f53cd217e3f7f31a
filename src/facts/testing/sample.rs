//! Small snapshots for the tests of facts: sections by name, everything else absent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Map, Value, json};

use crate::decode::{Decoded, decode_text};
use crate::profile::Profile;
use crate::snapshot::Snapshot;

use crate::facts::{Context, Expectations, FactValue, Facts, find};

/// Object id of the sample's account.
pub(in crate::facts) const ACCOUNT_ID: &str = "11111111-1111-4111-8111-111111111111";

/// A snapshot in the making, and how it is judged.
#[derive(Debug, Clone)]
pub(in crate::facts) struct Sample {
    account: String,
    sections: Map<String, Value>,
    profile: Profile,
    expectations: Expectations,
    error: Option<Decoded>,
}

impl Sample {
    /// An account with nothing known about it, judged by the default profile on 2026-06-15 at 09:00 UTC.
    pub(in crate::facts) fn new() -> Self {
        Self {
            account: "svc@contoso.com".to_owned(),
            sections: Map::new(),
            profile: Profile::LegacyPassword,
            expectations: Expectations::default(),
            error: None,
        }
    }

    /// The same with an ordinary directory object, whose properties `changes` overwrite.
    pub(in crate::facts) fn with_user(self, changes: Value) -> Self {
        let mut user = json!({"id": ACCOUNT_ID, "userPrincipalName": "svc@contoso.com", "accountEnabled": true,
            "userType": "Member", "onPremisesSyncEnabled": null, "passwordPolicies": null,
            "lastPasswordChangeDateTime": "2026-06-01T00:00:00Z", "assignedLicenses": []});
        let user_map = user.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            user_map.insert(name.clone(), value.clone());
        }
        self.ok("graph.user", user)
    }

    /// The same with an answered section.
    pub(in crate::facts) fn ok(mut self, section: &str, mut body: Value) -> Self {
        if section == "graph.conditional_access_policies" {
            body["value"]
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(complete);
        }
        let answer = json!({"outcome": "ok", "http_status": 200, "body": body});
        self.sections.insert(section.to_owned(), answer);
        self
    }

    /// The same with a list of objects in a section.
    pub(in crate::facts) fn list(self, section: &str, items: Value) -> Self {
        self.ok(section, json!({ "value": items }))
    }

    /// The same with a section that ended in `outcome`.
    pub(in crate::facts) fn ended(mut self, section: &str, outcome: &str) -> Self {
        self.sections
            .insert(section.to_owned(), json!({ "outcome": outcome, "body": {} }));
        self
    }

    /// The same under another name.
    pub(in crate::facts) fn named(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// The same under another profile.
    pub(in crate::facts) fn under(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same with expectations.
    pub(in crate::facts) fn expecting(mut self, expectations: Expectations) -> Self {
        self.expectations = expectations;
        self
    }

    /// The same with an error that somebody saw.
    pub(in crate::facts) fn with_error(mut self, text: &str) -> Self {
        self.error = Some(decode_text(text.as_bytes()));
        self
    }

    /// A fact's value, or the section that stood in its way.
    pub(in crate::facts) fn fact(&self, name: &str) -> Result<FactValue, String> {
        let snapshot = json!({"schema": "work365-doctor/snapshot/v1", "captured_at": "2026-06-15T09:00:00Z",
            "tool": {"name": "work365-doctor", "version": "0.1.0"}, "redacted": false,
            "subject": {"account": self.account, "environment": "https://contoso.crm4.dynamics.com"},
            "sections": self.sections});
        let snapshot = Snapshot::from_bytes(snapshot.to_string().as_bytes()).unwrap();
        let now = snapshot.captured_at;
        let facts = Facts::of(
            Context::new(&snapshot, &self.expectations, self.profile, now).with_error(self.error.as_ref()),
        );
        let reading = facts.get(find(name).unwrap_or_else(|| panic!("no fact {name}")));
        reading
            .clone()
            .map_err(|unknown| unknown.causes()[0].section.clone())
    }

    /// Whether a fact is known and true.
    pub(in crate::facts) fn is(&self, name: &str) -> Result<bool, String> {
        self.fact(name).map(|value| value == FactValue::Bool(true))
    }
}

/// One entry of the sign-in log: a password sign-in to Dataverse.
pub(in crate::facts) fn password_sign_in(at: &str, code: i64) -> Value {
    // Each is an attempt of its own.
    let digits: String = at.chars().filter(char::is_ascii_digit).collect();
    let correlation = format!(
        "00000000-0000-4000-8000-{:0>12}",
        &digits[digits.len().saturating_sub(12)..]
    );
    json!({"createdDateTime": at, "userId": ACCOUNT_ID, "userPrincipalName": "svc@contoso.com", "correlationId": correlation,
        "appId": "51f81489-12ee-4a9e-aaae-a2591f45987d", "resourceId": "00000007-0000-0000-c000-000000000000",
        "ipAddress": "203.0.113.10", "clientAppUsed": "Mobile Apps and Desktop clients",
        "authenticationProtocol": "ropc", "isInteractive": true, "signInEventTypes": ["interactiveUser"],
        "status": {"errorCode": code, "failureReason": "…", "additionalDetails": null}})
}

/// One entry of the sign-in log: a token refresh by Work 365.
pub(in crate::facts) fn token_refresh(at: &str, code: i64) -> Value {
    let mut entry = password_sign_in(at, code);
    let map = entry.as_object_mut().unwrap();
    map.insert("appId".to_owned(), json!("5e56ae97-9be1-40d3-938b-99ea52175a30"));
    map.insert("authenticationProtocol".to_owned(), json!("none"));
    map.insert("isInteractive".to_owned(), json!(false));
    map.insert("signInEventTypes".to_owned(), json!(["nonInteractiveUser"]));
    entry
}

/// Puts into a policy what Graph writes even where it is unset.
fn complete(policy: &mut Value) {
    let parts: [(&str, &[&str]); 8] = [
        ("", &["grantControls", "sessionControls"]),
        (
            "/grantControls",
            &[
                "builtInControls",
                "termsOfUse",
                "customAuthenticationFactors",
                "authenticationStrength",
            ],
        ),
        ("/sessionControls", &["signInFrequency"]),
        (
            "/conditions",
            &[
                "users",
                "clientApplications",
                "applications",
                "clientAppTypes",
                "locations",
                "platforms",
                "devices",
                "signInRiskLevels",
                "userRiskLevels",
                "authenticationFlows",
            ],
        ),
        (
            "/conditions/users",
            &[
                "includeUsers",
                "excludeUsers",
                "includeGroups",
                "excludeGroups",
                "includeRoles",
                "excludeRoles",
                "includeGuestsOrExternalUsers",
                "excludeGuestsOrExternalUsers",
            ],
        ),
        (
            "/conditions/applications",
            &["includeApplications", "excludeApplications"],
        ),
        ("/conditions/locations", &["includeLocations", "excludeLocations"]),
        ("/conditions/platforms", &["includePlatforms", "excludePlatforms"]),
    ];
    for (pointer, keys) in parts {
        if let Some(Value::Object(part)) = policy.pointer_mut(pointer) {
            for key in keys {
                part.entry(*key).or_insert(Value::Null);
            }
        }
    }
}
