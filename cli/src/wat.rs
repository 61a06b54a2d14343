//! `wasmrt wat2wasm`, and the text format for all other commands.

use crate::api::text;
use crate::report::{Outcome, Report, reason, write_out};
use crate::{exit, input, options};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::fs;
use std::path::{Path, PathBuf};

pub fn command() -> Command {
    Command::new("wat2wasm")
        .about("Translate a module from the text to the binary format")
        .arg(options::file().help("The text; - for standard input"))
        .arg(options::output().help("Where to write; default: FILE with the ending .wasm"))
        .arg(
            Arg::new("debug")
                .short('g')
                .long("debug")
                .action(ArgAction::SetTrue)
                .help("Add debug information, so that backtraces name lines of the text"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let path = matches.get_one::<PathBuf>("file").expect("a required argument");
    let text = input::read(path)?;
    if text.starts_with(input::BINARY) {
        return Err(Report::new(format!("{} is binary already", input::name(path))));
    }
    let binary = assemble(path, &text, matches.get_flag("debug"))?;
    write(path, matches.get_one("output"), "wasm", &binary)?;
    Ok(exit::SUCCESS)
}

/// The binary of a text, with lines for backtraces if they are wanted and the text is in a file. If it is wrong, the report
/// shows the line.
pub fn assemble(path: &Path, text: &[u8], with_lines: bool) -> Outcome<Vec<u8>> {
    let name = input::name(path);
    if with_lines && !input::is_stdin(path) {
        return text::assemble_file(path.as_os_str()).map_err(|error| wrong(&name, &error));
    }
    text::assemble(text).map_err(|error| wrong(&name, &format!("{name}:{error}")))
}

/// What is wrong with a text, from `NAME:LINE:COLUMN: WHAT` and the line below.
fn wrong(name: &str, error: &str) -> Report {
    let (first, drawing) = error.split_once('\n').unwrap_or((error, ""));
    let (place, what) = first.split_once(": ").unwrap_or((name, first));
    let report = Report::new(what).at(place);
    let number =
        place.strip_prefix(name).and_then(|place| place.split(':').nth(1)).unwrap_or_default();
    let margin = " ".repeat(number.len());
    let lines: Vec<&str> =
        drawing.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    match lines.as_slice() {
        [] => report,
        [line, rest @ ..] => {
            let rest: String = rest.iter().map(|line| format!("\n{margin} | {line}")).collect();
            report.drawn(&format!("{margin} |\n{number} | {line}{rest}"))
        }
    }
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
    fs::write(&to, bytes)
        .map_err(|error| Report::new(format!("cannot write {}: {}", to.display(), reason(&error))))
}
