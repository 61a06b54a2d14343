//! The engine and its settings.

use super::error::Error;
use super::names::taken;
use super::owner;
use std::ffi::CString;
use std::mem;
use wasmrt::capi::config::*;
use wasmrt::capi::engine::*;
use wasmrt::capi::stats::*;
use wasmrt::capi::timeline::*;

owner! {
    /// An engine.
    Engine of wasm_engine_t, deleted by wasm_engine_delete
}

// SAFETY: the library lets any thread use an engine at any time.
unsafe impl Sync for Engine {}

/// Settings of an engine; what is `None` stays as the library has it.
#[derive(Default)]
pub struct EngineOptions {
    pub mode: Option<wasmrt_compile_enum>,
    pub workers: Option<u64>,
    pub max_stack: Option<u64>,
    /// Code that can be stopped by fuel, deadlines and interrupts.
    pub metered: Option<wasmrt_metered_enum>,
    /// What is compiled when is recorded.
    pub timeline: bool,
    /// Where machine code is kept between processes.
    pub cache: Option<CString>,
}

/// What was compiled by one compiler.
pub struct Tier {
    pub functions: u64,
    pub code_bytes: u64,
    pub nanoseconds: u64,
}

/// What an engine has compiled so far.
pub struct Stats {
    pub functions: u64,
    pub baseline: Tier,
    pub optimized: Tier,
    /// Functions that were too costly to optimize.
    pub oversized: u64,
    pub validation_nanoseconds: u64,
    /// Bytes that modules hold.
    pub memory: u64,
}

/// Bytes that a cache may have.
const CACHE_SIZE: u64 = 1 << 30;

impl Engine {
    pub fn with(options: &EngineOptions) -> Result<Engine, Error> {
        use wasmrt_option_enum::*;
        let settings = [
            (WASMRT_OPTION_COMPILE, options.mode.map(|mode| mode as u64)),
            (WASMRT_OPTION_WORKERS, options.workers),
            (WASMRT_OPTION_MAX_WASM_STACK, options.max_stack),
            (WASMRT_OPTION_METERED, options.metered.map(|metered| metered as u64)),
            (WASMRT_OPTION_TIMELINE, options.timeline.then_some(1)),
        ];
        let config = wasm_config_new();
        let mut accepted = settings.into_iter().all(|(option, value)| {
            // SAFETY: our own configuration.
            value.is_none_or(|value| unsafe { wasmrt_config_set(config, option as u32, value) })
        });
        if let Some(folder) = &options.cache {
            // SAFETY: our own configuration; the path is borrowed.
            accepted &= unsafe { wasmrt_config_set_cache(config, folder.as_ptr(), CACHE_SIZE) };
        }
        if !accepted {
            // SAFETY: our own configuration, which nobody uses any more.
            unsafe { wasm_config_delete(config) };
            return Err(Error::last());
        }
        // SAFETY: the engine takes the configuration over.
        Engine::new(unsafe { wasm_engine_new_with_config(config) }).ok_or_else(Error::last)
    }

    pub fn timeline(&self, format: wasmrt_timeline_format_enum) -> Result<Vec<u8>, Error> {
        let mut done = false;
        // SAFETY: a valid handle, and room for the result.
        let text = taken(|out| unsafe {
            done = wasmrt_engine_timeline(self.handle(), format as u32, out);
        });
        if done { Ok(text) } else { Err(Error::last()) }
    }

    pub fn stats(&self) -> Stats {
        // SAFETY: a structure of numbers.
        let mut stats: wasmrt_stats_t = unsafe { mem::zeroed() };
        stats.struct_size = size_of::<wasmrt_stats_t>();
        // SAFETY: a valid handle, and room for the result. Any thread may ask.
        unsafe { wasmrt_engine_stats(self.handle(), &mut stats) };
        let tier = |tier: wasmrt_tier_stats_t| Tier {
            functions: tier.functions,
            code_bytes: tier.code_bytes,
            nanoseconds: tier.nanoseconds,
        };
        Stats {
            functions: stats.functions,
            baseline: tier(stats.baseline),
            optimized: tier(stats.optimized),
            oversized: stats.oversized,
            validation_nanoseconds: stats.validation_nanoseconds,
            memory: stats.memory,
        }
    }
}
