//! Many inputs at once: worked on in parallel, answered in their order, in bounded memory.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::cli::failure::Failure;

/// Parsing and evaluating conditions recurses; a thread of this size has room for the deepest one that is allowed.
pub(crate) const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Why a thread could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start a thread: {0}")]
pub(crate) struct CannotStart(pub(crate) std::io::Error);

impl From<CannotStart> for Failure {
    fn from(error: CannotStart) -> Self {
        Self::Program(error.to_string())
    }
}

/// How many inputs may be read but not yet answered: enough to keep every core busy, few enough to stay small.
const IN_FLIGHT: usize = 64;

/// Runs `work` over `inputs` on every core and hands the answers to `answer`, in the order of the inputs.
///
/// Stops early when `answer` fails, and returns that failure.
///
/// # Errors
///
/// What `answer` returned, or that threads could not be started.
pub(crate) fn in_order<I: Send, O: Send, E: From<CannotStart>>(
    inputs: impl Iterator<Item = I> + Send,
    work: impl Fn(I) -> O + Sync,
    mut answer: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (job_sender, job_receiver) = sync_channel::<(usize, I)>(IN_FLIGHT);
    let (answer_sender, answer_receiver) = sync_channel::<(usize, O)>(IN_FLIGHT);
    let (permit_sender, permit_receiver) = sync_channel::<()>(IN_FLIGHT);
    for _ in 0..IN_FLIGHT {
        // The channel has room for exactly these.
        let _ = permit_sender.try_send(());
    }
    let jobs = Mutex::new(job_receiver);
    let (jobs, work) = (&jobs, &work);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let answers = answer_sender.clone();
            std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, move || run(jobs, work, &answers))
                .map_err(CannotStart)?;
        }
        drop(answer_sender);
        scope.spawn(move || {
            for job in inputs.enumerate() {
                if permit_receiver.recv().is_err() || job_sender.send(job).is_err() {
                    return;
                }
            }
        });
        let mut permits = Some(permit_sender);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let mut failure = Ok(());
        for (position, output) in answer_receiver {
            waiting.insert(position, output);
            while let Some(output) = waiting.remove(&next) {
                next += 1;
                if failure.is_ok() {
                    failure = answer(output);
                }
                // After a failure no permit is left to wait for, so the reader stops and with it the workers.
                match (&failure, &permits) {
                    (Ok(()), Some(permits)) => {
                        let _ = permits.try_send(());
                    }
                    _ => permits = None,
                }
            }
        }
        failure
    })
}

fn run<I, O>(jobs: &Mutex<Receiver<(usize, I)>>, work: &impl Fn(I) -> O, answers: &SyncSender<(usize, O)>) {
    loop {
        let job = match jobs.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => return,
        };
        let Ok((position, input)) = job else { return };
        if answers.send((position, work(input))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, in_order};

    #[test]
    fn answers_come_in_the_order_of_the_inputs_however_long_each_takes() {
        let mut seen = Vec::new();
        in_order(
            0..500_u64,
            |number| {
                if number % 7 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                number * 2
            },
            |answer| -> Result<(), Failure> {
                seen.push(answer);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(seen, (0..500).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_writer_that_fails_stops_an_endless_input() {
        let outcome = in_order(
            0..,
            |number: u64| number,
            |answer| {
                if answer == 3 {
                    Err(Failure::from("full"))
                } else {
                    Ok(())
                }
            },
        );
        assert_eq!(outcome, Err(Failure::from("full")));
    }
}
