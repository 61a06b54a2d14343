//! The structures that machine code reads and writes.
//!
//! This file is part of the sandbox: an offset that differs between these structs and what a
//! compiler emits is a memory error. Every offset used in code is a constant below, and every
//! constant is checked against the struct at compile time.
//!
//! ```text
//! StoreContext   stack limit, where control last left guest code, the pending trap, float mode, fuel
//! VmContext      head of an instance (and of a host function): what callee code gets in rdi
//! VmImport       32 bytes: {store, slot address, vmctx, instance} for an imported function
//! VmMemory       {base, length in bytes}, shared by all instances that see the memory
//! VmTable        {base, length in elements, whether elements were written}
//! VmFuncEntry    32 bytes: an element of a function table
//! ```

use super::trap_record::{Thrown, TrapRecord};
use super::value::RawVal;
use crate::sys::cpu::DEFAULT_FLOAT_MODE;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// A code slot: the address to call for one function. Code reads it with a plain load, and it is replaced with a
/// release store; the code it points to lives as long as the slot's owner.
pub type Slot = AtomicUsize;

/// Per store; its address is the first word of every [`VmContext`] of the store, and even. The words that an entry
/// needs come first, in one cache line.
#[repr(C, align(64))]
pub struct StoreContext {
    /// Code traps with "call stack exhausted" when a frame would extend below this address.
    pub stack_limit: AtomicUsize,
    /// The stack limit is valid for entries at stack pointers from `entry_low` up to below `entry_end`. With zero
    /// as the end, every entry takes the slow path; it is set when the thread that entered last ends.
    pub entry_low: Cell<usize>,
    pub entry_end: AtomicUsize,
    /// The entry frame of the last unfinished call into guest code, zero when there is none (see `stubs::entry`).
    /// Odd if the store was deleted during the call.
    pub last_entry: Cell<usize>,
    /// Where guest code was left: the address of its saved frame pointer and return address, or zero. Only valid
    /// while host code runs that guest code has called.
    pub exit: Cell<usize>,
    /// If not zero, a builtin asks its stub to unwind to this entry frame.
    pub pending_trap: Cell<usize>,
    /// Results that do not fit into registers: slot k of the callee's results in memory is at `16 * k`.
    pub overflow_results: Cell<*mut [u8; 16]>,
    /// The host's floating-point mode, while guest code runs in the default one because the host's is different;
    /// else the default (see `stubs::float_mode`).
    pub host_float_mode: Cell<u32>,
    /// The runtime functions that entry stubs call.
    pub hooks: &'static EntryHooks,
    /// Where a trap is recorded before it unwinds.
    pub trap_record: *const TrapRecord,
    /// Units that metered code may consume before it asks for more (see `Refuel`).
    pub fuel: Cell<i64>,
    /// Calls of old addresses of functions that may still happen before the runtime brings the tables of the store up
    /// to date (see `CurrentCode`).
    pub stale_calls: Cell<i32>,
}

impl StoreContext {
    /// For a store in which nothing runs. The record must outlive it.
    pub fn new(record: &TrapRecord, hooks: &'static EntryHooks) -> StoreContext {
        StoreContext {
            stack_limit: AtomicUsize::new(0),
            entry_low: Cell::new(0),
            entry_end: AtomicUsize::new(0),
            last_entry: Cell::new(0),
            exit: Cell::new(0),
            pending_trap: Cell::new(0),
            overflow_results: Cell::new(ptr::null_mut()),
            host_float_mode: Cell::new(DEFAULT_FLOAT_MODE),
            hooks,
            trap_record: record,
            fuel: Cell::new(0),
            stale_calls: Cell::new(MIN_STALE_CALLS),
        }
    }

    /// Where guest code called the running host code, or zero if it did not. Entries leave `exit` as it is when the
    /// outermost ends.
    pub fn exit_word(&self) -> usize {
        if self.last_entry.get() & !1 == 0 { 0 } else { self.exit.get() }
    }
}

