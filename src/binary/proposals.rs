//! The proposals that the engine supports, and the names of the others.
//!
//! Sections are read with the garbage collection proposal enabled, and its types are refused here, because version
//! 3 of the specification lets a constant expression read any earlier global, which the validator ties to that
//! proposal. Bodies are read without it.

use crate::error::{Error, Phase};
use wasmparser::WasmFeatures;

/// Features that function bodies may use.
pub const BODIES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::WIDE_ARITHMETIC)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::CUSTOM_PAGE_SIZES);

/// Features that the validator accepts in sections.
pub const SECTIONS: WasmFeatures =
    BODIES.union(WasmFeatures::GC).union(WasmFeatures::COMPACT_IMPORTS);

pub const GC: &str = "garbage collection";
const EXCEPTIONS: &str = "exception handling";
const SHARED_EVERYTHING: &str = "shared-everything threads";
pub const COMPONENTS: &str = "component model";
pub const CUSTOM_DESCRIPTORS: &str = "custom descriptors";

/// The proposal of a feature flag that is off.
pub fn name(feature: WasmFeatures) -> &'static str {
    const NAMES: &[(WasmFeatures, &str)] = &[
        (WasmFeatures::GC, GC),
        (WasmFeatures::EXCEPTIONS, EXCEPTIONS),
        (WasmFeatures::SHARED_EVERYTHING_THREADS, SHARED_EVERYTHING),
        (WasmFeatures::COMPONENT_MODEL, COMPONENTS),
        (WasmFeatures::CUSTOM_DESCRIPTORS, CUSTOM_DESCRIPTORS),
        (WasmFeatures::STACK_SWITCHING, "stack switching"),
        (WasmFeatures::MEMORY_CONTROL, "memory control"),
        (WasmFeatures::ACQUIRE_RELEASE_ATOMICS, "acquire-release atomics"),
        (WasmFeatures::MULTIBYTE_ARRAY_ACCESS, "multibyte array access"),
    ];
    let named = NAMES.iter().find(|(flag, _)| *flag == feature);
    named.map_or("a proposal that is not supported", |(_, name)| name)
}

/// Refuses a construct of garbage collection at `offset`.
#[cold]
pub fn no_gc(what: &str, offset: u64) -> Error {
    Error::unsupported(Phase::Validate, GC, what).at(offset)
}
