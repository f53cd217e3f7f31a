//! A live run, shared by `check` and `capture`: signs in, reads, says why there is no evidence.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::args::live::LiveArgs;
use super::exit::Exit;
use super::io::console::Console;
use super::io::files;
use super::io::progress::Progress;
use super::io::whole_file::write_private;
use super::settings::case_key::case_key;
use super::settings::config::Config;
use crate::cli::failure::Failure;
use crate::collect::{CollectError, LedgerEntry, Session};
use crate::decode::decode_text;
use crate::diagnosis::report::Request;
use crate::render;
use crate::snapshot::Snapshot;
use crate::snapshot::redact::CaseKey;

/// A run that has collected its evidence.
pub(crate) struct Live {
    session: Session,
    progress: Arc<Progress>,
}

/// Signs in and reads everything; of Graph, the sign-in asks for what these sections need, or for all.
///
/// # Errors
///
/// The exit of a run without evidence, after it was explained; or a usage error.
pub(crate) fn collect(
    arguments: &LiveArgs,
    config: &Config,
    now: Option<Timestamp>,
    sections: Option<Vec<&'static str>>,
    is_recorded: bool,
    no_progress: bool,
    console: &Console,
) -> Result<Result<Live, Exit>, Failure> {
    let order = arguments.order(config, now, sections)?;
    let progress = Arc::new(Progress::new(no_progress, console));
    let observer = Arc::clone(&progress) as Arc<dyn crate::collect::Observer>;
    let mut live = Live {
        session: Session::new(order, observer).map_err(|error| error.to_string())?,
        progress,
    };
    if is_recorded {
        live.session.keep_exchanges();
    }
    let outcome = live.session.collect();
    live.progress.clear();
    Ok(match outcome {
        Ok(()) => Ok(live),
        Err(error) => Err(explain(&error, console)),
    })
}

/// Whether a recording may go into this folder: nothing of an earlier one may be taken for a part of it.
///
/// # Errors
///
/// There is something in it, or it is no folder.
pub(crate) fn keep_recordings_apart(folder: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| {
            Err(Failure::Usage(format!(
                "--record: {} is not empty; name a folder that is new",
                folder.display()
            )))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::Usage(format!(
            "--record: {}",
            files::unwritable(folder, &error)
        ))),
    }
}

/// Says why a run has no evidence; a refused sign-in goes through the decoder for its remedy.
fn explain(error: &CollectError, console: &Console) -> Exit {
    match error {
        CollectError::Interrupted => return Exit::Interrupted,
        CollectError::SignIn(failure) => {
            console.complain(&error.to_string());
            let text = if failure.body.is_null() {
                failure.text.clone()
            } else {
                failure.body.to_string()
            };
            let decoded = decode_text(text.as_bytes());
            if decoded.recognised {
                console.aside(&render::decoded(&decoded, console.style(None)));
            }
        }
        CollectError::Environment(_) | CollectError::Machine(_) => console.complain(&error.to_string()),
    }
    Exit::NoVerdict
}

impl Live {
    /// The evidence as it will be judged, and as it would be written.
    pub(crate) fn evidence(&self) -> Result<(Snapshot, serde_json::Value), Failure> {
        let document = self.session.snapshot();
        let snapshot = Snapshot::from_bytes(document.to_string().as_bytes())
            .map_err(|error| format!("the evidence is no snapshot at {}: {error}", error.path()))?;
        Ok((snapshot, document))
    }

    /// Writes what was sent and answered, without names, into a folder that was not there, or was empty.
    pub(crate) fn write_recording(&self, folder: &Path) -> Result<(), Failure> {
        let key = case_key(None)?;
        let files = self
            .session
            .recording(&CaseKey::new(key.expose()))
            .map_err(|error| format!("--record: {error}"))?;
        std::fs::create_dir_all(folder).map_err(|error| files::unwritable(folder, &error))?;
        for (name, document) in files {
            let path = folder.join(name);
            write_private(&path, &render::json(&document))
                .map_err(|error| files::unwritable(&path, &error))?;
        }
        Ok(())
    }

    /// The ledger, for the report.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.session.requests().into_iter().map(request).collect()
    }

    /// Waits, then reads these sections once more.
    ///
    /// # Errors
    ///
    /// The exit of an interrupted run.
    pub(crate) fn read_again(&mut self, pause: Duration, sections: &[&str]) -> Result<(), Exit> {
        self.session
            .pause(pause)
            .and_then(|()| self.session.read_again(sections))
            .map_err(|_| Exit::Interrupted)
    }
}

/// A request as the report has it.
pub(crate) fn request(entry: LedgerEntry) -> Request {
    Request {
        method: entry.method.to_owned(),
        url: entry.url,
        status: entry.status,
        milliseconds: entry.milliseconds,
        attempts: entry.attempts,
        client_request_id: entry.client_request_id,
    }
}
