//! Time zones as Dataverse counts them: from what a person writes to `timezonecode`, and back to a name.
//!
//! Both tables are data under `rules/data/`. `timezones.csv` has the codes with their Windows name and default IANA name
//! (<https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-time-zones>). `timezone-names.csv` has every IANA name of each Windows zone, from the Unicode CLDR's
//! `windowsZones` and the links of the tz database (Unicode License v3).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::embedded;
use crate::facts::expectations::ExpectedTimeZone;

const CODES: &str = "rules/data/timezones.csv";
const NAMES: &str = "rules/data/timezone-names.csv";

/// Names that Dataverse and older lists use for a Windows zone. Source: <https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-time-zones>.
const ALIASES: [(&str, &str); 2] = [
    ("Jerusalem Standard Time", "Israel Standard Time"),
    ("West Bank Gaza Standard Time", "West Bank Standard Time"),
];

/// Codes that are two entries of one zone, so that either answers the expectation. The retired codes 251, 256 and 266
/// are not among them: they had daylight rules of their own. Source: <https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-time-zones>.
const TWINS: [[i64; 2]; 2] = [[12, 13], [29, 30]];

/// Abbreviations that people use for more than one zone, with the Windows zones that they may mean.
const ABBREVIATIONS: [(&str, &[&str]); 16] = [
    ("GMT", &["UTC", "GMT Standard Time", "Greenwich Standard Time"]),
    ("BST", &["GMT Standard Time", "Bangladesh Standard Time"]),
    ("WET", &["GMT Standard Time", "Greenwich Standard Time"]),
    ("CET", CENTRAL_EUROPE),
    ("CEST", CENTRAL_EUROPE),
    ("MET", CENTRAL_EUROPE),
    ("EET", EASTERN_EUROPE),
    ("EEST", EASTERN_EUROPE),
    ("EST", &["Eastern Standard Time", "SA Pacific Standard Time"]),
    ("EDT", &["Eastern Standard Time"]),
    ("CST", &["Central Standard Time", "China Standard Time"]),
    ("CDT", &["Central Standard Time"]),
    ("MST", &["Mountain Standard Time", "US Mountain Standard Time"]),
    ("PST", &["Pacific Standard Time"]),
    (
        "IST",
        &["India Standard Time", "Israel Standard Time", "GMT Standard Time"],
    ),
    ("AST", &["Atlantic Standard Time", "Arab Standard Time"]),
];

const CENTRAL_EUROPE: &[&str] = &[
    "W. Europe Standard Time",
    "Romance Standard Time",
    "Central Europe Standard Time",
    "Central European Standard Time",
];

const EASTERN_EUROPE: &[&str] = &[
    "FLE Standard Time",
    "GTB Standard Time",
    "E. Europe Standard Time",
];

/// Why a text names no time zone of Dataverse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeZoneError {
    /// Nothing was written.
    #[error("the time zone is empty; write an IANA name (Europe/Berlin), a Windows name or a Dataverse code")]
    Empty,
    /// A number that is no code of ours.
    #[error("{0} is no time zone code of Dataverse{near}", near = suggestion(.1))]
    UnknownCode(i64, Vec<String>),
    /// A name that is in no table.
    #[error("no time zone is called `{0}`{near}", near = suggestion(.1))]
    Unknown(String, Vec<String>),
    /// Several zones answer to it: an abbreviation, or a bare offset.
    #[error("`{0}` stands for several time zones{near}", near = suggestion(.1))]
    Ambiguous(String, Vec<String>),
    /// Windows knows the zone, but its Dataverse code is not known here.
    #[error(
        "the Dataverse code of `{0}` ({1}) is not known here; give the code itself, from the list on Options > General"
    )]
    NoCode(String, String),
}

impl TimeZoneError {
    /// Names that may have been meant, the likeliest first.
    pub fn suggestions(&self) -> &[String] {
        match self {
            Self::UnknownCode(_, names) | Self::Unknown(_, names) | Self::Ambiguous(_, names) => names,
            Self::Empty | Self::NoCode(..) => &[],
        }
    }
}

