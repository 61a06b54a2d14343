//! External values (spec: "External Values"): functions, globals, tables and exception tags as objects. Memories
//! have a folder of their own.

pub mod func;
pub mod global;
pub mod memory_growth;
pub mod table;
pub mod table_entry;
pub mod table_growth;
mod table_refresh;
pub mod table_storage;
pub mod tag;
