//! Foreign objects: nothing but an identity.
//!
//! The embedder gives them a meaning through their host info; guest code carries them around as
//! `externref` values.

use super::store::Store;
use crate::runtime::heap::object::{Gc, Kind, OutOfMemory, Payload};

pub struct Foreign;

impl Payload for Foreign {
    const KIND: Kind = Kind::Foreign;
}

impl Store {
    pub fn new_foreign(&self) -> Result<Gc<Foreign>, OutOfMemory> {
        self.allocate(Foreign, 0)
    }
}
