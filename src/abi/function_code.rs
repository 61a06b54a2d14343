//! The output of a compiler for one function: position-independent bytes, the direct calls to be linked, and the
//! sites where execution may stop or appear in a backtrace.

use crate::types::DefinedFuncIndex;

/// Bytes of code that a processor fetches at once.
pub const LINE: u32 = 64;

/// Machine code of one function. Contains no absolute address and no canonical id, so it may be
/// placed anywhere and serialized.
pub struct FunctionCode {
    /// Starts with the entry point.
    pub bytes: Vec<u8>,
    /// Required alignment of the entry point, a power of two, at most [`LINE`].
    pub alignment: u32,
    /// Where the function should start within a line, if that matters: a multiple of the alignment.
    pub in_line: Option<u8>,
    /// Direct calls to functions of the same code set, by increasing offset.
    pub calls: Vec<CallRelocation>,
    /// By increasing code offset; a return address that is also a faulting instruction has two.
    pub sites: Vec<Site>,
    /// Details of the few sites that have some, with the site's index in `sites`; ascending.
    pub details: Vec<(u32, SiteDetails)>,
}

/// A 4-byte little-endian field at `offset` that must become
/// `address of target - address of the field - 4`.
#[derive(Clone, Copy, Debug)]
pub struct CallRelocation {
    pub offset: u32,
    pub target: DefinedFuncIndex,
}

impl CallRelocation {
    /// Where the call returns to.
    pub fn return_offset(&self) -> u32 {
        self.offset + 4
    }

    /// The field's value where the function begins at `start`; none if the target is too far away.
    pub fn distance(&self, start: usize, target: usize) -> Option<[u8; 4]> {
        let from = start.wrapping_add(self.return_offset() as usize);
        let distance = i32::try_from(target.wrapping_sub(from) as isize).ok()?;
        Some(distance.to_le_bytes())
    }
}

/// A place in code that can be a program counter in a trap or a backtrace: the address of a faulting instruction
/// (with its trap code) or a return address (without, also for the call of the trap builtin).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// From the function's start; in lookups in a site table, from the code's.
    pub code_offset: u32,
    /// Byte offset of the instruction in the module.
    pub wasm_offset: u32,
    /// The [`TrapCode`](super::TrapCode) number of a fault at this address.
    pub trap: Option<std::num::NonZeroU8>,
}

/// Additional facts about a site.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SiteDetails {
    /// The functions whose code is inlined here, innermost first. The site's offset in the module
    /// belongs to the first of them.
    pub inlined: Vec<Inlined>,
    /// Where exceptions that a call throws are handled.
    pub handler: Option<Handler>,
    /// Backtraces and callers skip the frame: the call continues the same function in the same instance with other
    /// code.
    pub is_hidden: bool,
    /// The number of the function that a direct call reaches, if the call must be linked again when the code is moved.
    pub target: Option<u32>,
}

/// A function that is inlined in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inlined {
    /// The number of the function, a [`DefinedFuncIndex`].
    pub function: u32,
    /// Byte offset in the module of the call that was inlined.
    pub call_offset: u32,
}

/// Code that decides what becomes of an exception: it compares tags and throws on what nobody catches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// The start of the code, from the function's start.
    pub landing: u32,
    /// Bytes from the stack pointer up to the frame pointer.
    pub frame_size: u32,
}
