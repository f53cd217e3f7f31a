//! What is said about a text in which nothing known was found: `tables/unrecognised.yml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded::table;
use crate::decode::model::{Decoded, Ending, ToldSymptom, Unrecognised};
use crate::decode::symptoms::Symptoms;

/// How many words a person's own description has at most: in a longer text some symptom's words occur by chance.
const LONGEST_DESCRIPTION: usize = 80;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    says: String,
    copy_instead: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<File, String> {
    crate::embedded::value_of_yaml(table("unrecognised.yml"))
}

/// Says what to do next when an answer knows nothing of its text. A text whose last word is a success needs no help.
pub(crate) fn mark(decoded: &mut Decoded, text: &str) {
    let went_well = decoded
        .newest
        .as_ref()
        .is_some_and(|newest| newest.outcome == Ending::Succeeded);
    decoded.unrecognised = (!decoded.recognised && !went_well).then(|| Unrecognised {
        says: FILE.says.clone(),
        copy_instead: FILE.copy_instead.clone(),
        symptom: symptom(text),
    });
}

/// The symptom that a short text tells in a person's own words.
fn symptom(text: &str) -> Option<ToldSymptom> {
    if text.split_whitespace().nth(LONGEST_DESCRIPTION).is_some() {
        return None;
    }
    let symptom = Symptoms::builtin().recognise(text)?;
    Some(ToldSymptom {
        id: symptom.id.clone(),
        title: symptom.title.clone(),
        means: symptom.means.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::decode::decode_text;

    #[test]
    fn a_text_without_a_known_error_gets_a_way_on() {
        assert!(read().unwrap().copy_instead.len() >= 2);
        let told = decode_text("Seit gestern werden keine Rechnungen mehr erstellt".as_bytes());
        let way_on = told.unrecognised.unwrap();
        assert!(way_on.says.contains("does not mean that nothing is wrong"));
        assert_eq!(way_on.symptom.unwrap().id, "not-invoiced");
        assert_eq!(decode_text(b"hello").unrecognised.unwrap().symptom, None);
        let long = "keine Rechnungen erstellt ".repeat(40);
        assert_eq!(decode_text(long.as_bytes()).unrecognised.unwrap().symptom, None);
    }

    #[test]
    fn what_is_known_or_went_well_needs_none() {
        for text in [
            "AADSTS50076: x",
            "2026-10-01 06:00:00 INFO Successfully acquired token for contoso.crm4.dynamics.com",
        ] {
            assert_eq!(decode_text(text.as_bytes()).unrecognised, None, "{text}");
        }
    }
}
