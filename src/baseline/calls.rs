//! Calls of functions and of builtins.
//!
//! Calls preserve rbx, rbp and r12 to r15. So operands in registers are spilled, and locals in other registers are
//! saved; then arguments move into their places at once. Results that do not fit into registers are read from the
//! store's overflow buffer.

use super::emitter::{Emitter, width};
use super::moves::{Move, Moves, Target};
use super::operand::{Kind, Operand, Source};
use super::registers::{MEMORY_BASE_REG, SCRATCH, VMCTX};
use crate::abi::bounds::has_fixed_base;
use crate::abi::builtins::Word;
use crate::abi::signature::{ParamPlace, ResultPlace, params, results, stack_args_size};
use crate::abi::vmctx::{
    ENTRY_CODE, ENTRY_VMCTX, FUNC_SLOT, FUNC_VMCTX, IMPORT_SLOT, IMPORT_VMCTX,
    STORE_OVERFLOW_RESULTS, VMCTX_CODE_TABLE, VMCTX_STORE,
};
use crate::abi::{Builtin, CallRelocation, TrapCode};
use crate::asm::registers::{C_ARG_REGS, INT_ARG_REGS, INT_RESULT_REGS};
use crate::asm::x64::*;
use crate::body::CallForm;
use crate::types::{DefinedFuncIndex, FuncIndex, FuncType, MemoryIndex, TableIndex, TypeIndex};

/// What is called. Registers must be none that arguments use.
#[derive(Clone, Copy)]
pub(super) enum Callee {
    Defined(DefinedFuncIndex),
    /// The import at this offset in the vmctx.
    Import(i32),
    /// The table element at this address.
    Entry(Reg),
    /// The function object at this address.
    Object(Reg),
}

