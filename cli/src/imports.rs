//! What a module imports: functions of WASI, and what nobody has.

use crate::api::{Extern, ExternType, Import, Module, Store, TellMissing, Wasi};
use crate::input::Input;
use crate::report::{Outcome, Report};
use crate::settings::cannot;

const WASI: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// Externs for all imports, in order. `wasi` is asked only if the module imports from WASI. What nobody provides
/// is reported together; with `trap_missing`, functions trap instead when they are called, after `tell` has
/// learned of the call.
pub fn find(
    store: &Store,
    module: &Module,
    input: &Input,
    trap_missing: bool,
    tell: Option<TellMissing>,
    wasi: impl FnOnce() -> Outcome<Wasi>,
) -> Outcome<Vec<Extern>> {
    let imports = module.imports();
    let mut found: Vec<Option<Extern>> = imports.iter().map(|_| None).collect();
    if imports.iter().any(|import| WASI.contains(&import.module.as_str())) {
        let functions = wasi()?.imports(store, module);
        found = functions.map_err(|error| Report::new(format!("cannot bind WASI: {error}")))?;
    }
    let mut missing = Vec::new();
    for (import, found) in imports.iter().zip(&mut found) {
        match &import.ty {
            _ if found.is_some() => {}
            ExternType::Func(ty) if trap_missing => {
                let made = Extern::missing(store, ty, name(import), tell);
                *found = Some(made.map_err(|error| cannot("make a function", error))?);
            }
            _ => missing.push(import),
        }
    }
    if missing.is_empty() {
        Ok(found.into_iter().flatten().collect())
    } else {
        Err(report(&missing, input))
    }
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
    if let Some(origin) = origin(missing) {
        report = report.help(origin);
    }
    if missing.iter().all(|import| matches!(import.ty, ExternType::Func(_))) {
        return report
            .help("if the program may not need them: --trap-missing makes calls of them trap");
    }
    report
}

/// The tools whose modules import such things need a host of their own.
fn origin(missing: &[&Import]) -> Option<&'static str> {
    let any = |test: fn(&Import) -> bool| missing.iter().any(|import| test(import));
    if any(|import| import.module.starts_with("__wbindgen") || import.module == "wbg") {
        return Some(
            "wasm-bindgen made this module for JavaScript; build it for wasm32-wasip1 instead",
        );
    }
    if any(|import| import.module == "go" || import.module == "gojs") {
        return Some("Go made this module for JavaScript; build it with GOOS=wasip1 instead");
    }
    if any(|import| import.name.starts_with("emscripten_") || import.name.starts_with("invoke_")) {
        return Some(
            "Emscripten made this module for JavaScript; build it with -sSTANDALONE_WASM instead",
        );
    }
    if any(|import| import.module.starts_with("wasi:")) {
        return Some("the module was taken out of a component; build it for wasm32-wasip1 instead");
    }
    None
}

/// As backtraces and tables write it.
fn name(import: &Import) -> String {
    format!("{}.{}", import.module.escape_debug(), import.name.escape_debug())
}
