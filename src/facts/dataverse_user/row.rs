//! Facts of the area dataverse-user: is there a row for this identity, is it the right one, and is it enabled.
//!
//! *The* row is found by object id or application id (`subject.rs`); rows that match by name alone only tell of stubs,
//! duplicates and rows of an earlier account with the same name.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::Field;
use crate::snapshot::dataverse::SystemUser;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::environment::security_group::{is_nested_member_only, joined_security_group_at};
use crate::facts::environment::state::environment_adds_users_on_demand;
use crate::facts::identity::application::application;
use crate::facts::identity::subject::{existing_row, existing_user, object_id, row, user};
use crate::facts::licensing::licences::is_licensed;
use crate::facts::licensing::license::license_changed_at;
use crate::facts::operator::rights::operator_reads_every_row;
use crate::facts::reading::{Reading, Reason, Unknown, all, any, read};
use crate::facts::roles::held_by_row::held_roles;
use crate::facts::value::{FactValue, Kind, parse_time};
use crate::text::is_zero_guid;

const ROWS: &[&str] = &["dataverse.system_users"];

const ROWS_AND_USER: &[&str] = &["dataverse.system_users", "graph.user", "dataverse.operator_roles"];

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "user_row.exists",
        Kind::Bool,
        &[
            "dataverse.system_users",
            "dataverse.application_users",
            "graph.user",
            "dataverse.operator_roles",
        ],
        "The environment has a row for this identity, found by object id or application id.",
        |context| has_row(context).map(Into::into),
    ),
    fact(
        "user_row.id",
        Kind::Text,
        ROWS,
        "Row id (systemuserid) of the account in Dataverse.",
        |context| {
            let id = existing_row(context)?.systemuserid.text();
            id.map(FactValue::from).ok_or_else(|| silent("systemuserid"))
        },
    )
.its_own(),
    fact(
        "user_row.name",
        Kind::Text,
        ROWS,
        "User name (domainname) on the row; null when unset.",
        |context| Ok(existing_row(context)?.domainname.text().into()),
    )
.its_own()
    .nullable(),
    fact(
        "user_row.disabled",
        Kind::Bool,
        ROWS,
        "The row is disabled.",
        |context| {
            let disabled = existing_row(context)?.isdisabled.value();
            disabled
                .copied()
                .map(FactValue::from)
                .ok_or_else(|| silent("isdisabled"))
        },
    ),
    fact(
        "user_row.disabled_reason",
        Kind::Text,
        ROWS,
        "Why the row is disabled, in Dataverse's words; null when it does not say.",
        |context| Ok(existing_row(context)?.disabledreason.text().into()),
    )
    .its_own_words()
    .nullable(),
    fact(
        "user_row.sync_awaited_since",
        Kind::Time,
        &["graph.user", "graph.license_details", "admin.environment", "graph.directory_audits"],
        "Since when Dataverse could add the row by itself: the newest of account creation, licence assignment and joining the security group; null when waiting alone will not add it.",
        |context| sync_awaited_since(context).map(FactValue::from),
    )
    .nullable(),
    fact(
        "user_row.stub_exists",
        Kind::Bool,
        ROWS_AND_USER,
        "A placeholder row of this name exists: made by an import, without object id, cut off from the directory.",
        |context| has_stub(context).map(Into::into),
    ),
    fact(
        "user_row.stub_id",
        Kind::Text,
        ROWS,
        "Row id of the placeholder row; null when there is none.",
        |context| {
            let rows = rows(context)?.iter();
            let stub = rows.filter(|row| is_stub(row) == Ok(true)).find(|row| is_meant_by(context, row));
            Ok(stub.and_then(|row| row.systemuserid.text()).into())
        },
    )
