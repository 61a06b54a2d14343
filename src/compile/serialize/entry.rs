//! Entries of a cache folder: their names, and the code of one set.

use super::seal::seal;
use super::{IDENTITY, Serialized, SetParts, Subject};
use crate::abi::CodeMode;
use crate::cache::{EntryKind, EntryName};
use crate::compile::{CodeSet, CompileContext};
use crate::error::Error;
use std::sync::Arc;

/// The hash of a module's bytes.
pub type Digest = [u8; 32];

/// Separates names from other hashes of the same bytes.
const PURPOSE: &str = "wasmrt 0.1 names of cached code";
const WARM_PURPOSE: &str = "wasmrt 0.1 names of profiles";
const MODULE_PURPOSE: &[u8] = b"wasmrt 0.1 names of modules";

/// Of so many pieces with so many bytes consists what is looked at to tell modules apart quickly.
const PIECES: usize = 16;
const PIECE: usize = 64;

/// The hash of a module's bytes. It needs a stack of 256 KiB.
pub fn digest(bytes: &[u8]) -> Digest {
    seal(None, bytes)
}

/// The name of the code of a module in a mode: a hash of all that decides about the code, and about whether the module
/// is valid. With another key there is another name, so that engines with different keys do not replace each other's
/// entries.
pub fn entry_name(context: &CompileContext, module: &Digest, mode: CodeMode) -> EntryName {
    let mut hasher = blake3::Hasher::new_derive_key(PURPOSE);
    hasher.update(IDENTITY.as_bytes());
    hasher.update(&seal(context.serialize_key(), module));
    let limits = context.limits();
    let numbers = [
        context.features().bits().into(),
        mode.number() as u64,
        context.setting() as u64,
        context.patience().number(),
        limits.memory_pages,
        limits.table_elements,
        limits.function_size.into(),
        limits.locals.into(),
        limits.params.into(),
        limits.module_size.into(),
    ];
    for number in numbers {
        hasher.update(&number.to_le_bytes());
    }
    EntryName { kind: EntryKind::Code, hash: hasher.finalize().into() }
}

/// The name of what was hot in a module, in whatever mode, build and settings it ran.
pub fn warm_name(context: &CompileContext, module: &Digest) -> EntryName {
    let hash = blake3::derive_key(WARM_PURPOSE, &seal(context.serialize_key(), module));
    EntryName { kind: EntryKind::Profile, hash }
}

/// The name that says whether there is anything about a module, whatever its mode, build and settings. It is found quickly:
/// modules of the same length may share it.
pub fn module_name(context: &CompileContext, bytes: &[u8]) -> EntryName {
    let mut hasher = blake3::Hasher::new();
    hasher.update(MODULE_PURPOSE);
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    // From the first to the last.
    let last = bytes.len().saturating_sub(PIECE);
    for number in 0..PIECES {
        let start = last / (PIECES - 1) * number + last % (PIECES - 1) * number / (PIECES - 1);
        hasher.update(&bytes[start..bytes.len().min(start + PIECE)]);
    }
    let hash: Digest = hasher.finalize().into();
    let hash = context.serialize_key().map_or(hash, |key| seal(Some(key), &hash));
    EntryName { kind: EntryKind::Module, hash }
}

/// The code of a set as an entry.
pub fn write_entry(
    set: Arc<CodeSet>,
    name: &EntryName,
    context: &CompileContext,
) -> Result<Vec<u8>, Error> {
    let sets = [SetParts::of(set)?].into_iter().collect();
    let (subject, features) = (Subject::Entry(&name.hash), context.features());
    let entry = Serialized { subject, sets, features, key: context.serialize_key() };
    let (len, mut bytes) = (entry.len()?, Vec::new());
    bytes.try_reserve_exact(len)?;
    bytes.resize(len, 0);
    entry.write(&mut bytes)?;
    Ok(bytes)
}
