//! Which functions are refused because of their size.

use crate::binary::Limits;
use crate::binary::bodies::function_body;
use crate::error::{Error, Phase};
use crate::module::Module;
use crate::types::DefinedFuncIndex;

/// Bytes of memory that validating or compiling a function takes at least, by estimate: so many, and so many for each
/// byte of its body.
pub const LEAST_MEMORY: u64 = 32 << 10;
pub const LEAST_MEMORY_PER_BYTE: u64 = 16;

/// Checks one function against the limits on size and locals.
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
        return Err(beyond(module, func, text));
    }
    let ty = module.func_type(module.func_index(func)).1;
    if ty.params.len() > limits.params as usize {
        let (count, allowed) = (ty.params.len(), limits.params);
        let text = format!("{count} parameters, allowed are {allowed} (WASMRT_OPTION_MAX_PARAMS)");
        return Err(beyond(module, func, text));
    }
    let locals = count_locals(module, func) + ty.params.len() as u64;
    if locals > u64::from(limits.locals) {
        let allowed = limits.locals;
        let text =
            format!("too many locals: {locals}, allowed are {allowed} (WASMRT_OPTION_MAX_LOCALS)");
        return Err(beyond(module, func, text));
    }
    Ok(())
}

/// Declared locals, as far as the declarations can be read: validation reports errors in them.
fn count_locals(module: &Module, func: DefinedFuncIndex) -> u64 {
    let Ok(locals) = function_body(module, func).get_locals_reader() else { return 0 };
    locals.into_iter().map_while(Result::ok).map(|(count, _)| u64::from(count)).sum()
}

#[cold]
fn beyond(module: &Module, func: DefinedFuncIndex, text: String) -> Error {
    let index = module.func_index(func);
    Error::limit(Phase::Validate, text)
        .at(u64::from(module.bodies.get(func).start))
        .in_function(index, module.display_name(index))
}

#[cfg(test)]
mod tests {
    use super::super::tests::module;
    use super::*;
    use crate::types::FuncIndex;

    #[test]
    fn size_locals_and_parameters_are_bounded_by_settings() {
        let module = module("(module (func (param i32) (local i64 i64)))");
        let func = DefinedFuncIndex(0);
        let refusal = |limits: &Limits| check_body_limits(&module, func, limits).unwrap_err();
        check_body_limits(&module, func, &Limits::default()).unwrap();
        let small = Limits { function_size: 3, ..Limits::default() };
        assert_eq!(refusal(&small).function(), Some(FuncIndex(0)));
        let few = Limits { locals: 2, ..Limits::default() };
        assert!(refusal(&few).message().contains("too many locals: 3"));
        let none = Limits { params: 0, ..Limits::default() };
        assert!(refusal(&none).message().contains("1 parameters"));
    }
}
