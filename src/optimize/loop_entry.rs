//! Code that continues a loop which runs in other code (see `abi::loop_frame`).
//!
//! The whole function is translated, but its start becomes a block that nothing jumps to. The real entry reads the
//! values of all locals from the other code's frame and jumps to the beginning of the loop. Operands below the loop,
//! and below the loops around it, come from the frame as well, or from a later iteration of a loop around: they become
//! variables, like locals. Whatever only the start reaches is dropped by the code generator.

use super::entered_loop::EnteredLoop;
use super::error::{CompileError, Translated};
use super::translator::{FuncTranslator, clif_type};
use crate::abi::loop_frame::LoopEntry;
use crate::body::Locals;
use crate::types::{FuncType, ValType};
use cranelift_codegen::ir::{Block, BlockArg, Endianness, InstBuilder, MemFlagsData, Type, Value};
use smallvec::SmallVec;
use std::iter;

/// What the code takes instead of the function's parameters: the address of the frame.
pub(super) fn entered_type(function: &FuncType) -> FuncType {
    FuncType { params: [ValType::I64].into(), results: function.results.clone() }
}

impl FuncTranslator<'_> {
    /// Begins code that enters a loop, after the entry block was made; `around` are the loops around it. Returns what
    /// stands for the parameters in the start.
    pub fn begin_entered(
        &mut self,
        entry: LoopEntry,
        around: Vec<u32>,
        locals: &Locals,
    ) -> Vec<Value> {
        let address = self.b.block_params(self.entry)[1];
        let locals = locals.types().map(clif_type).collect();
        let frame = entry.frame;
        let (way, start) = (self.create_block(), self.create_block());
        self.b.ins().jump(way, &[]);
        self.entered = Some(EnteredLoop {
            around,
            frame,
            locals,
            address,
            way,
            operands: Vec::new(),
            begun: 0,
            is_done: false,
        });
        self.continue_in(start);
        let params = &self.function_type.params;
        params.iter().map(|&ty| self.zero(clif_type(ty))).collect()
    }

    /// Fails unless the loop was entered.
    pub fn finish_entered(&self) -> Translated {
        match &self.entered {
            Some(entered) if !entered.is_done => Err(CompileError::internal("no such loop")),
            _ => Ok(()),
        }
    }

    /// At the beginning of a loop whose operands begin at `height`: makes the code from here on independent of the
    /// start, if the loop is the one that is entered or around it. True for the one.
    pub fn reach_loop(&mut self, height: usize) -> Result<bool, CompileError> {
        let Some(entered) = &mut self.entered else { return Ok(false) };
        let number = entered.begun;
        entered.begun += 1;
        if !entered.around.contains(&number) {
            return Ok(false);
        }
        let is_it = entered.around.last() == Some(&number);
        if self.is_in_clause() {
            return Err(CompileError::Limit("operands of a loop that is entered"));
        }
        self.make_variables(height);
        Ok(is_it)
    }

    /// At the beginning of a block whose operands begin at `height`, within a loop around the one that is entered: ways
    /// from that loop may pass the entered one by, so what is below the block must be defined before it.
    pub fn keep_operands(&mut self, height: usize) {
        let is_around = |entered: &EnteredLoop| {
            !entered.is_done && entered.around.first().is_some_and(|&first| first < entered.begun)
        };
        if self.entered.as_ref().is_some_and(is_around) {
            self.make_variables(height);
        }
    }

    /// Makes the operands below a height variables, but those that are kept for an `else`: the body does not know them,
    /// and the `else` is reached through its `if`. Of the others, all below a variable are variables.
    fn make_variables(&mut self, height: usize) {
        let values = (0..height).rev().take_while(|&at| !self.is_variable(at)).count();
        let first = height - values;
        let kept: SmallVec<[_; 4]> =
            self.kept_for_else().chain(iter::once(height..height)).collect();
        let (mut start, mut hidden) = (0, 0);
        for kept in kept {
            for at in start.max(first)..kept.start {
                self.note_variable(at, at - hidden);
            }
            hidden += kept.len();
            start = kept.end;
        }
    }

    fn note_variable(&mut self, at: usize, in_body: usize) {
        if let Some((variable, ty)) = self.make_variable(at)
            && let Some(entered) = &mut self.entered
        {
            // What was at this height before is gone.
            while entered.operands.pop_if(|(other, ..)| *other >= in_body).is_some() {}
            entered.operands.push((in_body, variable, ty));
        }
    }

    /// Jumps from the entry to the loop's beginning, whose parameters are operands from `height` on.
    pub fn enter_loop(&mut self, header: Block, height: usize) -> Translated {
        let Some(entered) = &mut self.entered else { return Ok(()) };
        entered.is_done = true;
        let address = entered.address;
        let offsets = std::mem::take(&mut entered.frame.locals);
        let types = std::mem::take(&mut entered.locals);
        let operands = std::mem::take(&mut entered.operands);
        let way = entered.way;
        self.continue_in(way);
        for ((local, ty), offset) in (0..).zip(types).zip(offsets) {
            let value = self.b.ins().load(ty, frame_flags(), address, offset);
            self.local_set(local, value)?;
        }
        let height = height - self.kept_for_else().map(|kept| kept.len()).sum::<usize>();
        for (at, variable, ty) in operands.into_iter().filter(|(at, ..)| *at < height) {
            let value = self.frame_operand(at, ty);
            self.b.def_var(variable, value);
        }
        self.reload_fuel();
        let params = self.block_param_types(header);
        let mut values = Vec::new();
        for (at, ty) in (height..).zip(params) {
            values.push(BlockArg::Value(self.frame_operand(at, ty)));
        }
        self.b.ins().jump(header, &values);
        Ok(())
    }

    fn block_param_types(&self, block: Block) -> Vec<Type> {
        let params = self.b.block_params(block).iter();
        params.map(|param| self.b.func.dfg.value_type(*param)).collect()
    }

    /// The operand at a height of the body in the other code's frame.
    fn frame_operand(&mut self, at: usize, ty: Type) -> Value {
        let Some(entered) = &self.entered else { return self.vmctx };
        let (address, offset) = (entered.address, entered.frame.operand(at));
        self.b.ins().load(ty, frame_flags(), address, offset)
    }
}

/// Nothing promises that values in a frame are aligned.
fn frame_flags() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little).with_trap_code(None)
}
