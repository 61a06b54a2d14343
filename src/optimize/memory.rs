//! Loads and stores of scalars, and the size of memories. Addresses come from `bounds`.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::abi::Builtin;
use crate::types::MemoryIndex;
use cranelift_codegen::ir::{InstBuilder, Type, types};
use wasmparser::{MemArg, Operator};

/// How a narrow load fills its result.
#[derive(Clone, Copy)]
enum Filling {
    Signed,
    Unsigned,
}

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    use Filling::{Signed, Unsigned};
    use types::{F32, F64, I32, I64};
    match op {
        Operator::I32Load { memarg } => t.load(memarg, I32),
        Operator::I64Load { memarg } => t.load(memarg, I64),
        Operator::F32Load { memarg } => t.load(memarg, F32),
        Operator::F64Load { memarg } => t.load(memarg, F64),
        Operator::I32Load8S { memarg } => t.load_narrow(memarg, 1, Signed, I32),
        Operator::I32Load8U { memarg } => t.load_narrow(memarg, 1, Unsigned, I32),
        Operator::I32Load16S { memarg } => t.load_narrow(memarg, 2, Signed, I32),
        Operator::I32Load16U { memarg } => t.load_narrow(memarg, 2, Unsigned, I32),
        Operator::I64Load8S { memarg } => t.load_narrow(memarg, 1, Signed, I64),
        Operator::I64Load8U { memarg } => t.load_narrow(memarg, 1, Unsigned, I64),
        Operator::I64Load16S { memarg } => t.load_narrow(memarg, 2, Signed, I64),
        Operator::I64Load16U { memarg } => t.load_narrow(memarg, 2, Unsigned, I64),
        Operator::I64Load32S { memarg } => t.load_narrow(memarg, 4, Signed, I64),
        Operator::I64Load32U { memarg } => t.load_narrow(memarg, 4, Unsigned, I64),
        Operator::I32Store { memarg } => t.store(memarg, 4),
        Operator::I64Store { memarg } => t.store(memarg, 8),
        Operator::F32Store { memarg } => t.store(memarg, 4),
        Operator::F64Store { memarg } => t.store(memarg, 8),
        Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => {
            t.store_narrow(memarg, 1)
        }
        Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => {
            t.store_narrow(memarg, 2)
        }
        Operator::I64Store32 { memarg } => t.store_narrow(memarg, 4),
        Operator::MemorySize { mem } => t.memory_size(MemoryIndex(*mem)),
        Operator::MemoryGrow { mem } => t.memory_grow(MemoryIndex(*mem)),
        _ => Err(CompileError::internal(format!("not a memory instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn load(&mut self, memarg: &MemArg, ty: Type) -> Translated {
        let at = self.pop_address(memarg, ty.bytes())?;
        let value = self.b.ins().load(ty, at.flags, at.base, at.offset);
        self.push1(value);
        Ok(())
    }

    fn load_narrow(
        &mut self,
        memarg: &MemArg,
        width: u32,
        extend: Filling,
        ty: Type,
    ) -> Translated {
        let at = self.pop_address(memarg, width)?;
        let (flags, base, offset) = (at.flags, at.base, at.offset);
        let ins = self.b.ins();
        let value = match (width, extend) {
            (1, Filling::Signed) => ins.sload8(ty, flags, base, offset),
            (1, Filling::Unsigned) => ins.uload8(ty, flags, base, offset),
            (2, Filling::Signed) => ins.sload16(ty, flags, base, offset),
            (2, Filling::Unsigned) => ins.uload16(ty, flags, base, offset),
            (_, Filling::Signed) => ins.sload32(flags, base, offset),
            (_, Filling::Unsigned) => ins.uload32(flags, base, offset),
        };
        self.push1(value);
        Ok(())
    }

    fn store(&mut self, memarg: &MemArg, width: u32) -> Translated {
        let value = self.pop1()?;
        let at = self.pop_address(memarg, width)?;
        self.b.ins().store(at.flags, value, at.base, at.offset);
        Ok(())
    }

    fn store_narrow(&mut self, memarg: &MemArg, width: u32) -> Translated {
        let value = self.pop1()?;
        let at = self.pop_address(memarg, width)?;
        let ins = self.b.ins();
        match width {
            1 => ins.istore8(at.flags, value, at.base, at.offset),
            2 => ins.istore16(at.flags, value, at.base, at.offset),
            _ => ins.istore32(at.flags, value, at.base, at.offset),
        };
        Ok(())
    }

    fn memory_size(&mut self, memory: MemoryIndex) -> Translated {
        let ty = self.module.memories[memory.index()];
        let length = self.memory_length(memory, &ty);
        let pages = self.b.ins().ushr_imm_u(length, 16);
        self.push_index(pages, ty.is_64);
        Ok(())
    }

    fn memory_grow(&mut self, memory: MemoryIndex) -> Translated {
        let is_64 = self.module.memories[memory.index()].is_64;
        let pages = self.pop_index(is_64)?;
        let number = self.i32_const(memory.0 as i32);
        let former = self.call_builtin_for(Builtin::MemoryGrow, &[number, pages])?;
        self.push_index(former, is_64);
        Ok(())
    }
}