.its_own()
    .nullable(),
    fact(
        "user_row.duplicated",
        Kind::Bool,
        ROWS_AND_USER,
        "More than one row answers to this account's name or application id.",
        |context| has_duplicates(context).map(Into::into),
    ),
    fact(
        "user_row.ids_of_the_name",
        Kind::Texts,
        ROWS,
        "Row ids of every row that carries this account's name, object id or application id.",
        |context| {
            let ids = rows_of_the_account(context)?;
            let ids: Vec<String> = ids
                .iter()
                .filter_map(|row| row.systemuserid.text().map(str::to_owned))
                .collect();
            Ok(ids.into())
        },
    )
.its_own(),
    fact(
        "user_row.bound_to_another_object",
        Kind::Bool,
        &[
            "dataverse.system_users",
            "graph.user",
            "graph.service_principal",
            "dataverse.user_roles",
        ],
        "A row with this account's name, or of this application, belongs to another directory object.",
        |context| is_bound_to_another_object(context).map(Into::into),
    ),
    fact(
        "user_row.other_object_id",
        Kind::Text,
        ROWS,
        "Object id of the other directory object that the row belongs to; null when there is none.",
        |context| {
            let other = foreign_row(context)?;
            Ok(other
                .and_then(|row| row.azureactivedirectoryobjectid.text())
                .into())
        },
    )
.its_own()
    .nullable(),
    fact(
        "user_row.other_row_id",
        Kind::Text,
        ROWS,
        "Row id of the row that belongs to another directory object; null when there is none.",
        |context| Ok(foreign_row(context)?.and_then(|row| row.systemuserid.text()).into()),
    )
.its_own()
    .nullable(),
];

fn silent(column: &str) -> Unknown {
    Unknown::silent("dataverse.system_users", format!("the row has no {column}"))
}

fn rows<'a>(context: &Context<'a>) -> Reading<&'a [SystemUser]> {
    Ok(&read(&context.evidence().system_users)?.value)
}

/// Whether the identity has a row. Application users also answer through their own list (<https://learn.microsoft.com/power-platform/admin/manage-application-users>).
fn has_row(context: &Context<'_>) -> Reading<bool> {
    let matched = row(context);
    if matches!(matched, Ok(Some(_))) || !context.is(Profile::ApplicationUser) {
        return matched.map(|row| row.is_some());
    }
    let listed = context
        .evidence()
        .application_users
        .ok()
        .zip(application(context)?);
    let listed = listed.is_some_and(|(list, id)| list.value.iter().any(|row| is_id(&row.applicationid, id)));
    if listed {
        Ok(true)
    } else {
        matched.map(|row| row.is_some())
    }
}

/// Dataverse adds a licensed account by itself within minutes, but never one that it adds on demand only: without a
/// full licence, nested in the security group, or in an environment of a kind that adds nobody.
fn sync_awaited_since(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let user = existing_user(context)?;
    let on_demand_only = is_licensed(context) == Ok(false)
        || environment_adds_users_on_demand(context) == Ok(true)
        || is_nested_member_only(context) == Ok(true);
    if on_demand_only {
        return Ok(None);
    }
    let created = user.created_date_time.text().and_then(parse_time);
    Ok(created
        .max(license_changed_at(context)?)
        .max(joined_security_group_at(context)))
}

/// Whether the row has the account's user name. A mail address proves nothing: several rows may share one.
fn has_the_name(context: &Context<'_>, row: &SystemUser) -> bool {
    let user = user(context).ok().flatten();
    let account = context.snapshot.subject.account.as_str();
    let upn = user.and_then(|user| user.user_principal_name.text());
    is_id(&row.domainname, account) || upn.is_some_and(|upn| is_id(&row.domainname, upn))
}

/// Whether a placeholder row stands for the account: imports know a mail address or a full name at best.
fn is_meant_by(context: &Context<'_>, row: &SystemUser) -> bool {
    let user = user(context).ok().flatten();
    let mail = user.and_then(|user| user.mail.text().or(user.user_principal_name.text()));
    let display_name = user.and_then(|user| user.display_name.text());
    has_the_name(context, row)
        || is_id(&row.internalemailaddress, &context.snapshot.subject.account)
        || mail.is_some_and(|mail| is_id(&row.internalemailaddress, mail))
        || (row.domainname.text().is_none()
            && row.internalemailaddress.text().is_none()
            && display_name.is_some_and(|name| row.fullname.text() == Some(name)))
}