fn suggestion(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("; did you mean `{name}`?"),
        names => format!("; did you mean one of `{}`?", names.join("`, `")),
    }
}

/// The zone that `--time-zone` names: a Dataverse code, a Windows name or an IANA name, in any case.
///
/// # Errors
///
/// [`TimeZoneError`] when the text names no zone, or more than one.
pub fn expected_time_zone(text: &str) -> Result<ExpectedTimeZone, TimeZoneError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TimeZoneError::Empty);
    }
    let zones = &*ZONES;
    let codes = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        zones.codes_of_number(text)?
    } else {
        zones.codes_of_name(text)?
    };
    Ok(ExpectedTimeZone {
        name: text.to_owned(),
        codes,
    })
}

/// The Windows name of a code, or `None` when the code is not in the table.
pub(crate) fn windows_name(code: i64) -> Option<&'static str> {
    ZONES
        .by_code
        .iter()
        .find(|zone| zone.code == code)
        .map(|zone| zone.windows)
}

/// One row of `timezones.csv`.
struct Zone {
    code: i64,
    windows: &'static str,
    iana: &'static str,
    offset_minutes: i64,
    /// Old or twin entries carry a note; names never lead to them.
    retired: bool,
}

struct Zones {
    by_code: Vec<Zone>,
    /// Windows name of each IANA name, both spelt as in the tables; the key is in lower case.
    windows_of_iana: LazyLock<HashMap<String, (&'static str, &'static str)>>,
}

static ZONES: LazyLock<Zones> = LazyLock::new(|| Zones {
    by_code: embedded::text(CODES).lines().skip(1).filter_map(zone).collect(),
    windows_of_iana: LazyLock::new(|| {
        let rows = embedded::text(NAMES).lines().skip(1);
        rows.filter_map(|line| line.split_once(','))
            .flat_map(|(windows, names)| {
                names
                    .split(' ')
                    .map(move |iana| (iana.to_ascii_lowercase(), (iana, windows)))
            })
            .collect()
    }),
});

/// `timezonecode,windows_standard_name,iana_id,base_utc_offset_minutes,tzdata_std_offset_minutes,source,note`
fn zone(line: &'static str) -> Option<Zone> {
    let mut cells = line.splitn(7, ',');
    let (code, windows, iana) = (cells.next()?.parse().ok()?, cells.next()?, cells.next()?);
    let offset_minutes = cells.nth(1)?.parse().ok()?;
    let note = cells.nth(1)?;
    Some(Zone {
        code,
        windows,
        iana,
        offset_minutes,
        retired: note.starts_with("legacy") || note.starts_with("retired") || note.starts_with("obsolete"),
    })
}

impl Zones {
    fn codes_of_number(&self, text: &str) -> Result<Vec<i64>, TimeZoneError> {
        let code = text.parse().unwrap_or(i64::MAX);
        if self.by_code.iter().any(|zone| zone.code == code) {
            return Ok(with_twin(code));
        }
        let mut near: Vec<&Zone> = self.by_code.iter().filter(|zone| !zone.retired).collect();
        near.sort_by_key(|zone| zone.code.abs_diff(code));
        let names = near.iter().take(3).map(|zone| zone.in_words()).collect();
        Err(TimeZoneError::UnknownCode(code, names))
    }

