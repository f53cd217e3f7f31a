//! Text in Markdown in which nothing is a mark.

use std::borrow::Cow;

use crate::text::one_line;

/// Text on one line in which no character is a mark: not HTML, not emphasis, not a link, not a table's border.
pub(crate) fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut safe = String::with_capacity(line.len() + 8);
    let characters: Vec<char> = line.chars().collect();
    for (position, &character) in characters.iter().enumerate() {
        let beside = |other: Option<&char>| other.is_some_and(|other| other.is_alphanumeric());
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // An entity keeps GitHub from making a link of an address.
            ':' if characters.get(position + 1) == Some(&'/') => safe.push_str("&#58;"),
            // Inside a word an underscore is no mark.
            '_' if position > 0
                && beside(characters.get(position - 1))
                && beside(characters.get(position + 1)) =>
            {
                safe.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '#' => {
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
            "a\\|b \\# &lt;script&gt;x&lt;/script&gt; \\[l\\](javascript:1) \\*b\\* \\_i\\_ \\`c\\`"
        );
        assert_eq!(escaped("see http://evil.example"), "see http&#58;//evil.example");
        assert_eq!(escaped("snake_case"), "snake_case");
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