/// Rows that carry the account's key or, for users, its name.
fn rows_of_the_account<'a>(context: &Context<'a>) -> Reading<Vec<&'a SystemUser>> {
    let rows = rows(context)?.iter();
    let object_id = object_id(context).ok();
    Ok(match context.is(Profile::ApplicationUser) {
        true => match application(context)? {
            Some(id) => rows.filter(|row| is_id(&row.applicationid, id)).collect(),
            None => Vec::new(),
        },
        false => rows
            .filter(|row| row.applicationid.text().is_none())
            .filter(|row| {
                has_the_name(context, row)
                    || (is_stub(row) == Ok(true) && is_meant_by(context, row))
                    || object_id.is_some_and(|id| is_id(&row.azureactivedirectoryobjectid, id))
            })
            .collect(),
    })
}

fn has_stub(context: &Context<'_>) -> Reading<bool> {
    let stubs = rows(context)?
        .iter()
        .filter(|row| is_meant_by(context, row))
        .map(is_stub);
    seen(context, any(stubs)?)
}

fn has_duplicates(context: &Context<'_>) -> Reading<bool> {
    let mut counted: Vec<&SystemUser> = Vec::new();
    let mut doubtful: Option<Unknown> = None;
    for row in rows_of_the_account(context)? {
        match is_harmless_leftover(context, row) {
            Ok(true) => {}
            Ok(false) => counted.push(row),
            Err(unknown) => doubtful = Some(unknown),
        }
    }
    // A row that a service lists twice is one row, and one without an id may be the other.
    let ids: Vec<Option<String>> = counted
        .iter()
        .map(|row| row.systemuserid.known().map(|id| id.trim().to_ascii_lowercase()))
        .collect();
    let told: BTreeSet<&String> = ids.iter().flatten().collect();
    let untold = ids.iter().filter(|id| id.is_none()).count();
    if told.len() < 2 && told.len() + untold > 1 {
        return Err(silent("systemuserid"));
    }
    match doubtful.filter(|_| told.len() < 2) {
        Some(unknown) => Err(unknown),
        None => seen(context, told.len() > 1),
    }
}

/// What was not seen may still be there when the reader does not see every row (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser>).
fn seen(context: &Context<'_>, found: bool) -> Reading<bool> {
    if found {
        return Ok(true);
    }
    match operator_reads_every_row(context) {
        Ok(true) => Ok(false),
        Ok(false) => Err(Unknown::because(
            "dataverse.system_users",
            Reason::Denied,
            "none was shown, but the operator may not be allowed to see every user",
        )),
        Err(unread) => match row(context) {
            Ok(Some(_)) => Ok(false),
            _ => Err(unread),
        },
    }
}

/// A row by the account's name that belongs to another directory object.
fn foreign_row<'a>(context: &Context<'a>) -> Reading<Option<&'a SystemUser>> {
    let own = object_id(context)?;
    if context.is(Profile::ApplicationUser) {
        let row = row(context)?.filter(|row| {
            let bound = row.azureactivedirectoryobjectid.text();
            bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own))
        });
        return Ok(row);
    }
    let rows = rows(context)?
        .iter()
        .filter(|row| row.applicationid.text().is_none());
    Ok(rows.filter(|row| has_the_name(context, row)).find(|row| {
        let bound = row.azureactivedirectoryobjectid.text();
        bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own))
    }))
}