    fn codes_of_name(&self, text: &str) -> Result<Vec<i64>, TimeZoneError> {
        if let Some((_, meanings)) = ABBREVIATIONS
            .iter()
            .find(|(short, _)| short.eq_ignore_ascii_case(text))
        {
            let names = meanings.iter().map(|name| (*name).to_owned()).collect();
            return Err(TimeZoneError::Ambiguous(text.to_owned(), names));
        }
        let alias = ALIASES
            .iter()
            .find(|(alias, _)| alias.eq_ignore_ascii_case(text))
            .map(|(_, windows)| *windows);
        let by_iana = self.windows_of_iana.get(&text.to_ascii_lowercase());
        let windows = alias.or(by_iana.map(|(_, windows)| *windows)).unwrap_or(text);
        let mut matching: Vec<&Zone> = self
            .by_code
            .iter()
            .filter(|zone| zone.windows.eq_ignore_ascii_case(windows))
            .collect();
        // The one that is offered today comes first; a zone whose only row is an old one still has a code.
        matching.sort_by_key(|zone| zone.retired);
        if let Some(zone) = matching.first() {
            return Ok(with_twin(zone.code));
        }
        if let Some((iana, windows)) = by_iana {
            return Err(TimeZoneError::NoCode((*iana).to_owned(), (*windows).to_owned()));
        }
        if embedded::text(NAMES).lines().skip(1).any(|line| {
            line.split(',')
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(text))
        }) {
            return Err(TimeZoneError::NoCode(text.to_owned(), "Windows zone".to_owned()));
        }
        if let Some(minutes) = bare_offset(text) {
            let zones = self.by_code.iter().filter(|zone| !zone.retired);
            let same = zones.filter(|zone| zone.offset_minutes == minutes);
            let names = same.take(6).map(|zone| zone.windows.to_owned()).collect();
            return Err(TimeZoneError::Ambiguous(text.to_owned(), names));
        }
        Err(TimeZoneError::Unknown(text.to_owned(), self.similar(text)))
    }

    /// Up to three names that look like the text: those whose city it is first, then by spelling.
    fn similar(&self, text: &str) -> Vec<String> {
        let wanted = text.to_ascii_lowercase().replace(' ', "_");
        let iana = self.windows_of_iana.values().map(|(iana, _)| *iana);
        let windows = self
            .by_code
            .iter()
            .filter(|zone| !zone.retired)
            .map(|zone| zone.windows);
        let mut scored: Vec<(f64, &str)> = iana
            .chain(windows)
            .map(|name| (likeness(&wanted, name), name))
            .filter(|(score, _)| *score >= 0.85)
            .collect();
        scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
        scored.dedup_by(|left, right| left.1 == right.1);
        scored
            .into_iter()
            .take(3)
            .map(|(_, name)| name.to_owned())
            .collect()
    }
}

impl Zone {
    fn in_words(&self) -> String {
        format!("{} ({}, {})", self.code, self.windows, self.iana)
    }
}

fn likeness(wanted: &str, name: &str) -> f64 {
    let name = name.to_ascii_lowercase().replace(' ', "_");
    let city = name.rsplit('/').next().unwrap_or(&name);
    if city == wanted {
        return 2.0;
    }
    strsim::jaro_winkler(wanted, &name).max(strsim::jaro_winkler(wanted, city))
}

fn with_twin(code: i64) -> Vec<i64> {
    let twin = TWINS
        .iter()
        .find(|pair| pair.contains(&code))
        .and_then(|pair| pair.iter().find(|other| **other != code));
    std::iter::once(code).chain(twin.copied()).collect()
}

