//! `wasmrt_limits_t`: limits beyond 32 bits.
//!
//! Types of memories and tables keep the full limits ([`Limits64`]) beside those of `wasm.h`, which are
//! saturated.

use super::guard::guard;
use super::handle::write_out;
use super::types::*;
use crate::error::Error;
use crate::types::{Limits, MemoryType, PageSize};

/// The bits of `flags` in `wasmrt_limits_t`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_limits_flag_enum {
    /// There is a maximum.
    WASMRT_LIMITS_HAS_MAX = 1,
    /// Indices are 64 bits wide.
    WASMRT_LIMITS_INDEX64 = 2,
    /// Threads may share the memory, each through a store of its own (see `wasmrt_memory_share`).
    WASMRT_LIMITS_SHARED = 4,
    /// The pages of the memory are bytes.
    WASMRT_LIMITS_BYTE_PAGES = 8,
}

const HAS_MAX: u32 = wasmrt_limits_flag_enum::WASMRT_LIMITS_HAS_MAX as u32;
const INDEX64: u32 = wasmrt_limits_flag_enum::WASMRT_LIMITS_INDEX64 as u32;
const SHARED: u32 = wasmrt_limits_flag_enum::WASMRT_LIMITS_SHARED as u32;
const BYTE_PAGES: u32 = wasmrt_limits_flag_enum::WASMRT_LIMITS_BYTE_PAGES as u32;

/// Size limits of a memory, in pages, or of a table, in elements. A page has 64 KiB, or one byte if
/// `flags` has `WASMRT_LIMITS_BYTE_PAGES`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_limits_t {
    /// Minimum size.
    pub min: u64,
    /// Maximum size, if `flags` has `WASMRT_LIMITS_HAS_MAX`. Otherwise the library writes
    /// `UINT64_MAX` here and ignores what the caller wrote.
    pub max: u64,
    /// A sum of `WASMRT_LIMITS_...` bits.
    pub flags: u32,
}

/// Limits with everything that the 32-bit limits of `wasm.h` cannot hold.
#[derive(Clone, Copy)]
pub struct Limits64 {
    pub limits: Limits,
    pub is_64: bool,
    pub shared: bool,
    pub page: PageSize,
}

impl From<MemoryType> for Limits64 {
    fn from(ty: MemoryType) -> Limits64 {
        let MemoryType { limits, is_64, shared, page } = ty;
        Limits64 { limits, is_64, shared, page }
    }
}

impl Limits64 {
    /// The limits of a table.
    pub fn of_table(limits: Limits, is_64: bool) -> Limits64 {
        Limits64 { limits, is_64, shared: false, page: PageSize::Usual }
    }

    /// The limits of `wasm.h`, saturated.
    pub fn narrow(&self) -> wasm_limits_t {
        let clamp = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        wasm_limits_t {
            min: clamp(self.limits.min),
            max: self.limits.max.map_or(LIMITS_NO_MAX, clamp),
        }
    }

    /// The type of a memory that the engine can make. A type may have a maximum beyond what can be
    /// addressed, but no module could declare or import such a memory.
    pub fn memory_type(&self) -> Result<MemoryType, Error> {
        let Limits64 { limits, is_64, shared, page } = *self;
        let ty = MemoryType { limits, is_64, shared, page };
        let most = ty.index_space_pages();
        if limits.max.is_some_and(|max| max > most) {
            return Err(Error::argument(format!("the maximum of a memory is beyond {most} pages")));
        }
        Ok(ty)
    }

    fn to_c(self) -> wasmrt_limits_t {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let flags = flag(self.limits.max.is_some(), HAS_MAX)
            | flag(self.is_64, INDEX64)
            | flag(self.shared, SHARED)
            | flag(self.page == PageSize::Byte, BYTE_PAGES);
        wasmrt_limits_t { min: self.limits.min, max: self.limits.max.unwrap_or(u64::MAX), flags }
    }
}

/// The full limits for what the caller gave; NULL and `min > max` are refused.
///
/// # Safety
/// `limits` is NULL or valid.
pub unsafe fn widen(limits: *const wasm_limits_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    let limits = unsafe { limits.as_ref() }.ok_or_else(|| Error::argument("limits are NULL"))?;
    let max = (limits.max != LIMITS_NO_MAX).then_some(u64::from(limits.max));
    checked(Limits64 {
        limits: Limits { min: limits.min.into(), max },
        is_64: false,
        shared: false,
        page: PageSize::Usual,
    })
}

fn checked(limits: Limits64) -> Result<Limits64, Error> {
    let Limits { min, max } = limits.limits;
    if let Some(max) = max.filter(|max| min > *max) {
        let text = format!("the minimum, {min}, is greater than the maximum, {max}");
        return Err(Error::argument(text));
    }
    Ok(limits)
}

/// The full limits for what the caller gave.
///
/// # Safety
/// `limits` is NULL or valid.
pub unsafe fn from_c(limits: *const wasmrt_limits_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    let limits = unsafe { limits.as_ref() }.ok_or_else(|| Error::argument("limits are NULL"))?;
    let wasmrt_limits_t { min, max, flags } = *limits;
    if flags & !(HAS_MAX | INDEX64 | SHARED | BYTE_PAGES) != 0 {
        return Err(Error::argument(format!("unknown flags of limits: {flags}")));
    }
    let max = (flags & HAS_MAX != 0).then_some(max);
    let is_64 = flags & INDEX64 != 0;
    if !is_64 && min.max(max.unwrap_or(0)) > u64::from(u32::MAX) {
        return Err(Error::argument("limits beyond 32 bits need WASMRT_LIMITS_INDEX64"));
    }
    let shared = flags & SHARED != 0;
    let page = if flags & BYTE_PAGES != 0 { PageSize::Byte } else { PageSize::Usual };
    checked(Limits64 { limits: Limits { min, max }, is_64, shared, page })
}

/// # Safety
/// `out` is NULL or valid for writes.
pub unsafe fn give_limits(
    out: *mut wasmrt_limits_t,
    limits: impl FnOnce() -> Result<Limits64, Error>,
) {
    // SAFETY: as promised by the caller.
    unsafe { write_out(out, wasmrt_limits_t { min: 0, max: 0, flags: 0 }) };
    guard(|| {
        let limits = limits()?.to_c();
        // SAFETY: as promised by the caller.
        unsafe { write_out(out, limits) };
        Ok(())
    });
}
