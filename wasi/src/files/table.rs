//! The numbers by which a guest knows its descriptors.
//!
//! The lowest free number is taken next, as C programs expect. The number of descriptors is limited, since each of them
//! costs the host one of its own.
//!
//! Every call looks a number up, so that takes no lock. A number leads to an [`Entry`], in which calls count themselves
//! while they use the descriptor; the last one to leave closes it, after its number has come to stand for something else.
//! An entry is used again, but its memory stays with the table: a thread that is late may look at it, and finds that
//! nobody may enter it any more or that the number leads elsewhere. What changes numbers takes a lock.

use super::Result;
use super::descriptor::Descriptor;
use crate::errno::Errno;
use std::cell::UnsafeCell;
use std::ops::Deref;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*, fence};
use wasmrt_process::lock::ForkMutex;

/// A guest's number of a descriptor.
pub type Fd = u32;

/// How many descriptors a guest can have unless the host says otherwise.
pub const MOST_DESCRIPTORS: usize = CHUNKS * CHUNK;

const CHUNKS: usize = 16;
const CHUNK: usize = 64;

/// What numbers stand for: null, or an entry of the table.
type Numbers = [AtomicPtr<Entry>; CHUNK];

pub struct Table {
    /// Made when they are needed, under the lock.
    chunks: [OnceLock<Box<Numbers>>; CHUNKS],
    entries: ForkMutex<Entries>,
    most: usize,
}

/// A descriptor and how many use it.
struct Entry {
    /// Calls that are inside, and one more for a number that leads here. Nobody enters at 0.
    users: AtomicUsize,
    descriptor: UnsafeCell<Option<Descriptor>>,
}

/// All entries of a table, which live as long as it does.
#[derive(Default)]
struct Entries {
    all: Vec<*mut Entry>,
    /// Those without users, with room for all.
    free: Vec<*mut Entry>,
    /// How many numbers lead to an entry, and how many will soon.
    taken: usize,
}

// SAFETY: the entries belong to the table, and descriptors may be used on any thread.
unsafe impl Send for Entries {}

/// A number for one more descriptor. What opens it is done afterwards: a file that was created, or a connection that was
/// accepted, would be left behind where there is none.
pub struct Reserved<'a> {
    table: &'a Table,
    /// Without users and not free, until it is filled.
    entry: Option<*mut Entry>,
}

/// A descriptor in use: it stays open.
pub struct InUse<'a> {
    table: &'a Table,
    entry: *mut Entry,
}

impl Default for Table {
    fn default() -> Self {
        Table::new(MOST_DESCRIPTORS)
    }
}

impl Table {
    pub fn new(most: usize) -> Self {
        Table {
            chunks: [const { OnceLock::new() }; CHUNKS],
            entries: ForkMutex::default(),
            most: most.min(MOST_DESCRIPTORS),
        }
    }

