//! Errors of validation.

use crate::error::{Error, ErrorKind, Phase};
use std::borrow::Cow;

/// A rule is broken by the operator at a byte offset.
#[cold]
pub(super) fn invalid(what: impl Into<Cow<'static, str>>, at: usize) -> Error {
    Error::new(ErrorKind::Invalid, Phase::Validate, what).at(at as u64)
}

/// The bytes at an offset are no operator.
#[cold]
pub(super) fn malformed(what: impl Into<Cow<'static, str>>, at: usize) -> Error {
    Error::new(ErrorKind::Malformed, Phase::Decode, what).at(at as u64)
}

/// An index does not exist; `what` ends with the word for its index space.
#[cold]
pub(super) fn unknown(what: &str, index: u32, at: usize) -> Error {
    let space = what.rsplit(' ').next().unwrap_or(what);
    invalid(format!("unknown {what} {index}: {space} index out of bounds"), at)
}
