//! Ctrl-C, for a run of many accounts: a single run ends at once by itself, many end with the accounts under way.

/// Calls `pressed` each time Ctrl-C is pressed, with how often it was. Where nobody can watch, Ctrl-C ends the program as
/// ever.
pub fn on_interrupt(pressed: impl Fn(usize) + Send + 'static) {
    super::signals::interrupts_are_taken();
    let watcher = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        let mut times = 0;
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            times += 1;
            pressed(times);
        }
    };
    // Without the thread there is nobody to tell.
    let _ = std::thread::Builder::new().spawn(watcher);
}
