//! The meaning of program counters in compiled wasm.
//!
//! The registry returns a pointer to a [`CodeObject`] for every address of a module's code. Lookups allocate
//! nothing and take no lock, so signal handlers may do them; the caller must know that the code cannot be freed
//! meanwhile, which holds for code that has a frame on the stack.

use super::chunk::{Chunk, Chunks};
use super::function_table::{FunctionSpan, FunctionTable, SiteTable};
use super::registry;
use super::site_details::Details;
use crate::abi::function_code::Inlined;
use crate::abi::{Site, TrapCode};
use crate::module::Module;
use crate::sys::OutOfMemory;
use crate::types::{DefinedFuncIndex, FuncIndex};
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

/// The code of a module in one mode, as lookups need it. Code may be added while others look.
pub struct CodeObject {
    module: Arc<Module>,
    chunks: Chunks,
}

/// A position in a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    /// With inlining, the innermost function.
    pub func: FuncIndex,
    /// Byte offset of the instruction in the module.
    pub wasm_offset: u32,
    /// Why it traps; absent for a call.
    pub trap: Option<TrapCode>,
}

impl CodeObject {
    /// No code yet.
    pub fn new(module: Arc<Module>) -> CodeObject {
        CodeObject { module, chunks: Chunks::new() }
    }

    /// Adds a range of addresses with the complete code of a module. `sites` names functions by their
    /// [`DefinedFuncIndex`].
    pub fn add_whole(&self, range: Range<usize>, sites: SiteTable) -> Result<&Chunk, OutOfMemory> {
        self.chunks.add_whole(range, sites)
    }

    /// Adds a range of addresses for at most this many functions, which are added later.
    pub fn add_growing(
        &self,
        range: Range<usize>,
        functions: usize,
    ) -> Result<&Chunk, OutOfMemory> {
        self.chunks.add_growing(range, functions)
    }

    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// The ranges of code, the latest first.
    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter()
    }

    /// The function whose code begins at an address, and its encoded sites.
    pub fn code_from(&self, address: usize) -> Option<(FunctionSpan, &[u8])> {
        self.chunks.iter().find_map(|chunk| {
            let offset = chunk.offset(address)?;
            chunk.entry(offset).filter(|(span, _)| span.code_start == offset)
        })
    }

    /// Whether `pc` is in this code, or is a return address after its last instruction.
    pub fn contains(&self, pc: usize) -> bool {
        self.chunks.iter().any(|chunk| chunk.contains(pc))
    }

    /// The instruction at exactly `pc`, if it traps by faulting.
    pub fn trap_at(&self, pc: usize) -> Option<Location> {
        let (chunk, offset) = self.place(pc)?;
        let (site, details) = chunk.lookup_detailed_trap(offset)?;
        let trap = TrapCode::from_u8(site.trap?.get())?;
        let function = chunk.lookup_function(offset)?.function;
        Some(Location { trap: Some(trap), ..self.location(site, details, function) })
    }

    /// The call that returns to exactly `return_address`.
    pub fn call_at(&self, return_address: usize) -> Option<Location> {
        let (chunk, offset) = self.place(return_address)?;
        let (site, details) = chunk.lookup_detailed_call(offset)?;
        let function = chunk.lookup_caller(offset)?.function;
        Some(self.location(site, details, function))
    }

    /// The function whose code makes the call that returns to `return_address`, and where that code begins.
    pub fn caller_at(&self, return_address: usize) -> Option<(DefinedFuncIndex, usize)> {
        let (chunk, offset) = self.place(return_address)?;
        let span = chunk.lookup_caller(offset)?;
        Some((DefinedFuncIndex(span.function), chunk.start() + span.code_start as usize))
    }

    /// Where an exception goes that the call which returns to `return_address` throws: an address, and
    /// the bytes from the stack pointer up to the frame pointer there.
    pub fn handler_at(&self, return_address: usize) -> Option<(usize, usize)> {
        let (chunk, offset) = self.place(return_address)?;
        let (_, details) = chunk.lookup_detailed_call(offset)?;
        let handler = details.handler()?;
        let start = chunk.start() + chunk.lookup_caller(offset)?.code_start as usize;
        Some((start + handler.landing as usize, handler.frame_size as usize))
    }

    /// Whether the call that returns to `return_address` continues the same function in other code, so that its own
    /// frame must be skipped.
    pub fn is_hidden(&self, return_address: usize) -> bool {
        let place = self.place(return_address);
        let call = place.and_then(|(chunk, offset)| chunk.lookup_detailed_call(offset));
        call.is_some_and(|(_, details)| details.is_hidden())
    }

    /// The functions at an instruction, innermost first: those inlined there, then the one that has the code. None
    /// for the call of a hidden frame. `faulted` says that `pc` is not a return address.
    pub fn frames_at(&self, pc: usize, faulted: bool) -> impl Iterator<Item = Location> + '_ {
        let found = self.place(pc).and_then(|(table, offset)| {
            let fault = if faulted { table.lookup_detailed_trap(offset) } else { None };
            let span = fault.and_then(|_| table.lookup_function(offset));
            let span = span.or_else(|| table.lookup_caller(offset))?;
            let (site, details) = fault.or_else(|| table.lookup_detailed_call(offset))?;
            (!details.is_hidden()).then_some((site, details, span.function))
        });
        found.into_iter().flat_map(move |(site, details, function)| {
            let mut wasm_offset = site.wasm_offset;
            let trap = site.trap.and_then(|trap| TrapCode::from_u8(trap.get()));
            let inlined =
                self.inlined(details).map(|inlined| (inlined.function, inlined.call_offset));
            inlined.chain([(function, 0)]).map(move |(function, call_offset)| {
                let func = self.func_index(function);
                let location = Location { func, wasm_offset, trap };
                wasm_offset = call_offset;
                location
            })
        })
    }

    /// The innermost function at a site.
    fn location(&self, site: Site, details: Details<'_>, function: u32) -> Location {
        let function = self.inlined(details).next().map_or(function, |inlined| inlined.function);
        Location { func: self.func_index(function), wasm_offset: site.wasm_offset, trap: None }
    }

    /// Inlined functions, up to the first that does not exist in the module: serialized tables may be wrong.
    fn inlined<'a>(&self, details: Details<'a>) -> impl Iterator<Item = Inlined> + use<'a> {
        let functions = self.module.bodies.len();
        details.inlined().take_while(move |inlined| (inlined.function as usize) < functions)
    }

    /// The range of code that contains `pc` or ends there, and the offset in it.
    fn place(&self, pc: usize) -> Option<(&Chunk, u32)> {
        self.chunks.iter().find_map(|chunk| Some((chunk, chunk.offset(pc)?)))
    }

    fn func_index(&self, number: u32) -> FuncIndex {
        self.module.func_index(DefinedFuncIndex(number))
    }
}

