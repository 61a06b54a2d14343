//! The optimizing compiler: WebAssembly to Cranelift's intermediate form, one pass per function.
//!
//! [`FunctionCompiler::compile`] reads a body once; each instruction is validated and then translated by the file
//! of its family. The result is a [`FunctionCode`](crate::abi::FunctionCode), which depends on its module but
//! contains no instance, address or canonical id.
//!
//! ```text
//! compiler    one function from body to code
//! isa         Cranelift's description of this machine
//! budget      how much memory that takes
//! effort, chains, overlaps   which functions are oversized
//! translation the way through a body: charges of fuel, memory, and what is too costly
//! inlining    which calls are inlined; what callees are like; their bodies in place of the calls
//! callees, inlined
//! awaited     which bodies must have arrived before that can be decided
//! places      which instruction of which function code belongs to
//! translator  the state of a translation; values that stay constant
//! operands, locals  the operand stack and the local variables
//! dispatch    instruction -> family
//! control, branch_table, calls, numeric, conversion, memory, bulk, table, globals, references,
//! simd*, atomics, wide, exceptions, legacy_exceptions   the families
//! copy_fill   memory.copy and memory.fill without the runtime
//! metering    how metered code takes fuel
//! guarded     indirect calls whose targets are probably known
//! unused      code that was not executed so far
//! observed    what the running module shows
//! loop_entry  code that continues a running loop
//! bounds      addresses in linear memory, with the checks of `abi::bounds`: part of the sandbox
//! traps       how a failed check becomes a trap: part of the sandbox
//! accesses    which access to memory a fault belongs to
//! regions     which memory accesses can never meet
//! block_ends  branches and returns in finished machine code: part of the sandbox
//! epilogue    shorter function ends: part of the sandbox
//! emit        machine code and its sites; the stack check in front of it
//! loop_depths the loops around each instruction
//! placement   where in a cache line a function begins
//! ```

mod accesses;
mod addresses;
mod atomics;
mod awaited;
mod block_ends;
mod block_types;
mod bounds;
mod branch_table;
mod budget;
mod bulk;
mod callees;
mod calls;
mod chains;
mod compiler;
mod control;
mod conversion;
mod copy_fill;
mod dispatch;
mod effort;
mod emit;
mod entered_loop;
mod epilogue;
mod error;
mod exceptions;
mod globals;
mod guarded;
mod inlined;
mod inlining;
mod isa;
mod legacy_exceptions;
mod locals;
mod loop_depths;
mod loop_entry;
mod loop_order;
mod memory;
mod metering;
mod numeric;
mod observed;
mod operands;
mod overlaps;
mod placement;
mod places;
mod references;
mod regions;
mod simd;
mod table;
#[cfg(test)]
mod tests;
mod translation;
mod translator;
mod traps;
mod unused;
mod value_types;
mod wide;

pub use awaited::awaited_body;
pub use compiler::{FunctionCompiler, Request};
pub use error::CompileError;
pub use isa::{Isa, IsaConfig};
pub use observed::{LikelyTargets, Observed};
