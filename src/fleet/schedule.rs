//! Which account is looked at next: no tenant by too many at once, the one with most accounts left before the others.

use std::collections::{BTreeMap, VecDeque};

/// At most so many accounts of one tenant at once: while one waits for its turn at the logs, another reads the rest.
const AT_ONCE: usize = 2;

/// What a worker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Looks at this row.
    Row(usize),
    /// Waits until another worker is done: all that is left belongs to tenants that are being asked.
    Wait,
    /// Stops.
    Done,
}

/// The rows that are left, by tenant.
#[derive(Debug)]
pub struct Schedule {
    tenants: Vec<Tenant>,
    of_row: BTreeMap<usize, usize>,
}

#[derive(Debug)]
struct Tenant {
    left: VecDeque<usize>,
    active: usize,
    most: usize,
}

impl Schedule {
    /// The rows, each with its tenant; those without one are evidence in files, of which `files_at_once` are judged at once.
    pub fn new<'t>(rows: impl Iterator<Item = (usize, Option<&'t str>)>, files_at_once: usize) -> Self {
        let mut by_tenant: BTreeMap<Option<&str>, VecDeque<usize>> = BTreeMap::new();
        for (row, tenant) in rows {
            by_tenant.entry(tenant).or_default().push_back(row);
        }
        let mut of_row = BTreeMap::new();
        let mut tenants = Vec::new();
        for (tenant, left) in by_tenant {
            of_row.extend(left.iter().map(|row| (*row, tenants.len())));
            tenants.push(Tenant {
                left,
                active: 0,
                most: if tenant.is_some() { AT_ONCE } else { files_at_once },
            });
        }
        Self { tenants, of_row }
    }

    /// What a worker does next.
    pub fn next_row(&mut self) -> Next {
        let best = self
            .tenants
            .iter_mut()
            .filter(|tenant| !tenant.left.is_empty() && tenant.active < tenant.most)
            .max_by_key(|tenant| (tenant.active == 0, tenant.left.len()));
        if let Some(tenant) = best
            && let Some(row) = tenant.left.pop_front()
        {
            tenant.active += 1;
            return Next::Row(row);
        }
        match self.tenants.iter().any(|tenant| !tenant.left.is_empty()) {
            true => Next::Wait,
            false => Next::Done,
        }
    }

    /// A worker is done with a row.
    pub fn done(&mut self, row: usize) {
        if let Some(tenant) = self
            .of_row
            .get(&row)
            .and_then(|place| self.tenants.get_mut(*place))
        {
            tenant.active = tenant.active.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, Schedule};

    #[test]
    fn the_largest_tenant_goes_first_and_none_is_asked_by_more_than_two_at_once() {
        let rows = [Some("small"), Some("large"), Some("large"), Some("large")];
        let mut schedule = Schedule::new(rows.into_iter().enumerate(), 1);
        assert_eq!(schedule.next_row(), Next::Row(1));
        assert_eq!(schedule.next_row(), Next::Row(0));
        assert_eq!(schedule.next_row(), Next::Row(2));
        assert_eq!(schedule.next_row(), Next::Wait);
        schedule.done(1);
        assert_eq!(schedule.next_row(), Next::Row(3));
        assert_eq!(schedule.next_row(), Next::Done);
    }

    #[test]
    fn files_keep_their_order() {
        let mut schedule = Schedule::new([None, None, None].into_iter().enumerate(), 2);
        assert_eq!(schedule.next_row(), Next::Row(0));
        assert_eq!(schedule.next_row(), Next::Row(1));
        assert_eq!(schedule.next_row(), Next::Wait);
        schedule.done(0);
        assert_eq!(schedule.next_row(), Next::Row(2));
    }
}
