//! A table of text that is searched where it lies: an index of thousands of lines for the handful that a run asks for
//! would be made at each start.

/// The lines of a table, sorted by the bytes of their first column, which ends with a comma.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SortedLines(&'static str);

impl SortedLines {
    /// The lines of a file, without its heading.
    pub(crate) fn below_heading(file: &'static str) -> Self {
        Self(file.split_once('\n').map_or("", |(_, lines)| lines))
    }

    /// All of them.
    pub(crate) fn all(self) -> impl Iterator<Item = &'static str> {
        self.0.lines()
    }

    /// Those whose first column is this.
    pub(crate) fn with(self, key: &str) -> impl Iterator<Item = &'static str> {
        let mut start = 0;
        let mut end = self.0.len();
        while start < end {
            let middle = start + (end - start) / 2;
            let break_before = memchr::memrchr(b'\n', &self.0.as_bytes()[start..middle]);
            let line = break_before.map_or(start, |at| start + at + 1);
            if first_column(&self.0[line..]) < key {
                start = memchr::memchr(b'\n', &self.0.as_bytes()[middle..])
                    .map_or(self.0.len(), |at| middle + at + 1);
            } else {
                end = line;
            }
        }
        let lines = self.0[start..].lines();
        lines.take_while(move |line| first_column(line) == key)
    }
}

/// What stands before the first comma.
fn first_column(line: &str) -> &str {
    memchr::memchr(b',', line.as_bytes()).map_or(line, |comma| &line[..comma])
}

#[cfg(test)]
mod tests {
    use super::SortedLines;

    #[test]
    fn each_line_is_found_by_its_first_column_and_nothing_else_is() {
        for file in [
            "key,value\na,1\nbb,2\nbb,3\nc,4\n",
            "key,value\na,1\nbb,2\nbb,3\nc,4",
            "key,value\n",
            "",
        ] {
            let table = SortedLines::below_heading(file);
            for line in table.all() {
                let key = super::first_column(line);
                let own: Vec<&str> = table
                    .all()
                    .filter(|one| one.split(',').next() == Some(key))
                    .collect();
                assert_eq!(table.with(key).collect::<Vec<_>>(), own, "{key} of {file:?}");
            }
            for stranger in ["", "A", "b", "bbb", "d", "key"] {
                assert_eq!(table.with(stranger).count(), 0, "{stranger} of {file:?}");
            }
        }
    }
}
