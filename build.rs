//! Where the library can be built, how the shared one is linked, and which build this is.
//!
//! The SONAME changes only with the ABI. `-Bsymbolic` keeps another library with `wasm.h` in the same process
//! from intercepting our own calls. `nodelete` keeps the code mapped after `dlclose`, so that signal handlers,
//! fork hooks and worker threads never point into nothing.
//!
//! Serialized code is only good for the build that made it: a hash of everything that decides about generated
//! code stands for that. It depends on the sources alone, so that equal sources give equal libraries.

use std::path::Path;
use std::{env, fs, io};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    refuse_other_targets();
    for argument in ["-Wl,-soname,libwasmrt.so.0", "-Wl,-Bsymbolic", "-Wl,-z,nodelete"] {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
    println!("cargo::rustc-env=WASMRT_TARGET={}", env::var("TARGET").unwrap_or_default());
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for path in ["Cargo.toml", "Cargo.lock", "build.rs", "src"] {
        println!("cargo::rerun-if-changed={path}");
        hash.path(Path::new(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    println!("cargo::rustc-env=WASMRT_SOURCE_HASH={:016x}", hash.0);
}

/// One line instead of the errors that the code for one system would give elsewhere. cmake/supported.cmake says the same.
fn refuse_other_targets() {
    let is = |key: &str, value: &str| {
        env::var(format!("CARGO_CFG_TARGET_{key}")).as_deref() == Ok(value)
    };
    if !is("OS", "linux")
        || !is("ARCH", "x86_64")
        || !is("ENV", "gnu")
        || !is("POINTER_WIDTH", "64")
    {
        let target = env::var("TARGET").unwrap_or_default();
        println!("cargo::error=libwasmrt needs x86-64 Linux with glibc, not {target}");
    }
}

/// FNV-1a: stable over time, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// A file, or a folder with all that is in it; nothing for what is not there.
    fn path(&mut self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
            entries.sort_by_key(|entry| entry.file_name());
            return entries.iter().try_for_each(|entry| self.path(&entry.path()));
        }
        if path.exists() {
            self.bytes(path.to_string_lossy().as_bytes());
            self.bytes(&fs::read(path)?);
        }
        Ok(())
    }
}
