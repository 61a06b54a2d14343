//! What bytes that are not a module seem to be.
//!
//! Someone who passes the wrong file has usually forgotten a step, so the message says in one line what the bytes
//! seem to be and what to do with them, without showing any of them.

use super::proposals;
use crate::error::{Error, ErrorKind, Phase};

/// The beginning of every module.
const MAGIC: &[u8] = b"\0asm";
const MODULE_VERSION: [u8; 4] = [1, 0, 0, 0];

/// The beginning of a serialized module.
pub const SERIALIZED_MAGIC: [u8; 8] = *b"\x7fwasmrt\n";

/// Whether these first bytes are those of a module; false if there are too few to tell, and more may come. What the
/// bytes are instead is an error.
pub fn is_module(bytes: &[u8], ended: bool) -> Result<bool, Error> {
    let bytes = &bytes[..bytes.len().min(LOOKED_AT)];
    let begins_like_one = MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]);
    let known = if begins_like_one { MAGIC.len() + MODULE_VERSION.len() } else { LOOKED_AT };
    if bytes.len() < known && !ended {
        return Ok(false);
    }
    refuse(bytes)?;
    Ok(true)
}

/// Refuses bytes that do not begin like a module.
fn refuse(bytes: &[u8]) -> Result<(), Error> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let text = format!("magic header not detected: {}", describe(bytes));
        return Err(Error::new(ErrorKind::Malformed, Phase::Decode, text).at(0));
    };
    match rest.first_chunk::<4>() {
        None => {
            let text =
                "unexpected end: the bytes stop within the first eight, which every module has";
            Err(Error::new(ErrorKind::Malformed, Phase::Decode, text).at(bytes.len() as u64))
        }
        Some(&MODULE_VERSION) => Ok(()),
        // The second half of the word says that it is a component, the first half which version.
        Some([_, _, 1, 0]) => Err(component()),
        Some(version) => {
            let version = u32::from_le_bytes(*version);
            let text = format!("unknown binary version {version}, modules have version 1");
            Err(Error::new(ErrorKind::Malformed, Phase::Decode, text).at(4))
        }
    }
}

/// A component instead of a module.
#[cold]
pub fn component() -> Error {
    let text = "the bytes are a component, and this engine runs core modules: build for a target \
                without components, or take the modules out of it (\"wasm-tools component unbundle\")";
    Error::unsupported(Phase::Decode, proposals::COMPONENTS, text).at(4)
}

/// What bytes that are not a module seem to be.
pub fn describe(bytes: &[u8]) -> &'static str {
    let bytes = &bytes[..bytes.len().min(LOOKED_AT)];
    if bytes.is_empty() {
        return "there are no bytes";
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return "all bytes are zero";
    }
    if let Some((_, text)) = BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return text;
    }
    describe_text(bytes).unwrap_or("the bytes are no WebAssembly module")
}

const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\0asm", "the bytes are a WebAssembly module"),
    (&SERIALIZED_MAGIC, "the bytes are a serialized module, which wasm_module_deserialize loads"),
    (b"\x1f\x8b", "the bytes are compressed with gzip; unpack them first"),
    (b"\x28\xb5\x2f\xfd", "the bytes are compressed with Zstandard; unpack them first"),
    (b"\xfd7zXZ\0", "the bytes are compressed with xz; unpack them first"),
    (b"BZh", "the bytes are compressed with bzip2; unpack them first"),
    (b"PK\x03\x04", "the bytes are a zip archive; take the module out of it first"),
    (
        b"\x7fELF",
        "the bytes are an ELF file, a program or library for a processor; build it for WebAssembly",
    ),
    (
        b"\xcf\xfa\xed\xfe",
        "the bytes are a Mach-O file, a program or library for a processor; build it for WebAssembly",
    ),
    (b"MZ", "the bytes are a Windows program or library; build it for WebAssembly"),
    (b"!<arch>\n", "the bytes are an archive of object files; link them to a module first"),
    (b"BC\xc0\xde", "the bytes are LLVM bitcode; compile and link them to a module first"),
    (b"\x89PNG", "the bytes are a PNG image"),
    (b"\xff\xd8\xff", "the bytes are a JPEG image"),
    (b"%PDF", "the bytes are a PDF document"),
    (
        b"\xff\xfe",
        "the bytes are text in UTF-16; the text format is UTF-8 and must be assembled first",
    ),
    (b"version https://git-lfs", "the bytes are a pointer of Git LFS; fetch the file itself first"),
];

