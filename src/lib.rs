//! wasmrt
