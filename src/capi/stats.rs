//! Statistics: what was compiled, when and how.

use super::engine::wasm_engine_t;
use super::guard::guard;
use super::handle::write_sized;
use super::module::compiled;
use super::types::*;
use crate::abi::Tier;
use crate::compile::{Stats, TierStats};
use crate::error::Error;

/// What was compiled in one way.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct wasmrt_tier_stats_t {
    /// Functions. One that was compiled for several kinds of stores (with fuel and without, for
    /// example), or by several threads at the same time, counts several times.
    pub functions: u64,
    /// Bytes of machine code: of these functions, and of code that was made to continue running loops
    /// of them.
    pub code_bytes: u64,
    /// Nanoseconds that compiling all of this took, summed over all threads.
    pub nanoseconds: u64,
}

/// What was compiled so far, of one module or of all modules that an engine has had. Code that was
/// loaded from a serialized module does not count. The caller sets `struct_size` to the size of the
/// struct in its version of the header; no more than that is written.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct wasmrt_stats_t {
    /// `sizeof(wasmrt_stats_t)`, set by the caller.
    pub struct_size: usize,
    /// Functions that the modules define.
    pub functions: u64,
    /// Compiled fast, with little optimization.
    pub baseline: wasmrt_tier_stats_t,
    /// Compiled with all optimizations.
    pub optimized: wasmrt_tier_stats_t,
    /// Hot functions that wait to be optimized now.
    pub waiting: u64,
    /// How often the cache folder had the code of a module. It is looked for once for each kind of
    /// store; for small modules, at the first call.
    pub cache_hits: u64,
    /// How often it had not.
    pub cache_misses: u64,
    /// Bytes that were read from the cache folder.
    pub cache_bytes: u64,
    /// Functions among `optimized` that would take too long or too much memory to optimize, because
    /// they are very large, deeply nested or keep very many values, and which were therefore compiled
    /// as those among `baseline`.
    pub oversized: u64,
    /// Bytes of memory, roughly, that the modules hold now, shared by all their instances: a copy of
    /// the binary, what was decoded from it, and machine code, compiled or loaded, with its tables. Images
    /// of the first contents of memories do not count. A module of which neither handles nor instances are
    /// left counts until its store collects it or is deleted, and the threads that compile for it or write it to the
    /// cache folder are done.
    pub memory: u64,
    /// Nanoseconds that validating function bodies took, summed over all threads, where they are not
    /// compiled when a module is made (as in `WASMRT_COMPILE_TIERED`). Elsewhere it is a part of compiling.
    pub validation_nanoseconds: u64,
}

impl From<TierStats> for wasmrt_tier_stats_t {
    fn from(stats: TierStats) -> wasmrt_tier_stats_t {
        let TierStats { functions, code_bytes, nanoseconds } = stats;
        wasmrt_tier_stats_t { functions, code_bytes, nanoseconds }
    }
}

impl From<Stats> for wasmrt_stats_t {
    fn from(stats: Stats) -> wasmrt_stats_t {
        wasmrt_stats_t {
            struct_size: 0,
            functions: stats.functions,
            baseline: stats.baseline.into(),
            optimized: stats.optimized.into(),
            waiting: stats.waiting,
            cache_hits: stats.hits,
            cache_misses: stats.misses,
            cache_bytes: stats.loaded_bytes,
            oversized: stats.oversized,
            memory: stats.memory,
            validation_nanoseconds: stats.validation,
        }
    }
}

/// Makes `out` what was compiled of a module so far, in all stores that share it. Zeros, with the last
/// error set, for NULL and if its store has been deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_stats(
    module: *const wasm_module_t,
    out: *mut wasmrt_stats_t,
) {
    guard(|| {
        // SAFETY: NULL or as the caller says in it (C contract).
        unsafe { write_sized(out, wasmrt_stats_t::default()) };
        // SAFETY: NULL or a handle, and as above (C contract).
        unsafe { write_sized(out, compiled(module)?.stats().into()) };
        Ok(())
    });
}

/// Makes `out` what was compiled in an engine so far. Zeros, with the last error set, for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_engine_stats(
    engine: *const wasm_engine_t,
    out: *mut wasmrt_stats_t,
) {
    guard(|| {
        // SAFETY: NULL or as the caller says in it (C contract).
        unsafe { write_sized(out, wasmrt_stats_t::default()) };
        // SAFETY: NULL or a handle (C contract).
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| Error::argument("engine is NULL"))?;
        // SAFETY: NULL or as the caller says in it (C contract).
        unsafe { write_sized(out, engine.engine.compile.stats().into()) };
        Ok(())
    });
}

/// One of the `WASMRT_TIER_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_tier_t = u32;

/// How a function is compiled.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_tier_enum {
    /// Fast, with little optimization.
    WASMRT_TIER_BASELINE = 1,
    /// With all optimizations.
    WASMRT_TIER_OPTIMIZED = 2,
}

/// Compiles all functions of a module now, on the threads of the engine, that have no such code or better;
/// stores and instances that use the module run on meanwhile, on other threads. False, with the last
/// error set, if the module is NULL, its store has been deleted, the tier is unknown, a function
/// cannot be compiled, or all code is final because the engine has `WASMRT_COMPILE_BASELINE`. The
/// functions that were compiled until then keep their code.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_compile(
    module: *mut wasm_module_t,
    tier: wasmrt_tier_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let compiled = unsafe { compiled(module) }?;
        compiled.compile_all(tier_of(tier)?)?;
        Ok(true)
    })
}

/// The number of a tier.
pub fn number_of(tier: Tier) -> wasmrt_tier_t {
    let number = match tier {
        Tier::Baseline => wasmrt_tier_enum::WASMRT_TIER_BASELINE,
        Tier::Optimized => wasmrt_tier_enum::WASMRT_TIER_OPTIMIZED,
    };
    number as u32
}

/// The tier with this number.
pub fn tier_of(tier: wasmrt_tier_t) -> Result<Tier, Error> {
    match tier {
        _ if tier == wasmrt_tier_enum::WASMRT_TIER_BASELINE as u32 => Ok(Tier::Baseline),
        _ if tier == wasmrt_tier_enum::WASMRT_TIER_OPTIMIZED as u32 => Ok(Tier::Optimized),
        _ => Err(Error::argument(format!("unknown tier {tier}"))),
    }
}
