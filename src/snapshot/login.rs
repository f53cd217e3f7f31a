//! The sign-in service's bodies. Shapes: `api-facts.md` section 3, `CONTRACT.md` section 3.

use serde::Deserialize;

use super::field::Field;
use super::graph::Claims;

/// `login.challenge`: what the environment's 401 names.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Challenge {
    /// Where to sign in; holds the environment's tenant id.
    pub authorization_uri: Field<String>,
    /// Audience of a token for the environment.
    pub resource_id: Field<String>,
}

/// `login.realm`: is the domain managed or federated.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Realm {
    /// `Managed`, `Federated`, `Unknown`.
    pub account_type: Field<String>,
    /// Domain.
    pub domain_name: Field<String>,
}

/// `login.probe`: one password sign-in as the account, success (tokens removed) or error.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Probe {
    /// Set on success.
    pub token_type: Field<String>,
    /// Claims of the token that was issued.
    pub claims: Field<Claims>,
    /// OAuth error code.
    pub error: Field<String>,
    /// Text with the AADSTS code.
    pub error_description: Field<String>,
    /// AADSTS numbers; the first is the primary one.
    pub error_codes: Field<Vec<i64>>,
    /// OAuth suberror.
    pub suberror: Field<String>,
    /// When the service answered.
    pub timestamp: Field<String>,
}
