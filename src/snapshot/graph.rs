//! The Microsoft Graph bodies, typed as far as rules judge them. Source: <https://learn.microsoft.com/graph/api/overview>.

use super::field::Field;

/// Texts of a JSON list, or nothing.
pub type Texts = Field<Vec<String>>;

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
    /// One assigned SKU.
    AssignedLicense {
        /// SKU id.
        sku_id: String,
        /// Service plans switched off.
        disabled_plans: Vec<String>,
    }
);
body!(
    "camelCase",
    /// One service plan of the user. Only `Enabled` and `Warning` count.
    AssignedPlan {
        /// When it was assigned.
        assigned_date_time: String,
        /// `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut`.
        capability_status: String,
        /// Service name.
        service: String,
        /// Service plan id.
        service_plan_id: String,
    }
);
body!(
    "camelCase",
    /// The state of one licence assignment.
    LicenseAssignmentState {
        /// SKU id.
        sku_id: String,
        /// Service plans switched off by this assignment.
        disabled_plans: Vec<String>,
        /// Group that assigned it; null when direct.
        assigned_by_group: String,
        /// `Active`, `ActiveWithError`, `Disabled`, `Error`.
        state: String,
        /// `None`, `CountViolation`, …
        error: String,
        /// Last change.
        last_updated_date_time: String,
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
    /// One entry of `graph.license_details` (G-03).
    LicenseDetail {
        /// SKU id.
        sku_id: String,
        /// SKU name.
        sku_part_number: String,
        /// Its service plans.
        service_plans: Vec<ServicePlan>,
    }
);
body!(
    "camelCase",
    /// One service plan of a SKU.
    ServicePlan {
        /// Service plan id.
        service_plan_id: String,
        /// Its name.
        service_plan_name: String,
        /// `Success`, `Disabled`, `Error`, `PendingInput`, …
        provisioning_status: String,
        /// `User` or `Company`.
        applies_to: String,
    }
);
body!(
    "camelCase",
    /// One entry of `graph.subscribed_skus` (G-03).
    SubscribedSku {
        /// SKU id.
        sku_id: String,
        /// SKU name.
        sku_part_number: String,
        /// `Enabled`, `Warning` (grace), `Suspended`, `Deleted`, `LockedOut`.
        capability_status: String,
        /// Seats in use.
        consumed_units: i64,
        /// Seats bought.
        prepaid_units: PrepaidUnits,
        /// Service plans of the SKU.
        service_plans: Vec<ServicePlan>,
    }
);
body!(
    "camelCase",
    /// One entry of `graph.subscriptions`: a purchase behind a SKU, with its term.
    Subscription {
        /// SKU id.
        sku_id: String,
        /// `Enabled`, `Warning` (grace), `Suspended`, `Deleted`, `LockedOut`.
        status: String,
        /// A free trial, not bought.
        is_trial: bool,
        /// When it leaves that status, unless it is renewed.
        next_lifecycle_date_time: String,
    }
);
body!(
    "camelCase",
    /// Seats by state.
    PrepaidUnits {
        /// Usable.
        enabled: i64,
        /// In grace.
        warning: i64,
        /// Expired.
        suspended: i64,
        /// Cancelled.
        locked_out: i64,
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
    /// One registered authentication method (G-05).
    AuthenticationMethod {
        /// What it is: `#microsoft.graph.…AuthenticationMethod`.
        #[serde(rename = "@odata.type")]
        odata_type: String,
        /// Its id.
        id: String,
        /// Whether a Temporary Access Pass can be used now.
        is_usable: bool,
    }
);
body!(
    "camelCase",
    /// `graph.per_user_mfa` (G-06, beta).
    PerUserMfa {
        /// `disabled`, `enabled`, `enforced`.
        per_user_mfa_state: String,
    }
);
body!(
    "camelCase",
    /// `graph.registration_details` (G-07).
    RegistrationDetails {
        /// Object id of the account.
        id: String,
        /// Its name.
        user_principal_name: String,
        /// Could pass MFA.
        is_mfa_capable: bool,
        /// Has a method registered.
        is_mfa_registered: bool,
        /// Names of the methods.
        methods_registered: Vec<String>,
        /// When the report was refreshed.
        last_updated_date_time: String,
    }
);
body!(
    "camelCase",
    /// `graph.security_defaults` (G-08).
    SecurityDefaults {
        /// On or off.
        is_enabled: bool,
    }
);
body!(
    "camelCase",
    /// `graph.conditional_access_evaluation` (G-10): the sign-in that was asked about, and the service's answer.
    ConditionalAccessEvaluation {
        /// The question, as it was sent.
        asked: EvaluatedSignIn,
        /// Every policy.
        value: Vec<EvaluatedPolicy>,
    }
);
body!(
    "camelCase",
    /// The sign-in of an evaluation.
    EvaluatedSignIn {
        /// Whose.
        sign_in_identity: EvaluatedIdentity,
        /// From where.
        sign_in_conditions: EvaluatedConditions,
    }
);
body!(
    "camelCase",
    /// The account of an evaluation.
    EvaluatedIdentity {
        /// Object id.
        user_id: String,
    }
);
body!(
    "camelCase",
    /// The circumstances of an evaluation, as far as they were named.
    EvaluatedConditions {
        /// Address.
        ip_address: String,
        /// Country of the address, two letters.
        country: String,
    }
);
body!(
    "camelCase",
    /// One policy, as the service evaluated it.
    EvaluatedPolicy {
        /// Its id.
        id: String,
        /// Whether it applies.
        policy_applies: bool,
        /// Why not: `users`, `location`, …, several with commas; `notSet` when it applies.
        analysis_reasons: String,
    }
);
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
body!(
    "camelCase",
    /// One entry of the directory audit log.
    DirectoryAudit {
        /// Its id.
        id: String,
        /// `UserManagement`, `Policy`, `RoleManagement`, …
        category: String,
        /// What was done.
        activity_display_name: String,
        /// When.
        activity_date_time: String,
        /// `success` or `failure`.
        result: String,
        /// By whom.
        initiated_by: AuditInitiator,
        /// To what.
        target_resources: Vec<AuditTarget>,
    }
);
body!(
    "camelCase",
    /// Who made a change: a person, or an application.
    AuditInitiator {
        /// The person.
        user: AuditActor,
        /// The application.
        app: AuditActor,
    }
);
body!(
    "camelCase",
    /// One of them.
    AuditActor {
        /// UPN of a person.
        user_principal_name: String,
        /// Name.
        display_name: String,
    }
);
body!(
    "camelCase",
    /// What an audit entry is about.
    AuditTarget {
        /// Object id.
        id: String,
        /// Name.
        display_name: String,
        /// `User`, `Policy`, `Role`, `Group`, …
        #[serde(rename = "type")]
        kind: String,
        /// UPN.
        user_principal_name: String,
        /// What was changed of it.
        modified_properties: Vec<ModifiedProperty>,
    }
);
body!(
    "camelCase",
    /// One changed property; the values are JSON in a text.
    ModifiedProperty {
        /// Its name, as `AccountEnabled`.
        display_name: String,
        /// Before.
        old_value: String,
        /// After.
        new_value: String,
    }
);
body!(
    "camelCase",
    /// `graph.domain` (G-12).
    Domain {
        /// Domain name.
        id: String,
        /// `Managed` or `Federated`.
        authentication_type: String,
        /// A root domain, or one that inherits.
        is_root: bool,
        /// Days until a password expires; 2147483647 is never.
        password_validity_period_in_days: i64,
        /// Days of warning before.
        password_notification_window_in_days: i64,
    }
);
body!(
    "camelCase",
    /// `graph.organization` (G-13).
    Organization {
        /// Tenant id.
        id: String,
        /// Name.
        display_name: String,
        /// When the tenant was made.
        created_date_time: String,
    }
);
body!(
    "camelCase",
    /// A group, directory role or eligible role of the account (G-14). `displayName: null` means "not allowed to see".
    DirectoryObject {
        /// Object id.
        id: String,
        /// Name.
        display_name: String,
        /// Template id of a directory role.
        role_template_id: String,
        /// Role definition of an eligibility.
        role_definition_id: String,
        /// When an eligibility ends; null = never.
        end_date_time: String,
    }
);
body!(
    "camelCase",
    /// One entry of `graph.active_roles`: a directory role that the account holds.
    ActiveRole {
        /// Role definition; of a built-in role, its template id.
        role_definition_id: String,
        /// When it ends; null = never.
        end_date_time: String,
    }
);
body!(
    "snake_case",
    /// `graph.security_group_membership`.
    SecurityGroupMembership {
        /// The environment's security group.
        group_id: String,
        /// A direct member.
        direct: bool,
        /// A direct or nested member.
        transitive: bool,
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
body!(
    "camelCase",
    /// One enterprise application.
    ServicePrincipal {
        /// Object id.
        id: String,
        /// Application id.
        app_id: String,
        /// Name.
        display_name: String,
        /// "Enabled for users to sign in".
        account_enabled: bool,
        /// "Assignment required".
        app_role_assignment_required: bool,
        /// Its client secrets: never the secret, only when it ends.
        password_credentials: Vec<ApplicationCredential>,
        /// Its certificates.
        key_credentials: Vec<ApplicationCredential>,
    }
);
body!(
    "camelCase",
    /// A client secret or certificate of an application, as far as its end goes.
    ApplicationCredential {
        /// Its id.
        key_id: String,
        /// What whoever made it called it.
        display_name: String,
        /// When it ends.
        end_date_time: String,
    }
);
body!(
    "camelCase",
    /// One delegated permission grant.
    PermissionGrant {
        /// Object id of the client's service principal.
        client_id: String,
        /// `AllPrincipals` or `Principal`.
        consent_type: String,
        /// The user, for `Principal`.
        principal_id: String,
        /// Object id of the resource's service principal.
        resource_id: String,
        /// Permissions, separated by blanks.
        scope: String,
    }
);
body!(
    "camelCase",
    /// One assignment of the account to an application.
    AppRoleAssignment {
        /// The service principal.
        resource_id: String,
        /// The assignee.
        principal_id: String,
        /// When it was made.
        created_date_time: String,
    }
);
body!(
    "camelCase",
    /// One home realm discovery policy.
    HomeRealmPolicy {
        /// JSON texts; look for `AllowCloudPasswordValidation`.
        definition: Vec<String>,
        /// Applies to the whole tenant.
        is_organization_default: bool,
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

impl SignIn {
    /// Some properties are written by the beta version of the log only, and some for users only. A log that does not say
    /// what it was asked for was read with the other version: the entry is an interactive sign-in, its protocol unknown.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/signin>
    pub(super) fn settle_beta(&mut self, asked: bool) {
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

impl DirectoryAudit {
    /// Whether what the entry tells of was done; an entry without a result is taken at its word.
    pub fn took_effect(&self) -> bool {
        self.result
            .text()
            .is_none_or(|result| result.eq_ignore_ascii_case("success"))
    }
}
