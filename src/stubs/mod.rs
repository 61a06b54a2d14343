//! Stubs: the transitions between the host and guest code.
//!
//! Host code enters guest code through an entry stub of the function's type ([`entry`]). Guest code calls the
//! host through an import stub of the function's type ([`import`]), and the runtime through a builtin stub
//! ([`builtins`]). Entry and import stubs take values in arrays, or are C functions that take them in registers.
//! Each transition switches the floating-point mode to that of the other side ([`float_mode`]). [`throw`] takes
//! an exception to its handler. Functions that have no code yet have stubs as well ([`lazy`], [`current_code`]).
//! [`walk`] finds the frames that stubs leave on the stack. Stubs are machine code that this folder emits
//! itself, so that running a module needs no compiler; each function type keeps its own ([`cache`]).

pub mod builtins;
pub mod cache;
pub mod current_code;
pub mod entry;
mod error;
pub mod float_mode;
pub mod import;
mod lazy;
pub mod saved_state;
pub mod throw;
mod values;
pub mod walk;

pub use cache::{StubMaker, Stubs};
pub use entry::EntryStub;
pub use error::StubError;
pub use float_mode::FloatCheck;
pub use import::ImportKind;
pub use lazy::LazyStubs;
