//! An engine: what stores share. Usable from any thread.

use super::config::Config;
use super::signature::Signatures;
use crate::compile::CompileContext;
use crate::error::Error;
use crate::log::Level;
use crate::runtime::memories::pool::MemoryPool;
use crate::stubs::StubMaker;
use crate::stubs::import::ResultHooks;
use crate::sys::reserve;
use crate::traps::fault::{FaultTraps, GuestCode};
use crate::types::TypeRegistry;
use std::sync::Arc;

pub struct Engine {
    pub config: Config,
    pub types: TypeRegistry,
    pub signatures: Signatures,
    pub compile: Arc<CompileContext>,
    pub stubs: StubMaker,
    pub memories: Arc<MemoryPool>,
    /// Held while the engine may run code that faults.
    _signals: Option<FaultTraps>,
}

impl Engine {
    /// An engine whose stubs call the hooks.
    pub(crate) fn with_hooks(config: Config, hooks: ResultHooks) -> Result<Arc<Engine>, Error> {
        reserve::begin()?;
        let signals = config.signals.then(|| FaultTraps::install(find_guest)).transpose();
        let signals = signals.map_err(|e| Error::system(format!("signal handlers: {e}")))?;
        let compile = Arc::new(CompileContext::new(config.compile_config()));
        let (memory, tools) = (compile.code_memory().clone(), compile.tools().clone());
        let stubs = StubMaker::new(memory, tools, hooks, config.float_check());
        let engine = Arc::new(Engine {
            types: TypeRegistry::default(),
            signatures: Signatures::default(),
            compile,
            stubs,
            memories: Arc::default(),
            config,
            _signals: signals,
        });
        reserve::checkpoint()?;
        engine.config.log.listen_for_faults();
        engine.config.log.say(Level::Info, || engine.config.describe());
        Ok(engine)
    }

    /// Forgets unused types, when many were added since the last time. Called where types may be added.
    pub fn forget_types_if_crowded(&self) {
        if self.types.is_crowded() {
            self.signatures.forget_unused();
            self.types.forget_unused();
        }
    }

    /// Whether the bytes are a valid module, bodies included.
    pub fn validate(&self, bytes: &[u8]) -> Result<(), Error> {
        self.forget_types_if_crowded();
        crate::compile::validate(bytes, &self.types, &self.compile)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Nothing of it runs after its last reference.
        self.compile.close();
    }
}

/// Describes the instruction at `pc`, if it belongs to an engine. Called by the signal handler.
fn find_guest(pc: usize) -> Option<GuestCode> {
    let object = crate::code::object::find(pc)?;
    // SAFETY: the code at `pc` is being executed, so its owner lives.
    let site = unsafe { object.as_ref() }.trap_at(pc);
    Some(GuestCode { trap: site.and_then(|site| site.trap) })
}
