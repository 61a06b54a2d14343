//! Masks against speculation: what the processor executes ahead, past a check that will fail, reads nothing beyond
//! bounds. Only in engines that ask for it (`Extension::Speculation` is absent).
//!
//! A jump is predicted, what is computed from flags is not. So the flags of the check also make a mask: all ones in
//! bounds, else zero.

use super::emitter::Emitter;
use super::registers::SCRATCH;
use crate::abi::features::Extension;
use crate::asm::x64::*;

impl Emitter<'_> {
    fn has_masks(&self) -> bool {
        !self.features.has(Extension::Speculation)
    }

    /// After the jump of a check `cmp index, length`: the index is 0 unless it is below the length.
    pub fn mask_index(&mut self, index: Reg) {
        if self.has_masks() {
            self.asm.alu(Alu::SubBorrow, Width::B64, SCRATCH, SCRATCH);
            self.asm.alu(Alu::And, Width::B64, index, SCRATCH);
        }
    }

    /// Before a check: a register that becomes the mask. To be released.
    pub fn begin_mask(&mut self) -> Option<Reg> {
        self.has_masks().then(|| {
            let mask = self.take();
            self.asm.set_64(mask, u64::MAX);
            mask
        })
    }

    /// After a jump that is taken on the condition: the mask is 0 if it holds.
    pub fn narrow_mask(&mut self, mask: Option<Reg>, condition: Condition) {
        if let Some(mask) = mask {
            self.asm.set(SCRATCH, 0);
            self.asm.move_if(condition, Width::B64, mask, SCRATCH);
        }
    }

    /// A place with its address computed, and masked.
    pub fn masked_place(&mut self, mask: Option<Reg>, place: Mem) -> Mem {
        let Some(mask) = mask else { return place };
        self.asm.lea(SCRATCH, place);
        self.asm.alu(Alu::And, Width::B64, mask, SCRATCH);
        self.release_place(place);
        Mem(mask, 0)
    }
}
