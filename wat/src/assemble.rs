//! From text to binary.

use crate::place::Place;
use wasmrt_process::claim::Claim;
use wasmrt_process::reserve;
use wast::Wat;
use wast::core::EncodeOptions;
use wast::core::GenerateDwarf;
use wast::parser::{self, ParseBuffer};

/// What a text may need for each of its bytes until it is assembled, taken from a claim. The worst that is known is a module
/// of functions without anything, `(func)`, which need between 300 and 400.
const NEED: usize = 500;

/// With a line of so many bytes there are no places for backtraces: for each instruction, `wast` looks for the end of
/// its line.
const LONG_LINE: usize = 10_000;

/// The binary of a module, or a message that says what is wrong, and where. A binary stays as it is. With the path of
/// the file, messages have it, and the binary gets DWARF that leads back to its lines.
pub fn assemble(text: &[u8], file: Option<&str>) -> Result<Vec<u8>, String> {
    let short = |_| format!("out of memory for {} bytes of text", text.len());
    reserve::begin().map_err(short)?;
    let claim = Claim::new(text.len().saturating_mul(NEED)).map_err(short)?;
    let made = convert(text, file);
    // What the system refused meanwhile came from the claim.
    reserve::checkpoint().map_err(short)?;
    drop(claim);
    made
}

fn convert(text: &[u8], file: Option<&str>) -> Result<Vec<u8>, String> {
    if text.starts_with(b"\0asm") {
        return Ok(text.to_vec());
    }
    let text = std::str::from_utf8(text).map_err(|error| {
        let valid = std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default();
        Place::new(valid, valid.len()).explain(file, "the text is not UTF-8")
    })?;
    parse(text, file)
        .map_err(|error| Place::new(text, error.span().offset()).explain(file, &error.message()))
}

fn parse(text: &str, file: Option<&str>) -> Result<Vec<u8>, wast::Error> {
    let file = file.filter(|_| text.lines().all(|line| line.len() < LONG_LINE));
    let mut buffer = ParseBuffer::new(text)?;
    buffer.track_instr_spans(file.is_some());
    let mut wat = parser::parse::<Wat<'_>>(&buffer)?;
    let mut options = EncodeOptions::new();
    // `wast` says the folder of a file twice, which only does no harm if it begins at the root.
    let path = file.and_then(|file| std::path::absolute(file).ok());
    if let Some(path) = &path {
        options.dwarf(path, text, GenerateDwarf::Lines);
    }
    options.encode_wat(&mut wat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        assemble(text.as_bytes(), None).unwrap_err()
    }

    #[test]
    fn text_becomes_a_binary_and_a_binary_stays() {
        let binary = assemble(b"(module (func (export \"f\")))", None).unwrap();
        assert!(binary.starts_with(b"\0asm\x01\0\0\0"));
        assert_eq!(assemble(&binary, None).unwrap(), binary);
        assert_eq!(assemble(b"(module)", None).unwrap(), b"\0asm\x01\0\0\0");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(message("(module\n  (func (param i23)))").starts_with("2:16: "));
        assert!(message("(module\n (func\n  local.get $x))").starts_with("3:13: unknown local"));
        assert!(message("(module").starts_with("1:8: "));
        let not_utf8 = assemble(b"(module\n  \xff)", Some("a.wat")).unwrap_err();
        assert!(not_utf8.starts_with("a.wat:2:3: the text is not UTF-8"), "{not_utf8}");
    }

    #[test]
    fn a_file_gets_lines_for_backtraces() {
        let text = b"(module (func (export \"f\") unreachable))";
        let has_lines = |binary: &[u8]| binary.windows(11).any(|bytes| bytes == b".debug_line");
        assert!(!has_lines(&assemble(text, None).unwrap()));
        assert!(has_lines(&assemble(text, Some("a.wat")).unwrap()));
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        for (begin, part) in [("", "("), ("(module (func ", "(block "), ("(module (rec ", "(rec ")]
        {
            assert!(message(&(begin.to_owned() + &part.repeat(1_000_000))).starts_with("1:"));
        }
    }
}
