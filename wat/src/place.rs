//! Where in a text something is wrong, as compilers say it: line, column, the line itself and a mark below.

use std::fmt::{self, Display, Formatter};

/// A place in a text.
pub struct Place<'t> {
    /// Both count from 1; columns are characters.
    line: usize,
    column: usize,
    /// The line.
    text: &'t str,
}

/// The number of characters of a line that are shown.
const SHOWN: usize = 120;

impl<'t> Place<'t> {
    /// The place of a byte.
    pub fn new(text: &'t str, offset: usize) -> Place<'t> {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[start..].chars().count() + 1;
        let text = text[start..].lines().next().unwrap_or_default();
        Place { line, column, text }
    }

    /// The message with its place, and the line with a mark below unless it is long.
    pub fn explain(&self, file: Option<&str>, message: &str) -> String {
        let file = file.map(|file| format!("{file}:")).unwrap_or_default();
        let message = format!("{file}{self}: {message}");
        if self.text.chars().nth(SHOWN).is_some() {
            return message;
        }
        let line: String =
            self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{message}\n  {line}\n  {:>width$}", '^', width = self.column)
    }
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_from_one() {
        let text = "ab\n\u{fc}c\n";
        let places: Vec<_> =
            [0, 2, 3, 5, 6, 7].map(|at| Place::new(text, at).to_string()).into_iter().collect();
        assert_eq!(places, ["1:1", "1:3", "2:1", "2:2", "2:3", "3:1"]);
    }

    #[test]
    fn the_line_is_shown_with_a_mark() {
        let text = "one\n\ttwo\tthree\r\nfour";
        let place = Place::new(text, text.find("three").unwrap());
        assert_eq!(place.explain(Some("f.wat"), "why"), "f.wat:2:6: why\n   two three\n       ^");
        let long = "x".repeat(1000);
        assert_eq!(Place::new(&long, 500).explain(None, "why"), "1:501: why");
    }
}
