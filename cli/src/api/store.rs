//! A store: fuel, deadline and limits.

use super::engine::Engine;
use super::error::Error;
use super::owner;
use std::ptr;
use std::time::Duration;
use wasmrt::capi::metering::*;
use wasmrt::capi::store::*;
use wasmrt::capi::store_limits::*;
use wasmrt::capi::types::*;

owner! {
    /// A store.
    Store of wasm_store_t, deleted by wasm_store_delete
}

impl Store {
    pub fn of(engine: &Engine) -> Result<Store, Error> {
        // SAFETY: a valid handle.
        Store::new(unsafe { wasm_store_new(engine.handle()) }).ok_or_else(Error::last)
    }

    pub fn set_fuel(&self, units: u64) -> Result<(), Error> {
        // SAFETY: a valid handle.
        done(unsafe { wasmrt_store_set_fuel(self.handle(), units) })
    }

    /// What is left of the fuel; `None` if there is no limit.
    pub fn fuel(&self) -> Option<u64> {
        let mut left = 0;
        // SAFETY: a valid handle, and room for the result.
        unsafe { wasmrt_store_fuel(self.handle(), &mut left) }.then_some(left)
    }

    /// Stops guest code when it has run so long.
    pub fn set_deadline(&self, after: Duration) -> Result<(), Error> {
        let nanoseconds = u64::try_from(after.as_nanos()).unwrap_or(u64::MAX).max(1);
        // SAFETY: a valid handle.
        done(unsafe { wasmrt_store_set_deadline(self.handle(), nanoseconds) })
    }

    /// Limits the bytes of all memories together.
    pub fn limit_memory(&self, bytes: u64) {
        let limits = wasmrt_store_limits_t {
            struct_size: size_of::<wasmrt_store_limits_t>(),
            memories: u64::MAX,
            tables: u64::MAX,
            instances: u64::MAX,
            bytes,
            elements: u64::MAX,
        };
        // SAFETY: a valid handle; the limits are borrowed.
        unsafe { wasmrt_store_set_limits(self.handle(), ptr::from_ref(&limits)) };
    }
}

fn done(success: bool) -> Result<(), Error> {
    if success { Ok(()) } else { Err(Error::last()) }
}
