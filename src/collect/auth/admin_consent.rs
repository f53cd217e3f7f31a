//! The page where an administrator consents for everybody, once.

use crate::collect::wire::cloud::Cloud;
use crate::collect::wire::encoding::{encode, form};

/// The page for these permissions of Graph and this application.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.
pub(crate) fn admin_consent(cloud: Cloud, tenant: &str, client: &str, permissions: &[&str]) -> String {
    let (login, graph) = (cloud.login(), cloud.graph());
    let scopes: Vec<String> = permissions
        .iter()
        .map(|permission| format!("{graph}/{permission}"))
        .collect();
    let query = form(&[
        ("client_id", client),
        ("scope", &scopes.join(" ")),
        ("redirect_uri", &format!("{login}/common/oauth2/nativeclient")),
    ]);
    format!("{login}/{}/v2.0/adminconsent?{query}", encode(tenant))
}
