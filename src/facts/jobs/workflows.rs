//! The workflows of Work 365: are they active, and who owns them.

use crate::decode::DecodedError;
use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::row;
use crate::facts::reading::{Reading, Unknown, any, read, whole};
use crate::facts::value::Kind;
use crate::snapshot::dataverse::{Workflow, WorkflowOwner};
use crate::text::squeezed;

const WORKFLOWS: &[&str] = &["dataverse.workflows"];

/// The rule of an owner who cannot run a workflow.
pub(crate) const OWNER: &str = "work365-workflow-owner";

/// The workflow that starts every job, without blanks.
const START_JOB: &str = "work365startjob";

/// Access modes that need no licence: support user, non-interactive, delegated administrator.
///
/// Source: <https://learn.microsoft.com/power-platform/admin/create-users#create-a-non-interactive-user-account>.
const NEED_NO_LICENSE: [i64; 3] = [3, 4, 5];

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "workflow.start_job_inactive",
        Kind::Bool,
        WORKFLOWS,
        "The workflow Work 365 Start Job, which starts every job, is not active.",
        |context| is_start_job_inactive(context).map(Into::into),
    ),
    fact(
        "workflow.inactive",
        Kind::Texts,
        WORKFLOWS,
        "Names of the workflows of Work 365 that are not active.",
        |context| {
            let names = definitions(context)?
                .into_iter()
                .filter(|workflow| workflow.statecode.value() != Some(&1));
            Ok(sorted(names.map(name).collect()).into())
        },
    )
    .its_own_words(),
    fact(
        "workflow.owner_at_fault",
        Kind::Bool,
        WORKFLOWS,
        "A workflow of Work 365 is owned by a person whose row is disabled or has no licence; teams, SYSTEM and application users are no fault.",
        |context| {
            let all = definitions(context)?;
            if all.is_empty() {
                return Err(not_there());
            }
            any(all
                .into_iter()
                .map(|workflow| Ok(fault_of_owner(workflow).is_some())))
            .map(Into::into)
        },
    ),
    fact(
        "workflow.owners",
        Kind::Texts,
        WORKFLOWS,
        "Each workflow of Work 365 with its owner, and what is wrong with that owner.",
        |context| Ok(sorted(definitions(context)?.into_iter().map(described).collect()).into()),
    )
    .its_own(),
    fact(
        "workflow.owners_at_fault",
        Kind::Texts,
        WORKFLOWS,
        "The workflows of Work 365 whose owner is at fault, each with the owner and the reason.",
        |context| {
            let all = definitions(context)?
                .into_iter()
                .filter(|workflow| fault_of_owner(workflow).is_some());
            Ok(sorted(all.map(described).collect()).into())
        },
    )
    .its_own(),
    fact(
        "workflow.owner_is_other",
        Kind::Bool,
        &["dataverse.workflows", "dataverse.system_users"],
        "The owner at fault of at least one of these workflows is not the checked account itself.",
        |context| owner_is_other(context).map(Into::into),
    ),
    fact(
        "workflow.keeps_successes",
        Kind::Bool,
        WORKFLOWS,
        "Finished jobs of Work 365's workflows are kept; where they are deleted, that no success is on file proves nothing.",
        |context| {
            let all = definitions(context)?;
            if all.is_empty() {
                return Err(not_there());
            }
            let deletes = any(all
                .into_iter()
                .map(|workflow| Ok(workflow.asyncautodelete.value() == Some(&true))))?;
            Ok((!deletes).into())
        },
    ),
];

/// The definitions, activations apart.
fn definitions<'a>(context: &Context<'a>) -> Reading<Vec<&'a Workflow>> {
    let list = read(&context.evidence().workflows)?;
    let all = list
        .value
        .iter()
        .filter(|workflow| workflow.kind.value() != Some(&2));
    Ok(all.collect())
}

fn not_there() -> Unknown {
    Unknown::silent("dataverse.workflows", "no workflow of Work 365 was found")
}

fn name(workflow: &Workflow) -> String {
    workflow
        .name
        .text()
        .unwrap_or("a workflow without a name")
        .to_owned()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts.dedup();
    texts
}

fn is_start_job(workflow: &Workflow) -> bool {
    workflow
        .name
        .text()
        .is_some_and(|name| squeezed(name).contains(START_JOB))
}

fn is_start_job_inactive(context: &Context<'_>) -> Reading<bool> {
    let all = definitions(context)?;
    let start: Vec<&Workflow> = all
        .into_iter()
        .filter(|workflow| is_start_job(workflow))
        .collect();
    if start.is_empty() {
        whole(&context.evidence().workflows)?;
        return Err(Unknown::silent(
            "dataverse.workflows",
            "no workflow is called Work 365 Start Job",
        ));
    }
    // One active copy starts the jobs.
    any(start
        .into_iter()
        .map(|workflow| Ok(workflow.statecode.value() == Some(&1))))
    .map(|active| !active)
}