/// Whether the wrong row stands where the account's should: always for an application user and when the account has
/// no row of its own; beside a row of its own unless the other one is a harmless leftover.
fn is_bound_to_another_object(context: &Context<'_>) -> Reading<bool> {
    let Some(foreign) = foreign_row(context)? else {
        let unreadable = context.is(Profile::ApplicationUser)
            && row(context)?.is_some_and(|row| row.azureactivedirectoryobjectid.is_missing());
        return if unreadable {
            Err(silent("azureactivedirectoryobjectid"))
        } else {
            row(context).map(|_| false)
        };
    };
    if context.is(Profile::ApplicationUser) {
        return Ok(true);
    }
    is_harmless_leftover(context, foreign).map(|is_harmless| !is_harmless)
}

/// The disabled row of an earlier account with this name, once the account's own row is enabled and holds a role:
/// what remains after the fix, by the guidance to leave the old row disabled.
fn is_harmless_leftover(context: &Context<'_>, other: &SystemUser) -> Reading<bool> {
    let Ok(own) = object_id(context) else {
        return Ok(false);
    };
    let bound = other.azureactivedirectoryobjectid.text();
    let is_foreign = bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own));
    if !is_foreign || other.isdisabled.value() != Some(&true) {
        return Ok(false);
    }
    let own_row = row(context)?;
    if own_row.is_none_or(|row| row.isdisabled.value() != Some(&false)) {
        return Ok(false);
    }
    held_roles(context)?.any(|_| Ok(true))
}

fn is_id(field: &Field<String>, id: &str) -> bool {
    field.text().is_some_and(|value| value.eq_ignore_ascii_case(id))
}

