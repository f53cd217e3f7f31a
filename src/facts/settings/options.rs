//! Facts of the area settings: the account's personal options (time zone, format, language) and the languages that
//! are switched on.

use crate::snapshot::Field;
use crate::snapshot::dataverse::UserSettings;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::expectations::ExpectedTimeZone;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Reason, Unknown, any, read};
use crate::facts::settings::time_zone::windows_name;
use crate::facts::value::Kind;

/// English (United States), as LCID. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/usersettings>.
const ENGLISH_US: i64 = 1033;

const USER_SETTINGS: &str = "dataverse.user_settings";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "settings.time_zone_code",
        Kind::Int,
        &[USER_SETTINGS],
        "Time zone of the account's personal options, as Dataverse's timezonecode.",
        |context| Ok(time_zone_code(settings(context)?)?.into()),
    ),
    fact(
        "settings.time_zone",
        Kind::Text,
        &[USER_SETTINGS],
        "The same in words: Windows name and code.",
        |context| Ok(zone_in_words(time_zone_code(settings(context)?)?).into()),
    ),
    fact(
        "settings.time_zone_matches",
        Kind::Bool,
        &[USER_SETTINGS],
        "The time zone is the expected one (--time-zone); unknown without an expectation, since no zone is right for everyone.",
        |context| time_zone_matches(context).map(Into::into),
    ),
    fact(
        "settings.expected_time_zone",
        Kind::Text,
        &[USER_SETTINGS],
        "The expected time zone, as it was given, with its code.",
        |context| {
            let expected = expected_zone(context)?;
            Ok(expected_in_words(expected).into())
        },
    ),
    fact(
        "settings.expected_time_zone_code",
        Kind::Int,
        &[USER_SETTINGS],
        "Dataverse code of the expected time zone.",
        |context| {
            let code = expected_zone(context)?.codes.first();
            code.map(|code| (*code).into()).ok_or_else(expectation_missing)
        },
    ),
    fact(
        "settings.format",
        Kind::Int,
        &[USER_SETTINGS],
        "Current format of the account, as LCID; 1033 is English (United States).",
        |context| Ok(number(&settings(context)?.localeid, "localeid")?.into()),
    ),
    fact(
        "settings.format_name",
        Kind::Text,
        &[USER_SETTINGS],
        "The current format in words, as far as the LCID is known.",
        |context| Ok(format_name(number(&settings(context)?.localeid, "localeid")?).into()),
    ),
    fact(
        "settings.format_is_customised",
        Kind::Bool,
        &[USER_SETTINGS],
        "The format is called English (United States), but a symbol or the date pattern was changed by hand.",
        |context| format_is_customised(context).map(Into::into),
    ),
    fact(
        "settings.format_changes",
        Kind::Texts,
        &[USER_SETTINGS],
        "Symbols and patterns that differ from English (United States), each with its value.",
        |context| Ok(format_changes(settings(context)?).into()),
    ),
    fact(
        "settings.ui_language",
        Kind::Int,
        &[USER_SETTINGS],
        "User interface language of the account, as LCID; 0 is the organisation's.",
        |context| Ok(number(&settings(context)?.uilanguageid, "uilanguageid")?.into()),
    ),
    fact(
        "settings.english_provisioned",
        Kind::Bool,
        &["dataverse.provisioned_languages", "dataverse.organization"],
        "English (1033) is switched on in the environment, or is its base language.",
        |context| english_is_provisioned(context).map(Into::into),
    ),
    fact(
        "settings.provisioned_languages",
        Kind::Texts,
        &["dataverse.provisioned_languages"],
        "Languages that are switched on, as LCIDs.",
        |context| {
            let languages = provisioned(context)?;
            let numbers = languages.iter().map(i64::to_string);
            Ok(numbers.collect::<Vec<_>>().into())
        },
    ),
];

/// The personal options of the matched row; an answer about another user's row says nothing.
fn settings<'a>(context: &Context<'a>) -> Reading<&'a UserSettings> {
    let row = existing_row(context)?;
    let settings = read(&context.evidence().user_settings)?
        .0
        .as_ref()
        .ok_or_else(|| Unknown::silent(USER_SETTINGS, "the answer has no settings"))?;
    // Asked for by the id of the row: an answer that does not repeat it is still about it.
    match (settings.systemuserid.known(), row.systemuserid.known()) {
        (Some(owner), Some(row)) if !owner.trim().eq_ignore_ascii_case(row.trim()) => Err(Unknown::silent(
            USER_SETTINGS,
            "these are the settings of another user",
        )),
        _ => Ok(settings),
    }
}

fn expected_zone<'a>(context: &Context<'a>) -> Reading<&'a ExpectedTimeZone> {
    context
        .expectations
        .time_zone
        .as_ref()
        .ok_or_else(expectation_missing)
}

fn time_zone_matches(context: &Context<'_>) -> Reading<bool> {
    let code = settings(context).and_then(time_zone_code);
    match (expected_zone(context), code) {
        (Ok(expected), Ok(code)) => Ok(expected.codes.contains(&code)),
        (Err(missing), Err(unread)) => Err(missing.and(unread)),
        (Err(unknown), Ok(_)) | (Ok(_), Err(unknown)) => Err(unknown),
    }
}

