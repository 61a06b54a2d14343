//! Errors of the parser and the validator, as our own.
//!
//! The validator does not say whether a module is malformed or invalid. It is malformed if reading alone fails, so a
//! failed section is read again without validation. A few rules on the order and number of sections belong to the
//! binary format although the validator checks them.

use super::proposals;
use crate::error::{Error, ErrorKind, Phase};
use crate::quote::Visible;
use wasmparser::{Payload, WasmFeatures};

/// Rules of the binary format that the validator checks, by its messages.
const FORMAT_RULES: &[&str] = &[
    "out of order",
    "inconsistent length",
    "unexpected content after",
    "unexpected end",
    "unknown binary version",
    "malformed",
];

/// The validator's messages when an implementation limit is exceeded.
const LIMITS: &[&str] = &[
    "exceeds limit",
    "exceeds the limit",
    "exceed maximum",
    "implementation limit",
    "size is out of bounds",
];

/// Bytes that cannot be read.
#[cold]
pub fn malformed(error: wasmparser::Error) -> Error {
    convert(error, ErrorKind::Malformed)
}

/// Converts an error of `wasmparser`; `kind` applies unless its text is more specific.
#[cold]
fn convert(error: wasmparser::Error, kind: ErrorKind) -> Error {
    let message = error.message();
    if let Some(feature) = error.missing_wasm_feature() {
        return unsupported(feature, construct(message)).at(error.offset());
    }
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    let kind = if says(LIMITS) {
        ErrorKind::Limit
    } else if says(FORMAT_RULES) {
        ErrorKind::Malformed
    } else {
        kind
    };
    let phase = if kind == ErrorKind::Malformed { Phase::Decode } else { Phase::Validate };
    Error::new(kind, phase, Visible(message).to_string()).at(error.offset())
}

/// What needs a proposal that the engine lacks; `construct` may say more.
#[cold]
pub fn unsupported(feature: WasmFeatures, construct: &str) -> Error {
    Error::unsupported(Phase::Validate, proposals::name(feature), construct)
}

/// The part of the validator's message that names the construct. The rest says that a feature is off: users cannot
/// switch it on, and the kind of the error already says so.
fn construct(message: &str) -> &str {
    if message.contains("not enabled") { "" } else { message }
}

/// The validator refused this section.
#[cold]
pub fn section_error(error: wasmparser::Error, payload: &Payload<'_>) -> Error {
    let kind = kind_of(&error, read_again(payload).err());
    convert(error, kind)
}

fn kind_of(error: &wasmparser::Error, reading: Option<wasmparser::Error>) -> ErrorKind {
    match reading {
        Some(reading) if reading.offset() <= error.offset() => ErrorKind::Malformed,
        _ => ErrorKind::Invalid,
    }
}

fn read_again(payload: &Payload<'_>) -> wasmparser::Result<()> {
    macro_rules! read_all {
        ($section:expr) => {
            $section.clone().into_iter().try_for_each(|item| item.map(|_| ()))
        };
    }
    match payload {
        Payload::TypeSection(s) => read_all!(s),
        Payload::ImportSection(s) => s.clone().into_imports().try_for_each(|i| i.map(|_| ())),
        Payload::FunctionSection(s) => read_all!(s),
        Payload::TableSection(s) => read_all!(s),
        Payload::MemorySection(s) => read_all!(s),
        Payload::GlobalSection(s) => read_all!(s),
        Payload::ExportSection(s) => read_all!(s),
        Payload::ElementSection(s) => read_all!(s),
        Payload::DataSection(s) => read_all!(s),
        _ => Ok(()),
    }
}
