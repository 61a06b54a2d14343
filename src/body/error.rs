//! Why a function was not compiled.

use crate::error::{Error, Phase};
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use std::fmt;

/// Why a function was not compiled.
#[derive(Debug)]
pub enum CompileError {
    /// The body is not valid, or cannot be validated.
    Invalid(Error),
    /// The function is too large or too complicated for the code generator.
    Limit(&'static str),
    /// Compiling it would take more than this many bytes of memory.
    TooMuchMemory {
        allowed: u64,
    },
    OutOfMemory,
    /// A bug in this library.
    Internal(String),
}

impl CompileError {
    pub fn internal(what: impl Into<String>) -> CompileError {
        CompileError::Internal(what.into())
    }

    /// Whether a limit was exceeded: another compiler may succeed.
    pub fn is_limit(&self) -> bool {
        matches!(self, CompileError::Limit(_) | CompileError::TooMuchMemory { .. })
    }

    /// Converts to an error of the library.
    pub fn into_error(self, module: &Module, func: DefinedFuncIndex) -> Error {
        let index = module.func_index(func);
        let error = match self {
            CompileError::Invalid(e) => e,
            CompileError::OutOfMemory => return Error::out_of_memory(),
            CompileError::Limit(what) => Error::limit(Phase::Compile, what),
            CompileError::TooMuchMemory { allowed } => {
                let start = module.bodies.get(func).start;
                Error::limit(Phase::Compile, too_much_memory(allowed)).at(start.into())
            }
            CompileError::Internal(what) => Error::internal(what).during(Phase::Compile),
        };
        error.in_function(index, module.display_name(index))
    }
}

fn too_much_memory(allowed: u64) -> String {
    format!(
        "compiling needs more memory than allowed, which is {allowed} bytes \
         (WASMRT_OPTION_MAX_COMPILE_MEMORY)"
    )
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Invalid(e) => e.fmt(f),
            CompileError::OutOfMemory => f.write_str("out of memory"),
            CompileError::Limit(what) => f.write_str(what),
            CompileError::TooMuchMemory { allowed } => f.write_str(&too_much_memory(*allowed)),
            CompileError::Internal(what) => write!(f, "internal error: {what}"),
        }
    }
}

impl std::error::Error for CompileError {}

impl From<Error> for CompileError {
    fn from(e: Error) -> Self {
        CompileError::Invalid(e)
    }
}

/// The result of translating one instruction.
pub type Translated = Result<(), CompileError>;
