//! What is known of a function that may be inlined: how much code it is, and that its body is valid.
//!
//! The weight of a body counts the operators that become code, so that it can be compared with the weight of a
//! call. Whether a body is valid matters because its function may come later in the module, or on another thread: an
//! invalid one is not inlined, and reported when its function is compiled.

use crate::binary::Validation;
use crate::body::{Locals, Operators, ValidationBuffers, is_valid};
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncIndex};
use hashbrown::HashMap;
use wasmparser::Operator;

/// Larger bodies are not even read.
pub(super) const MOST_BYTES: usize = 200;
const MOST_LOCALS: usize = 24;

/// Heavier bodies are never inlined.
const MOST_WEIGHT: u32 = 48;

/// A function that may be inlined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Callee {
    pub weight: u32,
    /// How often its body calls it.
    pub self_calls: u32,
    pub has_loops: bool,
}

/// What was found out about the small functions of one module.
#[derive(Default)]
pub(super) struct Callees {
    known: HashMap<DefinedFuncIndex, Option<Known>>,
    locals: Locals,
    buffers: ValidationBuffers,
}

#[derive(Clone, Copy)]
struct Known {
    callee: Callee,
    /// Absent if the body was not validated yet.
    is_valid: Option<bool>,
}

impl Callees {
    /// What is known of a function, unless it must not be inlined. Its body need not be valid.
    pub(super) fn get(&mut self, module: &Module, func: DefinedFuncIndex) -> Option<Callee> {
        if module.body(func).len() > MOST_BYTES {
            return None;
        }
        if let Some(known) = self.known.get(&func) {
            return known.map(|known| known.callee);
        }
        let callee = self.weigh(module, func);
        self.known.insert(func, callee.map(|callee| Known { callee, is_valid: None }));
        callee
    }

    /// Whether the body of such a function is valid.
    pub(super) fn is_valid(
        &mut self,
        module: &Module,
        func: DefinedFuncIndex,
        validation: &Validation,
    ) -> bool {
        let Some(Some(known)) = self.known.get_mut(&func) else { return false };
        let buffers = &mut self.buffers;
        *known.is_valid.get_or_insert_with(|| is_valid(module, validation, func, buffers))
    }

    fn weigh(&mut self, module: &Module, func: DefinedFuncIndex) -> Option<Callee> {
        let operators = Operators::of_function(module, func, &mut self.locals).ok()?;
        if self.locals.count() > MOST_LOCALS {
            return None;
        }
        let own = module.func_index(func);
        let mut callee = Callee { weight: 0, self_calls: 0, has_loops: false };
        for op in operators {
            let op = op.ok()?;
            callee.weight += weight(module, &op)?;
            match op {
                Operator::Loop { .. } => callee.has_loops = true,
                Operator::Call { function_index } if FuncIndex(function_index) == own => {
                    callee.self_calls += 1;
                }
                _ => {}
            }
            if callee.weight > MOST_WEIGHT {
                return None;
            }
        }
        Some(callee)
    }
}

/// The weight of an operator; `None` if a body that contains it is not inlined.
fn weight(module: &Module, op: &Operator<'_>) -> Option<u32> {
    use Operator::*;
    Some(match op {
        LocalGet { .. } | LocalSet { .. } | LocalTee { .. } | I32Const { .. } | I64Const { .. } => {
            0
        }
        Nop | Drop | Block { .. } | Loop { .. } | Else | End => 0,
        Call { function_index } => weight_of_call(module, FuncIndex(*function_index))?,
        CallIndirect { .. } | CallRef { .. } => 10,
        BrTable { targets } => 4 + targets.len(),
        MemoryCopy { .. } | MemoryFill { .. } => 20,
        // The frame that they replace would be that of the caller, or they depend on the caller's.
        ReturnCall { .. } | ReturnCallIndirect { .. } | ReturnCallRef { .. } => return None,
        TryTable { .. } | Try { .. } | Rethrow { .. } | Delegate { .. } => return None,
        _ => 1,
    })
}

/// The weight of a direct call.
pub(super) fn weight_of_call(module: &Module, func: FuncIndex) -> Option<u32> {
    let ty = module.functions.get(func.index())?;
    Some(3 + module.types.get(ty.index())?.1.params.len() as u32)
}
