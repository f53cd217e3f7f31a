//! The tenant, its domains, and what the account is a member of.

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
