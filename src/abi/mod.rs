//! What every compiler, stub and runtime structure must agree on.
//!
//! Machine code knows the runtime only through this folder: where a signature's values are passed ([`signature`]),
//! the layout of instances and stores ([`vmctx`], [`layout`]) and of the stack ([`frames`]), which builtins it may
//! call ([`builtins`]), how code is counted ([`budgets`]), how accesses to memory are checked ([`bounds`]), where code
//! enters running loops ([`loop_frame`]) and how traps are numbered ([`trap`]).
//! Nothing here knows a parser, a compiler or a store's internals.

pub mod bounds;
pub mod budgets;
pub mod builtins;
pub mod call_targets;
pub mod features;
pub mod frames;
pub mod function_code;
pub mod layout;
pub mod loop_frame;
pub mod mode;
pub mod signature;
pub mod trap;
pub mod trap_record;
pub mod value;
pub mod vmctx;

pub use builtins::Builtin;
pub use features::Features;
pub use function_code::{CallRelocation, FunctionCode, Site, SiteDetails};
pub use layout::VmLayout;
pub use mode::{Bounds, CodeMode, DirectCalls, Metering, Tier, Traps, Variant};
pub use trap::TrapCode;
pub use trap_record::{TrapReason, TrapRecord};