/// Minutes east of UTC of a text that is nothing but an offset: `+01:00`, `UTC+1`, `GMT-0530`.
fn bare_offset(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let rest = upper
        .strip_prefix("UTC")
        .or_else(|| upper.strip_prefix("GMT"))
        .unwrap_or(&upper)
        .trim();
    let (sign, digits) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (_, Some(digits)) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 && digits.is_ascii() => digits.split_at(digits.len() - 2),
        None => (digits, "0"),
    };
    let number = |text: &str| text.parse::<u8>().ok().map(i64::from);
    Some(sign * (number(hours)? * 60 + number(minutes)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{TimeZoneError, ZONES, expected_time_zone, windows_name};

    fn codes(text: &str) -> Vec<i64> {
        expected_time_zone(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .codes
    }

    #[test]
    fn codes_windows_names_and_iana_names_mean_the_same_zone() {
        for text in [
            "110",
            " W. Europe Standard Time ",
            "w. europe standard time",
            "Europe/Berlin",
            "EUROPE/BERLIN",
            "Europe/Vienna",
            "Europe/Amsterdam",
            "Europe/Zurich",
        ] {
            assert_eq!(codes(text), [110], "{text}");
        }
    }

    #[test]
    fn every_code_of_the_table_is_found_by_number_and_every_current_one_by_name() {
        assert_eq!(ZONES.by_code.len(), 138);
        for zone in &ZONES.by_code {
            assert_eq!(codes(&zone.code.to_string())[0], zone.code);
            assert_eq!(windows_name(zone.code), Some(zone.windows));
            if !zone.retired {
                assert_eq!(codes(zone.windows)[0], zone.code, "{}", zone.windows);
                assert_eq!(codes(zone.iana)[0], zone.code, "{}", zone.iana);
            }
        }
    }

    #[test]
    fn links_and_other_cities_lead_to_the_zone_that_windows_gives_them() {
        for (text, code) in [
            ("Asia/Calcutta", 190),
            ("Asia/Kolkata", 190),
            ("US/Eastern", 35),
            ("America/Detroit", 35),
            ("America/Toronto", 35),
            ("Europe/Kiev", 125),
            ("Europe/Kyiv", 125),
            ("Europe/Brussels", 105),
            ("Europe/Dublin", 85),
            ("America/Vancouver", 4),
            ("UTC", 92),
            ("Etc/GMT", 92),
            ("Jerusalem Standard Time", 135),
            ("west bank gaza standard time", 142),
        ] {
            assert_eq!(codes(text)[0], code, "{text}");
        }
    }

    #[test]
    fn twin_codes_both_count() {
        assert_eq!(codes("America/Mazatlan"), [12, 13]);
        assert_eq!(codes("13"), [13, 12]);
        assert_eq!(codes("30"), [30, 29]);
        assert_eq!(codes("Australia/Sydney"), [255]);
    }

    #[test]
    fn a_name_of_several_zones_is_refused_with_its_meanings() {
        for text in ["GMT", "cet", "EST", "+01:00", "UTC+1", "GMT-5"] {
            let error = expected_time_zone(text).unwrap_err();
            assert!(matches!(error, TimeZoneError::Ambiguous(..)), "{text}: {error}");
            assert!(!error.suggestions().is_empty(), "{text}");
        }
        let berlin = "W. Europe Standard Time".to_owned();
        assert!(
            expected_time_zone("+01:00")
                .unwrap_err()
                .suggestions()
                .contains(&berlin)
        );
    }

    #[test]
    fn an_unknown_name_is_refused_with_a_suggestion() {
        let city = expected_time_zone("Berlin").unwrap_err();
        assert_eq!(city.suggestions()[0], "Europe/Berlin");
        let typo = expected_time_zone("Europe/Belrin").unwrap_err();
        assert_eq!(typo.suggestions()[0], "Europe/Berlin");
        let windows = expected_time_zone("W. Europe Standart Time").unwrap_err();
        assert_eq!(windows.suggestions()[0], "W. Europe Standard Time");
        assert!(expected_time_zone("zzzzzz").unwrap_err().suggestions().is_empty());
    }

    #[test]
    fn codes_that_are_not_in_the_table_are_refused() {
        for text in ["111", "99999999999999999999999"] {
            let error = expected_time_zone(text).unwrap_err();
            assert!(matches!(error, TimeZoneError::UnknownCode(..)), "{text}");
            assert_eq!(error.suggestions().len(), 3);
        }
        assert_eq!(expected_time_zone("  "), Err(TimeZoneError::Empty));
    }

    #[test]
    fn a_zone_without_a_known_code_says_so() {
        for text in ["Africa/Tripoli", "libya standard time"] {
            let error = expected_time_zone(text).unwrap_err();
            assert!(matches!(error, TimeZoneError::NoCode(..)), "{text}: {error}");
        }
    }

    #[test]
    fn every_windows_name_of_the_code_table_has_iana_names() {
        for zone in ZONES.by_code.iter().filter(|zone| !zone.retired) {
            let known = ZONES
                .windows_of_iana
                .values()
                .any(|(_, windows)| *windows == zone.windows);
            assert!(known, "{}", zone.windows);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gets_an_answer(text in ".{0,40}|[+-]?[0-9:]{0,8}|(UTC|GMT)[+-][0-9:]{0,6}") {
            match expected_time_zone(&text) {
                Ok(zone) => proptest::prop_assert!(!zone.codes.is_empty()),
                Err(error) => proptest::prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
