//! Demangles names of Rust and C++.
//!
//! Names come from modules, so they are hostile until shown otherwise: short ones can expand to endless text, nest
//! deeply, and take a demangler to places that it was not tested for. So input, output and nesting are bounded, the
//! work runs with enough stack, and if anything goes wrong the name is shown as it is.

use crate::panics;
use crate::sys::stack;
use cpp_demangle::{DemangleOptions, ParseOptions};
use std::fmt::{self, Write};

/// Longer names stay as they are.
const MAX_INPUT: usize = 4 << 10;
const MAX_OUTPUT: usize = 4 << 10;
/// The deepest nesting of C++ names; Rust's demangler has such a bound itself.
const MAX_DEPTH: u32 = 192;
/// Twice the stack that the demanglers take: with the deepest allowed names, 192 KiB were too little and 256 KiB
/// enough.
const STACK: usize = 512 << 10;

/// The name in the program's source, if `name` is mangled.
pub fn demangle(name: &str) -> Option<String> {
    let mangled = ["_Z", "__Z", "_R", "__R"].iter().any(|start| name.starts_with(start));
    if !mangled || name.len() > MAX_INPUT {
        return None;
    }
    let work = || stack::with_room(STACK, || rust(name).or_else(|| cpp(name)));
    panics::catch(work).ok()?.ok()?
}

fn rust(name: &str) -> Option<String> {
    let demangled = rustc_demangle::try_demangle(name).ok()?;
    let mut out = Bounded(String::new());
    // Without the trailing hash.
    write!(out, "{demangled:#}").ok()?;
    Some(out.0)
}

fn cpp(name: &str) -> Option<String> {
    let parse = ParseOptions::default().recursion_limit(MAX_DEPTH);
    let symbol = cpp_demangle::Symbol::new_with_options(name, &parse).ok()?;
    let mut out = Bounded(String::new());
    let options = DemangleOptions::new().recursion_limit(MAX_DEPTH);
    symbol.structured_demangle(&mut out, &options).ok()?;
    Some(out.0)
}

/// Text that fails to grow beyond a limit.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MAX_OUTPUT {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rust_and_of_cpp_are_shown_as_in_the_source() {
        let cases = [
            ("_ZN4core3fmt5write17h0123456789abcdefE", Some("core::fmt::write")),
            ("_RNvCskwGfYPst2Cb_3foo16example_function", Some("foo::example_function")),
            ("_ZN5space3fooEii", Some("space::foo(int, int)")),
            (
                "_ZNSt6vectorIiSaIiEE9push_backEOi",
                Some("std::vector<int, std::allocator<int> >::push_back(int&&)"),
            ),
            ("main", None),
            ("_Z", None),
            ("_R", None),
            ("_ZZZZ", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(demangle(name).as_deref(), expected, "{name}");
        }
    }

    /// Names built from the pieces of mangled names.
    fn hostile_names() -> impl Iterator<Item = String> {
        const PIECES: [&str; 40] = [
            "N",
            "E",
            "I",
            "J",
            "S_",
            "S0_",
            "S1_",
            "T_",
            "T0_",
            "Dp",
            "P",
            "R",
            "K",
            "F",
            "v",
            "i",
            "St",
            "3foo",
            "1a",
            "L",
            "Li5E",
            "X",
            "sp",
            "Z",
            "Ul",
            "_",
            "A",
            "Dv4_f",
            "DT",
            "sr",
            "cv",
            "on",
            "C1",
            "D0",
            "B_",
            "NvC",
            "h0123456789abcdef",
            "TB_",
            "17",
            "$LT$",
        ];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        (0..20_000).map(move |i| {
            let mut name = String::from(["_ZN", "_Z", "_R", "_Z1fI"][i % 4]);
            for _ in 0..random(120) {
                name.push_str(PIECES[random(PIECES.len())]);
            }
            name
        })
    }

    #[test]
    fn hostile_names_neither_fault_nor_grow() {
        let nested = ["P", "N", "I", "F", "S_", "A_", "J", "Dp", "1aI", "X", "DTsp", "TB_", "INv"];
        let nested = nested.into_iter().flat_map(|piece| {
            ["_Z1f", "_ZN", "_R"]
                .map(|start| format!("{start}{}", piece.repeat(4000 / piece.len())))
        });
        // Each argument repeats the one before it twice: as text, and as empty packs.
        let mut texts = String::from("_Z1fIi");
        let mut packs = String::from("_Z1fIJE");
        for i in 0..40 {
            let before = if i == 0 { "T_".to_owned() } else { format!("T{}_", i - 1) };
            texts += &format!("1aI{before}{before}E");
            packs += &format!("J{0}{0}E", format!("Dp{before}"));
        }
        let doubling = [texts + "EvT39_", packs + "EvDpT39_"];
        for name in nested.chain(hostile_names()).chain(doubling) {
            if let Some(text) = demangle(&name) {
                assert!(text.len() <= MAX_OUTPUT, "{name}");
            }
        }
    }

    #[test]
    fn names_are_demangled_on_small_stacks() {
        let deep = format!("_Z1f{}v", "P".repeat(30));
        let thread = std::thread::Builder::new().stack_size(64 << 10);
        let thread = thread.spawn(move || demangle(&deep)).unwrap();
        assert!(thread.join().unwrap().unwrap().starts_with("f(void*"));
    }
}
