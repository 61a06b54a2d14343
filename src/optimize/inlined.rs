//! Translates the body of a callee in place of its call.
//!
//! The arguments become the first values of the callee's locals, a return becomes a branch to the end of its
//! outermost block, and what that block leaves are the results. Everything else is as in a function of its own:
//! metered code takes the fuel of the call, and an instruction's place is that in the callee, with the call that
//! leads to it (see `places`). Exceptions reach the `try_table`s of the caller, because those are still open.

use super::control::ControlKind;
use super::error::{CompileError, Translated};
use super::translation::{Stop, Translation};
use super::translator::FuncTranslator;
use crate::body::{Flow, Locals, Operators, Plan, drive};
use crate::types::{DefinedFuncIndex, TypeIndex};
use cranelift_codegen::ir::{InstBuilder, ValueDef};
use wasmparser::BlockType;

/// What the translation of an inlined body needs for itself, reused from body to body.
#[derive(Default)]
pub(super) struct BodyBuffers {
    flow: Flow,
    plan: Plan,
    locals: Locals,
}

impl Translation<'_, '_> {
    /// Translates the body of `func`, which is valid, in place of its call at `call_offset`.
    pub(super) fn inline(&mut self, func: DefinedFuncIndex, call_offset: u32) -> Result<(), Stop> {
        let module = self.t.module;
        let body = module.bodies.get(func);
        self.places.enter(func, &body, call_offset);
        self.t.depths.change(self.places.location(body.start), self.t.effort.loops);
        self.inlining.enter(func);
        self.size += module.body(func).len();
        let mut buffers = self.inlining.spare.pop().unwrap_or_default();
        let result = self.inline_with(func, &mut buffers);
        self.inlining.spare.push(buffers);
        self.inlining.leave();
        self.places.leave();
        result
    }

    fn inline_with(
        &mut self,
        func: DefinedFuncIndex,
        buffers: &mut BodyBuffers,
    ) -> Result<(), Stop> {
        let module = self.t.module;
        let BodyBuffers { flow, plan, locals } = buffers;
        let operators = Operators::of_function(module, func, locals)?;
        if let Some(outer) = &mut self.plan {
            plan.make(operators.clone(), flow);
            self.t.charge_for_call(plan.entry);
            std::mem::swap(outer, plan);
        }
        let ty = module.functions[module.func_index(func).index()];
        let outer = self.t.begin_body(ty, locals)?;
        drive(operators, flow, self)?;
        self.t.end_body(locals, outer);
        if let Some(inner) = &mut self.plan {
            std::mem::swap(inner, plan);
        }
        Ok(())
    }
}

/// The body around an inlined one.
struct Outer {
    locals: usize,
    function_block: Option<usize>,
}

impl FuncTranslator<'_> {
    /// Begins the body of a function of this type, whose arguments are the topmost operands.
    fn begin_body(&mut self, ty: TypeIndex, declared: &Locals) -> Result<Outer, CompileError> {
        if self.has_fresh_load(declared.params())? {
            let body = self.create_block();
            self.b.ins().jump(body, &[]);
            self.continue_in(body);
        }
        let below = self.height_below(declared.params())?;
        let mut arguments = std::mem::take(&mut self.scratch.values);
        arguments.clear();
        self.peek_into(declared.params(), &mut arguments)?;
        self.push_frame(ControlKind::Inlined, BlockType::FuncType(ty.0))?;
        self.drop_to(below);
        let locals = self.begin_inner_locals(declared, &arguments);
        self.scratch.values = arguments;
        let block = self.scratch.control.len() - 1;
        Ok(Outer { locals, function_block: self.inlined_block.replace(block) })
    }

    /// Prepares the end of a body whose results are above `height`. The caller may go on in code that is never
    /// reached.
    pub(super) fn end_inlined(&mut self, live: bool, height: usize) -> Translated {
        if !live || self.has_fresh_load(self.height() - height)? {
            self.label(0)?;
        }
        Ok(())
    }

    /// Continues in the outer body; the results are the topmost operands.
    fn end_body(&mut self, declared: &Locals, outer: Outer) {
        self.end_inner_locals(declared, outer.locals);
        self.inlined_block = outer.function_block;
    }

    /// Whether one of the topmost `n` operands was loaded in this block by an instruction that may fault. The code
    /// generator merges loads into what uses them, even if that belongs to another function, but not across blocks.
    pub(super) fn has_fresh_load(&mut self, n: usize) -> Result<bool, CompileError> {
        let operands = self.height_below(n)?..self.height();
        Ok(operands.into_iter().any(|at| {
            let value = self.operand(at);
            let dfg = &self.b.func.dfg;
            let ValueDef::Result(inst, _) = dfg.value_def(dfg.resolve_aliases(value)) else {
                return false;
            };
            dfg.insts[inst].memflags_trap_code(dfg).is_some()
                && self.b.func.layout.inst_block(inst) == self.b.current_block()
        }))
    }

    /// Returns from the innermost body with the topmost operands.
    pub(super) fn return_or_leave(&mut self) -> Translated {
        match self.inlined_block {
            Some(block) => self.br((self.scratch.control.len() - 1 - block) as u32),
            None => self.return_operands(),
        }
    }
}
