//! What a guest has: arguments, environment, streams, clocks, random numbers, files.
//!
//! A host sets these up in a [`Config`]. The first module that is bound makes a [`Context`] of it, which does not
//! change any more, except for what has a lock of its own. Several stores may use a context, each on its own thread.

use crate::clock::Clock;
use crate::errno::Errno;
use crate::files::{Descriptor, MOST_DESCRIPTORS, Table};
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
    open: Vec<Descriptor>,
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

/// How many folders and sockets there may be beside the three streams.
const MOST_OPEN: usize = MOST_DESCRIPTORS - 3;

impl Config {
    /// Adds a folder or a socket.
    pub fn add(&mut self, descriptor: Descriptor) -> Result<(), Errno> {
        if self.open.len() >= MOST_OPEN {
            return Err(Errno::ProcessFiles);
        }
        self.open.try_reserve(1)?;
        self.open.push(descriptor);
        Ok(())
    }

    /// Standard input, output and error. One that the host itself does not have open stays closed.
    pub fn streams(&self) -> Result<[Option<Descriptor>; 3], Errno> {
        let stream =
            |number: u32| match Descriptor::from_stdio(self.stdio[number as usize].clone(), number)
            {
                Err(Errno::BadDescriptor) => Ok(None),
                result => result.map(Some),
            };
        Ok([stream(0)?, stream(1)?, stream(2)?])
    }
}

impl Context {
    /// With the streams of the [`Config`], and an empty table of files.
    pub fn new(config: Config, streams: [Option<Descriptor>; 3], mut files: Table) -> Context {
        let Config { args, env, stdio, clock, random, trace, open } = config;
        for (fd, descriptor) in (0..).zip(streams.into_iter().chain(open.into_iter().map(Some))) {
            if let Some(descriptor) = descriptor {
                let _ = files.put(fd, descriptor);
            }
        }
        Context { args, env, clock, random, trace, stdio, files }
    }
}
