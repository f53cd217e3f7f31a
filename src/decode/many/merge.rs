//! Several answers to one: the files of one command, the requests of one capture.

use std::collections::HashMap;

use crate::decode::explain::inferences::{self, VerdictFrom};
use crate::decode::explain::unrecognised;
use crate::decode::find::moment::{Culture, Moment};
use crate::decode::find::primary;
use crate::decode::find::times;
use crate::decode::model::{Decoded, DecodedError, Group, LeftOut, Newest, PasswordVerdict};

/// Merges answers in the order given. Of two equally telling codes the earlier one stays primary.
pub fn merge(answers: impl IntoIterator<Item = Decoded>) -> Decoded {
    let mut merged = Decoded::nothing();
    let mut category = None;
    for answer in answers {
        let wins = match (&merged.primary, &answer.primary) {
            (None, Some(_)) => true,
            (Some(old), Some(new)) => primary::rank_of(new) > primary::rank_of(old),
            (_, None) => false,
        };
        if wins || (merged.category.is_none() && merged.primary.is_none()) {
            merged.primary.clone_from(&answer.primary);
            category.clone_from(&answer.category);
        }
        if merged.password == PasswordVerdict::Unknown
            || (wins && answer.password != PasswordVerdict::Unknown)
        {
            merged.password = answer.password;
        }
        merged.newest = later(merged.newest.take(), answer.newest);
        merged.left_out = match (merged.left_out, answer.left_out) {
            (Some(left), Some(right)) => Some(LeftOut {
                codes: left.codes + right.codes,
                count: left.count + right.count,
            }),
            (left, right) => left.or(right),
        };
        merged.latest.extend(answer.latest);
        merged.unrecognised = merged.unrecognised.or(answer.unrecognised);
        for code in answer.foreign {
            if !merged.foreign.contains(&code) {
                merged.foreign.push(code);
            }
        }
        for inference in answer.inferences {
            if !merged.inferences.contains(&inference) {
                merged.inferences.push(inference);
            }
        }
        for error in answer.errors {
            add(&mut merged.errors, error);
        }
        merged.requests.extend(answer.requests);
        join(&mut merged.principals, answer.principals);
        join(&mut merged.correlations, answer.correlations);
        merged.category.clone_from(&category);
    }
    // A number that one file proves to be a code is no accident in another.
    merged
        .foreign
        .retain(|code| !merged.errors.iter().any(|error| &error.code == code));
    order(&mut merged);
    if merged.recognised || merged.newest.is_some() {
        merged.unrecognised = None;
    }
    merged
}

/// Fills in what follows from the errors of an answer: verdict, inferences, order.
pub(crate) fn conclude(decoded: &mut Decoded, text: &str) {
    order(decoded);
    decoded.recognised = !decoded.errors.is_empty();
    // Where everything has a time, what an older refusal proved is not what holds now.
    let dated = decoded.errors.len() > 1 && decoded.errors.iter().all(|error| error.last_seen.is_some());
    let (from, judged) = if dated {
        (VerdictFrom::First, 1)
    } else {
        (VerdictFrom::Any, decoded.errors.len())
    };
    unrecognised::mark(decoded, text);
    decoded.password = inferences::verdict(text, &decoded.errors[..judged]).0;
    decoded.inferences = inferences::inferences(text, &decoded.errors, from);
}

/// The later of two events; one without a time says nothing about the order.
fn later(left: Option<Newest>, right: Option<Newest>) -> Option<Newest> {
    let millis = |newest: &Option<Newest>| {
        let at = newest.as_ref()?.at.as_deref()?;
        Some(Moment::read(at, Culture::MonthFirst)?.millis)
    };
    if millis(&right) > millis(&left) || left.is_none() {
        right
    } else {
        left
    }
}

fn order(decoded: &mut Decoded) {
    let primary = decoded.primary.clone();
    decoded
        .errors
        .sort_by_key(|error| Some(&error.code) != primary.as_ref());
    decoded.recognised = !decoded.errors.is_empty();
}

fn add(errors: &mut Vec<DecodedError>, error: DecodedError) {
    let Some(known) = errors.iter_mut().find(|known| known.code == error.code) else {
        errors.push(error);
        return;
    };
    known.count += error.count;
    times::widen(
        &mut known.first_seen,
        &mut known.last_seen,
        error.first_seen.as_deref(),
    );
    times::widen(
        &mut known.first_seen,
        &mut known.last_seen,
        error.last_seen.as_deref(),
    );
    for (name, value) in error.ids {
        known.ids.entry(name).or_insert(value);
    }
    for policy in error.conditional_access_policies {
        if !known.conditional_access_policies.contains(&policy) {
            known.conditional_access_policies.push(policy);
        }
    }
}

fn join(groups: &mut Vec<Group>, more: Vec<Group>) {
    // Logs have a thousand of these each.
    let places: HashMap<String, usize> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| (group.id.clone(), place))
        .collect();
    for group in more {
        match places.get(&group.id).and_then(|place| groups.get_mut(*place)) {
            Some(known) => {
                known.count += group.count;
                for code in group.codes {
                    if !known.codes.contains(&code) {
                        known.codes.push(code);
                    }
                }
            }
            None => groups.push(group),
        }
    }
    groups.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.id.cmp(&right.id)));
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::decode::answer::decode_text;

    #[test]
    fn counts_add_up_and_the_most_telling_code_leads() {
        let merged = merge([
            decode_text(b"error: invalid_grant from login.microsoftonline.com"),
            decode_text(b"AADSTS50076: x"),
            decode_text(b"AADSTS50076: y"),
        ]);
        assert_eq!(merged.primary.as_deref(), Some("AADSTS50076"));
        assert_eq!(merged.errors[0].count, 2);
        assert_eq!(merged.category.as_deref(), Some("mfa"));
        assert!(merged.recognised);
    }

    #[test]
    fn nothing_merged_is_nothing() {
        assert!(!merge([decode_text(b"hello")]).recognised);
    }
}
