//! Enterprise applications: consent, credentials, assignments.

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
