//! Who asked, the account itself, and accounts that were deleted.

use crate::snapshot::field::Field;

use super::licensing::{AssignedLicense, AssignedPlan, LicenseAssignmentState};

body!(
    "camelCase",
    /// `graph.operator`: who asked.
    Operator {
        /// `user` or `application`.
        kind: String,
        /// Claims of the caller's Graph token.
        claims: Claims,
    }
);
body!(
    "snake_case",
    /// The claims of an access token that rules look at (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
    Claims {
        /// Audience.
        aud: String,
        /// Object id of the principal.
        oid: String,
        /// Tenant id.
        tid: String,
        /// UPN (version 1 tokens).
        upn: String,
        /// UPN (version 2 tokens).
        preferred_username: String,
        /// Template ids of the active directory roles.
        wids: Vec<String>,
        /// Delegated permissions, separated by blanks.
        scp: String,
        /// Application permissions.
        roles: Vec<String>,
        /// Authentication methods.
        amr: Vec<String>,
        /// The address that Entra saw.
        ipaddr: String,
    }
);
body!(
    "camelCase",
    /// `graph.user` (G-01).
    User {
        /// Object id.
        id: String,
        /// UPN.
        user_principal_name: String,
        /// Mail address.
        mail: String,
        /// Display name.
        display_name: String,
        /// Whether sign-in is allowed.
        account_enabled: bool,
        /// `Member` or `Guest`.
        user_type: String,
        /// `Invitation` for guests.
        creation_type: String,
        /// When the account was made.
        created_date_time: String,
        /// Set when the account is soft-deleted.
        deleted_date_time: String,
        /// Country of use; needed before a licence can be assigned.
        usage_location: String,
        /// Assigned SKUs.
        assigned_licenses: Vec<AssignedLicense>,
        /// Service plans that follow from them.
        assigned_plans: Vec<AssignedPlan>,
        /// Who assigned which SKU, and errors.
        license_assignment_states: Vec<LicenseAssignmentState>,
        /// True for accounts synchronised from on-premises, null if never.
        on_premises_sync_enabled: bool,
        /// In a restricted management administrative unit; null outside of one.
        is_management_restricted: bool,
        /// Comma-separated: `DisablePasswordExpiration`, …
        password_policies: String,
        /// Last password change.
        last_password_change_date_time: String,
        /// Tokens issued before this are refused.
        sign_in_sessions_valid_from_date_time: String,
        /// Sign-in identities.
        identities: Vec<Identity>,
        /// Must the password be changed?
        password_profile: PasswordProfile,
    }
);
body!(
    "camelCase",
    /// One sign-in identity.
    Identity {
        /// Kind.
        sign_in_type: String,
        /// Who issued it.
        issuer: String,
        /// The name there.
        issuer_assigned_id: String,
    }
);
body!(
    "camelCase",
    /// The password profile, as far as Graph shows it.
    PasswordProfile {
        /// The next sign-in must change the password.
        force_change_password_next_sign_in: bool,
        /// The same, after MFA.
        force_change_password_next_sign_in_with_mfa: bool,
    }
);
body!(
    "camelCase",
    /// One entry of `graph.deleted_users` (G-04).
    DeletedUser {
        /// Object id.
        id: String,
        /// UPN, prefixed with the object id without dashes.
        user_principal_name: String,
        /// Mail address.
        mail: String,
        /// When it was deleted.
        deleted_date_time: String,
    }
);
body!(
    "camelCase",
    /// `graph.risky_user` (G-15). Not found is good news.
    RiskyUser {
        /// Object id of the account.
        id: String,
        /// Its name.
        user_principal_name: String,
        /// `low`, `medium`, `high`, `hidden`, `none`.
        risk_level: String,
        /// `atRisk`, `confirmedCompromised`, `remediated`, `dismissed`, …
        risk_state: String,
        /// Why.
        risk_detail: String,
        /// When.
        risk_last_updated_date_time: String,
    }
);

impl User {
    /// Whether the caller was not shown the licences. Every account has `accountEnabled`: where it is null, it is hidden, and so
    /// are lists that came back empty beside it.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/user>
    pub fn hides_licences(&self) -> bool {
        fn is_empty<T>(list: &Field<Vec<T>>) -> bool {
            list.known().is_none_or(Vec::is_empty)
        }
        self.account_enabled == Field::Null
            && is_empty(&self.assigned_licenses)
            && is_empty(&self.assigned_plans)
            && is_empty(&self.license_assignment_states)
    }
}
