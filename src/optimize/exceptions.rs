//! Exceptions: `try_table`, `throw` and `throw_ref`; and what the legacy encoding shares with them.
//!
//! Calls within a `try_table` are Cranelift's `try_call`, whose exceptional edge leads to one block for the
//! whole `try_table`, its landing pad. The pad reads tag and object from the store's trap record, so it has no
//! parameters, of which register allocation cannot handle many. It compares the tag with those of the catch clauses in turn
//! and branches to the label of the first that matches. What no clause catches continues to the enclosing
//! landing pad, or out of the function. Only exceptions come here, never traps.
//!
//! The values of an exception are in the overflow buffer between throw and catch; an object is made only
//! for clauses that need a reference. A throw whose catch clause is known is a branch.

use super::calls::Callee;
use super::control::Try;
use super::error::{CompileError, Translated};
use super::regions::Region;
use super::translator::{FuncTranslator, clif_type};
use crate::abi::trap_record::{RECORD_EXCEPTION, RECORD_TAG};
use crate::abi::vmctx::{STORE_TRAP_RECORD, VMCTX_STORE};
use crate::abi::{Builtin, TrapCode};
use crate::body::catches::{Clause, known_catch};
use crate::types::TagIndex;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, InstBuilder, SigRef, Value,
    types,
};
use smallvec::SmallVec;
use wasmparser::{Catch, Operator};

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::TryTable { try_table } => t.begin_try(try_table.ty, &try_table.catches),
        Operator::Throw { tag_index } => t.throw(TagIndex(*tag_index)),
        _ => t.throw_ref(),
    }
}

