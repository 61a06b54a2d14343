//! Errors: why a module was refused or an operation of the library failed.
//!
//! An `Error` is one word wide, so that a `Result` of it travels in registers. Its parts (kind, phase, position)
//! are kept separately and become text only at the edge, in `Display`. Traps are caused by guest code and are a
//! type of their own. The error for exhausted memory needs no memory.

use crate::quote::Quoted;
use crate::types::FuncIndex;
use std::borrow::Cow;
use std::fmt;

/// What is wrong. The numbers are part of the C interface: never renumbered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ErrorKind {
    /// The bytes are not a module.
    Malformed = 1,
    /// The module breaks a rule of validation.
    Invalid = 2,
    /// A module that needs a proposal which the engine lacks; the message names it.
    Unsupported = 3,
    /// A limit of the engine or of the implementation was exceeded.
    Limit = 4,
    OutOfMemory = 5,
    /// Imports are missing or do not match.
    Link = 6,
    /// The caller passed an argument that the function does not accept.
    Argument = 7,
    /// A bug in the library.
    Internal = 8,
    /// The operating system or the processor refused something.
    System = 9,
    /// Serialized data that this engine cannot use; the module can be compiled again from its bytes.
    Serialized = 10,
}

/// The operation that failed. The numbers are part of the C interface: never renumbered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Phase {
    Other = 0,
    Decode = 1,
    Validate = 2,
    Compile = 3,
    Link = 4,
    Instantiate = 5,
    Call = 6,
}

/// An error. `None` stands for exhausted memory.
#[derive(Clone)]
pub struct Error(Option<Box<Detail>>);

#[derive(Clone)]
struct Detail {
    kind: ErrorKind,
    phase: Phase,
    message: Cow<'static, str>,
    offset: Option<u64>,
    function: Option<FuncIndex>,
    function_name: Option<String>,
    imports: Vec<u32>,
}

impl Error {
    pub const OUT_OF_MEMORY: Error = Error(None);

    #[cold]
    pub fn new(kind: ErrorKind, phase: Phase, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Some(Box::new(Detail {
            kind,
            phase,
            message: message.into(),
            offset: None,
            function: None,
            function_name: None,
            imports: Vec::new(),
        })))
    }

    #[cold]
    pub fn out_of_memory() -> Error {
        Error(None)
    }

    #[cold]
    pub fn limit(phase: Phase, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Limit, phase, message)
    }

    #[cold]
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Argument, Phase::Other, message)
    }

    #[cold]
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Internal, Phase::Other, message)
    }

    #[cold]
    pub fn system(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::System, Phase::Other, message)
    }

    /// The module needs `proposal`; `message` says where.
    #[cold]
    pub fn unsupported(phase: Phase, proposal: &str, message: &str) -> Error {
        let text =
            if message.is_empty() { proposal.to_owned() } else { format!("{proposal}: {message}") };
        Error::new(ErrorKind::Unsupported, phase, text)
    }

    /// These imports (by number) are missing or do not match; `message` describes them all.
    #[cold]
    pub fn link(imports: Vec<u32>, message: impl Into<Cow<'static, str>>) -> Error {
        let mut error = Error::new(ErrorKind::Link, Phase::Link, message);
        if let Some(detail) = &mut error.0 {
            detail.imports = imports;
        }
        error
    }

    /// Adds the byte offset in the module.
    pub fn at(mut self, offset: u64) -> Error {
        if let Some(detail) = &mut self.0 {
            detail.offset = Some(offset);
        }
        self
    }

    /// Adds the function in which the error occurred.
    pub fn in_function(mut self, func: FuncIndex, name: Option<String>) -> Error {
        if let Some(detail) = &mut self.0 {
            detail.function = Some(func);
            detail.function_name = name;
        }
        self
    }

    /// Sets the phase, unless it was set already.
    pub fn during(mut self, phase: Phase) -> Error {
        if let Some(detail) = self.0.as_mut().filter(|d| d.phase == Phase::Other) {
            detail.phase = phase;
        }
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.as_ref().map_or(ErrorKind::OutOfMemory, |d| d.kind)
    }

    pub fn phase(&self) -> Phase {
        self.0.as_ref().map_or(Phase::Other, |d| d.phase)
    }

    /// Offset in the module's bytes.
    pub fn byte_offset(&self) -> Option<u64> {
        self.0.as_ref()?.offset
    }

    pub fn function(&self) -> Option<FuncIndex> {
        self.0.as_ref()?.function
    }

    pub fn function_name(&self) -> Option<&str> {
        self.0.as_ref()?.function_name.as_deref()
    }

    /// Numbers of the imports that are missing or do not match.
    pub fn imports(&self) -> &[u32] {
        self.0.as_ref().map_or(&[], |d| &d.imports)
    }

    /// The message, without kind and position.
    pub fn message(&self) -> &str {
        self.0.as_ref().map_or("out of memory", |d| &d.message)
    }
}

impl ErrorKind {
    /// The beginning of an error's text.
    fn heading(self) -> &'static str {
        match self {
            ErrorKind::Malformed => "malformed module",
            ErrorKind::Invalid => "invalid module",
            ErrorKind::Unsupported => "unsupported proposal",
            ErrorKind::Limit => "limit exceeded",
            ErrorKind::OutOfMemory => "out of memory",
            ErrorKind::Link => "link error",
            ErrorKind::Argument => "wrong argument",
            ErrorKind::Internal => "internal error",
            ErrorKind::System => "system error",
            ErrorKind::Serialized => "serialized module refused",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(detail) = &self.0 else {
            return f.write_str("out of memory");
        };
        f.write_str(detail.kind.heading())?;
        if let Some(func) = detail.function {
            write!(f, ": function {}", func.0)?;
            if let Some(name) = &detail.function_name {
                write!(f, " {}", Quoted(name))?;
            }
        }
        write!(f, ": {}", detail.message)?;
        match detail.offset {
            Some(offset) => write!(f, " (at offset {offset:#x})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:?} in {:?}] {self}", self.kind(), self.phase())
    }
}

impl std::error::Error for Error {}

/// Memory could not be reserved.
impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Error {
        Error::out_of_memory()
    }
}

impl From<crate::sys::OutOfMemory> for Error {
    fn from(_: crate::sys::OutOfMemory) -> Error {
        Error::out_of_memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn the_text_says_kind_function_and_offset() {
        let error = Error::new(ErrorKind::Invalid, Phase::Validate, "type mismatch")
            .at(0x2a)
            .in_function(FuncIndex(3), Some("main".into()));
        assert_eq!(
            error.to_string(),
            "invalid module: function 3 \"main\": type mismatch (at offset 0x2a)"
        );
        assert_eq!(Error::out_of_memory().to_string(), "out of memory");
        assert_eq!(Error::out_of_memory().kind(), ErrorKind::OutOfMemory);
    }

    #[test]
    fn a_link_error_keeps_the_import_numbers() {
        let error = Error::link(vec![1, 4], "two imports are missing");
        assert_eq!(error.imports(), [1, 4]);
        assert_eq!(error.phase(), Phase::Link);
    }
}
