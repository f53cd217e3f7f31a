//! Facts about the account's risk in Entra ID Protection.

use super::reading::{Reading, Unknown, any, found};
use super::value::{FactValue, Kind, parse_time};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "credential.at_risk",
        Kind::Bool,
        &["graph.risky_user", "login.probe", "graph.sign_ins"],
        "Entra ID Protection holds the account for at risk or compromised, or the newest sign-in was refused for risk.",
        |inputs| inputs.account_is_at_risk().map(Into::into),
    ),
    fact(
        "credential.risk_state",
        Kind::Text,
        &["graph.risky_user"],
        "Risk state of the account; `none` when there is no record.",
        |inputs| {
            let risk = found(&inputs.evidence().risky_user)?.and_then(|single| single.0.as_ref());
            let state = risk.map_or(Some("none"), |risk| risk.risk_state.text());
            state
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("graph.risky_user", "the answer has no riskState"))
        },
    ),
];

/// Codes of a refusal for risk. Source: domain.md B7, C13.
const RISK: [i64; 4] = [53011, 53004, 50135, 50131];

impl Inputs<'_> {
    fn account_is_at_risk(&self) -> Reading<bool> {
        let record = found(&self.evidence().risky_user).and_then(|record| {
            let Some(risk) = record.and_then(|single| single.0.as_ref()) else {
                // "Not found" is good news (api-facts G-15).
                return Ok((false, None));
            };
            let state = risk
                .risk_state
                .text()
                .ok_or_else(|| Unknown::silent("graph.risky_user", "the answer has no riskState"))?;
            let updated = risk.risk_last_updated_date_time.text().and_then(parse_time);
            let at_risk = ["atRisk", "confirmedCompromised"]
                .iter()
                .any(|bad| bad.eq_ignore_ascii_case(state));
            Ok((at_risk, updated))
        });
        let cleared_at = record.as_ref().ok().and_then(|(_, updated)| *updated);
        let refused = self.newest_attempt().ok().flatten().is_some_and(|attempt| {
            let before_clearing = attempt
                .at
                .zip(cleared_at)
                .is_some_and(|(at, cleared)| at < cleared);
            RISK.contains(&attempt.code) && !before_clearing
        });
        any([record.map(|(at_risk, _)| at_risk), Ok(refused)])
    }
}
