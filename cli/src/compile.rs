//! `wasmrt compile`: machine code in a file, which `wasmrt run` loads without compiling.

use crate::api::{EngineOptions, Metered, Mode};
use crate::input::{Form, Input};
use crate::report::{Outcome, Report};
use crate::settings::{cannot, engine, store, workers};
use crate::{exit, options, progress, wat};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::path::PathBuf;

pub fn command() -> Command {
    Command::new("compile")
        .about("Compile a module to a file that starts at once")
        .arg(options::file())
        .arg(options::output().help("Where to write; default: FILE with the ending .cwasm"))
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

pub fn run(matches: &ArgMatches) -> Outcome {
    let input = Input::read(matches.get_one::<PathBuf>("file").expect("a required argument"))?;
    if input.form == Form::Serialized {
        return Err(Report::new(format!("{} is a compiled module already", input.name())));
    }
    let options = EngineOptions {
        mode: Some(Mode::WASMRT_COMPILE_OPTIMIZED),
        workers: matches.get_one("workers").copied(),
        metered: matches.get_flag("metered").then_some(Metered::WASMRT_METERED_BOTH),
        ..EngineOptions::default()
    };
    let engine = engine(&options)?;
    let store = store(&engine)?;
    let bytes = progress::during(&engine, &input, || {
        let module = input.load(&store)?;
        module.serialize().map_err(|error| cannot("serialize the module", error))
    })?;
    wat::write(&input.path, matches.get_one("output"), "cwasm", &bytes)?;
    Ok(exit::SUCCESS)
}
