//! Text that grows as long as there is memory.

use std::fmt;

/// A text under construction. Writing to it fails when memory is short.
#[derive(Default)]
pub struct Text(String);

impl Text {
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.try_reserve(text.len()).map_err(|_| fmt::Error)?;
        self.0.push_str(text);
        Ok(())
    }
}

/// Text inside an element or an attribute of XML.
pub struct Xml<'a>(pub &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split_inclusive(['&', '<', '>', '"']).try_for_each(|piece| {
            let escaped = match piece.as_bytes().last() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                Some(b'>') => "&gt;",
                Some(b'"') => "&quot;",
                _ => return f.write_str(piece),
            };
            f.write_str(&piece[..piece.len() - 1])?;
            f.write_str(escaped)
        })
    }
}
