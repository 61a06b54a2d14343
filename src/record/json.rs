//! Pieces of JSON.

use std::fmt::{self, Display, Formatter, Write};

/// A string with its quotes.
pub struct JsonString<'a>(pub &'a str);

impl Display for JsonString<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// Nanoseconds as a number in another unit, without rounding.
pub struct Scaled(pub u64, pub u64);

impl Display for Scaled {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Scaled(nanoseconds, unit) = *self;
        let digits = unit.ilog10() as usize;
        write!(f, "{}.{:0digits$}", nanoseconds / unit, nanoseconds % unit)
    }
}

/// An array of what an iterator yields.
pub fn array<T: Display>(out: &mut impl Write, items: impl Iterator<Item = T>) -> fmt::Result {
    out.write_char('[')?;
    for (number, item) in items.enumerate() {
        write!(out, "{}{item}", if number == 0 { "" } else { "," })?;
    }
    out.write_char(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_and_numbers_keep_their_digits() {
        assert_eq!(JsonString("a\"\\\n\u{1b}é").to_string(), r#""a\"\\\u000a\u001bé""#);
        assert_eq!(Scaled(1_234_005, 1_000).to_string(), "1234.005");
        let mut text = String::new();
        array(&mut text, [1, 2].into_iter()).unwrap();
        assert_eq!(text, "[1,2]");
    }
}
