//! A bar on standard error while a large module is compiled: on terminals, and if it takes more than a second.
//!
//! There the module is compiled by a job, which says how far it is and can be cancelled: Ctrl-C removes the bar first.

use crate::api::{Engine, Interrupts, Job, Module, Store};
use crate::input::{Form, Input};
use crate::report::Outcome;
use crate::settings::cannot;
use crate::terminal::Stream;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(1);
const PERIOD: Duration = Duration::from_millis(100);
const WIDTH: u64 = 30;

/// The module of an input, ready to be instantiated.
pub fn load(engine: &Engine, store: &Store, input: &Input) -> Outcome<Module> {
    if !Stream::Err.is_terminal() || input.form == Form::Serialized {
        return input.load(store);
    }
    let job = Job::new_in(engine).map_err(|error| cannot("compile the module", error))?;
    thread::scope(|scope| {
        scope.spawn(|| job.feed(&input.bytes));
        watch(&job, &input.short_name());
    });
    job.module(store).map_err(|error| input.refused(error))
}

/// Until the job is over.
fn watch(job: &Job, name: &str) {
    let (start, interrupts) = (Instant::now(), Interrupts::watch());
    let mut is_drawn = false;
    while !job.is_over_in(PERIOD) && !interrupts.came() {
        if start.elapsed() >= PATIENCE {
            draw(name, job.progress());
            is_drawn = true;
        }
    }
    if is_drawn {
        // Nobody shall see that it was there.
        let _ = io::stderr().write_all(b"\r\x1b[K");
    }
    if interrupts.came() {
        job.cancel();
        interrupts.end();
    }
}

fn draw(name: &str, (done, total): (u64, u64)) {
    let done = done.min(total);
    let filled = (done * WIDTH).checked_div(total).unwrap_or(0) as usize;
    let bar = format!("{}{}", "#".repeat(filled), "-".repeat(WIDTH as usize - filled));
    let line = format!("\r\x1b[Kcompiling {name} [{bar}] {done}/{total} functions");
    let _ = io::stderr().write_all(line.as_bytes());
}
