//! What compilations of one engine share: settings, code memory, the compiler's target.

use super::serialize::SerializeKey;
use crate::binary::Limits;
use crate::code::{Backing, CodeMemory};
use crate::error::{Error, ErrorKind, Phase};
use crate::optimize::{Features, Isa, IsaConfig, IsaError};
use std::sync::{Arc, OnceLock};

/// As the number of workers: one per processor that the process may use.
pub const ALL_PROCESSORS: usize = usize::MAX;

/// Settings of an engine that compilation obeys.
#[derive(Clone, Debug, Default)]
pub struct CompileConfig {
    /// Threads that compile at once, or [`ALL_PROCESSORS`]; with 0 the caller does, function by function in order.
    pub workers: usize,
    /// Use what the processor has beyond the minimum.
    pub native_features: bool,
    pub backing: Backing,
    /// Absent: serialized modules carry a checksum only.
    pub serialize_key: Option<SerializeKey>,
    pub limits: Limits,
}

/// The compile side of an engine. Making one costs nothing.
pub struct CompileContext {
    config: CompileConfig,
    code: CodeMemory,
    /// Made when the first function is compiled.
    isa: OnceLock<Result<Arc<Isa>, IsaError>>,
}

impl CompileContext {
    pub fn new(config: CompileConfig) -> CompileContext {
        let code = CodeMemory::new(config.backing);
        CompileContext { config, code, isa: OnceLock::new() }
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Extensions of the processor that code of this engine may use.
    pub fn features(&self) -> Features {
        if self.config.native_features { Features::of_machine() } else { Features::NEEDED }
    }

    /// What serialized modules are sealed with.
    pub fn serialize_key(&self) -> Option<&SerializeKey> {
        self.config.serialize_key.as_ref()
    }

    /// The machine that code is generated for.
    pub fn isa(&self) -> Result<Arc<Isa>, Error> {
        let isa = self.isa.get().cloned().unwrap_or_else(|| self.make_isa());
        isa.map_err(|e| Error::new(ErrorKind::System, Phase::Compile, e.0))
    }

    /// Not under the cell's lock, which the child of a fork would find locked for ever; of two
    /// that are made at once one is dropped.
    fn make_isa(&self) -> Result<Arc<Isa>, IsaError> {
        let config = IsaConfig { features: self.features(), verifier: false };
        let isa = Isa::new(config).map(Arc::new);
        self.isa.get_or_init(|| isa).clone()
    }

    pub fn workers(&self) -> usize {
        self.config.workers
    }

    /// Where all code of the engine lies, stubs included.
    pub fn code_memory(&self) -> &CodeMemory {
        &self.code
    }
}
