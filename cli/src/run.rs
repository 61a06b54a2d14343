//! `wasmrt run`: runs a program, or calls one function of a module.

use crate::api::{
    Engine, EngineOptions, Extern, Failure, Instance, Metered, Module, Store, TellMissing, Trap,
    Value, Wasi,
};
use crate::input::{Form, Input, is_stdin};
use crate::report::{Outcome, Report, print};
use crate::settings::{self, cannot, parse_count, parse_duration, parse_size};
use crate::stats::Clock;
use crate::{calls, exit, guest, imports, progress, records, stats, trace, traps};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use std::ffi::{CString, OsString};
use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub fn command() -> Command {
    Command::new("run")
        .about("Run a program, or call a function of a module")
        .override_usage("wasmrt run [OPTIONS] FILE [ARGUMENTS]...")
        .arg(program())
        .args(guest::options())
        .args([invoke(), trap_missing()])
        .args(limits())
        .args([settings::mode("tiered"), settings::workers(), cache(), trace_flag(), stats_flag()])
        .args(records::options())
        .after_help(format!("{}\n\n{CODES}", settings::explained_modes()))
}

const CODES: &str = "\
Options stand before FILE; what follows it belongs to the program. The exit code is that of the program;
134 if it traps, 124 if --timeout or --fuel stops it, 1 if it cannot start, 2 for a wrong command line.";

/// The file and what follows it are one argument of ours, so that nothing behind the file is taken for an option.
fn program() -> Arg {
    Arg::new("program")
        .value_names(["FILE", "ARGUMENTS"])
        .num_args(1..)
        .required(true)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(OsString))
        .value_hint(ValueHint::FilePath)
        .help("A module, binary, text or compiled (- for standard input), and the program's arguments")
}

/// The file, and the arguments behind it.
fn words(matches: &ArgMatches) -> (PathBuf, Vec<OsString>) {
    let mut words = matches.get_many::<OsString>("program").into_iter().flatten().cloned();
    (PathBuf::from(words.next().unwrap_or_default()), words.collect())
}

/// What looks like an option in the place of the file is one that does not exist, unless a file has that name.
fn refuse_option(path: &Path) -> Outcome<()> {
    let name = path.to_string_lossy();
    if !name.starts_with('-') || is_stdin(path) || path.exists() {
        return Ok(());
    }
    Err(Report::new(format!("there is no option {name}"))
        .help("`wasmrt run --help` lists the options")
        .exits_with(exit::USAGE))
}

fn invoke() -> Arg {
    Arg::new("invoke")
        .long("invoke")
        .value_name("FUNCTION")
        .help("Call this export with ARGUMENTS and print its results")
}

fn trap_missing() -> Arg {
    Arg::new("trap-missing")
        .long("trap-missing")
        .action(ArgAction::SetTrue)
        .help("Run although functions are missing; calling one traps")
}

fn cache() -> Arg {
    Arg::new("cache")
        .long("cache")
        .value_name("FOLDER")
        .value_parser(value_parser!(OsString))
        .value_hint(ValueHint::DirPath)
        .help("Keep machine code in a folder of yours and find it again the next time")
}

fn trace_flag() -> Arg {
    Arg::new("trace")
        .long("trace")
        .action(ArgAction::SetTrue)
        .help("Print every call into and out of the program, with arguments and results")
}

fn stats_flag() -> Arg {
    Arg::new("stats")
        .long("stats")
        .action(ArgAction::SetTrue)
        .help("Print at the end what took how long and what was compiled")
}

fn limits() -> [Arg; 4] {
    [
        Arg::new("fuel")
            .long("fuel")
            .value_name("UNITS")
            .value_parser(parse_count)
            .help("Stop after so many units; an instruction costs about one (units k, M, G)"),
        Arg::new("timeout")
            .long("timeout")
            .value_name("TIME")
            .value_parser(parse_duration)
            .help("Stop after a time, such as 10s or 300ms"),
        Arg::new("max-memory")
            .long("max-memory")
            .value_name("SIZE")
            .value_parser(parse_size)
            .help("Most bytes of all memories together, such as 64MiB"),
        Arg::new("max-stack")
            .long("max-stack")
            .value_name("SIZE")
            .value_parser(parse_size)
            .help("Bytes of stack that the program may use; default: 512KiB"),
    ]
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let clock = Clock::start();
    let (path, arguments) = words(matches);
    refuse_option(&path)?;
    let engine = settings::engine(&engine_options(matches))?;
    let store = limited_store(&engine, matches)?;
    let profile = records::begin(matches, &store)?;
    let program =
        Program { input: Input::read_with_lines(&path)?, arguments, matches, store, engine };
    // The process is about to end, which frees all of it at once.
    let program = ManuallyDrop::new(program);
    let outcome = program.run(&clock);
    if matches.get_flag("stats") {
        stats::print(&program.engine, &program.store, matches.get_one("fuel").copied(), &clock);
    }
    match records::write(matches, &program.engine, profile.as_ref()) {
        Ok(()) => outcome,
        Err(report) if outcome.is_ok() => Err(report),
        Err(report) => {
            report.print();
            outcome
        }
    }
}

fn engine_options(matches: &ArgMatches) -> EngineOptions {
    let metered = ["fuel", "timeout", "profile"].iter().any(|option| matches.contains_id(option));
    let cache = matches.get_one::<OsString>("cache");
    EngineOptions {
        timeline: matches.contains_id("timeline"),
        cache: cache.and_then(|folder| CString::new(folder.as_bytes()).ok()),
        max_stack: matches.get_one("max-stack").copied(),
        metered: metered.then_some(Metered::WASMRT_METERED_ONLY),
        ..settings::engine_options(matches)
    }
}

