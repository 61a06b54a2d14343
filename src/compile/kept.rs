//! Code that is kept between processes, in a cache folder.
//!
//! An entry holds the code of one module in one mode. Its name is a hash of all that the code depends on: the module's
//! bytes, the build, the processor, the settings, and the key if there is one. An entry exists only for a module that
//! was validated under the same limits, so whoever finds it need not validate again.
//!
//! A set is written when its module is dropped, when hot functions have been optimized and no others follow, and when the
//! host asks; always on a thread that no guest waits for, unless the engine has no threads. It is written only if it
//! has more code than the entry that is there: another process may have run longer.

use super::code_set::CodeSet;
use super::place::Place;
use super::serialize::{Contents, SerializedSet, Subject, refused, write_entry};
use super::workers::WORKER_STACK;
use crate::cache::EntryName;
use crate::error::Error;
use crate::sys::{reserve, stack};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Place {
    /// As [`Place::find`], unless nothing was known about the module when somebody first looked.
    pub(super) fn look_for<T>(
        &self,
        load: impl FnOnce(SerializedSet<'_>) -> Result<Option<T>, Error>,
    ) -> Option<(T, usize)> {
        if self.is_known() { self.find(load) } else { None }
    }

    /// Makes something of the code that is kept here. None if there is none that can be used, or `load` wants none of it.
    fn find<T>(
        &self,
        load: impl FnOnce(SerializedSet<'_>) -> Result<Option<T>, Error>,
    ) -> Option<(T, usize)> {
        let (cache, name) = (self.cache()?, self.name()?);
        let bytes = cache.get(&name)?;
        let read = || load(self.open(&name, &bytes)?);
        let loaded = stack::with_room(WORKER_STACK, read).map_err(Error::from).flatten();
        match loaded {
            Ok(loaded) => Some((loaded?, bytes.len())),
            Err(error) => {
                cache.refuse(&error);
                None
            }
        }
    }

    fn open<'a>(&self, name: &EntryName, bytes: &'a [u8]) -> Result<SerializedSet<'a>, Error> {
        let (key, features) = (self.context.serialize_key(), self.context.features());
        let mut contents = Contents::open(bytes, key, features)?;
        if contents.subject != Subject::Entry(&name.hash) {
            return Err(refused("the code of something else"));
        }
        contents.next_set()?.ok_or_else(|| refused("no code"))
    }
}

impl CodeSet {
    /// Writes the code into the cache folder, if there is more than in the entry that is there.
    pub(super) fn keep(self: &Arc<Self>) -> Result<(), Error> {
        let Some((place, cache)) = self.place().and_then(|place| Some((place, place.cache()?)))
        else {
            return Err(Error::argument("the engine has no cache folder"));
        };
        let amount = self.amount();
        if amount <= place.amount.load(Relaxed) {
            return Ok(());
        }
        let there = place.find(|set| Ok(Some(set.amount())));
        if there.is_some_and(|(there, _)| there >= amount) {
            cache.note(&place.module_name());
        } else {
            let work = || -> Result<(), Error> {
                reserve::suffices()?;
                let name = place.name().ok_or_else(Error::out_of_memory)?;
                let bytes = write_entry(self.clone(), &name, &place.context)?;
                let written = cache.put(&name, &bytes, &place.module_name());
                written.map_err(|error| Error::system(error.to_string()))?;
                self.keep_warm(place)
            };
            stack::with_room(WORKER_STACK, work)??;
        }
        place.amount.fetch_max(amount, Relaxed);
        Ok(())
    }

    /// The same soon, if the code has grown by more than this share since it was written.
    pub(super) fn keep_soon(self: &Arc<Self>, percent: u32) {
        let Some(place) = self.place() else { return };
        let kept = u64::from(place.amount.load(Relaxed));
        if u64::from(self.amount()) * 100 <= kept * u64::from(100 + percent) {
            return;
        }
        let set = self.clone();
        // What goes wrong is in the log.
        place.context.write_soon(Box::new(move || drop(set.keep())));
    }
}
