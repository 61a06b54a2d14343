//! Which function is called, with which arguments, and what is said when there is none.

use crate::api::{ExternType, FuncType, Module, Value};
use crate::exit;
use crate::input::Input;
use crate::report::{Outcome, Report};
use crate::sections::Sections;
use std::ffi::OsString;

/// How many functions are suggested.
const SUGGESTED: usize = 8;

/// The arguments of a function from the words of the command line.
pub fn arguments(name: &str, ty: &FuncType, words: &[OsString]) -> Outcome<Vec<Value>> {
    let wrong = |what: String| Report::new(what).at(format!("{name}{ty}")).exits_with(exit::USAGE);
    if words.len() != ty.params.len() {
        let needed = count(ty.params.len());
        return Err(wrong(format!("{name} takes {needed}; given: {}", words.len())));
    }
    let parse = |(i, word): (usize, &OsString)| {
        let word = word.to_string_lossy();
        ty.params[i].parse(&word).ok_or_else(|| {
            let kind = ty.params[i];
            wrong(format!("argument {} of {name} is {kind}, but '{word}' was given", i + 1))
                .help(format!("write {}", kind.notation()))
        })
    };
    words.iter().enumerate().map(parse).collect()
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".into(),
        1 => "1 argument".into(),
        n => format!("{n} arguments"),
    }
}

/// Whether the module runs something by being instantiated.
pub fn has_start(input: &Input) -> bool {
    Sections::of(input.binary()).is_ok_and(|sections| sections.has_start)
}

/// There is no `_start`.
pub fn nothing_to_run(module: &Module, input: &Input, argument: Option<&OsString>) -> Report {
    let report = Report::new(format!("{} has nothing to run: it exports no _start", input.name()));
    let report = report.at(functions(module));
    if argument.is_some_and(|argument| argument.to_string_lossy().starts_with("--invoke")) {
        return report.help("options such as --invoke stand before the file");
    }
    report.help(format!(
        "call a function: wasmrt run --invoke FUNCTION {} ARGUMENTS",
        input.path.display()
    ))
}

pub fn no_such_function(module: &Module, input: &Input, name: &str) -> Report {
    let exports = module.exports();
    let report = match exports.iter().find(|export| export.name == name) {
        Some(export) => Report::new(format!("{name} is no function but a {}", export.ty.kind())),
        None => Report::new(format!("{} exports no function {name}", input.name())),
    };
    report.at(functions(module))
}

/// The functions that could be called.
fn functions(module: &Module) -> String {
    let exports = module.exports();
    let functions: Vec<String> = exports
        .iter()
        .filter_map(|export| match &export.ty {
            ExternType::Func(ty) => Some(format!("{}{ty}", export.name)),
            _ => None,
        })
        .collect();
    match functions.len() {
        0 => "it exports no functions".into(),
        n if n > SUGGESTED => {
            format!(
                "its functions: {}, and {} more",
                functions[..SUGGESTED].join(", "),
                n - SUGGESTED
            )
        }
        _ => format!("its functions: {}", functions.join(", ")),
    }
}