/// A store with the limits of the command line.
fn limited_store(engine: &Engine, matches: &ArgMatches) -> Outcome<Store> {
    let store = settings::store(engine)?;
    if let Some(units) = matches.get_one::<u64>("fuel") {
        store.set_fuel(*units).map_err(|error| cannot("set the fuel", error))?;
    }
    if let Some(time) = matches.get_one::<Duration>("timeout") {
        store.set_deadline(*time).map_err(|error| cannot("set the deadline", error))?;
    }
    if let Some(bytes) = matches.get_one::<u64>("max-memory") {
        store.limit_memory(*bytes);
    }
    Ok(store)
}

struct Program<'a> {
    input: Input,
    arguments: Vec<OsString>,
    matches: &'a ArgMatches,
    store: Store,
    engine: Engine,
}

impl Program<'_> {
    fn run(&self, clock: &Clock) -> Outcome {
        let module = progress::load(&self.engine, &self.store, &self.input)?;
        let module = ManuallyDrop::new(module);
        clock.lap("compile");
        let trap_missing = self.matches.get_flag("trap-missing");
        let wasi = || guest::wasi(self.matches, &self.store, &self.input, &self.arguments);
        let tell = self.traces().then_some(trace::imported as TellMissing);
        let imports = imports::find(&self.store, &module, &self.input, trap_missing, tell, wasi)?;
        let imports = ManuallyDrop::new(imports);
        let instance = match self.instantiate(&module, &imports)? {
            ControlFlow::Continue(instance) => ManuallyDrop::new(instance),
            ControlFlow::Break(code) => return Ok(code),
        };
        clock.lap("instantiate");
        let outcome = match self.matches.get_one::<String>("invoke") {
            Some(function) => self.invoke(&module, &instance, function),
            None => self.start(&module, &instance),
        };
        clock.lap("run");
        self.keep(&module);
        outcome
    }

    /// Writes what was compiled into the cache, which would otherwise happen when everything is deleted.
    fn keep(&self, module: &Module) {
        if !self.matches.contains_id("cache") || self.input.form == Form::Serialized {
            return;
        }
        if let Err(error) = module.keep() {
            Report::warning(format!("the cache cannot be used: {}", error.what)).print();
        }
    }

    /// An instance, or the exit code of a program that its start function has ended.
    fn instantiate(
        &self,
        module: &Module,
        imports: &[Extern],
    ) -> Outcome<ControlFlow<u8, Instance>> {
        match Instance::with(&self.store, module, imports) {
            Ok(instance) => Ok(ControlFlow::Continue(instance)),
            Err(Failure::Trap(trap)) => self.ended(&trap).map(ControlFlow::Break),
            Err(Failure::Error(error)) => Err(cannot("instantiate the module", error)),
        }
    }

    /// The exit code of a program that has ended itself; the lower eight bits, as for any process.
    fn ended(&self, trap: &Trap) -> Outcome {
        match Wasi::exit_code(trap) {
            Some(code) => Ok(code as u8),
            None => Err(traps::report(trap, &self.input.short_name())),
        }
    }

    /// Runs a program: calls `_start`.
    fn start(&self, module: &Module, instance: &Instance) -> Outcome {
        match instance.export("_start") {
            Some(start) => {
                Ok(self.call("_start", &start, &[])?.break_value().unwrap_or(exit::SUCCESS))
            }
            None if calls::has_start(&self.input) => Ok(exit::SUCCESS),
            None => Err(calls::nothing_to_run(module, &self.input, self.arguments.first())),
        }
    }

    /// Calls one function with the arguments, after the module has initialised itself.
    fn invoke(&self, module: &Module, instance: &Instance, name: &str) -> Outcome {
        let function = instance.export(name).filter(|export| export.func_type().is_some());
        let function =
            function.ok_or_else(|| calls::no_such_function(module, &self.input, name))?;
        let ty = function.func_type().expect("a function");
        let args = calls::arguments(name, &ty, &self.arguments)?;
        if let Some(initialize) = instance.export("_initialize").filter(|_| name != "_initialize")
            && let ControlFlow::Break(code) = self.call("_initialize", &initialize, &[])?
        {
            return Ok(code);
        }
        match self.call(name, &function, &args)? {
            ControlFlow::Continue(results) => {
                results.iter().try_for_each(|value| print(format_args!("{value}\n")))?;
                Ok(exit::SUCCESS)
            }
            ControlFlow::Break(code) => Ok(code),
        }
    }

    /// The results of a function, or the exit code of a program that has ended itself.
    fn call(
        &self,
        name: &str,
        function: &Extern,
        args: &[Value],
    ) -> Outcome<ControlFlow<u8, Vec<Value>>> {
        let Some(ty) = function.func_type() else {
            return Err(Report::new(format!("the export {name} is not a function")));
        };
        if ty.params.len() != args.len() {
            return Err(Report::new(format!("{name} has the type {ty}, but takes no arguments")));
        }
        if self.traces() {
            trace::called(name, args);
        }
        match function.call(&ty, args) {
            Ok(results) => {
                if self.traces() {
                    trace::returned(name, &results);
                }
                Ok(ControlFlow::Continue(results))
            }
            Err(trap) => self.ended(&trap).map(ControlFlow::Break),
        }
    }

    fn traces(&self) -> bool {
        self.matches.get_flag("trace")
    }
}
