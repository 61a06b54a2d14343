//! `wasm_config_t` and its options.

use super::bytes::{bytes, c_string, wasm_byte_vec_t};
use super::guard::guard;
use super::handle::{Owned, give, take};
use super::profiler::PROFILERS;
use crate::binary::Limits;
use crate::cache::CacheSettings;
use crate::compile::serialize::SerializeKey;
use crate::compile::{CompileSetting, Patience};
use crate::error::Error;
use crate::runtime::config::{BoundsSetting, Config, MeteredSetting};
use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use wasmrt_bounds_enum::*;
use wasmrt_compile_enum::*;
use wasmrt_metered_enum::*;
use wasmrt_option_enum::*;

/// Settings of an engine. `wasm_engine_new_with_config` takes ownership of them.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_config_t {
    pub(super) config: Config,
}

impl Owned for wasm_config_t {}

/// One of the `WASMRT_OPTION_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_option_t = u32;

/// The options of `wasmrt_config_set`. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum wasmrt_option_enum {
    /// Number of compile threads, at most 256; 0 compiles on the calling thread. Default: the
    /// number of processors.
    WASMRT_OPTION_WORKERS = 1,
    /// How memory accesses are checked: one of the `WASMRT_BOUNDS_...` numbers. Default:
    /// `WASMRT_BOUNDS_AUTO`.
    WASMRT_OPTION_BOUNDS = 2,
    /// 1 (default): signal handlers turn hardware faults of guest code into traps. Threads that run
    /// guest code must not block SIGSEGV, SIGBUS, SIGILL and SIGFPE in their signal mask: the
    /// system ends a process that faults while the signal is blocked. 0: no signal handler is
    /// installed, and every check is explicit.
    WASMRT_OPTION_SIGNALS = 3,
    /// Bytes of native stack that guest code may use from one entry on, at least 4096. Default: 512
    /// KiB.
    WASMRT_OPTION_MAX_WASM_STACK = 4,
    /// 1 (default): use the instructions that this processor has. 0: use only those that every
    /// supported processor has.
    WASMRT_OPTION_CPU_FEATURES = 5,
    /// What is compiled when, and how: one of the `WASMRT_COMPILE_...` numbers. Default:
    /// `WASMRT_COMPILE_TIERED`.
    WASMRT_OPTION_COMPILE = 6,
    /// How much a function may execute before it counts as hot and is optimized, in percent of what
    /// is usual for a function of its size, at most 1,000,000. Default: 100. With 0 every function
    /// that is called is optimized. For tests: with 0x20000000 + n, where n is from 1 to 0xfffffff,
    /// each function is hot in the n-th iteration of the loops of its first call; from 0x40000000 to
    /// 0x7fffffff, each function's budget is by chance none, small, usual or endless, and the value is
    /// the seed.
    WASMRT_OPTION_TIER_UP = 8,
    /// For which stores a module is compiled when it is made: one of the `WASMRT_METERED_...`
    /// numbers. Default: `WASMRT_METERED_AS_NEEDED`.
    WASMRT_OPTION_METERED = 7,
    /// 1: guest code has masks against Spectre attacks of the kind "bounds check bypass": what the
    /// processor executes ahead, past a check that will fail, reads nothing beyond the bounds of a
    /// memory or table and jumps to no place outside of a branch table. For hosts that run code they do
    /// not trust beside secrets in the same process; costs a few percent where there are such checks
    /// (indirect calls, and accesses to memories without guard pages). 0 (default): no masks.
    WASMRT_OPTION_SPECTRE_MASKS = 9,
    /// Maximum number of pages (of 64 KiB) that a memory may have or grow to. Default: 262,144 (16
    /// GiB). A memory with 32-bit indices never has more than 65,536.
    WASMRT_OPTION_MAX_MEMORY_PAGES = 16,
    /// Maximum number of elements that a table may have or grow to. Default: 10,000,000.
    WASMRT_OPTION_MAX_TABLE_ELEMENTS = 17,
    /// Maximum number of bytes in the body of a function. Default, and greatest value: 7,654,321.
    WASMRT_OPTION_MAX_FUNCTION_SIZE = 18,
    /// Maximum number of locals of a function, parameters included. Default, and greatest value:
    /// 50,000.
    WASMRT_OPTION_MAX_LOCALS = 19,
    /// Maximum number of parameters of a function. Default, and greatest value: 1,000.
    WASMRT_OPTION_MAX_PARAMS = 20,
    /// Maximum number of bytes in a module. Default, and greatest value: 1 GiB.
    WASMRT_OPTION_MAX_MODULE_SIZE = 21,
    /// Maximum number of bytes that compiling one function may need, estimated from the size of its
    /// body, its instructions, the values that it moves and its machine code. A function that needs
    /// more to be optimized is compiled without optimization, and refused if that needs more, too.
    /// Default: 8 GiB.
    WASMRT_OPTION_MAX_COMPILE_MEMORY = 22,
    /// What profilers of the system are told about guest code: one of the `WASMRT_PROFILER_...`
    /// numbers. Default: `WASMRT_PROFILER_NONE`.
    WASMRT_OPTION_PROFILER = 32,
    /// 1: debuggers (GDB, LLDB) are told about guest code, so that backtraces go through it and have
    /// the names of its functions. 0 (default): they are not.
    WASMRT_OPTION_DEBUGGER = 33,
    /// 1: the unwinder of the process (libgcc's) is told about the frames of guest code, so that
    /// `backtrace` and crash reporters see from a host function through guest code to the host.
    /// Exceptions still do not pass through guest code. 0 (default): they see no further than the
    /// host function.
    WASMRT_OPTION_UNWINDER = 34,
    /// 1: the engine records when each function is compiled, for `wasmrt_engine_timeline`. 0
    /// (default): it does not.
    WASMRT_OPTION_TIMELINE = 40,
}

