//! What a program for WASI gets: arguments, environment, folders. Its streams are those of this process.

use crate::api::{Store, Wasi};
use crate::input::Input;
use crate::report::{Outcome, Report, without_number};
use crate::{exit, trace};
use clap::{Arg, ArgAction, ArgMatches, ValueHint, value_parser};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

pub fn options() -> [Arg; 4] {
    let folder = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FOLDER[::NAME]")
            .action(ArgAction::Append)
            .value_parser(value_parser!(OsString))
            .value_hint(ValueHint::DirPath)
    };
    [
        folder("dir")
            .help("Let the program use a folder, which it sees as NAME (default: as FOLDER)"),
        folder("dir-ro").help("As --dir, but nothing in the folder can be changed"),
        Arg::new("env")
            .long("env")
            .value_name("NAME[=VALUE]")
            .action(ArgAction::Append)
            .value_parser(value_parser!(OsString))
            .help("Set a variable of the program's environment, or pass on the one of that name"),
        Arg::new("inherit-env")
            .long("inherit-env")
            .action(ArgAction::SetTrue)
            .help("Pass on all variables of the environment"),
    ]
}

/// The context of the command line.
pub fn wasi(
    matches: &ArgMatches,
    store: &Store,
    input: &Input,
    arguments: &[OsString],
) -> Outcome<Wasi> {
    let wasi = Wasi::with_stdio().map_err(failed)?;
    wasi.add_arg(OsStr::new(&input.short_name())).map_err(failed)?;
    if !matches.contains_id("invoke") {
        arguments.iter().try_for_each(|argument| wasi.add_arg(argument)).map_err(failed)?;
    }
    if matches.get_flag("inherit-env") {
        wasi.inherit_env().map_err(failed)?;
    }
    for variable in matches.get_many::<OsString>("env").into_iter().flatten() {
        set_variable(&wasi, variable)?;
    }
    if matches.get_flag("trace") {
        wasi.trace(store, trace::print).map_err(failed)?;
    }
    for (option, writable) in [("dir", true), ("dir-ro", false)] {
        for folder in matches.get_many::<OsString>(option).into_iter().flatten() {
            let (host, guest) = split(folder, b"::").unwrap_or((folder, folder));
            wasi.open_folder(host, guest, writable).map_err(failed)?;
        }
    }
    Ok(wasi)
}

/// `NAME=VALUE`, or a variable of this process.
fn set_variable(wasi: &Wasi, variable: &OsStr) -> Outcome<()> {
    let wrong = |error: String| Report::new(error).exits_with(exit::USAGE);
    if let Some((name, value)) = split(variable, b"=") {
        return wasi.set_env(name, value).map_err(wrong);
    }
    match std::env::var_os(variable) {
        Some(value) => wasi.set_env(variable, &value).map_err(wrong),
        None => Ok(()),
    }
}

fn split<'a>(text: &'a OsStr, separator: &[u8]) -> Option<(&'a OsStr, &'a OsStr)> {
    let bytes = text.as_bytes();
    let at = bytes.windows(separator.len()).position(|window| window == separator)?;
    let rest = &bytes[at + separator.len()..];
    Some((OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(rest)))
}

fn failed(error: String) -> Report {
    Report::new(without_number(&error))
}
