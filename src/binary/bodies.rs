//! Function bodies: how to validate one, at any time, on any thread.
//!
//! The sections leave behind what the validator knows about the module; together with a function's
//! index that is enough to validate or compile a body as often as needed, in any order.

use super::errors::{body_error, reader};
use super::limits::Limits;
use super::proposals;
use crate::error::{Error, Phase};
use crate::module::Module;
use crate::sys::claim::Claim;
use crate::types::DefinedFuncIndex;
use wasmparser::{
    FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator,
    ValidatorResources,
};

/// What validating a body needs to know about its module. Cheap to clone.
#[derive(Clone, Default)]
pub struct Validation {
    /// Absent if the module has no bodies.
    resources: Option<ValidatorResources>,
}

impl Validation {
    pub(super) fn keep(&mut self, func: FuncToValidate<ValidatorResources>) {
        self.resources.get_or_insert(func.resources);
    }

    /// The validator's view of one function.
    pub fn function(
        &self,
        module: &Module,
        func: DefinedFuncIndex,
    ) -> Result<FuncToValidate<ValidatorResources>, Error> {
        let Some(resources) = self.resources.clone() else {
            return Err(Error::internal("a module without bodies has no function to validate"));
        };
        let index = module.func_index(func);
        let ty = module.functions[index.index()];
        Ok(FuncToValidate { resources, index: index.0, ty: ty.0, features: proposals::BODIES })
    }
}

/// A reader of the locals and instructions of one function; knows their offset in the module.
pub fn function_body(module: &Module, func: DefinedFuncIndex) -> FunctionBody<'_> {
    FunctionBody::new(reader(module.body(func), module.bodies[func.index()].start))
}

/// Whether a function may tail-call out of its instance: an import, a table's element, a reference.
pub fn tail_calls_leave(module: &Module) -> bool {
    // Return_call, return_call_indirect, return_call_ref. Most bodies without them hold no such
    // byte either.
    let opcodes = [0x12, 0x13, 0x15];
    let suspicious = |func| module.body(func).iter().any(|byte| opcodes.contains(byte));
    let mut funcs = (0..module.bodies.len() as u32).map(DefinedFuncIndex);
    funcs.any(|func| suspicious(func) && function_leaves(module, func))
}

fn function_leaves(module: &Module, func: DefinedFuncIndex) -> bool {
    let Ok(operators) = function_body(module, func).get_operators_reader() else { return true };
    operators.into_iter().any(|operator| match operator {
        Ok(Operator::ReturnCall { function_index }) => function_index < module.imported.functions,
        Ok(Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. }) | Err(_) => true,
        Ok(_) => false,
    })
}

/// Validates one body. `allocations` are for reuse by the next one.
pub fn validate_body(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    limits: &Limits,
    allocations: &mut FuncValidatorAllocations,
) -> Result<(), Error> {
    let function = validation.function(module, func)?;
    let mut validator = function.into_validator(std::mem::take(allocations));
    let result = validate_operators(module, func, &mut validator, limits);
    *allocations = validator.into_allocations();
    result
}

/// Reads a body to its end. A few bytes may push a thousand operands, so the memory for them is
/// claimed, and bounded like that for compiling.
fn validate_operators(
    module: &Module,
    func: DefinedFuncIndex,
    validator: &mut FuncValidator<ValidatorResources>,
    limits: &Limits,
) -> Result<(), Error> {
    let failed = |e| body_error(e, module, func);
    let mut reader = function_body(module, func).get_binary_reader();
    let need = |height: u32| {
        BASE + PER_BYTE * module.body(func).len() as u64 + PER_OPERAND * u64::from(height)
    };
    let mut claim = Claim::new(need(0) as usize)?;
    validator.read_locals(&mut reader).map_err(failed)?;
    reader.set_features(*validator.features());
    while !reader.eof() {
        let offset = reader.original_position();
        let valid = reader.visit_operator(&mut validator.visitor(offset));
        valid.and_then(|valid| valid).map_err(failed)?;
        let need = need(validator.operand_stack_height());
        if need > claim.bytes() as u64 {
            if need > limits.compile_memory {
                return Err(too_much_memory(module, func, need, limits));
            }
            drop(claim);
            claim = Claim::new(2 * need as usize)?;
        }
    }
    let offset = reader.original_position();
    reader.finish_expression(&validator.visitor(offset)).map_err(failed)
}

/// What validating takes.
const BASE: u64 = 64 << 10;
const PER_BYTE: u64 = 100;
const PER_OPERAND: u64 = 24;

/// Whether one function keeps to the limits, as far as its size and its locals tell.
pub fn check_body_limits(
    module: &Module,
    func: DefinedFuncIndex,
    limits: &Limits,
) -> Result<(), Error> {
    let size = module.body(func).len();
    if size > limits.function_size as usize {
        let allowed = limits.function_size;
        let text = format!(
            "function body of {size} bytes, allowed are {allowed} (WASMRT_OPTION_MAX_FUNCTION_SIZE)"
        );
        return Err(beyond(Phase::Validate, module, func, text));
    }
    let ty = module.func_type(module.func_index(func)).1;
    if ty.params.len() > limits.params as usize {
        let (count, allowed) = (ty.params.len(), limits.params);
        let text = format!("{count} parameters, allowed are {allowed} (WASMRT_OPTION_MAX_PARAMS)");
        return Err(beyond(Phase::Validate, module, func, text));
    }
    let locals = count_locals(module, func) + ty.params.len() as u64;
    if locals > u64::from(limits.locals) {
        let allowed = limits.locals;
        let text =
            format!("too many locals: {locals}, allowed are {allowed} (WASMRT_OPTION_MAX_LOCALS)");
        return Err(beyond(Phase::Validate, module, func, text));
    }
    Ok(())
}

/// Memory that compiling a body of `size` bytes takes at its peak, by estimate: nearly proportional,
/// measured on real modules at 370 to 940 times the size for bodies from 1 to 200 KiB.
fn compile_memory(size: usize) -> u64 {
    (64 << 10) + 900 * size as u64
}

/// Refuses a function whose compilation may need more memory than the setting allows.
pub fn check_compile_memory(
    module: &Module,
    func: DefinedFuncIndex,
    limits: &Limits,
) -> Result<(), Error> {
    let need = compile_memory(module.body(func).len());
    if need <= limits.compile_memory {
        return Ok(());
    }
    Err(too_much_memory(module, func, need, limits))
}

fn too_much_memory(module: &Module, func: DefinedFuncIndex, need: u64, limits: &Limits) -> Error {
    let allowed = limits.compile_memory;
    let text = format!(
        "compiling may need {need} bytes of memory, allowed are {allowed} \
         (WASMRT_OPTION_MAX_COMPILE_MEMORY)"
    );
    beyond(Phase::Compile, module, func, text)
}

/// Declared locals, as far as the declarations can be read: validation reports where they cannot.
fn count_locals(module: &Module, func: DefinedFuncIndex) -> u64 {
    let Ok(locals) = function_body(module, func).get_locals_reader() else { return 0 };
    locals.into_iter().map_while(Result::ok).map(|(count, _)| u64::from(count)).sum()
}

#[cold]
fn beyond(phase: Phase, module: &Module, func: DefinedFuncIndex, text: String) -> Error {
    let index = module.func_index(func);
    Error::limit(phase, text)
        .at(u64::from(module.bodies[func.index()].start))
        .in_function(index, module.display_name(index))
}
