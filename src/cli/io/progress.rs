//! What a person sees while a live run goes on: progress on a terminal, and what they must do or know.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::io::console::Console;
use crate::collect::{DeviceCode, LedgerEntry, Observer};
use crate::render::Verbosity;
use crate::text::{one_line, terminal_safe};

/// Watches a run from a terminal, or silently.
pub(crate) struct Progress {
    bar: ProgressBar,
    shows_notes: bool,
    shows_failures: bool,
    shows_requests: bool,
}

impl Progress {
    /// Progress shows on a terminal only; notes also with `-v`, and never with `-q`.
    pub(crate) fn new(no_progress: bool, console: &Console) -> Self {
        let verbosity = console.verbosity;
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal && !no_progress && verbosity != Verbosity::Quiet {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        } else {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
        };
        Self {
            bar,
            shows_failures: verbosity == Verbosity::Verbose,
            shows_requests: console.is_traced,
            shows_notes: verbosity != Verbosity::Quiet && (is_terminal || verbosity == Verbosity::Verbose),
        }
    }

    /// Takes the progress line away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows how many of many are done.
    pub(crate) fn counted(&self, what: &str, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.bar.set_message(one_line(what));
    }

    /// Says something that nobody may miss.
    pub(crate) fn tell(&self, text: &str) {
        self.say(&one_line(text));
    }

    fn say(&self, text: &str) {
        let text = terminal_safe(text);
        self.bar.suspend(|| {
            // Nothing is left to tell anybody when stderr is closed.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        });
    }
}

impl Observer for Progress {
    fn reading(&self, what: &str, done: usize, total: usize) {
        self.bar
            .set_message(format!("reading {}, {done} of {total}", one_line(what)));
    }

    fn throttled(&self, service: &str, left: Duration) {
        self.bar
            .set_message(format!("{service} asks to wait, {} s left", left.as_secs() + 1));
    }

    fn waiting(&self, what: &str, left: Duration) {
        self.bar
            .set_message(format!("{}, {} s left", one_line(what), left.as_secs()));
    }

    fn note(&self, text: &str) {
        if self.shows_notes {
            self.say(&format!("note: {}", one_line(text)));
        }
    }

    fn sent(&self, entry: &LedgerEntry) {
        // "Not found" is an answer, and the 401 to the bare address of the environment is what was asked for.
        let is_challenge = entry.status == Some(401) && entry.url.ends_with("/api/data/v9.2/");
        let is_failure = !is_challenge && !entry.status.is_some_and(|status| status < 400 || status == 404);
        if self.shows_requests || (self.shows_failures && is_failure) {
            let status = entry
                .status
                .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let id = entry
                .client_request_id
                .as_deref()
                .map(|id| format!(", client-request-id {id}"))
                .unwrap_or_default();
            let again = match entry.attempts {
                1 => String::new(),
                attempts => format!(", {attempts} attempts"),
            };
            self.say(&format!(
                "request: {} {} → {status} in {} ms{again}{id}",
                entry.method,
                one_line(&entry.url),
                entry.milliseconds
            ));
        }
    }

    fn device_code(&self, code: &DeviceCode) {
        let which = match code.count {
            1 => format!("for {}", code.purpose),
            count => format!("code {} of {count}, for {}", code.number, code.purpose),
        };
        self.say(&format!(
            "Sign in as yourself, not as the service account: open {} and enter the code {} ({which}; good for {} minutes)",
            one_line(&code.verification_uri),
            one_line(&code.user_code),
            code.expires_in.as_secs() / 60
        ));
    }

    fn browse(&self, url: &str) {
        self.say(&format!(
            "Sign in as yourself, not as the service account, with the browser that opens; or open this address yourself:\n{url}"
        ));
    }
}
