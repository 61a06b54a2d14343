//! The state of translating one function, which every instruction family uses.
//!
//! A family is a set of functions `fn(t: &mut FuncTranslator, ...)`. Instructions are valid and reachable, so
//! operands exist and have the right types: `pop1`, `pop2` and `pop3` take them, `peek_into` reads any number,
//! `push1` pushes a result. `t.b` is Cranelift's builder: `t.b.ins()`.
//!
//! Value types: i32 is `I32`, i64 `I64`, f32 `F32`, f64 `F64`, every reference is `I64` (zero is null), and **every
//! vector on the operand stack, in a local, parameter or global is `I8X16`**; code that works on lanes casts with
//! `bitcast` and little-endian flags before and after. Truth values of the specification are `I32` 0 or 1 (see
//! `push_bool`).
//!
//! Memory: [`FuncTranslator::address`] (file `bounds`) turns the address operand and an instruction's `MemArg` into
//! a checked [`Address`](super::bounds::Address), whose `base`, `offset` and `flags` are operands for Cranelift's
//! `load` and `store`. Instructions without an offset field (atomics) use `Address::flat`.
//!
//! Traps: `trap_if(cond, code)`, `trap_unless(cond, code)` and `trap(code)` (file `traps`).
//!
//! Builtins: `call_builtin(builtin, &args)` (file `calls`).
//!
//! Words of the instance that never change (`constant_at`) are loaded once, in the entry block, and may be used
//! anywhere.

use super::accesses::Accesses;
use super::control::{ControlFrame, Try};
use super::effort::Effort;
use super::entered_loop::EnteredLoop;
use super::error::Translated;
use super::locals::Locals;
use super::loop_depths::LoopDepths;
use super::observed::Observed;
use super::operands::Operands;
use super::regions::Region;
pub(super) use super::value_types::clif_type;
use crate::abi::{Builtin, CodeMode, DirectCalls, Variant};
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncType};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    self, Endianness, FuncRef, InstBuilder, InstructionData, MemFlagsData, Opcode, SigRef, Type,
    Value, ValueDef, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, Variable};
use hashbrown::HashMap;

/// Collections reused from function to function.
#[derive(Default)]
pub(super) struct TranslationBuffers {
    pub operands: Operands,
    pub control: Vec<ControlFrame>,
    pub tries: Vec<Try>,
    pub locals: Locals,
    pub constants: HashMap<ConstantKey, Value>,
    pub signatures: HashMap<u32, SigRef>,
    pub functions: HashMap<u32, FuncRef>,
    pub values: Vec<Value>,
    pub block_args: Vec<ir::BlockArg>,
    pub br_table: super::branch_table::BrTableBuffers,
    pub meter: Meter,
}

impl TranslationBuffers {
    pub(super) fn clear(&mut self) {
        self.operands.clear();
        self.control.clear();
        self.tries.clear();
        self.locals.clear();
        self.constants.clear();
        self.signatures.clear();
        self.functions.clear();
        self.values.clear();
        self.block_args.clear();
        self.meter.clear();
    }
}

/// The state of metering in one function.
#[derive(Default)]
pub(super) struct Meter {
    /// Holds the remaining fuel; none where it is loaded from memory each time.
    pub variable: Option<Variable>,
    /// Loads of the variable that may turn out to be unused.
    pub loads: Vec<ir::Inst>,
}

impl Meter {
    fn clear(&mut self) {
        self.variable = None;
        self.loads.clear();
    }
}

/// A word that never changes while the instance lives: at an offset from the vmctx, or from an address that is
/// itself such a word.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ConstantKey {
    Vmctx(i32, Type),
    Behind(i32, i32, Type),
}