pub const STORE_STACK_LIMIT: i32 = 0;
pub const STORE_ENTRY_LOW: i32 = 8;
pub const STORE_ENTRY_END: i32 = 16;
pub const STORE_LAST_ENTRY: i32 = 24;
pub const STORE_EXIT: i32 = 32;
pub const STORE_PENDING_TRAP: i32 = 40;
pub const STORE_OVERFLOW_RESULTS: i32 = 48;
pub const STORE_HOST_FLOAT_MODE: i32 = 56;
pub const STORE_HOOKS: i32 = 64;
pub const STORE_TRAP_RECORD: i32 = 72;
pub const STORE_FUEL: i32 = 80;
pub const STORE_STALE_CALLS: i32 = 88;

/// Calls of old addresses that cost less than bringing even small tables up to date.
pub const MIN_STALE_CALLS: i32 = 1000;

/// The runtime's part of entries (see `stubs::entry`). None of these unwinds.
#[repr(C)]
pub struct EntryHooks {
    /// Ends an entry, whose frame pointer is given, after a normal return.
    pub end: unsafe extern "C" fn(fp: usize),
    /// Ends an entry after a trap. Returns the trap, or for a native stub's entry null, after storing the trap
    /// where the caller wants it.
    pub trapped: unsafe extern "C" fn(fp: usize) -> *mut (),
    /// The exception that a trap carries which a host function returned, if it is one of the store: puts
    /// what it carries into the overflow buffer, and gives up the host's handle.
    pub thrown: unsafe extern "C" fn(store: *const StoreContext, trap: *mut ()) -> Thrown,
    /// Makes the whole call for a native stub, with the arguments in an array; returns the bits of the result. A
    /// trap is stored at `trap`, unless that is null.
    pub call: unsafe extern "C" fn(
        func: *const VmFunc,
        trap: *mut *mut (),
        args: *const RawVal,
        store: *const StoreContext,
    ) -> u64,
}

pub const HOOK_END: i32 = 0;
pub const HOOK_TRAPPED: i32 = 8;
pub const HOOK_CALL: i32 = 24;

/// The head of an instance, followed by the arrays that [`super::VmLayout`] describes. A host
/// function has a context with the same store and instance (see [`VmImport`]).
#[repr(C)]
pub struct VmContext {
    pub store: *const StoreContext,
    /// One slot per defined function of the module.
    pub code_table: *const Slot,
    /// Addresses of the builtins, by [`super::Builtin`] number.
    pub builtins: *const usize,
    /// The runtime's instance object (never used by code).
    pub instance: *const (),
    /// An argument of the builtin `CheckCallee`: the byte offset of an element in its table.
    pub callee: Cell<usize>,
}

pub const VMCTX_STORE: i32 = 0;
pub const VMCTX_CODE_TABLE: i32 = 8;
pub const VMCTX_BUILTINS: i32 = 16;
pub const VMCTX_INSTANCE: i32 = 24;
pub const VMCTX_CALLEE: i32 = 32;
pub const VMCTX_HEAD_SIZE: u32 = 40;

/// An imported function, in the importing instance. If it is the host's, this is also the context of the call, in place
/// of an instance's [`VmContext`]: so the callee knows its caller, although instances share the rest of what a call needs
/// ([`VmHostFunc`]).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VmImport {
    pub store: *const StoreContext,
    /// For a function of the host: in its [`VmHostFunc`].
    pub slot: *const Slot,
    /// The callee's context: an instance, or for a function of the host this import itself.
    pub vmctx: *mut VmContext,
    /// The importing instance object (never used by code), at the same offset as in a [`VmContext`].
    pub instance: *const (),
}

pub const IMPORT_STORE: i32 = 0;
pub const IMPORT_SLOT: i32 = 8;
pub const IMPORT_VMCTX: i32 = 16;
pub const IMPORT_INSTANCE: i32 = 24;
pub const IMPORT_SIZE: u32 = 32;

/// A function of the host, as its import stub sees it.
#[repr(C)]
pub struct VmHostFunc {
    /// The context of calls through tables and references, which names no instance.
    pub context: Cell<VmImport>,
    /// The address of the import stub.
    pub slot: Slot,
    /// `wasm_func_callback_t`, `wasm_func_callback_with_env_t`, or for signatures that need conversions a function
    /// of the runtime (see `stubs::import`).
    pub callback: usize,
    /// The embedder's environment; for converted calls the function object.
    pub env: Cell<*mut ()>,
}

