//! Instances: the objects they refer to, their segments, and table elements that are written when needed.
//!
//! How an instance is made is in `linking`.

pub mod const_expr;
pub mod imports;
pub mod instance;
pub mod lazy_table;
pub mod out_of_bounds;
pub mod segments;
