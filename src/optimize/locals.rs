//! Local variables.
//!
//! They are variables of Cranelift's frontend, which builds SSA form, at a cost of up to locals times blocks.
//!
//! An inlined body has its locals behind those of its caller while it is translated; later bodies reuse them.

use super::error::{CompileError, Translated};
use super::translator::{FuncTranslator, clif_type};
use crate::body;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use cranelift_frontend::Variable;
use hashbrown::HashMap;

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
}

impl Locals {
    pub(super) fn clear(&mut self) {
        self.variables.clear();
        (self.base, self.declared) = (0, 0);
        self.spare.values_mut().for_each(Vec::clear);
    }

    /// The variable of a local of the innermost body.
    fn variable(&self, local: u32) -> Result<Variable, CompileError> {
        let variable = self.variables.get(self.base + local as usize);
        variable.copied().ok_or_else(|| CompileError::internal("no such local"))
    }

    /// The number of all locals that were declared.
    pub(super) fn len(&self) -> usize {
        self.declared
    }
}

impl FuncTranslator<'_> {
    /// Declares all locals and sets their initial values; `arguments` are those of the parameters.
    pub fn declare_locals(&mut self, declared: &body::Locals, arguments: &[Value]) {
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
        self.declare_locals(declared, arguments);
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
        let variable = self.scratch.locals.variable(local)?;
        Ok(self.b.use_var(variable))
    }

    pub fn local_set(&mut self, local: u32, value: Value) -> Translated {
        let variable = self.scratch.locals.variable(local)?;
        self.b.def_var(variable, value);
        Ok(())
    }
}
