//! What people see, in the words that they use, read from `rules/ask/symptoms.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::embedded;
use crate::profile::Profile;

/// Something that a person sees and that is no error code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Symptom {
    /// Its name everywhere.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// What usually stands behind it.
    pub means: String,
    /// The guidance that it only happens under, where nothing else tells which one applies.
    #[serde(default, rename = "speaks-for", skip_serializing)]
    pub speaks_for: Option<Profile>,
    /// Words by language: each entry is a set of words that all have to occur.
    words: BTreeMap<String, Vec<String>>,
}

impl Symptom {
    /// The words of each language, as they are matched.
    pub fn words(&self) -> &BTreeMap<String, Vec<String>> {
        &self.words
    }
}

/// All symptoms, in the order of the file.
#[derive(Debug, Default)]
pub struct Symptoms(Vec<Symptom>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    symptoms: Vec<Symptom>,
}

const PATH: &str = "rules/ask/symptoms.yaml";

impl Symptoms {
    /// The built-in symptoms.
    pub fn builtin() -> &'static Symptoms {
        // A test reads the file with `read`, so that a mistake in it cannot be shipped.
        static SYMPTOMS: LazyLock<Symptoms> = LazyLock::new(|| Symptoms::read().unwrap_or_default());
        &SYMPTOMS
    }

    fn read() -> Result<Self, String> {
        let file: File = embedded::data(PATH)?;
        Ok(Self(file.symptoms))
    }

    /// All of them.
    pub fn all(&self) -> &[Symptom] {
        &self.0
    }

    /// The symptom of this id.
    pub fn find(&self, id: &str) -> Option<&Symptom> {
        self.0.iter().find(|symptom| symptom.id == id)
    }

    /// The symptom that a text tells, by the largest set of its words that occur in it; none when no whole set does.
    pub fn recognise(&self, text: &str) -> Option<&Symptom> {
        let said = words(text);
        let mut best: Option<(usize, &Symptom)> = None;
        for symptom in &self.0 {
            let told = symptom.words.values().flatten().map(|phrase| words(phrase));
            let size = told
                .filter(|phrase| phrase.iter().all(|word| is_said(&said, word)))
                .map(|phrase| phrase.len())
                .max()
                .unwrap_or(0);
            if size > best.map_or(0, |(size, _)| size) {
                best = Some((size, symptom));
            }
        }
        best.map(|(_, symptom)| symptom)
    }
}

/// Whether the text says the word, in any of its forms: a longer word of the text that begins with it counts when the
/// word is long enough not to be an accident.
fn is_said(said: &[String], word: &str) -> bool {
    said.iter()
        .any(|spoken| spoken == word || (word.chars().count() >= 5 && spoken.starts_with(word)))
}

/// The words of a text: lower case, without accents and punctuation.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().flat_map(char::to_lowercase).map(plain).collect())
        .collect()
}

/// The letter without its accent, for the four languages of the file.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::Symptoms;

    #[test]
    fn the_built_in_symptoms_are_sound_and_told_in_four_languages() {
        let symptoms = Symptoms::read().unwrap();
        assert!(symptoms.all().len() >= 25);
        for symptom in symptoms.all() {
            let languages: Vec<&str> = symptom.words.keys().map(String::as_str).collect();
            assert_eq!(languages, ["de", "en", "es", "fr"], "{}", symptom.id);
            for phrase in symptom.words.values().flatten() {
                assert!(symptoms.recognise(phrase).is_some(), "{}: {phrase}", symptom.id);
            }
        }
        for id in [
            "reset-fails",
            "reset-error-text",
            "jobs-waiting",
            "jobs-fail",
            "not-provisioned",
            "not-invoiced",
            "blank-page",
            "dates-wrong",
            "amounts-wrong",
            "access-denied",
            "user-missing",
            "user-disabled",
            "asked-for-code",
            "consent-asked",
            "licence-message",
            "worked-until",
        ] {
            assert!(symptoms.find(id).is_some(), "{id} is promised to scripts");
        }
    }

    #[test]
    fn people_are_understood_in_four_languages() {
        let lines = include_str!("../../fixtures/said.tsv").lines().skip(1);
        let said: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('\t')).collect();
        assert!(said.len() >= 140, "{}", said.len());
        for (text, wanted) in said {
            let found = Symptoms::builtin()
                .recognise(text)
                .map(|symptom| symptom.id.as_str());
            assert!(
                wanted.split('|').any(|id| found == Some(id)),
                "`{text}` tells {wanted}, not {found:?}"
            );
        }
        assert!(Symptoms::builtin().recognise("the weather is nice").is_none());
    }
}
