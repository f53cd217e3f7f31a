//! How the sign-in is made and how risky it is: client app types, authentication flows, risk levels.

use super::list::List;
use super::policy::Policy;
use super::sign_in::{ClientApp, Flow, InsiderRisk, Platform, RiskLevel, SignIn};
use super::truth::{Cause, MatchKind, Missing, Truth};

pub(super) fn client_apps(policy: &Policy, sign_in: &SignIn) -> Truth {
    let list = &policy.client_app_types;
    let modern = matches!(
        sign_in.client_app,
        ClientApp::Browser | ClientApp::MobileAppsAndDesktopClients
    );
    if list.is_empty() {
        // Policies from before August 2020 that leave this open covered modern clients only.
        return if modern {
            Truth::NOT_CONFIGURED
        } else {
            Truth::unknown(Missing::ClientApp)
        };
    }
    list.any(|item| match (item, item.parse::<ClientApp>()) {
        ("all", _) => Truth::included(MatchKind::All, item),
        ("easSupported", _) => eas_supported(item, sign_in),
        (_, Ok(wanted)) => Truth::when(wanted == sign_in.client_app, MatchKind::Value, item),
        (_, Err(_)) => list.unrecognised(item),
    })
}

/// Exchange ActiveSync on a platform that supports policies.
fn eas_supported(item: &str, sign_in: &SignIn) -> Truth {
    match (sign_in.client_app, sign_in.platform) {
        (ClientApp::ExchangeActiveSync, Some(Platform::Android | Platform::Ios | Platform::Windows)) => {
            Truth::included(MatchKind::Value, item)
        }
        (ClientApp::ExchangeActiveSync, _) => Truth::unknown(Missing::Platform),
        _ => Truth::NOT_INCLUDED,
    }
}

pub(super) fn flows(policy: &Policy, flow: Option<Flow>) -> Truth {
    let list = &policy.transfer_methods;
    if list.is_empty() || list.items == ["none"] {
        return Truth::NOT_CONFIGURED;
    }
    list.any(|item| match (item.parse::<Flow>(), flow) {
        (Ok(Flow::Ordinary), _) => Truth::NOT_INCLUDED,
        (Ok(wanted), Some(flow)) => Truth::when(wanted == flow, MatchKind::Value, item),
        (Ok(_), None) => Truth::unknown(Missing::AuthenticationFlow),
        (Err(_), _) => list.unrecognised(item),
    })
}

/// Only an agent has an agent's risk, and the identities of Work 365 are none.
pub(super) fn agent_risk(list: &List) -> Truth {
    match (list.items.is_empty(), list.malformed) {
        (true, false) => Truth::NOT_CONFIGURED,
        (true, true) => list.unrecognised("?"),
        (false, _) => Truth::No(Cause::AgentsOnly, None),
    }
}

/// A risk condition: no level listed is no condition; an unspecified or hidden level leaves it open.
pub(super) fn risk(list: &List, level: Option<RiskLevel>, missing: Missing) -> Truth {
    let level = level.filter(|level| *level != RiskLevel::Hidden);
    judge_level(list, level, missing)
}

pub(super) fn insider_risk(list: &List, level: Option<InsiderRisk>) -> Truth {
    judge_level(list, level, Missing::InsiderRisk)
}

fn judge_level<L: std::str::FromStr + PartialEq>(list: &List, level: Option<L>, missing: Missing) -> Truth {
    match level {
        _ if list.is_empty() => Truth::NOT_CONFIGURED,
        None => Truth::unknown(missing),
        Some(level) => list.any(|item| match item.parse::<L>() {
            Ok(wanted) => Truth::when(wanted == level, MatchKind::Value, item),
            Err(_) => list.unrecognised(item),
        }),
    }
}
