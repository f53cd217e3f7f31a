//! Workers that look at accounts side by side, and what stops them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cli::exit::Exit;
use crate::cli::io::parallel::{CannotStart, STACK_BYTES};
use crate::collect::on_interrupt;
use crate::fleet::schedule::{Next, Schedule};

/// A worker that waits looks up so often, in case nobody wakes it.
const LOOK_UP: Duration = Duration::from_millis(200);

/// Runs `work` on the rows of the schedule, with so many workers; hands each answer to `done` as it comes. Interrupted,
/// it ends with the accounts under way.
pub(super) fn run<O: Send>(
    schedule: Schedule,
    jobs: usize,
    interrupt: &Interrupt,
    work: impl Fn(usize) -> O + Sync,
    mut done: impl FnMut(usize, O),
) -> Result<(), CannotStart> {
    let queue = Queue {
        schedule: Mutex::new(schedule),
        changed: Condvar::new(),
    };
    let (sender, receiver) = channel();
    let (queue, work) = (&queue, &work);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            let worker = move || {
                while let Some(row) = queue.take(interrupt) {
                    let answer = work(row);
                    queue.give_back(row);
                    // The receiver lives as long as this scope.
                    let _ = sender.send((row, answer));
                }
            };
            std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, worker)
                .map_err(CannotStart)?;
        }
        drop(sender);
        for (row, answer) in receiver {
            done(row, answer);
        }
        Ok(())
    })
}

struct Queue {
    schedule: Mutex<Schedule>,
    changed: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Schedule> {
        // A schedule is whole after each call, whoever panicked meanwhile.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, interrupt: &Interrupt) -> Option<usize> {
        let mut schedule = self.lock();
        loop {
            if interrupt.is_set() {
                return None;
            }
            match schedule.next_row() {
                Next::Row(row) => return Some(row),
                Next::Done => return None,
                Next::Wait => {
                    let waited = self.changed.wait_timeout(schedule, LOOK_UP);
                    schedule = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn give_back(&self, row: usize) {
        self.lock().done(row);
        self.changed.notify_all();
    }
}

/// Whether Ctrl-C was pressed. Once ends the run after the accounts under way; twice ends it at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for Ctrl-C from now on. Where that is not possible, Ctrl-C ends the program as ever.
    pub(super) fn watched() -> Self {
        let interrupt = Self::default();
        let set = Arc::clone(&interrupt.0);
        on_interrupt(move |times| {
            set.store(true, Ordering::SeqCst);
            if times > 1 {
                std::process::exit(Exit::Interrupted.code().into());
            }
        });
        interrupt
    }

    /// Whether the run is to end.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::{Interrupt, run};
    use crate::fleet::schedule::Schedule;

    #[test]
    fn every_row_is_looked_at_once_by_however_many_workers() {
        for jobs in [1, 3, 40] {
            let tenants = (0..200).map(|row| (row, ["a", "b", "c"].get(row % 4).copied()));
            let schedule = Schedule::new(tenants, 2);
            let mut seen = Vec::new();
            run(
                schedule,
                jobs,
                &Interrupt::default(),
                |row| row * 2,
                |row, answer| {
                    assert_eq!(answer, row * 2);
                    seen.push(row);
                },
            )
            .unwrap();
            seen.sort_unstable();
            assert_eq!(seen, (0..200).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_interrupted_run_takes_no_further_row() {
        let interrupt = Interrupt::default();
        let schedule = Schedule::new((0..100).map(|row| (row, None)), 1);
        let mut seen = 0;
        let stop = |row| {
            interrupt.0.store(true, std::sync::atomic::Ordering::SeqCst);
            row
        };
        run(schedule, 1, &interrupt, stop, |_, _: usize| seen += 1).unwrap();
        assert_eq!(seen, 1);
    }
}
