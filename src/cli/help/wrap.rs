//! A topic for the width of a terminal: its Markdown is kept as it is, and nothing is wider than the screen.

use crate::render::at_blanks;

/// The text in lines of at most `width` columns: paragraphs and items are filled, a row of a table becomes an item. What is fenced stays.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut page = Filled {
        width,
        text: String::new(),
        block: String::new(),
    };
    let mut is_fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            page.end();
            is_fenced = !is_fenced;
            page.line(line);
        } else if is_fenced || line.starts_with('#') {
            page.end();
            page.line(line);
        } else if line.trim().is_empty() {
            page.end();
            page.line("");
        } else if let Some(cells) = line.strip_prefix('|') {
            page.end();
            page.row(cells);
        } else {
            page.add(line);
        }
    }
    page.end();
    page.text
}

struct Filled {
    width: usize,
    text: String,
    /// The paragraph or the item that is being read.
    block: String,
}

impl Filled {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One more line of the block, or the first of the next.
    fn add(&mut self, line: &str) {
        if is_item(line) {
            self.end();
        }
        if self.block.is_empty() {
            self.block = line.to_owned();
        } else {
            self.block.push(' ');
            self.block.push_str(line.trim());
        }
    }

    fn end(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.is_empty() {
            return;
        }
        let indent = block.len() - block.trim_start().len();
        let hanging = " ".repeat(indent + if is_item(&block) { 2 } else { 0 });
        for line in textwrap::wrap(&block, at_blanks(self.width, "", &hanging)) {
            self.line(&line);
        }
    }

    /// A row of a table as an item: the first cell, then what is said of it.
    fn row(&mut self, cells: &str) {
        let cells: Vec<&str> = cells
            .trim_end()
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let is_rule = cells
            .iter()
            .all(|cell| cell.chars().all(|sign| matches!(sign, '-' | ':')));
        if is_rule {
            return;
        }
        let said: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
        self.block = match said.split_first() {
            Some((first, rest)) if !rest.is_empty() => format!("* {first}: {}", rest.join("; ")),
            Some((first, _)) => format!("* {first}"),
            None => return,
        };
        self.end();
    }
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("* ") || line.starts_with("- ")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn paragraphs_and_items_are_filled_rows_become_items_and_what_is_fenced_stays() {
        let text = "# Title that is wide enough to be longer\n\nOne two three\nfour five six.\n* an item that\n  goes on\n\n| a | b |\n|---|---|\n| x | long y |\n\n```text\nas it is, however long that may be\n```\n";
        let filled = "# Title that is wide enough to be longer\n\nOne two three four\nfive six.\n* an item that goes\n  on\n\n* a: b\n* x: long y\n\n```text\nas it is, however long that may be\n```\n";
        assert_eq!(wrapped(text, 20), filled);
    }
}
