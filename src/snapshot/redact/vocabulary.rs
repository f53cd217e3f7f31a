//! What a word may be without naming anybody: the words of the rules and of the error catalogue, symbolic names,
//! enumerations, property names. Everything else in a sentence is replaced, whoever or whatever it names.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::embedded::tree::{Content, Node};
use crate::embedded::{text, texts, tree, trees};

/// Words of the rules that are somebody's name more often than they are needed: of examples, of products, of months,
/// and the pieces of words that patterns are written with.
const NAMES: &[&str] = &[
    "adatum",
    "ann",
    "april",
    "august",
    "ben",
    "berlin",
    "contoso",
    "dell",
    "don",
    "fabrikam",
    "grace",
    "june",
    "lange",
    "li",
    "litware",
    "max",
    "northwind",
    "summer",
    "svc",
    "tailspin",
    "uma",
    "white",
    "wingtip",
    "woodgrove",
];

/// Punctuation beyond ASCII. What is neither this nor ASCII is a part of a word, also what cannot be seen.
const PUNCTUATION: &str = "€£¥§°–—‘’‚“”„…•«»‹›¡¿·×→、。「」";

struct Lexicon {
    words: HashSet<String>,
    /// The words of every sentence in their order, a blank around each: what is said in one is a phrase of everybody.
    sentences: String,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon {
        words: HashSet::with_capacity(16_000),
        sentences: String::with_capacity(1 << 20),
    };
    for path in trees("rules/") {
        if let Some(root) = tree(path) {
            lexicon.learn_tree(&root);
        }
    }
    for path in texts("rules/errors/").chain(texts("src/collect/")) {
        lexicon.learn(text(path));
    }
    lexicon.learn(text("rules/data/licenses.csv"));
    let own = include_str!("vocabulary.txt").lines();
    own.filter(|line| !line.starts_with('#'))
        .for_each(|line| lexicon.learn(line));
    super::known::NAMES.iter().for_each(|name| lexicon.learn(name));
    for name in NAMES {
        lexicon.words.remove(*name);
    }
    lexicon
});

impl Lexicon {
    fn learn_tree(&mut self, node: &Node<'_>) {
        match &node.content {
            Content::Scalar(scalar) => self.learn(&scalar.text),
            Content::List(items) => items.iter().for_each(|item| self.learn_tree(item)),
            Content::Map(entries) => {
                for entry in entries {
                    self.learn(&entry.key);
                    self.learn_tree(&entry.value);
                }
            }
        }
    }

    fn learn(&mut self, text: &str) {
        for word in words(text) {
            let start = self.sentences.len();
            self.sentences.push_str(&word.text.to_lowercase());
            let lower = &self.sentences[start..];
            // Nine of ten words were there before.
            if !self.words.contains(lower) {
                // A code is also written without its letters.
                if let Some(number) = lower.strip_prefix("aadsts") {
                    self.words.insert(number.to_owned());
                }
                self.words.insert(lower.to_owned());
            }
            self.sentences.push(' ');
        }
        self.sentences.push_str("\n ");
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

/// A word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl Word<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Every word of a text: letters, digits, and whatever else is no punctuation.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = rest.by_ref().find(|(_, character)| is_part(*character))?;
        let mut end = text.len();
        while let Some((position, character)) = rest.peek() {
            if !is_part(*character) {
                end = *position;
                break;
            }
            rest.next();
        }
        Some(Word {
            start,
            text: text.get(start..end)?,
        })
    })
}

fn is_part(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric()
    } else {
        !character.is_whitespace() && !PUNCTUATION.contains(character)
    }
}

/// Whether everybody may read the word: it is of the catalogue, a code, a short number, or made of such.
pub(super) fn knows(word: &str) -> bool {
    let lower = word.to_lowercase();
    if lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return lower.len() <= 3 || is_result(&lower) || LEXICON.has(&lower);
    }
    lower.len() == 1 || LEXICON.has(&lower) || is_code(&lower) || is_compound(word) || is_piece(&lower)
}

/// Whether a sentence of the catalogue says these words, in this order.
pub(super) fn is_phrase(words: &str) -> bool {
    LEXICON.sentences.contains(&format!(" {words} "))
}

