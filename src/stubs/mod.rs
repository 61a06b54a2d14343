//! The doors between the host and guest code.
//!
//! Host code enters guest code through an entry stub of the function's type ([`entry`]), or as a C
//! function through a native one ([`native`]); both make entry frames ([`enter`]). Guest code calls
//! the host through an import stub of the function's type ([`import`], [`native`]), and the runtime
//! through a builtin stub ([`builtins`]). On each way the floating-point mode becomes
//! that of the other side ([`float_mode`]). Stubs are machine code that this folder
//! emits itself, so that running a module needs no compiler; each function type keeps its own ([`cache`]).

pub mod builtins;
pub mod cache;
pub mod enter;
pub mod entry;
pub mod float_mode;
pub mod import;
pub mod leave;
pub mod native;
pub mod values;

pub use cache::{ImportKind, StubError, StubMaker, Stubs};
pub use enter::EntryStub;
pub use float_mode::FloatCheck;