/// The object whose code contains `pc`; none for code that belongs to no module. The pointer is valid as long as
/// that code cannot be freed.
pub fn find(pc: usize) -> Option<NonNull<CodeObject>> {
    NonNull::new(registry::lookup(pc)?.data.cast::<CodeObject>().cast_mut())
}

/// As [`find`], for a return address, which may lie after the code's last byte.
pub fn find_caller(return_address: usize) -> Option<NonNull<CodeObject>> {
    find(return_address).or_else(|| find(return_address.wrapping_sub(1)))
}

/// As [`find`], with a reference to the object, whose tables then outlive the code. Also for return addresses.
///
/// # Safety
/// The code that contains `pc` cannot be freed before this returns.
pub unsafe fn find_shared(pc: usize) -> Option<Arc<CodeObject>> {
    let object = find_caller(pc)?;
    // SAFETY: the registry holds pointers of `Arc`s that live as long as the code.
    unsafe {
        Arc::increment_strong_count(object.as_ptr());
        Some(Arc::from_raw(object.as_ptr()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::SiteDetails;
    use crate::abi::function_code::Handler;
    use crate::binary::{Limits, decode};
    use crate::code::function_table::SiteTableBuilder;
    use crate::code::sites::FunctionSites;
    use crate::types::TypeRegistry;

    /// Three functions; the code of the first has the others inlined at a call and at a trap, and one
    /// call whose frame is hidden.
    fn object(functions: [u32; 2]) -> CodeObject {
        let bytes =
            wat::parse_str("(module (import \"\" \"\" (func)) (func) (func) (func))").unwrap();
        let module = decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module;
        let site = |code_offset, trap| Site { code_offset, wasm_offset: 30 + code_offset, trap };
        let trap = Some(TrapCode::Unreachable.as_non_zero());
        let sites = [site(4, None), site(4, trap), site(8, None), site(9, None)];
        let [inner, outer] = functions;
        let chain = [
            Inlined { function: inner, call_offset: 20 },
            Inlined { function: outer, call_offset: 10 },
        ];
        let handler = Some(Handler { landing: 12, frame_size: 32 });
        let inlined = SiteDetails { inlined: chain.into(), handler, ..SiteDetails::default() };
        let hidden = SiteDetails { is_hidden: true, ..SiteDetails::default() };
        let details = [(0, inlined.clone()), (1, inlined), (3, hidden)];
        let sites = FunctionSites::encode_with(&sites, &details).unwrap();
        let mut builder = SiteTableBuilder::default();
        builder.push(FunctionSpan { function: 0, code_start: 0, code_len: 16 }, sites).unwrap();
        let object = CodeObject::new(Arc::new(module));
        object.add_whole(100..116, builder.finish()).unwrap();
        object
    }

    fn frames(object: &CodeObject, pc: usize, faulted: bool) -> Vec<(u32, u32)> {
        object.frames_at(pc, faulted).map(|place| (place.func.0, place.wasm_offset)).collect()
    }

    #[test]
    fn inlined_functions_have_frames_of_their_own() {
        let object = object([2, 1]);
        for faulted in [false, true] {
            assert_eq!(frames(&object, 104, faulted), [(3, 34), (2, 20), (1, 10)]);
        }
        assert_eq!(frames(&object, 108, false), [(1, 38)]);
        assert_eq!(object.call_at(104).map(|place| place.func), Some(FuncIndex(3)));
        let trap = object.trap_at(104).unwrap();
        assert_eq!((trap.func, trap.trap), (FuncIndex(3), Some(TrapCode::Unreachable)));
    }

    #[test]
    fn hidden_frames_are_skipped() {
        let object = object([2, 1]);
        assert!(frames(&object, 109, false).is_empty());
        assert!(object.is_hidden(109) && !object.is_hidden(108) && !object.is_hidden(104));
    }

    #[test]
    fn handlers_are_found_by_return_address() {
        let object = object([2, 1]);
        assert_eq!(object.handler_at(104), Some((112, 32)));
        assert_eq!(object.handler_at(108), None);
    }

    #[test]
    fn functions_that_the_module_lacks_are_left_out() {
        assert_eq!(frames(&object([2, 3]), 104, false), [(3, 34), (1, 20)]);
        assert_eq!(frames(&object([u32::MAX, 1]), 104, false), [(1, 34)]);
    }
}
