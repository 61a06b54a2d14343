//! `wasmrt validate`: is a module valid?

use crate::api::{Engine, EngineOptions, Module, Store};
use crate::input::{Form, Input};
use crate::report::{Outcome, Report, print};
use crate::settings::cannot;
use crate::{exit, options};
use clap::{ArgAction, ArgMatches, Command};
use std::path::PathBuf;

pub fn command() -> Command {
    Command::new("validate")
        .about("Check that modules are valid")
        .arg(options::file().num_args(1..).action(ArgAction::Append))
        .after_help("Each valid module is listed; the exit code is 1 if any is not valid.")
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let options = EngineOptions { workers: Some(0), ..EngineOptions::default() };
    let engine = Engine::with(&options).map_err(|error| cannot("make an engine", error))?;
    let store = Store::of(&engine).map_err(|error| cannot("make a store", error))?;
    let mut code = exit::SUCCESS;
    for path in matches.get_many::<PathBuf>("file").into_iter().flatten() {
        match validate(&store, path) {
            Ok(()) => print(format_args!("{}: valid\n", crate::input::name(path)))?,
            Err(report) => {
                report.print();
                code = report.exit;
            }
        }
    }
    Ok(code)
}

fn validate(store: &Store, path: &std::path::Path) -> Outcome<()> {
    let input = Input::read(path)?;
    if input.form == Form::Serialized {
        return Err(Report::new(format!("{} is a compiled module", input.name()))
            .note("it was validated before it was compiled"));
    }
    Module::validate(store, &input.bytes).map_err(|error| input.refused(error))
}
