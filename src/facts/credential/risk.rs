//! Facts about the account's risk in Entra ID Protection.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Unknown, any, found};
use crate::facts::sign_in::deciding::newest_attempt;
use crate::facts::value::{FactValue, Kind, parse_time};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "credential.at_risk",
        Kind::Bool,
        &["graph.risky_user", "login.probe", "graph.sign_ins"],
        "Entra ID Protection holds the account for at risk or compromised, or the newest sign-in was refused for risk.",
        |context| account_is_at_risk(context).map(Into::into),
    ),
    fact(
        "credential.risk_state",
        Kind::Text,
        &["graph.risky_user"],
        "Risk state of the account; `none` when there is no record.",
        |context| {
            let risk = found(&context.evidence().risky_user)?.and_then(|single| single.0.as_ref());
            let state = risk.map_or(Some("none"), |risk| risk.risk_state.text());
            state
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("graph.risky_user", "the answer has no riskState"))
        },
    ),
];

/// Codes of a refusal for risk.
const RISK: [i64; 5] = [53011, 53004, 50135, 50131, 530034];

fn account_is_at_risk(context: &Context<'_>) -> Reading<bool> {
    let record = found(&context.evidence().risky_user).and_then(|record| {
        let Some(risk) = record.and_then(|single| single.0.as_ref()) else {
            // "Not found" is good news (<https://learn.microsoft.com/graph/api/resources/riskyuser>).
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
    let refused = newest_attempt(context).ok().flatten().is_some_and(|attempt| {
        let before_clearing = attempt
            .at
            .zip(cleared_at)
            .is_some_and(|(at, cleared)| at < cleared);
        RISK.contains(&attempt.code) && !before_clearing
    });
    any([record.map(|(at_risk, _)| at_risk), Ok(refused)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::testing::sample::{Sample, password_sign_in};

    #[test]
    fn no_record_is_no_risk_and_a_refused_read_is_unknown() {
        let none = Sample::new().ended("graph.risky_user", "not_found");
        assert_eq!(none.is("credential.at_risk"), Ok(false));
        let denied = Sample::new().ended("graph.risky_user", "denied");
        assert_eq!(
            denied.is("credential.at_risk"),
            Err("graph.risky_user".to_owned())
        );
    }

    #[test]
    fn a_refusal_for_risk_proves_it_until_the_risk_was_cleared() {
        let log = json!([password_sign_in("2026-06-14T06:00:00Z", 53011)]);
        let sample = Sample::new().with_user(json!({})).list("graph.sign_ins", log);
        let denied = sample.clone().ended("graph.risky_user", "denied");
        assert_eq!(denied.is("credential.at_risk"), Ok(true));
        let cleared = sample.ok(
            "graph.risky_user",
            json!({"riskState": "remediated", "riskLastUpdatedDateTime": "2026-06-15T06:00:00Z"}),
        );
        assert_eq!(cleared.is("credential.at_risk"), Ok(false));
    }
}
