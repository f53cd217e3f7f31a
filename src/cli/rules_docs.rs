//! `rules docs`: one page a check and one a code, so that tickets can link to them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::whole_file::write_whole;
use crate::decode::explain::catalogue;
use crate::decode::explain::page::{Explanation, explain};
use crate::render::pages::docs::{self, DocPage};

/// Arguments of `rules docs`.
#[derive(Debug, Args)]
pub(super) struct DocsArgs {
    /// The folder that the pages go to; it is made where it is missing
    #[arg(long, value_name = "DIR")]
    html: PathBuf,
    #[command(flatten)]
    rules: RuleSource,
}

/// Writes the pages.
pub(super) fn run(arguments: &DocsArgs, console: &Console) -> Result<Exit, Failure> {
    let pages = pages(&arguments.rules)?;
    let folder = &arguments.html;
    for below in ["checks", "codes"] {
        let below = folder.join(below);
        fs::create_dir_all(&below).map_err(|error| files::unwritable(&below, &error))?;
    }
    let target = folder
        .canonicalize()
        .map_err(|error| files::unwritable(folder, &error))?;
    for rules in &arguments.rules.rules {
        if rules.canonicalize().is_ok_and(|rules| target.starts_with(rules)) {
            return Err(Failure::Usage(format!(
                "{}: the pages would lie among the rules that are read; name another folder",
                folder.display()
            )));
        }
    }
    for page in &pages {
        let path = folder.join(&page.path);
        write_whole(&path, &page.html).map_err(|error| files::unwritable(&path, &error))?;
    }
    console.note(&format!("{} pages in {}", pages.len(), folder.display()));
    Ok(Exit::Healthy)
}

/// Every page, the index last.
fn pages(rules: &RuleSource) -> Result<Vec<DocPage>, Failure> {
    let doctor = rules.doctor()?;
    let ids = doctor.book().rules().iter().map(|rule| rule.id.as_str());
    let mut pages: Vec<DocPage> = ids
        .filter_map(|id| doctor.page(id))
        .map(|rule| docs::of_rule(&rule))
        .collect();
    for entry in catalogue::entries() {
        if let Explanation::Code(code) = explain(&entry.code) {
            pages.push(docs::of_code(&code, &entry.meaning));
        }
    }
    // Two names that differ in nothing but what a file's name cannot hold share a page: the first one keeps it.
    let mut taken = BTreeSet::new();
    pages.retain(|page| taken.insert(page.path.to_lowercase()));
    pages.push(docs::index(&pages));
    Ok(pages)
}
