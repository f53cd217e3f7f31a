//! The signals that end a program, told to whoever has something to put away first.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody else ends the program on Ctrl-C, when it has put down what it has.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Says that Ctrl-C is somebody else's.
pub(super) fn interrupts_are_taken() {
    IS_TAKEN.store(true, Ordering::Relaxed);
}

fn is_taken(signal: i32) -> bool {
    signal == 2 && IS_TAKEN.load(Ordering::Relaxed)
}

/// Calls `end` with the number of each such signal, on a thread of its own. Where none can be waited for, the system's
/// habit stays.
pub(crate) fn watch(end: fn(i32)) {
    let watching = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(tell(end));
            }
        });
    // A system that has no thread left has none for a signal either.
    drop(watching);
}

#[cfg(unix)]
async fn tell(end: fn(i32)) {
    use tokio::signal::unix::{SignalKind, signal};
    let streams = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = streams else {
        return;
    };
    loop {
        let number = tokio::select! {
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
            _ = hangup.recv() => 1,
        };
        if !is_taken(number) {
            end(number);
        }
    }
}

#[cfg(not(unix))]
async fn tell(end: fn(i32)) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if !is_taken(2) {
            end(2);
        }
    }
}
