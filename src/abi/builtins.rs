//! The builtins, which are the runtime functions that code may call: the one list of them.
//!
//! Code calls builtin `b` through the address at `vmctx.builtins[b]`, in the System V convention, with its own
//! vmctx first and at most six integer arguments in all. The address is that of a stub (`stubs::builtins`) that
//! records where guest code was left, calls the runtime, and unwinds to the entry frame if the runtime raised a
//! trap: a builtin that returns has succeeded. `Trap`, `MemoryOutOfBounds` and `StackOverflow` never return.
//!
//! Everything about a builtin follows from its line in [`for_each_builtin`]: its number here, its signature in
//! compilers, its stub and its place in the runtime's address table (`runtime::calls::builtin_table`), where a
//! function of another type does not compile. So the order of the lines does not matter.

use crate::types::{DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, MemoryIndex, TableIndex};
use std::ffi::{c_int, c_void};

/// The kind of code at the address of a builtin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linkage {
    /// A stub around a function of the runtime.
    Stub,
    /// A stub around a function that only returns which trap to raise.
    Raise,
    /// A stub that preserves all registers, so that calls in rarely taken branches do not constrain the code around
    /// them. No result.
    Preserving,
    /// The same, called before a function's prologue.
    PreservingAtEntry,
    /// Code that is jumped to, not called, from a function's entry.
    Jump,
    /// Code that goes on elsewhere, in guest code's own convention.
    Throw,
    /// Code that is jumped to instead of a function that was called, and continues at one. Called with a function's
    /// arguments, and further ones in registers that are free at a function's entry.
    InPlace,
    /// A function of the C library, without stub and vmctx: it neither traps nor calls back.
    Library,
}

/// Calls a macro with the list: `linkage Name = function(arguments) -> result;` for each builtin, where the
/// function is the builtin's name in the runtime.
macro_rules! for_each_builtin {
    ($then:ident) => {
        $then! {
            /// Raises the trap with this code at the caller.
            Raise Trap = trap(code: u32);
            /// The frame of a function does not fit on the stack.
            Jump StackOverflow = stack_overflow();
            /// Returns the former size in pages, or -1.
            Stub MemoryGrow = memory_grow(memory: MemoryIndex, pages: u64) -> u64;
            Stub MemoryFill = memory_fill(memory: MemoryIndex, to: u64, byte: u32, len: u64);
            Stub MemoryCopy =
                memory_copy(to_memory: MemoryIndex, from_memory: MemoryIndex, to: u64, from: u64, len: u64);
            Stub MemoryInit =
                memory_init(memory: MemoryIndex, segment: DataIndex, to: u64, from: u32, len: u32);
            Stub DataDrop = data_drop(segment: DataIndex);
            /// Returns the former size, or -1.
            Stub TableGrow = table_grow(table: TableIndex, elements: u64, value: u64) -> u64;
            Stub TableFill = table_fill(table: TableIndex, start: u64, value: u64, len: u64);
            Stub TableCopy =
                table_copy(to_table: TableIndex, from_table: TableIndex, to: u64, from: u64, len: u64);
            Stub TableInit =
                table_init(table: TableIndex, segment: ElemIndex, to: u64, from: u32, len: u32);
            Stub ElemDrop = elem_drop(segment: ElemIndex);
            /// Returns the reference to a function of this instance.
            Stub RefFunc = ref_func(function: FuncIndex) -> u64;
            /// Returns the reference in an element in bounds that has no function object yet.
            Stub TableGetFunc = table_get_func(table: TableIndex, index: u64) -> u64;
            /// Returns the number of waiters woken: always 0 on an unshared memory.
            Stub AtomicNotify = atomic_notify(memory: MemoryIndex, address: u64, count: u32) -> u32;
            /// Traps on an unshared memory.
            Stub AtomicWait32 =
                atomic_wait32(memory: MemoryIndex, address: u64, expected: u32, timeout: u64) -> u32;
            /// Traps on an unshared memory.
            Stub AtomicWait64 =
                atomic_wait64(memory: MemoryIndex, address: u64, expected: u64, timeout: u64) -> u32;
            /// The store's word of fuel is below zero: gets more or traps.
            Preserving Refuel = refuel();
            /// As `Refuel`, from a function's entry.
            PreservingAtEntry RefuelAtEntry = refuel_at_entry();
            /// `memmove`, on addresses.
            Library CopyBytes = copy_bytes(to: *mut c_void, from: *const c_void, len: usize);
            /// `memset`, on an address.
            Library FillBytes = fill_bytes(to: *mut c_void, byte: c_int, len: usize);
            /// An indirect call's element, at the offset in `VmContext::callee`, does not have the expected
            /// signature: writes the element if it was not written yet, and traps if the signature still differs.
            /// Preserves the arguments of the call, wherever they are.
            Preserving CheckCallee = check_callee();
            /// Raises the trap of an out-of-bounds access at the caller.
            Stub MemoryOutOfBounds =
                memory_out_of_bounds(memory: MemoryIndex, index: u64, offset: u64, len: u64);
            /// Throw an exception with a tag object, and with an exception object or null. What it
            /// carries is in the overflow buffer.
            Throw Throw = throw(tag: u64, exception: u64);
            /// The same for an exception that came to a handler of the calling function.
            Throw ThrowOn = throw_on(tag: u64, exception: u64);
            /// Continues a call at the current code of its function, which is compiled if it has none: with the
            /// function's number in eax, and in r10 the address that was called.
            InPlace CurrentCode = current_code(function: DefinedFuncIndex, called: usize) -> usize;
            /// The budget of the function that is running is used up, in the loop with this number. Leaves in
            /// `VmContext::callee` the address of code that continues the loop, or zero (see `abi::loop_frame`).
            Preserving LoopIsHot = loop_is_hot(function: DefinedFuncIndex, number: u32);
            /// An indirect call does not call the function that its record names, and none may pass any more. What it calls
            /// is in `VmContext::callee` (see `abi::call_targets`).
            Preserving OtherTarget = other_target(record: u32);
            /// The object for an exception that has just been caught.
            Stub MakeException = make_exception(tag: u64) -> u64;
            /// Put what an exception carries into the overflow buffer; its tag object.
            Stub OpenException = open_exception(exception: u64) -> u64;
        }
    };
}
pub(crate) use for_each_builtin;

