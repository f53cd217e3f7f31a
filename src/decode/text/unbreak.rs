//! Joins the lines that a console or an email program broke, so that a sentence is one line again.

/// A line that ends here or later may have been broken; a shorter one ended by itself.
const SHORTEST_BROKEN: usize = 20;

/// A text with broken lines joined.
#[derive(Debug)]
pub(crate) struct Joined {
    /// The text.
    pub(crate) text: String,
    /// Where a piece of it starts, and where that piece stands in the original, in rising order.
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// Joins the broken lines of a text; `None` when there are none.
    ///
    /// A line is held to be broken when it is long, ends in the middle of a sentence, and the next one, behind
    /// the marks that an email program puts before a quoted line, goes on in lower case or behind a hyphen.
    pub(crate) fn of(original: &str) -> Option<Self> {
        let mut text = String::with_capacity(original.len());
        let mut pieces = vec![(0, 0)];
        let mut start = 0;
        let mut line_start = 0;
        for (end, _) in original.match_indices('\n') {
            let line = unquoted(&original[line_start..end]).trim_end();
            let rest = &original[end + 1..];
            let next = unquoted(rest.split('\n').next().unwrap_or_default());
            line_start = end + 1;
            if line.len() >= SHORTEST_BROKEN
                && !line.ends_with(['.', ':', ';', '!', '?', '}', ']'])
                && (next.starts_with(|first: char| first.is_lowercase() || first == '(')
                    || line.ends_with('-'))
            {
                text.push_str(original[start..end].trim_end());
                if !line.ends_with('-') {
                    text.push(' ');
                }
                start = original.len() - rest.len() + (rest.len() - rest.trim_start_matches(MARKS).len());
                pieces.push((text.len(), start));
                line_start = start;
            }
        }
        text.push_str(&original[start..]);
        (pieces.len() > 1).then_some(Self { text, pieces })
    }

    /// The offset in the original of an offset in the joined text.
    pub(crate) fn original_offset(&self, offset: usize) -> usize {
        let index = self
            .pieces
            .partition_point(|(joined, _)| *joined <= offset)
            .saturating_sub(1);
        let (joined, original) = self.pieces.get(index).copied().unwrap_or_default();
        original + (offset - joined)
    }
}

/// What stands before a quoted line.
const MARKS: [char; 4] = ['>', '|', ' ', '\t'];

fn unquoted(line: &str) -> &str {
    line.trim_start_matches(MARKS)
}

#[cfg(test)]
mod tests {
    use super::Joined;

    #[test]
    fn broken_lines_are_joined_and_others_stay() {
        let text = "Hi,\n> Your sign-in was successful but does not meet the\n>  criteria to access this resource.\n> Sign out and sign in with a different account, please\nThanks";
        let joined = Joined::of(text);
        assert_eq!(
            joined.as_ref().map(|joined| joined.text.as_str()),
            Some(
                "Hi,\n> Your sign-in was successful but does not meet the criteria to access this resource.\n> Sign out and sign in with a different account, please\nThanks"
            )
        );
        let offset =
            joined.map(|joined| joined.original_offset(joined.text.find("criteria").unwrap_or_default()));
        assert_eq!(offset, text.find("criteria"));
        for text in [
            "one\ntwo",
            "",
            "a longer line that ends where its sentence does.\nand so on",
        ] {
            assert!(Joined::of(text).is_none(), "{text}");
        }
    }
}
