//! `wasmrt`: runs, compiles and examines WebAssembly modules from the command line.
//!
//! Each command has a file, with its options and what it does. They read modules through `input`, use the engine through
//! `api`, and fail with a [`report::Report`], which is printed here.

mod api;
mod calls;
mod command_line;
mod compile;
mod exit;
mod guest;
mod imports;
mod input;
mod inspect;
mod options;
mod pages;
mod progress;
mod records;
mod report;
mod run;
mod sections;
mod serialized;
mod settings;
mod stats;
mod table;
mod terminal;
mod trace;
mod traps;
mod validate;
mod wat;

use report::{Outcome, Report};
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let code = run_command(std::env::args_os().collect()).unwrap_or_else(|report| {
        report.print();
        report.exit
    });
    ExitCode::from(code)
}

fn run_command(arguments: Vec<OsString>) -> Outcome {
    let command = command_line::command();
    let arguments = command_line::with_run(&command, arguments);
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return command_line::refused(error),
    };
    terminal::choose(command_line::color(&matches));
    match matches.subcommand() {
        Some(("run", matches)) => run::run(matches),
        Some(("compile", matches)) => compile::run(matches),
        Some(("validate", matches)) => validate::run(matches),
        Some(("inspect", matches)) => inspect::run(matches),
        Some(("wat2wasm", matches)) => wat::run(matches),
        Some(("completions", matches)) => pages::completions(matches),
        Some(("manual", _)) => pages::manual(),
        _ => Err(Report::new("there is no such command").exits_with(exit::USAGE)),
    }
}
