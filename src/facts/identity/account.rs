//! Facts of the area identity: does the account exist in the right tenant, is it the one that is meant, may it sign in.

use jiff::SignedDuration;

use crate::snapshot::Field;
use crate::snapshot::dataverse::SystemUser;
use crate::text::squeezed;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::{existing_user, object_id, row, user};
use crate::facts::reading::{Reading, Reason, Unknown, any, found, read};
use crate::facts::sign_in::deciding::{newest_code_is_one_of, signed_in_at, unless_refused};
use crate::facts::sign_in::log::probe_attempt;
use crate::facts::value::{FactValue, Kind, parse_time};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "user.exists",
        Kind::Bool,
        &["graph.user", "login.probe"],
        "The tenant has a directory object of this account; when the directory could not be read, what the sign-in service said.",
        |context| unless_refused(context, account_exists(context), true, &[UNKNOWN_ACCOUNT]).map(Into::into),
    ),
    fact(
        "user.principal_name",
        Kind::Text,
        &["graph.user"],
        "User principal name (UPN) that the account has now.",
        |context| {
            let name = existing_user(context)?.user_principal_name.text();
            name.map(FactValue::from)
                .ok_or_else(|| missing("userPrincipalName"))
        },
    )
    .its_own(),
    fact(
        "user.enabled",
        Kind::Bool,
        &["graph.user", "login.probe", "graph.sign_ins"],
        "Sign-in is allowed (`accountEnabled`); where that is hidden, a newest sign-in that was refused as disabled says no.",
        |context| unless_refused(context, account_is_enabled(context), true, &[DISABLED]).map(Into::into),
    ),
    fact(
        "user.on_premises_synced",
        Kind::Bool,
        &["graph.user"],
        "The account is managed by an on-premises directory, which undoes changes made in the cloud.",
        |context| is_synced_from_on_premises(context).map(Into::into),
    ),
    fact(
        "user.holds_directory_role",
        Kind::Bool,
        &["graph.directory_roles"],
        "The account holds a role in Microsoft Entra, so that most administrators may not change how it signs in.",
        |context| {
            let roles = found(&context.evidence().directory_roles)?;
            Ok(roles.is_some_and(|roles| !roles.value.is_empty()).into())
        },
    ),
    fact(
        "user.management_restricted",
        Kind::Bool,
        &["graph.user"],
        "The account is in a restricted management administrative unit, so that only its own administrators may change it.",
        |context| match existing_user(context)?.is_management_restricted {
            Field::Value(restricted) => Ok(restricted.into()),
            Field::Null => Ok(false.into()),
            Field::Missing(_) => Err(missing("isManagementRestricted")),
        },
    ),
    fact(
        "user.is_guest",
        Kind::Bool,
        &["graph.user"],
        "The account is a guest (B2B) in this tenant.",
        |context| account_is_guest(context).map(Into::into),
    ),
    fact(
        "user.is_internal_guest",
        Kind::Bool,
        &["graph.user"],
        "The account is marked as a guest, and signs in to this tenant with a password of its own: nobody invited it from outside.",
        |context| account_is_internal_guest(context).map(Into::into),
    ),
    fact(
        "user.deleted",
        Kind::Bool,
        &["graph.user", "graph.deleted_users", "dataverse.system_users"],
        "The account was deleted: it is among the deleted users, or Dynamics 365 knows that it was.",
        |context| account_is_deleted(context).map(Into::into),
    ),
    fact(
        "user.deleted_object_id",
        Kind::Text,
        &["graph.deleted_users", "dataverse.system_users"],
        "Object id of the deleted account, needed to restore it; null when none was found.",
        |context| Ok(deleted_object_id(context).into()),
    )
    .its_own()
    .nullable(),
    fact(
        "user.restorable",
        Kind::Bool,
        &["graph.deleted_users"],
        "The deleted account is still among the deleted users and can be restored with its object id.",
        |context| Ok(is_among_deleted_users(context)?.is_some().into()),
    ),
    fact(
        "user.other_names",
        Kind::Texts,
        &["graph.user", "dataverse.system_users"],
        "Names under which the account is still known elsewhere and that differ from its UPN.",
        |context| other_names(context).map(Into::into),
    )
    .its_own_words(),
    fact(
        "user.federated",
        Kind::Bool,
        &["graph.domain", "login.realm", "graph.home_realm_policies"],
        "The domain is federated and no home realm policy lets the cloud check passwords.",
        |context| is_federated(context).map(Into::into),
    ),
    fact(
        "user.domain",
        Kind::Text,
        &[],
        "Domain of the account: what follows the @ of its name.",
        |context| {
            let account = context.snapshot.subject.account.as_str();
            let domain = account.rsplit_once('@').map(|(_, domain)| domain);
            domain
                .map(FactValue::from)
                .ok_or_else(|| Unknown::because("subject", Reason::Absent, "the account is no UPN"))
        },
    )
    .its_own(),
];

