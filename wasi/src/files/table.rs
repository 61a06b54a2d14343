//! The numbers by which a guest knows its descriptors.
//!
//! The lowest free number is taken next, as C programs expect. The lock is held to look up, never while a call runs: a
//! call has its descriptor by reference count, and what a number stood for is closed when the last call with it ends. The
//! number of descriptors is limited, since each of them costs the host one of its own.

use super::Result;
use super::descriptor::Descriptor;
use crate::errno::Errno;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A guest's number of a descriptor.
pub type Fd = u32;

/// How many descriptors a guest can have unless the host says otherwise.
pub const MOST_DESCRIPTORS: usize = 1024;

pub struct Table {
    slots: RwLock<Vec<Option<Arc<Descriptor>>>>,
    most: usize,
}

impl Default for Table {
    fn default() -> Self {
        Table::new(MOST_DESCRIPTORS)
    }
}

impl Table {
    pub fn new(most: usize) -> Self {
        Table { slots: RwLock::default(), most }
    }

    pub fn get(&self, fd: Fd) -> Result<Arc<Descriptor>> {
        self.slots()
            .get(fd as usize)
            .and_then(Option::as_ref)
            .map(Arc::clone)
            .ok_or(Errno::BadDescriptor)
    }

    /// Gives the descriptor the lowest number that is free.
    pub fn add(&self, descriptor: Descriptor) -> Result<Fd> {
        let mut slots = self.slots_mut();
        let free = slots.iter().position(Option::is_none).unwrap_or(slots.len());
        if free >= self.most {
            return Err(Errno::ProcessFiles);
        }
        if free == slots.len() {
            slots.try_reserve(1)?;
            slots.push(None);
        }
        slots[free] = Some(Arc::new(descriptor));
        Ok(free as Fd)
    }

    /// Gives the descriptor a number of the host's choice, in place of what had it.
    pub fn put(&self, fd: Fd, descriptor: Descriptor) -> Result<()> {
        let mut slots = self.slots_mut();
        let place = fd as usize;
        if place >= self.most {
            return Err(Errno::ProcessFiles);
        }
        if place >= slots.len() {
            let missing = place + 1 - slots.len();
            slots.try_reserve(missing)?;
            slots.resize_with(place + 1, || None);
        }
        let former = slots[place].replace(Arc::new(descriptor));
        drop(slots);
        drop(former);
        Ok(())
    }

    pub fn close(&self, fd: Fd) -> Result<()> {
        let former = self.slots_mut().get_mut(fd as usize).and_then(Option::take);
        // Closed after the lock is free, as closing may take long.
        former.map(drop).ok_or(Errno::BadDescriptor)
    }

    /// Moves `from` to the number `to`, and closes what was there. Both must be open.
    pub fn renumber(&self, from: Fd, to: Fd) -> Result<()> {
        let mut slots = self.slots_mut();
        let is_open = |fd: Fd| slots.get(fd as usize).is_some_and(Option::is_some);
        if !is_open(from) || !is_open(to) {
            return Err(Errno::BadDescriptor);
        }
        if from == to {
            return Ok(());
        }
        let moved = slots[from as usize].take();
        let former = std::mem::replace(&mut slots[to as usize], moved);
        drop(slots);
        drop(former);
        Ok(())
    }

    fn slots(&self) -> RwLockReadGuard<'_, Vec<Option<Arc<Descriptor>>>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn slots_mut(&self) -> RwLockWriteGuard<'_, Vec<Option<Arc<Descriptor>>>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}
