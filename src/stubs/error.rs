//! What keeps a stub from being made.

/// Why there is no stub.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StubError {
    OutOfMemory,
    /// The system does not let memory be made executable.
    Refused,
    /// A value that `wasm_val_t` cannot hold, or more values than a guest function may have.
    Unsupported,
}