fn format_is_customised(context: &Context<'_>) -> Reading<bool> {
    let settings = settings(context)?;
    if number(&settings.localeid, "localeid")? != ENGLISH_US {
        return Ok(false);
    }
    any(symbols(settings).iter().map(|symbol| symbol.differs()))
}

/// The list must have been read: that the base language is English says what the list will hold, but it does not
/// answer for a list that was refused.
/// The list decides when it was read: a base language of 1033 that is not in it is not switched on.
fn english_is_provisioned(context: &Context<'_>) -> Reading<bool> {
    Ok(provisioned(context)?.contains(&ENGLISH_US))
}

fn expectation_missing() -> Unknown {
    Unknown::because(
        USER_SETTINGS,
        Reason::ExpectationMissing,
        "say which zone is expected with --time-zone",
    )
}

fn provisioned<'a>(context: &Context<'a>) -> Reading<&'a [i64]> {
    let answer = read(&context.evidence().provisioned_languages)?;
    let languages = answer.retrieve_provisioned_languages.value();
    languages.map(Vec::as_slice).ok_or_else(|| {
        Unknown::silent(
            "dataverse.provisioned_languages",
            "the answer has no list of languages",
        )
    })
}

fn number(field: &Field<i64>, name: &str) -> Reading<i64> {
    field
        .value()
        .copied()
        .ok_or_else(|| Unknown::silent(USER_SETTINGS, format!("the settings do not show {name}")))
}

fn time_zone_code(settings: &UserSettings) -> Reading<i64> {
    number(&settings.timezonecode, "timezonecode")
}

fn zone_in_words(code: i64) -> String {
    match windows_name(code) {
        Some(name) => format!("{name} (code {code})"),
        None => format!("code {code}"),
    }
}

/// As the user wrote it, with the Windows name and the code where the text does not say them.
fn expected_in_words(expected: &ExpectedTimeZone) -> String {
    let Some(code) = expected.codes.first() else {
        return expected.name.clone();
    };
    match windows_name(*code) {
        Some(windows)
            if !expected.name.eq_ignore_ascii_case(windows) && expected.name.parse::<i64>().is_err() =>
        {
            format!("{} ({windows}, code {code})", expected.name)
        }
        _ => zone_in_words(*code),
    }
}

/// One part of the format, its English (United States) value, and whether its absence leaves the answer open.
struct Symbol<'a> {
    label: &'static str,
    column: &'static str,
    field: &'a Field<String>,
    english: &'static str,
    needed: bool,
}

/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/usersettings>.
fn symbols(settings: &UserSettings) -> [Symbol<'_>; 4] {
    [
        Symbol {
            label: "decimal symbol",
            column: "decimalsymbol",
            field: &settings.decimalsymbol,
            english: ".",
            needed: true,
        },
        Symbol {
            label: "digit grouping symbol",
            column: "numberseparator",
            field: &settings.numberseparator,
            english: ",",
            needed: true,
        },
        Symbol {
            label: "date pattern",
            column: "dateformatstring",
            field: &settings.dateformatstring,
            english: "M/d/yyyy",
            needed: true,
        },
        Symbol {
            label: "date separator",
            column: "dateseparator",
            field: &settings.dateseparator,
            english: "/",
            needed: false,
        },
    ]
}

impl Symbol<'_> {
    fn differs(&self) -> Reading<bool> {
        match self.field {
            Field::Value(value) => Ok(value != self.english),
            Field::Null => Ok(false),
            Field::Missing(_) if self.needed => Err(Unknown::silent(
                USER_SETTINGS,
                format!("the settings do not show {}", self.column),
            )),
            Field::Missing(_) => Ok(false),
        }
    }
}

fn format_changes(settings: &UserSettings) -> Vec<String> {
    let changed = symbols(settings);
    changed
        .iter()
        .filter(|symbol| symbol.differs() == Ok(true))
        .filter_map(|symbol| {
            let value = symbol.field.value()?;
            Some(format!(
                "{} is \"{value}\" instead of \"{}\"",
                symbol.label, symbol.english
            ))
        })
        .collect()
}

