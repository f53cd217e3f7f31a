//! The menus of the admin centers, by name: `rules/portals.yaml`. A text that says `{portal.ID}` gets the path put in, so
//! that a menu that moved is one edit.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::embedded;

const OPENING: &str = "{portal.";

/// The file's name, for places in messages.
pub const FILE_NAME: &str = "rules/portals.yaml";

/// One menu.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// The path to click, parts separated by ` > `.
    pub path: String,
    /// The page that shows it.
    pub source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Menus {
    checked: Date,
    paths: BTreeMap<String, Menu>,
}

/// Read when first needed. The file is embedded and a test reads it; were it broken all the same, the bare names show.
static MENUS: LazyLock<Menus> = LazyLock::new(|| embedded::data(FILE_NAME).unwrap_or_default());

/// The path of this name.
pub fn path(id: &str) -> Option<&'static str> {
    MENUS.paths.get(id).map(|menu| menu.path.as_str())
}

/// Every menu by its name.
pub fn menus() -> impl Iterator<Item = (&'static str, &'static Menu)> {
    MENUS.paths.iter().map(|(id, menu)| (id.as_str(), menu))
}

/// When somebody last compared the paths with their pages.
pub fn checked() -> Date {
    MENUS.checked
}

/// The text with every `{portal.ID}` filled in; a name that is not known stays as it is.
pub fn expand(text: &str) -> Cow<'_, str> {
    if !text.contains(OPENING) {
        return Cow::Borrowed(text);
    }
    let mut filled = String::with_capacity(text.len() + 80);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(id, behind)| Some((path(id)?, behind)));
        rest = match known {
            Some((path, behind)) => {
                filled.push_str(path);
                behind
            }
            None => {
                filled.push_str(OPENING);
                after
            }
        };
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

#[cfg(test)]
mod tests {
    use super::{checked, expand, menus, path};

    #[test]
    fn every_menu_is_a_path_with_a_page() {
        assert!(checked() > jiff::civil::date(2026, 1, 1));
        assert!(menus().count() > 30);
        for (id, menu) in menus() {
            assert!(menu.path.contains(" > "), "{id}");
            assert!(!menu.path.contains(['{', '}']), "{id}");
            assert!(menu.source.starts_with("https://"), "{id}");
        }
    }

    #[test]
    fn names_are_filled_in_and_unknown_ones_stay() {
        let users = path("environment_users").unwrap_or_default();
        assert!(users.ends_with("Users + permissions > Users"));
        assert_eq!(
            expand("{portal.environment_users} > Add"),
            format!("{users} > Add")
        );
        assert_eq!(
            expand("see {portal.nowhere}, {portal."),
            "see {portal.nowhere}, {portal."
        );
        assert_eq!(expand("{user.id}"), "{user.id}");
    }
}
