//! Faults whose own remedy is in vain while the cause behind them stands: what nobody could look at comes first.

use super::finding::Case;
use super::report::Status;

/// The checks that nobody could make and that look for what is behind the fault of this name.
pub(super) fn causes_not_read<'c, 'a>(cases: &'c [Case<'a>], fault: &str) -> Vec<&'c Case<'a>> {
    let find = |id: &str| cases.iter().find(|case| case.finding.id == id);
    let is_vain = |case: &&Case<'_>| case.rule.cause_first && case.finding.status == Status::Fail;
    let causes = find(fault).filter(is_vain).map(|case| &case.rule.explained_by);
    causes
        .into_iter()
        .flatten()
        .filter_map(|id| find(id))
        .filter(|cause| cause.is_gap)
        .collect()
}