    #[inline]
    pub fn get(&self, fd: Fd) -> Result<InUse<'_>> {
        let number = self.number(fd).ok_or(Errno::BadDescriptor)?;
        loop {
            let entry = number.load(Acquire);
            if entry.is_null() {
                return Err(Errno::BadDescriptor);
            }
            // SAFETY: entries live as long as the table.
            if unsafe { (*entry).enter() } {
                let found = InUse { table: self, entry };
                if number.load(Acquire) == entry {
                    return Ok(found);
                }
            }
        }
    }

    #[inline]
    fn number(&self, fd: Fd) -> Option<&AtomicPtr<Entry>> {
        Some(&self.chunks.get(fd as usize / CHUNK)?.get()?[fd as usize % CHUNK])
    }

    /// Keeps a number free for a descriptor that is about to be opened.
    pub fn reserve(&self) -> Result<Reserved<'_>> {
        let mut entries = self.entries.lock();
        if entries.taken >= self.most {
            return Err(Errno::ProcessFiles);
        }
        let entry = entries.free_entry()?;
        entries.taken += 1;
        Ok(Reserved { table: self, entry: Some(entry) })
    }

    #[cfg(test)]
    pub fn add(&self, descriptor: Descriptor) -> Result<Fd> {
        self.reserve()?.fill(descriptor)
    }

    /// Gives the descriptor a free number of the host's choice, before guests use the table.
    pub fn put(&mut self, fd: Fd, descriptor: Descriptor) -> Result<()> {
        if fd as usize >= self.most {
            return Err(Errno::ProcessFiles);
        }
        let entries = self.entries.get_mut();
        let entry = entries.free_entry()?;
        entries.taken += 1;
        make_number(&self.chunks, fd).store(fill(entry, descriptor), Release);
        Ok(())
    }

    pub fn close(&self, fd: Fd) -> Result<()> {
        let mut entries = self.entries.lock();
        let number = self.number(fd).ok_or(Errno::BadDescriptor)?;
        let former = number.swap(ptr::null_mut(), AcqRel);
        entries.taken -= usize::from(!former.is_null());
        // Closing may take long.
        drop(entries);
        if former.is_null() {
            return Err(Errno::BadDescriptor);
        }
        self.release(former);
        Ok(())
    }

    /// Moves `from` to the number `to`, and closes what was there. Both must be open.
    pub fn renumber(&self, from: Fd, to: Fd) -> Result<()> {
        let mut entries = self.entries.lock();
        let (Some(source), Some(target)) = (self.number(from), self.number(to)) else {
            return Err(Errno::BadDescriptor);
        };
        let moved = source.load(Acquire);
        if moved.is_null() || target.load(Relaxed).is_null() {
            return Err(Errno::BadDescriptor);
        }
        if from == to {
            return Ok(());
        }
        let former = target.swap(moved, AcqRel);
        source.store(ptr::null_mut(), Release);
        entries.taken -= 1;
        drop(entries);
        self.release(former);
        Ok(())
    }

    /// No number leads to this entry any more, if it is one.
    fn release(&self, entry: *mut Entry) {
        if !entry.is_null() {
            drop(InUse { table: self, entry });
        }
    }

    /// Closes what nobody uses any more.
    #[cold]
    fn retire(&self, entry: *mut Entry) {
        fence(Acquire);
        // SAFETY: an entry of this table without users, which nobody enters; only its last user comes here.
        let descriptor = unsafe { (*(*entry).descriptor.get()).take() };
        drop(descriptor);
        self.entries.lock().free.push(entry);
    }
}

impl Reserved<'_> {
    /// Gives the descriptor the lowest number that is free.
    pub fn fill(mut self, descriptor: Descriptor) -> Result<Fd> {
        let table = self.table;
        let _entries = table.entries.lock();
        let is_free =
            |fd: &Fd| table.number(*fd).is_none_or(|number| number.load(Relaxed).is_null());
        let fd = (0..table.most as Fd).find(is_free).ok_or(Errno::ProcessFiles)?;
        if let Some(entry) = self.entry.take() {
            make_number(&table.chunks, fd).store(fill(entry, descriptor), Release);
        }
        Ok(fd)
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            let mut entries = self.table.entries.lock();
            entries.free.push(entry);
            entries.taken -= 1;
        }
    }
}

impl Entry {
    #[inline]
    fn enter(&self) -> bool {
        self.users.fetch_update(Acquire, Relaxed, |n| (n != 0).then(|| n + 1)).is_ok()
    }
}

/// Where a number below the limit is, which is made if need be. Only one thread does this at a time.
fn make_number(chunks: &[OnceLock<Box<Numbers>>; CHUNKS], fd: Fd) -> &AtomicPtr<Entry> {
    let empty = || Box::new([const { AtomicPtr::new(ptr::null_mut()) }; CHUNK]);
    &chunks[fd as usize / CHUNK].get_or_init(empty)[fd as usize % CHUNK]
}

/// Puts a descriptor into a free entry, with one user: the number that will lead to it.
fn fill(entry: *mut Entry, descriptor: Descriptor) -> *mut Entry {
    // SAFETY: an entry of the table without users, which nobody else has.
    unsafe {
        *(*entry).descriptor.get() = Some(descriptor);
        (*entry).users.store(1, Release);
    }
    entry
}

impl Entries {
    fn free_entry(&mut self) -> Result<*mut Entry> {
        if let Some(entry) = self.free.pop() {
            return Ok(entry);
        }
        self.all.try_reserve(1)?;
        self.free.try_reserve(self.all.len() + 1 - self.free.len())?;
        let entry = Entry { users: AtomicUsize::new(0), descriptor: UnsafeCell::new(None) };
        let entry = Box::into_raw(Box::new(entry));
        self.all.push(entry);
        Ok(entry)
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        for entry in self.all.drain(..) {
            // SAFETY: made by `free_entry`; the table is gone, and with it whoever could use the entry.
            drop(unsafe { Box::from_raw(entry) });
        }
    }
}

