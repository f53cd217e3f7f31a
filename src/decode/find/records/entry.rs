//! What the fields of a record mean: when, who, with which code, and whether it failed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::record::{Record, Records, plain_name};
use crate::decode::explain::embedded::table;
use crate::decode::explain::tables::TABLES;
use crate::decode::find::moment::{Culture, Moment};
use crate::text::is_guid;

/// What a record says about its outcome without any text being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Refused with this Entra code.
    Code(String),
    /// A request that a service answered with this status.
    Status(u16),
    /// It worked.
    Succeeded,
    /// Its text has to be read.
    Told,
}

/// One event of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where its record starts in the text.
    pub(crate) offset: usize,
    /// When it happened.
    pub(crate) time: Option<Moment>,
    /// How many events the record stands for.
    pub(crate) count: u64,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// Its identifiers, by the names of the answer.
    pub(crate) ids: BTreeMap<String, String>,
    /// What the event was about, for telemetry: a success of one request says nothing about another.
    pub(crate) about: String,
    /// The policies that refused.
    pub(crate) policies: Vec<String>,
    /// Everything that it says, one field a line.
    pub(crate) text: String,
}

/// The names of fields by what they hold, each kind in its order, the most exact first: `tables/columns.csv`. A `code part` is a
/// part of a heading that has a code in another language than English.
struct Names {
    codes: Vec<&'static str>,
    code_parts: Vec<&'static str>,
    times: Vec<&'static str>,
    ids: Vec<(&'static str, Vec<&'static str>)>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names {
        codes: Vec::new(),
        code_parts: Vec::new(),
        times: Vec::new(),
        ids: Vec::new(),
    };
    let rows = table("columns.csv").lines().skip(1);
    for (what, name) in rows.filter_map(|row| row.split_once(',')) {
        match (what, names.ids.last_mut()) {
            ("code", _) => names.codes.push(name),
            ("code part", _) => names.code_parts.push(name),
            ("time", _) => names.times.push(name),
            (_, Some((id, known))) if *id == what => known.push(name),
            _ => names.ids.push((what, vec![name])),
        }
    }
    names
});

fn is_translated_code(name: &str) -> bool {
    NAMES.code_parts.iter().any(|code| name.contains(code))
}

/// True for the name of a column that makes a heading one of an export: a time, a code or an outcome.
pub(super) fn is_key_name(name: &str) -> bool {
    let name = plain_name(name);
    NAMES.codes.contains(&name.as_str())
        || is_translated_code(&name)
        || NAMES.times.contains(&name.as_str())
        || matches!(name.as_str(), "success" | "exceptiondetails" | "failurereason")
        || name.contains("datetime")
}

/// True when a record says when something happened, or with which code.
pub(super) fn is_telling(record: &Record) -> bool {
    let fields = Fields::of(record);
    fields.code_field().is_some()
        || NAMES.times.iter().any(|name| {
            fields.value(name).is_some_and(|value| {
                time_in(value, Culture::MonthFirst).is_some() || time_in(value, Culture::DayFirst).is_some()
            })
        })
}

/// The events of an export, or of a part of it. Days and months are told apart once for the whole of it: what a part tells holds for
/// the parts after it, too.
pub(crate) fn entries(records: &Records, known: &mut Option<Culture>) -> Vec<Entry> {
    let read: Vec<Fields<'_>> = records.list.iter().map(Fields::of).collect();
    let column = time_column(&read);
    let times = read
        .iter()
        .filter_map(|fields| column.as_deref().and_then(|name| fields.value(name)));
    let likely = known.unwrap_or(if records.semicolons {
        Culture::DayFirst
    } else {
        Culture::MonthFirst
    });
    let culture = Culture::of(times, likely);
    *known = Some(culture);
    let code_column = hidden_code_column(&read);
    read.iter()
        .zip(&records.list)
        .map(|(fields, record)| fields.entry(record, culture, code_column.as_deref()))
        .collect()
}

/// The time in a field that is called one.
fn time_in(value: &str, culture: Culture) -> Option<Moment> {
    Moment::read(value, culture).or_else(|| Moment::of_epoch(value))
}

