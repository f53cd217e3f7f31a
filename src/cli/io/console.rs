//! The only place that writes to the standard streams: answers to stdout, everything else to stderr.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::files;
use super::whole_file::write_whole;
use crate::cli::failure::Failure;
use crate::render::{Style, Verbosity};

/// The variable that says where the pages of `rules docs --html` are.
const PAGES: &str = "WORK365_DOCTOR_PAGES";

/// The address of the pages without a slash at its end; nothing for what is no address.
fn address_of_pages(text: &str) -> Option<String> {
    let is_address = ["https://", "http://", "file:///"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    let is_plain = text.chars().all(|character| character.is_ascii_graphic());
    (is_address && is_plain).then(|| text.trim_end_matches('/').to_owned())
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Also when piped.
    Always,
    /// Not at all.
    Never,
}

/// Where answers and complaints go, and how they look.
#[derive(Debug)]
pub(crate) struct Console {
    /// Colour of stdout.
    color: bool,
    /// Where the pages of `rules docs --html` are, if somebody said so and stdout is a terminal.
    pages: Option<String>,
    /// How much is shown.
    pub verbosity: Verbosity,
    /// Whether each request of a live run is told on stderr (`-vv`).
    pub is_traced: bool,
}

impl Console {
    /// Settles the colour once for the whole run: the flag, then `CLICOLOR_FORCE`, `NO_COLOR`,
    /// `TERM=dumb`, then whether stdout is a terminal.
    pub(crate) fn new(choice: ColorChoice, verbosity: Verbosity) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name: &str, wanted: &str| std::env::var_os(name) == Some(OsString::from(wanted));
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if is_set("NO_COLOR") => false,
            ColorChoice::Auto
                if (is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0")) || is_set("FORCE_COLOR") =>
            {
                true
            }
            ColorChoice::Auto => io::stdout().is_terminal() && !is("TERM", "dumb"),
        };
        colored::control::set_override(color);
        let is_terminal = io::stdout().is_terminal() && !is("TERM", "dumb");
        let pages = std::env::var(PAGES).ok().filter(|_| is_terminal);
        Self {
            color,
            pages: pages.as_deref().and_then(address_of_pages),
            verbosity,
            is_traced: false,
        }
    }

    /// How an answer on `path`, or on stdout, should look.
    pub(crate) fn style(&self, path: Option<&Path>) -> Style {
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let terminal = || comfy_table::Table::new().width();
        let width: u16 = columns.or_else(terminal).unwrap_or(80);
        Style {
            color: self.color && path.is_none(),
            width: usize::from(width.clamp(40, 120)),
            verbosity: self.verbosity,
            audience: None,
        }
    }

    /// Where an id on stdout leads.
    pub(crate) fn pages(&self) -> Option<&str> {
        self.pages.as_deref()
    }

    /// Writes a piece of the answer to stdout. A reader that went away (`| head`) ends the answer, not the run.
    pub(crate) fn answer(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        // Flushed here: what fails when the process ends, as on a full disk, would be told to nobody.
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a whole answer to a file, or to stdout.
    pub(crate) fn deliver(&self, text: &str, path: Option<&Path>) -> Result<(), Failure> {
        match path {
            None => self
                .answer(text)
                .map_err(|error| files::unwritable(Path::new("stdout"), &error)),
            Some(path) => write_whole(path, text).map_err(|error| files::unwritable(path, &error)),
        }
    }

    /// Tells something beside the answer, on stderr.
    pub(crate) fn note(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            // Nothing is left to tell anybody when stderr is closed.
            let _ = writeln!(io::stderr().lock(), "{}", crate::text::terminal_safe(message));
        }
    }

    /// Shows a page on stderr that is not the answer; it has been made safe by its renderer.
    pub(crate) fn aside(&self, page: &str) {
        // Nothing is left to tell anybody when stderr is closed.
        let _ = io::stderr().lock().write_all(page.as_bytes());
    }

    /// Complains on stderr.
    pub(crate) fn complain(&self, message: &str) {
        let text = crate::text::terminal_safe(message);
        // Nothing is left to tell anybody when stderr is closed.
        let label = if text.starts_with("error: ") {
            ""
        } else {
            "error: "
        };
        let _ = writeln!(io::stderr().lock(), "{label}{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::address_of_pages;

    #[test]
    fn pages_have_an_address_that_holds_nothing_a_terminal_acts_on() {
        assert_eq!(
            address_of_pages("https://docs.contoso.com/w365/").as_deref(),
            Some("https://docs.contoso.com/w365")
        );
        assert!(address_of_pages("file:///srv/pages").is_some());
        for wrong in ["/srv/pages", "javascript:x", "https://x\u{1b}]8;;y", ""] {
            assert_eq!(address_of_pages(wrong), None, "{wrong}");
        }
    }
}
