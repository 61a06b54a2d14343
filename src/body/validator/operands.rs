//! The operand stack: types of values.
//!
//! Nearly all operators find exactly the types that they expect, so two operands are compared at once, and all else
//! (subtypes, code that is never reached, errors) is done slowly, one operand after the other.

use super::entries::Entry;
use super::failure::invalid;
use crate::error::Error;
use crate::types::PackedType;

/// Unused places below all operands, so that there are always two to compare.
const FLOOR: usize = 2;

#[derive(Default)]
pub(super) struct Operands {
    /// All places up to its length can be written; those from `top` hold nothing.
    places: Vec<PackedType>,
    top: usize,
    /// Where the operands of the innermost block begin.
    base: usize,
    /// The current position is never reached: below the operands of the block there are as many as needed, of any type.
    polymorphic: bool,
}

type Checked<T = ()> = Result<T, Error>;

impl Operands {
    /// Begins a body.
    pub fn begin(&mut self) -> Checked {
        (self.top, self.base, self.polymorphic) = (FLOOR, FLOOR, false);
        if self.places.len() <= FLOOR { self.grow() } else { Ok(()) }
    }

    #[cold]
    fn grow(&mut self) -> Checked {
        let more = self.places.len().max(64);
        self.places.try_reserve_exact(more)?;
        self.places.resize(self.places.len() + more, PackedType::ANY);
        Ok(())
    }

    #[inline]
    pub fn count(&self) -> u32 {
        (self.top - FLOOR) as u32
    }

    /// The number of operands of the innermost block.
    #[inline]
    pub fn in_block(&self) -> usize {
        self.top - self.base
    }

    /// Where the operands of a block that begins here would begin.
    pub fn height(&self) -> usize {
        self.top
    }

    /// The operands of the innermost block begin at `base` from now on.
    pub fn enter(&mut self, base: usize, polymorphic: bool) {
        (self.base, self.polymorphic) = (base, polymorphic);
    }

    /// What follows is never reached.
    pub fn become_polymorphic(&mut self) {
        (self.top, self.polymorphic) = (self.base, true);
    }

    #[inline(always)]
    pub fn push(&mut self, ty: PackedType) -> Checked {
        match self.places.get_mut(self.top) {
            Some(place) => {
                *place = ty;
                self.top += 1;
                Ok(())
            }
            None => self.push_grown(ty),
        }
    }

    #[cold]
    fn push_grown(&mut self, ty: PackedType) -> Checked {
        self.grow()?;
        self.push(ty)
    }

    pub fn push_all(&mut self, types: &[PackedType]) -> Checked {
        types.iter().try_for_each(|ty| self.push(*ty))
    }

    /// The topmost operand, if it has exactly a type.
    #[inline(always)]
    fn has_on_top(&self, ty: PackedType) -> bool {
        self.top > self.base && self.places.get(self.top - 1) == Some(&ty)
    }

    /// Takes an operand of a type off the stack.
    #[inline(always)]
    pub fn pop(&mut self, expected: PackedType, at: usize) -> Checked {
        if self.has_on_top(expected) {
            self.top -= 1;
            return Ok(());
        }
        self.pop_slowly(Some(expected), at).map(drop)
    }

    /// Takes any operand off the stack.
    #[inline]
    pub fn pop_any(&mut self, at: usize) -> Checked<PackedType> {
        self.pop_slowly(None, at)
    }

    #[inline(never)]
    fn pop_slowly(&mut self, expected: Option<PackedType>, at: usize) -> Checked<PackedType> {
        if self.top == self.base {
            if self.polymorphic {
                return Ok(PackedType::ANY);
            }
            return Err(missing(expected, at));
        }
        let found = self.places[self.top - 1];
        if let Some(expected) = expected
            && !found.matches(expected)
        {
            return Err(mismatch(expected, found, at));
        }
        self.top -= 1;
        Ok(found)
    }

