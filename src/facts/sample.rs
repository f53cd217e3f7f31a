//! Small snapshots for the tests of facts: sections by name, everything else absent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Map, Value, json};

use crate::profile::Profile;
use crate::snapshot::Snapshot;

use super::{Expectations, FactValue, Facts, Inputs, find};

/// Object id of the sample's account.
pub(super) const ACCOUNT_ID: &str = "11111111-1111-4111-8111-111111111111";

/// A snapshot in the making, and how it is judged.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    account: String,
    sections: Map<String, Value>,
    profile: Profile,
    expectations: Expectations,
}

impl Sample {
    /// An account with nothing known about it, judged by the default profile on 2026-06-15 at 09:00 UTC.
    pub(super) fn new() -> Self {
        Self {
            account: "svc@contoso.com".to_owned(),
            sections: Map::new(),
            profile: Profile::LegacyPassword,
            expectations: Expectations::default(),
        }
    }

    /// The same with an ordinary directory object, whose properties `changes` overwrite.
    pub(super) fn with_user(self, changes: Value) -> Self {
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
    pub(super) fn ok(mut self, section: &str, body: Value) -> Self {
        let answer = json!({"outcome": "ok", "http_status": 200, "body": body});
        self.sections.insert(section.to_owned(), answer);
        self
    }

    /// The same with a list of objects in a section.
    pub(super) fn list(self, section: &str, items: Value) -> Self {
        self.ok(section, json!({ "value": items }))
    }

    /// The same with a section that ended in `outcome`.
    pub(super) fn ended(mut self, section: &str, outcome: &str) -> Self {
        self.sections
            .insert(section.to_owned(), json!({ "outcome": outcome, "body": {} }));
        self
    }

    /// The same under another name.
    pub(super) fn named(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// The same under another profile.
    pub(super) fn under(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same with expectations.
    pub(super) fn expecting(mut self, expectations: Expectations) -> Self {
        self.expectations = expectations;
        self
    }

    /// A fact's value, or the section that stood in its way.
    pub(super) fn fact(&self, name: &str) -> Result<FactValue, String> {
        let snapshot = json!({"schema": "work365-doctor/snapshot/v1", "captured_at": "2026-06-15T09:00:00Z",
            "tool": {"name": "work365-doctor", "version": "0.1.0"}, "redacted": false,
            "subject": {"account": self.account, "environment": "https://contoso.crm4.dynamics.com"},
            "sections": self.sections});
        let snapshot = Snapshot::from_bytes(snapshot.to_string().as_bytes()).unwrap();
        let now = snapshot.captured_at;
        let facts = Facts::of(Inputs::new(&snapshot, &self.expectations, self.profile, now));
        let reading = facts.get(find(name).unwrap_or_else(|| panic!("no fact {name}")));
        reading
            .clone()
            .map_err(|unknown| unknown.causes()[0].section.clone())
    }

    /// Whether a fact is known and true.
    pub(super) fn is(&self, name: &str) -> Result<bool, String> {
        self.fact(name).map(|value| value == FactValue::Bool(true))
    }
}

/// One entry of the sign-in log: a password sign-in to Dataverse.
pub(super) fn password_sign_in(at: &str, code: i64) -> Value {
    json!({"createdDateTime": at, "userId": ACCOUNT_ID, "userPrincipalName": "svc@contoso.com",
        "appId": "51f81489-12ee-4a9e-aaae-a2591f45987d", "resourceId": "00000007-0000-0000-c000-000000000000",
        "ipAddress": "203.0.113.10", "clientAppUsed": "Mobile Apps and Desktop clients",
        "authenticationProtocol": "ropc", "isInteractive": true, "signInEventTypes": ["interactiveUser"],
        "status": {"errorCode": code, "failureReason": "…", "additionalDetails": null}})
}

/// One entry of the sign-in log: a token refresh by Work 365.
pub(super) fn token_refresh(at: &str, code: i64) -> Value {
    let mut entry = password_sign_in(at, code);
    let map = entry.as_object_mut().unwrap();
    map.insert("appId".to_owned(), json!("5e56ae97-9be1-40d3-938b-99ea52175a30"));
    map.insert("authenticationProtocol".to_owned(), json!("none"));
    map.insert("isInteractive".to_owned(), json!(false));
    map.insert("signInEventTypes".to_owned(), json!(["nonInteractiveUser"]));
    entry
}
