//! No key of a JSON object may stand twice: readers disagree on which of the two counts, so neither does.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plain_keys::{look, surely_in_order};
use super::{Outcome, Section};

/// Nothing, when every object of the body has each of its keys once and every number is one; otherwise where it is not so.
pub(super) fn check_keys(body: &str) -> Result<(), String> {
    let walk = |path| Keys { path }.deserialize(&mut serde_json::Deserializer::from_str(body));
    if surely_in_order(body) || walk(None).is_ok() {
        return Ok(());
    }
    // Where it is not so is asked only now: a path for each key of every body takes as long as reading the body.
    let path = RefCell::new(Vec::new());
    walk(Some(&path)).map_err(|error| {
        let place = path.borrow().concat();
        let place = place.trim_start_matches('.');
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        format!("not as documented: {place}: {message}")
    })
}

#[derive(Clone, Copy)]
struct Keys<'p> {
    /// Steps to the value that is being read, where somebody asks for them.
    path: Option<&'p RefCell<Vec<String>>>,
}

impl Keys<'_> {
    /// One step deeper; the answer is how deep it was.
    fn enter(self, step: impl FnOnce() -> String) -> usize {
        self.path.map_or(0, |path| {
            let mut path = path.borrow_mut();
            path.push(step());
            path.len() - 1
        })
    }

    fn leave(self, depth: usize) {
        if let Some(path) = self.path {
            path.borrow_mut().truncate(depth);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for position in 0_usize.. {
            let depth = self.enter(|| format!("[{position}]"));
            let more = items.next_element_seed(self)?;
            self.leave(depth);
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut known = Known::default();
        while let Some(Key(key)) = entries.next_key()? {
            let depth = self.enter(|| format!(".{key}"));
            if !known.insert(key) {
                return Err(serde::de::Error::custom("this key stands twice"));
            }
            entries.next_value_seed(self)?;
            self.leave(depth);
        }
        Ok(())
    }
}

/// The keys of one object. Few objects have many: those of the others are compared with each other, and only where two look
/// alike at a glance.
#[derive(Default)]
struct Known<'k> {
    few: Vec<Cow<'k, str>>,
    /// A bit for each look that one of the few has.
    looks: u64,
    many: BTreeSet<Cow<'k, str>>,
}

impl<'k> Known<'k> {
    /// More are sorted, so that an object of a million keys takes no million looks at each.
    const FEW: usize = 40;

    /// Whether the key was not there before.
    fn insert(&mut self, key: Cow<'k, str>) -> bool {
        let look = 1 << look(key.as_bytes());
        let may_be_known = self.looks & look != 0;
        if may_be_known && self.few.contains(&key) {
            return false;
        }
        if self.few.len() == Self::FEW {
            return self.many.insert(key);
        }
        self.looks |= look;
        self.few.push(key);
        true
    }
}

/// A key, borrowed where the text has it without escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

