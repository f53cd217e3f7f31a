//! Until when the account's licences run: the terms of the subscriptions behind them.
//!
//! A subscription that goes on says when it is renewed or ends, not which of the two. Source: <https://learn.microsoft.com/graph/api/resources/companysubscription>.

use jiff::Timestamp;

use crate::snapshot::graph::Subscription;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::licensing::assigned::Sku;
use crate::facts::licensing::licences::assigned;
use crate::facts::reading::{Reading, Unknown, complete, read, whole};
use crate::facts::value::{Kind, parse_time};

const SUBSCRIPTIONS: &str = "graph.subscriptions";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "license.term_ends_at",
    Kind::Time,
    &[
        SUBSCRIPTIONS,
        "graph.license_details",
        "graph.user",
        "graph.subscribed_skus",
    ],
    "When the last of the terms is over by which the account is licensed; a subscription is renewed then, or ends.",
    |context| last_end(context).map(Into::into),
)];

/// The term of one licence of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// Product name of the licence.
    pub(crate) product: String,
    /// When the last of its subscriptions is renewed, or ends.
    pub(crate) end: Timestamp,
    /// Whether that one is a trial; `None` where the evidence does not say.
    pub(crate) is_trial: Option<bool>,
}

/// The terms of the licences by which the account is licensed, each as far as it is known.
pub(crate) fn terms(context: &Context<'_>) -> Reading<Vec<Term>> {
    let skus = licensing_skus(context)?;
    let terms = skus.map(|sku| complete(|| term(context, sku)));
    Ok(terms.filter_map(Result::ok).collect())
}

/// When the grace period of a SKU's subscriptions is over; nothing where one of them does not say.
pub(crate) fn grace_end(context: &Context<'_>, sku_id: &str) -> Option<Timestamp> {
    let last = || last_of(context, sku_id, "Warning").map(|(_, end)| end);
    complete(last).ok()
}

fn last_end(context: &Context<'_>) -> Reading<Timestamp> {
    let mut last: Option<Timestamp> = None;
    for sku in licensing_skus(context)? {
        last = last.max(Some(term(context, sku)?.end));
    }
    last.ok_or_else(|| Unknown::silent("graph.license_details", "no licence makes the account licensed"))
}

fn licensing_skus<'c>(context: &'c Context<'_>) -> Reading<impl Iterator<Item = &'c Sku>> {
    Ok(assigned(context)?.skus.iter().filter(|sku| sku.grants()))
}

fn term(context: &Context<'_>, sku: &Sku) -> Reading<Term> {
    let (subscription, end) = last_of(context, &sku.id, "Enabled")?;
    Ok(Term {
        product: sku.name.clone(),
        end,
        is_trial: subscription.is_trial.known().copied(),
    })
}

/// The subscription of a SKU that stays in this status longest: seats move to it when another one ends. Unknown as soon
/// as one of them does not say its status or its end, which could be later.
fn last_of<'c>(
    context: &'c Context<'_>,
    sku_id: &str,
    status: &str,
) -> Reading<(&'c Subscription, Timestamp)> {
    let answer = &context.evidence().subscriptions;
    let list = &read(answer)?.value;
    whole(answer)?;
    let mut last: Option<(&Subscription, Timestamp)> = None;
    for subscription in list {
        let is_of_sku = says(subscription.sku_id.text(), sku_id);
        if !is_of_sku || !says(Some(told(subscription.status.text(), "status")?), status) {
            continue;
        }
        let end = parse_time(told(
            subscription.next_lifecycle_date_time.text(),
            "nextLifecycleDateTime",
        )?);
        let end =
            end.ok_or_else(|| Unknown::silent(SUBSCRIPTIONS, "the end of a subscription is no time"))?;
        if last.is_none_or(|(_, latest)| latest < end) {
            last = Some((subscription, end));
        }
    }
    last.ok_or_else(|| {
        Unknown::silent(
            SUBSCRIPTIONS,
            format!("no subscription of the SKU {sku_id} is {status}"),
        )
    })
}

