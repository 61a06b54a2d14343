//! Machine code as memory: where it is written and runs, which code an address belongs to, and which wasm
//! instruction a code offset belongs to.

mod chunk;
mod forks;
mod free_list;
pub mod function_table;
mod growing_block;
mod growing_table;
pub mod memory;
pub mod object;
mod pool;
pub mod registry;
pub mod site_details;
pub mod sites;
mod varint;

pub use chunk::Chunk;
pub use forks::lock as delay_forks;
pub use free_list::FreeList;
pub use growing_block::GrowingBlock;
pub use memory::{Backing, CodeBlock, CodeError, CodeMemory, PublishedCode};
pub use object::{CodeObject, Location, find_caller, find_shared};
