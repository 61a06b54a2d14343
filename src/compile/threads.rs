//! How many threads work on a module, and whose they are.

use super::executor::Executor;
use std::time::Duration;

/// As a number of workers: one per processor that the process may use.
pub const ALL_PROCESSORS: usize = usize::MAX;

/// How long a thread in the background waits for more to do before it ends.
pub const IDLE: Duration = Duration::from_millis(100);

/// The threads that do a piece of work, including the one that asks for it.
#[derive(Clone)]
pub struct Threads {
    pub count: usize,
    /// Whose the others are; absent: ours.
    pub executor: Option<Executor>,
}

impl Threads {
    /// Only the calling one.
    pub fn one() -> Threads {
        Threads { count: 1, executor: None }
    }
}

/// With fewer bytes of bodies per thread than this, another thread is not worthwhile.
const COMPILE_ALONE: usize = 1 << 10;
const VALIDATE_ALONE: usize = 64 << 10;

/// How many threads compile bodies of so many bytes.
pub fn compile_threads(workers: usize, bytes: usize) -> usize {
    threads(workers, bytes / COMPILE_ALONE)
}

pub fn validate_threads(workers: usize, bytes: usize) -> usize {
    threads(workers, bytes / VALIDATE_ALONE)
}

fn threads(workers: usize, wanted: usize) -> usize {
    if wanted > 1 && workers == ALL_PROCESSORS {
        // Asked late, because it reads files.
        return std::thread::available_parallelism().map_or(1, |n| n.get()).min(wanted);
    }
    workers.min(wanted).max(1)
}
