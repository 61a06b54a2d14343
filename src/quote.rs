//! Names from modules, as messages show them.
//!
//! A name may hold anything: a NUL, at which C readers stop, terminal escape sequences, line feeds, characters that
//! reverse the writing direction, a megabyte of text. Messages show names between quotes, with the escapes of the
//! text format, and cut long ones. No other text of a module gets into a message.

use std::fmt::{self, Write};

/// The number of characters of a name that are shown.
const SHOWN: usize = 200;

/// A name between quotes.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, cut) = match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => (&self.0[..end], true),
            None => (self.0, false),
        };
        f.write_char('"')?;
        for c in shown.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c => write_visible(f, c)?,
            }
        }
        f.write_str(if cut { "\"..." } else { "\"" })
    }
}

/// Any bytes as a name between quotes. No more of them are looked at than may be shown.
pub fn quoted(name: &[u8]) -> String {
    let longest = 4 * (SHOWN + 1);
    let text = String::from_utf8_lossy(&name[..name.len().min(longest)]);
    Quoted(&text).to_string()
}

/// Text that may contain names, such as a message of the validator.
pub struct Visible<'a>(pub &'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write_visible(f, c))
    }
}

fn write_visible(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        c if is_invisible(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        c => f.write_char(c),
    }
}

/// Control characters, and characters that change how the following text is displayed.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_colour_or_turn_a_message() {
        let cases = [
            ("plain", r#""plain""#),
            ("", r#""""#),
            ("a\0b", r#""a\u{0}b""#),
            ("\x1b[31mred", r#""\u{1b}[31mred""#),
            ("two\nlines\r\t", r#""two\nlines\r\t""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("it's größer", r#""it's größer""#),
            ("a\u{202e}cba", r#""a\u{202e}cba""#),
            ("\u{9b}31m", r#""\u{9b}31m""#),
        ];
        for (name, shown) in cases {
            assert_eq!(Quoted(name).to_string(), shown);
        }
        assert_eq!(
            Visible("duplicate export name `\0`").to_string(),
            "duplicate export name `\\u{0}`"
        );
    }

    #[test]
    fn of_a_long_name_the_beginning_is_shown() {
        let shown = Quoted(&"ö".repeat(1 << 20)).to_string();
        assert_eq!(shown, format!("\"{}\"...", "ö".repeat(SHOWN)));
        assert_eq!(quoted("ö".repeat(1 << 20).as_bytes()), shown);
        assert_eq!(quoted(b"a\xff"), "\"a\u{fffd}\"");
    }
}