/// One function being translated.
pub(super) struct FuncTranslator<'a> {
    pub b: FunctionBuilder<'a>,
    pub module: &'a Module,
    pub mode: CodeMode,
    /// The target, which says which operations have instructions.
    pub isa: &'a dyn TargetIsa,
    pub function_type: &'a FuncType,
    /// Address of the instance; dominates everything.
    pub vmctx: Value,
    pub entry: ir::Block,
    pub scratch: &'a mut TranslationBuffers,
    pub builtin_signatures: [Option<SigRef>; Builtin::COUNT],
    pub direct_calls: DirectCalls,
    pub observed: Option<&'a dyn Observed>,
    /// The code counts the iterations of loops.
    pub counted: bool,
    /// The function itself.
    pub own: DefinedFuncIndex,
    /// Whether the code calls anything but the trap builtin.
    pub calls: bool,
    /// Bytes of stack arguments of the largest tail call.
    pub tail_args: u32,
    pub effort: Effort,
    pub depths: LoopDepths,
    pub accesses: Accesses,
    /// In code that enters a running loop.
    pub entered: Option<EnteredLoop>,
    /// The outermost block of the innermost inlined body: its place on the control stack.
    pub inlined_block: Option<usize>,
    /// What is translated now is rarely executed. The code generator itself knows that of blocks that end in a trap.
    pub is_cold: bool,
    /// Whether the condition of the current instruction probably holds, if that is known.
    pub hint: Option<bool>,
}

/// Flags of an access that cannot fault and is aligned.
pub(super) const TRUSTED: MemFlagsData = MemFlagsData::trusted();

impl<'a> FuncTranslator<'a> {
    /// Whether code that the processor executes ahead, past a failing check, must not read beyond bounds.
    pub fn has_masks(&self) -> bool {
        self.isa.flags().enable_table_access_spectre_mitigation()
    }

    /// Begins a function with its entry block, whose parameters are the context and the arguments.
    pub fn new(
        mut b: FunctionBuilder<'a>,
        module: &'a Module,
        (own, function_type): (DefinedFuncIndex, &'a FuncType),
        isa: &'a dyn TargetIsa,
        variant: Variant,
        scratch: &'a mut TranslationBuffers,
    ) -> FuncTranslator<'a> {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        b.ensure_inserted_block();
        FuncTranslator {
            vmctx: b.block_params(entry)[0],
            b,
            module,
            mode: variant.mode,
            isa,
            function_type,
            entry,
            scratch,
            builtin_signatures: [None; Builtin::COUNT],
            direct_calls: variant.direct_calls,
            observed: None,
            counted: variant.counted,
            own,
            calls: false,
            tail_args: 0,
            effort: Effort::default(),
            depths: LoopDepths::default(),
            accesses: Accesses::default(),
            entered: None,
            inlined_block: None,
            is_cold: false,
            hint: None,
        }
    }
}

