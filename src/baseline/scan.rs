//! What the compiler must know of a body before it emits the first instruction.
//!
//! A single pass cannot know which locals the loops ahead use most. So the body is read once more before it, which
//! costs little: uses of locals, accesses of the first memory and calls are counted, each weighted by the loops
//! around it.

use super::operand::Kind;
use crate::body::accesses::{Access, memory_of};
use crate::body::atomics::Atomic;
use crate::body::catches::Clause;
use crate::body::vectors::VectorAccess;
use crate::body::{Frequent, Locals, Operators};
use crate::module::Module;
use crate::types::{FuncIndex, MemoryIndex, TagIndex, ValType};
use wasmparser::{MemArg, Operator};

/// What one iteration of a loop counts more than the code around it, as a power of two.
const LOOP_WEIGHT: u32 = 3;
const MOST_LOOPS: u32 = 5;

/// Counts of one body.
#[derive(Default)]
pub(super) struct Scan {
    /// Weighted uses of each local.
    pub uses: Vec<u64>,
    /// Weighted calls, of builtins too.
    pub calls: u64,
    /// Weighted accesses of memory 0.
    pub accesses: u64,
    pub has_tail_calls: bool,
    pub has_tries: bool,
    pub has_loops: bool,
    /// There are vectors on the operand stack.
    pub has_vectors: bool,
    /// Open blocks, and which of them are loops.
    blocks: Vec<bool>,
    loops: u32,
}

impl Scan {
    /// Reads a valid body. What is dead counts too.
    pub fn read(&mut self, module: &Module, mut body: Operators<'_>, locals: &Locals) {
        self.uses.clear();
        self.uses.resize(locals.count(), 0);
        self.blocks.clear();
        (self.calls, self.accesses, self.loops) = (0, 0, 0);
        (self.has_tail_calls, self.has_tries, self.has_loops) = (false, false, false);
        self.has_vectors = locals.types().any(|ty| Kind::of(ty) == Kind::V128);
        while !body.is_at_end() {
            match body.read_frequent() {
                Some(Frequent::Local(local)) => self.local(local),
                Some(Frequent::Access) => self.accesses += self.weight(),
                Some(Frequent::End) => self.end(),
                Some(Frequent::Plain) => {}
                None => match body.read() {
                    Ok(op) => self.operator(module, &op),
                    // Validation refuses it.
                    Err(_) => return,
                },
            }
        }
    }

    fn weight(&self) -> u64 {
        1 << (LOOP_WEIGHT * self.loops.min(MOST_LOOPS))
    }

    fn local(&mut self, index: u32) {
        let weight = self.weight();
        if let Some(uses) = self.uses.get_mut(index as usize) {
            *uses += weight;
        }
    }

    fn begin(&mut self, is_loop: bool) {
        self.blocks.push(is_loop);
        self.loops += u32::from(is_loop);
        self.has_loops |= is_loop;
    }

    fn end(&mut self) {
        self.loops -= u32::from(self.blocks.pop().unwrap_or(false));
    }

    fn other(&mut self, op: &Operator<'_>) {
        if let Some((_, memarg)) = Access::of(op) {
            self.access(memarg);
        } else if calls(op) {
            self.calls += self.weight();
        } else if is_vector(op) {
            self.has_vectors = true;
            if let Some((_, memarg)) = VectorAccess::of(op) {
                self.access(memarg);
            }
        } else if let Some((_, memarg)) = Atomic::of(op) {
            self.access(memarg);
        }
    }

    /// Counts an operator that is not among the most frequent.
    fn operator(&mut self, module: &Module, op: &Operator<'_>) {
        use Operator::*;
        match op {
            Block { .. } | If { .. } => self.begin(false),
            TryTable { .. } | Try { .. } => {
                self.has_tries = true;
                self.begin(false);
            }
            Loop { .. } => self.begin(true),
            Delegate { .. } => self.end(),
            ReturnCall { .. } | ReturnCallIndirect { .. } | ReturnCallRef { .. } => {
                self.has_tail_calls = true;
            }
            _ => self.other(op),
        }
        self.has_vectors = self.has_vectors || brings_vectors(module, op);
    }

    fn access(&mut self, memarg: &MemArg) {
        if memory_of(memarg) == Some(MemoryIndex(0)) {
            self.accesses += self.weight();
        }
    }
}

/// Whether the operator pushes vectors from elsewhere: results, values of exceptions, and globals.
fn brings_vectors(module: &Module, op: &Operator<'_>) -> bool {
    use Operator::*;
    let carries = |tag| module.tag_type(TagIndex(tag)).params.contains(&ValType::V128);
    match op {
        Call { function_index } => {
            module.func_type(FuncIndex(*function_index)).1.results.contains(&ValType::V128)
        }
        CallIndirect { type_index, .. } | CallRef { type_index } => {
            module.types[*type_index as usize].1.results.contains(&ValType::V128)
        }
        Catch { tag_index } => carries(*tag_index),
        TryTable { try_table } => {
            let mut tags = try_table.catches.iter().filter_map(|catch| Clause::of(catch).tag);
            tags.any(|tag| carries(tag.0))
        }
        GlobalGet { global_index } => {
            module.globals[*global_index as usize].content == ValType::V128
        }
        _ => false,
    }
}

/// Whether the operator becomes a call, on its usual way.
fn calls(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        Call { .. }
            | CallIndirect { .. }
            | CallRef { .. }
            | MemoryGrow { .. }
            | MemoryFill { .. }
            | MemoryCopy { .. }
            | MemoryInit { .. }
            | DataDrop { .. }
            | TableGrow { .. }
            | TableFill { .. }
            | TableCopy { .. }
            | TableInit { .. }
            | ElemDrop { .. }
            | RefFunc { .. }
            | MemoryAtomicNotify { .. }
            | MemoryAtomicWait32 { .. }
            | MemoryAtomicWait64 { .. }
    )
}

macro_rules! define_is_vector {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// Whether the operator is one of vectors.
        fn is_vector(op: &Operator<'_>) -> bool {
            match op {
                $(Operator::$op { .. } => true,)*
                _ => false,
            }
        }
    };
}

wasmparser::for_each_visit_simd_operator!(define_is_vector);