/// The sections of a snapshot. One that stands twice was not read: nobody knows which of the two is meant.
pub(super) fn sections<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Section>, D::Error> {
    struct Sections;

    impl<'de> Visitor<'de> for Sections {
        type Value = BTreeMap<String, Section>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the sections by name")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut sections: BTreeMap<String, Section> = BTreeMap::new();
            while let Some(name) = entries.next_key::<String>()? {
                if let Some(twice) = sections.get_mut(&name) {
                    entries.next_value::<IgnoredAny>()?;
                    *twice = Section {
                        outcome: Outcome::Failed,
                        read_at: None,
                        http_status: None,
                        detail: Some("the section stands twice in the snapshot".to_owned()),
                        body: None,
                    };
                } else {
                    let section = entries.next_value()?;
                    sections.insert(name, section);
                }
            }
            Ok(sections)
        }
    }

    deserializer.deserialize_map(Sections)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::DeserializeSeed;

    use super::{Keys, check_keys, surely_in_order};

    fn is_in_order(body: &str) -> bool {
        let mut deserializer = serde_json::Deserializer::from_str(body);
        Keys { path: None }.deserialize(&mut deserializer).is_ok()
    }

    /// JSON as services write it and as they do not: few keys, so that they stand twice, escapes, numbers out of range.
    fn json() -> impl Strategy<Value = String> {
        let plain = r#"true|false|null|-?[1-9][0-9]{0,3}|1e400|1E5|0\.5|9{310}|"[a-c]{0,3}"|"\\u(0061|d800|D83D\\uDE00)"|"\\(n|"|\\)[a,:{}]?""#;
        let key = proptest::sample::select(vec!["a", "b", "c", "value", "\\u0061", "a\\\"", ""]);
        let space = proptest::sample::select(vec!["", " ", "\n\t"]);
        plain.prop_recursive(4, 40, 5, move |inner| {
            let list =
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
            let entry = (key.clone(), space.clone(), inner)
                .prop_map(|(key, space, value)| format!("{space}\"{key}\"{space}:{space}{value}"));
            let object =
                prop::collection::vec(entry, 0..5).prop_map(|entries| format!("{{{}}}", entries.join(",")));
            prop_oneof![list, object]
        })
    }

    proptest! {
        #[test]
        fn a_body_that_is_surely_in_order_is_in_order(body in json()) {
            prop_assert!(serde_json::from_str::<&serde_json::value::RawValue>(&body).is_ok(), "{body}");
            prop_assert!(!surely_in_order(&body) || is_in_order(&body), "{body}");
        }

        #[test]
        fn text_that_is_no_json_is_no_panic(body in "[\\[\\]{}\",:a0-9e\\\\ ]{0,40}") {
            surely_in_order(&body);
        }
    }

    #[test]
    fn ordinary_bodies_need_no_second_look() {
        for body in [
            r#"{"value":[{"id":"a","name":"x \"y\" {z}"},{"id":"b","n":-1.5}],"@odata.count":2}"#,
            r#" { "a" : [ 1 , true , null , "\u0027" ] , "b" : { } } "#,
            r#""text""#,
            "null",
            "[]",
        ] {
            assert!(surely_in_order(body), "{body}");
        }
        for body in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1},"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"n":1e400}"#,
            r#"["\ud800"]"#,
            &format!("{}{}", "[".repeat(200), "]".repeat(200)),
        ] {
            assert!(!surely_in_order(body), "{body}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_place() {
        for (body, place) in [
            (r#"{"id":1,"id":1}"#, "documented: id"),
            (
                r#"{"value":[{"a":{"b":1}},{"a":{"b":1,"b":2}}]}"#,
                "documented: value[1].a.b",
            ),
            (r#"{"a":1,"\u0061":2}"#, "documented: a"),
        ] {
            let complaint = check_keys(body).unwrap_err();
            assert!(
                complaint.contains(&format!("{place}: this key stands twice")),
                "{complaint}"
            );
        }
        assert_eq!(check_keys(r#"{"a":[{"b":1},{"b":1}],"c":{"b":null}}"#), Ok(()));
    }

    #[test]
    fn a_key_that_stands_twice_among_hundreds_is_found_wherever_it_stands() {
        for (first, second) in [(0, 1), (0, 399), (39, 40), (40, 41), (250, 399)] {
            let keys: Vec<String> = (0..400)
                .map(|at| format!("\"key{}\":{at}", if at == second { first } else { at }))
                .collect();
            let complaint = check_keys(&format!("{{{}}}", keys.join(","))).unwrap_err();
            assert!(
                complaint.contains(&format!("key{first}: this key stands twice")),
                "{complaint}"
            );
        }
        let all: Vec<String> = (0..400).map(|at| format!("\"key{at}\":{at}")).collect();
        assert_eq!(check_keys(&format!("{{{}}}", all.join(","))), Ok(()));
    }

    #[test]
    fn a_number_beyond_every_number_is_named_with_its_place() {
        let complaint = check_keys(r#"{"value":[{"n":1e400}]}"#).unwrap_err();
        assert!(
            complaint.contains("documented: value[0].n: number out of range"),
            "{complaint}"
        );
    }
}
