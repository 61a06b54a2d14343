//! Options that several commands have.

use clap::{Arg, ValueHint, value_parser};
use std::path::PathBuf;

/// The argument of commands that read one file.
pub fn file() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
        .help("A module, binary or text; - for standard input")
}

/// Where a command writes, instead of beside its input.
pub fn output() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
}
