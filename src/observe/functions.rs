//! What is known about functions of a module when their code is published.

use crate::abi::Tier;
use crate::code::function_table::FunctionSpan;
use crate::module::Module;

/// Functions of a module whose code is about to become reachable.
pub struct Functions<'a> {
    pub module: &'a Module,
    /// Where the code runs.
    pub address: usize,
    pub bytes: &'a [u8],
    /// In the order of the code.
    pub parts: &'a [Part<'a>],
}

/// One function in a piece of code.
pub struct Part<'a> {
    pub span: FunctionSpan,
    pub kind: CodeKind,
    /// Encoded.
    pub sites: &'a [u8],
}

/// How code of functions was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeKind {
    Function(Tier),
    /// Continues a loop that was running when its function was optimized.
    LoopEntry,
}

impl CodeKind {
    /// As tools show it.
    pub fn name(self) -> &'static str {
        match self {
            CodeKind::Function(Tier::Baseline) => "baseline",
            CodeKind::Function(Tier::Optimized) => "optimized",
            CodeKind::LoopEntry => "optimized loop",
        }
    }
}