/// Codes of a sign-in to a tenant or cloud where the account does not live.
const NO_SUCH_ACCOUNT: [i64; 2] = [UNKNOWN_ACCOUNT, 51004];

/// The tenant that was asked does not know the account.
const UNKNOWN_ACCOUNT: i64 = 50034;

/// The account is disabled.
const DISABLED: i64 = 50057;

fn account_exists(context: &Context<'_>) -> Reading<bool> {
    user(context).map(|user| user.is_some()).or_else(|unknown| {
        let code = probe_attempt(context).map(|attempt| attempt.code);
        match code {
            Some(0) => Ok(true),
            Some(code) if NO_SUCH_ACCOUNT.contains(&code) => Ok(false),
            None if newest_code_is_one_of(context, &[UNKNOWN_ACCOUNT]) == Ok(true) => Ok(false),
            _ => Err(unknown),
        }
    })
}

fn account_is_enabled(context: &Context<'_>) -> Reading<bool> {
    let enabled = existing_user(context).and_then(|user| {
        let enabled = user.account_enabled.value().copied();
        enabled.ok_or_else(|| missing("accountEnabled"))
    });
    if enabled == Ok(false) && signed_in_since_it_was_read(context) {
        return Err(Unknown::silent(
            "graph.user",
            "Work 365 signed in after this was read: it is to be read again",
        ));
    }
    enabled.or_else(|unknown| match newest_code_is_one_of(context, &[DISABLED]) {
        Ok(true) => Ok(false),
        _ => Err(unknown),
    })
}

/// Whether a sign-in of Work 365 succeeded more than an hour after the directory's answer: so long a token may still be given to an
/// account that was just disabled.
fn signed_in_since_it_was_read(context: &Context<'_>) -> bool {
    let read_at = context.evidence().user.read_at.as_deref().and_then(parse_time);
    read_at
        .zip(signed_in_at(context))
        .is_some_and(|(read_at, signed_in)| signed_in.duration_since(read_at) > SignedDuration::from_hours(1))
}

pub(crate) fn is_synced_from_on_premises(context: &Context<'_>) -> Reading<bool> {
    match existing_user(context)?.on_premises_sync_enabled {
        Field::Value(synced) => Ok(synced),
        // Null means "never synchronised" (<https://learn.microsoft.com/graph/api/resources/user>).
        Field::Null => Ok(false),
        Field::Missing(_) => Err(missing("onPremisesSyncEnabled")),
    }
}

pub(crate) fn account_is_guest(context: &Context<'_>) -> Reading<bool> {
    let user = existing_user(context)?;
    let marked = user
        .user_principal_name
        .text()
        .is_some_and(|name| name.to_uppercase().contains("#EXT#"));
    match user.user_type.text() {
        _ if marked => Ok(true),
        Some(kind) => Ok(kind.eq_ignore_ascii_case("Guest")),
        // Old objects have no userType; an invitation is what makes a guest (<https://learn.microsoft.com/graph/api/resources/user>).
        None => match (&user.user_type, user.creation_type.text()) {
            (_, Some(kind)) => Ok(kind.eq_ignore_ascii_case("Invitation")),
            (Field::Null, None) => Ok(false),
            _ => Err(missing("userType")),
        },
    }
}

/// Who was invited carries `#EXT#`, an invitation, or an identity of elsewhere
/// (<https://learn.microsoft.com/entra/external-id/user-properties>).
fn account_is_internal_guest(context: &Context<'_>) -> Reading<bool> {
    let user = existing_user(context)?;
    let name = user.user_principal_name.text();
    let identities = user.identities.items();
    Ok(account_is_guest(context)?
        && name.is_some_and(|name| !name.to_uppercase().contains("#EXT#"))
        && user.creation_type.text().is_none()
        && !identities.is_empty()
        && identities
            .iter()
            .all(|identity| identity.sign_in_type.text() == Some("userPrincipalName")))
}

