//! Detects long chains of operations on constants, such as `x + 1 + 2 + ...`, which are too costly to optimize.
//!
//! Optimization regroups such operations in several ways at each step: 20 to 80 µs for each of them, where others take
//! less than one. Chains of thousands are in no program that does something useful. Values go on in a chain through
//! globals and memory, because loads of what was stored before become the stored value. Only functions of very many
//! instructions are searched.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Function, Inst, InstructionData, Opcode, Value, ValueDef};
use hashbrown::HashMap;

/// A function of fewer instructions has no long chain.
const MANY_INSTRUCTIONS: usize = 10_000;

/// Code that computes hashes or large numbers without loops has chains of some hundred operations.
const LONG: u32 = 1000;

/// Operations that go on from long chains.
const MANY_OPERATIONS: u32 = 4000;

/// Whether many operations of a function are in long chains.
pub(super) fn are_long(func: &Function) -> bool {
    if func.dfg.num_insts() < MANY_INSTRUCTIONS {
        return false;
    }
    let (lengths, stored) = (SecondaryMap::new(), HashMap::new());
    let mut chains = Chains { func, lengths, stored, in_long: 0 };
    for block in func.layout.blocks() {
        chains.stored.clear();
        func.layout.block_insts(block).for_each(|inst| chains.pass(inst));
    }
    chains.in_long > MANY_OPERATIONS
}

struct Chains<'f> {
    func: &'f Function,
    /// For each value, the operations on constants that it is the result of, one after the other.
    lengths: SecondaryMap<Value, u32>,
    /// The same for what was stored in the current block.
    stored: HashMap<Place, u32>,
    /// The operations that go on from long chains, so far.
    in_long: u32,
}

/// The sum of two values and an offset, or of one value twice if that is no sum.
type Place = (Value, Value, i32);

impl Chains<'_> {
    fn pass(&mut self, inst: Inst) {
        let dfg = &self.func.dfg;
        let length = match dfg.insts[inst] {
            InstructionData::Binary { args, .. } => {
                let former = self.length(args[0]).max(self.length(args[1]));
                let has_constant = args.iter().any(|&arg| self.is_constant(arg));
                self.in_long += u32::from(has_constant && former >= LONG);
                former + u32::from(has_constant)
            }
            InstructionData::Unary { arg, .. } => self.length(arg),
            InstructionData::Load { arg, offset, .. } => {
                self.stored.get(&self.place(arg, offset.into())).copied().unwrap_or(0)
            }
            InstructionData::Store { args: [value, base], offset, .. } => {
                let length = self.length(value);
                if length > 0 {
                    self.stored.insert(self.place(base, offset.into()), length);
                }
                return;
            }
            _ => return,
        };
        if length > 0
            && let Some(&result) = dfg.inst_results(inst).first()
        {
            self.lengths[result] = length;
        }
    }

    fn length(&self, value: Value) -> u32 {
        self.lengths[self.func.dfg.resolve_aliases(value)]
    }

    fn is_constant(&self, value: Value) -> bool {
        self.defined_by(value).is_some_and(|inst| inst.opcode() == Opcode::Iconst)
    }

    fn place(&self, base: Value, offset: i32) -> Place {
        let (x, y) = match self.defined_by(base) {
            Some(&InstructionData::Binary { opcode: Opcode::Iadd, args: [x, y] }) => (x, y),
            _ => (base, base),
        };
        (self.narrow(x), self.narrow(y), offset)
    }

    /// What was extended to become this value.
    fn narrow(&self, value: Value) -> Value {
        let narrow = match self.defined_by(value) {
            Some(&InstructionData::Unary { opcode: Opcode::Uextend, arg }) => arg,
            _ => value,
        };
        self.func.dfg.resolve_aliases(narrow)
    }

    fn defined_by(&self, value: Value) -> Option<&InstructionData> {
        let dfg = &self.func.dfg;
        match dfg.value_def(dfg.resolve_aliases(value)) {
            ValueDef::Result(inst, _) => Some(&dfg.insts[inst]),
            _ => None,
        }
    }
}
