//! Modules from files and standard input, in any of their forms.

use crate::api::{Error, ErrorKind, Module, Store};
use crate::report::{Outcome, Report, reason};
use crate::serialized::Header;
use crate::wat;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The beginnings of binary modules and components, and of serialized modules.
pub const BINARY: &[u8] = b"\0asm";
const SERIALIZED: &[u8] = b"\x7fwasmrt\n";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Binary,
    Text,
    Serialized,
}

pub struct Input {
    pub path: PathBuf,
    /// A binary or a serialized module; of a text, what was assembled from it.
    pub bytes: Vec<u8>,
    pub form: Form,
}

impl Input {
    /// The contents of a file; of standard input for `-`. Text is assembled.
    pub fn read(path: &Path) -> Outcome<Input> {
        Input::of(path, false)
    }

    /// As [`Input::read`]. Backtraces will name lines of a text.
    pub fn read_with_lines(path: &Path) -> Outcome<Input> {
        Input::of(path, true)
    }

    fn of(path: &Path, with_lines: bool) -> Outcome<Input> {
        let bytes = read(path)?;
        let form = form(path, &bytes);
        let bytes =
            if form == Form::Text { wat::assemble(path, &bytes, with_lines)? } else { bytes };
        Ok(Input { path: path.to_owned(), bytes, form })
    }

    /// The module in the binary format, which compiled modules contain as well.
    pub fn binary(&self) -> &[u8] {
        match self.form {
            Form::Serialized => {
                Header::of(&self.bytes).map_or(&[], |header| &self.bytes[header.binary])
            }
            _ => &self.bytes,
        }
    }

    /// As it is called in messages.
    pub fn name(&self) -> String {
        name(&self.path)
    }

    /// Its file name, for tables and backtraces.
    pub fn short_name(&self) -> String {
        match self.path.file_name() {
            Some(file) if !is_stdin(&self.path) => file.to_string_lossy().into_owned(),
            _ => self.name(),
        }
    }

    /// The module, ready to be instantiated.
    pub fn load(&self, store: &Store) -> Outcome<Module> {
        match self.form {
            Form::Serialized => Module::deserialize(store, &self.bytes),
            _ => Module::compile(store, &self.bytes),
        }
        .map_err(|error| self.refused(error))
    }

    /// Why the library refuses the module.
    pub fn refused(&self, error: Error) -> Report {
        // The start of a file that is no module says nothing.
        let offset = error.offset.filter(|offset| *offset > 0);
        let place = offset.map_or(self.name(), |offset| format!("{}+{offset:#x}", self.name()));
        let function = error.function.as_ref().map(|function| format!(", {function}"));
        let report = Report::new(&error.what).at(place + &function.unwrap_or_default());
        if error.is(ErrorKind::WASMRT_ERROR_SERIALIZED) {
            return report.help("compile the original module again with `wasmrt compile`");
        }
        if error.is(ErrorKind::WASMRT_ERROR_INVALID) && self.form != Form::Text {
            return report
                .help("the tool that made the module is at fault, or the file is damaged");
        }
        report
    }
}

pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    let bytes = if is_stdin(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    bytes.map_err(|error| {
        let report = Report::new(format!("cannot read {}: {}", name(path), reason(&error)));
        match error.kind() {
            io::ErrorKind::IsADirectory => report.help("give the file of a module"),
            _ => report,
        }
    })
}

/// A text is what is called so, or looks so: an opening parenthesis or a comment comes first. Everything else is left to
/// the library, which says what it seems to be.
fn form(path: &Path, bytes: &[u8]) -> Form {
    if bytes.starts_with(BINARY) {
        return Form::Binary;
    }
    if bytes.starts_with(SERIALIZED) {
        return Form::Serialized;
    }
    let is_called_text = path.extension().is_some_and(|extension| extension == "wat");
    let start = bytes.trim_ascii_start();
    if is_called_text || start.starts_with(b"(") || start.starts_with(b";;") {
        Form::Text
    } else {
        Form::Binary
    }
}
