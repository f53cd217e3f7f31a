//! The menus of the admin centers put into what is packed: `{portal.ID}` of any text becomes the path of `rules/portals.yaml`.
//!
//! Rules under `rules/checks` keep the name: their templates are checked and filled when they are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::tree::{Content, Node};

const OPENING: &str = "{portal.";

/// Paths by name.
pub(crate) struct Menus(BTreeMap<String, String>);

impl Menus {
    /// The menus of `rules/portals.yaml`.
    pub(crate) fn of(file: &Node<'_>) -> Self {
        let rows = map(file, "paths").and_then(|paths| match &paths.content {
            Content::Map(rows) => Some(rows.iter()),
            _ => None,
        });
        let path = |menu: &Node<'_>| match &map(menu, "path")?.content {
            Content::Scalar(scalar) => Some(scalar.text.to_string()),
            _ => None,
        };
        let known = rows.into_iter().flatten();
        Self(
            known
                .filter_map(|row| Some((row.key.to_string(), path(&row.value)?)))
                .collect(),
        )
    }

    /// Fills every text of a tree.
    ///
    /// # Errors
    ///
    /// The line and the name that no menu has.
    pub(crate) fn fill(&self, node: &mut Node<'_>) -> Result<(), (usize, String)> {
        let line = node.line;
        match &mut node.content {
            Content::Scalar(scalar) if scalar.text.contains(OPENING) => {
                scalar.text = Cow::Owned(self.filled(&scalar.text).map_err(|name| (line, name))?);
                Ok(())
            }
            Content::Scalar(_) => Ok(()),
            Content::List(items) => items.iter_mut().try_for_each(|item| self.fill(item)),
            Content::Map(rows) => rows.iter_mut().try_for_each(|row| self.fill(&mut row.value)),
        }
    }

    fn filled(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split(OPENING);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').ok_or_else(|| part.to_owned())?;
            filled.push_str(self.0.get(name).ok_or_else(|| name.to_owned())?);
            filled.push_str(rest);
        }
        Ok(filled)
    }
}

fn map<'n, 't>(node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    let Content::Map(rows) = &node.content else {
        return None;
    };
    rows.iter().find(|row| row.key == key).map(|row| &row.value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::yaml::parse;
    use super::{Content, Menus, map};

    #[test]
    fn texts_are_filled_at_any_depth_and_an_unknown_menu_is_named_with_its_line() {
        let file = parse("paths:\n  users: {path: \"Center > Users\", source: x}\n").unwrap();
        let menus = Menus::of(&file);
        let mut tree = parse("a:\n- b: 'open {portal.users} > Add, or {portal.users}'\n").unwrap();
        menus.fill(&mut tree).unwrap();
        let Content::List(items) = &map(&tree, "a").unwrap().content else {
            unreachable!()
        };
        let Content::Scalar(text) = &map(&items[0], "b").unwrap().content else {
            unreachable!()
        };
        assert_eq!(text.text, "open Center > Users > Add, or Center > Users");
        for (text, named) in [
            ("a:\n- '{portal.nowhere}'\n", "nowhere"),
            ("a:\n- '{portal.'\n", ""),
        ] {
            let mut tree = parse(text).unwrap();
            assert_eq!(menus.fill(&mut tree), Err((2, named.to_owned())));
        }
    }
}
