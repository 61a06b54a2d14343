//! Trap codes: why guest code stopped.
//!
//! One byte, written into site tables by the compilers, passed to the trap builtin by explicit checks, and reported
//! through the C API. Numbers are never reused; the messages are the phrases of the specification's test suite.
//! Zero is not a code.

use std::num::NonZeroU8;

macro_rules! trap_codes {
    ($($number:literal $name:ident $text:literal),* $(,)?) => {
        /// Why guest code stopped.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum TrapCode {
            $($name = $number),*
        }

        impl TrapCode {
            pub const fn from_u8(number: u8) -> Option<TrapCode> {
                match number {
                    $($number => Some(TrapCode::$name),)*
                    _ => None,
                }
            }

            /// The specification's phrase.
            pub fn phrase(self) -> &'static str {
                match self {
                    $(TrapCode::$name => $text),*
                }
            }
        }
    };
}

trap_codes! {
    1 Unreachable "unreachable",
    2 MemoryOutOfBounds "out of bounds memory access",
    3 TableOutOfBounds "out of bounds table access",
    4 UndefinedElement "undefined element",
    5 UninitializedElement "uninitialized element",
    6 IndirectCallTypeMismatch "indirect call type mismatch",
    7 IntegerDivideByZero "integer divide by zero",
    8 IntegerOverflow "integer overflow",
    9 InvalidConversionToInteger "invalid conversion to integer",
    10 StackOverflow "call stack exhausted",
    11 NullReference "null reference",
    12 NullFunctionReference "null function reference",
    13 UnalignedAtomic "unaligned atomic",
    14 ExpectedSharedMemory "expected shared memory",
    15 OutOfMemory "out of memory",
    16 InternalError "internal error",
    17 BadHostResult "a host function returned a value of the wrong type",
    18 Interrupted "interrupted",
    19 OutOfFuel "all fuel consumed",
    20 DeadlineExceeded "deadline exceeded",
    21 Refused "refused",
    22 Exception "uncaught exception",
}

impl TrapCode {
    pub fn as_non_zero(self) -> NonZeroU8 {
        NonZeroU8::new(self as u8).unwrap_or(NonZeroU8::MIN)
    }
}