pub const HOST_SLOT: i32 = 32;
pub const HOST_CALLBACK: i32 = 40;
pub const HOST_ENV: i32 = 48;

impl VmHostFunc {
    /// Not complete until [`VmHostFunc::set_place`].
    pub fn new(
        store: *const StoreContext,
        stub: usize,
        callback: usize,
        env: *mut (),
    ) -> VmHostFunc {
        let (slot, vmctx) = (ptr::null(), ptr::null_mut());
        VmHostFunc {
            context: Cell::new(VmImport { store, slot, vmctx, instance: ptr::null() }),
            slot: Slot::new(stub),
            callback,
            env: Cell::new(env),
        }
    }

    /// Must be called at the address where this stays.
    pub fn set_place(&self) {
        self.context.set(VmImport { vmctx: self.vmctx(), slot: &self.slot, ..self.context.get() });
    }

    /// The address of this context.
    pub fn vmctx(&self) -> *mut VmContext {
        self.context.as_ptr().cast()
    }
}

/// A linear memory as code sees it. In guard mode `base` never changes.
#[repr(C)]
pub struct VmMemory {
    pub base: Cell<*mut u8>,
    /// Current length in bytes.
    pub length: AtomicU64,
}

pub const MEMORY_BASE: i32 = 0;
pub const MEMORY_LENGTH: i32 = 8;

/// A table as code sees it. A fixed-size table never changes its base.
#[repr(C)]
pub struct VmTable {
    /// Elements: [`VmFuncEntry`] for tables of functions, one pointer each for others.
    pub base: Cell<*mut u8>,
    /// Current number of elements.
    pub length: Cell<u64>,
    /// Not zero once an element of a function table may differ from both null and the segments of the table's own
    /// module.
    pub written: Cell<u64>,
}

pub const TABLE_BASE: i32 = 0;
pub const TABLE_LENGTH: i32 = 8;
pub const TABLE_WRITTEN: i32 = 16;

/// An element of a function table. All zero means that the element was not written yet: the table's owner knows its
/// value (see `runtime::instances::lazy_table`), or else it is null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VmFuncEntry {
    /// Canonical signature id, zero for null.
    pub sig: u32,
    /// As in [`VmFunc`]; for null, whether it is known to be null.
    pub own: u32,
    /// The address to call, copied from the function's slot when the entry was written. It may be out of date: then it
    /// is that of a stub or of old code, which continues at the address in the slot.
    pub code: usize,
    pub vmctx: *mut VmContext,
    /// The function object, or null until one is needed (see `TableGetFunc`).
    pub func: *const VmFunc,
}

pub const ENTRY_SIG: i32 = 0;
pub const ENTRY_OWN: i32 = 4;
pub const ENTRY_CODE: i32 = 8;
pub const ENTRY_VMCTX: i32 = 16;
pub const ENTRY_FUNC: i32 = 24;
/// The first eight bytes of an element that is known to be null. The others are zero.
pub const ENTRY_NULL: u64 = 1 << 32;
pub const ENTRY_SIZE: u32 = 32;
pub const ENTRY_SIZE_LOG2: u8 = 5;

/// The part of a function object that code reads: what a `funcref` value points to. The object's header (identity,
/// host handles) comes before it, unknown to code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VmFunc {
    pub sig: u32,
    /// The number of the function among those that its instance's module defines. Together with the context it says
    /// which function this is. [`NOT_DEFINED`] for functions of the host.
    pub own: u32,
    pub slot: *const Slot,
    pub vmctx: *mut VmContext,
}

/// The number of a function that no module defines.
pub const NOT_DEFINED: u32 = u32::MAX;

pub const FUNC_SIG: i32 = 0;
pub const FUNC_OWN: i32 = 4;
pub const FUNC_SLOT: i32 = 8;
pub const FUNC_VMCTX: i32 = 16;

