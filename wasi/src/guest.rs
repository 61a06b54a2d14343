//! Guest pointers: the sandbox of this library. No other file turns a number from a guest into an address.
//!
//! Every access is checked against the length of the memory at that moment, in 64 bits, so that nothing can
//! overflow, and structures must be aligned. Whatever does not fit is [`Errno::Fault`].
//!
//! A view is valid until guest code or code of the host runs again, since both may make the memory grow: it is
//! fetched anew for each call, and again after a callback. The bytes may belong to a memory that several threads
//! share. So they are copied by pointers, and no Rust reference to them is ever made; what is read twice may
//! differ the second time.

use crate::errno::Errno;
use crate::room;
use smallvec::SmallVec;
use std::mem::offset_of;
use std::ptr;

/// A memory of a guest, as long as its call has not run other code.
#[derive(Clone, Copy)]
pub struct Memory {
    base: *mut u8,
    len: usize,
}

/// Types that are plain bytes.
///
/// # Safety
/// Every pattern of bits is a value, and there is no padding.
pub unsafe trait Plain: Copy {}

// SAFETY: integers.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}

/// A range of bytes in a memory, checked. System calls take arrays of these as they are.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Bytes {
    start: *mut u8,
    len: usize,
}

/// The most vectors of one call, as in the system.
const MOST_VECTORS: u32 = 1024;

/// No more than these are usual.
pub type Vectors = SmallVec<[Bytes; 16]>;

impl Memory {
    /// # Safety
    /// `len` bytes from `base` may be read and written until guest code or code of the host runs.
    pub unsafe fn new(base: *mut u8, len: usize) -> Memory {
        Memory { base, len }
    }

    /// `count` bytes from `address`.
    pub fn bytes(&self, address: u32, count: u32) -> Result<Bytes, Errno> {
        self.range(address, u64::from(count))
    }

    fn range(&self, address: u32, count: u64) -> Result<Bytes, Errno> {
        let end = u64::from(address).checked_add(count).ok_or(Errno::Fault)?;
        if end > self.len as u64 {
            return Err(Errno::Fault);
        }
        Ok(Bytes { start: self.base.wrapping_add(address as usize), len: count as usize })
    }

    /// Room for `count` values, aligned as they must be.
    fn place<T: Plain>(&self, address: u32, count: u32) -> Result<*mut T, Errno> {
        let bytes = self.range(address, u64::from(count) * size_of::<T>() as u64)?;
        if !(address as usize).is_multiple_of(align_of::<T>()) {
            return Err(Errno::Fault);
        }
        Ok(bytes.start.cast())
    }

    pub fn read<T: Plain>(&self, address: u32) -> Result<T, Errno> {
        // SAFETY: within the memory; any bytes are a value.
        Ok(unsafe { self.place::<T>(address, 1)?.read_unaligned() })
    }

    pub fn write<T: Plain>(&self, address: u32, value: T) -> Result<(), Errno> {
        // SAFETY: within the memory.
        unsafe { self.place::<T>(address, 1)?.write_unaligned(value) };
        Ok(())
    }

    /// Whether `count` values could be read or written at an address.
    pub fn check<T: Plain>(&self, address: u32, count: u32) -> Result<(), Errno> {
        self.place::<T>(address, count).map(drop)
    }

    /// The address of element `index` of an array.
    pub fn element<T: Plain>(address: u32, index: u32) -> Result<u32, Errno> {
        let offset = u64::from(index) * size_of::<T>() as u64;
        u32::try_from(u64::from(address) + offset).map_err(|_| Errno::Fault)
    }

    /// A copy of `count` bytes.
    pub fn copy(&self, address: u32, count: u32) -> Result<Vec<u8>, Errno> {
        self.bytes(address, count)?.to_vec()
    }

    /// Shows `act` the ranges of an array of `iovec` or `ciovec`. They stay where they are made: a copy of what was just
    /// written costs more than the rest of a short call.
    #[inline]
    pub fn with_vectors<R, E: From<Errno>>(
        &self,
        address: u32,
        count: u32,
        act: impl FnOnce(&[Bytes]) -> Result<R, E>,
    ) -> Result<R, E> {
        match count {
            1 => act(&[self.vector(address)?]),
            _ => self.with_many_vectors(address, count, act),
        }
    }

    #[inline(never)]
    fn with_many_vectors<R, E: From<Errno>>(
        &self,
        address: u32,
        count: u32,
        act: impl FnOnce(&[Bytes]) -> Result<R, E>,
    ) -> Result<R, E> {
        act(&self.vectors(address, count)?)
    }

    /// One `iovec` or `ciovec`. Guests write its two fields one by one, so that reading both at once would have to wait for
    /// the writes.
    #[inline]
    fn vector(&self, address: u32) -> Result<Bytes, Errno> {
        let fields = self.place::<u32>(address, 2)?;
        // SAFETY: both lie within the memory.
        let (start, len) = unsafe { (fields.read_unaligned(), fields.add(1).read_unaligned()) };
        self.bytes(start, len)
    }

    fn vectors(&self, address: u32, count: u32) -> Result<Vectors, Errno> {
        if count > MOST_VECTORS {
            return Err(Errno::Invalid);
        }
        self.place::<u32>(address, 2 * count)?;
        let mut vectors = Vectors::new();
        if count as usize > vectors.inline_size() {
            // Also for copies of them.
            room::check()?;
        }
        vectors.try_reserve(count as usize).map_err(|_| Errno::NoMemory)?;
        for i in 0..count {
            vectors.push(self.vector(address + 8 * i)?);
        }
        Ok(vectors)
    }
}

