//! Loads and stores of scalars, and the size of memories. Addresses come from `bounds`.

use super::error::Translated;
use super::translator::{FuncTranslator, clif_type};
use crate::abi::Builtin;
use crate::body::Sign::{Signed, Unsigned};
use crate::body::accesses::{Access, Direction};
use crate::types::{MemoryIndex, ValType};
use cranelift_codegen::ir::InstBuilder;
use wasmparser::MemArg;

pub(super) fn translate(t: &mut FuncTranslator<'_>, access: Access, memarg: &MemArg) -> Translated {
    match access.direction {
        Direction::Load => t.load(access, memarg),
        Direction::Store => t.store(access, memarg),
    }
}

impl FuncTranslator<'_> {
    fn load(&mut self, access: Access, memarg: &MemArg) -> Translated {
        let at = self.pop_address(memarg, access.width)?;
        let (flags, base, offset) = (at.flags, at.base, at.offset);
        let ty = clif_type(access.ty);
        let ins = self.b.ins();
        let value = match (access.width, access.sign) {
            (1, Signed) => ins.sload8(ty, flags, base, offset),
            (1, Unsigned) => ins.uload8(ty, flags, base, offset),
            (2, Signed) => ins.sload16(ty, flags, base, offset),
            (2, Unsigned) => ins.uload16(ty, flags, base, offset),
            (4, Signed) => ins.sload32(flags, base, offset),
            (4, Unsigned) if access.ty == ValType::I64 => ins.uload32(flags, base, offset),
            _ => ins.load(ty, flags, base, offset),
        };
        self.push1(value);
        Ok(())
    }

    fn store(&mut self, access: Access, memarg: &MemArg) -> Translated {
        let value = self.pop1()?;
        let at = self.pop_address(memarg, access.width)?;
        let (flags, base, offset) = (at.flags, at.base, at.offset);
        let ins = self.b.ins();
        match access.width {
            1 => ins.istore8(flags, value, base, offset),
            2 => ins.istore16(flags, value, base, offset),
            4 if access.ty == ValType::I64 => ins.istore32(flags, value, base, offset),
            _ => ins.store(flags, value, base, offset),
        };
        Ok(())
    }

    pub fn memory_size(&mut self, memory: MemoryIndex) -> Translated {
        let ty = self.module.memories[memory.index()];
        let length =
            if ty.shared { self.shared_length(memory) } else { self.memory_length(memory, &ty) };
        let pages = match ty.page.log2() {
            0 => length,
            log2 => self.b.ins().ushr_imm_u(length, i64::from(log2)),
        };
        self.push_index(pages, ty.is_64);
        Ok(())
    }

    pub fn memory_grow(&mut self, memory: MemoryIndex) -> Translated {
        let is_64 = self.module.memories[memory.index()].is_64;
        let pages = self.pop_index(is_64)?;
        let number = self.i32_const(memory.0 as i32);
        let former = self.call_builtin_for(Builtin::MemoryGrow, &[number, pages])?;
        self.push_index(former, is_64);
        Ok(())
    }
}
