//! Operators with a prefix: vectors, atomics, saturating conversions, bulk operations.

use super::entries::{ATOMIC, Entry, Kind, NUMERIC, VECTOR};
use super::failure::{invalid, malformed};
use super::{Checked, Step, Validator};
use crate::body::decode::memarg;
use crate::body::reader::Reader;
use crate::types::PackedType;

impl<'a> Validator<'a, '_> {
    pub(super) fn numeric(&mut self, mut r: Reader<'a>, at: usize) -> Step {
        let (opcode, entry) = self.prefixed(&mut r, &NUMERIC, at)?;
        match entry.kind {
            Kind::Other => return self.bulk(opcode, r, at),
            _ => self.typed(entry, at)?,
        }
        Ok(r.pos)
    }

    pub(super) fn vector(&mut self, mut r: Reader<'a>, at: usize) -> Step {
        let (opcode, entry) = self.prefixed(&mut r, &VECTOR, at)?;
        match entry.kind {
            Kind::Load => return self.load(r.pos, &entry, at),
            Kind::Store => return self.store(r.pos, &entry, at),
            Kind::Lane => {
                let lane = r.u8().ok_or_else(|| self.unreadable(at))?;
                check_lane(lane, entry.lanes, at)?;
                self.operands.exchange(&entry, at)?;
            }
            Kind::LaneAccess => self.lane_access(&mut r, entry, at)?,
            Kind::Plain | Kind::Uniform => self.typed(entry, at)?,
            _ => match opcode {
                0x0c => {
                    r.bytes::<16>().ok_or_else(|| self.unreadable(at))?;
                    self.operands.push(PackedType::V128)?;
                }
                0x0d => self.shuffle(&mut r, at)?,
                _ => return Err(self.unreadable(at)),
            },
        }
        Ok(r.pos)
    }

    pub(super) fn atomic(&mut self, mut r: Reader<'a>, at: usize) -> Step {
        let (opcode, entry) = self.prefixed(&mut r, &ATOMIC, at)?;
        match (entry.kind, opcode) {
            (Kind::Atomic, _) => {
                let (address, after) = self.any_memarg(r.pos, entry.align, true, at)?;
                self.access(entry, address, at)?;
                return Ok(after);
            }
            // The fence.
            (_, 0x03) if r.u8() == Some(0) => {}
            _ => return Err(self.unreadable(at)),
        }
        Ok(r.pos)
    }

    /// Reads the opcode after a prefix.
    fn prefixed(&self, r: &mut Reader<'a>, table: &[Entry], at: usize) -> Checked<(u32, Entry)> {
        let opcode = self.number(r, at)?;
        let entry = table.get(opcode as usize).copied();
        Ok((opcode, entry.unwrap_or(Entry::of(Kind::Other))))
    }

    fn typed(&mut self, entry: Entry, at: usize) -> Checked {
        if entry.kind == Kind::Plain {
            return self.operands.exchange(&entry, at);
        }
        (0..entry.pops).try_for_each(|_| self.operands.pop(entry.gives, at))?;
        (0..entry.pushes).try_for_each(|_| self.operands.push(entry.gives))
    }

    /// An access with up to two operands above its address.
    fn access(&mut self, entry: Entry, address: PackedType, at: usize) -> Checked {
        if entry.pops > 0 {
            self.operands.exchange(&Entry { pushes: 0, ..entry }, at)?;
        }
        self.operands.pop(address, at)?;
        if entry.pushes > 0 { self.operands.push(entry.gives) } else { Ok(()) }
    }

    fn lane_access(&mut self, r: &mut Reader<'a>, entry: Entry, at: usize) -> Checked {
        let mut ahead = *r;
        // The lane must be there even if something is wrong with the access.
        let readable = memarg(&mut ahead, entry.align).and_then(|_| ahead.u8());
        let lane = readable.ok_or_else(|| self.unreadable(at))?;
        let (address, _) = self.any_memarg(r.pos, entry.align, false, at)?;
        *r = ahead;
        check_lane(lane, entry.lanes, at)?;
        self.access(entry, address, at)
    }

    fn shuffle(&mut self, r: &mut Reader<'a>, at: usize) -> Checked {
        let lanes = r.bytes::<16>().ok_or_else(|| self.unreadable(at))?;
        self.operands.pop_all(&[PackedType::V128; 2], at)?;
        lanes.into_iter().try_for_each(|lane| check_lane(lane, 32, at))?;
        self.operands.push(PackedType::V128)
    }

    fn bulk(&mut self, opcode: u32, mut r: Reader<'a>, at: usize) -> Step {
        let first = self.number(&mut r, at)?;
        let mut second = || r.u32().ok_or_else(|| self.unreadable(at));
        match opcode {
            0x08 => {
                let address = self.memory(second()?, at)?;
                self.check_data(first, at)?;
                self.pop_range(PackedType::I32, PackedType::I32, address, at)?;
            }
            0x09 => self.check_data(first, at)?,
            0x0a => {
                let second = second()?;
                let (to, from) = (self.memory(first, at)?, self.memory(second, at)?);
                self.pop_range(shorter(from, to), from, to, at)?;
            }
            0x0b => {
                let address = self.memory(first, at)?;
                self.pop_range(address, PackedType::I32, address, at)?;
            }
            0x0c..=0x11 => return self.bulk_table(opcode, first, r, at),
            _ => return Err(self.unreadable(at)),
        }
        Ok(r.pos)
    }

    /// Takes length, source and destination off the stack.
    pub(super) fn pop_range(
        &mut self,
        length: PackedType,
        from: PackedType,
        to: PackedType,
        at: usize,
    ) -> Checked {
        self.operands.pop_all(&[to, from, length], at)
    }

    fn check_data(&self, segment: u32, at: usize) -> Checked {
        match self.facts.data {
            Some(count) if segment < count => Ok(()),
            Some(_) => Err(invalid(format!("unknown data segment {segment}"), at)),
            None => Err(malformed("data count section required", at)),
        }
    }
}

/// The type of lengths that are valid in two address spaces.
pub(super) fn shorter(from: PackedType, to: PackedType) -> PackedType {
    if from == PackedType::I32 { from } else { to }
}

fn check_lane(lane: u8, lanes: u8, at: usize) -> Checked {
    if lane < lanes {
        return Ok(());
    }
    Err(invalid("SIMD index out of bounds", at))
}
