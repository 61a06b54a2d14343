//! Which body must arrive before a function is compiled, so that its code is the same as if all had been there.
//!
//! A function's code depends on the bodies that may be inlined in it, and on those that may be inlined in these
//! ([`super::inlining`]). What is not valid is not inlined, so it does not matter here either.

use super::callees::MOST_BYTES;
use super::inlining::DEEPEST;
use crate::body::{Locals, Operators};
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncIndex};
use smallvec::SmallVec;
use wasmparser::Operator;

/// With more functions than this to look at, all bodies are awaited.
const MOST: usize = 64;

/// The last body that must arrive before the function is compiled, as far as is known; none if it can be compiled now.
pub fn awaited_body(module: &Module, func: DefinedFuncIndex) -> Option<DefinedFuncIndex> {
    let mut seen: SmallVec<[DefinedFuncIndex; MOST]> = SmallVec::new();
    let mut locals = Locals::default();
    let mut first = 0;
    seen.push(func);
    for _ in 0..DEEPEST {
        let end = seen.len();
        let mut missing = None;
        for at in first..end {
            for callee in callees(module, seen[at], &mut locals) {
                if !module.bodies.has(callee) {
                    missing = missing.max(Some(callee));
                } else if module.body(callee).len() <= MOST_BYTES && !seen.contains(&callee) {
                    seen.push(callee);
                }
                if seen.len() > MOST {
                    let last = DefinedFuncIndex(module.bodies.len() as u32 - 1);
                    return (!module.bodies.has(last)).then_some(last);
                }
            }
        }
        if missing.is_some() {
            return missing;
        }
        first = end;
    }
    None
}

/// The functions of the module that a function calls directly.
fn callees(
    module: &Module,
    func: DefinedFuncIndex,
    locals: &mut Locals,
) -> impl Iterator<Item = DefinedFuncIndex> {
    let operators = Operators::of_function(module, func, locals).ok().into_iter().flatten();
    let functions = module.bodies.len();
    operators.map_while(Result::ok).filter_map(move |operator| match operator {
        Operator::Call { function_index } => {
            module.defined(FuncIndex(function_index)).filter(|callee| callee.index() < functions)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Limits, decode};
    use crate::module::Bodies;
    use crate::types::TypeRegistry;

    /// What `func` awaits when so many bodies have arrived.
    fn awaited(text: &str, arrived: u32, func: u32) -> Option<u32> {
        let bytes = wat::parse_str(format!("(module {text})")).unwrap();
        let limits = Limits::default();
        let mut module = decode(&bytes, &TypeRegistry::default(), &limits).unwrap().module;
        let all = std::mem::replace(&mut module.bodies, Bodies::new(0).unwrap());
        module.bodies = Bodies::new(all.len()).unwrap();
        for (number, body) in all.iter().enumerate().take(arrived as usize) {
            module.bodies.set(DefinedFuncIndex(number as u32), body);
        }
        awaited_body(&module, DefinedFuncIndex(func)).map(|func| func.0)
    }

    #[test]
    fn callees_and_what_is_inlined_in_them_are_awaited() {
        let text = "(func call 1 call 2) (func) (func call 3) (func call 4) (func)";
        assert_eq!(awaited(text, 1, 0), Some(2));
        assert_eq!(awaited(text, 3, 0), Some(3));
        assert_eq!(awaited(text, 4, 0), Some(4));
        assert_eq!(awaited(text, 5, 0), None);
        assert_eq!(awaited(text, 2, 1), None);
    }

    #[test]
    fn callees_of_large_functions_are_not_awaited() {
        let large = format!("(func call 1) (func {} call 2) (func)", "nop ".repeat(300));
        assert_eq!(awaited(&large, 2, 0), None);
        assert_eq!(awaited(&large, 2, 1), Some(2));
    }

    #[test]
    fn with_many_callees_all_bodies_are_awaited() {
        let calls: String = (1..100).map(|func| format!("call {func} ")).collect();
        let text = format!("(func {calls}) {}", "(func)".repeat(100));
        assert_eq!(awaited(&text, 100, 0), Some(100));
        assert_eq!(awaited(&text, 101, 0), None);
    }

    #[test]
    fn recursion_ends() {
        assert_eq!(awaited("(func call 0 call 1) (func call 0)", 2, 0), None);
    }
}
