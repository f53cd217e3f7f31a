//! Text in Markdown in which nothing is a mark.

use std::borrow::Cow;

use crate::text::one_line;

/// Text on one line in which no character is a mark: not HTML, not emphasis, not a link, not a table's border, not the name
/// of somebody who would be told of it. What stands between two grave accents stays code; an address or a name behind an at
/// sign becomes code: an entity or a backslash is undone before GitHub looks for names, and is seen where nobody renders.
pub(crate) fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut safe = String::with_capacity(line.len() + 8);
    let mut rest = line.as_str();
    while let Some((before, after)) = rest.split_once('`')
        && let Some((inside, behind)) = after.split_once('`')
    {
        if inside.is_empty() || inside.contains(MARKS) {
            words(&mut safe, &rest[..rest.len() - behind.len()]);
        } else {
            words(&mut safe, before);
            span(&mut safe, inside);
        }
        rest = behind;
    }
    words(&mut safe, rest);
    safe
}

/// Adds a code span. Two that touch would be one.
fn span(safe: &mut String, text: &str) {
    if safe.ends_with('`') {
        safe.push(' ');
    }
    safe.push_str(&code(text));
}

/// Adds words in which nothing is a mark.
fn words(safe: &mut String, text: &str) {
    for (position, word) in text.split(' ').enumerate() {
        if position > 0 {
            safe.push(' ');
        }
        let opens_line = safe.is_empty();
        // Between blanks they are no marks: a click path stays one that can be pasted.
        if !opens_line && matches!(word, ">" | "&") {
            safe.push_str(word);
            continue;
        }
        if !is_linked(word) {
            safe.push_str(&escaped_word(word, opens_line));
            continue;
        }
        // A mark beside an address stays out of its code: it is no part of it.
        for (number, part) in word.split_inclusive(MARKS).enumerate() {
            let text = part.trim_end_matches(MARKS);
            linked(safe, text, opens_line && number == 0);
            safe.push_str(&escaped_word(&part[text.len()..], false));
        }
    }
}

/// Adds a part of a word, as code where a reader of Markdown would make a link of it.
fn linked(safe: &mut String, text: &str, opens_line: bool) {
    if !is_linked(text) {
        safe.push_str(&escaped_word(text, opens_line));
        return;
    }
    let core = text.trim_start_matches('\'').trim_end_matches(CLOSING);
    let start = text.find(core).unwrap_or_default();
    safe.push_str(&text[..start]);
    span(safe, core);
    safe.push_str(&escaped_word(&text[start + core.len()..], false));
}

/// What a reader of Markdown could take for a mark, and no address needs.
const MARKS: [char; 11] = ['<', '>', '[', ']', '(', ')', '{', '}', '|', '`', '"'];

/// What may stand behind an address in a sentence.
const CLOSING: [char; 7] = ['\'', '.', ',', ';', ':', '!', '?'];

/// Whether a reader of Markdown makes a link of the word: an address, somebody's name, the number of an issue.
fn is_linked(word: &str) -> bool {
    let is_issue = |(at, _): (usize, &str)| {
        let behind = word[at + 1..].chars().next();
        behind.is_some_and(|digit| digit.is_ascii_digit())
    };
    let lower = word.to_ascii_lowercase();
    word.contains('@')
        || word.contains("://")
        || lower.contains("www.")
        || word.match_indices('#').any(is_issue)
}

/// A word in which no character is a mark.
fn escaped_word(word: &str, opens_line: bool) -> String {
    let mut safe = String::with_capacity(word.len() + 4);
    let characters: Vec<char> = word.chars().collect();
    // A number of an ordered list, or the mark of another one.
    let digits = characters
        .iter()
        .take_while(|digit| digit.is_ascii_digit())
        .count();
    for (position, &character) in characters.iter().enumerate() {
        let beside = |other: Option<&char>| other.is_some_and(|other| other.is_alphanumeric());
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // Inside a word an underscore is no mark.
            '_' if position > 0
                && beside(characters.get(position - 1))
                && beside(characters.get(position + 1)) =>
            {
                safe.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '#' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            '-' | '+' | '=' if opens_line && position == 0 => {
                safe.push('\\');
                safe.push(character);
            }
            '.' | ')'
                if opens_line && digits > 0 && position == digits && position + 1 == characters.len() =>
            {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

/// A code span around the text, whatever it holds.
pub(crate) fn code(text: &str) -> String {
    let text: Cow<'_, str> = Cow::Owned(one_line(text));
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The length of the longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn marks_html_links_and_line_feeds_of_a_hostile_name_are_text() {
        assert_eq!(
            escaped("a|b\n# <script>x</script> [l](javascript:1) *b* _i_ `c`"),
            "a\\|b \\# &lt;script&gt;x&lt;/script&gt; \\[l\\](javascript:1) \\*b\\* \\_i\\_ `c`"
        );
        assert_eq!(escaped("snake_case"), "snake_case");
        assert_eq!(
            escaped("> A & B > C >d &lt; e&f"),
            "&gt; A & B > C &gt;d &amp;lt; e&amp;f"
        );
    }

    #[test]
    fn addresses_names_and_numbers_of_issues_are_code() {
        for (text, shown) in [
            ("see http://evil.example", "see `http://evil.example`"),
            (
                "(https://a.example/x?a=1&b=2).",
                "(`https://a.example/x?a=1&b=2`).",
            ),
            ("www.evil.example", "`www.evil.example`"),
            ("cc @octocat, @org/team", "cc `@octocat`, `@org/team`"),
            ("svc@contoso.com: no role", "`svc@contoso.com`: no role"),
            ("[x](http://e.example)", "\\[x\\](`http://e.example`)"),
            (
                "![x](javascript:1)<http://e.example>",
                "!\\[x\\](javascript:1)&lt;`http://e.example`&gt;",
            ),
            ("o'neil@contoso.com's", "`o'neil@contoso.com's`"),
            ("'a@b.example'", "'`a@b.example`'"),
            ("`<script>` and `x`", "\\`&lt;script&gt;\\` and `x`"),
            ("a`@b` c", "a`@b` c"),
            ("`a`@b", "`a` `@b`"),
            (
                "`run --at https://e.example` now",
                "`run --at https://e.example` now",
            ),
            ("a lone ` and @b", "a lone \\` and `@b`"),
            ("``@b", "\\`\\` `@b`"),
            ("see #12", "see `#12`"),
            ("C# and # x", "C\\# and \\# x"),
            ("costs $5$", "costs \\$5\\$"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn a_text_does_not_open_a_list() {
        for (text, shown) in [
            ("- item", "\\- item"),
            ("+ item", "\\+ item"),
            ("=== x", "\\=== x"),
            ("1. item", "1\\. item"),
            ("12) item", "12\\) item"),
            ("1.5 hours", "1.5 hours"),
            ("a - b", "a - b"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
