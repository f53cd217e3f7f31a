//! Exports of any length: read in parts of whole records, so that what is kept does not grow with the file.
//!
//! A table is cut between its rows, lines of JSON between lines, a list of JSON between its objects, the tables of Log
//! Analytics between their rows, what PowerShell prints between its blocks or lines.

use std::io::{self, Read};

use super::reader::fill;
use crate::decode::explain::{applications, unrecognised};
use crate::decode::find::records;
use crate::decode::model::Decoded;
use crate::decode::recorded::Ledger;
use crate::decode::text::encoding::{encoding_of, to_text};

/// How much is read at once.
const PART: usize = 4 << 20;
/// How much a part may grow until it holds the end of a record.
const LONGEST_PART: usize = 64 << 20;
/// How much of an input shows whether it is an export.
pub(crate) const HEAD: usize = 64 << 10;

/// How the records of a long export follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// Rows below a heading.
    Table {
        /// The heading with what stands before it.
        heading: Vec<u8>,
    },
    /// One JSON object a line.
    Lines,
    /// Objects of a list of JSON that begins after so many bytes.
    List {
        /// Where the list's bracket ends.
        start: usize,
    },
    /// Rows of a table of Log Analytics.
    Rows {
        /// Everything before the first row, the names of the columns among it.
        heading: Vec<u8>,
    },
    /// Blocks of `Name : value` with an empty line between them.
    Blocks,
    /// Lines of columns below a line of dashes.
    Columns {
        /// What stands before the first of them.
        heading: Vec<u8>,
    },
}

/// The form of an input that begins so; none when it is no export.
pub(crate) fn form(start: &[u8]) -> Option<Form> {
    let start = &start[..start.len().min(HEAD)];
    if encoding_of(start) != encoding_rs::UTF_8 {
        return None;
    }
    let bare = start
        .iter()
        .position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf))?;
    match start[bare] {
        b'[' => is_export(start, &Form::List { start: bare + 1 }),
        b'{' => {
            let first = start[bare..].split(|byte| *byte == b'\n').next()?;
            let is_line = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(first).is_ok();
            if is_line {
                return is_export(start, &Form::Lines);
            }
            let list = memchr::memmem::find(&start[bare..], b"[")? + bare + 1;
            let before = without_blanks(&start[bare..list]).to_ascii_lowercase();
            if before.ends_with(b"\"tables\":[") {
                let heading = start[..first_row(start, list)?].to_vec();
                return is_export(start, &Form::Rows { heading });
            }
            let is_list = LISTS.iter().any(|name| before.ends_with(name));
            is_list.then(|| is_export(start, &Form::List { start: list }))?
        }
        _ => printed_or_table(start),
    }
}

/// How the lists of JSON are called whose objects are records.
const LISTS: [&[u8]; 3] = [b"\"value\":[", b"\"records\":[", b"\"items\":["];

fn without_blanks(bytes: &[u8]) -> Vec<u8> {
    let kept = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    kept.collect()
}

/// Where the rows of the first table begin: behind the bracket of `"rows":[`.
fn first_row(start: &[u8], from: usize) -> Option<usize> {
    let names = memchr::memmem::find_iter(&start[from..], b"ows\"");
    names.into_iter().find_map(|at| {
        let end = from + at + b"ows\"".len();
        let before = start.get(..end)?.to_ascii_lowercase();
        let bracket = end + start[end..].iter().position(|byte| *byte == b'[')?;
        (before.ends_with(b"\"rows\"") && without_blanks(&start[end..bracket]) == b":").then_some(bracket + 1)
    })
}

fn printed_or_table(start: &[u8]) -> Option<Form> {
    let heading = |end: usize| start[..end].to_vec();
    let form = match records::layout(&to_text(start))? {
        records::Layout::Blocks => Form::Blocks,
        records::Layout::Columns { heading: end } => Form::Columns {
            heading: heading(end),
        },
        records::Layout::Table => Form::Table {
            heading: heading(rows_end(start, 1)?),
        },
    };
    Some(form)
}