/// The field that most records have as their time.
fn time_column(read: &[Fields<'_>]) -> Option<String> {
    NAMES
        .times
        .iter()
        .find(|name| {
            read.iter()
                .any(|fields| fields.value(name).is_some_and(|value| !value.is_empty()))
        })
        .map(|name| (*name).to_owned())
}

/// A column of codes whose heading is in a language that no list has: each value is zero, empty or a published code.
fn hidden_code_column(read: &[Fields<'_>]) -> Option<String> {
    let first = read.first()?;
    if read.iter().any(|fields| fields.code_field().is_some()) || first.by_name.len() < 8 {
        return None;
    }
    let is_column = |name: &str| {
        let mut codes = 0;
        let only = read.iter().all(|fields| match fields.value(name) {
            None | Some("" | "0") => true,
            Some(value) => {
                codes += 1;
                TABLES
                    .known(&format!("AADSTS{value}"))
                    .is_some_and(|known| known.documented)
            }
        });
        only && codes > 0
    };
    first.by_name.keys().find(|name| is_column(name)).cloned()
}

/// The fields of a record by their names without case and marks.
struct Fields<'a> {
    by_name: BTreeMap<String, &'a str>,
    record: &'a Record,
}

impl<'a> Fields<'a> {
    fn of(record: &'a Record) -> Self {
        let mut by_name = BTreeMap::new();
        for (name, value) in &record.fields {
            let last = name.rsplit('.').next().unwrap_or(name);
            // `(Do Not Modify)` and a unit in brackets are no part of the name, but `[UTC]` says whose time it is.
            let bare = last
                .split('(')
                .next()
                .filter(|bare| !bare.trim().is_empty())
                .unwrap_or(last);
            let names = [
                plain_name(name),
                plain_name(last),
                plain_name(bare.split('[').next().unwrap_or(bare)),
            ];
            for name in names {
                let known = by_name.entry(name).or_insert(value.as_str());
                // A heading may stand twice, once without values.
                if known.is_empty() {
                    *known = value;
                }
            }
        }
        Self { by_name, record }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.by_name.get(name).map(|value| value.trim())
    }

    fn first(&self, names: &[&str]) -> Option<&'a str> {
        names
            .iter()
            .find_map(|name| self.value(name).filter(|value| !value.is_empty()))
    }

    /// The number in a field that holds Entra codes; zero for success.
    fn code_field(&self) -> Option<u32> {
        let number = |value: &str| {
            let digits = value.trim();
            let is_code = digits == "0" || (5..=8).contains(&digits.len());
            (is_code && digits.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| digits.parse().ok())
                .flatten()
        };
        NAMES
            .codes
            .iter()
            .filter(|name| **name != "resultcode")
            .find_map(|name| self.value(name).and_then(number))
            .or_else(|| {
                let mut translated = self.by_name.iter().filter(|(name, _)| is_translated_code(name));
                translated.find_map(|(_, value)| number(value))
            })
            .or_else(|| {
                // Log Analytics keeps the status as JSON in a cell.
                let status: Value = serde_json::from_str(self.value("status")?).ok()?;
                status
                    .get("errorCode")?
                    .as_u64()
                    .and_then(|code| u32::try_from(code).ok())
            })
    }

    fn entry(&self, record: &Record, culture: Culture, code_column: Option<&str>) -> Entry {
        let count = self
            .first(&["count", "itemcount", "signincount"])
            .and_then(|count| count.parse().ok());
        Entry {
            offset: record.offset,
            time: self.time(culture),
            count: count.filter(|count| *count > 0).unwrap_or(1),
            outcome: self.outcome(code_column),
            ids: self.ids(),
            about: self.about(),
            policies: self.policies(),
            text: self.text(),
        }
    }

    fn time(&self, culture: Culture) -> Option<Moment> {
        let (name, moment) = NAMES
            .times
            .iter()
            .find_map(|name| Some((*name, time_in(self.value(name)?, culture)?)))
            .or_else(|| {
                // Headings in other languages: the first field that is a time.
                let first = self
                    .record
                    .fields
                    .iter()
                    .find_map(|(_, value)| Moment::read(value, culture));
                first.map(|moment| ("", moment))
            })?;
        let is_utc = self.record.fields.iter().any(|(heading, _)| {
            let heading = heading.to_ascii_lowercase();
            heading.contains("utc")
                && (name.is_empty() || plain_name(&heading).starts_with(name.trim_end_matches("utc")))
        });
        Some(if is_utc { moment.of_utc() } else { moment })
    }

    fn outcome(&self, code_column: Option<&str>) -> Outcome {
        let code = self
            .code_field()
            .or_else(|| self.value(code_column?)?.parse().ok());
        match code {
            Some(0) => return Outcome::Succeeded,
            Some(number) => {
                let code = format!("AADSTS{number}");
                if TABLES.known(&code).is_some() || self.is_sign_in() {
                    return Outcome::Code(code);
                }
            }
            None => {}
        }
        let says = |names: &[&str], words: &[&str]| {
            names
                .iter()
                .filter_map(|name| self.value(name))
                .any(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word)))
        };
        let success = says(&["success"], &["true", "1"])
            || says(
                &[
                    "status",
                    "result",
                    "resulttype",
                    "statusreason",
                    "propertiesstatus",
                ],
                &[
                    "success",
                    "succeeded",
                    "erfolg",
                    "erfolgreich",
                    "réussite",
                    "opération réussie",
                    "correcto",
                    "éxito",
                    "geslaagd",
                    "sucesso",
                    "riuscito",
                    "成功",
                ],
            );
        if success {
            return Outcome::Succeeded;
        }
        let failed = says(&["success"], &["false", "0"]);
        let status = self
            .first(&["resultcode", "httpstatuscode", "statuscode", "httpstatus"])
            .and_then(|status| status.parse::<u16>().ok());
        match status {
            Some(status) if failed && matches!(status, 401 | 403 | 407 | 429 | 503) => {
                Outcome::Status(status)
            }
            _ => Outcome::Told,
        }
    }

    /// True for a record of a sign-in log: it has a user or an application beside its code.
    fn is_sign_in(&self) -> bool {
        let has = |names: &[&str]| names.iter().any(|name| self.by_name.contains_key(*name));
        has(&[
            "userprincipalname",
            "username",
            "appdisplayname",
            "application",
            "serviceprincipalid",
        ]) || (has(&["failurereason", "resultdescription"]) && has(&["additionaldetails", "correlationid"]))
    }

    /// True for telemetry, whose `appId` is the telemetry's own.
    fn is_telemetry(&self) -> bool {
        [
            "itemtype",
            "cloudrolename",
            "sdkversion",
            "operationid",
            "problemid",
        ]
        .iter()
        .any(|name| self.by_name.contains_key(*name))
    }

    fn ids(&self) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for (name, fields) in &NAMES.ids {
            let value = fields.iter().find_map(|field| {
                let value = self.value(field)?;
                if *name == "user" {
                    return value.contains('@').then(|| value.to_owned());
                }
                is_guid(value).then(|| value.to_ascii_lowercase())
            });
            if let Some(value) = value.filter(|_| *name != "app_id" || !self.is_telemetry()) {
                ids.insert((*name).to_owned(), value);
            }
        }
        // In the sign-ins of Graph the request's id is the record's own.
        if let Some(id) = self.value("id").filter(|id| is_guid(id) && self.is_sign_in()) {
            ids.entry("request_id".to_owned())
                .or_insert_with(|| id.to_ascii_lowercase());
        }
        ids
    }

    fn about(&self) -> String {
        if !self.is_telemetry() && !self.by_name.contains_key("target") {
            return String::new();
        }
        let parts =
            ["target", "name", "url", "operationname"].map(|name| self.value(name).unwrap_or_default());
        parts.join(" ")
    }

    fn policies(&self) -> Vec<String> {
        let lists = [
            "appliedconditionalaccesspolicies",
            "conditionalaccesspolicies",
            "conditionalaccesspoliciesdynamic",
        ];
        let Some(list) = self
            .first(&lists)
            .and_then(|list| serde_json::from_str::<Vec<Value>>(list).ok())
        else {
            return Vec::new();
        };
        let refused = |policy: &&Value| {
            let result = policy.get("result").or_else(|| policy.get("Result"));
            result
                .and_then(Value::as_str)
                .is_some_and(|result| result.eq_ignore_ascii_case("failure"))
                || result.and_then(Value::as_u64) == Some(1)
        };
        list.iter()
            .filter(refused)
            .filter_map(|policy| policy.get("id").or_else(|| policy.get("Id"))?.as_str())
            .map(str::to_ascii_lowercase)
            .collect()
    }

    fn text(&self) -> String {
        const NOT_TOLD: [&str; 6] = [
            "appid",
            "applicationid",
            "appname",
            "ikey",
            "itemid",
            "operationid",
        ];
        let is_telemetry = self.is_telemetry();
        let mut text = String::new();
        for (name, value) in &self.record.fields {
            let plain = plain_name(name.rsplit('.').next().unwrap_or(name));
            let skipped = value.is_empty()
                || plain.ends_with("policies")
                || (is_telemetry && NOT_TOLD.contains(&plain.as_str()));
            if !skipped {
                text.push_str(name.trim());
                text.push_str(": ");
                text.push_str(value);
                text.push('\n');
            }
        }
        text
    }
}
