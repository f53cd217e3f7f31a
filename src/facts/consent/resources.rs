//! Facts about the resources behind the grants: Dataverse and what else Work 365 may ask a token for.

use crate::snapshot::Field;
use crate::snapshot::graph::ServicePrincipal;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Reason, Unknown, any, read};
use crate::facts::sign_in::deciding::{newest_code_is_one_of, unless_refused};
use crate::facts::value::Kind;
use crate::well_known::DATAVERSE_APPLICATION;

const SECTION: &str = "graph.grant_resources";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "consent.resource_disabled",
        Kind::Bool,
        &[SECTION, "graph.sign_ins"],
        "The tenant has disabled Dataverse, or another resource that Work 365 was consented to.",
        |context| {
            let disabled = resource_is_disabled(context);
            let disabled = disabled.or_else(|unknown| match newest_code_is_one_of(context, &DISABLED) {
                Ok(true) => Ok(true),
                _ => Err(unknown),
            });
            unless_refused(context, disabled, false, &DISABLED).map(Into::into)
        },
    ),
    fact(
        "consent.disabled_resources",
        Kind::Texts,
        &[SECTION],
        "Names and application ids of the resources that the tenant has disabled.",
        |context| {
            let resources = &read(&context.evidence().grant_resources)?.value;
            let disabled = resources.iter().filter(|one| is_disabled(one) == Ok(true));
            Ok(disabled.map(shown).collect::<Vec<_>>().into())
        },
    )
    .its_own_words(),
];

/// The resource is disabled in the tenant. Source: Microsoft Entra authentication error codes.
const DISABLED: [i64; 1] = [500_014];

/// Dataverse counts whether or not something was consented to on it: without its service principal nobody gets a token.
fn resource_is_disabled(context: &Context<'_>) -> Reading<bool> {
    let resources = &read(&context.evidence().grant_resources)?.value;
    let is_dataverse = |one: &&ServicePrincipal| {
        one.app_id
            .text()
            .is_some_and(|id| id.eq_ignore_ascii_case(DATAVERSE_APPLICATION))
    };
    let dataverse = match resources.iter().find(is_dataverse) {
        Some(found) => is_disabled(found),
        None => Err(not_asked("Dataverse is not among the resources that were read")),
    };
    any(resources.iter().map(is_disabled).chain([dataverse]))
}

fn is_disabled(resource: &ServicePrincipal) -> Reading<bool> {
    match &resource.account_enabled {
        Field::Value(enabled) => Ok(!enabled),
        _ => Err(not_asked("the answer has no accountEnabled")),
    }
}

fn not_asked(detail: &str) -> Unknown {
    Unknown::because(SECTION, Reason::Absent, detail)
}

fn shown(resource: &ServicePrincipal) -> String {
    let name = resource.display_name.text().unwrap_or("(no name)");
    format!(
        "{name} ({})",
        resource.app_id.text().unwrap_or("no application id")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{Sample, password_sign_in};

    const DATAVERSE: &str = "00000007-0000-0000-c000-000000000000";

    fn with(resources: Value) -> Sample {
        Sample::new()
            .with_user(json!({}))
            .list("graph.grant_resources", resources)
    }

    #[test]
    fn a_disabled_resource_is_found_and_a_missing_property_settles_nothing() {
        let resource = |id: &str, enabled: Value| json!({"id": "r", "appId": id, "displayName": "R", "accountEnabled": enabled});
        let dataverse = |enabled: bool| resource(DATAVERSE, enabled.into());
        let graph = resource("00000003-0000-0000-c000-000000000000", Value::Null);
        let open = Err("graph.grant_resources".to_owned());
        for (resources, disabled) in [
            (json!([dataverse(true)]), Ok(false)),
            (json!([dataverse(false)]), Ok(true)),
            (json!([dataverse(true), resource("x", false.into())]), Ok(true)),
            (json!([dataverse(true), graph]), open.clone()),
            (json!([dataverse(false), graph]), Ok(true)),
            (json!([resource("x", true.into())]), open.clone()),
        ] {
            let found = with(resources.clone()).is("consent.resource_disabled");
            assert_eq!(found, disabled, "{resources}");
        }
    }

    #[test]
    fn a_refused_sign_in_proves_it_where_nothing_else_was_read() {
        let log = json!([password_sign_in("2026-06-15T06:00:00Z", 500_014)]);
        let sample = Sample::new().with_user(json!({})).list("graph.sign_ins", log);
        assert_eq!(sample.is("consent.resource_disabled"), Ok(true));
    }
}