impl FuncTranslator<'_> {
    /// Where exceptions of calls go, inside a `try_table` or the body of a `try`.
    pub fn landing_pad(&self) -> Option<Block> {
        self.scratch.tries.last().map(|open| open.pad)
    }

    /// Makes the landing pad of the block that has just been pushed on the control stack.
    pub fn open_try(&mut self, catches: Option<Box<[Catch]>>) {
        let pad = self.create_cold_block();
        let place = self.scratch.control.len() - 1;
        self.scratch.tries.push(Try { pad, catches, place });
    }

    /// The tag object, and the exception object or null, where an exception has just arrived.
    pub(super) fn arrived(&mut self) -> (Value, Value) {
        let store = self.load_word(types::I64, Region::Constant, self.vmctx, VMCTX_STORE);
        let record = self.load_word(types::I64, Region::Constant, store, STORE_TRAP_RECORD);
        let tag = self.load_word(types::I64, Region::Rest, record, RECORD_TAG);
        (tag, self.load_word(types::I64, Region::Rest, record, RECORD_EXCEPTION))
    }

    /// Emits a call whose exceptions go to `pad`; its results.
    pub fn try_call(
        &mut self,
        callee: Callee,
        signature: SigRef,
        args: &[Value],
        pad: Block,
    ) -> SmallVec<[Value; 8]> {
        let normal = self.create_block();
        let results: SmallVec<[_; 8]> =
            self.b.func.dfg.signatures[signature].returns.iter().map(|ty| ty.value_type).collect();
        let values = results.iter().map(|&ty| self.b.append_block_param(normal, ty)).collect();
        let returned: SmallVec<[_; 8]> =
            (0..results.len() as u32).map(BlockArg::TryCallRet).collect();
        let pool = &mut self.b.func.dfg.value_lists;
        let normal_return = BlockCall::new(normal, returned, pool);
        let thrown = BlockCall::new(pad, [], pool);
        let items = [ExceptionTableItem::Default(thrown)];
        let table = ExceptionTableData::new(signature, normal_return, items);
        let table = self.b.func.dfg.exception_tables.push(table);
        match callee {
            Callee::Named(name) => self.b.ins().try_call(name, args, table),
            Callee::Code(code) => self.b.ins().try_call_indirect(code, args, table),
        };
        self.continue_in(normal);
        values
    }

    /// Emits the landing pad of the innermost `try_table`, which is still on the control stack. The
    /// code before it has ended.
    pub fn close_try(&mut self, height: usize) -> Translated {
        let Some(Try { pad, catches, .. }) = self.scratch.tries.pop() else { return Ok(()) };
        self.continue_in(pad);
        let (tag, exception) = self.arrived();
        self.reload_fuel();
        for clause in catches.iter().flatten().map(Clause::of) {
            let next = clause.tag.map(|own| self.branch_if_other_tag(tag, own));
            self.catch(clause, tag, exception, height)?;
            match next {
                Some(next) => self.continue_in(next),
                None => return Ok(()),
            }
        }
        self.drop_to(height);
        let outer = self.landing_pad();
        self.pass_on(tag, exception, outer);
        Ok(())
    }

    /// Passes an exception that has just arrived here on to a landing pad, or out of the function.
    pub(super) fn pass_on(&mut self, tag: Value, exception: Value, outer: Option<Block>) {
        match outer {
            Some(outer) => {
                self.b.ins().jump(outer, &[]);
            }
            None => self.end_with_call(Builtin::ThrowOn, &[tag, exception]),
        }
    }

    /// Continues if the tag is that of the module; returns the block for others.
    pub(super) fn branch_if_other_tag(&mut self, tag: Value, own: TagIndex) -> Block {
        let (found, next) = (self.create_cold_block(), self.create_cold_block());
        let own = self.constant_at(self.module.layout.tag(own), types::I64);
        let same = self.b.ins().icmp(IntCC::Equal, tag, own);
        self.b.ins().brif(same, found, &[], next, &[]);
        self.continue_in(found);
        next
    }

    /// Branches to the label of a clause, with the operands that it takes.
    fn catch(&mut self, clause: Clause, tag: Value, exception: Value, height: usize) -> Translated {
        self.drop_to(height);
        let object =
            if clause.reference { Some(self.exception_object(tag, exception)?) } else { None };
        if let Some(own) = clause.tag {
            self.push_payload(own);
        }
        object.into_iter().for_each(|object| self.push1(object));
        // The `try_table` itself is still on the control stack.
        self.br(clause.label + 1)
    }

    /// Pushes the values of an exception that has just arrived here.
    pub(super) fn push_payload(&mut self, tag: TagIndex) {
        let module = self.module;
        let params = &module.tag_type(tag).params;
        if !params.is_empty() {
            let buffer = self.overflow_buffer();
            for (slot, &ty) in (0..).zip(params) {
                self.push_from_buffer(buffer, slot, clif_type(ty));
            }
        }
    }

    /// Stores the values of an exception that is about to be thrown: the operands from height `at`.
    pub(super) fn store_payload(&mut self, tag: TagIndex, at: usize) {
        let params = self.payload_len(tag);
        if params > 0 {
            let buffer = self.overflow_buffer();
            for slot in 0..params {
                self.write_to_buffer(at + slot, buffer, slot as u32);
            }
        }
    }

    pub(super) fn payload_len(&self, tag: TagIndex) -> usize {
        self.module.tag_type(tag).params.len()
    }

    /// The object of an exception, made now if there is none.
    pub(super) fn exception_object(
        &mut self,
        tag: Value,
        exception: Value,
    ) -> Result<Value, CompileError> {
        let (make, made) = (self.create_block(), self.create_block());
        let object = self.b.append_block_param(made, types::I64);
        self.b.ins().brif(exception, made, &[BlockArg::Value(exception)], make, &[]);
        self.continue_in(make);
        let new = self.call_builtin_for(Builtin::MakeException, &[tag])?;
        self.b.ins().jump(made, &[BlockArg::Value(new)]);
        self.continue_in(made);
        Ok(object)
    }

    fn throw(&mut self, tag: TagIndex) -> Translated {
        let params = self.payload_len(tag);
        if let Some((clause, depth)) = self.known_catch(tag) {
            if clause.tag.is_none() {
                let below = self.height_below(params)?;
                self.drop_to(below);
            }
            return self.br(depth);
        }
        let below = self.height_below(params)?;
        self.store_payload(tag, below);
        self.drop_to(below);
        let tag = self.constant_at(self.module.layout.tag(tag), types::I64);
        let none = self.i64_const(0);
        self.throw_to_pad(tag, none);
        Ok(())
    }

    fn throw_ref(&mut self) -> Translated {
        let exception = self.pop1()?;
        self.trap_unless(exception, TrapCode::NullReference);
        let tag = self.call_builtin_for(Builtin::OpenException, &[exception])?;
        self.throw_to_pad(tag, exception);
        Ok(())
    }

    /// Throws; what follows is unreachable.
    pub(super) fn throw_to_pad(&mut self, tag: Value, exception: Value) {
        let Some(pad) = self.landing_pad() else {
            return self.end_with_call(Builtin::Throw, &[tag, exception]);
        };
        let (address, signature) = self.builtin_code(Builtin::Throw);
        let args = [self.vmctx, tag, exception];
        self.try_call(Callee::Code(address), signature, &args, pad);
        self.b.ins().trap(super::traps::NEVER_REACHED);
    }

    fn known_catch(&self, tag: TagIndex) -> Option<(Clause, u32)> {
        let depth = |open: &Try| (self.scratch.control.len() - open.place) as u32;
        let tries = self.scratch.tries.iter().rev();
        let tries = tries.map(|open| (open.catches.as_deref(), depth(open)));
        known_catch(tries, tag, self.module.imported.tags)
    }
}
