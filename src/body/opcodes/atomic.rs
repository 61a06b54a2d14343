//! The atomic operators, after the prefix 0xfe. They have exactly their natural
//! alignment.

/// All that access memory.
macro_rules! atomics {
    ($with:ident $arguments:tt) => {
        $with! { $arguments
            0 [] => [I32]: 0x12 I32AtomicLoad8U;
            1 [] => [I32]: 0x13 I32AtomicLoad16U;
            2 [] => [I32]: 0x10 I32AtomicLoad;
            0 [] => [I64]: 0x14 I64AtomicLoad8U;
            1 [] => [I64]: 0x15 I64AtomicLoad16U;
            2 [] => [I64]: 0x16 I64AtomicLoad32U;
            3 [] => [I64]: 0x11 I64AtomicLoad;
            0 [I32] => []: 0x19 I32AtomicStore8;
            1 [I32] => []: 0x1a I32AtomicStore16;
            2 [I32] => []: 0x17 I32AtomicStore;
            0 [I64] => []: 0x1b I64AtomicStore8;
            1 [I64] => []: 0x1c I64AtomicStore16;
            2 [I64] => []: 0x1d I64AtomicStore32;
            3 [I64] => []: 0x18 I64AtomicStore;
            0 [I32] => [I32]: 0x20 I32AtomicRmw8AddU, 0x27 I32AtomicRmw8SubU, 0x2e I32AtomicRmw8AndU,
                0x35 I32AtomicRmw8OrU, 0x3c I32AtomicRmw8XorU, 0x43 I32AtomicRmw8XchgU;
            1 [I32] => [I32]: 0x21 I32AtomicRmw16AddU, 0x28 I32AtomicRmw16SubU, 0x2f I32AtomicRmw16AndU,
                0x36 I32AtomicRmw16OrU, 0x3d I32AtomicRmw16XorU, 0x44 I32AtomicRmw16XchgU;
            2 [I32] => [I32]: 0x00 MemoryAtomicNotify, 0x1e I32AtomicRmwAdd, 0x25 I32AtomicRmwSub,
                0x2c I32AtomicRmwAnd, 0x33 I32AtomicRmwOr, 0x3a I32AtomicRmwXor, 0x41 I32AtomicRmwXchg;
            0 [I32 I32] => [I32]: 0x4a I32AtomicRmw8CmpxchgU;
            1 [I32 I32] => [I32]: 0x4b I32AtomicRmw16CmpxchgU;
            2 [I32 I32] => [I32]: 0x48 I32AtomicRmwCmpxchg;
            2 [I32 I64] => [I32]: 0x01 MemoryAtomicWait32;
            3 [I64 I64] => [I32]: 0x02 MemoryAtomicWait64;
            0 [I64] => [I64]: 0x22 I64AtomicRmw8AddU, 0x29 I64AtomicRmw8SubU, 0x30 I64AtomicRmw8AndU,
                0x37 I64AtomicRmw8OrU, 0x3e I64AtomicRmw8XorU, 0x45 I64AtomicRmw8XchgU;
            1 [I64] => [I64]: 0x23 I64AtomicRmw16AddU, 0x2a I64AtomicRmw16SubU, 0x31 I64AtomicRmw16AndU,
                0x38 I64AtomicRmw16OrU, 0x3f I64AtomicRmw16XorU, 0x46 I64AtomicRmw16XchgU;
            2 [I64] => [I64]: 0x24 I64AtomicRmw32AddU, 0x2b I64AtomicRmw32SubU, 0x32 I64AtomicRmw32AndU,
                0x39 I64AtomicRmw32OrU, 0x40 I64AtomicRmw32XorU, 0x47 I64AtomicRmw32XchgU;
            3 [I64] => [I64]: 0x1f I64AtomicRmwAdd, 0x26 I64AtomicRmwSub, 0x2d I64AtomicRmwAnd,
                0x34 I64AtomicRmwOr, 0x3b I64AtomicRmwXor, 0x42 I64AtomicRmwXchg;
            0 [I64 I64] => [I64]: 0x4c I64AtomicRmw8CmpxchgU;
            1 [I64 I64] => [I64]: 0x4d I64AtomicRmw16CmpxchgU;
            2 [I64 I64] => [I64]: 0x4e I64AtomicRmw32CmpxchgU;
            3 [I64 I64] => [I64]: 0x49 I64AtomicRmwCmpxchg;
        }
    };
}
