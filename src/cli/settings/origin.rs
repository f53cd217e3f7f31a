//! Where the value of a flag came from that nobody gave on the command line.

use std::ffi::OsString;

use super::config::Config;

/// A sentence that names the variable or the file behind the flag that a complaint names first, as `--fail-on`. None when the flag
/// was given, or the complaint names none.
pub(crate) fn origin(complaint: &str, arguments: &[OsString], config: &Config) -> Option<String> {
    let start = complaint.find("--")?;
    let name: String = complaint[start + 2..]
        .chars()
        .take_while(|letter| letter.is_ascii_lowercase() || *letter == '-')
        .collect();
    let flag = format!("--{name}");
    let is_given = arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .any(|argument| {
            let long = argument
                .strip_prefix(&flag)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
            // The only setting with a letter of its own that takes a value.
            long || (name == "output" && argument.starts_with("-o"))
        });
    if is_given {
        return None;
    }
    let variable = format!("WORK365_DOCTOR_{}", name.replace('-', "_").to_uppercase());
    if std::env::var_os(&variable).is_some() {
        return Some(format!("The value is that of the variable {variable}."));
    }
    let path = config
        .path
        .as_ref()
        .filter(|_| config.sets(&name.replace('-', "_")))?;
    Some(format!("The value stands in {}.", path.display()))
}
