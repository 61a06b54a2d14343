//! What a module imports: from WASI, or nothing that this command has.

use crate::api::{Extern, ExternType, Import, Module, Store};
use crate::input::Input;
use crate::report::{Outcome, Report};
use crate::settings::cannot;

/// Externs for all imports, in order. What nobody provides is reported together, or traps when it is called.
pub fn find(
    store: &Store,
    module: &Module,
    input: &Input,
    trap_missing: bool,
) -> Outcome<Vec<Extern>> {
    let imports = module.imports();
    let mut externs = Vec::new();
    let mut missing = Vec::new();
    for import in &imports {
        match &import.ty {
            ExternType::Func(ty) if trap_missing => {
                let message = format!("missing import {} was called", name(import));
                let made = Extern::trapping(store, ty, message);
                externs.push(made.map_err(|error| cannot("make a function", error))?);
            }
            _ => missing.push(import),
        }
    }
    if missing.is_empty() { Ok(externs) } else { Err(report(&missing, input)) }
}

fn report(missing: &[&Import], input: &Input) -> Report {
    let what = match missing {
        [_] => "an import is missing".to_owned(),
        missing => format!("{} imports are missing", missing.len()),
    };
    let mut report = Report::new(format!("{} cannot run: {what}", input.name()));
    for import in missing {
        let ty = &import.ty;
        report = report.at(format!("{} {}: {ty}", ty.kind(), name(import)));
    }
    if missing.iter().all(|import| matches!(import.ty, ExternType::Func(_))) {
        return report
            .help("if the program may not need them: --trap-missing makes calls of them trap");
    }
    report
}

/// As backtraces and tables write it.
fn name(import: &Import) -> String {
    format!("{}.{}", import.module.escape_debug(), import.name.escape_debug())
}
