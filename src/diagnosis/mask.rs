//! What hides what, and what explains what.
//!
//! Masking is minimal: a rule is masked only by the failed rules that it `requires`. Everything else that is wrong
//! stays a fault of its own, unless a failed rule that it names in `explained-by` is its cause.

use super::report::Status;

/// A rule's own answer and its place in the graph; indices point into the same slice.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    /// What the rule says, looked at alone.
    pub status: Status,
    /// Rules whose failure makes this question meaningless.
    pub requires: &'a [usize],
    /// Rules whose failure would explain this fault.
    pub explained_by: &'a [usize],
}

/// A rule's answer after looking at the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The final answer.
    pub status: Status,
    /// The nearest failed rules that make the question meaningless.
    pub blocked_by: Vec<usize>,
    /// The failed rules that explain the fault.
    pub explained_by: Vec<usize>,
}

/// Resolves every node. The graph has no circles: the rule book refuses them at load.
pub(super) fn resolve(nodes: &[Node<'_>]) -> Vec<Resolved> {
    let mut masked: Vec<Option<(Status, Vec<usize>)>> = vec![None; nodes.len()];
    for index in 0..nodes.len() {
        mask(index, nodes, &mut masked);
    }
    let masked: Vec<(Status, Vec<usize>)> = masked
        .into_iter()
        .map(|entry| entry.unwrap_or((Status::Unknown, Vec::new())))
        .collect();
    let is_fault = |index: usize| matches!(masked[index].0, Status::Fail | Status::Pending);
    let explain = |index: usize| -> Vec<usize> {
        if is_fault(index) {
            nodes[index]
                .explained_by
                .iter()
                .copied()
                .filter(|&cause| is_fault(cause))
                .collect()
        } else {
            Vec::new()
        }
    };
    (0..nodes.len())
        .map(|index| {
            let explained_by = explain(index);
            let (status, blocked_by) = masked[index].clone();
            // Waiting does not cure a fault whose cause has to be fixed first.
            let waits_for_a_fix = explained_by.iter().any(|&cause| masked[cause].0 == Status::Fail);
            let status = if status == Status::Pending && waits_for_a_fix {
                Status::Fail
            } else {
                status
            };
            Resolved {
                status,
                blocked_by,
                explained_by,
            }
        })
        .collect()
}

fn mask(index: usize, nodes: &[Node<'_>], masked: &mut [Option<(Status, Vec<usize>)>]) {
    if masked[index].is_some() {
        return;
    }
    let node = &nodes[index];
    if node.status == Status::NotApplicable {
        masked[index] = Some((Status::NotApplicable, Vec::new()));
        return;
    }
    let mut failed = Vec::new();
    let mut inherited = Vec::new();
    for &required in node.requires {
        mask(required, nodes, masked);
        match &masked[required] {
            Some((Status::Fail | Status::Pending, _)) => failed.push(required),
            Some((Status::Unknown, blockers)) => {
                inherited.extend(
                    blockers
                        .iter()
                        .copied()
                        .filter(|blocker| !inherited.contains(blocker))
                        .collect::<Vec<_>>(),
                );
            }
            _ => {}
        }
    }
    let blockers = if failed.is_empty() { inherited } else { failed };
    let status = if blockers.is_empty() {
        node.status
    } else {
        Status::Unknown
    };
    masked[index] = Some((status, blockers));
}

#[cfg(test)]
mod tests {
    use super::{Node, Resolved, resolve};
    use crate::diagnosis::report::Status::{self, Fail, NotApplicable, Pass, Pending, Unknown};

    fn node<'a>(status: Status, requires: &'a [usize], explained_by: &'a [usize]) -> Node<'a> {
        Node {
            status,
            requires,
            explained_by,
        }
    }

    fn resolved(status: Status, blocked_by: &[usize], explained_by: &[usize]) -> Resolved {
        Resolved {
            status,
            blocked_by: blocked_by.to_vec(),
            explained_by: explained_by.to_vec(),
        }
    }

    #[test]
    fn a_failed_requirement_makes_the_question_unknown() {
        for blocker in [Fail, Pending] {
            for own in [Fail, Pass, Unknown, Pending] {
                let answers = resolve(&[node(blocker, &[], &[]), node(own, &[0], &[])]);
                assert_eq!(answers[1], resolved(Unknown, &[0], &[]));
            }
        }
    }

    #[test]
    fn a_passed_unknown_or_inapplicable_requirement_masks_nothing() {
        for requirement in [Pass, Unknown, NotApplicable] {
            let answers = resolve(&[node(requirement, &[], &[]), node(Fail, &[0], &[])]);
            assert_eq!(answers[1], resolved(Fail, &[], &[]));
        }
    }

    #[test]
    fn a_mask_reaches_through_a_masked_rule_and_names_the_nearest_failed_one() {
        let answers = resolve(&[
            node(Pass, &[1], &[]),
            node(Unknown, &[2], &[]),
            node(Fail, &[], &[]),
            node(Pass, &[1], &[]),
        ]);
        assert_eq!(answers[0], resolved(Unknown, &[2], &[]));
        assert_eq!(answers[3], resolved(Unknown, &[2], &[]));
    }

    #[test]
    fn a_consequence_names_its_failed_causes_and_nothing_else() {
        let answers = resolve(&[
            node(Fail, &[], &[]),
            node(Pass, &[], &[]),
            node(Fail, &[], &[0, 1]),
            node(Pass, &[], &[0]),
        ]);
        assert_eq!(answers[2], resolved(Fail, &[], &[0]));
        assert_eq!(answers[3], resolved(Pass, &[], &[]));
    }

    #[test]
    fn time_does_not_cure_what_a_failed_rule_explains() {
        let answers = resolve(&[node(Fail, &[], &[]), node(Pending, &[], &[0])]);
        assert_eq!(answers[1], resolved(Fail, &[], &[0]));
        let answers = resolve(&[node(Pending, &[], &[]), node(Pending, &[], &[0])]);
        assert_eq!(answers[1], resolved(Pending, &[], &[0]));
    }

    #[test]
    fn independent_faults_stay_independent() {
        let answers = resolve(&[node(Fail, &[], &[]), node(Fail, &[], &[])]);
        assert!(
            answers
                .iter()
                .all(|answer| answer.explained_by.is_empty() && answer.status == Fail)
        );
    }
}