impl FuncTranslator<'_> {
    /// Pushes the result of a comparison (an `I8` of 0 or 1) as i32.
    pub fn push_bool(&mut self, value: Value) {
        let value = self.b.ins().uextend(types::I32, value);
        self.push1(value);
    }

    /// Replaces the topmost operand by the result of `f`.
    pub fn unary(&mut self, f: impl FnOnce(&mut Self, Value) -> Value) -> Translated {
        let value = self.pop1()?;
        let result = f(self, value);
        self.push1(result);
        Ok(())
    }

    /// Replaces the two topmost operands by the result of `f`.
    pub fn binary(&mut self, f: impl FnOnce(&mut Self, Value, Value) -> Value) -> Translated {
        let (x, y) = self.pop2()?;
        let result = f(self, x, y);
        self.push1(result);
        Ok(())
    }

    pub fn i32_const(&mut self, value: i32) -> Value {
        self.b.ins().iconst(types::I32, i64::from(value) & 0xffff_ffff)
    }

    pub fn i64_const(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    /// The unsigned value of an integer constant, when `value` is one.
    pub fn as_constant(&self, value: Value) -> Option<u64> {
        let dfg = &self.b.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(value) else { return None };
        let InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } = dfg.insts[inst] else {
            return None;
        };
        let bits = imm.bits() as u64;
        Some(if dfg.value_type(value) == types::I32 { bits & 0xffff_ffff } else { bits })
    }

    /// The `I8` behind a truth value that was just widened, else the value itself: branches and selections take
    /// either.
    pub fn condition(&self, value: Value) -> Value {
        let dfg = &self.b.func.dfg;
        if let ValueDef::Result(inst, _) = dfg.value_def(value)
            && let InstructionData::Unary { opcode: Opcode::Uextend, arg } = dfg.insts[inst]
            && dfg.value_type(arg) == types::I8
        {
            return arg;
        }
        value
    }

    pub fn is_constant(&self, value: Value) -> bool {
        let dfg = &self.b.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(value) else { return false };
        matches!(dfg.insts[inst].opcode(), Opcode::Iconst | Opcode::F32const | Opcode::F64const)
    }

    /// `flags` restricted to a region.
    pub fn in_region(&mut self, flags: MemFlagsData, region: Region) -> MemFlagsData {
        flags.with_alias_region(Some(region.declare(self.b.func)))
    }

    /// Loads a word of the runtime's structures that may change.
    pub fn load_word(&mut self, ty: Type, region: Region, base: Value, offset: i32) -> Value {
        let flags = self.in_region(TRUSTED, region);
        self.b.ins().load(ty, flags, base, offset)
    }

    /// The word at `offset` of the vmctx, which never changes.
    pub fn constant_at(&mut self, offset: i32, ty: Type) -> Value {
        self.constant(ConstantKey::Vmctx(offset, ty))
    }

    /// The word at `offset` from the address stored at `pointer` of the vmctx; neither ever changes.
    pub fn constant_behind(&mut self, pointer: i32, offset: i32, ty: Type) -> Value {
        self.constant(ConstantKey::Behind(pointer, offset, ty))
    }

    fn constant(&mut self, key: ConstantKey) -> Value {
        if let Some(&value) = self.scratch.constants.get(&key) {
            return value;
        }
        let flags = self.in_region(TRUSTED.with_readonly().with_can_move(), Region::Constant);
        let (base, offset, ty) = match key {
            ConstantKey::Vmctx(offset, ty) => (self.vmctx, offset, ty),
            ConstantKey::Behind(pointer, offset, ty) => {
                (self.constant_at(pointer, types::I64), offset, ty)
            }
        };
        // Placed directly after its address, so that it dominates every use.
        let after = match self.b.func.dfg.value_def(base) {
            ValueDef::Result(inst, _) => self.b.func.layout.next_inst(inst),
            _ => self.b.func.layout.first_inst(self.entry),
        };
        let cursor = FuncCursor::new(self.b.func);
        let mut cursor = match after {
            Some(inst) => cursor.at_inst(inst),
            None => cursor.at_bottom(self.entry),
        };
        let value = cursor.ins().load(ty, flags, base, offset);
        self.scratch.constants.insert(key, value);
        value
    }

    /// Whether to abandon the function.
    pub fn is_too_costly(&self) -> bool {
        let TranslationBuffers { locals, operands, .. } = &*self.scratch;
        let values = self.b.func.dfg.num_values();
        self.effort.exceeded(locals.len(), values, operands.most_different())
    }

    pub fn create_block(&mut self) -> ir::Block {
        self.effort.blocks += 1;
        let block = self.b.create_block();
        if self.is_cold {
            self.b.set_cold_block(block);
        }
        block
    }

    /// A block that is cold unless it is executed as often as other code here.
    pub fn create_block_if(&mut self, is_usual: bool) -> ir::Block {
        if is_usual { self.create_block() } else { self.create_cold_block() }
    }

    pub fn create_cold_block(&mut self) -> ir::Block {
        let block = self.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Continues in `block`, all of whose predecessors are known.
    pub fn continue_in(&mut self, block: ir::Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }
}

/// Flags for casting vectors between lane shapes.
pub(super) fn lane_cast() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little)
}
