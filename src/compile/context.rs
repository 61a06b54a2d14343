//! What the compilations of one engine share: settings, code memory, the target.

use super::serialize::SerializeKey;
use crate::abi::Features;
use crate::binary::Limits;
use crate::code::{Backing, CodeMemory};
use crate::error::{Error, Phase};
use crate::log::Log;
use crate::optimize::{Isa, IsaConfig};
use crate::sys::once::OnceArc;
use std::sync::Arc;

/// As a number of workers: one per processor that the process may use.
pub const ALL_PROCESSORS: usize = usize::MAX;

/// The engine settings that affect compilation.
#[derive(Clone, Debug, Default)]
pub struct CompileConfig {
    /// Threads that compile at once, or [`ALL_PROCESSORS`]; with 0 the caller compiles, function by function in
    /// order.
    pub workers: usize,
    /// Use processor features beyond the minimum.
    pub native_features: bool,
    pub backing: Backing,
    /// Absent: serialized modules carry a checksum only.
    pub serialize_key: Option<SerializeKey>,
    pub limits: Limits,
    pub log: Log,
}

/// The compile side of an engine. Creating one costs nothing.
pub struct CompileContext {
    config: CompileConfig,
    code: CodeMemory,
    /// Created when the first function is compiled.
    isa: OnceArc<Isa>,
}

impl CompileContext {
    pub fn new(config: CompileConfig) -> CompileContext {
        let code = CodeMemory::new(config.backing).with_log(config.log.clone());
        CompileContext { config, code, isa: OnceArc::new() }
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Extensions of the processor that code of this engine may use.
    pub fn features(&self) -> Features {
        if self.config.native_features { Features::of_machine() } else { Features::NEEDED }
    }

    /// The key that seals serialized modules.
    pub fn serialize_key(&self) -> Option<&SerializeKey> {
        self.config.serialize_key.as_ref()
    }

    /// The machine that code is generated for.
    pub fn isa(&self) -> Result<Arc<Isa>, Error> {
        if let Some(isa) = self.isa.get() {
            return Ok(isa);
        }
        let config = IsaConfig { features: self.features(), verifier: false };
        let isa = Isa::new(config).map_err(|e| Error::system(e.0).during(Phase::Compile))?;
        Ok(self.isa.get_or_offer(Arc::new(isa)))
    }

    /// Where messages go.
    pub fn log(&self) -> &Log {
        &self.config.log
    }

    pub fn workers(&self) -> usize {
        self.config.workers
    }

    /// Memory for all code of the engine, stubs included.
    pub fn code_memory(&self) -> &CodeMemory {
        &self.code
    }
}
