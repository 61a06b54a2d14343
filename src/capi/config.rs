//! `wasm_config_t` and its options.

use super::bytes::{bytes, wasm_byte_vec_t};
use super::guard::guard;
use super::handle::{Owned, give, take};
use crate::binary::Limits;
use crate::compile::serialize::SerializeKey;
use crate::error::Error;
use crate::runtime::config::{BoundsSetting, Config, MeteredSetting};
use wasmrt_bounds_enum::*;
use wasmrt_metered_enum::*;
use wasmrt_option_enum::*;

/// Engine settings, consumed by `wasm_engine_new_with_config`.
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
#[derive(Clone, Copy)]
pub enum wasmrt_option_enum {
    /// Number of compile threads, at most 256; 0 compiles on the calling thread. As many as there
    /// are processors unless set.
    WASMRT_OPTION_WORKERS = 1,
    /// How memory accesses are checked: one of the `WASMRT_BOUNDS_...` numbers.
    WASMRT_OPTION_BOUNDS = 2,
    /// 1 (unless set): hardware faults of guest code become traps through signal handlers. Threads
    /// that run guest code must then not block SIGSEGV, SIGBUS, SIGILL and SIGFPE in their signal
    /// mask: a fault whose signal is blocked ends the process. 0: no signal handler is installed,
    /// every check is explicit.
    WASMRT_OPTION_SIGNALS = 3,
    /// Bytes of native stack that guest code may use from one entry on, 4096 at least. 512 KiB unless
    /// set.
    WASMRT_OPTION_MAX_WASM_STACK = 4,
    /// 1 (unless set): use what the processor offers. 0: only what every supported one has.
    WASMRT_OPTION_CPU_FEATURES = 5,
    /// For which stores a module is compiled when it is made: one of the `WASMRT_METERED_...` numbers.
    WASMRT_OPTION_METERED = 7,
    /// Most pages (of 64 KiB) that a memory may have or grow to. 262,144 (16 GiB) unless set; one with
    /// 32-bit indices has at most 65,536 in any case.
    WASMRT_OPTION_MAX_MEMORY_PAGES = 16,
    /// Most elements that a table may have or grow to. 10,000,000 unless set.
    WASMRT_OPTION_MAX_TABLE_ELEMENTS = 17,
    /// Most bytes in the body of a function, which can be made less than 7,654,321.
    WASMRT_OPTION_MAX_FUNCTION_SIZE = 18,
    /// Most locals of a function, parameters included, which can be made less than 50,000.
    WASMRT_OPTION_MAX_LOCALS = 19,
    /// Most parameters of a function, which can be made less than 1,000.
    WASMRT_OPTION_MAX_PARAMS = 20,
    /// Most bytes in a module, which can be made less than 1 GiB.
    WASMRT_OPTION_MAX_MODULE_SIZE = 21,
    /// Most bytes of memory that compiling one function may need, by an estimate from the size of its body
    /// and the values that it moves. 8 GiB unless set.
    WASMRT_OPTION_MAX_COMPILE_MEMORY = 22,
}

/// The values of `WASMRT_OPTION_BOUNDS`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_bounds_enum {
    /// Guard pages, and explicit checks where address space is short (unless set).
    WASMRT_BOUNDS_AUTO = 0,
    /// Guard pages only; a memory that cannot have them is refused.
    WASMRT_BOUNDS_GUARD = 1,
    /// Explicit checks only.
    WASMRT_BOUNDS_EXPLICIT = 2,
}

/// The values of `WASMRT_OPTION_METERED`: stores with fuel, a deadline or an interrupt need metered code.
/// Code that a module lacks is compiled when it is first instantiated in a store that needs it, which
/// takes as long as making the module did; the log has a warning then.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_metered_enum {
    /// The code that the store needs in which the module is made (unless set).
    WASMRT_METERED_AS_NEEDED = 0,
    /// Metered code only.
    WASMRT_METERED_ONLY = 1,
    /// Code for all stores, in twice the time.
    WASMRT_METERED_BOTH = 2,
}

const METERED: [wasmrt_metered_enum; 3] =
    [WASMRT_METERED_AS_NEEDED, WASMRT_METERED_ONLY, WASMRT_METERED_BOTH];

const OPTIONS: [wasmrt_option_enum; 13] = [
    WASMRT_OPTION_WORKERS,
    WASMRT_OPTION_BOUNDS,
    WASMRT_OPTION_SIGNALS,
    WASMRT_OPTION_MAX_WASM_STACK,
    WASMRT_OPTION_CPU_FEATURES,
    WASMRT_OPTION_METERED,
    WASMRT_OPTION_MAX_MEMORY_PAGES,
    WASMRT_OPTION_MAX_TABLE_ELEMENTS,
    WASMRT_OPTION_MAX_FUNCTION_SIZE,
    WASMRT_OPTION_MAX_LOCALS,
    WASMRT_OPTION_MAX_PARAMS,
    WASMRT_OPTION_MAX_MODULE_SIZE,
    WASMRT_OPTION_MAX_COMPILE_MEMORY,
];

