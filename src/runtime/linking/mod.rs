//! Instantiation: imports matched against what is given, instances made and initialized.

pub mod instantiate;
pub mod link;
