//! A compiled module within an engine.

use super::engine::Engine;
use super::exports::ExportNames;
use crate::abi::mode::{CodeMode, Metering, Tier};
use crate::abi::signature::{ResultPlace, results};
use crate::code::CodeObject;
use crate::compile::{CodeSet, CompiledModule, Listener, Stats};
use crate::error::Error;
use crate::log::Level;
use crate::module::{Export, Module};
use crate::runtime::memories::image::{Images, LateImages};
use crate::sys::stack;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::Instant;

/// The stack that hashing and decoding may need; hashing recurses with the logarithm of the length.
const SERIALIZE_STACK: usize = 256 << 10;

/// A compiled module with the engine it belongs to. Shared by its instances, in any store.
pub struct Compiled {
    module: CompiledModule,
    engine: Arc<Engine>,
    /// Some function type has results that do not fit into registers, or exceptions pass through their buffer.
    pub overflows: bool,
    /// The result of [`Compiled::tail_calls_leave`], plus one; zero before it is computed.
    tail_calls_leave: AtomicU8,
    images: LateImages,
    export_names: ExportNames,
}

impl Compiled {
    /// Decodes, validates and compiles for the given mode, or for what the engine's settings say instead.
    pub fn new(engine: &Arc<Engine>, bytes: &[u8], mode: CodeMode) -> Result<Arc<Compiled>, Error> {
        let log = &engine.config.log;
        let begin = log.wants(Level::Debug).then(Instant::now);
        engine.forget_types_if_crowded();
        let (first, second) = engine.config.modes_ahead(mode);
        let images = LateImages::default();
        let aside = |module: &Module| images.prepare_beside(module);
        let module = CompiledModule::new(&engine.compile, bytes, &engine.types, first, &aside)?;
        if let Some(second) = second {
            module.code_set(second)?;
        }
        if let Some(begin) = begin {
            let (functions, elapsed) = (module.module().bodies.len(), begin.elapsed());
            log.say(Level::Debug, || {
                format!("{functions} functions of {} bytes compiled in {elapsed:.1?}", bytes.len())
            });
        }
        Ok(Compiled::of(module, engine, images))
    }

    /// Loads what [`Compiled::serialize`] wrote, perhaps in another process. A refusal is an error with a message.
    pub fn deserialize(engine: &Arc<Engine>, bytes: &[u8]) -> Result<Arc<Compiled>, Error> {
        engine.forget_types_if_crowded();
        let load = || CompiledModule::deserialize(&engine.compile, bytes, &engine.types);
        let module = stack::with_room(SERIALIZE_STACK, load)??;
        Ok(Compiled::of(module, engine, LateImages::default()))
    }

    /// The module of a job, whose images are made in the background as well.
    pub(super) fn of_job(module: CompiledModule, engine: &Arc<Engine>) -> Arc<Compiled> {
        let images = LateImages::default();
        images.prepare(module.module());
        Compiled::of(module, engine, images)
    }

    fn of(module: CompiledModule, engine: &Arc<Engine>, images: LateImages) -> Arc<Compiled> {
        let overflows = !module.module().tags.is_empty()
            || module.module().types.iter().any(|(_, ty)| {
                results(ty).any(|(_, place)| matches!(place, ResultPlace::Overflow(_)))
            });
        Arc::new(Compiled {
            module,
            engine: engine.clone(),
            overflows,
            tail_calls_leave: AtomicU8::new(0),
            images,
            export_names: ExportNames::default(),
        })
    }

    /// Calls `make` with the length of the serialized module, and fills the buffer that it returns. Where code of `tier`
    /// is missing it is compiled.
    pub fn serialize<T: AsMut<[u8]>>(
        &self,
        tier: Option<Tier>,
        make: impl FnOnce(usize) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let serialized = self.module.serialize(tier)?;
        let mut out = make(serialized.len()?)?;
        let write = || serialized.write(out.as_mut());
        stack::with_room(SERIALIZE_STACK, write)??;
        Ok(out)
    }

    /// Compiles all functions that have no code of a tier or better.
    pub fn compile_all(&self, tier: Tier) -> Result<(), Error> {
        self.module.compile_all(tier)
    }

    /// The tier of the code that makes the call which returns to `return_address`, in `code` of this module.
    pub fn tier_at(&self, code: &CodeObject, return_address: usize) -> Option<Tier> {
        self.module.tier_at(code, return_address)
    }

    /// Sets who is told what happens to the code.
    pub fn listen(&self, listener: Option<Listener>) {
        self.module.listen(listener);
    }

    /// Writes the code into the engine's cache folder.
    pub fn keep(&self) -> Result<(), Error> {
        self.module.keep()
    }

    /// What was compiled so far.
    pub fn stats(&self) -> Stats {
        self.module.stats()
    }

    /// Whether a tail call of a function may leave the instance. Reads all bodies on first use.
    pub fn tail_calls_leave(&self) -> bool {
        // No lock is held while reading, because a forked child would find it locked for ever.
        match self.tail_calls_leave.load(Relaxed) {
            0 => {
                let leave = crate::body::tail_calls::tail_calls_leave(self.module());
                self.tail_calls_leave.store(1 + u8::from(leave), Relaxed);
                leave
            }
            known => known == 2,
        }
    }

    /// The initial contents of another instance's memories, if known.
    pub(crate) fn images(&self) -> Option<Arc<Images>> {
        self.images.for_instance(self.module())
    }

    pub fn module(&self) -> &Module {
        self.module.module()
    }

    /// The export with that name.
    pub fn export(&self, name: &[u8]) -> Option<&Export> {
        self.export_names.find(self.module(), name)
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The code for a mode, compiled on first use. That may take long where nobody expects it, so it is logged.
    pub fn code_set(&self, mode: CodeMode) -> Result<Arc<CodeSet>, Error> {
        if self.module.has_code(mode) {
            return self.module.code_set(mode);
        }
        let begin = Instant::now();
        let code = self.module.code_set(mode)?;
        if self.engine.compile.setting().is_lazy() {
            return Ok(code);
        }
        let fell_back = mode.bounds != self.engine.config.default_mode().bounds;
        let (level, why) = match (mode.metering, fell_back) {
            (Metering::On, _) => {
                (Level::Warning, "for a store with fuel, a deadline or an interrupt")
            }
            // There has been a warning about the memory.
            (Metering::Off, true) => (Level::Info, "with explicit bounds checks"),
            (Metering::Off, false) => (Level::Warning, "for a store without fuel or deadline"),
        };
        self.engine.config.log.say(level, || {
            let (functions, elapsed) = (self.module().bodies.len(), begin.elapsed());
            format!("{functions} functions compiled once more in {elapsed:.1?}, {why}")
        });
        Ok(code)
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        self.images.retire(&self.engine.memories);
    }
}
