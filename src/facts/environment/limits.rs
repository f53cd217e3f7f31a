//! Facts about what the environment may hold: its storage.

use serde::Deserialize;
use serde_json::Value;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Reason, Unknown, any, read};
use crate::facts::value::Kind;

const SECTION: &str = "admin.environment";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "environment.over_capacity",
        Kind::Bool,
        &[SECTION],
        "The environment uses more storage than was allocated to it, where both numbers were read.",
        |context| is_over_capacity(context).map(Into::into),
    ),
    fact(
        "environment.storage",
        Kind::Texts,
        &[SECTION],
        "Storage of the environment by kind: what it uses and, where it was read, what was allocated.",
        |context| Ok(capacity(context)?.iter().map(shown).collect::<Vec<_>>().into()),
    )
    .its_own(),
];

/// What is looked at of the section.
#[derive(Deserialize)]
struct Environment {
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    capacity: Vec<Value>,
}

/// What the environment uses of one kind of storage.
struct Used {
    kind: String,
    unit: String,
    consumed: Option<f64>,
    allocated: Option<f64>,
}

fn is_over_capacity(context: &Context<'_>) -> Reading<bool> {
    let over = |used: &Used| match (used.consumed, used.allocated) {
        (Some(consumed), Some(allocated)) => Ok(consumed > allocated),
        _ => Err(Unknown::because(
            SECTION,
            Reason::Absent,
            format!("the allocation of {} storage was not read", used.kind),
        )),
    };
    any(capacity(context)?.iter().map(over))
}

/// `properties.capacity`, which is there when it was asked for with `$expand`. An allocation stands beside the consumption
/// only where the tenant allocates storage to environments.
fn capacity(context: &Context<'_>) -> Reading<Vec<Used>> {
    read(&context.evidence().environment)?;
    let unread = || Unknown::because(SECTION, Reason::Absent, "the answer has no properties.capacity");
    let section = context.snapshot.sections.get(SECTION);
    let list = section
        .and_then(|section| serde_json::from_str::<Environment>(section.body.as_ref()?.get()).ok())
        .map(|environment| environment.properties.capacity)
        .filter(|list| !list.is_empty())
        .ok_or_else(unread)?;
    Ok(list.iter().map(used).collect())
}

fn used(entry: &Value) -> Used {
    let text = |key: &str, or: &str| entry.get(key).and_then(Value::as_str).unwrap_or(or).to_owned();
    let number = |key: &str| entry.get(key).and_then(Value::as_f64);
    Used {
        kind: text("capacityType", "unnamed"),
        unit: text("capacityUnit", "MB"),
        consumed: number("actualConsumption"),
        allocated: number("allocated").or_else(|| number("allocatedConsumption")),
    }
}

fn shown(used: &Used) -> String {
    let amount = |number: Option<f64>| number.map_or_else(|| "?".to_owned(), |number| format!("{number:.0}"));
    match used.allocated {
        Some(_) => format!(
            "{} {} of {} {}",
            used.kind,
            amount(used.consumed),
            amount(used.allocated),
            used.unit
        ),
        None => format!("{} {} {}", used.kind, amount(used.consumed), used.unit),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::FactValue;
    use crate::facts::testing::sample::Sample;

    fn with(capacity: Value) -> Sample {
        Sample::new().ok(
            "admin.environment",
            json!({"name": "e", "properties": {"capacity": capacity}}),
        )
    }

    #[test]
    fn only_two_numbers_that_were_read_settle_it() {
        let open = Err("admin.environment".to_owned());
        for (capacity, over) in [
            (
                json!([{"capacityType": "Database", "actualConsumption": 12.0, "allocated": 10}]),
                Ok(true),
            ),
            (
                json!([{"capacityType": "Database", "actualConsumption": 9.5, "allocated": 10}]),
                Ok(false),
            ),
            (
                json!([{"capacityType": "Database", "actualConsumption": 9.5, "ratedConsumption": 1}]),
                open.clone(),
            ),
            (json!([]), open.clone()),
            (Value::Null, open),
        ] {
            assert_eq!(
                with(capacity.clone()).is("environment.over_capacity"),
                over,
                "{capacity}"
            );
        }
        let said = with(json!([{"capacityType": "Log", "actualConsumption": 3.2, "capacityUnit": "MB"}]));
        assert_eq!(
            said.fact("environment.storage"),
            Ok(FactValue::Texts(vec!["Log 3 MB".to_owned()]))
        );
    }
}
