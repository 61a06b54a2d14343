//! Validation of function bodies (spec: appendix, "Validation Algorithm").
//!
//! [`Validator::step`] validates one operator in place, without making an object of it: its opcode selects an entry of
//! a table ([`entries`]), and nearly all entries are done with types alone. A body is validated only as long as it is
//! right, so errors need not be fast: what cannot be read is read again by wasmparser, whose error says why
//! ([`unreadable`]). Nothing recurses with the depth of the input, and all memory is allocated fallibly.
//!
//! ```text
//! entries      tables of operators
//! operands     the operand stack
//! control      open blocks
//! locals       types of locals
//! blocks       blocks begin and end
//! branches     branches, and tables of them
//! calls        calls and tail calls
//! accesses     what names a memory
//! prefixed     operators with a prefix
//! references   references and tables
//! exceptions   both encodings of exceptions
//! immediates   types in the code
//! unreadable   operators that cannot be read or are not supported
//! failure      errors
//! ```

mod accesses;
mod blocks;
mod branches;
mod calls;
mod control;
mod entries;
mod exceptions;
mod failure;
mod immediates;
mod locals;
mod operands;
mod prefixed;
mod references;
#[cfg(test)]
mod tests;
mod unreadable;

use super::reader::Reader;
use super::watch::Watch;
use crate::binary::validation::Facts;
use crate::error::Error;
use crate::types::{FuncIndex, PackedType};
use control::{BlockType, Frame, FrameKind};
use entries::SINGLE;
use failure::{invalid, malformed, unknown};
use locals::LocalTypes;
use operands::Operands;

/// Validates bodies, one after the other.
#[derive(Default)]
pub struct Stacks {
    operands: Operands,
    control: Vec<Frame>,
    locals: LocalTypes,
}

/// Validates one body.
pub struct Validator<'a, 's> {
    /// The bytes of the module, up to the end of the body.
    bytes: &'a [u8],
    facts: &'a Facts,
    operands: &'s mut Operands,
    control: &'s mut Vec<Frame>,
    locals: &'s mut LocalTypes,
    /// The type of addresses of the first memory.
    address: PackedType,
    /// Static offsets below this number are valid for the first memory.
    offsets: u64,
}

type Step = Result<usize, Error>;
type Checked<T = ()> = Result<T, Error>;

impl<'a, 's> Validator<'a, 's> {
    /// For a function of type `ty`, whose body ends where `bytes` do. Its locals are defined next.
    pub fn new(
        bytes: &'a [u8],
        size: usize,
        facts: &'a Facts,
        ty: u32,
        stacks: &'s mut Stacks,
    ) -> Checked<Self> {
        let Stacks { operands, control, locals } = stacks;
        operands.begin()?;
        locals.begin(facts.params(ty), size)?;
        control.clear();
        let address = facts.memories.first().copied();
        let offsets = match address {
            Some(PackedType::I32) => 1 << 32,
            Some(_) => u64::MAX,
            None => 0,
        };
        let address = address.unwrap_or(PackedType::ANY);
        let mut validator = Validator { bytes, facts, operands, control, locals, address, offsets };
        validator.push_frame(FrameKind::Block, BlockType::Func(ty))?;
        Ok(validator)
    }

    /// The number of operands on the stack.
    #[inline]
    pub fn operands(&self) -> u32 {
        self.operands.count()
    }

    /// Declares locals.
    pub fn define_locals(&mut self, at: u64, count: u32, ty: wasmparser::ValType) -> Checked {
        let ty = self.packed(ty, at as usize)?;
        if self.locals.define(count, ty)? {
            return Ok(());
        }
        let what = "too many locals: locals exceed maximum";
        Err(Error::limit(crate::error::Phase::Validate, what).at(at))
    }

    /// Validates all operators from a position to the end. `check` is told the number of operands before each operator
    /// and at the end.
    #[inline(always)]
    pub fn run(
        &mut self,
        mut at: usize,
        mut check: impl FnMut(u32) -> Checked,
        watch: &mut impl Watch,
    ) -> Checked {
        while at < self.bytes.len() {
            check(self.operands())?;
            at = self.step_inline(at, watch)?;
        }
        check(self.operands())?;
        self.finish(at)
    }

    /// Validates the operator at a position before the end, and returns the position after it.
    #[inline(never)]
    pub fn step(&mut self, at: usize) -> Step {
        self.step_inline(at, &mut ())
    }

