//! What a text is, by the property that holds it. A property that is not listed holds something unknown, and its
//! text is replaced: that a new property of a service leaks nothing matters more than that it can be read.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::vocabulary::knows;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Words of a service: those of everybody stay.
    Vocabulary,
    /// Sentences: words of everybody stay.
    Sentence,
    /// The name of a security role or a column security profile: rules judge it. Its words stay, but for those that stand
    /// elsewhere too.
    RoleName,
    /// The code of a country or a language.
    Code,
    /// The version of a program, which has the form of an address.
    Version,
    /// A name that somebody chose.
    Name,
    /// A domain name.
    Domain,
    /// A sign-in name or mail address, with or without a domain.
    Account,
    /// A password or a key.
    Secret,
    /// Not known.
    Unknown,
}

/// What is said of properties in `properties.txt`.
struct Properties {
    classes: HashMap<&'static str, Class>,
    /// Properties whose numbers stay.
    numbers: Vec<&'static str>,
}

static PROPERTIES: LazyLock<Properties> = LazyLock::new(|| {
    let mut properties = Properties {
        classes: HashMap::new(),
        numbers: Vec::new(),
    };
    let mut group = "";
    for line in include_str!("properties.txt").lines() {
        if let Some(title) = line.strip_prefix("# ") {
            group = title.split(':').next().unwrap_or_default();
            continue;
        }
        let class = match group {
            "name" => Some(Class::Name),
            "account" => Some(Class::Account),
            "domain" => Some(Class::Domain),
            "sentence" => Some(Class::Sentence),
            "vocabulary" => Some(Class::Vocabulary),
            "code" => Some(Class::Code),
            "secret" => Some(Class::Secret),
            _ => None,
        };
        match class {
            Some(class) => properties
                .classes
                .extend(line.split_whitespace().map(|key| (key, class))),
            None => properties.numbers.extend(line.split_whitespace()),
        }
    }
    properties
});

/// Endings of properties that count or choose from a list.
const COUNTING: &[&str] = &[
    "code", "count", "mode", "state", "status", "type", "units", "seconds", "minutes",
];

/// Numbers that tell where somebody is, however short.
const PLACES: &[&str] = &["altitude", "latitude", "longitude", "postalcode"];

/// Properties of the audit log whose old and new values are states of a service, beside those of `properties.txt`.
const AUDITED: &[&str] = &[
    "accountenabled",
    "assignedlicense",
    "assignedplan",
    "conditionalaccesspolicy",
    "forcechangepassword",
    "included updated properties",
    "isenabled",
    "licenseassignmentdetail",
    "objectid",
    "permissions",
    "strongauthenticationmethod",
    "strongauthenticationrequirement",
    "templateid",
    "wellknownobjectname",
];

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The section; empty outside the sections.
    pub(super) section: &'a str,
    /// The property around the object.
    pub(super) around: &'a str,
    /// What the object says that its value is of: `{"displayName": "MobilePhone", "newValue": …}`.
    of: &'a str,
}

impl<'a> Place<'a> {
    /// Around the whole document.
    pub(super) const OUTSIDE: Place<'static> = Place {
        section: "",
        around: "",
        of: "",
    };

    /// The place of the property `key` of the object that stands at the property `around`.
    pub(super) fn below(self, around: &'a str, key: &'a str, object: &'a Map<String, Value>) -> Self {
        let is_list = around == "sections";
        let name = match around {
            "modifiedProperties" => "displayName",
            "additionalDetails" | "authenticationProcessingDetails" => "key",
            _ => "",
        };
        Place {
            // Right below `sections` the property is the section's name.
            section: if is_list { key } else { self.section },
            around: if is_list { "section" } else { around },
            of: object.get(name).and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// What the text of the property is.
    pub(super) fn class(self, key: &str) -> Class {
        let key = key.to_ascii_lowercase();
        match (self.section, self.around, key.as_str()) {
            ("", "tool", "name" | "version")
            | ("dataverse.license_info", _, "name" | "displayname")
            | (_, "modifiedProperties", "displayname")
            | (_, "additionalDetails" | "authenticationProcessingDetails", "key") => Class::Vocabulary,
            (_, "modifiedProperties", "oldvalue" | "newvalue")
            | (_, "additionalDetails" | "authenticationProcessingDetails", "value") => {
                class_of_audited(self.of)
            }
            ("dataverse.solutions", _, "version") => Class::Version,
            ("graph.domain", _, "id") | (_, "verifiedDomains" | "domains", "name") => Class::Domain,
            ("admin.environment", _, "domainname") => Class::Name,
            (_, "location", "state") => Class::Unknown,
            // The vendor's own words: tables, workflows, classes of plug-ins. What customers write stands elsewhere.
            ("dataverse.work365_tables", "value", _) => Class::Vocabulary,
            ("dataverse.workflows" | "dataverse.system_jobs", "value", "name") => Class::Sentence,
            ("dataverse.plugin_traces", _, "typename" | "messagename" | "primaryentity") => Class::Vocabulary,
            ("dataverse.work365_jobs", "body", "table") => Class::Vocabulary,
            ("dataverse.work365_jobs", "value", key) => of_job(key),
            (_, "answers", "value") => Class::Sentence,
            (section, around, "name") if is_of_roles(section, around) => Class::RoleName,
            _ => listed(&key).unwrap_or(Class::Unknown),
        }
    }

    /// Whether a number of the property stays.
    pub(super) fn keeps_number(self, key: &str, number: &str) -> bool {
        let key = key.to_ascii_lowercase();
        if PLACES.contains(&key.as_str()) {
            return false;
        }
        number.trim_start_matches('-').len() < 3
            || matches!((self.around, key.as_str()), ("counts", _) | ("answers", "value"))
            || PROPERTIES.numbers.contains(&key.as_str())
            || knows(&key) && COUNTING.iter().any(|ending| key.ends_with(ending))
    }
}

/// A column of Work 365's own table, known by its name.
fn of_job(key: &str) -> Class {
    let has = |words: &[&str]| words.iter().any(|word| key.contains(word));
    match key {
        "@odata.etag" => Class::Vocabulary,
        // The label of a state.
        _ if has(&["status", "state"]) => Class::Vocabulary,
        _ if has(&["type", "result", "error", "message", "exception", "failure"]) => Class::Sentence,
        _ if has(&["name"]) => Class::Name,
        _ => Class::Unknown,
    }
}

fn listed(key: &str) -> Option<Class> {
    PROPERTIES.classes.get(key).copied()
}

/// What an audited value is, by the name of the property that was changed: `Group.DisplayName`, `MobilePhone`.
fn class_of_audited(name: &str) -> Class {
    let name = name.to_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    if AUDITED.contains(&last) || name == "role.displayname" {
        return Class::Sentence;
    }
    match listed(last) {
        Some(Class::Vocabulary) => Class::Sentence,
        Some(class) => class,
        None => Class::Unknown,
    }
}

fn is_of_roles(section: &str, around: &str) -> bool {
    match around {
        "value" | "body" => {
            section.starts_with("dataverse.")
                && (section.ends_with("_roles") || section.ends_with("column_security_profiles"))
        }
        _ => matches!(around, "roles" | "column_security_profiles"),
    }
}

/// Whether the property holds ids that are the same in every tenant.
pub(super) fn holds_known_ids(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "skuid"
            | "serviceplanid"
            | "disabledplans"
            | "roletemplateid"
            | "_roletemplateid_value"
            | "roledefinitionid"
            | "templateid"
            | "wids"
            | "includeroles"
            | "excluderoles"
    )
}