/// The values of `WASMRT_OPTION_BOUNDS`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_bounds_enum {
    /// Guard pages, and explicit checks where address space is short (default).
    WASMRT_BOUNDS_AUTO = 0,
    /// Guard pages only; a memory that cannot have them is refused.
    WASMRT_BOUNDS_GUARD = 1,
    /// Explicit checks only.
    WASMRT_BOUNDS_EXPLICIT = 2,
}

/// The values of `WASMRT_OPTION_COMPILE`. In every mode a module is validated completely when it is
/// made. A function that cannot be compiled at its first call, because memory is short for example,
/// traps there.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_compile_enum {
    /// Nothing is compiled when a module is made. Each function is compiled at its first call, fast
    /// and with little optimization, and optimized in the background when it is hot (default).
    WASMRT_COMPILE_TIERED = 0,
    /// Nothing is compiled when a module is made. Each function is compiled at its first call, fast
    /// and with little optimization.
    WASMRT_COMPILE_LAZY_BASELINE = 1,
    /// All functions are compiled when a module is made, fast and with little optimization.
    WASMRT_COMPILE_BASELINE = 2,
    /// All functions are compiled and optimized when a module is made.
    WASMRT_COMPILE_OPTIMIZED = 3,
    /// All functions are compiled when a module is made, fast and with little optimization, and
    /// optimized in the background when they are hot.
    WASMRT_COMPILE_BOTH = 4,
}

const COMPILE: [(u64, CompileSetting); 5] = [
    (WASMRT_COMPILE_TIERED as u64, CompileSetting::Tiered),
    (WASMRT_COMPILE_LAZY_BASELINE as u64, CompileSetting::LazyBaseline),
    (WASMRT_COMPILE_BASELINE as u64, CompileSetting::Baseline),
    (WASMRT_COMPILE_OPTIMIZED as u64, CompileSetting::Optimized),
    (WASMRT_COMPILE_BOTH as u64, CompileSetting::Both),
];

/// The values of `WASMRT_OPTION_METERED`. Stores with fuel, a deadline, an interrupt or a profile need
/// metered code. Code that a module lacks is compiled when the module is first instantiated in a store
/// that needs it; this takes as long as making the module did, and the log gets a warning.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_metered_enum {
    /// The code for the store in which the module is made (default).
    WASMRT_METERED_AS_NEEDED = 0,
    /// Metered code only.
    WASMRT_METERED_ONLY = 1,
    /// Code for all stores; compiling takes twice as long.
    WASMRT_METERED_BOTH = 2,
}

const METERED: [(u64, MeteredSetting); 3] = [
    (WASMRT_METERED_AS_NEEDED as u64, MeteredSetting::AsNeeded),
    (WASMRT_METERED_ONLY as u64, MeteredSetting::Only),
    (WASMRT_METERED_BOTH as u64, MeteredSetting::Both),
];

