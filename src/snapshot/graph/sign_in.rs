//! The log of sign-ins.

use crate::snapshot::field::Field;

body!(
    "camelCase",
    /// One sign-in (G-11).
    SignIn {
        /// Its id.
        id: String,
        /// When.
        created_date_time: String,
        /// Object id of the user.
        user_id: String,
        /// UPN.
        user_principal_name: String,
        /// Client application.
        app_id: String,
        /// Resource application.
        resource_id: String,
        /// Address seen.
        ip_address: String,
        /// `Mobile Apps and Desktop clients`, `Browser`, `Other clients`, …
        client_app_used: String,
        /// `ropc`, `deviceCode`, `oAuth2`, `none`, …
        authentication_protocol: String,
        /// `singleFactorAuthentication` or `multiFactorAuthentication`.
        authentication_requirement: String,
        /// Who demanded it.
        authentication_requirement_policies: Vec<RequirementPolicy>,
        /// `success`, `failure`, `notApplied`.
        conditional_access_status: String,
        /// Carried a credential.
        is_interactive: bool,
        /// `interactiveUser`, `nonInteractiveUser`, `servicePrincipal`, …
        sign_in_event_types: Vec<String>,
        /// Result.
        status: SignInStatus,
        /// Place.
        location: SignInLocation,
        /// Conditional Access results.
        applied_conditional_access_policies: Vec<AppliedPolicy>,
        /// Correlation id.
        correlation_id: String,
    }
);
body!(
    "camelCase",
    /// Result of a sign-in.
    SignInStatus {
        /// AADSTS number, 0 for success.
        error_code: i64,
        /// Text.
        failure_reason: String,
        /// More text.
        additional_details: String,
    }
);
body!(
    "camelCase",
    /// Where a sign-in came from.
    SignInLocation {
        /// ISO 3166 two-letter code.
        country_or_region: String,
    }
);
body!(
    "camelCase",
    /// What one policy did to a sign-in.
    AppliedPolicy {
        /// Policy id.
        id: String,
        /// Policy name.
        display_name: String,
        /// `Mfa`, `Block`, …
        enforced_grant_controls: Vec<String>,
        /// Session controls.
        enforced_session_controls: Vec<String>,
        /// `success`, `failure`, `notApplied`, `reportOnly…`
        result: String,
    }
);
body!(
    "camelCase",
    /// Who demanded more than the password.
    RequirementPolicy {
        /// `multiConditionalAccess`, `user` (per-user MFA), `tenantSessionLifetimePolicy`, …
        requirement_provider: String,
        /// Text.
        detail: String,
    }
);

impl SignIn {
    /// Some properties are written by the beta version of the log only, and some for users only. A log that does not say
    /// what it was asked for was read with the other version: the entry is an interactive sign-in, its protocol unknown.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/signin>
    pub(in crate::snapshot) fn settle_beta(&mut self, asked: bool) {
        fn unset<T>(field: &mut Field<T>) {
            if field.is_missing() {
                *field = Field::Null;
            }
        }
        let kinds = self.sign_in_event_types.known().map_or(&[][..], Vec::as_slice);
        let by_application = kinds
            .iter()
            .any(|kind| kind == "servicePrincipal" || kind == "managedIdentity");
        if !asked {
            unset(&mut self.sign_in_event_types);
            unset(&mut self.is_interactive);
        }
        if !asked || by_application {
            unset(&mut self.authentication_protocol);
            unset(&mut self.authentication_requirement);
            unset(&mut self.authentication_requirement_policies);
        }
    }
}
