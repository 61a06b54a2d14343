//! Shared by several test programs: the C functions as Rust sees them, handles that delete what they own, the
//! configurations of an engine, numbers from seeds. Each program uses what it needs.

#![allow(dead_code)]

pub mod c_api;
pub mod handles;
pub mod modes;
pub mod random;

/// Says why a test is left out, past what the test harness captures.
pub fn skip(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
