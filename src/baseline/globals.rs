//! Globals. Those that never change and are initialized with a constant are constants.

use super::emitter::Emitter;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::VMCTX;
use crate::abi::layout::GlobalPlace;
use crate::asm::x64::*;
use crate::module::ConstOp;
use crate::types::GlobalIndex;

impl Emitter<'_> {
    pub fn global_get(&mut self, global: GlobalIndex) {
        let ty = self.module.globals[global.index()];
        let kind = Kind::of(ty.content);
        if !ty.mutable
            && let Some(bits) = self.global_constant(global)
        {
            return self.push(kind, Place::Const(bits));
        }
        let from = Source::Mem(self.global_place(global));
        let pointer = match from {
            Source::Mem(place) if place.base != VMCTX => Some(place.base),
            _ => None,
        };
        if kind.is_int() {
            let result = self.result_reg(&[]);
            self.load_reg_from(result, kind, from);
            self.push_reg(kind, result);
        } else {
            let result = self.result_xmm(&[]);
            self.load_xmm_from(result, kind, from);
            self.push_xmm(kind, result);
        }
        if let Some(pointer) = pointer {
            self.release_reg(pointer);
        }
    }

    pub fn global_set(&mut self, global: GlobalIndex) {
        let value = self.pop();
        let to = self.global_place(global);
        // Vectors in memory go through a register.
        match self.source(value) {
            Source::Mem(_) if value.kind.is_int() => {
                let reg = self.in_reg(value);
                self.store_source(value.kind, to, Source::Reg(reg));
                self.release_reg(reg);
            }
            _ => self.store_at(to, value),
        }
        self.release(value);
        if to.base != VMCTX {
            self.release_reg(to.base);
        }
    }

    /// Where a global is. If its base is not the vmctx, the register is to be released.
    fn global_place(&mut self, global: GlobalIndex) -> Mem {
        match self.module.layout.global(global) {
            GlobalPlace::Inline(offset) => Mem(VMCTX, offset),
            GlobalPlace::Pointer(offset) => {
                let pointer = self.take();
                self.asm.load(Width::B64, pointer, Mem(VMCTX, offset));
                Mem(pointer, 0)
            }
        }
    }

    /// The bits of a defined global that is initialized with a constant number.
    fn global_constant(&self, global: GlobalIndex) -> Option<u64> {
        let own = global.0.checked_sub(self.module.imported.globals)?;
        let [op] = self.module.global_inits.get(own as usize)?.ops[..] else { return None };
        Some(match op {
            ConstOp::I32(value) => u64::from(value as u32),
            ConstOp::I64(value) => value as u64,
            ConstOp::F32(bits) => bits.into(),
            ConstOp::F64(bits) => bits,
            ConstOp::RefNull => 0,
            _ => return None,
        })
    }

    /// Pushes a constant.
    pub fn push_constant(&mut self, kind: Kind, bits: u64) {
        let Operand { kind, place } = Operand::constant(kind, bits);
        self.push(kind, place);
    }
}
