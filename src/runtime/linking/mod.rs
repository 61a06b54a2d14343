//! Instantiation: imports are matched, and instances are made and initialized.

pub mod failure;
mod fill;
mod initialize;
pub mod instantiate;
pub mod link;
pub mod linker;