fn account_is_deleted(context: &Context<'_>) -> Reading<bool> {
    match user(context)? {
        Some(user) => Ok(user.deleted_date_time.text().and_then(parse_time).is_some()),
        None => any([
            is_among_deleted_users(context).map(|deleted| deleted.is_some()),
            row_knows_of_deletion(context),
        ]),
    }
}

/// A deleted user's UPN is the old one with the object id in front of it. Source: <https://learn.microsoft.com/graph/api/directory-deleteditems-list>.
fn is_among_deleted_users<'a>(context: &Context<'a>) -> Reading<Option<&'a str>> {
    let Some(deleted) = found(&context.evidence().deleted_users)? else {
        return Ok(None);
    };
    let account = context.snapshot.subject.account.to_lowercase();
    let is_account = |name: &str| {
        let name = name.to_lowercase();
        name == account
            || name
                .strip_suffix(account.as_str())
                .is_some_and(|id| id.len() == 32 && id.chars().all(|character| character.is_ascii_hexdigit()))
    };
    Ok(deleted
        .value
        .iter()
        .find(|user| {
            let names = [&user.user_principal_name, &user.mail];
            names.into_iter().any(|name| name.text().is_some_and(is_account))
        })
        .map(|user| user.id.text().unwrap_or_default()))
}

/// Rows that carry the account's name. Only for questions about names: *the* row is found by object id.
fn rows_by_name<'a>(context: &Context<'a>) -> Reading<Vec<&'a SystemUser>> {
    let rows = &read(&context.evidence().system_users)?.value;
    let account = context.snapshot.subject.account.as_str();
    Ok(rows
        .iter()
        .filter(|row| {
            row.domainname
                .text()
                .is_some_and(|name| name.eq_ignore_ascii_case(account))
        })
        .collect())
}

fn row_knows_of_deletion(context: &Context<'_>) -> Reading<bool> {
    Ok(deleted_row(context)?.is_some())
}

/// A row of the account that Dynamics 365 knows to be gone from the directory: `azurestate` 1 or 2 (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser>).
fn deleted_row<'a>(context: &Context<'a>) -> Reading<Option<&'a SystemUser>> {
    let rows = &read(&context.evidence().system_users)?.value;
    let by_name = rows_by_name(context)?;
    let id = object_id(context).ok();
    Ok(rows.iter().find(|row| {
        let own = row.azureactivedirectoryobjectid.text();
        let by_id = own.zip(id).is_some_and(|(own, id)| own.eq_ignore_ascii_case(id));
        let ours = by_id || by_name.iter().any(|named| std::ptr::eq(*named, *row));
        ours && matches!(row.azurestate.value(), Some(1 | 2))
    }))
}

fn deleted_object_id(context: &Context<'_>) -> Option<String> {
    if let Ok(Some(id)) = is_among_deleted_users(context) {
        return Some(id.to_owned()).filter(|id| !id.is_empty());
    }
    let gone = deleted_row(context).ok().flatten()?;
    gone.azureactivedirectoryobjectid.text().map(str::to_owned)
}

fn other_names(context: &Context<'_>) -> Reading<Vec<String>> {
    let user = existing_user(context)?;
    let Some(current) = user.user_principal_name.text() else {
        return Err(missing("userPrincipalName"));
    };
    let mut names = Vec::new();
    let mut note = |name: &str| {
        if name.contains('@')
            && !name.eq_ignore_ascii_case(current)
            && !names
                .iter()
                .any(|known: &String| known.eq_ignore_ascii_case(name))
        {
            names.push(name.to_owned());
        }
    };
    note(&context.snapshot.subject.account);
    let row = row(context);
    if let Ok(Some(name)) = row.as_ref().map(|row| row.and_then(|row| row.domainname.text())) {
        note(name);
    }
    match row {
        // A name that differs decides; without one the unread row could still hold one.
        Err(unknown) if names.is_empty() => Err(unknown),
        _ => Ok(names),
    }
}

