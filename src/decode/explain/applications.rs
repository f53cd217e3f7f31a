//! Well-known applications by their ids: `tables/applications.csv`. A reader sees an id, and wants to know whose it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::embedded::table;
use crate::decode::model::{Application, Decoded, DecodedError};

static APPLICATIONS: LazyLock<HashMap<&'static str, (&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = table("applications.csv").lines().skip(1);
    rows.filter_map(|line| {
        let mut fields = line.splitn(3, ',');
        Some((fields.next()?, (fields.next()?, fields.next()?)))
    })
    .collect()
});

/// Identifiers whose value is an application's id.
const NAMES: [&str; 5] = [
    "app_id",
    "application_id",
    "client_id",
    "resource_id",
    "object_id",
];

/// Names the well-known applications among the identifiers of every error.
pub(crate) fn name(decoded: &mut Decoded) {
    for error in &mut decoded.errors {
        error.applications = of(error);
    }
}

/// What the application of this id is called, if it is a well-known one.
pub(super) fn name_of(id: &str) -> Option<&'static str> {
    APPLICATIONS.get(id).map(|(name, _)| *name)
}

fn of(error: &DecodedError) -> Vec<Application> {
    let mut named: Vec<Application> = Vec::new();
    for id in NAMES.iter().filter_map(|name| error.ids.get(*name)) {
        let id = id.to_ascii_lowercase();
        if named.iter().any(|known| known.id == id) {
            continue;
        }
        if let Some((name, note)) = APPLICATIONS.get(id.as_str()) {
            named.push(Application {
                id,
                name: (*name).to_owned(),
                note: (!note.is_empty()).then(|| (*note).to_owned()),
            });
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::APPLICATIONS;
    use crate::decode::decode_text;
    use crate::decode::find::ids::guid_at;

    #[test]
    fn every_row_is_an_id_with_a_name() {
        assert!(APPLICATIONS.len() > 30);
        for (id, (name, _)) in APPLICATIONS.iter() {
            assert_eq!(guid_at(id).as_deref(), Some(*id));
            assert!(!name.is_empty(), "{id}");
        }
    }

    #[test]
    fn a_known_application_is_named_and_an_unknown_one_is_not() {
        let text = "AADSTS65001: The user or administrator has not consented to use the application with ID '04B07795-8ddb-461a-bbee-02f9e1bf7b46' named 'x'.";
        let named = &decode_text(text.as_bytes()).errors[0].applications;
        assert_eq!(named[0].name, "Azure CLI");
        let other = text.replace("04B07795", "14B07795");
        assert!(decode_text(other.as_bytes()).errors[0].applications.is_empty());
    }
}
