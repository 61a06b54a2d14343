//! What the compilations of one engine share: settings, code memory, the target.

use super::background::Background;
use super::counters::{Counters, Stats};
use super::executor::Executor;
use super::linker::code_error;
use super::patience::Patience;
use super::serialize::SerializeKey;
use super::threads::{Threads, compile_threads, validate_threads};
use super::tier_up::TierUp;
use super::workers::WORKER_STACK;
use crate::abi::Features;
use crate::baseline;
use crate::binary::Limits;
use crate::cache::{Cache, CacheSettings, Writer};
use crate::code::{Backing, CodeMemory};
use crate::error::{Error, Phase};
use crate::log::Log;
use crate::observe::{Profiler, Reports, Tools, ToolsConfig};
use crate::optimize::{Isa, IsaConfig};
use crate::panics;
use crate::record::Timeline;
use crate::stubs::LazyStubs;
use crate::sys::lock::{ForkMutex, LockGuard};
use crate::sys::once::OnceArc;
use crate::sys::spare::Spare;
use std::sync::Arc;

/// What is compiled when a module is made, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CompileSetting {
    /// Nothing: a function is compiled at its first call, by the baseline compiler, and optimized when it is hot.
    #[default]
    Tiered,
    /// Nothing: a function is compiled at its first call, by the baseline compiler.
    LazyBaseline,
    /// Everything, by the baseline compiler.
    Baseline,
    /// Everything, optimized.
    Optimized,
    /// Everything, by the baseline compiler; hot functions are optimized.
    Both,
}

impl CompileSetting {
    /// Whether functions are compiled at their first call.
    pub fn is_lazy(self) -> bool {
        matches!(self, CompileSetting::Tiered | CompileSetting::LazyBaseline)
    }
}

/// The engine settings that affect compilation.
#[derive(Clone, Debug, Default)]
pub struct CompileConfig {
    /// Threads that compile at once, or [`ALL_PROCESSORS`](super::ALL_PROCESSORS); with 0 the caller compiles,
    /// function by function in order.
    pub workers: usize,
    pub setting: CompileSetting,
    pub patience: Patience,
    /// Use processor features beyond the minimum.
    pub native_features: bool,
    /// Code that the processor executes ahead, past a failing check, reads nothing beyond bounds.
    pub spectre_masks: bool,
    pub backing: Backing,
    /// Absent: serialized modules carry a checksum only.
    pub serialize_key: Option<SerializeKey>,
    /// Absent: code is not kept for later processes.
    pub cache: Option<CacheSettings>,
    pub limits: Limits,
    /// Absent: threads of ours work in the background.
    pub executor: Option<Executor>,
    /// Record when functions are compiled.
    pub timeline: bool,
    pub log: Log,
    pub tools: ToolsConfig,
}

/// The compile side of an engine. Creating one costs nothing.
pub struct CompileContext {
    config: CompileConfig,
    code: CodeMemory,
    /// Created when the first function is optimized.
    isa: OnceArc<Isa>,
    lazy_stubs: LazyStubs,
    /// Held while code is added to a set.
    growing: ForkMutex<()>,
    tier_up: TierUp,
    tools: Tools,
    /// The baseline compiler of the last first call.
    spare: Spare<baseline::FunctionCompiler>,
    background: Background,
    counters: Arc<Counters>,
    /// The folder where code is kept, and who writes there.
    cache: Option<(Cache, Writer)>,
}

/// While it lives, its thread alone adds code to sets.
#[must_use]
pub(super) struct Growing<'a> {
    // Released before the log is called.
    _lock: LockGuard<'a, ()>,
    _reports: Reports<'a>,
}

