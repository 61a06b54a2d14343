//! Which loops are around a loop.

use super::decode::Operators;
use super::flow::Flow;
use super::operators::{Handler, Position, drive};
use crate::error::Error;
use wasmparser::Operator;

/// The numbers of the loops around the loop with this number, itself included, from outside. Loops are numbered in the
/// order in which they begin; those in dead code do not count. Empty if there is no such loop.
pub fn loops_around(body: Operators<'_>, flow: &mut Flow, number: u32) -> Vec<u32> {
    let mut search = Search { number, ..Search::default() };
    // A body that cannot be read has been refused, or will be.
    let _ = drive(body, flow, &mut search);
    search.found
}

#[derive(Default)]
struct Search {
    number: u32,
    begun: u32,
    /// For each open block the number of the loop that it is.
    open: Vec<Option<u32>>,
    found: Vec<u32>,
}

impl<'a> Handler<'a> for Search {
    type Error = Error;

    fn operator(&mut self, op: &Operator<'a>, _: Position, _: &Flow) -> Result<(), Error> {
        match op {
            Operator::Loop { .. } => {
                self.open.push(Some(self.begun));
                if self.begun == self.number {
                    self.found = self.open.iter().flatten().copied().collect();
                }
                self.begun += 1;
            }
            Operator::Block { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. }
            | Operator::Try { .. } => self.open.push(None),
            Operator::End | Operator::Delegate { .. } => {
                self.open.pop();
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::operators;
    use super::*;
    use crate::types::DefinedFuncIndex;

    #[test]
    fn loops_are_numbered_as_they_begin() {
        let module = super::super::tests::module(
            "(module (func (loop (block (loop)) (if (i32.const 1) (then (loop (loop)))))
                (return) (loop)) (func (loop)))",
        );
        let around = |number| {
            let body = operators(&module, DefinedFuncIndex(0));
            loops_around(body.unwrap(), &mut Flow::default(), number)
        };
        assert_eq!(around(0), [0]);
        assert_eq!(around(1), [0, 1]);
        assert_eq!(around(2), [0, 2]);
        assert_eq!(around(3), [0, 2, 3]);
        assert!(around(4).is_empty());
    }
}
