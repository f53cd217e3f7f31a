//! What PowerShell prints: one property a line (`Format-List`), or columns under dashes (`Format-Table`).

use super::record::{MOST, Record, Records, plain_name};

/// The records of a printed list or table.
pub(super) fn records(text: &str) -> Option<Records> {
    let list = columns(text);
    let list = if list.is_empty() { properties(text) } else { list };
    let has_codes = list
        .iter()
        .any(|record| record.fields.iter().any(|(name, _)| is_code_name(name)));
    has_codes.then_some(Records {
        list,
        semicolons: false,
    })
}

fn is_code_name(name: &str) -> bool {
    let name = plain_name(name);
    name.ends_with("errorcode") || name == "resulttype"
}

/// Rows below a line of dashes. A cell is what stands between the start of its column's dashes and the next one's.
fn columns(text: &str) -> Vec<Record> {
    let mut list = Vec::new();
    let mut heading: Option<(&str, usize)> = None;
    let mut open: Option<Vec<(String, usize, usize)>> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        match (&open, heading) {
            (None, Some((names, _))) if is_rule(bare) => open = Some(spans(names, bare)),
            (Some(_), _) if bare.trim().is_empty() => open = None,
            (Some(columns), _) if list.len() < MOST => list.push(Record {
                offset,
                fields: cells(bare, columns),
            }),
            _ => {}
        }
        heading = Some((bare, offset));
        offset += line.len();
    }
    list
}

/// Where the heading of printed columns ends: behind the line of dashes.
pub(super) fn heading(text: &str) -> Option<usize> {
    let mut end = 0;
    text.split_inclusive('\n').find_map(|line| {
        end += line.len();
        is_rule(line.trim_end()).then_some(end)
    })
}

/// Groups of dashes and blanks, at least two.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("--")
        && line.chars().all(|character| matches!(character, '-' | ' '))
        && line.split_whitespace().count() >= 2
}

/// Each column's name with the first and last place of its dashes, in characters.
fn spans(names: &str, rule: &str) -> Vec<(String, usize, usize)> {
    let names: Vec<char> = names.chars().collect();
    let rule: Vec<char> = rule.chars().collect();
    let starts: Vec<usize> = (0..rule.len())
        .filter(|at| rule[*at] == '-' && (*at == 0 || rule[at - 1] == ' '))
        .collect();
    let mut spans = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        let dashes = rule[*start..]
            .iter()
            .take_while(|character| **character == '-')
            .count();
        let end = starts.get(index + 1).copied().unwrap_or(usize::MAX);
        let name: String = names.iter().take(end.min(names.len())).skip(*start).collect();
        spans.push((name.trim().to_owned(), *start, start + dashes));
    }
    spans
}

fn cells(line: &str, columns: &[(String, usize, usize)]) -> Vec<(String, String)> {
    let characters: Vec<char> = line.chars().collect();
    let slice = |from: usize, to: usize| -> String {
        characters
            .iter()
            .take(to.min(characters.len()))
            .skip(from)
            .collect()
    };
    let mut fields = Vec::with_capacity(columns.len());
    for (index, (name, start, end)) in columns.iter().enumerate() {
        let next = columns.get(index + 1).map_or(usize::MAX, |(_, next, _)| *next);
        // Numbers end where their column ends and may begin before it; words begin where it begins.
        let mut from = *start;
        while is_code_name(name) && from > 0 && characters.get(from - 1).is_some_and(char::is_ascii_digit) {
            from -= 1;
        }
        let to = if is_code_name(name) {
            (*end).max(*start)
        } else {
            next
        };
        fields.push((name.clone(), slice(from, to).trim().to_owned()));
    }
    fields
}

/// Blocks of `Name : value`, the colons of a block below each other; a value goes on in lines that are indented to it.
fn properties(text: &str) -> Vec<Record> {
    let mut list: Vec<Record> = Vec::new();
    let mut block: Option<(usize, Record)> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        match (property(bare), &mut block) {
            (Some((colon, name, value)), Some((column, record)))
                if *column == colon && !has(record, &name) =>
            {
                record.fields.push((name, value));
            }
            (Some((colon, name, value)), _) => {
                close(&mut list, block.take());
                let fields = vec![(name, value)];
                block = Some((colon, Record { offset, fields }));
            }
            (None, Some((column, record))) if continues(bare, *column) => {
                if let Some((_, value)) = record.fields.last_mut() {
                    value.push(' ');
                    value.push_str(bare.trim());
                }
            }
            (None, _) => close(&mut list, block.take()),
        }
        offset += line.len();
    }
    close(&mut list, block);
    list
}

fn has(record: &Record, name: &str) -> bool {
    record.fields.iter().any(|(known, _)| known == name)
}

fn continues(line: &str, column: usize) -> bool {
    let blanks = line.chars().take_while(|character| *character == ' ').count();
    blanks >= column && !line.trim().is_empty()
}

fn close(list: &mut Vec<Record>, block: Option<(usize, Record)>) {
    if let Some((_, record)) = block.filter(|(_, record)| record.fields.len() >= 2)
        && list.len() < MOST
    {
        list.push(record);
    }
}

/// `ErrorCode            : 50076`: the place of the colon in characters, the name, the value.
fn property(line: &str) -> Option<(usize, String, String)> {
    let at = line.find(" :")?;
    let name = line[..at].trim();
    let value = line[at + 2..].strip_prefix(' ').unwrap_or(&line[at + 2..]);
    let is_name = !name.is_empty()
        && name.len() < 60
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || "._()@- ".contains(character));
    let starts_value = line[at + 2..].is_empty() || line[at + 2..].starts_with(' ');
    (is_name && starts_value).then(|| {
        (
            line[..at].chars().count() + 1,
            name.to_owned(),
            value.trim().to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::records;

    fn codes(text: &str) -> Vec<String> {
        let list = records(text).map(|records| records.list).unwrap_or_default();
        list.iter()
            .filter_map(|record| record.fields.iter().find(|(name, _)| name.ends_with("rrorCode")))
            .map(|(_, value)| value.clone())
            .collect()
    }

    #[test]
    fn lists_and_tables_of_powershell_are_read() {
        let list = "PS> x | fl\n\nErrorCode     : 50076\nFailureReason : a long\n                reason\nOther         :\n\nErrorCode     : 53003\nFailureReason : b\n";
        assert_eq!(codes(list), ["50076", "53003"]);
        let table = "CreatedDateTime      User ErrorCode\n---------------      ---- ---------\n28/11/2026 08:00:00  a        50126\n28/11/2026 07:00:00  b            0\n\nPS>";
        assert_eq!(codes(table), ["50126", "0"]);
        let single = "PS> x | Format-List ErrorCode, FailureReason\nErrorCode     : 50057\nFailureReason : c";
        assert_eq!(codes(single), ["50057"]);
    }

    #[test]
    fn the_details_of_a_sign_in_page_are_no_export() {
        let page = "Error Code: 53003\nRequest Id: x\nCorrelation Id: y\nTimestamp: 2026-01-01T00:00:00Z";
        assert_eq!(records(page), None);
    }
}