/// The form, when the records that begin the input are those of an export.
fn is_export(start: &[u8], form: &Form) -> Option<Form> {
    let head = form.part(start, form.whole(start, true), true);
    records::of(&to_text(&head)).map(|_| form.clone())
}

impl Form {
    /// How many bytes at the start of a buffer are whole records.
    fn whole(&self, buffer: &[u8], is_first: bool) -> usize {
        match self {
            Self::Lines | Self::Columns { .. } => memchr::memrchr(b'\n', buffer).map_or(0, |at| at + 1),
            Self::Blocks => block_end(buffer),
            Self::Rows { heading } => objects_end(buffer, if is_first { heading.len() } else { 0 }),
            Self::Table { .. } => rows_end(buffer, usize::MAX).unwrap_or(0),
            Self::List { start } => objects_end(buffer, if is_first { *start } else { 0 }),
        }
    }

    /// Whole records as a text of their own.
    fn part(&self, buffer: &[u8], length: usize, is_first: bool) -> Vec<u8> {
        let records = &buffer[..length];
        match self {
            Self::Lines | Self::Blocks => records.to_vec(),
            Self::Table { .. } | Self::Columns { .. } if is_first => records.to_vec(),
            Self::Table { heading } | Self::Columns { heading } => [heading, records].concat(),
            Self::List { start } => {
                let from = if is_first { *start } else { 0 };
                let (lines, records) = from_first(records, from, b'{');
                [&lines, b"[".as_slice(), records, b"]"].concat()
            }
            Self::Rows { .. } if is_first => [records, b"]}]}"].concat(),
            Self::Rows { heading } => {
                let (lines, records) = from_first(records, 0, b'[');
                [heading, lines.as_slice(), records, b"]}]}"].concat()
            }
        }
    }

    /// How many line ends a part has before its first record that are not the file's.
    fn added_lines(&self, is_first: bool) -> u64 {
        match self {
            Self::Table { heading } | Self::Columns { heading } | Self::Rows { heading } if !is_first => {
                line_ends(heading)
            }
            _ => 0,
        }
    }
}

/// Decodes a long export whose first bytes were read.
///
/// # Errors
///
/// What the reader reports.
pub(crate) fn decode(form: &Form, start: Vec<u8>, input: &mut dyn Read) -> io::Result<Decoded> {
    decode_in_parts(form, start, input, PART)
}

fn decode_in_parts(form: &Form, start: Vec<u8>, input: &mut dyn Read, size: usize) -> io::Result<Decoded> {
    let mut ledger = Ledger::default();
    let mut buffer = start;
    let (mut lines, mut is_first, mut is_over) = (0, true, false);
    while !is_over {
        let kept = buffer.len();
        buffer.resize(kept + size, 0);
        let filled = fill(input, &mut buffer[kept..])?;
        buffer.truncate(kept + filled);
        is_over = filled < size;
        let is_list = matches!(form, Form::List { .. } | Form::Rows { .. });
        let whole = match form.whole(&buffer, is_first) {
            // A last row or line may lack its end; what follows a list is no record.
            whole if is_over && is_list => whole,
            _ if is_over => buffer.len(),
            0 if buffer.len() < LONGEST_PART => continue,
            // A record that does not end is passed over.
            0 => buffer.len(),
            whole => whole,
        };
        let part = form.part(&buffer, whole, is_first);
        let text = to_text(&part);
        if let Some(records) = records::of(&text) {
            let first_line = (lines + 1_u64).saturating_sub(form.added_lines(is_first)).max(1);
            ledger.add(&text, &records, first_line);
        }
        lines += line_ends(&buffer[..whole]);
        buffer.drain(..whole);
        is_first = false;
    }
    let mut decoded = ledger.finish();
    unrecognised::mark(&mut decoded, "");
    applications::name(&mut decoded);
    Ok(decoded)
}

