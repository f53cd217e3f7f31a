//! The sign-in service's bodies. Source: <https://learn.microsoft.com/entra/identity-platform/v2-protocols>.

use super::graph::Claims;

body!(
    "snake_case",
    /// `login.challenge`: what the environment's 401 names.
    Challenge {
        /// Where to sign in; holds the environment's tenant id.
        authorization_uri: String,
        /// Audience of a token for the environment.
        resource_id: String,
    }
);

body!(
    "snake_case",
    /// `login.realm`: is the domain managed or federated.
    Realm {
        /// `Managed`, `Federated`, `Unknown`.
        account_type: String,
        /// Domain.
        domain_name: String,
    }
);

body!(
    "snake_case",
    /// `login.probe`: one password sign-in as the account, success (tokens removed) or error.
    Probe {
        /// Set on success.
        token_type: String,
        /// Claims of the token that was issued.
        claims: Claims,
        /// OAuth error code.
        error: String,
        /// Text with the AADSTS code.
        error_description: String,
        /// AADSTS numbers; the first is the primary one.
        error_codes: Vec<i64>,
        /// OAuth suberror.
        suberror: String,
        /// When the service answered.
        timestamp: String,
    }
);