/// A global's value. Shared by address among all instances that see a mutable global.
#[repr(C, align(16))]
pub struct VmGlobal {
    pub bytes: Cell<[u8; 16]>,
}

pub const GLOBAL_SIZE: u32 = 16;

macro_rules! check_offsets {
    ($($ty:ident . $field:ident = $constant:ident;)*) => {
        const _: () = { $(assert!(offset_of!($ty, $field) == $constant as usize);)* };
    };
}

check_offsets! {
    StoreContext.stack_limit = STORE_STACK_LIMIT;
    StoreContext.entry_low = STORE_ENTRY_LOW;
    StoreContext.entry_end = STORE_ENTRY_END;
    StoreContext.last_entry = STORE_LAST_ENTRY;
    StoreContext.exit = STORE_EXIT;
    StoreContext.pending_trap = STORE_PENDING_TRAP;
    StoreContext.overflow_results = STORE_OVERFLOW_RESULTS;
    StoreContext.host_float_mode = STORE_HOST_FLOAT_MODE;
    StoreContext.hooks = STORE_HOOKS;
    StoreContext.trap_record = STORE_TRAP_RECORD;
    StoreContext.fuel = STORE_FUEL;
    StoreContext.stale_calls = STORE_STALE_CALLS;
    EntryHooks.end = HOOK_END;
    EntryHooks.trapped = HOOK_TRAPPED;
    EntryHooks.call = HOOK_CALL;
    VmContext.store = VMCTX_STORE;
    VmContext.code_table = VMCTX_CODE_TABLE;
    VmContext.builtins = VMCTX_BUILTINS;
    VmContext.instance = VMCTX_INSTANCE;
    VmContext.callee = VMCTX_CALLEE;
    VmImport.store = IMPORT_STORE;
    VmImport.slot = IMPORT_SLOT;
    VmImport.vmctx = IMPORT_VMCTX;
    VmImport.instance = IMPORT_INSTANCE;
    VmHostFunc.slot = HOST_SLOT;
    VmHostFunc.callback = HOST_CALLBACK;
    VmHostFunc.env = HOST_ENV;
    VmMemory.base = MEMORY_BASE;
    VmMemory.length = MEMORY_LENGTH;
    VmTable.base = TABLE_BASE;
    VmTable.length = TABLE_LENGTH;
    VmTable.written = TABLE_WRITTEN;
    VmFuncEntry.sig = ENTRY_SIG;
    VmFuncEntry.own = ENTRY_OWN;
    VmFuncEntry.code = ENTRY_CODE;
    VmFuncEntry.vmctx = ENTRY_VMCTX;
    VmFuncEntry.func = ENTRY_FUNC;
    VmFunc.sig = FUNC_SIG;
    VmFunc.own = FUNC_OWN;
    VmFunc.slot = FUNC_SLOT;
    VmFunc.vmctx = FUNC_VMCTX;
}

const _: () = {
    // The head of every context is the same, and a host function's is where it begins.
    assert!(IMPORT_STORE == VMCTX_STORE && IMPORT_INSTANCE == VMCTX_INSTANCE);
    assert!(offset_of!(VmHostFunc, context) == 0);
    // A funcref in guest code is the address of a `VmFunc`: 8-aligned, never odd.
    assert!(align_of::<VmFunc>() == 8);
    assert!(size_of::<VmContext>() == VMCTX_HEAD_SIZE as usize);
    assert!(size_of::<VmImport>() == IMPORT_SIZE as usize);
    assert!(size_of::<VmFuncEntry>() == ENTRY_SIZE as usize);
    assert!(1 << ENTRY_SIZE_LOG2 == ENTRY_SIZE);
    assert!(ENTRY_NULL == 1 << (8 * ENTRY_OWN));
    // Signature and number are copied together, and records of calls are made from either.
    assert!(ENTRY_OWN == FUNC_OWN && ENTRY_VMCTX == FUNC_VMCTX && ENTRY_OWN == ENTRY_SIG + 4);
    assert!(size_of::<VmGlobal>() == GLOBAL_SIZE as usize);
};
