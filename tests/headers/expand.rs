//! The library's source with its macros expanded, which is what cbindgen can read.
//!
//! Many functions of the C interface are made by `macro_rules!`, which cbindgen does not follow. rustc prints the
//! expansion on request, by a switch that stable compilers keep locked: it is unlocked for this one process.
//! Resolving the crate's imports needs its dependencies, so they are taken from where this test program's own were
//! built. Nothing is compiled here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

pub const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Writes the expanded source below the target directory. An error says why rustc refused.
pub fn expand() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let deps = program.parent().ok_or("this program has no directory")?;
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expanded.rs");
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.env("RUSTC_BOOTSTRAP", "1").current_dir(PACKAGE);
    rustc.env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"));
    rustc.args(["src/lib.rs", "--edition=2024", "--crate-name=wasmrt", "--crate-type=lib"]);
    rustc.args(["--cap-lints=allow", "-Zunpretty=expanded", "-o"]).arg(&output);
    rustc.arg("-L").arg(format!("dependency={}", deps.display()));
    for (package, version) in dependencies()? {
        let name = package.replace('-', "_");
        let path = newest(deps, &name, &format!("/{package}-{version}."))?;
        rustc.arg("--extern").arg(format!("{name}={}", path.display()));
    }
    let run = rustc.output().map_err(|e| format!("rustc does not start: {e}"))?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned());
    }
    Ok(output)
}

/// The packages that `[dependencies]` of the manifest lists, with their versions, if they have one.
fn dependencies() -> Result<Vec<(String, String)>, String> {
    let path = Path::new(PACKAGE).join("Cargo.toml");
    let manifest = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let section = lines.take_while(|line| !line.starts_with('['));
    Ok(section.filter_map(dependency).collect())
}

fn dependency(line: &str) -> Option<(String, String)> {
    let (package, source) = line.split_once('=')?;
    let version = source.split('"').nth(1).filter(|_| !source.contains("path"));
    Some((package.trim().into(), version.unwrap_or_default().into()))
}

/// The latest build of a crate, if possible from this folder of sources: tests use other crates, which use other versions.
fn newest(deps: &Path, name: &str, folder: &str) -> Result<PathBuf, String> {
    let prefix = format!("lib{name}-");
    let entries = fs::read_dir(deps).map_err(|e| e.to_string())?.flatten();
    let built = entries.filter(|entry| {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        file.starts_with(&prefix) && file.ends_with(".rlib")
    });
    let latest = built.max_by_key(|entry| {
        let modified = entry.metadata().and_then(|m| m.modified()).ok();
        (is_made_from(&entry.path(), folder), modified)
    });
    latest.map(|entry| entry.path()).ok_or_else(|| format!("no build of {name} is there"))
}

/// Whether the list of sources beside a library names this folder.
fn is_made_from(library: &Path, folder: &str) -> bool {
    let name = library.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let list = library.with_file_name(name.trim_start_matches("lib")).with_extension("d");
    fs::read_to_string(list).is_ok_and(|list| list.contains(folder))
}