/// Formats that are often met, by LCID; the others are shown by number. Source: Microsoft's list of language ids.
fn format_name(lcid: i64) -> String {
    let name = match lcid {
        1029 => "Czech (Czechia)",
        1030 => "Danish (Denmark)",
        1031 => "German (Germany)",
        1033 => "English (United States)",
        1035 => "Finnish (Finland)",
        1036 => "French (France)",
        1038 => "Hungarian (Hungary)",
        1040 => "Italian (Italy)",
        1041 => "Japanese (Japan)",
        1043 => "Dutch (Netherlands)",
        1044 => "Norwegian Bokmål (Norway)",
        1045 => "Polish (Poland)",
        1046 => "Portuguese (Brazil)",
        1053 => "Swedish (Sweden)",
        2052 => "Chinese (China)",
        2055 => "German (Switzerland)",
        2057 => "English (United Kingdom)",
        2067 => "Dutch (Belgium)",
        2070 => "Portuguese (Portugal)",
        3079 => "German (Austria)",
        3081 => "English (Australia)",
        3082 => "Spanish (Spain)",
        3084 => "French (Canada)",
        4105 => "English (Canada)",
        5129 => "English (New Zealand)",
        6153 => "English (Ireland)",
        7177 => "English (South Africa)",
        16393 => "English (India)",
        other => return format!("format {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};

    use crate::facts::reading::{Reading, Reason};
    use crate::facts::settings::time_zone::expected_time_zone;
    use crate::facts::testing::row::{expecting, fact_of, ok, with_row};
    use crate::facts::value::FactValue;
    use crate::profile::Profile;

    fn fact_with(settings: Value, name: &str) -> Reading<FactValue> {
        let body = json!({"outcome": "ok", "body": settings});
        let snapshot = with_row(json!({}), json!({"dataverse.user_settings": body}));
        fact_of(&snapshot, Profile::LegacyPassword, name)
    }

    fn english() -> Value {
        json!({"timezonecode": 110, "localeid": 1033, "uilanguageid": 1033, "decimalsymbol": ".",
               "numberseparator": ",", "dateformatstring": "M/d/yyyy", "dateseparator": "/"})
    }

    #[test]
    fn the_zone_is_judged_by_code_against_the_expectation() {
        let snapshot = with_row(
            json!({}),
            json!({"dataverse.user_settings": {"outcome": "ok", "body": english()}}),
        );
        for (zone, matches) in [("Europe/Vienna", true), ("Europe/Paris", false), ("110", true)] {
            let expected = expected_time_zone(zone).unwrap();
            let value = expecting(&snapshot, expected, "settings.time_zone_matches");
            assert_eq!(value, Ok(matches.into()), "{zone}");
        }
        let expected = expected_time_zone("Europe/Vienna").unwrap();
        assert_eq!(
            expecting(&snapshot, expected, "settings.expected_time_zone"),
            Ok("Europe/Vienna (W. Europe Standard Time, code 110)".into())
        );
    }

    #[test]
    fn without_an_expectation_the_zone_is_unknown() {
        let unknown = fact_with(english(), "settings.time_zone_matches").unwrap_err();
        assert_eq!(unknown.causes().len(), 1);
        assert_eq!(unknown.causes()[0].reason, Reason::ExpectationMissing);
        assert_eq!(unknown.causes()[0].section, "dataverse.user_settings");
    }

    #[test]
    fn a_changed_symbol_is_found_and_named() {
        let customised = "settings.format_is_customised";
        assert_eq!(fact_with(english(), customised), Ok(false.into()));
        let mut comma = english();
        comma["decimalsymbol"] = json!(",");
        assert_eq!(fact_with(comma.clone(), customised), Ok(true.into()));
        assert_eq!(
            fact_with(comma, "settings.format_changes"),
            Ok(vec!["decimal symbol is \",\" instead of \".\"".to_owned()].into())
        );
        let mut german = english();
        german["localeid"] = json!(1031);
        german["decimalsymbol"] = json!(",");
        assert_eq!(fact_with(german, customised), Ok(false.into()));
    }

    #[test]
    fn an_unread_symbol_leaves_it_open_and_null_follows_the_format() {
        let mut silent = english();
        silent.as_object_mut().unwrap().remove("numberseparator");
        assert!(fact_with(silent.clone(), "settings.format_is_customised").is_err());
        silent["dateformatstring"] = json!("dd.MM.yyyy");
        assert_eq!(
            fact_with(silent, "settings.format_is_customised"),
            Ok(true.into())
        );
        let mut unset = english();
        unset["dateformatstring"] = json!(null);
        assert_eq!(
            fact_with(unset, "settings.format_is_customised"),
            Ok(false.into())
        );
    }

    #[test]
    fn settings_of_another_user_say_nothing() {
        let mut other = english();
        other["systemuserid"] = json!("77777777-7777-4777-8777-777777777777");
        assert!(fact_with(other, "settings.format").is_err());
    }

    #[test]
    fn english_counts_only_when_it_is_listed() {
        let fact = "settings.english_provisioned";
        let languages =
            |list: Value| json!({"outcome": "ok", "body": {"RetrieveProvisionedLanguages": list}});
        let base = |code: i64| ok(json!([{"languagecode": code}]));
        for (list, code, wanted) in [
            (json!([1031, 1033]), 1031, true),
            (json!([1031]), 1033, false),
            (json!([1031]), 1031, false),
        ] {
            let snapshot = with_row(
                json!({}),
                json!({"dataverse.provisioned_languages": languages(list),
                       "dataverse.organization": base(code)}),
            );
            assert_eq!(
                fact_of(&snapshot, Profile::LegacyPassword, fact),
                Ok(wanted.into())
            );
        }
        let denied = json!({"outcome": "denied", "http_status": 403});
        let snapshot = with_row(
            json!({}),
            json!({"dataverse.provisioned_languages": denied, "dataverse.organization": base(1033)}),
        );
        assert!(fact_of(&snapshot, Profile::LegacyPassword, fact).is_err());
    }
}
