//! Instantiation: imports matched against what is given, instances made and initialized.

pub mod failure;
mod fill;
mod initialize;
pub mod instantiate;
pub mod link;