/// A stub: no object id, no application id, not synchronised with the directory.
fn is_stub(row: &SystemUser) -> Reading<bool> {
    let unset = |field: &Field<String>, column: &str| match field {
        Field::Missing(_) => Err(silent(column)),
        field => Ok(field.text().is_none_or(is_zero_guid)),
    };
    all([
        unset(&row.azureactivedirectoryobjectid, "azureactivedirectoryobjectid"),
        unset(&row.applicationid, "applicationid"),
        row.issyncwithdirectory
            .value()
            .map(|synced| !synced)
            .ok_or_else(|| silent("issyncwithdirectory")),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};

    use crate::facts::testing::case::{ACCOUNT, Case, GROUP, OBJECT_ID, OTHER_OBJECT_ID, ok, row};
    use crate::facts::value::FactValue;

    const ROWS: &str = "dataverse.system_users";
    const OPERATOR: &str = "dataverse.operator_roles";

    fn with_rows(rows: Value) -> Case {
        Case::healthy().set(ROWS, "/value", rows)
    }

    fn changed_row(changes: Value) -> Value {
        let mut row = row();
        for (key, value) in changes.as_object().unwrap() {
            row[key] = value.clone();
        }
        row
    }

    fn foreign(disabled: bool) -> Value {
        changed_row(
            json!({"systemuserid": "old", "azureactivedirectoryobjectid": OTHER_OBJECT_ID, "isdisabled": disabled}),
        )
    }

    fn stub() -> Value {
        changed_row(
            json!({"systemuserid": "stub", "azureactivedirectoryobjectid": null, "issyncwithdirectory": false}),
        )
    }

    #[test]
    fn one_enabled_row_is_no_fault() {
        for case in [Case::healthy(), Case::healthy_application_user()] {
            assert_eq!(case.flag("user_row.exists"), Some(true));
            for fact in [
                "user_row.disabled",
                "user_row.stub_exists",
                "user_row.duplicated",
                "user_row.bound_to_another_object",
            ] {
                assert_eq!(case.flag(fact), Some(false), "{fact}");
            }
        }
    }

    #[test]
    fn an_empty_answer_proves_absence_only_to_who_sees_everything() {
        let facts = ["user_row.exists", "user_row.stub_exists", "user_row.duplicated"];
        for fact in facts {
            assert_eq!(with_rows(json!([])).flag(fact), Some(false), "{fact}");
            let reader = with_rows(json!([])).set(OPERATOR, "/value", json!([]));
            assert_eq!(reader.flag(fact), None, "{fact}");
            assert_eq!(with_rows(json!([])).denied(OPERATOR).flag(fact), None, "{fact}");
            assert_eq!(Case::healthy().denied(ROWS).flag(fact), None, "{fact}");
        }
        assert_eq!(
            Case::healthy().denied(OPERATOR).flag("user_row.duplicated"),
            Some(false)
        );
        let reader = Case::healthy().set(OPERATOR, "/value", json!([]));
        assert_eq!(reader.flag("user_row.duplicated"), None);
        assert_eq!(
            with_rows(json!([])).flag("user_row.disabled"),
            None,
            "there is no row to ask about"
        );
    }

    #[test]
    fn a_row_that_matches_by_name_alone_is_not_the_row() {
        let case = with_rows(json!([foreign(false)]));
        assert_eq!(case.flag("user_row.exists"), Some(false));
        assert_eq!(case.flag("user_row.bound_to_another_object"), Some(true));
        assert_eq!(
            case.fact("user_row.other_object_id"),
            Ok(FactValue::from(OTHER_OBJECT_ID))
        );
        let unnamed = changed_row(json!({"azureactivedirectoryobjectid": OTHER_OBJECT_ID,
            "domainname": "other@contoso.com", "internalemailaddress": null}));
        assert_eq!(
            with_rows(json!([unnamed])).flag("user_row.bound_to_another_object"),
            Some(false)
        );
        assert_eq!(
            Case::healthy()
                .denied("graph.user")
                .denied("graph.sign_ins")
                .flag("user_row.bound_to_another_object"),
            None
        );
    }

    #[test]
    fn the_row_of_an_earlier_account_is_a_fault_until_the_new_one_is_set_up() {
        let both = |old: Value| with_rows(json!([old, row()]));
        let flags = |case: Case| {
            (
                case.flag("user_row.bound_to_another_object"),
                case.flag("user_row.duplicated"),
            )
        };
        assert_eq!(flags(both(foreign(false))), (Some(true), Some(true)));
        assert_eq!(
            flags(both(foreign(true))),
            (Some(false), Some(false)),
            "left disabled, as advised"
        );
        let no_roles = || both(foreign(true)).set("dataverse.user_roles", "/value", json!([]));
        let no_teams = |case: Case| case.section("dataverse.user_teams", ok(json!({"value": []})));
        assert_eq!(flags(no_teams(no_roles())), (Some(true), Some(true)));
        // Whether the new one is set up is not known.
        assert_eq!(flags(no_roles().denied("dataverse.user_teams")), (None, None));
        let unread = both(foreign(true)).denied("dataverse.user_roles");
        assert_eq!(flags(no_teams(unread)), (None, None));
    }

    #[test]
    fn a_stub_has_no_object_id_and_no_directory() {
        let case = with_rows(json!([stub(), row()]));
        assert_eq!(case.flag("user_row.stub_exists"), Some(true));
        assert_eq!(case.flag("user_row.duplicated"), Some(true));
        assert_eq!(case.flag("user_row.bound_to_another_object"), Some(false));
        assert_eq!(case.fact("user_row.stub_id"), Ok(FactValue::from("stub")));
        let alone = with_rows(json!([stub()]));
        assert_eq!(alone.flag("user_row.exists"), Some(false));
        assert_eq!(alone.flag("user_row.stub_exists"), Some(true));
        let same_mail = changed_row(
            json!({"azureactivedirectoryobjectid": OTHER_OBJECT_ID, "domainname": "other@contoso.com"}),
        );
        let case = with_rows(json!([same_mail, row()]));
        assert_eq!(case.flag("user_row.duplicated"), Some(false));
        assert_eq!(case.flag("user_row.bound_to_another_object"), Some(false));
        let synced = changed_row(json!({"azureactivedirectoryobjectid": null}));
        assert_eq!(
            with_rows(json!([synced, row()])).flag("user_row.stub_exists"),
            Some(false)
        );
        let mut silent = stub();
        silent.as_object_mut().unwrap().remove("issyncwithdirectory");
        assert_eq!(
            with_rows(json!([silent, row()])).flag("user_row.stub_exists"),
            None
        );
        let by_full_name = changed_row(
            json!({"azureactivedirectoryobjectid": null, "issyncwithdirectory": false,
            "domainname": "", "internalemailaddress": null}),
        );
        assert_eq!(
            with_rows(json!([by_full_name, row()])).flag("user_row.stub_exists"),
            Some(true)
        );
    }

    #[test]
    fn an_application_user_is_known_by_its_application_id() {
        let application = Case::healthy_application_user;
        let missing = || application().set(ROWS, "/value", json!([]));
        assert_eq!(missing().flag("user_row.exists"), Some(false));
        let listed = missing().section(
            "dataverse.application_users",
            json!({"outcome": "ok", "body": {"value": [{"applicationid": "5E56AE97-9be1-40d3-938b-99ea52175a30"}]}}),
        );
        assert_eq!(listed.flag("user_row.exists"), Some(true));
        let orphan = application().set(
            ROWS,
            "/value/0/azureactivedirectoryobjectid",
            json!(OTHER_OBJECT_ID),
        );
        assert_eq!(orphan.flag("user_row.bound_to_another_object"), Some(true));
        let unread = application().denied("graph.service_principal");
        assert_eq!(unread.flag("user_row.bound_to_another_object"), None);
        let column = application().unset(ROWS, "/value/0/azureactivedirectoryobjectid");
        assert_eq!(column.flag("user_row.bound_to_another_object"), None);
        let second = changed_row(
            json!({"systemuserid": "two", "applicationid": "5e56ae97-9be1-40d3-938b-99ea52175a30"}),
        );
        assert_eq!(
            application()
                .set(ROWS, "/value/1", second)
                .flag("user_row.duplicated"),
            Some(true)
        );
    }

    #[test]
    fn waiting_starts_with_the_newer_of_creation_and_licence() {
        let since = |case: Case| case.fact("user_row.sync_awaited_since");
        let at = |time: &str| Ok(FactValue::Time(time.parse().unwrap()));
        assert_eq!(since(Case::healthy()), at("2026-01-05T09:00:00Z"));
        let young = Case::healthy().set("graph.user", "/createdDateTime", json!("2026-01-05T09:55:00Z"));
        assert_eq!(since(young), at("2026-01-05T09:55:00Z"));
        let joined = |group: &str| {
            let audit = json!({"activityDisplayName": "Add member to group", "result": "success",
                "activityDateTime": "2026-01-05T09:58:00Z", "targetResources": [{"id": OBJECT_ID}, {"id": group}]});
            Case::healthy().section("graph.directory_audits", ok(json!({"value": [audit]})))
        };
        assert_eq!(since(joined(GROUP)), at("2026-01-05T09:58:00Z"));
        assert_eq!(since(joined("another-group")), at("2026-01-05T09:00:00Z"));
    }

    #[test]
    fn waiting_is_no_cure_for_who_is_added_on_demand_only() {
        let since = |case: Case| case.fact("user_row.sync_awaited_since");
        let unlicensed = Case::healthy().set("graph.license_details", "/value", json!([]));
        assert_eq!(since(unlicensed), Ok(FactValue::Null));
        let trial = Case::healthy().set("admin.environment", "/properties/environmentSku", json!("Trial"));
        assert_eq!(since(trial), Ok(FactValue::Null));
        let nested = Case::healthy().set("graph.security_group_membership", "/direct", json!(false));
        assert_eq!(since(nested), Ok(FactValue::Null));
        let unread = Case::healthy().denied("admin.environment");
        assert_ne!(since(unread), Ok(FactValue::Null));
    }

    #[test]
    fn rows_are_found_whatever_the_case_of_ids_and_names() {
        let upper = changed_row(
            json!({"azureactivedirectoryobjectid": OBJECT_ID.to_ascii_uppercase(),
            "domainname": ACCOUNT.to_ascii_uppercase()}),
        );
        assert_eq!(with_rows(json!([upper])).flag("user_row.exists"), Some(true));
    }
}
