//! Text values: where they are, and as strings for display.

use super::forms::{Encoding, Value};
use super::reader::{Format, Reader, Work};
use super::sections::Sections;
use super::units::Unit;

/// Longer texts are cut.
const LONGEST: usize = 4096;

/// The text of a value; `unit` is needed for the forms of version 5 that go by position.
#[inline(never)]
pub fn text<'a>(
    sections: &Sections<'a>,
    value: Value<'a>,
    unit: Option<&Unit<'a>>,
    work: &'a Work,
) -> Option<&'a [u8]> {
    match value {
        Value::Text(text) => Some(text),
        Value::TextAt(at) => Reader::new(sections.text, at, work)?.text(),
        Value::LineTextAt(at) => Reader::new(sections.line_text, at, work)?.text(),
        Value::TextIndex(index) => {
            let Unit { text_offsets, encoding: Encoding { format, .. }, .. } = *unit?;
            let size = if format == Format::Dwarf64 { 8 } else { 4 };
            let at = index.checked_mul(size)?.checked_add(text_offsets)?;
            let at = Reader::new(sections.text_offsets, at, work)?.offset(format)?;
            Reader::new(sections.text, at, work)?.text()
        }
        _ => None,
    }
}

/// As a string; what is not UTF-8 is replaced.
pub fn string(text: &[u8]) -> Option<String> {
    let mut string = String::new();
    push(&mut string, text)?;
    Some(string)
}

/// Folders and a file name, joined; what stands before an absolute path is dropped.
pub fn path(parts: &[&[u8]]) -> Option<String> {
    let start = parts.iter().rposition(|part| is_absolute(part)).unwrap_or(0);
    let mut path = String::new();
    let parts = parts[start..].iter().map(|part| part.strip_prefix(b"./").unwrap_or(part));
    for part in parts.filter(|part| !part.is_empty()) {
        if !path.is_empty() && !path.ends_with(['/', '\\']) {
            push(&mut path, b"/")?;
        }
        push(&mut path, part)?;
    }
    Some(path)
}

/// On any system: modules are compiled on all of them.
fn is_absolute(path: &[u8]) -> bool {
    matches!(path, [b'/' | b'\\', ..] | [b'a'..=b'z' | b'A'..=b'Z', b':', b'/' | b'\\', ..])
}

#[inline(never)]
fn push(string: &mut String, text: &[u8]) -> Option<()> {
    for chunk in text[..text.len().min(LONGEST)].utf8_chunks() {
        string.try_reserve(chunk.valid().len() + char::REPLACEMENT_CHARACTER.len_utf8()).ok()?;
        string.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            string.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_from_the_last_absolute_part_on() {
        let path = |parts: &[&str]| {
            path(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(path(&["/home/me", "src", "main.c"]), "/home/me/src/main.c");
        assert_eq!(path(&["/home/me", "/usr/include", "stdio.h"]), "/usr/include/stdio.h");
        assert_eq!(path(&["C:\\work\\", "src", "main.c"]), "C:\\work\\src/main.c");
        assert_eq!(path(&["", "", "main.c"]), "main.c");
        assert_eq!(path(&["/home/me", "./src", "./main.c"]), "/home/me/src/main.c");
        assert_eq!(path(&["/a", "b", "D:/c.c"]), "D:/c.c");
    }

    #[test]
    fn text_that_is_not_utf8_is_replaced() {
        assert_eq!(string(b"a\xffb").unwrap(), "a\u{fffd}b");
    }
}
