//! A tree as a value of any type that serde can make.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::{Content, Entry, Node, Scalar};

/// Why a tree is no such value, and the line of the innermost part that is to blame.
#[derive(Debug)]
pub(crate) struct Fault {
    line: Option<usize>,
    message: String,
}

impl Fault {
    fn at(self, line: usize) -> Self {
        Self {
            line: self.line.or(Some(line)),
            ..self
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            line: None,
            message: message.to_string(),
        }
    }
}

/// The value of a tree.
pub(crate) fn value<T: DeserializeOwned>(root: Node<'_>) -> Result<T, Fault> {
    T::deserialize(Reader(root))
}

struct Reader<'t>(Node<'t>);

fn visit_text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Fault> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

fn visit_scalar<'de, V: Visitor<'de>>(scalar: Scalar<'de>, visitor: V) -> Result<V::Value, Fault> {
    if scalar.is_null() {
        return visitor.visit_unit();
    }
    if let Some(truth) = scalar.truth() {
        return visitor.visit_bool(truth);
    }
    if let Some(number) = scalar.number() {
        return visitor.visit_i64(number);
    }
    match scalar.text.parse::<f64>() {
        Ok(number) if scalar.plain && number.is_finite() => visitor.visit_f64(number),
        _ => visit_text(scalar.text, visitor),
    }
}

impl Reader<'_> {
    fn unfit(&self, wanted: &dyn Expected) -> Fault {
        let kind = Unexpected::Other(self.0.content.kind());
        <Fault as de::Error>::invalid_type(kind, wanted).at(self.0.line)
    }
}

/// What wants a list or a mapping is handed nothing else: a visitor would be there for every kind of value otherwise.
impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.0.line;
        match self.0.content {
            Content::Scalar(scalar) => visit_scalar(scalar, visitor),
            Content::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Content::Map(entries) => visitor.visit_map(Entries::of(entries)),
        }
        .map_err(|fault| fault.at(line))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.0.line;
        match self.0.content {
            Content::List(items) => visitor
                .visit_seq(Items(items.into_iter()))
                .map_err(|fault| fault.at(line)),
            _ => Err(self.unfit(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.0.line;
        match self.0.content {
            Content::Map(entries) => visitor
                .visit_map(Entries::of(entries))
                .map_err(|fault| fault.at(line)),
            _ => Err(self.unfit(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    /// A text where one is wanted, whatever it looks like: `012`, `no` and `2019-02-04` are texts.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.0.line;
        match self.0.content {
            Content::Scalar(scalar) if !scalar.is_null() => {
                visit_text(scalar.text, visitor).map_err(|fault| fault.at(line))
            }
            _ => Err(self.unfit(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.content {
            Content::Scalar(scalar) if scalar.is_null() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// A word, or a mapping of one word to what belongs to it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let line = self.0.line;
        let variant = match self.0.content {
            Content::Scalar(scalar) => Variant {
                name: scalar.text,
                value: None,
            },
            Content::Map(mut entries) if entries.len() == 1 => match entries.pop() {
                Some(entry) => Variant {
                    name: entry.key,
                    value: Some(entry.value),
                },
                None => return Err(de::Error::custom("a word is wanted here")),
            },
            content => {
                let message = format!("a word is wanted here, not {}", content.kind());
                return Err(Fault {
                    line: Some(line),
                    message,
                });
            }
        };
        visitor.visit_enum(variant).map_err(|fault| fault.at(line))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit unit_struct tuple_struct ignored_any
    }
}

struct Items<'t>(std::vec::IntoIter<Node<'t>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.0
            .next()
            .map(|node| seed.deserialize(Reader(node)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'t> {
    rest: std::vec::IntoIter<Entry<'t>>,
    value: Option<Node<'t>>,
}

impl<'t> Entries<'t> {
    fn of(entries: Vec<Entry<'t>>) -> Self {
        Self {
            rest: entries.into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(entry) = self.rest.next() else {
            return Ok(None);
        };
        let line = entry.value.line;
        self.value = Some(entry.value);
        let key = Node {
            span: entry.key_span,
            line,
            content: Content::Scalar(Scalar {
                text: entry.key,
                plain: true,
            }),
        };
        seed.deserialize(Reader(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        match self.value.take() {
            Some(node) => seed.deserialize(Reader(node)),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

struct Variant<'t> {
    name: Cow<'t, str>,
    value: Option<Node<'t>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Value<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Fault> {
        let name: StringDeserializer<Fault> = self.name.into_owned().into_deserializer();
        Ok((seed.deserialize(name)?, Value(self.value)))
    }
}

/// What belongs to the word of a variant.
struct Value<'t>(Option<Node<'t>>);

impl<'de> VariantAccess<'de> for Value<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.0 {
            None => Ok(()),
            Some(_) => Err(de::Error::custom("this word stands alone")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        match self.0 {
            Some(node) => seed.deserialize(Reader(node)),
            None => Err(de::Error::custom("this word needs a value")),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Some(node) => Reader(node).deserialize_any(visitor),
            None => Err(de::Error::custom("this word needs values")),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.tuple_variant(0, visitor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use serde::Deserialize;

    use crate::embedded::value_of_yaml;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Sample {
        text: String,
        count: u16,
        share: f64,
        is_on: bool,
        #[serde(default)]
        missing: Option<String>,
        empty: Option<String>,
        shapes: Vec<Shape>,
        by_name: BTreeMap<String, (i8, String)>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Shape {
        Point,
        Square(u8),
        Box { width: u8 },
    }

    const SAMPLE: &str = "text: 012\ncount: 3\nshare: 0.5\nis-on: true\nempty: ~\n\
        shapes: [point, {square: 2}, {box: {width: 4}}]\nby-name:\n  a: [-1, no]\n";

    #[test]
    fn each_kind_of_value_is_read() {
        let read: Sample = value_of_yaml(SAMPLE).unwrap();
        let wanted = Sample {
            text: "012".to_owned(),
            count: 3,
            share: 0.5,
            is_on: true,
            missing: None,
            empty: None,
            shapes: vec![Shape::Point, Shape::Square(2), Shape::Box { width: 4 }],
            by_name: [("a".to_owned(), (-1, "no".to_owned()))].into(),
        };
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        for (from, to, told) in [
            ("count: 3", "count: many", "line 2: "),
            ("count: 3", "counts: 3", "unknown field `counts`"),
            ("width: 4", "width: 400", "line 6: "),
            ("point", "circle", "unknown variant `circle`"),
            ("text: 012", "text: [a]", "line 1: "),
        ] {
            let changed = SAMPLE.replacen(from, to, 1);
            assert_ne!(changed, SAMPLE);
            let fault = value_of_yaml::<Sample>(&changed).unwrap_err();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