pub(crate) fn is_federated(context: &Context<'_>) -> Reading<bool> {
    if !domain_is_federated(context)? {
        return Ok(false);
    }
    let policies = found(&context.evidence().home_realm_policies)?;
    Ok(!policies.is_some_and(|list| {
        list.value.iter().any(|policy| {
            policy
                .definition
                .items()
                .iter()
                .any(|text| squeezed(text).contains("\"allowcloudpasswordvalidation\":true"))
        })
    }))
}

pub(crate) fn domain_is_federated(context: &Context<'_>) -> Reading<bool> {
    let domain = read(&context.evidence().domain).map(|single| single.0.as_ref());
    if let Ok(Some(kind)) = domain
        .as_ref()
        .map(|domain| domain.and_then(|domain| domain.authentication_type.text()))
    {
        return Ok(kind.eq_ignore_ascii_case("Federated"));
    }
    let realm = context
        .evidence()
        .realm
        .ok()
        .and_then(|realm| realm.account_type.text());
    match realm {
        Some(kind) if kind.eq_ignore_ascii_case("Federated") => Ok(true),
        Some(kind) if kind.eq_ignore_ascii_case("Managed") => Ok(false),
        _ => Err(domain.err().unwrap_or_else(|| {
            Unknown::silent("graph.domain", "the answer does not say how the domain signs in")
        })),
    }
}

