//! The policies, judged for every address that Work 365 may come from.

use std::net::IpAddr;

use crate::conditional_access::{Answer, Evaluation, Grants, confirmed, evaluate, grants};

use crate::facts::context::Context;
use crate::facts::reading::{Reading, complete};
use crate::facts::sign_in::policy_set::policies;
use crate::facts::sign_in::policy_sign_in::{candidate_addresses, sign_in_from};
use crate::facts::sign_in::service_evaluation::service_verdicts_on;

/// What is asked of the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Do they demand MFA?
    Mfa,
    /// Do they block?
    Block,
    /// Do they demand a managed device or application?
    Device,
    /// Do they demand that terms of use are accepted?
    TermsOfUse,
    /// Do they age the session?
    Frequency,
}

pub(crate) fn judged<'c>(context: &'c Context<'_>) -> Reading<&'c [(Evaluation, Grants)]> {
    context
        .once(&context.caches.judged, || complete(|| judge(context)))
        .as_deref()
        .map_err(Clone::clone)
}

fn judge(context: &Context<'_>) -> Reading<Vec<(Evaluation, Grants)>> {
    let set = policies(context)?;
    let addresses = candidate_addresses(context);
    let candidates: Vec<Option<IpAddr>> = if addresses.is_empty() {
        vec![None]
    } else {
        addresses.into_iter().map(Some).collect()
    };
    Ok(candidates
        .into_iter()
        .map(|address| {
            let sign_in = sign_in_from(context, address);
            let evaluation = confirmed(evaluate(set, &sign_in), &service_verdicts_on(context, &sign_in));
            let grants = grants(&evaluation);
            (evaluation, grants)
        })
        .collect())
}

pub(crate) fn answer(question: Question, grants: &Grants) -> &Answer {
    match question {
        Question::Mfa => &grants.mfa,
        Question::Block => &grants.blocked,
        Question::Device => &grants.device,
        Question::TermsOfUse => &grants.terms_of_use,
        Question::Frequency => &grants.sign_in_frequency,
    }
}
