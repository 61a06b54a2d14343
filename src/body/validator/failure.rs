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

/// An index does not exist.
#[cold]
pub(super) fn unknown(what: &str, index: u32, at: usize) -> Error {
    let text = match what {
        "function" => format!("unknown function {index}: function index out of bounds"),
        "type" => format!("unknown type {index}: type index out of bounds"),
        "table" => format!("unknown table {index}: table index out of bounds"),
        "local" => format!("unknown local {index}: local index out of bounds"),
        "tag" => format!("unknown tag {index}: tag index out of bounds"),
        "elem" => format!("unknown elem segment {index}: segment index out of bounds"),
        _ => format!("unknown {what} {index}"),
    };
    invalid(text, at)
}
