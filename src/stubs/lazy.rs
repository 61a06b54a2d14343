//! Stubs for functions that have no code yet.
//!
//! The slot of such a function holds the address of a stub that passes the function's number and its own address to
//! the builtin `CurrentCode`, which compiles the function and continues there. The instance is known from the context
//! that every call passes, so stub number n serves function n of every module, and an engine makes each number's stub
//! once. A stub's address may stay in a table's element after the function was compiled: the builtin then continues at
//! the address in the slot.
//!
//! ```text
//! lea r10, [rip + stub]
//! mov eax, n
//! jmp end            end:  mov r11, [rdi + builtins]
//!                          jmp [r11 + CurrentCode]
//! ```

use crate::abi::Builtin;
use crate::abi::vmctx::VMCTX_BUILTINS;
use crate::asm::registers::INT_ARG_REGS;
use crate::asm::x64::{Assembler, Label, Mem, R10, R11, RAX, Width};
use crate::code::{CodeError, CodeMemory, PublishedCode};
use crate::observe::{Known, StubKind, Tools};
use crate::sys::OutOfMemory;
use crate::sys::lock::ForkMutex;

/// Bytes of a stub.
const STUB: usize = 17;

/// Numbers in the first block, and the most in any: each block has three times as many as all before it.
const FIRST: usize = 64;
const MOST: usize = 2048;

/// The stubs of an engine, in blocks for consecutive numbers.
pub struct LazyStubs {
    memory: CodeMemory,
    tools: Tools,
    blocks: ForkMutex<Blocks>,
}

#[derive(Default)]
struct Blocks {
    code: Vec<Block>,
    /// How many stubs there are.
    count: usize,
}

struct Block {
    _known: Known,
    code: PublishedCode,
    /// How many stubs it has.
    count: usize,
}

impl LazyStubs {
    pub fn new(memory: CodeMemory, tools: Tools) -> LazyStubs {
        LazyStubs { memory, tools, blocks: ForkMutex::default() }
    }

    /// The addresses of the first `count` stubs.
    pub fn get(&self, count: usize) -> Result<StubAddresses, CodeError> {
        let _reports = self.tools.reports();
        let mut blocks = self.blocks.lock();
        while blocks.count < count {
            blocks.add(&self.memory, &self.tools)?;
        }
        let mut ranges = Vec::new();
        ranges.try_reserve_exact(blocks.code.len()).map_err(out_of_memory)?;
        ranges.extend(blocks.code.iter().map(|block| (block.code.rx() as usize, block.count)));
        Ok(StubAddresses { blocks: ranges, block: 0, at: 0, left: count })
    }
}

impl Blocks {
    fn add(&mut self, memory: &CodeMemory, tools: &Tools) -> Result<(), CodeError> {
        let count = (3 * self.count).clamp(FIRST, MOST);
        self.code.try_reserve(1).map_err(out_of_memory)?;
        let bytes = emit(self.count as u32, count).ok_or(out_of_memory(()))?;
        let mut block = memory.allocate(bytes.len())?;
        block.write(0, &bytes)?;
        let code = block.publish()?;
        self.code.push(Block { _known: tools.stub(StubKind::Lazy, &code), code, count });
        self.count += count;
        Ok(())
    }
}

fn out_of_memory<E>(_: E) -> CodeError {
    CodeError::OutOfMemory(OutOfMemory { bytes: 0 })
}

fn emit(first: u32, count: usize) -> Option<Vec<u8>> {
    let mut asm = Assembler::with_capacity(count * STUB + 32);
    let mut end = Label::default();
    for number in first..first + count as u32 {
        let mut stub = asm.here();
        asm.lea_label(R10, &mut stub);
        asm.set(RAX, number);
        asm.jump(&mut end);
    }
    asm.bind(&mut end);
    if asm.len() != count * STUB {
        return None;
    }
    asm.load(Width::B64, R11, Mem(INT_ARG_REGS[0], VMCTX_BUILTINS));
    asm.jump_mem(Mem(R11, Builtin::CurrentCode.offset()));
    asm.finish()
}

/// Addresses of stubs, by number from zero on.
pub struct StubAddresses {
    /// Address and number of stubs of each block.
    blocks: Vec<(usize, usize)>,
    block: usize,
    at: usize,
    left: usize,
}

impl Iterator for StubAddresses {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        if self.at == self.blocks.get(self.block)?.1 {
            (self.block, self.at) = (self.block + 1, 0);
        }
        let address = self.blocks.get(self.block)?.0 + self.at * STUB;
        self.at += 1;
        Some(address)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for StubAddresses {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Backing;

    #[test]
    fn every_number_has_one_stub_which_knows_it() {
        let stubs = LazyStubs::new(CodeMemory::new(Backing::Auto), Tools::default());
        let few: Vec<usize> = stubs.get(3).unwrap().collect();
        let many: Vec<usize> = stubs.get(9000).unwrap().collect();
        assert_eq!((few.len(), many.len()), (3, 9000));
        assert_eq!(few, many[..3]);
        assert_eq!(stubs.get(0).unwrap().len(), 0);
        for (number, stub) in many.into_iter().enumerate() {
            let code: *const [u8; STUB] = std::ptr::with_exposed_provenance(stub);
            // SAFETY: a stub has this many bytes, which are mapped as long as `stubs` lives.
            let code = unsafe { *code };
            assert_eq!(code[..7], [0x4c, 0x8d, 0x15, 0xf9, 0xff, 0xff, 0xff], "{number}");
            assert_eq!(code[8..12], (number as u32).to_le_bytes());
        }
    }
}
