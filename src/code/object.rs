//! What a program counter inside compiled wasm means.
//!
//! The registry gives a pointer to one of these for every address of a module's code. Lookups
//! allocate nothing and take no lock, so that the signal handler may do them; who looks up must
//! know that the code cannot go away meanwhile, which holds for code that has a frame on the stack.

use super::registry;
use super::sites::SiteTable;
use crate::abi::TrapCode;
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncIndex};
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

/// The code of a module in one mode, as far as lookups need it.
pub struct CodeObject {
    module: Arc<Module>,
    /// Addresses of the code.
    range: Range<usize>,
    sites: SiteTable,
}

/// A place in a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    pub func: FuncIndex,
    /// Byte offset of the instruction in the module.
    pub wasm_offset: u32,
    /// Why it traps; absent for a call.
    pub trap: Option<TrapCode>,
}

impl CodeObject {
    /// `sites` names functions by their [`DefinedFuncIndex`].
    pub fn new(module: Arc<Module>, range: Range<usize>, sites: SiteTable) -> CodeObject {
        CodeObject { module, range, sites }
    }

    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    pub fn sites(&self) -> &SiteTable {
        &self.sites
    }

    /// Whether `pc` is in this code, or a return address behind its last instruction.
    pub fn contains(&self, pc: usize) -> bool {
        self.range.start < pc && pc <= self.range.end
    }

    /// The instruction at exactly `pc` that faults to trap.
    pub fn trap_at(&self, pc: usize) -> Option<Location> {
        let offset = self.offset(pc)?;
        let site = self.sites.lookup_trap(offset)?;
        let func = self.func_index(self.sites.lookup_function(offset)?.function);
        let trap = TrapCode::from_u8(site.trap?.get())?;
        Some(Location { func, wasm_offset: site.wasm_offset, trap: Some(trap) })
    }

    /// The call that returns to exactly `return_address`.
    pub fn call_at(&self, return_address: usize) -> Option<Location> {
        let offset = self.offset(return_address)?;
        let site = self.sites.lookup_call(offset)?;
        let func = self.func_index(self.sites.lookup_caller(offset)?.function);
        Some(Location { func, wasm_offset: site.wasm_offset, trap: None })
    }

    fn offset(&self, pc: usize) -> Option<u32> {
        u32::try_from(pc.checked_sub(self.range.start)?).ok()
    }

    fn func_index(&self, number: u32) -> FuncIndex {
        self.module.func_index(DefinedFuncIndex(number))
    }
}

/// The object whose code contains `pc`; none for code that is no module's. The pointer is good as
/// long as that code cannot be freed.
pub fn find(pc: usize) -> Option<NonNull<CodeObject>> {
    NonNull::new(registry::lookup(pc)?.data.cast::<CodeObject>().cast_mut())
}

/// As [`find`], for the address to which a call returns: it may lie behind the code's last byte.
pub fn find_caller(return_address: usize) -> Option<NonNull<CodeObject>> {
    find(return_address).or_else(|| find(return_address.wrapping_sub(1)))
}

/// As [`find`], with a share in the object, whose tables then outlive the code. For a return
/// address too.
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
