//! Sentences with facts in them, where nobody knows a fact: other words for it, `rules/data/absent-facts.csv`, or nothing.
//!
//! A placeholder in angle brackets stands only where somebody has to put a value in: in a command, and on the page of a rule
//! that is about no account.

use std::sync::LazyLock;

use crate::embedded;
use crate::facts::FactId;

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A headline.
    Title,
    /// Why something matters: one sentence less is no loss.
    Reasons,
    /// What to do: nothing of it may be lost.
    Advice,
}

/// What stands for a fact without words of its own.
const NOT_KNOWN: &str = "(not known)";

/// Name of the fact, words in a title, words in a sentence; empty where there are none.
static ABSENT: LazyLock<Vec<[&str; 3]>> = LazyLock::new(|| {
    embedded::text("rules/data/absent-facts.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.splitn(3, ',');
            Some([cells.next()?, cells.next()?, cells.next()?])
        })
        .collect()
});

fn other_words(id: FactId, place: Place) -> Option<&'static str> {
    let name = id.definition().name;
    let [_, in_title, in_sentence] = ABSENT.iter().find(|row| row[0] == name)?;
    let words = match place {
        Place::Title => in_title,
        Place::Reasons | Place::Advice => in_sentence,
    };
    Some(*words).filter(|words| !words.is_empty())
}

/// A text that is being written.
pub(super) struct Prose {
    place: Place,
    text: String,
    /// Where the parenthesis that is open began, and whether it lacks a fact.
    aside: Option<usize>,
    aside_is_lacking: bool,
    /// Where the last colon stands.
    colon: Option<usize>,
    /// Where the sentence began, and whether it lacks a fact.
    sentence: usize,
    sentence_is_lacking: bool,
    /// Nothing more is written.
    is_over: bool,
}

impl Prose {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            text: String::new(),
            aside: None,
            aside_is_lacking: false,
            colon: None,
            sentence: 0,
            sentence_is_lacking: false,
            is_over: false,
        }
    }

    /// Adds what the author wrote. Only there are parentheses, colons and ends of sentences looked for.
    pub(super) fn literal(&mut self, literal: &str) {
        if self.is_over {
            return;
        }
        for piece in literal.split_inclusive(['(', ')', ' ']) {
            let closed = self.aside.take_if(|_| piece.ends_with(')'));
            let is_lacking = closed.is_some() && std::mem::take(&mut self.aside_is_lacking);
            if let Some(start) = closed.filter(|_| is_lacking) {
                self.text.truncate(start);
                continue;
            }
            self.text.push_str(piece);
            if piece.ends_with('(') {
                self.open_aside();
            } else if self.aside.is_none() && piece.ends_with(": ") {
                self.colon = Some(self.text.len() - 2);
            } else if self.aside.is_none() && piece.ends_with(". ") {
                self.end_sentence();
            }
        }
    }

    /// Adds the value of a fact.
    pub(super) fn value(&mut self, value: &str) {
        if !self.is_over {
            self.text.push_str(value);
        }
    }

    /// Adds what stands for a fact that nobody knows.
    pub(super) fn absent(&mut self, id: FactId) {
        if self.is_over {
            return;
        }
        if self.aside.is_some() {
            self.aside_is_lacking = true;
            return;
        }
        if let Some(colon) = self.colon.filter(|_| self.place == Place::Title) {
            self.text.truncate(colon);
            self.is_over = true;
            return;
        }
        match other_words(id, self.place) {
            Some(words) => self.words(words),
            None if self.place == Place::Reasons => self.sentence_is_lacking = true,
            None => self.words(NOT_KNOWN),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.end_sentence();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    /// Parentheses in a click path are a place on it, no aside.
    fn open_aside(&mut self) {
        let before = self.text.trim_end_matches('(').trim_end();
        if !before.ends_with('>') {
            self.aside = Some(before.len());
        }
    }

    fn end_sentence(&mut self) {
        if std::mem::take(&mut self.sentence_is_lacking) {
            self.text.truncate(self.sentence);
        }
        self.sentence = self.text.len();
    }

    /// Adds other words, with a capital where a sentence begins.
    fn words(&mut self, words: &str) {
        let mut letters = words.chars();
        match letters.next().filter(|_| self.text.len() == self.sentence) {
            Some(first) => {
                self.text.extend(first.to_uppercase());
                self.text.push_str(letters.as_str());
            }
            None => self.text.push_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{ABSENT, NOT_KNOWN};
    use crate::facts::{self, Facts};
    use crate::rules::RuleBook;

    #[test]
    fn every_row_names_a_fact() {
        assert!(!ABSENT.is_empty());
        for [name, ..] in ABSENT.iter() {
            assert!(facts::find(name).is_some(), "{name}");
        }
    }

    /// Nobody knows anything: no sentence of a built-in rule has a hole.
    #[test]
    fn every_sentence_of_the_built_in_rules_can_be_said_without_its_facts() {
        let book = RuleBook::builtin().unwrap();
        let nothing = Facts::given([]);
        for rule in book.rules() {
            let mut said = vec![
                rule.title.render_title(&nothing),
                rule.expectation.render(&nothing),
                rule.why.render_reasons(&nothing),
            ];
            said.extend(rule.breaks.iter().map(|words| words.render(&nothing)));
            for remedy in rule.all_remedies().map(|remedy| remedy.render(&nothing)) {
                said.extend(remedy.steps);
                said.extend([remedy.avoid, remedy.verify]);
            }
            for text in said {
                let holes = [NOT_KNOWN, "  ", ">  >", "> >", "()", "(("];
                let hole = holes.iter().find(|hole| text.contains(**hole));
                assert!(hole.is_none() && !text.is_empty(), "{}: {text}", rule.id);
                let is_open = text.split('<').skip(1).any(|rest| {
                    rest.split('>').next().is_some_and(|name| {
                        facts::definitions()
                            .iter()
                            .any(|fact| fact.name.replace(['.', '_'], " ") == name)
                    })
                });
                assert!(!is_open, "{}: {text}", rule.id);
            }
        }
    }
}
