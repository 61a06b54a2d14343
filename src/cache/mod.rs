//! A folder with results that later processes use again.
//!
//! [`entries`] finds, writes and removes them by name; [`writer`] is a thread that writes while the host's threads go
//! on. Nothing here knows what the bytes mean. Whatever goes wrong, the answer is that there is no such entry, and the
//! log gets a line.

mod entries;
mod writer;

pub use entries::{Cache, CacheSettings, EntryKind, EntryName};
pub use writer::Writer;
