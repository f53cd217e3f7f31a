//! What a token says, as its report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema id of a token report.
pub const SCHEMA: &str = "work365-doctor/token/v1";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenReport {
    /// Always [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The instant that the times are judged by, RFC 3339.
    pub judged_at: String,
    /// Whether the signature was checked, and with what result.
    pub signature: Signature,
    /// `user` (delegated) or `application`.
    pub kind: Option<String>,
    /// The service that the audience names: `dataverse`, `graph`, or none of them.
    pub service: Option<Service>,
    /// The audience.
    pub audience: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The client application.
    pub application_id: Option<String>,
    /// The user's name.
    pub user: Option<String>,
    /// The object id of the user or service principal.
    pub object_id: Option<String>,
    /// The egress address that the sign-in service saw.
    pub ip_address: Option<String>,
    /// Delegated permissions.
    pub scopes: Vec<String>,
    /// Application permissions or application roles.
    pub roles: Vec<String>,
    /// Template ids of the directory roles.
    pub directory_roles: Vec<String>,
    /// How the user signed in (`pwd`, `mfa`, …); version 1 tokens only.
    pub authentication_methods: Vec<String>,
    /// Issued at, RFC 3339.
    pub issued_at: Option<String>,
    /// Valid from, RFC 3339.
    pub valid_from: Option<String>,
    /// Expires at, RFC 3339.
    pub expires_at: Option<String>,
    /// Valid at `judged_at`, five minutes of clock difference forgiven; none without the times.
    pub valid_now: Option<bool>,
    /// Algorithm, key id and token version.
    pub header: HeaderReport,
    /// What each service needs, and what this token has.
    pub needs: Vec<Need>,
    /// The needs of the token's own service that are not met, in short.
    pub refused_because: Vec<String>,
}

/// The part of a token's header that is worth showing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderReport {
    /// The signature algorithm.
    pub algorithm: Option<String>,
    /// The id of the signing key.
    pub key_id: Option<String>,
    /// The token type.
    pub token_type: Option<String>,
    /// A `nonce` stands in the header: only the audience can verify the signature.
    pub nonce: bool,
}

/// Whether a signature was checked, and with what result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// `unverified`, `verified`, `invalid`, or `unverifiable`.
    pub status: String,
    /// Why, for anything but `verified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A service that a token may be meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// An environment's Web API.
    Dataverse,
    /// Microsoft Graph.
    Graph,
    /// Work 365 itself, which uses tokens of the two others under its own application id.
    #[serde(rename = "work-365")]
    Work365,
}

/// One thing that a service needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    /// The service.
    pub service: Service,
    /// What it is about: `audience`, `permission`, `lifetime`, `application`, `multifactor`.
    pub requirement: String,
    /// What the service needs.
    pub needed: String,
    /// What the token has.
    pub has: String,
    /// Whether that is enough; none when the token does not say.
    pub met: Option<bool>,
}
