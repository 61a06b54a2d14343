//! What a guest has: arguments, environment, streams, clocks, random numbers, files.
//!
//! A host sets these up in a [`Config`]. The first module that is bound makes a [`Context`] of it, which does not
//! change any more, except for what has a lock of its own. Several stores may use a context, each on its own thread.

use crate::clock::Clock;
use crate::files::{Descriptor, Table};
use crate::random::Random;
use crate::stdio::Stdio;
use crate::trace::Trace;
use std::ffi::CString;

/// What a guest will have.
#[derive(Default)]
pub struct Config {
    pub args: Vec<CString>,
    /// Each as `NAME=value`.
    pub env: Vec<CString>,
    /// Standard input, output and error.
    pub stdio: [Stdio; 3],
    pub clock: Clock,
    pub random: Random,
    pub trace: Option<Trace>,
    /// What it finds open, from descriptor 3 on: folders and sockets.
    pub open: Vec<Descriptor>,
}

/// What a guest has.
pub struct Context {
    pub args: Vec<CString>,
    pub env: Vec<CString>,
    pub clock: Clock,
    pub random: Random,
    pub trace: Option<Trace>,
    /// What the three streams are when a guest starts.
    pub stdio: [Stdio; 3],
    pub files: Table,
}

impl Context {
    pub fn new(config: Config) -> Context {
        let Config { args, env, stdio, clock, random, trace, open } = config;
        let files = table(stdio.clone(), open);
        Context { args, env, clock, random, trace, stdio, files }
    }
}

/// The three streams, and what else the guest finds open. A stream that the host itself does not have open stays
/// closed.
fn table(stdio: [Stdio; 3], open: Vec<Descriptor>) -> Table {
    let files = Table::default();
    for (fd, stream) in (0..).zip(stdio) {
        if let Ok(descriptor) = Descriptor::from_stdio(stream, fd) {
            let _ = files.put(fd, descriptor);
        }
    }
    for (fd, descriptor) in (3..).zip(open) {
        let _ = files.put(fd, descriptor);
    }
    files
}
