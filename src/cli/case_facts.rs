//! `rules facts --snapshot`: what is known of a case, fact by fact.

use std::path::PathBuf;

use crate::cli::args::case::CaseArgs;
use crate::cli::args::select::book;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::inputs;
use crate::cli::settings::config::Config;
use crate::diagnosis::{Doctor, Words};
use crate::facts::{self, Context, Facts};
use crate::render::pages::case_facts::{CaseFact, CaseFacts, SCHEMA};

/// The facts of a snapshot.
///
/// # Errors
///
/// The snapshot cannot be read, or an argument is wrong.
pub(super) fn of(
    path: &PathBuf,
    case: &CaseArgs,
    config: &Config,
    console: &Console,
) -> Result<CaseFacts, Failure> {
    if !inputs::is_single(std::slice::from_ref(path)) {
        return Err(Failure::from(
            "`rules facts` shows one account; name one snapshot",
        ));
    }
    let paths = [path.clone()];
    let input = inputs::all(&paths).next().ok_or("no snapshot was named")?;
    let snapshot = input.load().map_err(|error| input.complaint(&error))?;
    let expectations = case.expectations(config)?;
    let now = case.now.unwrap_or(snapshot.captured_at);
    let error = case.seen_error(console)?;
    let doctor = Doctor::new(book(&[])?, Words::builtin()?);
    let profile = doctor.profile_of(&snapshot, case.profile, &expectations, error.as_ref(), Some(now));
    let context = Context::new(&snapshot, &expectations, profile.unwrap_or_default(), now);
    let known = Facts::of(context.with_error(error.as_ref()));
    let facts = facts::ids().map(|id| {
        let reading = known.get(id);
        CaseFact {
            name: id.definition().name,
            known: reading.is_ok(),
            value: reading
                .as_ref()
                .map_or(serde_json::Value::Null, |value| serde_json::json!(value)),
            because: reading
                .as_ref()
                .err()
                .map(|unknown| unknown.causes().iter().map(Into::into).collect()),
        }
    });
    Ok(CaseFacts {
        schema: SCHEMA,
        facts: facts.collect(),
    })
}
