//! Records in JSON: lists of Microsoft Graph and others, one object a line, and the tables of Log Analytics.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::record::{MOST, Record, Records};

/// How deep an object is taken apart; what lies deeper is one value.
const DEEPEST: usize = 6;

/// The records of a text that starts as JSON does at `start`.
pub(super) fn records(text: &str, start: usize) -> Option<Records> {
    let body = text.get(start..)?.trim_end();
    let list = match serde_json::from_str::<&RawValue>(body) {
        Ok(whole) => of_document(text, whole)?,
        Err(_) => of_lines(text, start)?,
    };
    (!list.is_empty()).then_some(Records {
        list,
        semicolons: false,
    })
}

fn of_document(text: &str, whole: &RawValue) -> Option<Vec<Record>> {
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(whole.get()) {
        return Some(objects(text, &items));
    }
    let fields: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(whole.get()).ok()?;
    if let Some(tables) = fields.get("tables").or_else(|| fields.get("Tables")) {
        return Some(of_tables(text, tables));
    }
    let listed = ["value", "Value", "records", "Records", "results", "items", "data"]
        .iter()
        .filter_map(|name| fields.get(*name))
        .find_map(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
    match listed {
        Some(items) => Some(objects(text, &items)),
        // One record alone: a sign-in that was opened, not an error's own body.
        None => fields
            .keys()
            .any(|name| matches!(name.as_str(), "status" | "Status") && fields.len() > 4)
            .then(|| objects(text, &[whole])),
    }
}

fn of_lines(text: &str, start: usize) -> Option<Vec<Record>> {
    let mut list = Vec::new();
    let (mut read, mut other) = (0_usize, 0_usize);
    let mut offset = start;
    for line in text[start..].split_inclusive('\n') {
        let bare = line.trim().trim_end_matches(',');
        if let Ok(Value::Object(fields)) = serde_json::from_str(bare) {
            read += 1;
            list.push(record(offset, &fields));
        } else if !bare.is_empty() {
            other += 1;
        }
        offset += line.len();
        if list.len() == MOST {
            break;
        }
    }
    (read >= 2 && other <= read).then_some(list)
}

fn objects(text: &str, items: &[&RawValue]) -> Vec<Record> {
    let objects = items.iter().take(MOST).filter_map(|item| {
        let fields: Map<String, Value> = serde_json::from_str(item.get()).ok()?;
        Some(record(place(text, item.get()), &fields))
    });
    objects.collect()
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize)
        .saturating_sub(text.as_ptr() as usize)
        .min(text.len())
}

/// `{"tables":[{"columns":[{"name":…}],"rows":[[…]]}]}`
fn of_tables(text: &str, tables: &RawValue) -> Vec<Record> {
    #[derive(serde::Deserialize)]
    struct Rows<'a> {
        #[serde(alias = "Columns")]
        columns: Vec<Map<String, Value>>,
        #[serde(borrow, alias = "Rows")]
        rows: Vec<&'a RawValue>,
    }
    let tables: Vec<Rows<'_>> = serde_json::from_str(tables.get()).unwrap_or_default();
    let mut list = Vec::new();
    for table in &tables {
        let names: Vec<&str> = table
            .columns
            .iter()
            .map(|column| {
                let name = ["name", "ColumnName", "columnName"]
                    .iter()
                    .find_map(|key| column.get(*key));
                name.and_then(Value::as_str).unwrap_or_default()
            })
            .collect();
        for row in table.rows.iter().take(MOST) {
            let Ok(cells) = serde_json::from_str::<Vec<Value>>(row.get()) else {
                continue;
            };
            let mut fields = Vec::with_capacity(names.len());
            for (name, cell) in names.iter().zip(cells) {
                flatten(name, cell, 0, &mut fields);
            }
            list.push(Record {
                offset: place(text, row.get()),
                fields,
            });
        }
    }
    list
}

fn record(offset: usize, object: &Map<String, Value>) -> Record {
    let mut fields = Vec::with_capacity(object.len());
    for (name, value) in object {
        flatten(name, value.clone(), 0, &mut fields);
    }
    Record { offset, fields }
}

fn flatten(name: &str, value: Value, depth: usize, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) if depth < DEEPEST => {
            for (inner, value) in object {
                flatten(&format!("{name}.{inner}"), value, depth + 1, fields);
            }
        }
        Value::String(text) => fields.push((name.to_owned(), text)),
        Value::Null => fields.push((name.to_owned(), String::new())),
        other => fields.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::records;

    fn read(text: &str) -> Vec<(usize, Vec<(String, String)>)> {
        let list = records(text, 0).map(|records| records.list).unwrap_or_default();
        list.into_iter()
            .map(|record| (record.offset, record.fields))
            .collect()
    }

    #[test]
    fn lists_lines_and_tables_give_records_with_their_places() {
        let list = r#"{"value": [{"a":{"b":1}}, {"a":{"b":2}}]}"#;
        let read_list = read(list);
        assert_eq!(read_list[0], (11, vec![("a.b".to_owned(), "1".to_owned())]));
        assert_eq!(read_list[1].0, list.rfind("{\"a\"").unwrap_or_default());
        assert_eq!(read("{\"a\":1}\n{\"a\":2}\n").len(), 2);
        let tables = r#"{"tables":[{"columns":[{"name":"x"},{"name":"y"}],"rows":[["1",null],["2","z"]]}]}"#;
        assert_eq!(
            read(tables)[1].1,
            [("x".to_owned(), "2".to_owned()), ("y".to_owned(), "z".to_owned())]
        );
    }

    #[test]
    fn an_errors_own_body_is_no_export() {
        for text in [
            r#"{"error":"invalid_grant","error_codes":[50076]}"#,
            r#"{"error":{"code":"0x80040220"}}"#,
            "{",
        ] {
            assert!(read(text).is_empty(), "{text}");
        }
    }
}
