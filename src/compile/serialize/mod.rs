//! A module as bytes that a later process of the same build can run without compiling.
//!
//! The bytes always hold the original binary, so that names, custom sections and offsets are kept and missing code
//! can be compiled, and code that exists, of any tier (see [`parts`]). Code is position independent and contains neither
//! addresses nor canonical ids, so loading is a copy.
//!
//! All numbers are little-endian; nothing is aligned.
//!
//! ```text
//!   8  magic
//!   4  version of this format
//!   4  flags: 1 if sealed with a key, 2 if it is an entry of a cache folder
//!   8  length of the whole
//!   4  length of the identity, and the identity of the build that wrote it
//!   4  extensions of the processor that the code may use
//!   8  length of the binary, and the binary; of an entry, its name
//!   4  number of code sets; each one:
//!        4  number of the mode
//!        4  form: 0 if the code is final, 1 if functions may get code later, 2 if they are also optimized then
//!        4  parts
//!        4  targets of indirect calls
//!        8  bytes of sites
//!        8  bytes of code
//!       32  for each part: function, role, start and length of its code, length of its sites, heat, budget (8)
//!       12  for each target: the number of the call's record, the function that is called, how many calls it got, roughly
//!           sites, code
//!  32  the seal: a hash of all that precedes, keyed if the flag says so
//! ```
//!
//! Loading checks in the order of the table, the seal before anything after the length. A hash without a key
//! detects damage, not forgery: whoever can write the bytes can run machine code in the process that loads them,
//! which is why there are keys. Lengths are checked all the same, so that a bug in the writer cannot become a wild
//! read, but the code of a set is trusted. Function bodies are not validated again: they were validated before
//! there was code.

mod entry;
mod parts;
mod read;
mod seal;
#[cfg(test)]
mod tests;
mod warm;
mod write;

pub use entry::{Digest, digest, entry_name, module_name, warm_name, write_entry};
pub use parts::SetParts;
pub use read::{Contents, SerializedSet};
pub use seal::SerializeKey;
pub use warm::Warm;
pub use write::Serialized;

use crate::binary::strangers::SERIALIZED_MAGIC as MAGIC;
use crate::error::{Error, ErrorKind, Phase};
use std::borrow::Cow;

const FORMAT: u32 = 3;
const KEYED: u32 = 1;
const ENTRY: u32 = 2;
const PART_RECORD: usize = 32;
const TARGET_RECORD: usize = 12;

/// The numbers of forms.
const FINAL: u32 = 0;
const GROWING: u32 = 1;
const TIERED: u32 = 2;

/// Only the build that made the code may use it: a hash of the sources is part of this.
const IDENTITY: &str = concat!(
    "wasmrt ",
    env!("CARGO_PKG_VERSION"),
    " ",
    env!("WASMRT_TARGET"),
    " ",
    env!("WASMRT_SOURCE_HASH")
);

/// What the code belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject<'a> {
    /// A binary.
    Module(&'a [u8]),
    /// The name of an entry in a cache folder.
    Entry(&'a [u8]),
}

#[cold]
pub(super) fn refused(why: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Serialized, Phase::Decode, why)
}