/// The records from the first that begins with this byte, and line ends for what is left out before it: the places of the
/// records stay theirs in the file.
fn from_first(records: &[u8], from: usize, begins: u8) -> (Vec<u8>, &[u8]) {
    let from = from.min(records.len());
    let first = records[from..].iter().position(|byte| *byte == begins);
    let begin = first.map_or(records.len(), |at| from + at);
    (
        vec![b'\n'; line_ends(&records[..begin]) as usize],
        &records[begin..],
    )
}

/// Where the last block ends: behind the last empty line.
fn block_end(buffer: &[u8]) -> usize {
    let mut ends = memchr::memrchr_iter(b'\n', buffer);
    let is_empty_before = |end: &usize| buffer[..*end].ends_with(b"\n") || buffer[..*end].ends_with(b"\n\r");
    ends.find(is_empty_before).map_or(0, |end| end + 1)
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Where the last of up to `most` whole rows ends: a line end outside of quotes.
fn rows_end(bytes: &[u8], most: usize) -> Option<usize> {
    let mut is_quoted = false;
    let mut end = None;
    let mut rows = 0;
    for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
        if bytes[at] == b'"' {
            is_quoted = !is_quoted;
        } else if !is_quoted {
            end = Some(at + 1);
            // What stands before a heading is short: a type, a separator, an empty line.
            rows += usize::from(
                most == usize::MAX
                    || bytes[..at].contains(&b',')
                    || bytes[..at].contains(&b';')
                    || bytes[..at].contains(&b'\t'),
            );
            if rows >= most {
                break;
            }
        }
    }
    end
}