const BOUNDS: [wasmrt_bounds_enum; 3] =
    [WASMRT_BOUNDS_AUTO, WASMRT_BOUNDS_GUARD, WASMRT_BOUNDS_EXPLICIT];

/// The default settings; NULL when memory is short.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_new() -> *mut wasm_config_t {
    guard(|| give(wasm_config_t { config: Config::default() }))
}

/// Deletes settings that no engine took; nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_config_delete(config: *mut wasm_config_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(config) })));
}

/// Sets an option before an engine is made of the settings. False, with the last error set, for a
/// NULL config, an unknown option or a value that the option does not take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set(
    config: *mut wasm_config_t,
    option: wasmrt_option_t,
    value: u64,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config.as_mut() }.ok_or_else(|| Error::argument("config is NULL"))?;
        set(&mut config.config, option, value)?;
        Ok(true)
    })
}

/// Sets the secret with which the engine seals the modules that it serializes, and without whose seal
/// it loads none: engines with the same secret load each other's modules. Any number of bytes but
/// none; 32 random ones are good. They are copied. A seal shows that an engine with the secret wrote
/// the bytes, not which module they hold.
///
/// Without a secret, serialized modules carry a checksum, which finds damage but not forgery, and
/// sealed ones are refused. False, with the last error set, for a NULL config and an empty or NULL
/// secret.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_serialize_key(
    config: *mut wasm_config_t,
    secret: *const wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config.as_mut() }.ok_or_else(|| Error::argument("config is NULL"))?;
        // SAFETY: NULL or a valid vector (C contract).
        let secret = unsafe { bytes(secret) }?;
        if secret.is_empty() {
            return Err(Error::argument("the secret is empty"));
        }
        config.config.serialize_key = Some(SerializeKey::new(secret));
        Ok(true)
    })
}

fn set(config: &mut Config, option: wasmrt_option_t, value: u64) -> Result<(), Error> {
    let limits = &mut config.limits;
    let most = Limits::default();
    let known = OPTIONS.into_iter().find(|known| *known as u32 == option);
    match known.ok_or_else(|| Error::argument(format!("unknown option {option}")))? {
        WASMRT_OPTION_WORKERS => config.workers = at_most(value, 256)? as usize,
        WASMRT_OPTION_BOUNDS => config.bounds = bounds(value)?,
        WASMRT_OPTION_SIGNALS => config.signals = at_most(value, 1)? == 1,
        WASMRT_OPTION_MAX_WASM_STACK => {
            config.max_wasm_stack = within(value, 4096, 1 << 40)? as usize;
        }
        WASMRT_OPTION_CPU_FEATURES => config.native_features = at_most(value, 1)? == 1,
        WASMRT_OPTION_METERED => config.metered = metered(value)?,
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
    }
    Ok(())
}

/// For limits whose default is also the most that the validator allows.
fn below_default(value: u64, min: u64, default: u32) -> Result<u32, Error> {
    Ok(within(value, min, default.into())? as u32)
}

fn at_most(value: u64, max: u64) -> Result<u64, Error> {
    within(value, 0, max)
}

fn within(value: u64, min: u64, max: u64) -> Result<u64, Error> {
    if value < min {
        return Err(Error::argument(format!("the value {value} is below {min}")));
    }
    if value > max {
        return Err(Error::argument(format!("the value {value} is above {max}")));
    }
    Ok(value)
}

fn metered(value: u64) -> Result<MeteredSetting, Error> {
    let known = METERED.into_iter().find(|known| *known as u64 == value);
    match known.ok_or_else(|| Error::argument(format!("unknown way of metering {value}")))? {
        WASMRT_METERED_AS_NEEDED => Ok(MeteredSetting::AsNeeded),
        WASMRT_METERED_ONLY => Ok(MeteredSetting::Only),
        WASMRT_METERED_BOTH => Ok(MeteredSetting::Both),
    }
}

fn bounds(value: u64) -> Result<BoundsSetting, Error> {
    let known = BOUNDS.into_iter().find(|known| *known as u64 == value);
    match known.ok_or_else(|| Error::argument(format!("unknown way of checking {value}")))? {
        WASMRT_BOUNDS_AUTO => Ok(BoundsSetting::Auto),
        WASMRT_BOUNDS_GUARD => Ok(BoundsSetting::Guard),
        WASMRT_BOUNDS_EXPLICIT => Ok(BoundsSetting::Explicit),
    }
}
