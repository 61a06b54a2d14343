//! A bar on standard error while a large module is compiled: on terminals, and if it takes more than a second.

use crate::api::Engine;
use crate::input::Input;
use crate::sections::Sections;
use crate::terminal::Stream;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1);
const PERIOD: Duration = Duration::from_millis(100);
const WIDTH: u64 = 30;

/// Does the work, which makes the engine compile the module.
pub fn during<T>(engine: &Engine, input: &Input, work: impl FnOnce() -> T) -> T {
    if !Stream::Err.is_terminal() {
        return work();
    }
    let (done, is_done) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || watch(engine, input, &is_done));
        let result = work();
        drop(done);
        result
    })
}

fn watch(engine: &Engine, input: &Input, is_done: &Receiver<()>) {
    let is_running = |time| is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !is_running(PATIENCE) {
        return;
    }
    let total = Sections::of(input.binary()).map_or(0, |sections| sections.bodies.len() as u64);
    loop {
        let stats = engine.stats();
        draw(&input.short_name(), stats.baseline.functions + stats.optimized.functions, total);
        if !is_running(PERIOD) {
            break;
        }
    }
    // Nobody shall see that it was there.
    let _ = io::stderr().write_all(b"\r\x1b[K");
}

fn draw(name: &str, done: u64, total: u64) {
    let done = done.min(total);
    let filled = (done * WIDTH).checked_div(total).unwrap_or(0) as usize;
    let bar = format!("{}{}", "#".repeat(filled), "-".repeat(WIDTH as usize - filled));
    let line = format!("\r\x1b[Kcompiling {name} [{bar}] {done}/{total} functions");
    let _ = io::stderr().write_all(line.as_bytes());
}
