//! The Power Platform admin API's environment. Source: <https://learn.microsoft.com/power-platform/admin/control-user-access>.

body!(
    "camelCase",
    /// `admin.environment`.
    Environment {
        /// Environment id (`name` in the API; `Default-<tenant>` for the default one).
        name: String,
        /// Region, as `europe`.
        location: String,
        /// Everything else.
        properties: Properties,
    }
);
body!(
    "camelCase",
    /// The environment's properties.
    Properties {
        /// Tenant id.
        tenant_id: String,
        /// Name.
        display_name: String,
        /// `Production`, `Sandbox`, `Trial`, `Developer`, `Default`, `Teams`.
        environment_sku: String,
        /// The Dataverse side; null when the environment has none.
        linked_environment_metadata: LinkedEnvironment,
        /// When it was made.
        created_time: String,
        /// When it ends, of a trial.
        expiration_time: String,
        /// Administration mode and the like.
        states: States,
    }
);
body!(
    "camelCase",
    /// The Dataverse organisation behind the environment.
    LinkedEnvironment {
        /// Organisation id.
        resource_id: String,
        /// Web address, with a closing slash.
        instance_url: String,
        /// API address, without one.
        instance_api_url: String,
        /// `Ready`, …
        instance_state: String,
        /// Group that restricts access; missing, empty or all zeros: none.
        security_group_id: String,
        /// `Enabled` or `Disabled`.
        background_operations_state: String,
        /// Base language, as LCID.
        base_language: i64,
    }
);
body!(
    "camelCase",
    /// The environment's states.
    States {
        /// Can it be managed.
        management: State,
        /// Does it run: `Enabled`, `AdminMode`, `Disabled`, …
        runtime: State,
    }
);
body!(
    "camelCase",
    /// One state.
    State {
        /// Its value.
        id: String,
        /// Why.
        runtime_reason_code: String,
    }
);
