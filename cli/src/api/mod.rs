//! The engine, as this command uses it: owners of handles around the functions of `wasm.h` and `wasmrt.h`.
//!
//! The command is a client of the C interface like any other program; it calls nothing else of the engine. The
//! functions are called by their paths in Rust, so the compiler compares every call with their declaration. All
//! `unsafe` of the command is in this folder. What makes it sound is the same everywhere: an owner holds a handle that
//! is valid until it is dropped, and everything happens on the main thread, unless a comment says otherwise.

mod engine;
mod error;
mod instance;
mod interrupt;
mod job;
mod module;
mod names;
mod profile;
mod store;
pub mod text;
mod trap;
mod types;
mod value;
mod wasi;

pub use engine::{Engine, EngineOptions, Tier};
pub use error::Error;
pub use instance::{Extern, Failure, Instance, TellMissing};
pub use interrupt::Interrupts;
pub use job::Job;
pub use module::{Import, Module};
pub use profile::Profile;
pub use store::Store;
pub use trap::{Frame, Source, Trap};
pub use types::{ExternType, FuncType};
pub use value::Value;
pub use wasi::Wasi;
pub use wasmrt::capi::config::{wasmrt_compile_enum as Mode, wasmrt_metered_enum as Metered};
pub use wasmrt::capi::error::wasmrt_error_kind_enum as ErrorKind;
pub use wasmrt::capi::module::wasmrt_serialize_enum as Contents;
pub use wasmrt::capi::profile::wasmrt_profile_format_enum as ProfileFormat;
pub use wasmrt::capi::timeline::wasmrt_timeline_format_enum as TimelineFormat;
pub use wasmrt::capi::trap::wasmrt_trap_code_enum as TrapCode;

/// A handle that is deleted when its owner is dropped.
macro_rules! owner {
    ($(#[$doc:meta])* $name:ident of $handle:ty, deleted by $delete:path) => {
        $(#[$doc])*
        pub struct $name(std::ptr::NonNull<$handle>);

        impl $name {
            /// The owner of a handle; `None` for NULL.
            pub(super) fn new(handle: *mut $handle) -> Option<$name> {
                std::ptr::NonNull::new(handle).map($name)
            }

            pub(super) fn handle(&self) -> *mut $handle {
                self.0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the owner's handle, which nobody uses any more.
                unsafe { $delete(self.0.as_ptr()) };
            }
        }
    };
}

use owner;
