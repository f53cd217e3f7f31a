//! Placeholders of the request table, filled in and percent-encoded.

use std::collections::BTreeMap;

use crate::collect::wire::encoding::encode;

/// What is known so far: a placeholder's name to its values. Most have one; `team` and its like have several.
#[derive(Debug, Default, Clone)]
pub(crate) struct Known(BTreeMap<&'static str, Vec<String>>);

impl Known {
    /// Sets a placeholder; no values means that it stays unknown.
    pub(crate) fn set(&mut self, name: &'static str, values: Vec<String>) {
        if values.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name, values);
        }
    }

    /// The first value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .and_then(|values| values.first())
            .map(String::as_str)
    }

    /// The first placeholder of `template` that is not known.
    pub(crate) fn lacks<'a>(&self, template: &'a str) -> Option<&'a str> {
        placeholders(template).find(|name| !self.0.contains_key(name))
    }

    /// Every way to fill in `template`: the value that varies, and the encoded path. Empty while something is unknown.
    pub(crate) fn expand(&self, template: &str) -> Vec<(String, String)> {
        if self.lacks(template).is_some() {
            return Vec::new();
        }
        let varying = placeholders(template)
            .find(|name| self.0.get(name).is_some_and(|values| values.len() > 1))
            .or_else(|| varying(template));
        let values = varying
            .and_then(|name| self.0.get(name).cloned())
            .unwrap_or_else(|| vec![String::new()]);
        values
            .into_iter()
            .map(|value| {
                let path = fill(template, |name| {
                    if Some(name) == varying {
                        Some(value.as_str())
                    } else {
                        self.get(name)
                    }
                });
                (value, path)
            })
            .collect()
    }
}

/// The placeholder that a request is sent once for each value of, if the template has one.
pub(crate) fn varying(template: &str) -> Option<&str> {
    placeholders(template).find(|name| {
        matches!(
            *name,
            "team" | "resource" | "service_principal" | "assigned_group"
        )
    })
}

/// The names between braces.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn fill<'a>(template: &str, value_of: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut path = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        push_literal(&mut path, before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = value_of(name).unwrap_or_default();
        // A name that begins with `$` is no path segment; it goes in as a key, which Graph documents for this case.
        if before.ends_with("/users/") && value.starts_with('$') {
            path.pop();
            path.push_str(&format!("('{}')", encode(&value.replace('\'', "''"))));
            rest = after;
            continue;
        }
        // Inside an OData string a quote is doubled.
        if before.ends_with('\'') {
            path.push_str(&encode(&value.replace('\'', "''")));
        } else {
            path.push_str(&encode(value));
        }
        rest = after;
    }
    push_literal(&mut path, rest);
    path
}

/// The table's own text: only what a URL cannot hold is encoded.
fn push_literal(path: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            ' ' => path.push_str("%20"),
            other => path.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn values_are_encoded_and_quotes_doubled_inside_odata_strings() {
        let mut known = Known::default();
        known.set("account", vec!["o'brien#EXT#@contoso.com".to_owned()]);
        assert_eq!(
            known.expand("/users/{account}?$filter=a eq '{account}'"),
            [(
                String::new(),
                "/users/o%27brien%23EXT%23%40contoso.com?$filter=a%20eq%20'o%27%27brien%23EXT%23%40contoso.com'".to_owned()
            )]
        );
    }

    #[test]
    fn a_template_waits_until_everything_is_known_and_varies_with_lists() {
        let mut known = Known::default();
        assert!(known.expand("/teams({team})/{x}").is_empty());
        known.set("team", vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(known.lacks("/teams({team})/{x}"), Some("x"));
        known.set("x", vec!["y".to_owned()]);
        let paths: Vec<_> = known.expand("/teams({team})/{x}");
        assert_eq!(paths[1], ("2".to_owned(), "/teams(2)/y".to_owned()));
        assert_eq!(paths.len(), 2);
    }
}