/// Only this much of the bytes is examined.
const LOOKED_AT: usize = 1024;

fn describe_text(bytes: &[u8]) -> Option<&'static str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut off.
        Err(error) if bytes.len() - error.valid_up_to() < 4 => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = |start: &str| {
        text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    Some(if begins("(component") {
        "the bytes are the text format of a component, which this engine does not run"
    } else if begins("(") || begins(";;") {
        "the bytes are in the WebAssembly text format; assemble them first (\"wat2wasm\" or \
         \"wasm-tools parse\")"
    } else if begins("<!doctype html") || begins("<html") {
        "the bytes are an HTML page, perhaps what a server sent instead of the file"
    } else if begins("<") {
        "the bytes are XML or HTML"
    } else if begins("{") || begins("[") {
        "the bytes are JSON"
    } else if begins("AGFzb") {
        "the bytes are a module in base64; decode them first"
    } else if begins("0061736d") {
        "the bytes are a module in hexadecimal digits; decode them first"
    } else if begins("#!") {
        "the bytes are a script"
    } else {
        "the bytes are text"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        refuse(bytes).unwrap_err().to_string()
    }

    #[test]
    fn the_wrong_file_is_called_what_it_is() {
        let cases: [(&[u8], &str); 18] = [
            (b"", "there are no bytes"),
            (&[0; 100], "all bytes are zero"),
            (b"\x1f\x8b\x08\0\0\0", "gzip; unpack"),
            (b"PK\x03\x04\x14\0", "zip archive"),
            (b"\x7fELF\x02\x01\x01", "an ELF file"),
            (b"MZ\x90\0", "a Windows program"),
            (b"\x89PNG\r\n\x1a\n", "a PNG image"),
            (b"\x7fwasmrt\n\x01\0\0\0", "wasm_module_deserialize"),
            (b"(module\n  (func))", "text format; assemble them"),
            (b"\xef\xbb\xbf\n ;; a comment\n(module)", "text format; assemble them"),
            (b"(component)", "text format of a component"),
            (b"  <!DOCTYPE html><html>404", "an HTML page"),
            (b"{\"error\": \"not found\"}", "are JSON"),
            (b"AGFzbQEAAAA=", "base64"),
            (b"0061736d01000000", "hexadecimal"),
            (b"#!/bin/sh\n", "a script"),
            (b"Not found", "are text"),
            (b"\x01\x02\x03\x04\x05", "no WebAssembly module"),
        ];
        for (bytes, words) in cases {
            let text = refusal(bytes);
            assert!(text.contains(words), "{text}");
            assert!(text.starts_with("malformed module: magic header not detected: "), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
        // The last character examined is cut off.
        assert!(refusal("ö".repeat(1000).as_bytes()).contains("are text"));
        assert!(refusal(format!("x{}", "ö".repeat(1000)).as_bytes()).contains("are text"));
    }

    #[test]
    fn a_component_and_other_versions_are_told_apart() {
        let text = refusal(b"\0asm\x0d\0\x01\0");
        assert!(
            text.starts_with("unsupported proposal: component model: the bytes are a component")
        );
        assert!(!text.contains("enable"), "{text}");
        assert!(refusal(b"\0asm\x02\0\0\0").contains("unknown binary version 2"));
        assert!(refusal(b"\0asm\x01").contains("unexpected end"));
        refuse(b"\0asm\x01\0\0\0").unwrap();
    }
}