fn says(text: Option<&str>, wanted: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted.trim()))
}

fn told<'t>(text: Option<&'t str>, property: &str) -> Reading<&'t str> {
    text.ok_or_else(|| Unknown::silent(SUBSCRIPTIONS, format!("a subscription has no {property}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::SUBSCRIPTIONS;
    use crate::facts::testing::case::{Case, SALES, ok};
    use crate::facts::value::FactValue;

    const FACT: &str = "license.term_ends_at";
    const OTHER: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";

    fn subscription(sku: &str, status: &str, end: Value) -> Value {
        json!({"id": "s", "skuId": sku, "status": status, "isTrial": false, "nextLifecycleDateTime": end})
    }

    fn with(subscriptions: Value) -> Case {
        Case::healthy().section(SUBSCRIPTIONS, ok(json!({"value": subscriptions})))
    }

    /// The end that the fact names, as its day.
    fn end(subscriptions: Value) -> Option<String> {
        match with(subscriptions).fact(FACT) {
            Ok(FactValue::Time(at)) => Some(at.to_string()[..10].to_owned()),
            _ => None,
        }
    }

    #[test]
    fn of_several_subscriptions_of_a_licence_the_last_counts() {
        let early = || subscription(SALES, "Enabled", json!("2026-07-05T00:00:00Z"));
        let late = || subscription(SALES, "Enabled", json!("2027-01-01T00:00:00Z"));
        assert_eq!(end(json!([early()])).as_deref(), Some("2026-07-05"));
        assert_eq!(end(json!([early(), late()])).as_deref(), Some("2027-01-01"));
        assert_eq!(end(json!([late(), early()])).as_deref(), Some("2027-01-01"));
        let capitals = subscription(&SALES.to_uppercase(), "ENABLED", json!("2028-01-01T00:00:00Z"));
        assert_eq!(end(json!([early(), capitals])).as_deref(), Some("2028-01-01"));
    }

    #[test]
    fn other_licences_and_subscriptions_that_do_not_run_say_nothing() {
        let time = || json!("2027-01-01T00:00:00Z");
        assert_eq!(end(json!([])), None);
        assert_eq!(end(json!([subscription(OTHER, "Enabled", time())])), None);
        for status in ["Warning", "Suspended", "Deleted", "LockedOut"] {
            assert_eq!(
                end(json!([subscription(SALES, status, time())])),
                None,
                "{status}"
            );
            let enabled = subscription(SALES, "Enabled", json!("2026-07-05T00:00:00Z"));
            let both = json!([subscription(SALES, status, time()), enabled]);
            assert_eq!(end(both).as_deref(), Some("2026-07-05"), "{status}");
        }
    }

    #[test]
    fn what_one_of_them_does_not_say_could_be_later() {
        let known = || subscription(SALES, "Enabled", json!("2026-07-05T00:00:00Z"));
        for silent in [json!(null), json!(""), json!("soon")] {
            let unknown = subscription(SALES, "Enabled", silent.clone());
            assert_eq!(end(json!([known(), unknown])), None, "{silent}");
        }
        for property in ["status", "nextLifecycleDateTime", "skuId"] {
            let mut unknown = known();
            unknown.as_object_mut().unwrap().remove(property);
            assert_eq!(end(json!([known(), unknown])), None, "{property}");
        }
        let cut = ok(json!({"value": [known()], "truncated": true}));
        assert!(Case::healthy().section(SUBSCRIPTIONS, cut).fact(FACT).is_err());
    }

    #[test]
    fn without_the_list_or_a_licence_nothing_is_known() {
        assert!(Case::healthy().fact(FACT).is_err());
        assert!(Case::healthy().denied(SUBSCRIPTIONS).fact(FACT).is_err());
        let known = json!([subscription(SALES, "Enabled", json!("2026-07-05T00:00:00Z"))]);
        let unlicensed = with(known).set("graph.license_details", "/value", json!([]));
        assert!(unlicensed.fact(FACT).is_err());
    }
}