impl Emitter<'_> {
    pub fn call(&mut self, func: FuncIndex, form: CallForm) {
        let module = self.module;
        let ty = module.functions[func.index()];
        let callee = match module.defined(func) {
            Some(defined) => Callee::Defined(defined),
            None => Callee::Import(module.layout.imported_function(func)),
        };
        self.call_with(callee, ty, form);
    }

    pub fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex, form: CallForm) {
        let entry = self.callable_entry(ty, table);
        self.call_with(Callee::Entry(entry), ty, form);
    }

    pub fn call_ref(&mut self, ty: TypeIndex, form: CallForm) {
        self.vacate(RAX);
        let func = self.pop();
        self.load_reg(RAX, func);
        self.release(func);
        self.registers.reserve(RAX);
        self.asm.test(RAX);
        self.trap_if(Condition::Equal, TrapCode::NullFunctionReference);
        if self.counted {
            let target = self.take();
            self.record_target(RAX, target);
            self.release_reg(target);
        }
        self.call_with(Callee::Object(RAX), ty, form);
    }

    fn call_with(&mut self, callee: Callee, ty: TypeIndex, form: CallForm) {
        let module = self.module;
        let ty = &*module.types[ty.index()].1;
        self.has_calls = true;
        match form {
            CallForm::Call => self.emit_call(callee, ty),
            CallForm::Tail => self.emit_tail_call(callee, ty),
        }
    }

    fn emit_call(&mut self, callee: Callee, ty: &FuncType) {
        let below = self.below(ty.params.len());
        self.spill_registers_below(below);
        self.save_locals_from_exceptions();
        let size = stack_args_size(ty);
        self.call_args = self.call_args.max(size);
        if size > 0 {
            self.asm.sub(RSP, size as i32);
        }
        self.move_arguments(ty, below, Mem(RSP, 0));
        self.release_arguments(below);
        self.load_callee_vmctx(callee);
        self.call_callee(callee);
        self.return_site();
        self.may_throw();
        if let [result] = ty.results[..] {
            self.after_call();
            self.push_result(Kind::of(result));
        } else {
            self.push_results(ty);
            self.after_call();
        }
    }

    /// Moves the operands from height `below` on into the places of arguments; those on the stack begin at `stack`.
    pub fn move_arguments(&mut self, ty: &FuncType, below: usize, stack: Mem) {
        let mut moves = Moves::new();
        for (at, (_, place)) in (below..).zip(params(ty)) {
            let operand = self.stack[at];
            let from = self.source(operand);
            let to = match place {
                ParamPlace::Int(n) => Target::Reg(INT_ARG_REGS[n as usize]),
                ParamPlace::Float(n) => Target::Xmm(Xmm(n)),
                ParamPlace::Stack(offset) => {
                    self.store_source(operand.kind, stack.plus(offset as i32), from);
                    continue;
                }
            };
            moves.push(Move { to, kind: operand.kind, from });
        }
        self.move_all(&moves);
    }

    /// Takes the arguments off the operand stack.
    pub fn release_arguments(&mut self, below: usize) {
        self.drop_to(below);
        // That of the callee, if there is one.
        self.registers.release(RAX);
    }

    /// Loads the callee's vmctx into its register, after all arguments.
    pub fn load_callee_vmctx(&mut self, callee: Callee) {
        let to = INT_ARG_REGS[0];
        let from = match callee {
            Callee::Defined(_) => return self.asm.mov(Width::B64, to, VMCTX),
            Callee::Import(import) => Mem(VMCTX, import + IMPORT_VMCTX),
            Callee::Entry(entry) => Mem(entry, ENTRY_VMCTX),
            Callee::Object(func) => Mem(func, FUNC_VMCTX),
        };
        self.asm.load(Width::B64, to, from);
    }

    fn call_callee(&mut self, callee: Callee) {
        match callee {
            Callee::Defined(target) if self.is_direct(target) => {
                let offset = self.asm.call_later() as u32;
                self.calls.push(CallRelocation { offset, target });
            }
            _ => {
                let code = self.code_of(callee);
                self.asm.call_mem(code);
            }
        }
    }

    fn is_direct(&self, target: DefinedFuncIndex) -> bool {
        self.direct_calls.reach(target == self.func)
    }

    /// Where the address of a callee's code is.
    pub fn code_of(&mut self, callee: Callee) -> Mem {
        let (slots, offset) = match callee {
            // Cannot overflow: validation allows 1,000,000 functions.
            Callee::Defined(func) => (Mem(VMCTX, VMCTX_CODE_TABLE), func.0 as i32 * 8),
            Callee::Import(import) => (Mem(VMCTX, import + IMPORT_SLOT), 0),
            Callee::Entry(entry) => return Mem(entry, ENTRY_CODE),
            Callee::Object(func) => (Mem(func, FUNC_SLOT), 0),
        };
        self.asm.load(Width::B64, SCRATCH, slots);
        Mem(SCRATCH, offset)
    }

    /// Restores what a call does not preserve.
    pub fn after_call(&mut self) {
        self.restore_locals();
        self.restore_memory_base();
    }

    /// Loads the base of memory 0 again, if it may have moved.
    fn restore_memory_base(&mut self) {
        if self.base_in_register && !has_fixed_base(&self.module.memories[0], self.mode) {
            self.load_memory_base(MEMORY_BASE_REG, MemoryIndex(0));
        }
    }

    /// Pushes the results of a call, which are in their places: moves them to slots.
    fn push_results(&mut self, ty: &FuncType) {
        for (ty, place) in results(ty) {
            let from = match place {
                ResultPlace::Int(n) => Source::Reg(INT_RESULT_REGS[n as usize]),
                ResultPlace::Float(n) => Source::Xmm(Xmm(n)),
                ResultPlace::Overflow(n) => {
                    self.load_overflow_buffer();
                    Source::Mem(Mem(SCRATCH, 16 * n as i32))
                }
            };
            self.push_in_slot(Kind::of(ty), from);
        }
    }

    /// Pushes the only result of a call. Nothing promises zeros above an i32.
    fn push_result(&mut self, kind: Kind) {
        if !kind.is_int() {
            self.registers.reserve_xmm(Xmm(0));
            return self.push_xmm(kind, Xmm(0));
        }
        self.registers.reserve(RAX);
        if let Some(home) = self.target(&[]) {
            self.asm.mov(width(kind), home, RAX);
            self.registers.release(RAX);
            return self.push_reg(kind, home);
        }
        if kind == Kind::I32 {
            self.asm.mov(Width::B32, RAX, RAX);
        }
        self.push_reg(kind, RAX);
    }

    /// Loads the address of the overflow buffer into the scratch register.
    pub fn load_overflow_buffer(&mut self) {
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_STORE));
        self.asm.load(Width::B64, SCRATCH, Mem(SCRATCH, STORE_OVERFLOW_RESULTS));
    }

    /// Calls a builtin with these operands, which were popped, and pushes its result, if it has one.
    pub fn call_builtin(&mut self, builtin: Builtin, args: &[Operand]) {
        self.spill_registers_below(self.stack.len());
        self.save_locals();
        self.call_builtin_plainly(builtin, args);
        self.after_call();
        match builtin.result() {
            None => {}
            Some(Word::I32) => self.push_result(Kind::I32),
            Some(Word::I64) => self.push_result(Kind::I64),
        }
    }

    /// Calls a builtin where what calls do not preserve has been saved. Its result is in rax.
    pub fn call_builtin_plainly(&mut self, builtin: Builtin, args: &[Operand]) {
        self.has_calls = true;
        let skipped = usize::from(builtin.takes_vmctx());
        let target = |(reg, operand): (&Reg, &Operand)| {
            let (to, from) = (Target::Reg(*reg), self.source(*operand));
            Move { to, kind: operand.kind, from }
        };
        let moves: Moves = C_ARG_REGS[skipped..].iter().zip(args).map(target).collect();
        self.move_all(&moves);
        args.iter().for_each(|operand| self.release(*operand));
        if builtin.takes_vmctx() {
            self.asm.mov(Width::B64, C_ARG_REGS[0], VMCTX);
        }
        self.call_builtin_address(builtin);
        self.return_site();
    }

    /// Moves the results of the function, which are on top of the operand stack, into their places.
    pub fn move_results(&mut self) {
        let ty = self.function_type;
        let below = self.below(ty.results.len());
        let mut moves = Moves::new();
        for (at, (_, place)) in (below..).zip(results(ty)) {
            let operand = self.stack[at];
            let from = self.source(operand);
            let to = match place {
                ResultPlace::Int(n) => Target::Reg(INT_RESULT_REGS[n as usize]),
                ResultPlace::Float(n) => Target::Xmm(Xmm(n)),
                ResultPlace::Overflow(n) => {
                    self.store_in_buffer(operand, from, n);
                    continue;
                }
            };
            moves.push(Move { to, kind: operand.kind, from });
        }
        self.move_all(&moves);
    }

    /// Copies an operand to the overflow buffer. Its address is loaded each time: this is rare.
    pub fn store_in_buffer(&mut self, operand: Operand, from: Source, n: u32) {
        let offset = 16 * n as i32;
        match from {
            Source::Reg(_) | Source::Xmm(_) => {
                self.load_overflow_buffer();
                self.store_source(operand.kind, Mem(SCRATCH, offset), from);
            }
            _ => {
                let spare = super::registers::SCRATCH_XMM;
                self.load_bits(spare, operand.kind, from);
                self.load_overflow_buffer();
                self.asm.store_vector(Mem(SCRATCH, offset), spare);
            }
        }
    }

    /// Loads the bits of any value into a vector register.
    fn load_bits(&mut self, to: Xmm, kind: Kind, from: Source) {
        let kind = match kind {
            Kind::I32 => Kind::F32,
            Kind::I64 => Kind::F64,
            other => other,
        };
        match from {
            Source::Flags(_) => self.fail("flags below other operands"),
            _ => self.load_xmm_from(to, kind, from),
        }
    }

    /// Returns from the function.
    pub fn return_operands(&mut self) {
        self.move_results();
        self.jump(self.exit);
    }
}