/// How machine code passes an argument or result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    I32,
    I64,
}

/// The types of arguments and results.
pub trait Passed {
    const WORD: Word;
}

macro_rules! passed {
    ($($word:ident: $($ty:ty),*;)*) => {$($(
        impl Passed for $ty {
            const WORD: Word = Word::$word;
        }
    )*)*};
}

passed! {
    I32: u32, c_int, MemoryIndex, DataIndex, TableIndex, ElemIndex, FuncIndex, DefinedFuncIndex;
    I64: u64, usize, *mut c_void, *const c_void;
}

macro_rules! define_builtins {
    ($(
        $(#[$doc:meta])*
        $linkage:ident $name:ident = $function:ident($($arg:ident: $ty:ty),*) $(-> $result:ty)?;
    )*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Builtin {
            $($(#[$doc])* $name),*
        }

        impl Builtin {
            pub const COUNT: usize = [$(Builtin::$name),*].len();

            pub fn linkage(self) -> Linkage {
                match self {
                    $(Builtin::$name => Linkage::$linkage),*
                }
            }

            /// Arguments after the vmctx.
            pub fn params(self) -> &'static [Word] {
                match self {
                    $(Builtin::$name => const { &[$(<$ty as Passed>::WORD),*] }),*
                }
            }

            pub fn result(self) -> Option<Word> {
                match self {
                    $(Builtin::$name => None $(.or(Some(<$result as Passed>::WORD)))?),*
                }
            }
        }

        $(const _: () = assert!(spell_alike(stringify!($name), stringify!($function)));)*
    };
}

for_each_builtin!(define_builtins);

impl Builtin {
    /// Whether the vmctx is passed before the arguments.
    pub fn takes_vmctx(self) -> bool {
        self.linkage() != Linkage::Library
    }

    /// Whether a call preserves all registers.
    pub fn preserves_registers(self) -> bool {
        matches!(self.linkage(), Linkage::Preserving | Linkage::PreservingAtEntry)
    }

    /// Byte offset of this builtin's address in the table of builtins.
    pub fn offset(self) -> i32 {
        self as i32 * 8
    }
}

/// Whether a `Name` and a `name` spell the same words.
const fn spell_alike(name: &str, function: &str) -> bool {
    let (name, function) = (name.as_bytes(), function.as_bytes());
    let (mut n, mut f) = (0, 0);
    while f < function.len() {
        if function[f] != b'_' {
            if n == name.len() || name[n].to_ascii_lowercase() != function[f] {
                return false;
            }
            n += 1;
        }
        f += 1;
    }
    n == name.len()
}
