//! The decoder: from bytes to a module description.
//!
//! `wasmparser` reads and validates; this folder goes through the parts of a module as they arrive
//! ([`decoder`]), keeps what the engine needs of each section ([`sections`], [`data`], [`exports`], [`types`],
//! [`const_expr`]), refuses unsupported constructs with a message that names the proposal ([`proposals`]), and
//! turns every failure into our error with its byte offset ([`errors`]). Function bodies stay ranges of the
//! bytes; [`validation`] keeps what validating them later needs, [`bodies`] reads them. Everything sized by the
//! module is allocated fallibly.

pub mod bodies;
mod const_expr;
mod data;
mod decoder;
mod errors;
mod exports;
mod limits;
mod proposals;
mod sections;
pub mod strangers;
mod types;
pub mod validation;

pub use decoder::{Decoder, Receiver};
pub use errors::{malformed, unsupported};
pub use limits::Limits;
#[cfg(test)]
pub use proposals::{BODIES, SECTIONS};
pub use sections::Late;
pub use validation::Validation;

use crate::error::{Error, Phase};
use crate::module::{Module, ModuleBytes};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::sync::Arc;

/// A module whose sections are valid and whose bodies have not been validated yet.
pub struct Decoded {
    pub module: Module,
    pub validation: Validation,
}

/// Reads all sections but the function bodies, and keeps a copy of `bytes`.
pub fn decode(bytes: &[u8], types: &TypeRegistry, limits: &Limits) -> Result<Decoded, Error> {
    decode_with(bytes, types, limits, |_, _| Ok(()))
}

/// The same. If something is wrong behind the bodies, `check` is called with the module so far and the number of its
/// bodies that are there, because an error in one of these comes first.
pub fn decode_with(
    bytes: &[u8],
    types: &TypeRegistry,
    limits: &Limits,
    check: impl FnOnce(Decoded, u32) -> Result<(), Error>,
) -> Result<Decoded, Error> {
    check_size(bytes, limits)?;
    let mut decoder = Decoder::new(ModuleBytes::copy(bytes)?);
    let mut whole = Whole::default();
    let result = decoder.advance(true, types, &mut whole);
    drop(decoder);
    let bodies = whole.bodies;
    match result {
        Ok(()) => whole.finish(),
        Err(error) if bodies == 0 => Err(error),
        Err(error) => {
            Err(whole.finish().and_then(|sofar| check(sofar, bodies)).err().unwrap_or(error))
        }
    }
}

/// Keeps what is decoded.
#[derive(Default)]
struct Whole {
    begun: Option<(Arc<Module>, Validation)>,
    /// How many bodies there were.
    bodies: u32,
    late: Late,
}

impl Receiver for Whole {
    fn begin(
        &mut self,
        module: Arc<Module>,
        validation: Validation,
        _: usize,
    ) -> Result<(), Error> {
        self.begun = Some((module, validation));
        Ok(())
    }

    fn body(&mut self, _: DefinedFuncIndex) -> Result<(), Error> {
        self.bodies += 1;
        Ok(())
    }

    fn end(&mut self, late: Late) -> Result<(), Error> {
        self.late = late;
        Ok(())
    }
}

impl Whole {
    fn finish(self) -> Result<Decoded, Error> {
        let (module, validation) = self.begun.ok_or_else(incomplete)?;
        let mut module = Arc::into_inner(module).ok_or_else(incomplete)?;
        self.late.complete(&mut module);
        Ok(Decoded { module, validation })
    }
}

#[cold]
fn incomplete() -> Error {
    Error::internal("a module was not read to its end")
}

fn check_size(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    if bytes.len() as u64 > u64::from(limits.module_size) {
        return Err(too_large(&format!("{} bytes", bytes.len()), limits));
    }
    Ok(())
}

/// A module of so many bytes, in words, is refused.
#[cold]
pub fn too_large(size: &str, limits: &Limits) -> Error {
    let allowed = limits.module_size;
    let text = format!("module of {size}, allowed are {allowed} (WASMRT_OPTION_MAX_MODULE_SIZE)");
    Error::limit(Phase::Decode, text)
}

#[cfg(test)]
mod tests;
