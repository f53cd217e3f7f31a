//! Tables with a heading: what portals download and what `Export-Csv` writes.

use super::entry;
use super::record::{MOST, Record, Records};

/// A heading has at least this many columns.
const FEWEST_COLUMNS: usize = 3;

/// The records of a table, whatever separates its columns.
pub(super) fn records(text: &str) -> Option<Records> {
    let mut start = 0;
    // What stands before the heading: the type that Windows PowerShell writes, the separator that Excel reads.
    while let Some(line) = text[start..].split_inclusive('\n').next() {
        let bare = line.trim_matches(['\u{feff}', '\r', '\n', ' ']);
        if !(bare.is_empty() || bare.starts_with("#TYPE") || bare.to_ascii_lowercase().starts_with("sep=")) {
            break;
        }
        start += line.len();
    }
    let line = text[start..].lines().next()?;
    let separator = [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|separator| line.matches(*separator).count())?;
    let (heading, after) = row(text, start, separator)?;
    if heading.len() < FEWEST_COLUMNS || !is_heading(&heading) {
        return None;
    }
    let mut list = Vec::new();
    let mut at = after;
    while let Some((cells, next)) = row(text, at, separator) {
        let is_empty = cells.iter().all(|cell| cell.trim().is_empty());
        // A table that was cut off, or a note below it, has rows of another length; they are read as far as they go.
        if !is_empty && cells.len() > 1 {
            let fields = heading.iter().cloned().zip(cells).collect();
            list.push(Record { offset: at, fields });
        }
        at = next;
        if list.len() == MOST {
            break;
        }
    }
    let is_table = list.iter().any(|record| record.fields.len() == heading.len());
    is_table.then_some(Records {
        list,
        semicolons: separator == ';',
    })
}

/// Short names, none of them a number, and one of them the name of a time, a code or an outcome.
fn is_heading(cells: &[String]) -> bool {
    let named = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    named * 2 > cells.len()
        && cells
            .iter()
            .all(|cell| cell.chars().count() < 80 && cell.trim().parse::<f64>().is_err())
        && cells.iter().any(|cell| entry::is_key_name(cell))
}

/// The cells of the row at `start` and where the next one starts. A quoted cell holds separators, line ends and doubled quotes.
fn row(text: &str, start: usize, separator: char) -> Option<(Vec<String>, usize)> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if quoted && characters.peek().is_some_and(|(_, next)| *next == '"') => {
                cell.push('"');
                characters.next();
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim_matches(['\u{feff}', ' ']).is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\n' if !quoted => {
                cells.push(cell.trim_end_matches('\r').to_owned());
                return Some((cells, start + at + 1));
            }
            other if other == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            '\u{feff}' if cell.is_empty() => {}
            other => cell.push(other),
        }
    }
    cells.push(cell.trim_end_matches('\r').to_owned());
    Some((cells, text.len()))
}

#[cfg(test)]
mod tests {
    use super::records;

    fn values(text: &str, name: &str) -> Vec<String> {
        let list = records(text).map(|records| records.list).unwrap_or_default();
        list.iter()
            .filter_map(|record| record.fields.iter().find(|(key, _)| key.trim() == name))
            .map(|(_, value)| value.clone())
            .collect()
    }

    #[test]
    fn every_separator_quote_and_line_end_is_read() {
        for text in [
            "Date,ErrorCode,Text\r\n2026-01-01,50076,a\r\n2026-01-02,53003,\"b, \"\"c\"\"\nd\"\r\n",
            "#TYPE x\r\n\"Date\";\"ErrorCode\";\"Text\"\r\n\"2026-01-01\";\"50076\";\"a\"\r\n\"2026-01-02\";\"53003\";\"b\"",
            "sep=\t\nDate\tErrorCode\tText\n2026-01-01\t50076\ta\n2026-01-02\t53003\tb\n\n",
            "\u{feff}\"Date\",\"ErrorCode\",\"Text\"\n\"2026-01-01\",\"50076\",\"\"\n\"2026-01-02\",\"53003\",\"\"\n",
        ] {
            assert_eq!(values(text, "ErrorCode"), ["50076", "53003"], "{text}");
        }
        assert_eq!(
            values("Date,Code,Text\n2026,1,\"b, \"\"c\"\"\nd\"\n", "Text"),
            ["b, \"c\"\nd"]
        );
    }

    #[test]
    fn a_sentence_with_commas_is_no_table() {
        for text in [
            "Hello, it failed, at a date, today\nwith AADSTS50076, again, and again, x",
            "1,2,3\n4,5,6\n",
            "",
        ] {
            assert_eq!(records(text), None, "{text}");
        }
    }
}
