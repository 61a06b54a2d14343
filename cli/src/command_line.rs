//! The command line as a whole, from which help, manual and completions are made.

use crate::terminal::ColorWhen;
use crate::{compile, exit, inspect, pages, report, run, validate, wat};
use clap::builder::styling::{AnsiColor, Effects, Styles};
use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Command, builder::PossibleValuesParser};
use std::ffi::{OsStr, OsString};

const AFTER_HELP: &str = "\
`wasmrt FILE` is short for `wasmrt run FILE`. FILE is a module in the binary or the text format, or what
`wasmrt compile` wrote; `-` reads it from standard input. `wasmrt COMMAND --help` lists the options of a command.";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().effects(Effects::BOLD));

pub fn command() -> Command {
    Command::new("wasmrt")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Run, compile and examine WebAssembly modules")
        .after_help(AFTER_HELP)
        .styles(STYLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHEN")
                .global(true)
                .value_parser(PossibleValuesParser::new(["auto", "always", "never"]))
                .default_value("auto")
                .hide_default_value(true)
                .hide_possible_values(true)
                .help("Colours: auto (on terminals, unless NO_COLOR is set), always or never"),
        )
        .subcommands([
            run::command(),
            compile::command(),
            validate::command(),
            inspect::command(),
            wat::command(),
            pages::completions_command(),
            Command::new("manual").about("Print the manual page").hide(true),
        ])
}

pub fn color(matches: &ArgMatches) -> ColorWhen {
    match matches.get_one::<String>("color").map(String::as_str) {
        Some("always") => ColorWhen::Always,
        Some("never") => ColorWhen::Never,
        _ => ColorWhen::Auto,
    }
}

/// The arguments with `run` in front of a file that stands where a command should be.
pub fn with_run(command: &Command, mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    // The options that may precede a command.
    while let Some(argument) = arguments.get(at).and_then(|argument| argument.to_str()) {
        match argument {
            "--color" => at += 2,
            option if option.starts_with("--color=") => at += 1,
            _ => break,
        }
    }
    if arguments.get(at).is_some_and(|word| is_file(command, word)) {
        arguments.insert(at, "run".into());
    }
    arguments
}

/// Whether a word in the place of a command is meant as a file: it is none of the commands, and looks like a path.
fn is_file(command: &Command, word: &OsStr) -> bool {
    let is_command = command.get_subcommands().any(|command| command.get_name() == word);
    let looks_like_a_path = word
        .to_str()
        .is_none_or(|word| word == "-" || !word.starts_with('-') && word.contains(['.', '/']));
    !is_command && (looks_like_a_path || std::path::Path::new(word).is_file())
}

/// What clap has to say: help and version go to standard output and are no failure.
pub fn refused(error: clap::Error) -> report::Outcome {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // A closed pipe is nobody's fault.
    let _ = error.print();
    Ok(if is_help { exit::SUCCESS } else { exit::USAGE })
}
