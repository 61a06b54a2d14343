//! Code that was not executed while its function became hot.
//!
//! A function without code was never called, so a block that calls it was hardly ever executed. It is placed behind other
//! code, as branch hints do it. Of inlined functions nothing is known, since nobody calls them.

use super::translator::FuncTranslator;
use crate::types::DefinedFuncIndex;

impl FuncTranslator<'_> {
    /// A function is called here. If it was never called, this block is cold, and what follows it in the innermost block of
    /// the body.
    pub(super) fn note_call(&mut self, func: DefinedFuncIndex) {
        if self.observed.is_some_and(|set| set.is_unused(func))
            && let Some(block) = self.b.current_block().filter(|block| *block != self.entry)
        {
            self.b.set_cold_block(block);
            self.is_cold = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::observed::{LikelyTargets, Observed};
    use super::super::tests::{PLAIN, VERIFYING, text};
    use super::super::{FunctionCompiler, Request};
    use crate::abi::{DirectCalls, Variant};
    use crate::types::DefinedFuncIndex;

    /// Functions were called, or not.
    struct Called(bool);

    impl Observed for Called {
        fn is_final(&self, _: DefinedFuncIndex) -> bool {
            false
        }

        fn is_unused(&self, _: DefinedFuncIndex) -> bool {
            !self.0
        }

        fn likely_targets(&self, _: u32) -> LikelyTargets {
            LikelyTargets::default()
        }
    }

    /// Where the call of the second function returns to, and how much code there is.
    fn call_offset(was_called: bool) -> (u32, usize) {
        let module = text(
            "(module (func $f (loop (br_if 0 (global.get $g)))) (global $g (mut i32) (i32.const 0))
               (func (param i32)
                 (loop
                   (if (i32.eqz (local.get 0)) (then (call $f)))
                   (global.set $g (i32.mul (global.get $g) (local.get 0)))
                   (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))",
        );
        let variant = Variant { mode: PLAIN, direct_calls: DirectCalls::Own, counted: false };
        let (func, validation) = (DefinedFuncIndex(1), &module.validation);
        let observed: Option<&dyn Observed> = Some(&Called(was_called));
        let request = Request { module: &module.module, variant, func, validation, observed };
        let code = FunctionCompiler::new().compile(&VERIFYING, request).unwrap().unwrap();
        let call = code.sites.iter().find(|site| site.trap.is_none()).unwrap();
        (call.code_offset, code.bytes.len())
    }

    #[test]
    fn calls_of_functions_that_were_never_called_are_behind_other_code() {
        let ((used, len), (unused, _)) = (call_offset(true), call_offset(false));
        assert!(used < unused && unused as usize > len / 2, "{used} {unused} {len}");
    }
}
