//! How a failed check becomes a trap. Part of the sandbox: every check of the translator ends here.
//!
//! Where faults are allowed, a check is a conditional branch to an undefined instruction, whose address the site
//! table maps to the trap code. Where they are not, it is a branch to a cold block that calls the trap builtin; the
//! return address of that call identifies the instruction. An unconditional trap always calls:
//! undefined-instruction signals are slow on virtual machines.

use super::accesses::is_access;
use super::translator::FuncTranslator;
use crate::abi::{Builtin, TrapCode, Traps};
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{self, InstBuilder, InstructionData, Value, ValueDef};

/// Marks the instruction after a builtin that never returns; it is not a site.
pub(super) const NEVER_REACHED: ir::TrapCode = ir::TrapCode::unwrap_user(200);

// The codes of accesses mean nothing else.
const _: () = {
    assert!(!is_access(NEVER_REACHED));
    let mut number = u8::MAX;
    while number > 0 {
        let code = ir::TrapCode::user(number);
        assert!(!(TrapCode::from_u8(number).is_some() && matches!(code, Some(c) if is_access(c))));
        number -= 1;
    }
};

/// Cranelift's number for one of our codes.
pub(super) fn clif_code(code: TrapCode) -> ir::TrapCode {
    ir::TrapCode::user(code as u8).unwrap_or(NEVER_REACHED)
}

/// Our code for one of Cranelift's; `None` for instructions that are never reached.
pub(super) fn abi_code(code: ir::TrapCode) -> Option<TrapCode> {
    if code == NEVER_REACHED {
        return None;
    }
    if is_access(code) {
        return Some(TrapCode::MemoryOutOfBounds);
    }
    Some(match code {
        ir::TrapCode::STACK_OVERFLOW => TrapCode::StackOverflow,
        ir::TrapCode::HEAP_OUT_OF_BOUNDS => TrapCode::MemoryOutOfBounds,
        ir::TrapCode::INTEGER_OVERFLOW => TrapCode::IntegerOverflow,
        ir::TrapCode::INTEGER_DIVISION_BY_ZERO => TrapCode::IntegerDivideByZero,
        ir::TrapCode::BAD_CONVERSION_TO_INTEGER => TrapCode::InvalidConversionToInteger,
        other => TrapCode::from_u8(other.as_raw().get()).unwrap_or(TrapCode::InternalError),
    })
}

impl FuncTranslator<'_> {
    /// Whether a trap may be a fault instead of a call.
    pub fn may_fault(&self) -> bool {
        self.mode.traps == Traps::Signals
    }

    /// Traps when `condition` (an integer) is not zero.
    pub fn trap_if(&mut self, condition: Value, code: TrapCode) {
        if self.may_fault() {
            self.b.ins().trapnz(condition, clif_code(code));
        } else {
            self.in_cold_block(condition, |t| {
                let code = t.i32_const(code as i32);
                t.end_with_trap(code);
            });
        }
    }

    /// Traps when `condition` (an integer) is zero.
    pub fn trap_unless(&mut self, condition: Value, code: TrapCode) {
        if self.may_fault() {
            self.b.ins().trapz(condition, clif_code(code));
        } else {
            let (failed, passed) = (self.create_cold_block(), self.create_block());
            self.b.ins().brif(condition, passed, &[], failed, &[]);
            self.trap_in(failed, code, passed);
        }
    }

    /// Traps. Code after it is unreachable.
    pub fn trap(&mut self, code: TrapCode) {
        let code = self.i32_const(code as i32);
        self.end_with_trap(code);
    }

    fn trap_in(&mut self, failed: ir::Block, code: TrapCode, passed: ir::Block) {
        self.continue_in(failed);
        let code = self.i32_const(code as i32);
        self.end_with_trap(code);
        self.continue_in(passed);
    }

    /// Where `condition` (an integer) is not zero, runs the code that `end` emits, which must end the block.
    ///
    /// Register allocation sees the second successor first. The cold block is the second, so that its operands do not
    /// live through the whole rest of the function.
    pub fn in_cold_block(&mut self, condition: Value, end: impl FnOnce(&mut Self)) {
        let (failed, passed) = (self.create_cold_block(), self.create_block());
        let otherwise = self.negated(condition);
        self.b.ins().brif(otherwise, passed, &[], failed, &[]);
        self.continue_in(failed);
        end(self);
        self.continue_in(passed);
    }

    /// Not zero where `condition` is zero.
    fn negated(&mut self, condition: Value) -> Value {
        let dfg = &self.b.func.dfg;
        if let ValueDef::Result(inst, _) = dfg.value_def(condition)
            && let InstructionData::IntCompare { cond, args: [x, y], .. } = dfg.insts[inst]
        {
            return self.b.ins().icmp(cond.complement(), x, y);
        }
        self.b.ins().icmp_imm_u(IntCC::Equal, condition, 0)
    }

    /// Ends the current block with a trap; translation may continue in another.
    pub fn end_with_trap(&mut self, code: Value) {
        self.end_with_call(Builtin::Trap, &[code]);
    }

    /// Ends the current block with a builtin that never returns.
    pub fn end_with_call(&mut self, builtin: Builtin, args: &[Value]) {
        let calls = self.calls;
        self.call_builtin(builtin, args);
        // The builtin runs in the reserve below the stack limit, so a call of it does not require the function to
        // check the stack.
        self.calls = calls;
        self.b.ins().trap(NEVER_REACHED);
    }
}
