//! The seal of serialized bytes: a BLAKE3 hash, with a key if there is one.
//!
//! The same function serves as checksum and as message authentication code, at 2 to 3 GB/s. The key is derived from
//! the host's secret, which may have any length.

use std::fmt;

/// Bytes of a seal.
pub const SEAL_LEN: usize = 32;

/// Separates these keys from others that a host may derive from the same secret.
const PURPOSE: &str = "wasmrt 0.1 seal of serialized modules";

/// A secret shared by the engines that may load each other's modules.
#[derive(Clone)]
pub struct SerializeKey([u8; 32]);

impl SerializeKey {
    pub fn new(secret: &[u8]) -> SerializeKey {
        SerializeKey(blake3::derive_key(PURPOSE, secret))
    }
}

/// Reveals nothing.
impl fmt::Debug for SerializeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerializeKey")
    }
}

/// The seal of `bytes`.
pub fn seal(key: Option<&SerializeKey>, bytes: &[u8]) -> [u8; SEAL_LEN] {
    hash(key, bytes).into()
}

/// Whether `seal` is the seal of `bytes`, in constant time.
pub fn is_sealed(key: Option<&SerializeKey>, bytes: &[u8], seal: &[u8; SEAL_LEN]) -> bool {
    hash(key, bytes) == *seal
}

fn hash(key: Option<&SerializeKey>, bytes: &[u8]) -> blake3::Hash {
    match key {
        Some(key) => blake3::keyed_hash(&key.0, bytes),
        None => blake3::hash(bytes),
    }
}