/// The property was not in the answer, or hidden from the caller.
pub(crate) fn missing(property: &str) -> Unknown {
    Unknown::silent("graph.user", format!("the answer has no {property}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{ACCOUNT_ID, Sample};
    use crate::facts::value::FactValue;

    #[test]
    fn a_missing_or_hidden_property_is_unknown_and_never_a_verdict() {
        for hidden in [Value::Null, json!("absent")] {
            let sample = if hidden.is_null() {
                Sample::new().with_user(json!({"accountEnabled": null}))
            } else {
                Sample::new().ok("graph.user", json!({"id": ACCOUNT_ID}))
            };
            assert_eq!(sample.is("user.enabled"), Err("graph.user".to_owned()));
        }
        let sample = Sample::new().with_user(json!({"accountEnabled": false}));
        assert_eq!(sample.is("user.enabled"), Ok(false));
        let refused = Sample::new().ended("graph.user", "denied").ok(
            "login.probe",
            json!({"error": "invalid_grant", "error_codes": [50057]}),
        );
        assert_eq!(refused.is("user.enabled"), Ok(false));
        assert_eq!(sample.is("user.on_premises_synced"), Ok(false));
    }

    #[test]
    fn a_guest_is_known_by_its_type_by_its_name_or_by_its_invitation() {
        for (user, guest) in [
            (json!({"userType": "Guest"}), Ok(true)),
            (
                json!({"userPrincipalName": "svc_fabrikam.com#EXT#@contoso.com"}),
                Ok(true),
            ),
            (json!({"userType": null, "creationType": "Invitation"}), Ok(true)),
            (json!({"userType": null, "creationType": null}), Ok(false)),
            (json!({}), Ok(false)),
        ] {
            assert_eq!(
                Sample::new().with_user(user.clone()).is("user.is_guest"),
                guest,
                "{user}"
            );
        }
    }

    #[test]
    fn an_internal_guest_has_only_the_identity_of_this_tenant() {
        let of = |kind: &str, name: &str, identities: serde_json::Value| {
            let user = json!({"userType": kind, "userPrincipalName": name, "creationType": null, "identities": identities});
            Sample::new().with_user(user).is("user.is_internal_guest")
        };
        let own = json!([{"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com"}]);
        let other = json!([{"signInType": "userPrincipalName"}, {"signInType": "federated", "issuer": "ExternalAzureAD"}]);
        assert_eq!(of("Guest", "svc@contoso.com", own.clone()), Ok(true));
        assert_eq!(of("Member", "svc@contoso.com", own.clone()), Ok(false));
        assert_eq!(of("Guest", "svc_a.example#EXT#@contoso.com", own), Ok(false));
        assert_eq!(of("Guest", "svc@contoso.com", other), Ok(false));
        assert_eq!(of("Guest", "svc@contoso.com", json!([])), Ok(false));
    }

    #[test]
    fn when_the_directory_is_unreadable_the_probe_says_whether_the_account_exists() {
        let denied = Sample::new().ended("graph.user", "denied");
        assert_eq!(denied.is("user.exists"), Err("graph.user".to_owned()));
        for (code, exists) in [(50034, Ok(false)), (50126, Err("graph.user".to_owned()))] {
            let probed = denied.clone().ok(
                "login.probe",
                json!({"error": "invalid_grant", "error_codes": [code]}),
            );
            assert_eq!(probed.is("user.exists"), exists, "{code}");
        }
    }

    #[test]
    fn a_deleted_user_is_found_behind_the_id_in_front_of_its_name() {
        let _whole = crate::snapshot::whole_answers();
        let gone = Sample::new().ended("graph.user", "not_found");
        let name = format!("{}svc@contoso.com", ACCOUNT_ID.replace('-', ""));
        let found = gone.clone().list(
            "graph.deleted_users",
            json!([{"id": ACCOUNT_ID, "userPrincipalName": name, "mail": null}]),
        );
        assert_eq!(found.is("user.deleted"), Ok(true));
        assert_eq!(found.fact("user.deleted_object_id"), Ok(ACCOUNT_ID.into()));
        let namesake = gone.clone().list(
            "graph.deleted_users",
            json!([{"id": ACCOUNT_ID, "userPrincipalName": "other-svc@contoso.com", "mail": null}]),
        );
        let namesake = namesake.list("dataverse.system_users", json!([]));
        assert_eq!(namesake.is("user.deleted"), Ok(false));
        let by_row = gone.list(
            "dataverse.system_users",
            json!([{"systemuserid": "r", "domainname": "SVC@contoso.com", "azurestate": 2}]),
        );
        assert_eq!(by_row.is("user.deleted"), Ok(true));
    }

    #[test]
    fn an_existing_account_is_not_deleted_whatever_an_old_row_says() {
        let _whole = crate::snapshot::whole_answers();
        let sample = Sample::new().with_user(json!({})).list(
            "dataverse.system_users",
            json!([{"systemuserid": "r", "domainname": "svc@contoso.com", "azurestate": 1}]),
        );
        assert_eq!(sample.is("user.deleted"), Ok(false));
    }

    #[test]
    fn names_are_compared_without_regard_to_case() {
        let row = |name: &str| json!([{"systemuserid": "r", "domainname": name, "azureactivedirectoryobjectid": ACCOUNT_ID}]);
        let same = Sample::new()
            .with_user(json!({}))
            .list("dataverse.system_users", row("SVC@Contoso.com"));
        assert_eq!(same.fact("user.other_names"), Ok(FactValue::Texts(vec![])));
        let renamed = Sample::new()
            .with_user(json!({}))
            .list("dataverse.system_users", row("old@contoso.com"));
        assert_eq!(
            renamed.fact("user.other_names"),
            Ok(FactValue::Texts(vec!["old@contoso.com".to_owned()]))
        );
    }

    #[test]
    fn a_home_realm_policy_lets_the_cloud_check_passwords_of_a_federated_domain() {
        let federated = Sample::new().ok("graph.domain", json!({"authenticationType": "Federated"}));
        assert_eq!(
            federated.is("user.federated"),
            Err("graph.home_realm_policies".to_owned()),
            "not asked for, so it may be there"
        );
        let federated = federated.list("graph.home_realm_policies", json!([]));
        assert_eq!(federated.is("user.federated"), Ok(true));
        for ending in ["denied", "failed"] {
            let unread = federated.clone().ended("graph.home_realm_policies", ending);
            assert_eq!(
                unread.is("user.federated"),
                Err("graph.home_realm_policies".to_owned())
            );
        }
        let none = federated.clone().list("graph.home_realm_policies", json!([]));
        assert_eq!(none.is("user.federated"), Ok(true));
        let allowed = federated.list(
            "graph.home_realm_policies",
            json!([{"definition": ["{\"HomeRealmDiscoveryPolicy\":{\"AllowCloudPasswordValidation\": true}}"]}]),
        );
        assert_eq!(allowed.is("user.federated"), Ok(false));
        let by_realm = Sample::new()
            .ended("graph.domain", "denied")
            .ok("login.realm", json!({"account_type": "Managed"}));
        assert_eq!(by_realm.is("user.federated"), Ok(false));
    }
}
