//! The runtime: stores and their objects, instances, and calls between host and guest.
//!
//! The folders, each of which uses only those above it in this list:
//!
//! | folder | what is in it |
//! |---|---|
//! | `heap` | what an object is; handles, collection, host info |
//! | `memories` | the bytes of linear memories: reservations, initial images, growth, sharing, waiting |
//! | `engines` | what stores share: settings, signatures, compiled modules |
//! | `stores` | a store: its limits, fuel, stack and life |
//! | `externs` | what is imported and exported: functions, globals, tables, tags |
//! | `instances` | an instance, its segments and the table elements that it writes late |
//! | `trap_objects` | traps and their backtraces |
//! | `calls` | host to guest, guest to host, guest to runtime |
//! | `linking` | imports matched, instances made, linkers |
//!
//! Modules and code are known only through the types of `compile`; nothing here sees a parser, or knows C beyond
//! the layout of a value. Other folders name the files of these folders as if they were here, so that a file may
//! move between them.

mod calls;
mod engines;
mod externs;
mod heap;
mod instances;
mod linking;
mod memories;
mod stores;
mod trap_objects;
mod wiring;

pub(crate) use calls::builtin_table;
pub use calls::{call, entry, references};
pub use engines::{config, engine, job, module, signature};
pub use externs::{func, global, table, tag};
pub use heap::{environment, object, payload, root};
pub use instances::instance;
pub use linking::{failure, link, linker};
pub use memories::{memory, shared};
pub use stores::{handles, limits, metering, sampler, store};
pub use trap_objects::{exception, storeless, trap};
