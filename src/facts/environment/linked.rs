//! Readings that several facts of the environment start from.

use crate::snapshot::Field;
use crate::snapshot::admin::{Environment, LinkedEnvironment};

use crate::facts::context::Context;
use crate::facts::reading::{Reading, Reason, Unknown, read};

pub(crate) fn silent(key: &str) -> Unknown {
    Unknown::silent("admin.environment", format!("the answer has no {key}"))
}

pub(crate) fn environment<'a>(context: &Context<'a>) -> Reading<&'a Environment> {
    read(&context.evidence().environment)
}

pub(crate) fn linked_environment<'a>(context: &Context<'a>) -> Reading<&'a LinkedEnvironment> {
    let properties = environment(context)?.properties.value();
    properties
        .and_then(|properties| properties.linked_environment_metadata.value())
        .ok_or_else(|| silent("linkedEnvironmentMetadata"))
}

pub(crate) fn environment_kind<'a>(context: &Context<'a>) -> Reading<&'a str> {
    let properties = environment(context)?.properties.value();
    properties
        .and_then(|properties| properties.environment_sku.text())
        .ok_or_else(|| silent("environmentSku"))
}

pub(crate) fn organization_row<'a>(
    context: &Context<'a>,
) -> Reading<&'a crate::snapshot::dataverse::Organization> {
    read(&context.evidence().organization_row)?
        .0
        .as_ref()
        .ok_or_else(|| Unknown::because("dataverse.organization", Reason::NotFound, "the answer is empty"))
}

/// Whether a field says something other than null or nothing.
pub(crate) fn is_set(field: &Field<String>) -> bool {
    field.text().is_some()
}
