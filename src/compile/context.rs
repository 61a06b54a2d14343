//! What compilations of one engine share: settings, code memory, the compiler's target.

use crate::binary::Limits;
use crate::code::{Backing, CodeMemory};

/// Settings of an engine that compilation obeys.
#[derive(Clone, Debug, Default)]
pub struct CompileConfig {
    /// Threads that compile at once; with 0 the caller does, function by function in order.
    pub workers: usize,
    /// Use what the processor has beyond the minimum.
    pub native_features: bool,
    pub backing: Backing,
    pub limits: Limits,
}

/// The compile side of an engine. Making one costs nothing.
pub struct CompileContext {
    config: CompileConfig,
    code: CodeMemory,
}

impl CompileContext {
    pub fn new(config: CompileConfig) -> CompileContext {
        let code = CodeMemory::new(config.backing);
        CompileContext { config, code }
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    pub fn workers(&self) -> usize {
        self.config.workers
    }

    /// Where all code of the engine lies, stubs included.
    pub fn code_memory(&self) -> &CodeMemory {
        &self.code
    }
}