impl Bytes {
    pub fn len(&self) -> usize {
        self.len
    }

    /// For system calls, which may read and write all of it.
    pub fn as_ptr(&self) -> *mut u8 {
        self.start
    }

    /// The part that starts at `from`, which is not beyond the end, with at most `most` bytes.
    pub fn part(&self, from: usize, most: usize) -> Bytes {
        let from = from.min(self.len);
        Bytes { start: self.start.wrapping_add(from), len: most.min(self.len - from) }
    }

    pub fn to_vec(self) -> Result<Vec<u8>, Errno> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(self.len)?;
        // SAFETY: the range is within the memory, and there is room for a copy of it.
        unsafe {
            ptr::copy_nonoverlapping(self.start, copy.as_mut_ptr(), self.len);
            copy.set_len(self.len);
        }
        Ok(copy)
    }

    /// Copies as much as both have, and returns how much that is.
    pub fn copy_from(&self, bytes: &[u8]) -> usize {
        let len = self.len.min(bytes.len());
        // SAFETY: the range is within the memory, and nothing of ours is in there.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.start, len) };
        len
    }

    /// Copies as much as both have, and returns how much that is.
    pub fn copy_to(&self, bytes: &mut [u8]) -> usize {
        let len = self.len.min(bytes.len());
        // SAFETY: as above.
        unsafe { ptr::copy_nonoverlapping(self.start, bytes.as_mut_ptr(), len) };
        len
    }
}

/// How many bytes vectors have together; [`Errno::Invalid`] if the number does not fit a guest's `size`.
pub fn total(vectors: &[Bytes]) -> Result<u32, Errno> {
    let sum: u64 = vectors.iter().map(|bytes| bytes.len as u64).sum();
    u32::try_from(sum).map_err(|_| Errno::Invalid)
}

const _: () = assert!(
    size_of::<Bytes>() == size_of::<libc::iovec>()
        && offset_of!(Bytes, start) == offset_of!(libc::iovec, iov_base)
        && offset_of!(Bytes, len) == offset_of!(libc::iovec, iov_len)
);

#[cfg(test)]
mod tests {
    use super::*;

    fn with_memory(test: impl FnOnce(Memory)) {
        let mut bytes = vec![0u64; 8];
        // SAFETY: the vector outlives the view.
        test(unsafe { Memory::new(bytes.as_mut_ptr().cast(), 64) });
    }

    #[test]
    fn what_does_not_lie_within_the_memory_is_a_fault() {
        with_memory(|memory| {
            assert!(memory.write::<u64>(56, u64::MAX).is_ok());
            assert_eq!(memory.read::<u64>(56), Ok(u64::MAX));
            for address in [57, 60, 64, u32::MAX - 7, u32::MAX] {
                assert_eq!(memory.read::<u64>(address), Err(Errno::Fault), "{address}");
                assert_eq!(memory.write::<u64>(address, 1), Err(Errno::Fault), "{address}");
            }
            assert!(memory.bytes(64, 0).is_ok());
            assert_eq!(memory.bytes(65, 0).err(), Some(Errno::Fault));
            assert_eq!(memory.bytes(1, u32::MAX).err(), Some(Errno::Fault));
            assert_eq!(memory.bytes(u32::MAX, u32::MAX).err(), Some(Errno::Fault));
        });
    }

    #[test]
    fn misaligned_structures_are_faults() {
        with_memory(|memory| {
            assert_eq!(memory.read::<u32>(2), Err(Errno::Fault));
            assert_eq!(memory.write::<u16>(1, 7), Err(Errno::Fault));
            assert_eq!(memory.vectors(6, 2).err(), Some(Errno::Fault));
            assert_eq!(memory.with_vectors(6, 1, |_| Ok(())), Err(Errno::Fault));
            assert!(memory.read::<u8>(3).is_ok());
        });
    }

    #[test]
    fn vectors_are_checked_each_and_in_number() {
        with_memory(|memory| {
            for (place, value) in [(0, 16), (4, 48), (8, 60), (12, 5)] {
                memory.write::<u32>(place, value).unwrap();
            }
            assert_eq!(memory.with_vectors(0, 1, total), Ok(48));
            assert_eq!(memory.vectors(0, 2).err(), Some(Errno::Fault));
            assert_eq!(memory.vectors(0, 9).err(), Some(Errno::Fault));
            assert_eq!(memory.with_vectors(8, 1, total), Err(Errno::Fault));
            assert_eq!(memory.with_vectors(64, 1, total), Err(Errno::Fault));
            assert_eq!(memory.with_vectors(0, u32::MAX, total), Err(Errno::Invalid));
            assert_eq!(memory.with_vectors(64, 0, total), Ok(0));
        });
    }

    #[test]
    fn an_array_that_ends_beyond_the_address_space_is_a_fault() {
        assert_eq!(Memory::element::<u64>(u32::MAX - 8, 1), Ok(u32::MAX));
        assert_eq!(Memory::element::<u64>(u32::MAX - 8, 2), Err(Errno::Fault));
        assert_eq!(Memory::element::<u64>(u32::MAX, u32::MAX), Err(Errno::Fault));
    }
}
