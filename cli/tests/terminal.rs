//! What the command does on a terminal and nowhere else: colours, and a bar while a large module is compiled.

use std::fs::File;
use std::io::Read;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, ptr};

/// A terminal: what programs write to the second is read from the first.
fn terminal() -> (File, OwnedFd) {
    let (mut outer, mut inner) = (-1, -1);
    let none = ptr::null_mut();
    // SAFETY: room for two descriptors.
    let made = unsafe { libc::openpty(&mut outer, &mut inner, none, none.cast(), none.cast()) };
    assert_eq!(made, 0, "a terminal");
    // SAFETY: new descriptors that nobody else has.
    unsafe { (File::from_raw_fd(outer), OwnedFd::from_raw_fd(inner)) }
}

/// What the command prints on a terminal.
fn printed(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let (mut child, mut outer) = started(arguments, variables);
    let text = rest(&mut outer);
    child.wait().expect("its end");
    text
}

/// The command, and its terminal.
fn started(arguments: &[&str], variables: &[(&str, &str)]) -> (Child, File) {
    let (outer, inner) = terminal();
    let stream = || Stdio::from(inner.try_clone().expect("a descriptor"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmrt"));
    command.args(arguments).env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.to_vec());
    command.stdin(stream()).stdout(stream()).stderr(stream());
    // Who runs in the background may have been started to ignore interrupts.
    // SAFETY: the child sets what a signal does, before it becomes the command.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        })
    };
    let child = command.spawn();
    let child = child.expect("the command");
    // The last one: then reading ends when the command does.
    drop((command, inner));
    (child, outer)
}

/// What is printed from now on.
fn rest(outer: &mut File) -> String {
    let mut bytes = Vec::new();
    // The end is an error of a terminal.
    let _ = outer.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a file");
    path
}

#[test]
fn colours_appear_on_terminals_unless_they_are_refused() {
    let path = file("refused.wat", "(module (func (result i32)))");
    let arguments = ["validate", path.to_str().expect("a path")];
    let red = "\u{1b}[1;31merror\u{1b}[0m";
    assert!(printed(&arguments, &[]).contains(red));
    assert!(!printed(&arguments, &[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!printed(&arguments, &[("TERM", "dumb")]).contains('\u{1b}'));
    let [command, path] = arguments;
    assert!(!printed(&["--color", "never", command, path], &[]).contains('\u{1b}'));
    assert!(printed(&["--color", "always", command, path], &[("NO_COLOR", "1")]).contains(red));
}

/// A module that takes long to compile, and where its code would go.
fn large(name: &str) -> (PathBuf, PathBuf) {
    let body =
        "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (local.get 0)))".repeat(150);
    let function =
        format!("(func (export \"NAME\") (param i32) (result i32) {body} (local.get 0))");
    let functions: String = (0..2000).map(|i| function.replace("NAME", &format!("f{i}"))).collect();
    let path = file(name, &format!("(module {functions})"));
    let compiled = path.with_extension("cwasm");
    (path, compiled)
}

#[test]
fn a_bar_shows_how_far_a_long_compilation_is_and_leaves_nothing() {
    let (path, compiled) = large("large.wat");
    let (path, compiled) = (path.to_str().expect("a path"), compiled.to_str().expect("a path"));
    let start = Instant::now();
    let text = printed(&["compile", "--workers", "1", "-o", compiled, path], &[]);
    if start.elapsed() < Duration::from_millis(1500) {
        println!("skipped: this machine compiles too fast for a bar");
        return;
    }
    assert!(text.contains("compiling large.wat [") && text.contains("/2000 functions"), "{text:?}");
    assert!(text.ends_with("\r\u{1b}[K"), "{text:?}");
}

#[test]
fn an_interrupt_ends_a_long_compilation_and_removes_the_bar() {
    let (path, compiled) = large("interrupted.wat");
    let (path, compiled) = (path.to_str().expect("a path"), compiled.to_str().expect("a path"));
    let (mut child, mut outer) = started(&["compile", "--workers", "1", "-o", compiled, path], &[]);
    // The bar is the first that is printed.
    if outer.read_exact(&mut [0]).is_err() {
        println!("skipped: this machine compiles too fast for a bar");
        child.wait().expect("its end");
        return;
    }
    // SAFETY: a signal to our child.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let text = rest(&mut outer);
    assert_eq!(child.wait().expect("its end").signal(), Some(libc::SIGINT), "{text:?}");
    assert!(text.ends_with("\r\u{1b}[K"), "{text:?}");
}
