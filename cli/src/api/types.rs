//! Types of imports and exports as plain data, written as `inspect` shows them.

use super::value::Kind;
use std::fmt;
use wasmrt::capi::externtype::*;
use wasmrt::capi::functype::*;
use wasmrt::capi::globaltype::*;
use wasmrt::capi::limits64::*;
use wasmrt::capi::memorytype::*;
use wasmrt::capi::tabletype::*;
use wasmrt::capi::types::*;
use wasmrt::capi::valtype::*;

#[derive(Clone, PartialEq, Eq)]
pub struct FuncType {
    pub params: Vec<Kind>,
    pub results: Vec<Kind>,
}

pub enum ExternType {
    Func(FuncType),
    Global { content: Kind, mutable: bool },
    Table { element: Kind, limits: Limits },
    Memory(Limits),
    Tag(FuncType),
}

/// In pages or elements.
pub struct Limits {
    min: u64,
    max: Option<u64>,
    flags: u32,
}

impl FuncType {
    /// # Safety
    /// A valid handle.
    pub(super) unsafe fn of(ty: *const wasm_functype_t) -> FuncType {
        // SAFETY: as promised by the caller; the vectors are lent by the type.
        unsafe {
            FuncType {
                params: kinds(wasm_functype_params(ty)),
                results: kinds(wasm_functype_results(ty)),
            }
        }
    }
}

/// # Safety
/// A valid vector.
unsafe fn kinds(types: *const wasm_valtype_vec_t) -> Vec<Kind> {
    // SAFETY: as promised by the caller.
    let types = unsafe { &*types };
    // SAFETY: the vector has so many elements.
    (0..types.size).map(|i| unsafe { Kind::of(*types.data.add(i)) }).collect()
}

impl ExternType {
    /// # Safety
    /// A valid handle.
    pub(super) unsafe fn of(ty: *const wasm_externtype_t) -> ExternType {
        // SAFETY: as promised by the caller; the casts are those of the kind.
        unsafe {
            match wasm_externtype_kind(ty) {
                WASM_EXTERN_FUNC => {
                    ExternType::Func(FuncType::of(wasm_externtype_as_functype_const(ty)))
                }
                WASM_EXTERN_GLOBAL => {
                    let ty = wasm_externtype_as_globaltype_const(ty);
                    ExternType::Global {
                        content: Kind::of(wasm_globaltype_content(ty)),
                        mutable: wasm_globaltype_mutability(ty) == WASM_VAR,
                    }
                }
                WASM_EXTERN_TABLE => {
                    let ty = wasm_externtype_as_tabletype_const(ty);
                    ExternType::Table {
                        element: Kind::of(wasm_tabletype_element(ty)),
                        limits: Limits::written(|out| wasmrt_tabletype_limits(ty, out)),
                    }
                }
                WASM_EXTERN_MEMORY => {
                    let ty = wasm_externtype_as_memorytype_const(ty);
                    ExternType::Memory(Limits::written(|out| wasmrt_memorytype_limits(ty, out)))
                }
                _ => {
                    let ty = wasm_externtype_as_tagtype_const(ty);
                    ExternType::Tag(FuncType::of(wasm_tagtype_functype(ty)))
                }
            }
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            ExternType::Func(_) => "function",
            ExternType::Global { .. } => "global",
            ExternType::Table { .. } => "table",
            ExternType::Memory(_) => "memory",
            ExternType::Tag(_) => "tag",
        }
    }
}

impl Limits {
    fn written(write: impl FnOnce(*mut wasmrt_limits_t)) -> Limits {
        let mut limits = wasmrt_limits_t { min: 0, max: 0, flags: 0 };
        write(&mut limits);
        let has = |flag: wasmrt_limits_flag_enum| limits.flags & flag as u32 != 0;
        let max = has(wasmrt_limits_flag_enum::WASMRT_LIMITS_HAS_MAX).then_some(limits.max);
        Limits { min: limits.min, max, flags: limits.flags }
    }

    fn has(&self, flag: wasmrt_limits_flag_enum) -> bool {
        self.flags & flag as u32 != 0
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "({})", list(&self.params))?;
        match self.results.as_slice() {
            [] => Ok(()),
            [result] => write!(f, " -> {result}"),
            results => write!(f, " -> ({})", list(results)),
        }
    }
}

fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(Kind::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use wasmrt_limits_flag_enum::*;
        match self {
            ExternType::Func(ty) | ExternType::Tag(ty) => write!(f, "{ty}"),
            ExternType::Global { content, mutable: false } => write!(f, "{content}"),
            ExternType::Global { content, mutable: true } => write!(f, "mut {content}"),
            ExternType::Table { element, limits } => write!(f, "{element}, {limits} elements"),
            ExternType::Memory(limits) => {
                let bytes = limits.has(WASMRT_LIMITS_BYTE_PAGES);
                write!(f, "{limits} {}", if bytes { "bytes" } else { "pages" })
            }
        }?;
        match self {
            ExternType::Table { limits, .. } | ExternType::Memory(limits) => {
                let remarks = [(WASMRT_LIMITS_INDEX64, "64-bit"), (WASMRT_LIMITS_SHARED, "shared")];
                remarks
                    .into_iter()
                    .filter(|(flag, _)| limits.has(*flag))
                    .try_for_each(|(_, remark)| write!(f, ", {remark}"))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.max {
            Some(max) if max == self.min => write!(f, "{max}"),
            Some(max) => write!(f, "{} to {max}", self.min),
            None => write!(f, "{} or more", self.min),
        }
    }
}
