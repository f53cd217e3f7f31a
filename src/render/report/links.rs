//! Links of a terminal (OSC 8): the id of a rule leads to its page, where somebody said where the pages are.
//!
//! Source: <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>

use std::fmt::Write as _;

use crate::diagnosis::report::Report;

/// The table with its ids as links: those that open a line, and those of "Fix 1 of 2: id". `pages` is where
/// `rules docs --html` put them, without a slash at the end.
pub fn with_links(table: &str, report: &Report, pages: &str) -> String {
    let mut text = String::with_capacity(table.len() + 1024);
    for line in table.split_inclusive('\n') {
        match report
            .findings
            .iter()
            .find_map(|finding| place(line, &finding.id))
        {
            Some((before, id, after)) => {
                // Writing to a String cannot fail.
                let _ = write!(
                    text,
                    "{before}\u{1b}]8;;{pages}/checks/{id}.html\u{1b}\\{id}\u{1b}]8;;\u{1b}\\{after}"
                );
            }
            None => text.push_str(line),
        }
    }
    text
}

/// The line around an id that stands where a link belongs.
fn place<'l>(line: &'l str, id: &'l str) -> Option<(&'l str, &'l str, &'l str)> {
    let start = line.find(id)?;
    let (before, rest) = line.split_at(start);
    let after = rest.strip_prefix(id)?;
    let ends = !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
    let opens = !before.is_empty() && before.bytes().all(|byte| byte == b' ');
    let is_title = (before.contains("Fix ") || before.contains("Wait ")) && before.ends_with(": ");
    (ends && (opens || is_title)).then_some((before, id, after))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn an_id_is_a_link_where_it_opens_a_line_or_titles_a_fix_and_nowhere_else() {
        for (line, linked) in [
            ("                    no-roles (root cause)\n", true),
            ("Fix 1 of 2: no-roles\n", true),
            ("                    no-roles-in-effect\n", false),
            ("FAIL      high      see no-roles\n", false),
            ("no-roles\n", false),
        ] {
            assert_eq!(place(line, "no-roles").is_some(), linked, "{line}");
        }
    }
}
