//! Globals. Constant ones become constants, or words that are loaded once.

use super::error::{CompileError, Translated};
use super::regions::Region;
use super::translator::{FuncTranslator, TRUSTED, clif_type};
use crate::abi::layout::GlobalPlace;
use crate::module::ConstOp;
use crate::types::GlobalIndex;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match *op {
        Operator::GlobalGet { global_index } => t.global_get(GlobalIndex(global_index)),
        Operator::GlobalSet { global_index } => t.global_set(GlobalIndex(global_index)),
        _ => Err(CompileError::internal(format!("not a global instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn global_get(&mut self, global: GlobalIndex) -> Translated {
        let value = self.global_value(global);
        self.push1(value);
        Ok(())
    }

    fn global_value(&mut self, global: GlobalIndex) -> Value {
        let ty = self.module.globals[global.index()];
        let clif = clif_type(ty.content);
        if ty.mutable {
            let (base, offset) = self.global_place(global);
            return self.load_word(clif, Region::global(self.module, global), base, offset);
        }
        if let Some(value) = self.global_constant(global) {
            return value;
        }
        // Initialized before any code of the instance runs.
        match self.module.layout.global(global) {
            GlobalPlace::Inline(offset) => self.constant_at(offset, clif),
            GlobalPlace::Pointer(offset) => self.constant_behind(offset, 0, clif),
        }
    }

    fn global_set(&mut self, global: GlobalIndex) -> Translated {
        let value = self.pop1()?;
        let (base, offset) = self.global_place(global);
        let flags = self.in_region(TRUSTED, Region::global(self.module, global));
        self.b.ins().store(flags, value, base, offset);
        Ok(())
    }

    fn global_place(&mut self, global: GlobalIndex) -> (Value, i32) {
        match self.module.layout.global(global) {
            GlobalPlace::Inline(offset) => (self.vmctx, offset),
            GlobalPlace::Pointer(offset) => (self.constant_at(offset, types::I64), 0),
        }
    }

    /// The value of a defined global that is initialized with a constant.
    fn global_constant(&mut self, global: GlobalIndex) -> Option<Value> {
        let own = global.0.checked_sub(self.module.imported.globals)?;
        let [op] = self.module.global_inits.get(own as usize)?.ops[..] else { return None };
        Some(match op {
            ConstOp::I32(value) => self.i32_const(value),
            ConstOp::I64(value) => self.i64_const(value),
            ConstOp::F32(bits) => self.b.ins().f32const(Ieee32::with_bits(bits)),
            ConstOp::F64(bits) => self.b.ins().f64const(Ieee64::with_bits(bits)),
            ConstOp::RefNull => self.i64_const(0),
            _ => return None,
        })
    }
}
