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

/// What stands in the way to some places, whoever acts there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hurdle {
    places: Vec<String>,
    /// What is said before the steps.
    pub says: String,
    /// The page that tells of it.
    pub source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Menus {
    checked: Date,
    hurdles: Vec<Hurdle>,
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

/// What stands in the way to some places.
pub fn hurdles() -> &'static [Hurdle] {
    &MENUS.hurdles
}

/// What whoever acts needs before the first of these steps.
pub fn before<'t>(steps: impl Iterator<Item = &'t str>) -> Vec<String> {
    let steps: Vec<&str> = steps.collect();
    let leads_to = |place: &String| steps.iter().any(|step| step.contains(place.as_str()));
    let met = hurdles()
        .iter()
        .filter(|hurdle| hurdle.places.iter().any(leads_to));
    met.map(|hurdle| hurdle.says.clone()).collect()
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
    use super::{before, checked, expand, hurdles, menus, path};

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
    fn no_text_of_the_rules_spells_a_menu_out() {
        const CENTERS: [&str; 4] = [
            "admin center > ",
            "Azure portal > ",
            "Power Apps > ",
            "Work 365 Admin Hub > ",
        ];
        let mut folders = vec![std::path::PathBuf::from("rules")];
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.to_string_lossy().replace('\\', "/");
                if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(".yaml") || name.ends_with(".yml") {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    let spelled = text
                        .lines()
                        .find(|line| CENTERS.iter().any(|center| line.contains(center)));
                    assert!(
                        spelled.is_none() || name == super::FILE_NAME,
                        "{name}: {spelled:?}"
                    );
                    read += 1;
                }
            }
        }
        assert!(read > 50, "{read} files");
    }

    #[test]
    fn what_stands_in_the_way_is_said_before_the_steps_that_lead_there() {
        let before = |step: &str| before(std::iter::once(step));
        assert!(
            hurdles()
                .iter()
                .all(|hurdle| hurdle.source.starts_with("https://"))
        );
        let center = before(&format!("Open {}.", path("m365_users").unwrap_or_default()));
        assert!(center.len() == 1 && center[0].contains("MFA"), "{center:?}");
        assert!(before("Work 365 > Jobs: run it again.").is_empty());
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