    #[inline(always)]
    fn step_inline(&mut self, at: usize, watch: &mut impl Watch) -> Step {
        let mut r = Reader { bytes: self.bytes, pos: at };
        let opcode = r.u8().ok_or_else(|| self.unreadable(at))?;
        match opcode {
            0x02..=0x04 => {
                let kind = match opcode {
                    0x02 => FrameKind::Block,
                    0x03 => FrameKind::Loop,
                    _ => FrameKind::If,
                };
                watch.begin_block(kind == FrameKind::Loop);
                return self.block(r.pos, kind, at);
            }
            0x0b => {
                watch.end();
                self.end(at)?;
            }
            0x0c => {
                let label = self.number(&mut r, at)?;
                self.branch(label, at)?;
            }
            0x0d => {
                let label = self.number(&mut r, at)?;
                self.branch_if(label, at)?;
            }
            0x10 => {
                let func = self.number(&mut r, at)?;
                self.call(func, at)?;
                watch.call(FuncIndex(func));
            }
            0x1a => self.operands.drop_one(at)?,
            0x1b => self.operands.select(at)?,
            0x20 => {
                let local = self.number(&mut r, at)?;
                self.get_local(local, at)?;
                watch.get_local(local);
            }
            0x21 => {
                let local = self.number(&mut r, at)?;
                self.set_local(local, at)?;
                watch.set_local(local);
            }
            0x22 => {
                let local = self.number(&mut r, at)?;
                let ty = self.set_local(local, at)?;
                self.operands.push(ty)?;
                watch.set_local(local);
            }
            0x23 => {
                let global = self.number(&mut r, at)?;
                self.get_global(global, at)?;
                watch.other(self.bytes, at);
            }
            0x24 => {
                let global = self.number(&mut r, at)?;
                self.set_global(global, at)?;
            }
            0x28..=0x3e => {
                watch.access(self.bytes, at);
                let entry = &SINGLE[usize::from(opcode)];
                let is_load = opcode <= 0x35;
                return if is_load {
                    self.load(r.pos, entry, at)
                } else {
                    self.store(r.pos, entry, at)
                };
            }
            0x41 | 0x42 => self.integer(opcode, &mut r, at)?,
            0x45..=0xc4 => self.operands.exchange(&SINGLE[usize::from(opcode)], at)?,
            _ => {
                let after = self.other(opcode, r.pos, at)?;
                watch.other(self.bytes, at);
                return Ok(after);
            }
        }
        Ok(r.pos)
    }

    /// A constant.
    #[inline(always)]
    fn integer(&mut self, opcode: u8, r: &mut Reader<'_>, at: usize) -> Checked {
        let (is_read, ty) = match opcode {
            0x41 => (r.i32().is_some(), PackedType::I32),
            _ => (r.i64().is_some(), PackedType::I64),
        };
        if is_read { self.operands.push(ty) } else { Err(self.unreadable(at)) }
    }

    #[inline(always)]
    fn get_local(&mut self, index: u32, at: usize) -> Checked {
        let ty = self.local(index, at)?;
        if ty.is_unset() {
            return Err(invalid(format!("uninitialized local: {index}"), at));
        }
        self.operands.push(ty)
    }

    /// The type of a local, marked if it has not been set.
    #[inline(always)]
    fn local(&self, index: u32, at: usize) -> Checked<PackedType> {
        self.locals.get(index).ok_or_else(|| unknown("local", index, at))
    }

    #[inline(always)]
    fn set_local(&mut self, index: u32, at: usize) -> Checked<PackedType> {
        let marked = self.local(index, at)?;
        let ty = marked.set();
        self.operands.pop(ty, at)?;
        if marked.is_unset() {
            self.locals.mark_set(index)?;
        }
        Ok(ty)
    }

    fn get_global(&mut self, index: u32, at: usize) -> Checked {
        let global = self.facts.globals.get(index as usize).ok_or_else(|| unknown_global(at))?;
        self.operands.push(global.ty)
    }

    fn set_global(&mut self, index: u32, at: usize) -> Checked {
        let global = self.facts.globals.get(index as usize).ok_or_else(|| unknown_global(at))?;
        if !global.mutable {
            let what = "global is immutable: cannot modify it with `global.set`";
            return Err(invalid(what, at));
        }
        self.operands.pop(global.ty, at)
    }

    /// The other operators of one byte, prefixes, and those that cannot be read.
    #[inline(never)]
    fn other(&mut self, opcode: u8, pos: usize, at: usize) -> Step {
        let mut r = Reader { bytes: self.bytes, pos };
        match opcode {
            0x00 => self.become_unreachable(),
            0x01 => {}
            0x05 => self.begin_else(r.pos)?,
            0x06..=0x0a | 0x18 | 0x19 | 0x1f => return self.exception(opcode, r, at),
            0x0e => return self.branch_table(r, at),
            0x0f => self.return_from_function(at)?,
            0x11..=0x15 => return self.other_call(opcode, r, at),
            0x1c => return self.typed_select(r, at),
            0x25 | 0x26 | 0xd0..=0xd6 => return self.reference(opcode, r, at),
            0x3f | 0x40 => {
                let memory = self.number(&mut r, at)?;
                let address = self.memory(memory, at)?;
                if opcode == 0x40 {
                    self.operands.pop(address, at)?;
                }
                self.operands.push(address)?;
            }
            0x43 => {
                r.bytes::<4>().ok_or_else(|| self.unreadable(at))?;
                self.operands.push(PackedType::F32)?;
            }
            0x44 => {
                r.bytes::<8>().ok_or_else(|| self.unreadable(at))?;
                self.operands.push(PackedType::F64)?;
            }
            0xfc => return self.numeric(r, at),
            0xfd => return self.vector(r, at),
            0xfe => return self.atomic(r, at),
            _ => return Err(self.unreadable(at)),
        }
        Ok(r.pos)
    }

    /// What comes at a position before the end when the function's block has ended.
    #[cold]
    fn too_long(&self, at: usize) -> Error {
        malformed("operators remaining after end of function body or expression", at)
    }

    /// Checks that the function's block has ended, at the end of the body.
    pub fn finish(&self, at: usize) -> Checked {
        if self.control.is_empty() {
            return Ok(());
        }
        Err(malformed("control frames remain at end of function body or expression", at))
    }
}

#[cold]
fn unknown_global(at: usize) -> Error {
    invalid("unknown global: global index out of bounds", at)
}
