//! Facts of the area sign-in that come from the log alone: retired protocols, cross-tenant settings.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Unknown};
use crate::facts::sign_in::deciding::{newest_attempt, newest_code_is_one_of};
use crate::facts::sign_in::entry::{carries_password, concerns_work_365};
use crate::facts::sign_in::log::{account_sign_ins, unless_log_is_cut};
use crate::facts::value::{Kind, parse_time};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "sign_in.code",
        Kind::Int,
        &["login.probe", "graph.sign_ins"],
        "AADSTS number of the newest sign-in for Dynamics 365 (0 is success); null when there was none.",
        |context| Ok(newest_attempt(context)?.map(|attempt| attempt.code).into()),
    )
    .nullable(),
    fact(
        "sign_in.code_at",
        Kind::Time,
        &["login.probe", "graph.sign_ins"],
        "When the newest sign-in for Dynamics 365 happened; null when there was none.",
        |context| Ok(newest_attempt(context)?.and_then(|attempt| attempt.at).into()),
    )
    .nullable(),
    fact(
        "sign_in.address",
        Kind::Text,
        &["graph.sign_ins"],
        "Address of the newest sign-in for Dynamics 365; null when it is not known.",
        |context| {
            let newest = newest_attempt(context)?;
            Ok(newest
                .and_then(|attempt| attempt.address().map(str::to_owned))
                .into())
        },
    )
    .its_own()
    .nullable(),
    fact(
        "sign_in.client",
        Kind::Text,
        &["graph.sign_ins"],
        "Client kind of the newest password sign-in for Dynamics 365; null when there was none.",
        |context| Ok(password_client(context)?.into()),
    )
    .nullable(),
    fact(
        "sign_in.legacy_protocol",
        Kind::Bool,
        &["graph.sign_ins"],
        "The newest password sign-in used a retired protocol (WS-Trust, the authentication type Office365), which the log calls a legacy client.",
        |context| signs_in_by_legacy_protocol(context).map(Into::into),
    ),
    fact(
        "sign_in.cross_tenant_blocked",
        Kind::Bool,
        &["login.probe", "graph.sign_ins"],
        "The newest sign-in was refused by cross-tenant access settings or tenant restrictions.",
        |context| newest_code_is_one_of(context, &CROSS_TENANT).map(Into::into),
    ),
];

const CROSS_TENANT: [i64; 5] = [500213, 500212, 500021, 500022, 50002];

/// Client kinds of the log that speak a modern protocol (<https://learn.microsoft.com/graph/api/resources/signin>).
const MODERN_CLIENTS: [&str; 3] = ["Mobile Apps and Desktop clients", "Browser", "Modern clients"];
/// How the kinds begin that speak a retired one
/// (<https://learn.microsoft.com/entra/identity/conditional-access/policy-block-legacy-authentication>). What is called
/// otherwise, or unknown, proves nothing.
const LEGACY_CLIENTS: [&str; 16] = [
    "Other client",
    "Authenticated SMTP",
    "SMTP",
    "AutoDiscover",
    "Exchange ActiveSync",
    "Exchange Online PowerShell",
    "Exchange Web Services",
    "IMAP",
    "MAPI",
    "Offline Address Book",
    "Outlook Anywhere",
    "Outlook Service",
    "POP",
    "Reporting Web Services",
    "Universal Outlook",
    "Legacy",
];

fn password_client<'a>(context: &Context<'a>) -> Reading<Option<&'a str>> {
    let newest = account_sign_ins(context)?
        .iter()
        .copied()
        .find(|entry| carries_password(entry) && concerns_work_365(entry));
    Ok(unless_log_is_cut(context, newest)?.and_then(|entry| entry.client_app_used.text()))
}

/// Dynamics 365 refuses WS-Trust in every environment from then on.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/authenticate-office365-deprecation>.
const RETIRED_ON: &str = "2022-04-01T00:00:00Z";

/// Before the protocol was retired everywhere it was no fault.
fn signs_in_by_legacy_protocol(context: &Context<'_>) -> Reading<bool> {
    if parse_time(RETIRED_ON).is_some_and(|retired| context.now < retired) {
        return Ok(false);
    }
    let Some(client) = password_client(context)? else {
        return Ok(false);
    };
    let begins_with = |kind: &&str| {
        client
            .get(..kind.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(kind))
    };
    if LEGACY_CLIENTS.iter().any(begins_with) {
        return Ok(true);
    }
    if MODERN_CLIENTS
        .iter()
        .any(|modern| modern.eq_ignore_ascii_case(client))
    {
        return Ok(false);
    }
    Err(Unknown::silent(
        "graph.sign_ins",
        "the log does not say by which kind of client the password was used",
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::testing::sample::{Sample, password_sign_in};

    #[test]
    fn a_legacy_client_of_the_newest_password_sign_in_is_the_retired_protocol() {
        let mut old = password_sign_in("2026-06-14T06:00:00Z", 50126);
        old["clientAppUsed"] = json!("Other clients");
        let sample = Sample::new().with_user(json!({}));
        let legacy = sample.clone().list("graph.sign_ins", json!([old]));
        assert_eq!(legacy.is("sign_in.legacy_protocol"), Ok(true));
        let since = sample.list(
            "graph.sign_ins",
            json!([old, password_sign_in("2026-06-15T06:00:00Z", 0)]),
        );
        assert_eq!(since.is("sign_in.legacy_protocol"), Ok(false));
    }

    #[test]
    fn a_kind_of_client_that_nobody_knows_proves_no_retired_protocol() {
        for (kind, legacy) in [
            ("Modern clients", Some(false)),
            ("Other clients; IMAP", Some(true)),
            ("exchange activesync", Some(true)),
            ("unknown", None),
        ] {
            let mut entry = password_sign_in("2026-06-14T06:00:00Z", 0);
            entry["clientAppUsed"] = json!(kind);
            let sample = Sample::new()
                .with_user(json!({}))
                .list("graph.sign_ins", json!([entry]));
            assert_eq!(sample.is("sign_in.legacy_protocol").ok(), legacy, "{kind}");
        }
    }

    #[test]
    fn a_later_success_clears_a_cross_tenant_refusal_and_an_outage_does_not() {
        for (code, blocked) in [(0, false), (90033, true)] {
            let sample = Sample::new().with_user(json!({})).list(
                "graph.sign_ins",
                json!([
                    password_sign_in("2026-06-14T06:00:00Z", 500_213),
                    password_sign_in("2026-06-15T06:00:00Z", code),
                ]),
            );
            assert_eq!(sample.is("sign_in.cross_tenant_blocked"), Ok(blocked), "{code}");
        }
    }
}
