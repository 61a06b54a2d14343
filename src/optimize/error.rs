//! Why a function was not compiled: the same for all compilers.

pub use crate::body::error::{CompileError, Translated};
