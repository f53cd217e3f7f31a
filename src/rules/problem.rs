//! A fault of an expression or a template, and its place in it.

use std::ops::Range;

use crate::facts;

use crate::rules::file::diagnostic::did_you_mean;

/// One fault of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Byte range in the text.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
}

impl Problem {
    /// About the whole expression.
    pub(crate) fn whole(source: &str, message: String, suggestion: &str) -> Self {
        let trimmed = source.trim_end();
        let first_line = trimmed.find('\n').unwrap_or(trimmed.len());
        Self {
            span: 0..first_line,
            message,
            suggestion: Some(suggestion.to_owned()),
        }
    }

    /// About the syntax, at line (from 1) and column (from 1).
    pub(crate) fn syntax(source: &str, (line, column): (isize, isize), message: &str) -> Self {
        let line = usize::try_from(line - 1).unwrap_or(0);
        let column = usize::try_from(column - 1).unwrap_or(0);
        let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        let at = source[start..]
            .char_indices()
            .nth(column)
            .map_or(source.len(), |(offset, _)| start + offset);
        let message = if message.contains("recursion") {
            "the condition is nested too deeply".to_owned()
        } else {
            let first_line = message.lines().next().unwrap_or(message);
            // What the parser would have expected is half of the grammar.
            let short = first_line.split(" expecting ").next().unwrap_or(first_line);
            format!(
                "not a valid CEL expression: {}",
                short.trim_start_matches("Syntax error: ")
            )
        };
        let suggestion = if source.contains(".?") {
            Some("`.?` is not offered: it would turn evidence that could not be read into a value")
        } else if source[at..].starts_with("= ") {
            Some("`==` compares")
        } else {
            None
        };
        Self {
            span: at.min(source.len().saturating_sub(1))..at + 1,
            message,
            suggestion: suggestion.map(str::to_owned),
        }
    }
}

/// A complaint about a fact that is in no table.
pub(crate) fn unknown_fact(span: Range<usize>, name: &str) -> Problem {
    let names = || facts::definitions().iter().map(|fact| fact.name);
    let last = name.split_once('.').map_or(name, |(_, last)| last);
    let same_name = names().find(|fact| fact.split_once('.').is_some_and(|(_, other)| other == last));
    let suggestion = same_name
        .map(|fact| format!("did you mean `{fact}`?"))
        .or_else(|| did_you_mean(name, names()))
        .unwrap_or_else(|| "`work365-doctor rules facts` lists every fact".to_owned());
    Problem {
        span,
        message: format!("there is no fact `{name}`"),
        suggestion: Some(suggestion),
    }
}
