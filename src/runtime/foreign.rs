//! Foreign objects: nothing but an identity.
//!
//! The embedder gives them a meaning through their host info; guest code carries them around as
//! `externref` values.

use super::object::{Gc, Kind, OutOfMemory, Payload};
use super::store::Store;

pub struct Foreign;

impl Payload for Foreign {
    const KIND: Kind = Kind::Foreign;
}

impl Store {
    pub fn new_foreign(&self) -> Result<Gc<Foreign>, OutOfMemory> {
        self.allocate(Foreign, 0)
    }
}
