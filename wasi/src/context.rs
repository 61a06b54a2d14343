//! What a guest has: arguments, environment, streams, clocks, random numbers, files.
//!
//! A host sets these up in a [`Config`]. The first module that is bound makes a [`Context`] of it, which does not
//! change any more, except for what has a lock of its own. Several stores may use a context, each on its own thread.

use crate::clock::Clock;
use crate::random::Random;
use crate::stdio::Stdio;
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
}

/// What a guest has.
pub struct Context {
    pub args: Vec<CString>,
    pub env: Vec<CString>,
    pub clock: Clock,
    pub random: Random,
    pub stdio: [Stdio; 3],
}

impl Context {
    pub fn new(config: Config) -> Context {
        let Config { args, env, stdio, clock, random } = config;
        Context { args, env, clock, random, stdio }
    }
}