/// `AADSTS50076`, `0x80040220`, of the catalogue or newer than it.
fn is_code(lower: &str) -> bool {
    let digits = |text: &str| (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal = |text: &str| {
        text.len() == 8 && text.starts_with('8') && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    lower.strip_prefix("aadsts").is_some_and(digits)
        || lower.strip_prefix("aadb2c").is_some_and(digits)
        || lower.strip_prefix("0x").is_some_and(hexadecimal)
}

/// `31m`, `2a`: too short to tell of anybody.
fn is_piece(lower: &str) -> bool {
    let digits = lower.trim_end_matches(|character: char| character.is_ascii_lowercase());
    (1..=2).contains(&digits.len())
        && lower.len() == digits.len() + 1
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A result of Dataverse as the signed decimal, without its sign.
fn is_result(digits: &str) -> bool {
    digits
        .parse::<u64>()
        .is_ok_and(|number| (2_147_090_432..=2_147_287_040).contains(&number))
}

/// `prvReadBusinessUnit`, `isMfaRegistered`, `HTTPStatusCode2`: every part is known, and no letter stands alone. One word
/// with a number is the name of a machine or of somebody, as `sql01` or `mail2`.
fn is_compound(word: &str) -> bool {
    if !word.is_ascii() {
        return false;
    }
    let (numbers, names): (Vec<&str>, Vec<&str>) = parts(word)
        .into_iter()
        .partition(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let letters: usize = names.iter().map(|name| name.len()).sum();
    letters >= 3
        && (names.len() > 1 || numbers.is_empty())
        && numbers.iter().all(|number| number.len() <= 2)
        && names
            .iter()
            .all(|name| name.len() > 1 && LEXICON.has(&name.to_lowercase()))
}

/// The parts of a name in camel case: `HTTPStatusCode2` is `HTTP`, `Status`, `Code`, `2`.
fn parts(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let mut parts = Vec::new();
    let mut start = 0;
    for (position, pair) in bytes.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let next = bytes.get(position + 2);
        let ends = before.is_ascii_digit() != after.is_ascii_digit()
            || before.is_ascii_lowercase() && after.is_ascii_uppercase()
            || before.is_ascii_uppercase()
                && after.is_ascii_uppercase()
                && next.is_some_and(u8::is_ascii_lowercase);
        if ends {
            parts.extend(word.get(start..=position));
            start = position + 1;
        }
    }
    parts.extend(word.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::{is_phrase, knows, parts, words};

    #[test]
    fn words_of_everybody_are_known_and_those_of_somebody_are_not() {
        for word in [
            "administrator",
            "Policy",
            "AADSTS50076",
            "AADSTS7000999",
            "0x80040220",
            "50126",
            "403",
            "prvReadAccount",
            "multiFactorAuthentication",
            "userPrincipalName",
            "crm4",
            "2147220960",
            "AADPremiumService",
            "DYN365",
            "isMfaRegistered",
            "OAuth",
        ] {
            assert!(knows(word), "{word}");
        }
        for word in [
            "Max",
            "Ana",
            "Muster",
            "王小明",
            "Zoë",
            "10117",
            "E0099812",
            "B12",
            "max1",
            "prvReadmuster",
            "MusterAdmin",
            "Contoso",
            "Graz",
            "hunter2",
            "Steiermark",
            "\u{200b}",
            "🦊",
            "99812345",
            "o365muster",
            "0x1234567890",
            "sql01",
            "Server07",
            "backup3",
        ] {
            assert!(!knows(word), "{word}");
        }
    }

    #[test]
    fn a_text_falls_into_words() {
        let of = |text| words(text).map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(
            of("user 王小明 (a_b) of C:\\x"),
            ["user", "王小明", "a", "b", "of", "C", "x"]
        );
        assert_eq!(of(" – … "), [""; 0]);
        assert_eq!(parts("HTTPStatusCode2"), ["HTTP", "Status", "Code", "2"]);
    }

    #[test]
    fn what_the_catalogue_says_is_a_phrase() {
        assert!(is_phrase("conditional access policy"));
        assert!(!is_phrase("grant mark"));
    }
}
