//! Local variables.
//!
//! Usually locals are variables of Cranelift's frontend, which builds SSA form: the best code, at a cost of up to
//! locals times blocks. A function for which that is too much (see `effort`) has its locals in one stack slot,
//! loaded and stored at each use, at linear cost.
//!
//! An inlined body has its locals behind those of its caller while it is translated; later bodies reuse them.

use super::error::CompileError;
use super::error::Translated;
use super::translator::{FuncTranslator, clif_type};
use crate::abi::Builtin;
use crate::body;
use cranelift_codegen::ir::{
    InstBuilder, StackSlot, StackSlotData, StackSlotKind, Type, Value, types,
};
use cranelift_frontend::Variable;
use hashbrown::HashMap;

/// Where locals live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LocalsPlace {
    Variables,
    Frame,
}

/// Up to this many locals in the frame are zeroed one by one.
const FEW: usize = 16;

/// The locals of one function, parameters first.
#[derive(Default)]
pub(super) struct Locals {
    /// Those of the function, followed by those of the bodies inlined at the current place.
    variables: Vec<Variable>,
    /// Where those of the innermost body begin.
    base: usize,
    /// The number of variables that were declared, and those of finished inlined bodies, by type.
    declared: usize,
    spare: HashMap<Type, Vec<Variable>>,
    /// Type and offset in the stack slot, when locals are in the frame.
    places: Vec<(Type, i32)>,
    slot: Option<StackSlot>,
}

impl Locals {
    pub(super) fn clear(&mut self) {
        self.variables.clear();
        (self.base, self.declared) = (0, 0);
        self.spare.values_mut().for_each(Vec::clear);
        self.places.clear();
        self.slot = None;
    }

    /// The variable of a local of the innermost body.
    fn variable(&self, local: u32) -> Result<Variable, CompileError> {
        let variable = self.variables.get(self.base + local as usize);
        variable.copied().ok_or_else(no_such_local)
    }

    /// The number of all locals that were declared.
    pub(super) fn len(&self) -> usize {
        self.declared.max(self.places.len())
    }
}

impl FuncTranslator<'_> {
    /// Declares all locals and sets their initial values; `arguments` are those of the parameters.
    pub fn declare_locals(
        &mut self,
        place: LocalsPlace,
        declared: &body::Locals,
        arguments: &[Value],
    ) -> Translated {
        match place {
            LocalsPlace::Variables => {
                self.declare_variables(declared, arguments);
                Ok(())
            }
            LocalsPlace::Frame => self.declare_in_frame(declared, arguments),
        }
    }

    fn declare_variables(&mut self, declared: &body::Locals, arguments: &[Value]) {
        let mut zero: Option<(Type, Value)> = None;
        for (i, ty) in declared.types().map(clif_type).enumerate() {
            let variable = self.variable(ty);
            let value = match (arguments.get(i), zero) {
                (Some(&argument), _) => argument,
                (None, Some((same, value))) if same == ty => value,
                (None, _) => {
                    let value = self.zero(ty);
                    zero = Some((ty, value));
                    value
                }
            };
            self.b.def_var(variable, value);
            self.scratch.locals.variables.push(variable);
        }
    }

    /// A variable that is not in use.
    fn variable(&mut self, ty: Type) -> Variable {
        let locals = &mut self.scratch.locals;
        if let Some(spare) = locals.spare.get_mut(&ty).and_then(Vec::pop) {
            return spare;
        }
        locals.declared += 1;
        self.b.declare_var(ty)
    }

    /// Declares the locals of a body that is inlined here; returns where those of its caller begin.
    pub(super) fn begin_inner_locals(
        &mut self,
        declared: &body::Locals,
        arguments: &[Value],
    ) -> usize {
        let outer = self.scratch.locals.base;
        self.scratch.locals.base = self.scratch.locals.variables.len();
        self.declare_variables(declared, arguments);
        outer
    }

    /// Returns to the locals that begin at `outer`, after an inlined body with these.
    pub(super) fn end_inner_locals(&mut self, declared: &body::Locals, outer: usize) {
        let locals = &mut self.scratch.locals;
        let inner = locals.variables.drain(locals.base..);
        for (ty, variable) in declared.types().map(clif_type).zip(inner) {
            locals.spare.entry(ty).or_default().push(variable);
        }
        locals.base = outer;
    }

    fn declare_in_frame(&mut self, declared: &body::Locals, arguments: &[Value]) -> Translated {
        let mut size = 0u32;
        for ty in declared.types().map(clif_type) {
            let step = if ty.bytes() == 16 { 16 } else { 8 };
            size = (size + step - 1) & !(step - 1);
            let offset = i32::try_from(size).map_err(|_| CompileError::Limit("too many locals"))?;
            self.scratch.locals.places.push((ty, offset));
            size += step;
        }
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4);
        self.scratch.locals.slot = Some(self.b.create_sized_stack_slot(data));
        for (i, &argument) in arguments.iter().enumerate() {
            self.local_set(i as u32, argument)?;
        }
        self.clear_in_frame(arguments.len(), size)
    }

    /// Zeroes the locals in the frame from `first` on; the last one ends at `size`.
    fn clear_in_frame(&mut self, first: usize, size: u32) -> Translated {
        let locals = &self.scratch.locals;
        let (Some(slot), Some(&(_, start))) = (locals.slot, locals.places.get(first)) else {
            return Ok(());
        };
        if locals.places.len() - first > FEW {
            let address = self.b.ins().stack_addr(types::I64, slot, start);
            let (zero, length) =
                (self.i32_const(0), self.i64_const(i64::from(size) - i64::from(start)));
            self.call_builtin(Builtin::FillBytes, &[address, zero, length]);
            return Ok(());
        }
        for i in first..self.scratch.locals.places.len() {
            let zero = self.zero(self.scratch.locals.places[i].0);
            self.local_set(i as u32, zero)?;
        }
        Ok(())
    }

    pub(super) fn zero(&mut self, ty: Type) -> Value {
        match ty {
            types::F32 => self.b.ins().f32const(0.0),
            types::F64 => self.b.ins().f64const(0.0),
            types::I8X16 => {
                let zero = self.b.func.dfg.constants.insert([0u8; 16].to_vec().into());
                self.b.ins().vconst(types::I8X16, zero)
            }
            _ => self.b.ins().iconst(ty, 0),
        }
    }

    pub fn local_get(&mut self, local: u32) -> Result<Value, CompileError> {
        match self.scratch.locals.slot {
            None => {
                let variable = self.scratch.locals.variable(local)?;
                Ok(self.b.use_var(variable))
            }
            Some(slot) => {
                let place = self.scratch.locals.places.get(local as usize);
                let (ty, offset) = *place.ok_or_else(no_such_local)?;
                Ok(self.b.ins().stack_load(types::I64, ty, slot, offset))
            }
        }
    }

    pub fn local_set(&mut self, local: u32, value: Value) -> Translated {
        match self.scratch.locals.slot {
            None => {
                let variable = self.scratch.locals.variable(local)?;
                self.b.def_var(variable, value);
            }
            Some(slot) => {
                let place = self.scratch.locals.places.get(local as usize);
                let (_, offset) = *place.ok_or_else(no_such_local)?;
                self.b.ins().stack_store(types::I64, value, slot, offset);
            }
        }
        Ok(())
    }
}

fn no_such_local() -> CompileError {
    CompileError::internal("no such local")
}