/// Where the last whole object of a list ends that goes on at `from`.
fn objects_end(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut is_text, mut is_escaped, mut end) = (0_usize, false, false, 0);
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' => depth += 1,
            // The list itself ends.
            b']' if depth == 0 => break,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    end = at + 1;
                }
            }
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{decode_in_parts, form};
    use crate::decode::Decoded;
    use crate::decode::answer::decode_text;

    /// Parts so small that a few hundred records fill several.
    const PART: usize = 70 << 10;

    fn table(rows: usize) -> String {
        let mut text = "Date (UTC),Request ID,Correlation ID,Service principal name,\"Application ID \",Sign-in error code,Failure reason\n".to_owned();
        for row in 0..rows {
            let code = if row == rows / 2 { 7_000_222 } else { 7_000_215 };
            text.push_str(&format!(
                "2026-03-01T{:02}:{:02}:{:02}Z,{row:08x}-0000-4000-8000-000000000001,{row:08x}-0000-4000-8000-000000000002,Billing,5e56ae97-9be1-40d3-938b-99ea52175a30,{code},\"secret, \"\"expired\"\"\nor wrong\"\n",
                row / 3600 % 24,
                row / 60 % 60,
                row % 60,
            ));
        }
        text
    }

    fn in_parts(text: &str) -> Decoded {
        let form = form(text.as_bytes()).unwrap();
        decode_in_parts(&form, Vec::new(), &mut text.as_bytes(), PART).unwrap()
    }

    #[test]
    fn an_export_in_parts_gives_the_answer_of_one_reading() {
        let rows = 1500;
        let text = table(rows);
        assert!(text.len() > 3 * PART);
        let decoded = in_parts(&text);
        assert_eq!(decoded, decode_text(text.as_bytes()));
        let counts: Vec<(&str, u64, u64)> = decoded
            .errors
            .iter()
            .map(|error| (error.code.as_str(), error.count, error.first_line))
            .collect();
        assert_eq!(
            counts,
            [
                ("AADSTS7000215", rows as u64 - 1, 2),
                ("AADSTS7000222", 1, 2 + 2 * (rows as u64 / 2))
            ]
        );
    }

    #[test]
    fn lists_and_lines_of_json_are_cut_between_their_objects() {
        let record = |number: usize, code: u32| {
            format!(
                r#"{{"id":"{number:08x}-0000-4000-8000-000000000001","createdDateTime":"2026-03-01T00:00:{:02}Z","userPrincipalName":"svc@contoso.com","note":"a \"}}] b","status":{{"errorCode":{code},"failureReason":"x"}}}}"#,
                number % 60
            )
        };
        let many = 900;
        let all: Vec<String> = (0..many).map(|number| record(number, 50_126)).collect();
        for text in [
            format!("{{\"@odata.context\":\"x\",\"value\":[\n{}\n]}}", all.join(",\n")),
            format!("[{}]", all.join(",")),
            all.join("\n"),
        ] {
            let decoded = in_parts(&text);
            assert_eq!(decoded.errors[0].count, many as u64, "{}", &text[..60]);
            assert_eq!(decoded.primary.as_deref(), Some("AADSTS50126"));
            let at_once = decode_text(text.as_bytes());
            assert_eq!(decoded.errors[0].first_line, at_once.errors[0].first_line);
        }
    }

    #[test]
    fn tables_of_log_analytics_and_what_powershell_prints_are_cut_between_their_records() {
        let many = 1500;
        let code = |number: usize| if number == many / 2 { 53_003 } else { 50_126 };
        let time = |number: usize| format!("2026-03-01T{:02}:{:02}:00Z", number / 60 % 24, number % 60);
        let row = |number: usize| {
            format!(
                r#"["{}","svc@contoso.com","{}","a ]}} b"]"#,
                time(number),
                code(number)
            )
        };
        let columns = r#"[{"name":"TimeGenerated"},{"name":"UserPrincipalName"},{"name":"ResultType"},{"name":"rows"}]"#;
        let rows: Vec<String> = (0..many).map(row).collect();
        let block = |number: usize| {
            format!(
                "CreatedDateTime   : {}\r\nUserPrincipalName : svc@contoso.com\r\nErrorCode         : {}\r\nFailureReason     : a, b\r\n\r\n",
                time(number),
                code(number)
            )
        };
        let line = |number: usize| {
            format!(
                "{} {:>9} Dataverse, production environment\n",
                time(number),
                code(number)
            )
        };
        let dashes =
            "CreatedDateTime      ErrorCode AppDisplayName\n---------------      --------- --------------\n";
        for text in [
            format!(
                r#"{{"tables":[{{"name":"PrimaryResult","columns":{columns},"rows":[{}]}}]}}"#,
                rows.join(",")
            ),
            format!(
                "{{\n \"tables\" : [ {{\n \"columns\": {columns},\n \"rows\" : [\n{}\n]}}]}}\n",
                rows.join(",\n")
            ),
            (0..many).map(block).collect(),
            format!("{dashes}{}", (0..many).map(line).collect::<String>()),
        ] {
            assert!(text.len() > PART, "{}", text.len());
            let decoded = in_parts(&text);
            let told = |decoded: &Decoded| -> Vec<(String, u64, u64, Option<String>)> {
                let errors = decoded.errors.iter();
                errors
                    .map(|error| {
                        (
                            error.code.clone(),
                            error.count,
                            error.first_line,
                            error.last_seen.clone(),
                        )
                    })
                    .collect()
            };
            assert_eq!(
                told(&decoded),
                told(&decode_text(text.as_bytes())),
                "{}",
                &text[..60]
            );
            let count = decoded.errors.iter().map(|error| error.count).sum::<u64>();
            assert_eq!(count, many as u64, "{}", &text[..60]);
        }
    }

    #[test]
    fn a_log_is_no_export() {
        for text in [
            "2026-01-05T10:00:00Z start, a, b\n2026-01-05T10:00:01Z AADSTS50076, x, y\n",
            "{\"error\":{\"code\":\"0x80040220\",\"details\":[\n",
            "",
            "x",
        ] {
            assert_eq!(form(text.as_bytes()), None, "{text}");
        }
    }
}