    /// Takes operands of these types off the stack, the last one first.
    pub fn pop_all(&mut self, types: &[PackedType], at: usize) -> Checked {
        types.iter().rev().try_for_each(|ty| self.pop(*ty, at))
    }

    /// Takes a reference off the stack, of the given type if there is one.
    pub fn pop_reference(
        &mut self,
        expected: Option<PackedType>,
        at: usize,
    ) -> Checked<PackedType> {
        match self.pop_slowly(expected, at)? {
            PackedType::ANY => Ok(PackedType::ANY_REF),
            ty if ty.is_ref() => Ok(ty),
            other => Err(invalid(format!("type mismatch: expected ref but found {other}"), at)),
        }
    }

    /// Does what an operator with one or two operands and at most one result does.
    #[inline(always)]
    pub fn exchange(&mut self, entry: &Entry, at: usize) -> Checked {
        let (top, pops) = (self.top, usize::from(entry.pops));
        if let Some(&[second, first]) = self.places.get(top.wrapping_sub(2)..top) {
            let other = (first.bits() ^ entry.top.bits())
                | (second.bits() ^ entry.second.bits()) & entry.mask;
            if other == 0
                && top - self.base >= pops
                && let Some(place) = self.places.get_mut(top - pops)
            {
                *place = entry.gives;
                self.top = top - pops + usize::from(entry.pushes);
                return Ok(());
            }
        }
        self.exchange_slowly(entry, at)
    }

    #[cold]
    #[inline(never)]
    fn exchange_slowly(&mut self, entry: &Entry, at: usize) -> Checked {
        for ty in [entry.top, entry.second].into_iter().take(entry.pops.into()) {
            self.pop(ty, at)?;
        }
        if entry.pushes > 0 { self.push(entry.gives) } else { Ok(()) }
    }

    /// Compares the topmost operands with types, and leaves them.
    pub fn check_all(&self, types: &[PackedType], at: usize) -> Checked {
        let mut top = self.top;
        for expected in types.iter().rev() {
            if top == self.base {
                if self.polymorphic {
                    return Ok(());
                }
                return Err(missing(Some(*expected), at));
            }
            top -= 1;
            if !self.places[top].matches(*expected) {
                return Err(mismatch(*expected, self.places[top], at));
            }
        }
        Ok(())
    }

    /// Takes the condition and the two operands of a `select` without type off the stack, and pushes its result.
    #[inline(always)]
    pub fn select(&mut self, at: usize) -> Checked {
        if self.in_block() >= 3
            && let Some(&[a, b, PackedType::I32]) = self.places.get(self.top - 3..self.top)
            && a == b
            && !a.is_ref()
        {
            self.top -= 2;
            return Ok(());
        }
        self.select_slowly(at)
    }

    #[cold]
    fn select_slowly(&mut self, at: usize) -> Checked {
        self.pop(PackedType::I32, at)?;
        let (b, a) = (self.pop_any(at)?, self.pop_any(at)?);
        if a.is_ref() || b.is_ref() {
            return Err(invalid("type mismatch: select only takes integral types", at));
        }
        let ty = if a == PackedType::ANY { b } else { a };
        if !b.matches(ty) {
            return Err(invalid("type mismatch: select operands have different types", at));
        }
        self.push(ty)
    }

    /// Drops an operand.
    #[inline(always)]
    pub fn drop_one(&mut self, at: usize) -> Checked {
        if self.top > self.base {
            self.top -= 1;
            return Ok(());
        }
        self.pop_slowly(None, at).map(drop)
    }
}

#[cold]
fn mismatch(expected: PackedType, found: PackedType, at: usize) -> Error {
    invalid(format!("type mismatch: expected {expected}, found {found}"), at)
}

#[cold]
fn missing(expected: Option<PackedType>, at: usize) -> Error {
    let expected = expected.map_or_else(|| "a type".to_owned(), |ty| ty.to_string());
    invalid(format!("type mismatch: expected {expected} but nothing on stack"), at)
}
