//! Instances at work: what they refer to, their segments, and the table elements that they write when
//! somebody needs them.
//!
//! How an instance is made is in `linking`.

pub mod const_expr;
pub mod instance;
pub mod lazy_table;
pub mod out_of_bounds;
pub mod segments;