/// The owner, when it is a person: no application, not SYSTEM, no team.
fn person(workflow: &Workflow) -> Option<&WorkflowOwner> {
    let owner = workflow.owninguser.value()?;
    let is_application = owner.applicationid.value().is_some();
    let is_system = owner
        .fullname
        .text()
        .is_some_and(|name| name.eq_ignore_ascii_case("system"));
    (!is_application && !is_system).then_some(owner)
}

/// What is wrong with the owner of a workflow that runs as its owner: one in the background, and no draft but the one that starts
/// every job.
fn fault_of_owner(workflow: &Workflow) -> Option<&'static str> {
    let is_draft = workflow.statecode.known().is_some_and(|state| *state != 1);
    let runs_as_its_owner = workflow.category.known().is_none_or(|category| *category == 0);
    if !runs_as_its_owner || (is_draft && !is_start_job(workflow)) {
        return None;
    }
    let owner = person(workflow)?;
    if owner.isdisabled.value() == Some(&true) {
        return Some("disabled");
    }
    let needs_license = owner
        .accessmode
        .value()
        .is_none_or(|mode| !NEED_NO_LICENSE.contains(mode));
    (needs_license && owner.islicensed.value() == Some(&false)).then_some("no licence")
}

/// Whether a fault of an owner is one of its own, and not that of the account. Without the account's row nobody knows its id.
fn owner_is_other(context: &Context<'_>) -> Reading<bool> {
    let own = row(context)?.and_then(|row| row.systemuserid.text());
    let at_fault = definitions(context)?
        .into_iter()
        .filter(|workflow| fault_of_owner(workflow).is_some());
    let mut owners = at_fault.filter_map(|workflow| person(workflow)?.systemuserid.text());
    Ok(owners.any(|owner| own.is_none_or(|own| !own.eq_ignore_ascii_case(owner))))
}

/// Whether the error names, by the id of a row, a person who owns a workflow of Work 365 and cannot run it.
pub(crate) fn names_owner_at_fault(context: &Context<'_>, error: &DecodedError) -> bool {
    let Some(named) = error.named_principal() else {
        return false;
    };
    let workflows = definitions(context).unwrap_or_default();
    workflows
        .into_iter()
        .filter(|workflow| fault_of_owner(workflow).is_some())
        .filter_map(person)
        .filter_map(|owner| owner.systemuserid.text())
        .any(|owner| owner.eq_ignore_ascii_case(named))
}

fn described(workflow: &Workflow) -> String {
    let owner = match workflow.owninguser.known() {
        Some(owner) => owner.fullname.known().map_or("a user", |name| name.trim()),
        None => "a team",
    };
    match fault_of_owner(workflow) {
        Some(fault) => format!("{} ({owner}: {fault})", name(workflow)),
        None => format!("{} ({owner})", name(workflow)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::Sample;

    fn workflow(state: i64, owner: Value) -> Value {
        json!({"workflowid": "w", "name": "Work 365 Start Job", "statecode": state, "type": 1, "asyncautodelete": false, "owninguser": owner})
    }

    fn person(changes: Value) -> Value {
        let mut person = json!({"systemuserid": "u", "fullname": "Ada Hart", "isdisabled": false, "islicensed": true, "accessmode": 0, "applicationid": null});
        for (key, value) in changes.as_object().into_iter().flatten() {
            person[key] = value.clone();
        }
        person
    }

    #[test]
    fn an_active_workflow_starts_jobs_whatever_its_activations_are() {
        let sample = |workflows: Value| Sample::new().list("dataverse.workflows", workflows);
        let active = workflow(1, person(json!({})));
        let draft = workflow(0, person(json!({})));
        assert_eq!(
            sample(json!([active])).is("workflow.start_job_inactive"),
            Ok(false)
        );
        assert_eq!(sample(json!([draft])).is("workflow.start_job_inactive"), Ok(true));
        assert!(sample(json!([])).is("workflow.start_job_inactive").is_err());
        let activation = json!({"workflowid": "a", "name": "Work 365 Start Job", "statecode": 1, "type": 2});
        assert_eq!(
            sample(json!([draft, activation])).is("workflow.start_job_inactive"),
            Ok(true)
        );
    }

    #[test]
    fn only_a_persons_row_can_be_at_fault() {
        for (owner, wanted) in [
            (person(json!({})), Ok(false)),
            (person(json!({"isdisabled": true})), Ok(true)),
            (person(json!({"islicensed": false})), Ok(true)),
            (person(json!({"islicensed": false, "accessmode": 4})), Ok(false)),
            (
                person(json!({"isdisabled": true, "applicationid": "5e56ae97-9be1-40d3-938b-99ea52175a30"})),
                Ok(false),
            ),
            (
                person(json!({"isdisabled": true, "fullname": "SYSTEM"})),
                Ok(false),
            ),
            (Value::Null, Ok(false)),
        ] {
            let sample = Sample::new().list("dataverse.workflows", json!([workflow(1, owner.clone())]));
            assert_eq!(sample.is("workflow.owner_at_fault"), wanted, "{owner}");
        }
    }
}
