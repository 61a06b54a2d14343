//! `wasm_config_t` and its options.

use super::guard::guard;
use super::handle::{Owned, give, take};
use crate::error::Error;
use crate::runtime::config::{BoundsSetting, Config};

/// Engine settings, consumed by `wasm_engine_new_with_config`.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_config_t {
    pub(super) config: Config,
}

impl Owned for wasm_config_t {}

/// An option of `wasmrt_config_set`. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_option_t = u32;

/// The default settings; NULL when memory is short.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_new() -> *mut wasm_config_t {
    guard(|| Ok(give(wasm_config_t { config: Config::default() })))
}

/// Deletes settings that no engine took; nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_config_delete(config: *mut wasm_config_t) {
    // SAFETY: NULL or an owned handle (C contract).
    drop(unsafe { take(config) });
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

fn set(config: &mut Config, option: wasmrt_option_t, value: u64) -> Result<(), Error> {
    let limits = &mut config.limits;
    match option {
        1 => config.workers = at_most(value, 256)? as usize,
        2 => config.bounds = bounds(value)?,
        3 => config.signals = at_most(value, 1)? == 1,
        4 => config.max_wasm_stack = at_most(value, 1 << 40)? as usize,
        5 => config.native_features = at_most(value, 1)? == 1,
        16 => limits.memory_pages = value,
        17 => limits.table_elements = value,
        18 => limits.function_size = at_most(value, u32::MAX.into())? as u32,
        19 => limits.locals = at_most(value, u32::MAX.into())? as u32,
        20 => limits.params = at_most(value, u32::MAX.into())? as u32,
        21 => limits.module_size = at_most(value, u32::MAX.into())? as u32,
        22 => limits.compile_memory = value,
        _ => return Err(Error::argument(format!("unknown option {option}"))),
    }
    Ok(())
}

fn at_most(value: u64, max: u64) -> Result<u64, Error> {
    if value > max {
        return Err(Error::argument(format!("the value {value} is above {max}")));
    }
    Ok(value)
}

fn bounds(value: u64) -> Result<BoundsSetting, Error> {
    match at_most(value, 2)? {
        0 => Ok(BoundsSetting::Auto),
        1 => Ok(BoundsSetting::Guard),
        _ => Ok(BoundsSetting::Explicit),
    }
}
