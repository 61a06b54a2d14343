//! Engine settings.

use crate::abi::mode::{Bounds, CodeMode, Metering, Traps};
use crate::binary::Limits;
use crate::cache::CacheSettings;
use crate::compile::serialize::SerializeKey;
use crate::compile::{ALL_PROCESSORS, CompileConfig, CompileSetting, Executor, Patience};
use crate::log::Log;
use crate::observe::ToolsConfig;
use crate::stubs::FloatCheck;

/// How 32-bit memories are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BoundsSetting {
    /// By guard pages, and by explicit checks where address space is short.
    #[default]
    Auto,
    /// By guard pages only; a memory that cannot have them is refused.
    Guard,
    /// By explicit checks only.
    Explicit,
}

/// Whether modules are compiled to metered code when they are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MeteredSetting {
    /// As required by the store in which the module is made.
    #[default]
    AsNeeded,
    Only,
    Both,
}

/// The settings of an engine.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number of compile threads, or [`ALL_PROCESSORS`]; 0 compiles on the caller's thread.
    pub workers: usize,
    /// What is compiled when a module is made.
    pub compile: CompileSetting,
    /// How much functions execute before they are optimized.
    pub patience: Patience,
    pub bounds: BoundsSetting,
    /// Traps by signal handler, or by explicit checks alone.
    pub signals: bool,
    /// Bytes of native stack that guest code may use between an entry and its overflow trap.
    pub max_wasm_stack: usize,
    /// Use processor features beyond SSE4.1.
    pub native_features: bool,
    /// Code that the processor executes ahead, past a failing check, reads nothing beyond bounds.
    pub spectre_masks: bool,
    pub metered: MeteredSetting,
    pub limits: Limits,
    /// Record when functions are compiled.
    pub timeline: bool,
    /// The key that seals serialized modules.
    pub serialize_key: Option<SerializeKey>,
    /// Where code is kept for later processes; nowhere if absent.
    pub cache: Option<CacheSettings>,
    /// Where background work runs, unless on threads of the engine.
    pub executor: Option<Executor>,
    /// Where messages go.
    pub log: Log,
    /// Which tools of the system are told about code.
    pub tools: ToolsConfig,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            workers: ALL_PROCESSORS,
            compile: CompileSetting::default(),
            patience: Patience::default(),
            bounds: BoundsSetting::Auto,
            signals: true,
            max_wasm_stack: 512 << 10,
            native_features: true,
            spectre_masks: false,
            metered: MeteredSetting::default(),
            limits: Limits::default(),
            timeline: false,
            serialize_key: None,
            cache: None,
            executor: None,
            log: Log::default(),
            tools: ToolsConfig::default(),
        }
    }
}

impl Config {
    /// The settings that affect compilation.
    pub fn compile_config(&self) -> CompileConfig {
        CompileConfig {
            workers: self.workers,
            setting: self.compile,
            patience: self.patience,
            native_features: self.native_features,
            spectre_masks: self.spectre_masks,
            limits: self.limits.clone(),
            timeline: self.timeline,
            serialize_key: self.serialize_key.clone(),
            cache: self.cache.clone(),
            executor: self.executor.clone(),
            log: self.log.clone(),
            tools: self.tools.clone(),
            ..CompileConfig::default()
        }
    }

    /// The settings as text.
    pub fn describe(&self) -> String {
        let workers = match self.workers {
            ALL_PROCESSORS if self.executor.is_none() => {
                "a compile thread per processor".to_owned()
            }
            0 => "no compile threads".to_owned(),
            _ if self.executor.is_some() => "compile tasks for the host's executor".to_owned(),
            workers => format!("{workers} compile threads"),
        };
        let bounds = match (self.wants_guard(), self.may_fall_back()) {
            (true, true) => "guard pages or explicit bounds checks",
            (true, false) => "guard pages",
            (false, _) => "explicit bounds checks",
        };
        let compile = match self.compile {
            CompileSetting::Tiered => "baseline code at the first call, optimized code if hot",
            CompileSetting::Both => "baseline code, optimized code if hot",
            CompileSetting::LazyBaseline => "baseline code at the first call",
            CompileSetting::Baseline => "baseline code",
            CompileSetting::Optimized => "optimized code",
        };
        let traps = if self.signals { "traps by signal" } else { "no signals" };
        let features = if self.native_features { "all" } else { "the least" };
        let masks = if self.spectre_masks { ", Spectre masks" } else { "" };
        format!(
            "engine with {compile}, {workers}, {bounds}, {traps}, {features} processor features{masks}"
        )
    }

    pub fn wants_guard(&self) -> bool {
        // Without a signal handler a fault in the guard could not become a trap.
        self.signals && self.bounds != BoundsSetting::Explicit
    }

    /// Whether a memory without a guard may replace one with a guard.
    pub fn may_fall_back(&self) -> bool {
        self.bounds != BoundsSetting::Guard
    }

    /// The modes that a module is compiled for when it is made in a store that needs `mode`.
    pub fn modes_ahead(&self, mode: CodeMode) -> (CodeMode, Option<CodeMode>) {
        let metered = CodeMode { metering: Metering::On, ..mode };
        match self.metered {
            MeteredSetting::AsNeeded => (mode, None),
            MeteredSetting::Only => (metered, None),
            MeteredSetting::Both => (CodeMode { metering: Metering::Off, ..mode }, Some(metered)),
        }
    }

    /// The mode that modules are compiled for before any instance.
    pub fn default_mode(&self) -> CodeMode {
        let bounds = if self.wants_guard() { Bounds::Guard } else { Bounds::Explicit };
        CodeMode { bounds, traps: self.traps(), metering: Metering::Off }
    }

    /// How stubs determine the host's floating-point mode.
    pub fn float_check(&self) -> FloatCheck {
        if self.signals { FloatCheck::Probe } else { FloatCheck::Exact }
    }

    pub fn traps(&self) -> Traps {
        if self.signals { Traps::Signals } else { Traps::Calls }
    }
}
