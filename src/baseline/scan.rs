//! What the compiler must know of a body before it emits the first instruction.
//!
//! A single pass cannot know which locals the loops ahead use most. So uses of locals, accesses of the first memory and
//! calls are counted before it, each weighted by the loops around it: while the body is validated, if that comes
//! first, or else by reading it once more.

use super::operand::Kind;
use crate::body::accesses::{Access, memory_of};
use crate::body::atomics::Atomic;
use crate::body::catches::Clause;
use crate::body::vectors::VectorAccess;
use crate::body::{Frequent, Locals, Operators, Watch};
use crate::error::Error;
use crate::module::Module;
use crate::types::{FuncIndex, MemoryIndex, TagIndex, ValType};
use wasmparser::{MemArg, Operator};

/// What one iteration of a loop counts more than the code around it, as a power of two.
const LOOP_WEIGHT: u32 = 3;
/// Loops within this many others count no more.
const MOST_LOOPS: usize = 5;

/// Counts of one body.
#[derive(Default)]
pub(super) struct Scan {
    /// Weighted uses of each local.
    pub uses: Vec<u64>,
    /// The instructions that write each local.
    pub writes: Vec<u32>,
    /// Weighted calls, of builtins too.
    pub calls: u64,
    /// Weighted accesses of memory 0.
    pub accesses: u64,
    pub has_tail_calls: bool,
    pub has_tries: bool,
    pub has_loops: bool,
    /// There are vectors on the operand stack.
    pub has_vectors: bool,
    /// The number of open blocks.
    blocks: u32,
    /// The outermost open loops that count: for each the number of blocks around it.
    loops: [u32; MOST_LOOPS],
    open_loops: usize,
}

impl Scan {
    /// Reads a valid body. What is dead counts too.
    pub fn read(
        &mut self,
        module: &Module,
        mut body: Operators<'_>,
        locals: &Locals,
    ) -> Result<(), Error> {
        self.begin(locals)?;
        while !body.is_at_end() {
            match body.read_frequent() {
                Some(Frequent::Get(local)) => self.use_local(local),
                Some(Frequent::Set(local)) => self.write_local(local),
                Some(Frequent::Access) => self.accesses += self.weight(),
                Some(Frequent::End) => self.end(),
                Some(Frequent::Plain) => {}
                None => self.operator(module, &body.read()?),
            }
        }
        Ok(())
    }

    fn begin(&mut self, locals: &Locals) -> Result<(), Error> {
        let Scan { mut uses, mut writes, .. } = std::mem::take(self);
        uses.clear();
        uses.try_reserve(locals.count())?;
        uses.resize(locals.count(), 0);
        writes.clear();
        writes.try_reserve(locals.count())?;
        writes.resize(locals.count(), 0);
        let has_vectors = locals.types().any(|ty| Kind::of(ty) == Kind::V128);
        *self = Scan { uses, writes, has_vectors, ..Scan::default() };
        Ok(())
    }

    fn weight(&self) -> u64 {
        1 << (LOOP_WEIGHT * self.open_loops as u32)
    }

    #[inline]
    fn use_local(&mut self, index: u32) {
        let weight = self.weight();
        if let Some(uses) = self.uses.get_mut(index as usize) {
            *uses += weight;
        }
    }

    #[inline]
    fn write_local(&mut self, index: u32) {
        self.use_local(index);
        if let Some(writes) = self.writes.get_mut(index as usize) {
            *writes += 1;
        }
    }

    /// Counts a call of a function.
    fn call(&mut self, module: &Module, func: FuncIndex) {
        self.calls += self.weight();
        self.has_vectors |= module.func_type(func).1.results.contains(&ValType::V128);
    }

    fn begin_block(&mut self) {
        self.blocks += 1;
    }

    fn begin_loop(&mut self) {
        self.has_loops = true;
        if let Some(open) = self.loops.get_mut(self.open_loops) {
            *open = self.blocks;
            self.open_loops += 1;
        }
        self.begin_block();
    }

    #[inline]
    fn end(&mut self) {
        // The function's own end has no beginning.
        self.blocks = self.blocks.saturating_sub(1);
        let innermost = self.open_loops.checked_sub(1);
        if innermost.is_some_and(|at| self.loops[at] == self.blocks) {
            self.open_loops -= 1;
        }
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
            Block { .. } | If { .. } => self.begin_block(),
            Call { function_index } => self.call(module, FuncIndex(*function_index)),
            TryTable { .. } | Try { .. } => {
                self.has_tries = true;
                self.begin_block();
            }
            Loop { .. } => self.begin_loop(),
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

/// Scans a body while it is validated.
pub(super) struct Scanning<'s> {
    pub scan: &'s mut Scan,
    pub module: &'s Module,
}

impl Watch for Scanning<'_> {
    fn begin(&mut self, locals: &Locals) -> Result<(), Error> {
        self.scan.begin(locals)
    }

    #[inline(always)]
    fn get_local(&mut self, index: u32) {
        self.scan.use_local(index);
    }

    #[inline(always)]
    fn set_local(&mut self, index: u32) {
        self.scan.write_local(index);
    }

    #[inline(always)]
    fn access(&mut self, bytes: &[u8], at: usize) {
        match bytes.get(at + 1) {
            Some(&flags) if flags < HAS_MEMORY => self.scan.accesses += self.scan.weight(),
            _ => self.other(bytes, at),
        }
    }

    fn call(&mut self, func: FuncIndex) {
        self.scan.call(self.module, func);
    }

    #[inline(always)]
    fn begin_block(&mut self, is_loop: bool) {
        if is_loop { self.scan.begin_loop() } else { self.scan.begin_block() }
    }

    #[inline(always)]
    fn end(&mut self) {
        self.scan.end();
    }

    #[inline(never)]
    fn other(&mut self, bytes: &[u8], at: usize) {
        let mut body = Operators::new(bytes, at);
        if body.read_frequent().is_none()
            && let Ok(op) = body.read()
        {
            self.scan.operator(self.module, &op);
        }
    }
}

/// The bit of an access's flags that says that a memory index follows.
pub(super) const HAS_MEMORY: u8 = 0x40;

/// Whether the operator pushes vectors from elsewhere: results, values of exceptions, and globals.
fn brings_vectors(module: &Module, op: &Operator<'_>) -> bool {
    use Operator::*;
    let carries = |tag| module.tag_type(TagIndex(tag)).params.contains(&ValType::V128);
    match op {
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
        CallIndirect { .. }
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