impl Deref for InUse<'_> {
    type Target = Descriptor;

    #[inline]
    fn deref(&self) -> &Descriptor {
        // SAFETY: whoever has entered finds a descriptor, which stays until all have left.
        match unsafe { &*(*self.entry).descriptor.get() } {
            Some(descriptor) => descriptor,
            // SAFETY: as above.
            None => unsafe { std::hint::unreachable_unchecked() },
        }
    }
}

impl Drop for InUse<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: an entry of the table, which this has entered.
        if unsafe { (*self.entry).users.fetch_sub(1, Release) } == 1 {
            self.table.retire(self.entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Rights;
    use crate::stdio::Stream;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Counts how many of it are open.
    struct Counted(Arc<AtomicUsize>);

    impl Stream for Counted {}

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Relaxed);
        }
    }

    fn counted(open: &Arc<AtomicUsize>) -> Descriptor {
        open.fetch_add(1, Relaxed);
        Descriptor::stream(Arc::new(Counted(open.clone())), Rights::ALL)
    }

    #[test]
    fn the_lowest_free_number_is_taken() {
        let (table, open) = (Table::new(130), Arc::default());
        for fd in 0..130 {
            assert_eq!(table.add(counted(&open)), Ok(fd));
        }
        assert_eq!(table.add(counted(&open)), Err(Errno::ProcessFiles));
        for fd in [129, 64, 3] {
            table.close(fd).unwrap();
            assert_eq!(table.close(fd), Err(Errno::BadDescriptor));
        }
        assert_eq!(open.load(Relaxed), 127);
        assert_eq!((table.add(counted(&open)), table.add(counted(&open))), (Ok(3), Ok(64)));
        assert_eq!(table.renumber(64, 129), Err(Errno::BadDescriptor));
        table.renumber(64, 3).unwrap();
        assert!(table.get(64).is_err() && table.get(130).is_err() && table.get(u32::MAX).is_err());
        assert_eq!(open.load(Relaxed), 128);
        drop(table);
        assert_eq!(open.load(Relaxed), 0);
    }

    #[test]
    fn a_reserved_number_is_taken_until_it_is_given_back() {
        let (table, open) = (Table::new(2), Arc::default());
        assert_eq!(table.add(counted(&open)), Ok(0));
        let reserved = table.reserve().unwrap();
        assert_eq!(table.reserve().err(), Some(Errno::ProcessFiles));
        assert_eq!(table.add(counted(&open)), Err(Errno::ProcessFiles));
        drop(reserved);
        let reserved = table.reserve().unwrap();
        table.close(0).unwrap();
        assert_eq!(table.add(counted(&open)), Ok(0));
        assert_eq!(reserved.fill(counted(&open)), Ok(1));
        table.renumber(0, 1).unwrap();
        assert!(table.reserve().is_ok());
        assert_eq!(open.load(Relaxed), 1);
    }

    #[test]
    fn a_descriptor_in_use_stays_open_until_the_last_call_ends() {
        let (table, open) = (Table::default(), Arc::default());
        let fd = table.add(counted(&open)).unwrap();
        let (one, two) = (table.get(fd).unwrap(), table.get(fd).unwrap());
        table.close(fd).unwrap();
        assert!(table.get(fd).is_err());
        assert_eq!(table.add(counted(&open)), Ok(fd));
        drop(one);
        assert_eq!(open.load(Relaxed), 2);
        drop(two);
        assert_eq!(open.load(Relaxed), 1);
    }

    #[test]
    fn threads_that_close_and_open_numbers_disturb_nobody() {
        let (table, open, is_over) = (Table::default(), Arc::default(), AtomicBool::new(false));
        for _ in 0..4 {
            table.add(counted(&open)).unwrap();
        }
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        for fd in 0..6 {
                            // A descriptor that was closed under a call would have freed its stream.
                            if let Ok(found) = table.get(fd) {
                                assert!(found.stream_with(Rights::NONE).unwrap().is_some());
                            }
                        }
                    }
                });
            }
            for i in 0..20_000 {
                let _ = table.close(i % 5);
                let _ = table.renumber(i % 3, (i + 1) % 4);
                let _ = table.add(counted(&open));
            }
            is_over.store(true, Relaxed);
        });
        let left = (0..MOST_DESCRIPTORS as Fd).filter(|fd| table.get(*fd).is_ok()).count();
        assert_eq!(open.load(Relaxed), left);
        drop(table);
        assert_eq!(open.load(Relaxed), 0);
    }
}
