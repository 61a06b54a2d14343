//! Why a stub could not be made.

/// Why there is no stub.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StubError {
    OutOfMemory,
    /// The system does not allow memory to become executable.
    Refused,
    /// A value that `wasm_val_t` cannot hold, or more values than a guest function may have.
    Unsupported,
}
