//! The functions that guests call, one file per group. Each decodes what the guest passes, has the work done, and
//! writes the results.

pub mod args;
pub mod clock;
pub mod environ;
pub mod fd;
mod layout;
pub mod path;
pub mod poll;
pub mod process;
pub mod random;
pub mod sock;
mod strings;
pub mod transfer;
