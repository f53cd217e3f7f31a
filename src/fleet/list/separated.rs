//! A list as a spreadsheet writes it: separated by comma, semicolon or tab, quoted where needed.

use csv::{ReaderBuilder, StringRecord};

use super::cells::{Cells, known};
use super::error::ListError;

/// The rows below the header, and whether there is a column of names.
pub(super) fn cells(text: &str) -> Result<(Vec<Cells>, bool), ListError> {
    let (start, line) = header_at(text);
    let body = text.get(start..).unwrap_or_default();
    let header_line = body.lines().next().unwrap_or_default();
    let separator = separator(header_line);
    let mut records = Records {
        text: body,
        separator,
        line,
    };
    let header = match records.next() {
        Some(Record::Whole(_, header)) => header,
        _ => return Err(ListError::NoHeader),
    };
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if !columns.iter().any(|column| known(column).is_some()) {
        return Err(ListError::NoHeader);
    }
    for (position, column) in columns.iter().enumerate() {
        let is_same = |other: &String| match known(column) {
            Some(name) => known(other) == Some(name),
            None => !column.is_empty() && other == column,
        };
        if columns.iter().skip(position + 1).any(is_same) {
            return Err(ListError::ColumnTwice(column.clone()));
        }
    }
    let has_names = columns.iter().any(|column| known(column) == Some("name"));
    let rows = records
        .filter_map(|record| match record {
            Record::Whole(_, record) if record.iter().all(|cell| cell.trim().is_empty()) => None,
            Record::Whole(line, record) => Some(row(line, &columns, &record)),
            Record::Unclosed(line) => Some(Cells::bad(line, "a quote is opened and never closed".to_owned())),
        })
        .collect();
    Ok((rows, has_names))
}

fn row(line: usize, columns: &[String], record: &StringRecord) -> Cells {
    let extra = record
        .iter()
        .skip(columns.len())
        .filter(|cell| !cell.trim().is_empty());
    if extra.count() > 0 {
        let error = format!(
            "the row has {} cells, and the header {}",
            record.len(),
            columns.len()
        );
        return Cells::bad(line, error);
    }
    let named = columns
        .iter()
        .zip(record)
        .filter(|(column, _)| !column.is_empty());
    Cells::of(
        line,
        named.map(|(column, cell)| (column.clone(), cell.to_owned())),
    )
}

/// Where the header begins, and its line: behind what PowerShell (`#TYPE`) and Excel (`sep=`) write above it.
fn header_at(text: &str) -> (usize, usize) {
    let mut start = 0;
    let mut line = 1;
    for piece in text.split_inclusive('\n') {
        let plain = piece.trim_start_matches(['"', ' ']).trim_end();
        let lower = plain.to_ascii_lowercase();
        if !plain.is_empty() && !lower.starts_with("#type") && !lower.starts_with("sep=") {
            break;
        }
        start += piece.len();
        line += 1;
    }
    (start, line)
}

/// The separator that stands most often in the header, outside quotes.
fn separator(header: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header.bytes() {
        if byte == b'"' {
            is_quoted = !is_quoted;
        }
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(separator, _)| *separator == byte && !is_quoted)
        {
            *count += 1;
        }
    }
    // Of equal counts the last would win; the comma is the rule.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(separator, _)| *separator)
}

enum Record {
    Whole(usize, StringRecord),
    Unclosed(usize),
}

/// Record by record: a quote that is never closed costs its own line, not all that follows.
struct Records<'t> {
    text: &'t str,
    separator: u8,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.text.is_empty() {
            return None;
        }
        let mut reader = ReaderBuilder::new()
            .delimiter(self.separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut record = StringRecord::new();
        // The bytes are UTF-8 and in memory: nothing is left that reading could stumble over.
        if !reader.read_record(&mut record).unwrap_or(false) {
            return None;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(self.text.len());
        let raw = self.text.get(..end).unwrap_or(self.text);
        // Blank lines before a record are passed over.
        let blank = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let line = self.line + newlines(raw.get(..blank).unwrap_or_default());
        if raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
            let first = raw.get(blank..).and_then(|rest| rest.find('\n'));
            let end = first.map_or(self.text.len(), |position| blank + position + 1);
            self.text = self.text.get(end..).unwrap_or_default();
            self.line = line + 1;
            return Some(Record::Unclosed(line));
        }
        self.line += newlines(raw);
        self.text = self.text.get(end..).unwrap_or_default();
        Some(Record::Whole(line, record))
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
