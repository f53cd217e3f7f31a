//! A page of text for people: labels, wrapped paragraphs, advice. Shared by everything that is read on a terminal.

use colored::{Color, Colorize};
use comfy_table::ColumnConstraint;

use super::{Style, tables};
use crate::remedy::{Remedy, Shell, places};
use crate::text::{one_line, terminal_safe};

/// Columns of the labels.
const LABEL: usize = 10;

/// A page that grows line by line.
pub(crate) struct Page {
    text: String,
    pub(crate) style: Style,
}

/// How lines are filled: broken at blanks alone, so that ids and addresses stay whole, with `first` before the first and `rest` before
/// each further one.
pub(crate) fn at_blanks<'a>(width: usize, first: &'a str, rest: &'a str) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

impl Page {
    /// An empty page.
    pub(crate) fn new(style: Style) -> Self {
        Self {
            text: String::new(),
            style,
        }
    }

    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Adds a line as it is.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds an empty line.
    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// `label  text…`, wrapped, with the text aligned under itself.
    pub(crate) fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let start = " ".repeat(indent);
        let rest = " ".repeat(indent + LABEL + 1);
        self.wrapped(&format!("{start}{label:<LABEL$} "), &rest, text);
    }

    /// A list item, wrapped.
    pub(crate) fn item(&mut self, text: &str) {
        self.wrapped("  - ", "    ", text);
    }

    /// An item below a labelled paragraph, wrapped.
    pub(crate) fn nested(&mut self, text: &str) {
        self.wrapped("             - ", "               ", text);
    }

    /// How many lines there are.
    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// A row of a table: wrapped after `first`, with `rest` before each further line.
    pub(crate) fn row(&mut self, first: &str, rest: &str, text: &str) {
        self.wrapped(first, rest, text);
    }

    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        let options = at_blanks(self.style.width, first, rest).break_words(false);
        for line in textwrap::wrap(&one_line(text), options) {
            self.line(line.trim_end());
        }
    }

    /// `text` in bold colour, if colour is wanted.
    pub(crate) fn paint(&self, text: &str, color: Color) -> String {
        if self.style.color {
            text.color(color).bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// `text` in bold, if colour is wanted.
    pub(crate) fn strong(&self, text: &str) -> String {
        if self.style.color {
            text.bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// What the lines below are about, in bold, apart from the lines above.
    pub(crate) fn heading(&mut self, title: &str) {
        let title = self.strong(title);
        self.blank();
        self.line(&title);
    }

    /// Who does what, with commands to paste, what to avoid, how to prove it.
    pub(crate) fn remedy(&mut self, remedy: &Remedy) {
        self.labelled(2, "Who", &remedy.owner);
        for need in &remedy.before {
            self.labelled(2, "First", need);
        }
        for (position, place) in places(&remedy.steps).iter().enumerate() {
            self.labelled(2, &format!("Do {}", position + 1), place.step);
            for alternative in &place.alternatives {
                self.labelled(2, "  or", alternative);
            }
        }
        for command in &remedy.commands {
            let shell = match command.shell {
                Shell::Powershell => "PowerShell",
                Shell::Bash => "Shell",
                Shell::Http => "HTTP",
            };
            self.line(&format!("  {shell}:"));
            // Not wrapped: what is pasted must be what was meant.
            for line in terminal_safe(command.text.trim_end()).lines() {
                self.line(format!("      {line}").trim_end());
            }
        }
        self.labelled(2, "Avoid", &remedy.avoid);
        self.labelled(2, "Proof", &remedy.verify);
        for link in &remedy.links {
            self.labelled(2, "Read", link);
        }
    }

    /// A borderless table that fits the page.
    pub(crate) fn rows<const N: usize>(&mut self, head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
        let mut table = tables::empty(comfy_table::presets::NOTHING, self.style.width, false);
        table.set_header(head);
        for row in rows {
            table.add_row(row.map(|cell| one_line(&cell)));
        }
        // Codes are pasted into other tools: their column does not break them.
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        for line in table.to_string().lines() {
            self.line(line.trim_end());
        }
    }
}
