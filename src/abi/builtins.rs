//! The helpers that code may call, and their signatures.
//!
//! Code calls builtin `b` through the address at `vmctx.builtins[b]`, in the System V convention,
//! with its own vmctx first and at most six integer arguments in all. The address is that of a thunk
//! (`stubs::thunks`) that records where guest code was left, calls the runtime, and unwinds to the
//! entry frame when the runtime raised a trap: a builtin that returns has succeeded. `Trap`,
//! `MemoryOutOfBounds` and `StackOverflow` never return. `CopyBytes` and `FillBytes` are functions of the C library: without
//! thunk and vmctx.

/// The type of a builtin's argument or result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    I32,
    I64,
}

macro_rules! builtins {
    ($($(#[$doc:meta])* $number:literal $name:ident ($($arg:ident),*) $(-> $result:ident)?;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Builtin {
            $($(#[$doc])* $name = $number),*
        }

        impl Builtin {
            pub const ALL: &'static [Builtin] = &[$(Builtin::$name),*];

            /// Arguments after the vmctx.
            pub fn params(self) -> &'static [Word] {
                match self {
                    $(Builtin::$name => &[$(Word::$arg),*]),*
                }
            }

            pub fn result(self) -> Option<Word> {
                match self {
                    $(Builtin::$name => None $(.or(Some(Word::$result)))?),*
                }
            }
        }
    };
}

builtins! {
    /// (trap code) Raise a trap at the caller.
    0 Trap(I32);
    /// Jumped to, not called, from a function's entry when its frame does not fit.
    1 StackOverflow();
    /// (memory, pages) The former size in pages, or -1.
    2 MemoryGrow(I32, I64) -> I64;
    /// (memory, destination, byte, length)
    3 MemoryFill(I32, I64, I32, I64);
    /// (destination memory, source memory, destination, source, length)
    4 MemoryCopy(I32, I32, I64, I64, I64);
    /// (memory, data segment, destination, source, length)
    5 MemoryInit(I32, I32, I64, I32, I32);
    /// (data segment)
    6 DataDrop(I32);
    /// (table, elements, initial value) The former size, or -1.
    7 TableGrow(I32, I64, I64) -> I64;
    /// (table, start, value, length)
    8 TableFill(I32, I64, I64, I64);
    /// (destination table, source table, destination, source, length)
    9 TableCopy(I32, I32, I64, I64, I64);
    /// (table, element segment, destination, source, length)
    10 TableInit(I32, I32, I64, I32, I32);
    /// (element segment)
    11 ElemDrop(I32);
    /// (function) The reference to a function of this instance.
    12 RefFunc(I32) -> I64;
    /// (table, index) The reference that an element in bounds holds, for one without a function object.
    13 TableGetFunc(I32, I64) -> I64;
    /// (memory, address, count) Waiters woken: always 0 on an unshared memory.
    14 AtomicNotify(I32, I64, I32) -> I32;
    /// (memory, address, expected, timeout) Traps on an unshared memory.
    15 AtomicWait32(I32, I64, I32, I64) -> I32;
    /// (memory, address, expected, timeout) Traps on an unshared memory.
    16 AtomicWait64(I32, I64, I64, I64) -> I32;
    /// The store's word of fuel is below zero: get more or trap. Preserves all registers.
    17 Refuel();
    /// As `Refuel`, called in front of a function's prologue.
    18 RefuelAtEntry();
    /// (destination, source, length) The C library's `memmove`, on addresses. No vmctx, no thunk: it
    /// neither traps nor calls back.
    19 CopyBytes(I64, I64, I64);
    /// (destination, byte, length) Its `memset`, in the same way.
    20 FillBytes(I64, I32, I64);
    /// The element that an indirect call is about to call, at the offset in `VmContext::callee`, has not
    /// the expected signature: writes the element if that has not been done yet, and traps if it still
    /// has not. Preserves all registers, and has no arguments, so that the call's may be where they are.
    21 CheckCallee();
    /// (memory, index, offset, length) Raise the trap of an access out of bounds at the caller.
    22 MemoryOutOfBounds(I32, I64, I64, I64);
}

impl Builtin {
    pub const COUNT: usize = Self::ALL.len();

    /// Whether the vmctx goes before the arguments.
    pub fn takes_vmctx(self) -> bool {
        !matches!(self, Builtin::CopyBytes | Builtin::FillBytes)
    }

    /// Byte offset of this builtin's thunk address in the builtin table.
    pub fn offset(self) -> i32 {
        self as i32 * 8
    }
}
