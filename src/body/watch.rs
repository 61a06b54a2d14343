//! Looking at a body while it is validated, so that it need not be read once more.

use super::locals::Locals;
use crate::error::Error;
use crate::types::FuncIndex;

/// Is told what a body consists of. What it is told of an operator may be before the operator is found invalid.
pub trait Watch {
    /// The body begins; its locals are valid.
    fn begin(&mut self, locals: &Locals) -> Result<(), Error>;

    /// An operator reads a local.
    fn get_local(&mut self, index: u32);

    /// An operator writes a local.
    fn set_local(&mut self, index: u32);

    /// The operator at this position loads or stores a scalar.
    fn access(&mut self, bytes: &[u8], at: usize);

    fn call(&mut self, func: FuncIndex);

    fn begin_block(&mut self, is_loop: bool);

    fn end(&mut self);

    /// The operator at this position is valid, and none of the above. Most operators that only compute are left out.
    fn other(&mut self, bytes: &[u8], at: usize);
}

/// Looks at nothing.
impl Watch for () {
    fn begin(&mut self, _: &Locals) -> Result<(), Error> {
        Ok(())
    }

    fn get_local(&mut self, _: u32) {}

    fn set_local(&mut self, _: u32) {}

    fn access(&mut self, _: &[u8], _: usize) {}

    fn call(&mut self, _: FuncIndex) {}

    fn begin_block(&mut self, _: bool) {}

    fn end(&mut self) {}

    fn other(&mut self, _: &[u8], _: usize) {}
}