const OPTIONS: [wasmrt_option_enum; 20] = [
    WASMRT_OPTION_WORKERS,
    WASMRT_OPTION_BOUNDS,
    WASMRT_OPTION_SIGNALS,
    WASMRT_OPTION_MAX_WASM_STACK,
    WASMRT_OPTION_CPU_FEATURES,
    WASMRT_OPTION_COMPILE,
    WASMRT_OPTION_TIER_UP,
    WASMRT_OPTION_METERED,
    WASMRT_OPTION_SPECTRE_MASKS,
    WASMRT_OPTION_MAX_MEMORY_PAGES,
    WASMRT_OPTION_MAX_TABLE_ELEMENTS,
    WASMRT_OPTION_MAX_FUNCTION_SIZE,
    WASMRT_OPTION_MAX_LOCALS,
    WASMRT_OPTION_MAX_PARAMS,
    WASMRT_OPTION_MAX_MODULE_SIZE,
    WASMRT_OPTION_MAX_COMPILE_MEMORY,
    WASMRT_OPTION_PROFILER,
    WASMRT_OPTION_DEBUGGER,
    WASMRT_OPTION_UNWINDER,
    WASMRT_OPTION_TIMELINE,
];

/// The value of `WASMRT_OPTION_TIER_UP` that is the first iteration.
const FIRST_ITERATION: u64 = 0x2000_0001;

/// The first value of `WASMRT_OPTION_TIER_UP` that is a seed.
const RANDOM_BUDGETS: u64 = 0x4000_0000;

const BOUNDS: [(u64, BoundsSetting); 3] = [
    (WASMRT_BOUNDS_AUTO as u64, BoundsSetting::Auto),
    (WASMRT_BOUNDS_GUARD as u64, BoundsSetting::Guard),
    (WASMRT_BOUNDS_EXPLICIT as u64, BoundsSetting::Explicit),
];

/// Makes a configuration with the default settings, owned by the caller. NULL when memory is short.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_new() -> *mut wasm_config_t {
    guard(|| give(wasm_config_t { config: Config::default() }))
}

/// Deletes a configuration that no engine took. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_config_delete(config: *mut wasm_config_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(config) })));
}

/// Sets an option, before an engine takes the configuration. False, with the last error set, if
/// `config` is NULL, the option is unknown, or it does not accept the value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set(
    config: *mut wasm_config_t,
    option: wasmrt_option_t,
    value: u64,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        let known = OPTIONS.into_iter().find(|known| *known as u32 == option);
        let option = known.ok_or_else(|| Error::argument(format!("unknown option {option}")))?;
        set(config, option, value)
            .map_err(|wrong| Error::argument(format!("{option:?}: {wrong}")))?;
        Ok(true)
    })
}

/// Sets a secret, with which the engine seals the modules that it serializes. It then loads only
/// modules with a valid seal; engines with the same secret load each other's modules. The secret
/// may have any length except 0; 32 random bytes are a good choice. It is borrowed and copied. A
/// seal proves that an engine with the secret wrote the bytes, but not which module they contain.
///
/// Without a secret, serialized modules carry a checksum, which detects damage but not forgery, and
/// sealed modules are refused. False, with the last error set, if `config` is NULL or the secret is
/// NULL or empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_serialize_key(
    config: *mut wasm_config_t,
    secret: *const wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        // SAFETY: NULL or a valid vector (C contract).
        let secret = unsafe { bytes(secret) }?;
        if secret.is_empty() {
            return Err(Error::argument("the secret is empty"));
        }
        config.serialize_key = Some(SerializeKey::new(secret));
        Ok(true)
    })
}

/// Sets a folder in which the engine keeps machine code and finds it again, also in later processes. The
/// path is copied; the folder is made when it is needed. Its entries take at most `max_bytes`; those
/// that were not used for longest are removed. Several processes may use it at the same time. NULL: no
/// folder, as by default. False, with the last error set, if `config` is NULL or the path is empty.
///
/// The folder holds machine code, so it must belong to the user who runs the process, and nobody else
/// may be able to write to it: otherwise it is not used. Whatever does not work there is reported to
/// the log, and has no other effect. With a key (`wasmrt_config_set_serialize_key`) entries are sealed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_cache(
    config: *mut wasm_config_t,
    folder: *const c_char,
    max_bytes: u64,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        if folder.is_null() {
            config.cache = None;
            return Ok(true);
        }
        // SAFETY: ends in a NUL (C contract).
        let folder = Path::new(OsStr::from_bytes(unsafe { c_string(folder) }?));
        let settings = CacheSettings::new(folder, max_bytes);
        let settings = settings.map_err(|error| Error::argument(format!("the folder: {error}")))?;
        config.cache = Some(settings);
        Ok(true)
    })
}

