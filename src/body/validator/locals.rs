//! The types of the locals, and which of those without a default value have been set.
//!
//! A few bytes may declare many locals. Only as many as the body has bytes are kept one by one; the others, in runs
//! of one type, are searched for. Locals without default are always kept one by one: their types are marked until
//! they are set.

use crate::error::Error;
use crate::types::PackedType;

#[derive(Default)]
pub(super) struct LocalTypes {
    single: Vec<PackedType>,
    /// The locals after the single ones: where each run ends, and its type.
    runs: Vec<(u32, PackedType)>,
    count: u32,
    /// How many may be kept one by one.
    most: usize,
    /// Locals without default that have been set.
    set: Vec<u32>,
}

/// The specification leaves the limit to implementations; they agreed on this one.
const MOST_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Begins a body of `size` bytes.
    pub fn begin(&mut self, params: &[PackedType], size: usize) -> Result<(), Error> {
        (self.count, self.most) = (0, size);
        self.single.clear();
        self.runs.clear();
        self.set.clear();
        self.single.try_reserve(params.len())?;
        self.single.extend_from_slice(params);
        self.count = params.len() as u32;
        Ok(())
    }

    /// Declares locals; false if there are too many.
    pub fn define(&mut self, count: u32, ty: PackedType) -> Result<bool, Error> {
        if count == 0 {
            return Ok(true);
        }
        let Some(total) = self.count.checked_add(count).filter(|total| *total <= MOST_LOCALS)
        else {
            return Ok(false);
        };
        if ty.has_default() {
            let single = (count as usize).min(self.most.saturating_sub(self.single.len()));
            self.count += self.keep(single, ty)?;
            if self.count < total {
                self.runs.try_reserve(1)?;
                self.runs.push((total, ty));
                self.count = total;
            }
        } else {
            self.spread_runs()?;
            self.count += self.keep(count as usize, ty.unset())?;
        }
        Ok(true)
    }

    /// Keeps further locals one by one, if those before are.
    fn keep(&mut self, count: usize, ty: PackedType) -> Result<u32, Error> {
        if !self.runs.is_empty() {
            return Ok(0);
        }
        self.single.try_reserve(count)?;
        self.single.resize(self.single.len() + count, ty);
        Ok(count as u32)
    }

    fn spread_runs(&mut self) -> Result<(), Error> {
        self.single.try_reserve(self.count as usize - self.single.len())?;
        for (end, ty) in self.runs.drain(..) {
            self.single.resize(end as usize, ty);
        }
        Ok(())
    }

    /// The type of a local, marked if it has not been set.
    #[inline(always)]
    pub fn get(&self, local: u32) -> Option<PackedType> {
        match self.single.get(local as usize) {
            Some(ty) => Some(*ty),
            None => self.search(local),
        }
    }

    #[cold]
    fn search(&self, local: u32) -> Option<PackedType> {
        let run = self.runs.partition_point(|(end, _)| *end <= local);
        self.runs.get(run).map(|(_, ty)| *ty)
    }

    #[cold]
    pub fn mark_set(&mut self, local: u32) -> Result<(), Error> {
        if let Some(ty) = self.single.get_mut(local as usize) {
            *ty = ty.set();
            self.set.try_reserve(1)?;
            self.set.push(local);
        }
        Ok(())
    }

    /// The number of locals without default that have been set.
    #[inline]
    pub fn set_count(&self) -> usize {
        self.set.len()
    }

    /// Forgets that locals were set, except for the first ones.
    #[inline]
    pub fn forget_set(&mut self, except: usize) {
        while self.set.len() > except
            && let Some(local) = self.set.pop()
        {
            let ty = &mut self.single[local as usize];
            *ty = ty.unset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locals_beyond_the_size_of_the_body_are_found() {
        let mut locals = LocalTypes::default();
        locals.begin(&[PackedType::F32], 10).unwrap();
        for (count, ty) in [(5, PackedType::I32), (0, PackedType::F64), (100, PackedType::I64)] {
            assert!(locals.define(count, ty).unwrap());
        }
        assert!(locals.define(1, PackedType::V128).unwrap());
        let types = |from: u32, to| (from..to).map(|local| locals.get(local).unwrap());
        assert!(types(0, 1).eq([PackedType::F32]));
        assert!(types(1, 6).all(|ty| ty == PackedType::I32));
        assert!(types(6, 106).all(|ty| ty == PackedType::I64));
        assert!(locals.get(106).unwrap() == PackedType::V128 && locals.get(107).is_none());
        assert!(locals.single.len() == 10);
        assert!(!locals.define(50_000, PackedType::I32).unwrap());
    }

    #[test]
    fn locals_without_default_are_set_until_their_block_ends() {
        let mut locals = LocalTypes::default();
        let ty = PackedType::FUNCREF.non_null();
        locals.begin(&[], 1).unwrap();
        locals.define(100, PackedType::I32).unwrap();
        locals.define(2, ty).unwrap();
        assert!(locals.get(99).unwrap() == PackedType::I32);
        assert!(locals.get(100).unwrap().is_unset() && locals.get(101).unwrap().is_unset());
        locals.mark_set(101).unwrap();
        assert!(locals.get(101).unwrap() == ty && locals.set_count() == 1);
        locals.forget_set(1);
        assert!(!locals.get(101).unwrap().is_unset());
        locals.forget_set(0);
        assert!(locals.get(101).unwrap().is_unset());
    }
}
