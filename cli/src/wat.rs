//! `wasmrt wat2wasm`, and the text format for all other commands.

use crate::report::{Outcome, Report, write_out};
use crate::{exit, input, options};
use clap::{ArgMatches, Command};
use std::fs;
use std::path::{Path, PathBuf};

pub fn command() -> Command {
    Command::new("wat2wasm")
        .about("Translate a module from the text to the binary format")
        .arg(options::file().help("The text; - for standard input"))
        .arg(options::output().help("Where to write; default: FILE with the ending .wasm"))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let path = matches.get_one::<PathBuf>("file").expect("a required argument");
    let text = input::read(path)?;
    if text.starts_with(input::BINARY) {
        return Err(Report::new(format!("{} is binary already", input::name(path))));
    }
    let binary = assemble(path, &text)?;
    write(path, matches.get_one("output"), "wasm", &binary)?;
    Ok(exit::SUCCESS)
}

/// The binary of a text; if it is wrong, the report shows the line.
pub fn assemble(path: &Path, text: &[u8]) -> Outcome<Vec<u8>> {
    let name = input::name(path);
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(Report::new(format!("{name} is not text in UTF-8")));
    };
    wat::Parser::new().parse_str(Some(Path::new(&name)), text).map_err(|error| {
        let text = error.to_string();
        let (what, place) = text.split_once('\n').unwrap_or((&text, ""));
        Report::new(what).with_source(place)
    })
}

/// Writes the result of a command: to `output`, or beside the input with another ending; the result of standard input goes
/// to standard output.
pub fn write(from: &Path, output: Option<&PathBuf>, ending: &str, bytes: &[u8]) -> Outcome<()> {
    let to = match output {
        Some(output) => output.clone(),
        None if input::is_stdin(from) => from.to_owned(),
        None => from.with_extension(ending),
    };
    if input::is_stdin(&to) {
        return write_out(bytes);
    }
    if to == from {
        return Err(Report::new(format!("{} would be overwritten", to.display()))
            .help("say where to write with --output"));
    }
    fs::write(&to, bytes).map_err(|error| {
        Report::new(format!("cannot write {}: {}", to.display(), input::reason(&error)))
    })
}
