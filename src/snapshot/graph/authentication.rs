//! How the account proves itself, and what the tenant demands of it.

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
    /// One home realm discovery policy.
    HomeRealmPolicy {
        /// JSON texts; look for `AllowCloudPasswordValidation`.
        definition: Vec<String>,
        /// Applies to the whole tenant.
        is_organization_default: bool,
    }
);