/// Chooses the folder where `WASMRT_PROFILER_JITDUMP` writes its file. The path is borrowed and copied.
/// False, with the last error set, if `config` is NULL or the path is NULL or empty. Whether the
/// folder can be written to is seen later, and is a warning in the log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_profiler_folder(
    config: *mut wasm_config_t,
    path: *const c_char,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        // SAFETY: NULL or a string that ends in a zero byte (C contract).
        let path = unsafe { c_string(path) }?;
        if path.is_empty() {
            return Err(Error::argument("the path is empty"));
        }
        config.tools.folder = Some(OsStr::from_bytes(path).into());
        Ok(true)
    })
}

/// The settings behind a handle.
///
/// # Safety
/// `config` is NULL or a handle that only the caller uses.
pub unsafe fn config_of<'a>(config: *mut wasm_config_t) -> Result<&'a mut Config, Error> {
    // SAFETY: as promised by the caller.
    let config = unsafe { config.as_mut() }.ok_or_else(|| Error::argument("config is NULL"))?;
    Ok(&mut config.config)
}

/// Sets an option, or says what is wrong with the value.
fn set(config: &mut Config, option: wasmrt_option_enum, value: u64) -> Result<(), String> {
    let limits = &mut config.limits;
    let most = Limits::default();
    match option {
        WASMRT_OPTION_WORKERS => config.workers = at_most(value, 256)? as usize,
        WASMRT_OPTION_BOUNDS => config.bounds = choice(&BOUNDS, value)?,
        WASMRT_OPTION_SIGNALS => config.signals = at_most(value, 1)? == 1,
        WASMRT_OPTION_MAX_WASM_STACK => {
            config.max_wasm_stack = within(value, 4096, 1 << 40)? as usize;
        }
        WASMRT_OPTION_CPU_FEATURES => config.native_features = at_most(value, 1)? == 1,
        WASMRT_OPTION_COMPILE => config.compile = choice(&COMPILE, value)?,
        WASMRT_OPTION_TIER_UP => config.patience = patience(value)?,
        WASMRT_OPTION_METERED => config.metered = choice(&METERED, value)?,
        WASMRT_OPTION_SPECTRE_MASKS => config.spectre_masks = at_most(value, 1)? == 1,
        WASMRT_OPTION_MAX_MEMORY_PAGES => limits.memory_pages = at_most(value, 1 << 48)?,
        WASMRT_OPTION_MAX_TABLE_ELEMENTS => limits.table_elements = value,
        WASMRT_OPTION_MAX_FUNCTION_SIZE => {
            limits.function_size = below_default(value, 1, most.function_size)?
        }
        WASMRT_OPTION_MAX_LOCALS => limits.locals = below_default(value, 0, most.locals)?,
        WASMRT_OPTION_MAX_PARAMS => limits.params = below_default(value, 0, most.params)?,
        WASMRT_OPTION_MAX_MODULE_SIZE => {
            limits.module_size = below_default(value, 1, most.module_size)?
        }
        WASMRT_OPTION_MAX_COMPILE_MEMORY => limits.compile_memory = within(value, 1, u64::MAX)?,
        WASMRT_OPTION_PROFILER => config.tools.profiler = choice(&PROFILERS, value)?,
        WASMRT_OPTION_DEBUGGER => config.tools.debugger = at_most(value, 1)? == 1,
        WASMRT_OPTION_UNWINDER => config.tools.unwinder = at_most(value, 1)? == 1,
        WASMRT_OPTION_TIMELINE => config.timeline = at_most(value, 1)? == 1,
    }
    Ok(())
}

/// For limits whose default is also the greatest value that the validator allows.
fn below_default(value: u64, min: u64, default: u32) -> Result<u32, String> {
    Ok(within(value, min, default.into())? as u32)
}

fn at_most(value: u64, max: u64) -> Result<u64, String> {
    within(value, 0, max)
}

fn within(value: u64, min: u64, max: u64) -> Result<u64, String> {
    if value < min {
        return Err(format!("{value} is below {min}"));
    }
    if value > max {
        return Err(format!("{value} is above {max}"));
    }
    Ok(value)
}

/// The setting of a number of the header.
fn choice<T: Copy>(known: &[(u64, T)], value: u64) -> Result<T, String> {
    let found = known.iter().find(|(number, _)| *number == value);
    found.map(|(_, setting)| *setting).ok_or_else(|| format!("there is no value {value}"))
}

fn patience(value: u64) -> Result<Patience, String> {
    match value {
        FIRST_ITERATION..=0x2fff_ffff => {
            Ok(Patience::Iteration((value - FIRST_ITERATION + 1) as u32))
        }
        RANDOM_BUDGETS..=0x7fff_ffff => Ok(Patience::Random((value - RANDOM_BUDGETS) as u32)),
        _ => Ok(Patience::Percent(at_most(value, 1_000_000)? as u32)),
    }
}
