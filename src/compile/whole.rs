//! Code of a set that is one piece: all of a module's functions, or what earlier runs left.

use crate::abi::Tier;
use crate::code::function_table::{FunctionSpan, SiteTable};
use crate::code::{CodeObject, PublishedCode, registry};
use crate::error::Error;
use crate::observe::{CodeKind, Functions, Known, Part, Tools};
use std::sync::Arc;

/// Code that was complete when it became known. The fields are in the order in which they must be dropped.
pub(super) struct Whole {
    _registration: registry::Registration,
    known: Known,
    pub published: PublishedCode,
    /// Of functions that nothing else is known about.
    pub tier: Tier,
    /// Bytes of code and sites.
    pub memory: usize,
}

impl Whole {
    pub fn new(
        object: &Arc<CodeObject>,
        published: PublishedCode,
        sites: SiteTable,
        tier: Tier,
    ) -> Result<Whole, Error> {
        let range = published.range();
        let registration = registry::register(range.clone(), Arc::as_ptr(object).cast())?;
        let memory = range.len() + sites.memory();
        object.add_whole(range, sites)?;
        let known = Known::default();
        Ok(Whole { _registration: registration, known, published, tier, memory })
    }

    /// Tells tools what the code is. Nobody calls it yet.
    pub fn tell(
        &mut self,
        tools: &Tools,
        object: &CodeObject,
        mut kind: impl FnMut(FunctionSpan) -> CodeKind,
    ) -> Result<(), Error> {
        let sites = object.chunks().find_map(|chunk| chunk.whole());
        let (true, Some(sites)) = (tools.is_on(), sites) else { return Ok(()) };
        let mut parts = Vec::new();
        parts.try_reserve_exact(sites.functions().len())?;
        parts.extend(sites.encoded().map(|(span, sites)| Part { span, kind: kind(span), sites }));
        let (range, bytes) = (self.published.range(), self.published.bytes());
        let (module, address) = (object.module(), range.start);
        let functions = Functions { module, address, bytes, parts: &parts };
        self.known = tools.range(range);
        tools.functions(&functions, &mut self.known);
        Ok(())
    }

    /// Copies code from an address. False if it is not here.
    pub fn copy(&self, address: usize, out: &mut [u8]) -> bool {
        let start = address.checked_sub(self.published.range().start);
        let code = start
            .and_then(|start| self.published.bytes().get(start..start.checked_add(out.len())?));
        code.map(|code| out.copy_from_slice(code)).is_some()
    }
}
