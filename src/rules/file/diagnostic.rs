//! Complaints about rule files: file, line, column, the offending text underlined, and what to write instead.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::embedded;
use crate::text::terminal_safe;

/// One rule file: its name as shown to people, and its text.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// `rules/checks/roles.yaml`, or the path below which the user put it.
    pub(crate) name: String,
    text: Text,
}

/// The text of a file. That of a built-in one is unpacked for whoever complains about it.
#[derive(Debug, Clone)]
enum Text {
    Given(Arc<str>),
    Embedded(&'static str),
}

impl Text {
    fn as_str(&self) -> &str {
        match self {
            Text::Given(text) => text,
            Text::Embedded(path) => embedded::text(path).trim_start_matches('\u{feff}'),
        }
    }
}

impl File {
    /// A file of the user's.
    pub(crate) fn given(name: String, text: &str) -> Self {
        Self {
            name,
            text: Text::Given(Arc::from(text.trim_start_matches('\u{feff}'))),
        }
    }

    /// A file that the program carries, by its path.
    pub(crate) fn embedded(path: &'static str) -> Self {
        Self {
            name: path.to_owned(),
            text: Text::Embedded(path),
        }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The path by which the program carries it.
    pub(crate) fn embedded_path(&self) -> Option<&'static str> {
        match self.text {
            Text::Embedded(path) => Some(path),
            Text::Given(_) => None,
        }
    }
}

/// Something wrong in a rule file.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// The file, as named on the command line or in the embedded pack.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The offending text as a byte range of the file.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// Whether it is only that another rule, named here, is in none of the files.
    pub absent_rule: bool,
    text: Text,
}

impl Complaint {
    /// The same, as one that a part of a pack may have.
    pub(crate) fn of_an_absent_rule(self) -> Self {
        Self {
            absent_rule: true,
            ..self
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = terminal_safe(&self.message);
        if self.text.as_str().is_empty() {
            write!(formatter, "error: {message}\n --> {}", terminal_safe(&self.file))?;
            return match &self.suggestion {
                Some(suggestion) => write!(formatter, "\n  = help: {}", terminal_safe(suggestion)),
                None => Ok(()),
            };
        }
        let snippet = Snippet::source(self.text.as_str())
            .path(terminal_safe(&self.file).into_owned())
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let mut group = Level::ERROR.primary_title(message.into_owned()).element(snippet);
        if let Some(suggestion) = &self.suggestion {
            group = group.element(Level::HELP.message(terminal_safe(suggestion).into_owned()));
        }
        formatter.write_str(&Renderer::plain().render(&[group]))
    }
}

/// Everything that is wrong in a set of rule files, by file and place.
#[derive(Debug, Clone, Default)]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// All of them, sorted by file, then place.
    pub(crate) fn of(mut complaints: Vec<Complaint>) -> Self {
        complaints.sort_by(|left, right| {
            (&left.file, left.span.start, &left.message).cmp(&(&right.file, right.span.start, &right.message))
        });
        complaints.dedup_by(|left, right| {
            left.file == right.file && left.span == right.span && left.message == right.message
        });
        Self(complaints)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The complaints, sorted by file, then place.
    pub fn iter(&self) -> impl Iterator<Item = &Complaint> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a file or folder could not even be read.
    pub fn has_unreadable_path(&self) -> bool {
        self.0.iter().any(|complaint| complaint.text.as_str().is_empty())
    }

    /// Without those about rules that are named but are in none of the files read: for work on a part of a pack.
    pub fn without_absent_rules(self) -> Self {
        Self(
            self.0
                .into_iter()
                .filter(|complaint| !complaint.absent_rule)
                .collect(),
        )
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for complaint in &self.0 {
            writeln!(formatter, "{complaint}\n")?;
        }
        Ok(())
    }
}

impl std::error::Error for Complaints {}

/// Where the complaints about one file are gathered.
#[derive(Debug)]
pub(crate) struct Desk<'f> {
    pub(crate) file: &'f File,
    /// It is the tree that the build script packed. Tests have read the same as a file: nothing in it is checked again, and its
    /// own tests are left out.
    pub(crate) is_packed: bool,
    complaints: RefCell<Vec<Complaint>>,
}

impl<'f> Desk<'f> {
    pub(crate) fn new(file: &'f File, is_packed: bool) -> Self {
        Self {
            file,
            is_packed,
            complaints: RefCell::default(),
        }
    }

    /// Notes that the text at `span` is wrong.
    pub(crate) fn complain(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let complaint = complaint(self.file, span, message.into(), suggestion);
        self.complaints.borrow_mut().push(complaint);
    }

    pub(crate) fn into_complaints(self) -> Vec<Complaint> {
        self.complaints.into_inner()
    }
}

/// A complaint about the text at `span` of `file`.
pub(crate) fn complaint(
    file: &File,
    span: Range<usize>,
    message: String,
    suggestion: Option<String>,
) -> Complaint {
    let text = file.text();
    let start = floor_boundary(text, span.start);
    let end = ceiling_boundary(text, span.end.max(start));
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Complaint {
        file: file.name.clone(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        span: start..end,
        message,
        suggestion,
        absent_rule: false,
        text: file.text.clone(),
    }
}

/// A complaint about a file or folder as a whole.
pub(crate) fn complaint_about_path(name: String, message: String, suggestion: Option<String>) -> Complaint {
    Complaint {
        file: name,
        line: 1,
        column: 1,
        span: 0..0,
        message,
        suggestion,
        absent_rule: false,
        text: Text::Given(Arc::from("")),
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

fn ceiling_boundary(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len())
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(text.len())
}

/// "did you mean …", when one of the candidates is close to what was written.
pub(crate) fn did_you_mean<'c>(
    written: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    nearest(written, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// The candidate nearest to what was written, if one is near at all.
pub(crate) fn nearest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
