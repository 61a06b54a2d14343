//! Sessions at the command line: commands, and what they print and end with.
//!
//! A file in `sessions` has commands, each in a line that begins with `$ `, and below it what the command prints: lines of
//! standard output as they are, those of standard error behind `! `, and at the end `? ` and the exit code, unless it
//! is 0. Each file runs in a folder of its own, with the modules of `modules` in it, by `sh`. WASMRT_RENEW=1 writes what
//! is printed into the files; lines that begin with `#` are remarks.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the tests");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// A folder with copies of the modules.
fn workplace(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for module in files(&here("modules")) {
        let to = folder.join(module.file_name().expect("a name"));
        fs::copy(&module, to).expect("a copy");
    }
    folder
}

/// What a command prints, in the form of the files.
fn transcript(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_wasmrt")).parent().expect("a folder");
    let path = env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()))
        .env_remove("NO_COLOR")
        .output()
        .expect("a shell");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text += "\n";
    }
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        writeln!(text, "{}", format!("! {line}").trim_end()).expect("a string");
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => writeln!(text, "? {code}").expect("a string"),
        None => writeln!(text, "? {}", output.status).expect("a string"),
    }
    text
}

/// The file as it should be: its commands and remarks, with what is printed now.
fn replayed(session: &str, folder: &Path) -> String {
    let mut text = String::new();
    let mut before = "";
    for line in session.lines() {
        // What commands print may begin like this, too.
        let is_remark = line.starts_with('#') && (before.is_empty() || before.starts_with('#'));
        before = line;
        if let Some(command) = line.strip_prefix("$ ") {
            if !text.is_empty() && !text.ends_with("\n\n") {
                text += "\n";
            }
            text += &format!("{line}\n{}", transcript(command, folder));
        } else if is_remark {
            if !text.is_empty() && !text.ends_with("\n\n") && !last_is_remark(&text) {
                text += "\n";
            }
            text += &format!("{line}\n");
        }
    }
    text
}

fn last_is_remark(text: &str) -> bool {
    text.lines().last().is_some_and(|line| line.starts_with('#'))
}

/// The first line that differs, with some before it.
fn difference(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<_>, Vec<_>) =
        (expected.lines().collect(), actual.lines().collect());
    let same = expected.iter().zip(&actual).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(6);
    let tail = |lines: &[&str]| {
        lines.iter().skip(from).take(16).fold(String::new(), |t, l| t + "\n  " + l)
    };
    format!("line {}\nexpected:{}\nprinted:{}", same + 1, tail(&expected), tail(&actual))
}

fn check(file: &Path) -> Result<(), String> {
    let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
    let expected = fs::read_to_string(file).expect("a session");
    let actual = replayed(&expected, &workplace(&name));
    if actual == expected {
        return Ok(());
    }
    if env::var_os("WASMRT_RENEW").is_some() {
        fs::write(file, actual).expect("a file that can be written");
        return Ok(());
    }
    Err(format!("{name}: {}", difference(&expected, &actual)))
}

#[test]
fn commands_print_what_the_sessions_say() {
    let files = files(&here("sessions"));
    assert!(files.len() >= 5, "only {} sessions", files.len());
    let faults: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = files.iter().map(|file| scope.spawn(|| check(file))).collect();
        threads.into_iter().filter_map(|t| t.join().expect("a session").err()).collect()
    });
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
}
