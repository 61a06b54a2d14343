//! A module with the code that exists of it.
//!
//! The code for one mode is made when the module is, so that errors in bodies show there; the
//! other modes follow when an instance needs them. A failed attempt leaves nothing behind and may
//! be repeated.

use super::code_set::CodeSet;
use super::context::{ALL_PROCESSORS, CompileContext};
use super::linker::Linker;
use super::serialize::{self, Contents, Serialized};
use super::units::{Backend, Compile, Job, Validate};
use super::workers;
use crate::abi::CodeMode;
use crate::binary::{Decoded, Limits, Validation, decode};
use crate::body::limits::check_body_limits;
use crate::error::Error;
use crate::module::Module;
use crate::sys::once::OnceArc;
use crate::sys::{reserve, stack};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::sync::Arc;

/// What decoding may need, with room to spare. Threads may have less: 16 KiB at the least.
const DECODE_STACK: usize = 256 << 10;

/// A module and its code, shared by all its instances.
pub struct CompiledModule {
    context: Arc<CompileContext>,
    module: Arc<Module>,
    validation: Validation,
    /// By mode.
    sets: [OnceArc<CodeSet>; CodeMode::COUNT],
}

impl CompiledModule {
    /// Decodes, validates, and compiles for `mode`.
    pub fn new(
        context: &Arc<CompileContext>,
        bytes: &[u8],
        types: &TypeRegistry,
        mode: CodeMode,
    ) -> Result<CompiledModule, Error> {
        let decode = || CompiledModule::lazy(context, bytes, types);
        let compiled = stack::with_room(DECODE_STACK, decode)??;
        compiled.code_set(mode)?;
        Ok(compiled)
    }

    /// Decodes only: bodies are validated when they are compiled.
    fn lazy(
        context: &Arc<CompileContext>,
        bytes: &[u8],
        types: &TypeRegistry,
    ) -> Result<CompiledModule, Error> {
        let Decoded { module, validation } = decode(bytes, types, context.limits())?;
        Ok(CompiledModule {
            context: context.clone(),
            module: Arc::new(module),
            validation,
            sets: Default::default(),
        })
    }

    /// What [`CompiledModule::deserialize`] takes: the binary and the code that exists by now.
    pub fn serialize(&self) -> Serialized<'_> {
        Serialized {
            module: &self.module,
            sets: self.sets.iter().filter_map(|set| set.get()).collect(),
            features: self.context.features(),
            key: self.context.serialize_key(),
        }
    }

    /// A module of serialized bytes. Its sections are decoded again, its bodies are only held
    /// against the limits of the engine.
    pub fn deserialize(
        context: &Arc<CompileContext>,
        bytes: &[u8],
        types: &TypeRegistry,
    ) -> Result<CompiledModule, Error> {
        let mut contents = Contents::open(bytes, context.serialize_key(), context.features())?;
        let compiled = CompiledModule::lazy(context, contents.binary, types)?;
        let module = &compiled.module;
        let functions = module.bodies.len();
        for func in 0..functions as u32 {
            check_body_limits(module, DefinedFuncIndex(func), context.limits())?;
        }
        while let Some(set) = contents.next_set()? {
            let placed = set.place(context.code_memory(), functions)?;
            let code = CodeSet::new(module, set.mode, placed)?;
            let cell = &compiled.sets[set.mode.number()];
            if cell.get().is_some() {
                return Err(serialize::refused("two code sets of one mode"));
            }
            cell.get_or_offer(Arc::new(code));
        }
        reserve::checkpoint()?;
        Ok(compiled)
    }

    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// Whether there is code for `mode`, or no function that needs any.
    pub fn has_code(&self, mode: CodeMode) -> bool {
        self.module.bodies.is_empty() || self.sets[mode.number()].get().is_some()
    }

    /// The code for `mode`, made if there is none yet. No lock is held meanwhile, which the child
    /// of a fork would find locked for ever; of two that make the same set at once one loses.
    pub fn code_set(&self, mode: CodeMode) -> Result<Arc<CodeSet>, Error> {
        let cell = &self.sets[mode.number()];
        if let Some(set) = cell.get() {
            return Ok(set);
        }
        Ok(cell.get_or_offer(Arc::new(self.compile(mode)?)))
    }

    fn compile(&self, mode: CodeMode) -> Result<CodeSet, Error> {
        if self.module.bodies.is_empty() {
            return Ok(CodeSet::empty(mode));
        }
        let backend = super::optimizer::Optimizer::new(&self.context)?;
        let job = Job {
            module: self.module.clone(),
            validation: self.validation.clone(),
            limits: self.context.limits().clone(),
        };
        compile(&self.context, backend, job, mode)
    }
}

/// Compiles all functions of a module.
pub(super) fn compile<B: Backend>(
    context: &CompileContext,
    backend: B,
    job: Job,
    mode: CodeMode,
) -> Result<CodeSet, Error> {
    let module = job.module.clone();
    let (functions, bytes) = (job.functions(), job.body_bytes());
    let threads = threads(context.workers(), bytes, COMPILE_ALONE);
    let linker =
        Linker::new(context.code_memory(), functions as usize, estimate(functions, bytes))?;
    let task = Compile::new(job, backend, mode, linker, threads)?;
    let placed = workers::run(task, functions, threads)?.into_linker().finish()?;
    let set = CodeSet::new(&module, mode, placed)?;
    reserve::checkpoint()?;
    Ok(set)
}

/// Decodes and validates `bytes`, bodies included, without keeping anything.
pub fn validate(
    bytes: &[u8],
    types: &TypeRegistry,
    limits: &Limits,
    workers: usize,
) -> Result<(), Error> {
    let decoded = stack::with_room(DECODE_STACK, || decode(bytes, types, limits))??;
    let Decoded { module, validation } = decoded;
    let job = Job { module: Arc::new(module), validation, limits: limits.clone() };
    let functions = job.functions();
    let threads = threads(workers, job.body_bytes(), VALIDATE_ALONE);
    workers::run(Validate(job), functions, threads).map(drop)
}

/// Fewer bytes of bodies than this per thread are not worth another thread.
const COMPILE_ALONE: usize = 1 << 10;
const VALIDATE_ALONE: usize = 64 << 10;

fn threads(workers: usize, bytes: usize, alone: usize) -> usize {
    let wanted = bytes / alone;
    if wanted > 1 && workers == ALL_PROCESSORS {
        // Asked only now: finding out reads files.
        return std::thread::available_parallelism().map_or(1, |n| n.get()).min(wanted);
    }
    workers.min(wanted).max(1)
}

/// Address space for the code of a module: more than nearly all need, and what is not touched
/// costs nothing.
fn estimate(functions: u32, body_bytes: usize) -> usize {
    body_bytes.saturating_mul(4).saturating_add(functions as usize * 128)
}
