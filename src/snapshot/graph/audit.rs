//! The log of changes.

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

impl DirectoryAudit {
    /// Whether what the entry tells of was done; an entry without a result is taken at its word.
    pub fn took_effect(&self) -> bool {
        self.result
            .text()
            .is_none_or(|result| result.eq_ignore_ascii_case("success"))
    }
}
