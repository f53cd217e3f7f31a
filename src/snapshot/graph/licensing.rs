//! Licences of the account and purchases of the tenant.

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
