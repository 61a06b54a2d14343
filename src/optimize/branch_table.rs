//! Branch tables.
//!
//! Many entries name few labels, and an entry that carries operands needs a block of its own on the way. So each
//! label gets at most one such block, however many entries name it.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::binary::malformed;
use cranelift_codegen::ir::{self, Block, InstBuilder, JumpTableData, Value};
use hashbrown::HashMap;
use wasmparser::BrTable;

/// Branch tables up to this many entries name their targets directly.
const SMALL_TABLE: u32 = 64;

/// Buffers reused between `br_table`s.
#[derive(Default)]
pub(super) struct BrTableBuffers {
    calls: Vec<ir::BlockCall>,
    /// The block that the entries of a label name.
    blocks: HashMap<u32, Block>,
    /// All entries go through intermediate blocks.
    through_stops: bool,
    /// Labels that need an intermediate block, by first occurrence.
    stops: Vec<(u32, Block)>,
}

impl FuncTranslator<'_> {
    pub(super) fn br_table(&mut self, targets: &BrTable<'_>) -> Translated {
        let index = self.pop1()?;
        let mut scratch = std::mem::take(&mut self.scratch.br_table);
        scratch.calls.clear();
        scratch.blocks.clear();
        scratch.stops.clear();
        scratch.through_stops = targets.len() > SMALL_TABLE;
        let result = self.br_table_with(index, targets, &mut scratch);
        self.scratch.br_table = scratch;
        result
    }

    fn br_table_with(
        &mut self,
        index: Value,
        targets: &BrTable<'_>,
        scratch: &mut BrTableBuffers,
    ) -> Translated {
        scratch.calls.try_reserve(targets.len() as usize).map_err(|_| CompileError::OutOfMemory)?;
        for depth in targets.targets() {
            let call = self.br_table_call(depth.map_err(malformed)?, scratch)?;
            scratch.calls.push(call);
            if self.effort.moves_too_much() {
                return Ok(()); // this translation is abandoned
            }
        }
        let default = self.br_table_call(targets.default(), scratch)?;
        self.effort.branch_table_work += scratch.calls.len() as u64 * scratch.blocks.len() as u64;
        let table = self.b.create_jump_table(JumpTableData::new(default, &scratch.calls));
        self.b.ins().br_table(index, table);
        for &(depth, stop) in &scratch.stops {
            let label = self.label(depth)?;
            self.continue_in(stop);
            self.jump_to(label)?;
            if self.effort.moves_too_much() {
                break; // this translation is abandoned
            }
        }
        Ok(())
    }

    /// An entry of a branch table. One that carries operands goes through an intermediate block, one per label. In
    /// a large table all do: for each local that a target needs, the frontend would otherwise search the whole
    /// table.
    fn br_table_call(
        &mut self,
        depth: u32,
        scratch: &mut BrTableBuffers,
    ) -> Result<ir::BlockCall, CompileError> {
        let block = match scratch.blocks.get(&depth) {
            Some(&block) => block,
            None => {
                let label = self.label(depth)?;
                let direct = label.operands == 0 && !scratch.through_stops;
                let block = if direct { label.block } else { self.create_block() };
                if !direct {
                    scratch.stops.push((depth, block));
                }
                scratch.blocks.insert(depth, block);
                block
            }
        };
        Ok(self.b.func.dfg.block_call(block, &[]))
    }
}
