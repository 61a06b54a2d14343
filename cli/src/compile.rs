//! `wasmrt compile`: machine code in a file, which `wasmrt run` loads without compiling.

use crate::api::{Contents, EngineOptions, Metered, Mode};
use crate::input::{Form, Input};
use crate::report::{Outcome, Report};
use crate::settings::{cannot, engine, store, workers};
use crate::{exit, options, progress, wat};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::path::PathBuf;

pub fn command() -> Command {
    Command::new("compile")
        .about("Compile a module to a file that starts at once")
        .arg(options::file())
        .arg(options::output().help("Where to write; default: FILE with the ending .cwasm"))
        .arg(mode())
        .arg(workers())
        .arg(
            Arg::new("metered")
                .long("metered")
                .action(ArgAction::SetTrue)
                .help("Add code for --fuel and --timeout, which would be compiled when it runs"),
        )
        .after_help(
            "The file contains machine code for this processor and this build of wasmrt. Whoever can change it can run \
             anything in processes that load it: keep it where only you can write.",
        )
}

const MODES: [&str; 3] = ["optimized", "baseline", "tiered"];

fn mode() -> Arg {
    Arg::new("mode")
        .long("mode")
        .value_name("MODE")
        .value_parser(PossibleValuesParser::new(MODES))
        .default_value(MODES[0])
        .hide_possible_values(true)
        .help("optimized; baseline: compiled fast; tiered: likewise, and optimized later when hot")
}

/// What the engine compiles, and what is kept of it.
fn contents(matches: &ArgMatches) -> (Mode, Contents) {
    match matches.get_one::<String>("mode").map(String::as_str) {
        Some("baseline") => (Mode::WASMRT_COMPILE_BASELINE, Contents::WASMRT_SERIALIZE_EXISTING),
        Some("tiered") => (Mode::WASMRT_COMPILE_BOTH, Contents::WASMRT_SERIALIZE_EXISTING),
        _ => (Mode::WASMRT_COMPILE_OPTIMIZED, Contents::WASMRT_SERIALIZE_OPTIMIZED),
    }
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let input =
        Input::read_with_lines(matches.get_one::<PathBuf>("file").expect("a required argument"))?;
    if input.form == Form::Serialized {
        return Err(Report::new(format!("{} is a compiled module already", input.name())));
    }
    let (mode, contents) = contents(matches);
    let options = EngineOptions {
        mode: Some(mode),
        workers: matches.get_one("workers").copied(),
        metered: matches.get_flag("metered").then_some(Metered::WASMRT_METERED_BOTH),
        ..EngineOptions::default()
    };
    let engine = engine(&options)?;
    let store = store(&engine)?;
    let module = progress::load(&engine, &store, &input)?;
    let bytes =
        module.serialize(contents).map_err(|error| cannot("serialize the module", error))?;
    wat::write(&input.path, matches.get_one("output"), "cwasm", &bytes)?;
    Ok(exit::SUCCESS)
}
