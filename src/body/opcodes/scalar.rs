//! Scalar operators: those of one byte, and some after the prefix 0xfc.

/// Operators of one byte, without immediates.
macro_rules! plain {
    ($with:ident $arguments:tt) => {
        $with! { $arguments
            [I32] => [I32]: 0x45 I32Eqz, 0x67 I32Clz, 0x68 I32Ctz, 0x69 I32Popcnt, 0xc0 I32Extend8S,
                0xc1 I32Extend16S;
            [I32 I32] => [I32]: 0x46 I32Eq, 0x47 I32Ne, 0x48 I32LtS, 0x49 I32LtU, 0x4a I32GtS, 0x4b I32GtU,
                0x4c I32LeS, 0x4d I32LeU, 0x4e I32GeS, 0x4f I32GeU, 0x6a I32Add, 0x6b I32Sub, 0x6c I32Mul,
                0x6d I32DivS, 0x6e I32DivU, 0x6f I32RemS, 0x70 I32RemU, 0x71 I32And, 0x72 I32Or, 0x73 I32Xor,
                0x74 I32Shl, 0x75 I32ShrS, 0x76 I32ShrU, 0x77 I32Rotl, 0x78 I32Rotr;
            [I64] => [I32]: 0x50 I64Eqz, 0xa7 I32WrapI64;
            [I64 I64] => [I32]: 0x51 I64Eq, 0x52 I64Ne, 0x53 I64LtS, 0x54 I64LtU, 0x55 I64GtS, 0x56 I64GtU,
                0x57 I64LeS, 0x58 I64LeU, 0x59 I64GeS, 0x5a I64GeU;
            [F32 F32] => [I32]: 0x5b F32Eq, 0x5c F32Ne, 0x5d F32Lt, 0x5e F32Gt, 0x5f F32Le, 0x60 F32Ge;
            [F64 F64] => [I32]: 0x61 F64Eq, 0x62 F64Ne, 0x63 F64Lt, 0x64 F64Gt, 0x65 F64Le, 0x66 F64Ge;
            [I64] => [I64]: 0x79 I64Clz, 0x7a I64Ctz, 0x7b I64Popcnt, 0xc2 I64Extend8S, 0xc3 I64Extend16S,
                0xc4 I64Extend32S;
            [I64 I64] => [I64]: 0x7c I64Add, 0x7d I64Sub, 0x7e I64Mul, 0x7f I64DivS, 0x80 I64DivU,
                0x81 I64RemS, 0x82 I64RemU, 0x83 I64And, 0x84 I64Or, 0x85 I64Xor, 0x86 I64Shl, 0x87 I64ShrS,
                0x88 I64ShrU, 0x89 I64Rotl, 0x8a I64Rotr;
            [F32] => [F32]: 0x8b F32Abs, 0x8c F32Neg, 0x8d F32Ceil, 0x8e F32Floor, 0x8f F32Trunc,
                0x90 F32Nearest, 0x91 F32Sqrt;
            [F32 F32] => [F32]: 0x92 F32Add, 0x93 F32Sub, 0x94 F32Mul, 0x95 F32Div, 0x96 F32Min, 0x97 F32Max,
                0x98 F32Copysign;
            [F64] => [F64]: 0x99 F64Abs, 0x9a F64Neg, 0x9b F64Ceil, 0x9c F64Floor, 0x9d F64Trunc,
                0x9e F64Nearest, 0x9f F64Sqrt;
            [F64 F64] => [F64]: 0xa0 F64Add, 0xa1 F64Sub, 0xa2 F64Mul, 0xa3 F64Div, 0xa4 F64Min, 0xa5 F64Max,
                0xa6 F64Copysign;
            [F32] => [I32]: 0xa8 I32TruncF32S, 0xa9 I32TruncF32U, 0xbc I32ReinterpretF32;
            [F64] => [I32]: 0xaa I32TruncF64S, 0xab I32TruncF64U;
            [I32] => [I64]: 0xac I64ExtendI32S, 0xad I64ExtendI32U;
            [F32] => [I64]: 0xae I64TruncF32S, 0xaf I64TruncF32U;
            [F64] => [I64]: 0xb0 I64TruncF64S, 0xb1 I64TruncF64U, 0xbd I64ReinterpretF64;
            [I32] => [F32]: 0xb2 F32ConvertI32S, 0xb3 F32ConvertI32U, 0xbe F32ReinterpretI32;
            [I64] => [F32]: 0xb4 F32ConvertI64S, 0xb5 F32ConvertI64U;
            [F64] => [F32]: 0xb6 F32DemoteF64;
            [I32] => [F64]: 0xb7 F64ConvertI32S, 0xb8 F64ConvertI32U;
            [I64] => [F64]: 0xb9 F64ConvertI64S, 0xba F64ConvertI64U, 0xbf F64ReinterpretI64;
            [F32] => [F64]: 0xbb F64PromoteF32;
        }
    };
}

/// Loads and stores of scalars.
macro_rules! accesses {
    ($with:ident $arguments:tt) => {
        $with! { $arguments
            2 [] => [F32]: 0x2a F32Load;
            3 [] => [F64]: 0x2b F64Load;
            0 [] => [I32]: 0x2c I32Load8S, 0x2d I32Load8U;
            1 [] => [I32]: 0x2e I32Load16S, 0x2f I32Load16U;
            2 [] => [I32]: 0x28 I32Load;
            0 [] => [I64]: 0x30 I64Load8S, 0x31 I64Load8U;
            1 [] => [I64]: 0x32 I64Load16S, 0x33 I64Load16U;
            2 [] => [I64]: 0x34 I64Load32S, 0x35 I64Load32U;
            3 [] => [I64]: 0x29 I64Load;
            2 [F32] => []: 0x38 F32Store;
            3 [F64] => []: 0x39 F64Store;
            0 [I32] => []: 0x3a I32Store8;
            1 [I32] => []: 0x3b I32Store16;
            2 [I32] => []: 0x36 I32Store;
            0 [I64] => []: 0x3c I64Store8;
            1 [I64] => []: 0x3d I64Store16;
            2 [I64] => []: 0x3e I64Store32;
            3 [I64] => []: 0x37 I64Store;
        }
    };
}

/// After the prefix 0xfc, without further immediates.
macro_rules! plain_numeric {
    ($with:ident $arguments:tt) => {
        $with! { $arguments
            [F32] => [I32]: 0x00 I32TruncSatF32S, 0x01 I32TruncSatF32U;
            [F64] => [I32]: 0x02 I32TruncSatF64S, 0x03 I32TruncSatF64U;
            [F32] => [I64]: 0x04 I64TruncSatF32S, 0x05 I64TruncSatF32U;
            [F64] => [I64]: 0x06 I64TruncSatF64S, 0x07 I64TruncSatF64U;
            [I64 I64 I64 I64] => [I64 I64]: 0x13 I64Add128, 0x14 I64Sub128;
            [I64 I64] => [I64 I64]: 0x15 I64MulWideS, 0x16 I64MulWideU;
        }
    };
}