impl CompileContext {
    pub fn new(config: CompileConfig) -> CompileContext {
        let backing = match &config.tools {
            // Breakpoints are written to code, which only private pages allow.
            tools if tools.debugger => Backing::Anonymous,
            tools if tools.profiler == Profiler::PerfMap => Backing::Unnamed,
            _ => config.backing,
        };
        let code = CodeMemory::new(backing).with_log(config.log.clone());
        let tools = Tools::new(&config.tools, config.log.clone());
        let executor = config.executor.clone();
        let timeline = config.timeline.then(Arc::default);
        let cache = config
            .cache
            .clone()
            .map(|settings| (Cache::new(settings, config.log.clone()), Writer::new(WORKER_STACK)));
        CompileContext {
            lazy_stubs: LazyStubs::new(code.clone(), tools.clone()),
            code,
            isa: OnceArc::new(),
            growing: ForkMutex::default(),
            tier_up: TierUp::new(WORKER_STACK, executor.clone()),
            tools,
            spare: Spare::new(),
            background: Background::new(executor),
            counters: Arc::new(Counters::of_engine(timeline)),
            cache,
            config,
        }
    }

    /// Nothing is optimized afterwards, and what is to be kept has been written.
    pub fn close(&self) {
        self.tier_up.close();
        self.cache.iter().for_each(|(_, writer)| writer.finish());
    }

    /// The folder where code is kept.
    pub(super) fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref().map(|(cache, _)| cache)
    }

    /// Writes to the cache: on a thread of ours, if the engine may have any.
    pub(super) fn write_soon(&self, task: Box<dyn FnOnce() + Send>) {
        match &self.cache {
            Some((_, writer)) if self.workers() > 0 && self.config.executor.is_none() => {
                writer.add(task);
            }
            // A fault of the library: nothing is kept.
            _ => drop(panics::catch(task)),
        }
    }

    pub fn setting(&self) -> CompileSetting {
        self.config.setting
    }

    /// The addresses of stubs for functions without code, by their number.
    pub fn lazy_stubs(
        &self,
        functions: u32,
    ) -> Result<impl ExactSizeIterator<Item = usize> + use<>, Error> {
        let stubs = self.lazy_stubs.get(functions as usize);
        stubs.map_err(|error| code_error(error).during(Phase::Compile))
    }

    pub(super) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// What was compiled so far.
    pub fn stats(&self) -> Stats {
        self.counters.stats(self.tier_up.waiting())
    }

    /// The timeline, if there is one.
    pub fn timeline(&self) -> Option<&Timeline> {
        self.counters.timeline()
    }

    /// The queue of hot functions.
    pub fn tier_up(&self) -> &TierUp {
        &self.tier_up
    }

    /// Those who work on compile jobs.
    pub(super) fn background(&self) -> &Background {
        &self.background
    }

    pub(super) fn spare(&self) -> &Spare<baseline::FunctionCompiler> {
        &self.spare
    }

    pub(super) fn patience(&self) -> Patience {
        self.config.patience
    }

    /// Waits for the lock of all sets that get more code.
    pub(super) fn growing(&self) -> Growing<'_> {
        let reports = self.tools.reports();
        Growing { _lock: self.growing.lock(), _reports: reports }
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Extensions of the processor that code of this engine may use.
    pub fn features(&self) -> Features {
        let native = self.config.native_features;
        let features = if native { Features::of_machine() } else { Features::NEEDED };
        if self.config.spectre_masks { features.without_speculation() } else { features }
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

    /// The tools of the system that are told about code.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Where messages go.
    pub fn log(&self) -> &Log {
        &self.config.log
    }

    /// The threads that compile bodies of so many bytes.
    pub(super) fn threads_to_compile(&self, bytes: usize) -> Threads {
        self.threads(compile_threads(self.config.workers, bytes))
    }

    /// The threads that validate bodies of so many bytes.
    pub(super) fn threads_to_validate(&self, bytes: usize) -> Threads {
        self.threads(validate_threads(self.config.workers, bytes))
    }

    fn threads(&self, count: usize) -> Threads {
        Threads { count, executor: self.config.executor.clone() }
    }

    pub fn workers(&self) -> usize {
        self.config.workers
    }

    /// Memory for all code of the engine, stubs included.
    pub fn code_memory(&self) -> &CodeMemory {
        &self.code
    }
}
