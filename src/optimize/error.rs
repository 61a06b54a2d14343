//! Why a function was not compiled.

use std::fmt;
use wasmparser::BinaryReaderError;

/// Why a function was not compiled.
#[derive(Debug)]
pub enum CompileError {
    /// The body is not valid; carries the byte offset.
    Invalid(BinaryReaderError),
    /// The function is too large or too complicated for the code generator.
    Limit(&'static str),
    /// A fault of this library.
    Internal(String),
}

impl CompileError {
    pub(super) fn internal(what: impl Into<String>) -> CompileError {
        CompileError::Internal(what.into())
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Invalid(e) => e.fmt(f),
            CompileError::Limit(what) => f.write_str(what),
            CompileError::Internal(what) => write!(f, "internal error: {what}"),
        }
    }
}

impl std::error::Error for CompileError {}

impl From<BinaryReaderError> for CompileError {
    fn from(e: BinaryReaderError) -> Self {
        CompileError::Invalid(e)
    }
}

/// What translating one instruction yields.
pub(super) type Translated = Result<(), CompileError>;
