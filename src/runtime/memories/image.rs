//! The initial contents of a module's memories after its data segments: one flat image per memory, so that an
//! instance costs a few system calls instead of a copy of all data.
//!
//! An image exists where applying the segments cannot trap, so that nobody can see the difference: every active
//! segment has a constant offset within the minimum size of a memory that the module defines
//! ([`crate::module::PlacedData`]). Later segments overwrite earlier ones. Large images are memory files, mapped
//! privately into guarded memories: instances share pages until they write to them. Small images, those of other
//! memories, and all where the system refuses memory files, are copied.
//!
//! Much data is in an image from the first instance on: writing it to a file takes no longer than writing it to fresh
//! pages. If several threads work on the module, one of them makes it, and jobs make it, too. Other images are made once
//! some instances have copied the data, so modules with few instances do not pay for them.

use super::image_file::{Data, Runs};
use super::pool::MemoryPool;
use crate::module::{Module, SegmentMode};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::memory::{Mapping, page_size};
use crate::sys::memory_file::{MemoryFile, SealedFile};
use crate::sys::once::OnceArc;
use crate::sys::past_end::costs_what_is_touched;
use crate::types::DataIndex;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Smaller images are copied: that costs no more than mapping a file, and needs no descriptor.
const COPIED: usize = 16 << 10;

/// From this much data on, the image is made for the first instance.
const MUCH: usize = 64 << 10;

/// It is made before that, while other threads validate the bodies, if these have at least so many times the bytes of the
/// data. A module that is never instantiated then takes 2 to 3% more of the processors' time.
const BODIES: usize = 4;

/// This many instances copy less data: a file costs as much as they save.
const COPIES: u32 = 3;

/// An image may exceed twice the size of its segments by this many bytes.
const SPARSE: usize = 1 << 20;

/// A file is as long as the whole memory if it gets at most this much longer: then it only has to be mapped. The
/// zeros are stored once more per module, which is at most what another instance would take.
const PADDING: usize = 32 << 20;

/// The bytes that a memory starts with, from `start`; all others are zero. Start and length are multiples of the
/// system's page size.
#[derive(Debug)]
pub struct Image {
    start: usize,
    end: usize,
    contents: Contents,
    /// Its module was deleted: no other memory will use it.
    retired: AtomicBool,
}

#[derive(Debug)]
enum Contents {
    /// A file that shows the memory's bytes at `shown`, which include the image's.
    File {
        file: SealedFile,
        shown: Range<usize>,
        /// Whether it may be mapped past its end. Asked once: the host may set limits at any time, but each
        /// instance would pay for the question.
        past_end: bool,
    },
    Flat(Mapping),
}

impl Image {
    /// An image of the bytes at `range` in a memory, as a file. `None` if it is small, or the system refuses.
    fn in_file(range: Range<usize>, size: usize, data: Data<'_>, runs: &Runs) -> Option<Image> {
        let contents = file(range.clone(), size, data, runs)?;
        Some(Image::new(range, contents))
    }

    /// The same, flat.
    fn flat(range: Range<usize>, data: Data<'_>) -> Result<Image, OutOfMemory> {
        let contents = Contents::Flat(flat(range.clone(), data)?);
        Ok(Image::new(range, contents))
    }

    fn new(range: Range<usize>, contents: Contents) -> Image {
        Image { start: range.start, end: range.end, contents, retired: AtomicBool::new(false) }
    }

    pub fn start(&self) -> usize {
        self.start
    }

    /// Offset of its end in the memory.
    pub fn end(&self) -> usize {
        self.end
    }

    pub fn bytes(&self) -> &[u8] {
        match &self.contents {
            Contents::File { file, shown, .. } => {
                file.bytes().get(self.start - shown.start..self.end - shown.start).unwrap_or(&[])
            }
            // SAFETY: the mapping is ours, written before the image was shared and never again.
            Contents::Flat(flat) => unsafe {
                std::slice::from_raw_parts(flat.as_ptr(), flat.len())
            },
        }
    }

    /// The file to map, if it is one, and the offset where it begins in a memory.
    pub fn file(&self) -> Option<(&SealedFile, usize)> {
        match &self.contents {
            Contents::File { file, shown, .. } => Some((file, shown.start)),
            Contents::Flat(_) => None,
        }
    }

    /// Whether it is a file that covers all of a memory of `size` bytes.
    pub fn fills(&self, size: usize) -> bool {
        matches!(&self.contents, Contents::File { shown, .. } if *shown == (0..size))
    }

    /// Such a file, if it may be mapped for a whole reservation.
    pub fn past_end(&self, size: usize) -> Option<&SealedFile> {
        match &self.contents {
            Contents::File { file, past_end: true, .. } => Some(file).filter(|_| self.fills(size)),
            _ => None,
        }
    }

    /// Copies it into a zeroed memory, without touching pages where the image is zero as well.
    ///
    /// # Safety
    /// `base` is that of a memory which extends to the image's end and which nobody else uses.
    pub unsafe fn copy_to(&self, base: *mut u8) {
        let page = page_size();
        for (i, bytes) in self.bytes().chunks(page).enumerate() {
            if !is_zero(bytes) {
                // SAFETY: as promised; an image never lies in a memory.
                unsafe {
                    let target = base.add(self.start + i * page);
                    ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
                }
            }
        }
    }

    pub fn is_retired(&self) -> bool {
        self.retired.load(Relaxed)
    }
}

/// In parts without branches, which the compiler turns into vector instructions.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(256).all(|part| part.iter().fold(0, |all, byte| all | byte) == 0)
}

/// A file with the bytes at `range`, and zeros around them if it then covers all of a memory of `size` bytes.
fn file(range: Range<usize>, size: usize, data: Data<'_>, runs: &Runs) -> Option<Contents> {
    if range.len() <= COPIED {
        return None;
    }
    let whole_pages = size.is_multiple_of(page_size());
    let is_whole = whole_pages && range.end <= size && size - range.len() <= PADDING;
    let shown = if is_whole { 0..size } else { range };
    let fill = |file: &MemoryFile| data.write(runs, shown.start, file);
    let file = SealedFile::new(c"wasmrt-memory", shown.len(), fill)?;
    Some(Contents::File { file, shown, past_end: costs_what_is_touched() })
}

fn flat(range: Range<usize>, data: Data<'_>) -> Result<Mapping, OutOfMemory> {
    let flat = Mapping::anonymous(range.len()).map_err(|_| OutOfMemory)?;
    // SAFETY: fresh pages that nobody else knows.
    let image = unsafe { std::slice::from_raw_parts_mut(flat.as_ptr(), range.len()) };
    for data in data.segments() {
        let start = data.range.start.saturating_sub(range.start);
        if let Some(target) = image.get_mut(start..start + data.bytes.len()) {
            target.copy_from_slice(data.bytes);
        }
    }
    Ok(flat)
}

/// The images of one module.
#[derive(Default)]
pub struct Images {
    /// By index among the memories that the module defines; `None` where no data goes.
    by_memory: Vec<Option<Arc<Image>>>,
    /// Memories that start with these need no segments. False if the module does not allow it.
    complete: bool,
}

impl Images {
    /// With `only_files`, `None` where another kind of image is needed: applying the segments once takes less time.
    fn of(module: &Module, only_files: bool) -> Result<Option<Images>, OutOfMemory> {
        let Some(extents) = extents(module)? else { return Ok(Some(Images::default())) };
        let mut by_memory = Vec::new();
        by_memory.try_reserve_exact(extents.len()).map_err(|_| OutOfMemory)?;
        for (memory, extent) in extents.iter().enumerate() {
            let data = Data { module, memory };
            let image = match extent.in_file(data)? {
                None if extent.range.is_empty() => None,
                None if only_files => return Ok(None),
                None => Some(Arc::new(Image::flat(extent.pages(), data)?)),
                image => image.map(Arc::new),
            };
            by_memory.push(image);
        }
        Ok(Some(Images { by_memory, complete: true }))
    }

    /// The initial contents of the n-th memory that the module defines.
    pub fn get(&self, memory: usize) -> Option<&Arc<Image>> {
        self.by_memory.get(memory)?.as_ref()
    }
}

/// The part of a memory that segments write.
#[derive(Default)]
struct Extent {
    range: Range<usize>,
    /// Bytes in segments, overlapping ones counted twice.
    bytes: usize,
    segments: Runs,
}

impl Extent {
    fn add(&mut self, index: u32, range: &Range<usize>) -> Result<(), OutOfMemory> {
        let empty = self.range.is_empty();
        self.range.start = if empty { range.start } else { self.range.start.min(range.start) };
        self.range.end = self.range.end.max(range.end);
        self.bytes = self.bytes.saturating_add(range.len());
        self.segments.add(index, range)
    }

    /// In the system's pages. The last one may reach beyond the end of a memory whose pages are smaller.
    fn pages(&self) -> Range<usize> {
        let page = page_size();
        self.range.start / page * page..self.range.end.next_multiple_of(page)
    }

    fn is_too_sparse(&self) -> bool {
        self.pages().len() > self.bytes.saturating_mul(2).saturating_add(SPARSE)
    }

    fn in_file(&self, data: Data<'_>) -> Result<Option<Image>, OutOfMemory> {
        let index = data.module.imported.memories as usize + data.memory;
        let size = data.module.memories[index].minimum_bytes();
        let size = usize::try_from(size).map_err(|_| OutOfMemory)?;
        Ok(Image::in_file(self.pages(), size, data, &self.segments))
    }
}

/// By memory that the module defines; `None` if images would differ from the segments, or would be much larger.
fn extents(module: &Module) -> Result<Option<Vec<Extent>>, OutOfMemory> {
    let memories = module.memories.len() - module.imported.memories as usize;
    let mut extents = Vec::new();
    extents.try_reserve_exact(memories).map_err(|_| OutOfMemory)?;
    extents.resize_with(memories, Extent::default);
    for (index, segment) in module.data.iter().enumerate() {
        let index = index as u32;
        if matches!(segment.mode, SegmentMode::Active { .. }) {
            let Some(data) = module.placed(DataIndex(index)) else { return Ok(None) };
            if !data.range.is_empty() {
                extents[data.memory].add(index, &data.range)?;
            }
        }
    }
    extents.iter_mut().for_each(|extent| extent.segments.sort());
    Ok((!extents.iter().any(Extent::is_too_sparse)).then_some(extents))
}

/// The bytes of the module's data segments together, judged by the part of the module that they are in.
fn data_size(module: &Module) -> usize {
    let (first, last) = (module.data.first(), module.data.last());
    let size =
        first.zip(last).map(|(first, last)| last.range.end.saturating_sub(first.range.start));
    size.unwrap_or(0) as usize
}

/// The images of one module, made once they are worthwhile.
#[derive(Default)]
pub struct LateImages {
    /// The number of instances that asked before the images were made.
    asked: AtomicU32,
    made: OnceArc<Images>,
}

impl LateImages {
    /// The initial contents for another instance of `module`; `None`: zeros, and all segments must be applied.
    pub fn for_instance(&self, module: &Module) -> Option<Arc<Images>> {
        let images = self.made.get().or_else(|| self.make(module))?;
        images.complete.then_some(images)
    }

    /// Makes the images that the first instance would make, if that takes little time beside validating the bodies.
    pub fn prepare_beside(&self, module: &Module) {
        let bodies: usize = module.bodies.iter().map(|body| body.len()).sum();
        if data_size(module) <= bodies / BODIES {
            self.prepare(module);
        }
    }

    /// Makes the images that the first instance would make. Where that is not possible, the first instance tries again.
    pub fn prepare(&self, module: &Module) {
        if data_size(module) >= MUCH
            && let Ok(Some(images)) = Images::of(module, true)
        {
            self.made.get_or_offer(Arc::new(images));
        }
    }

    fn make(&self, module: &Module) -> Option<Arc<Images>> {
        if module.data.is_empty() {
            return None;
        }
        let asked = self.asked.fetch_add(1, Relaxed);
        if asked < COPIES && data_size(module) < MUCH {
            return None;
        }
        // No lock is held meanwhile, because a forked child would find it locked for ever.
        let images = Images::of(module, asked < COPIES).ok()??;
        Some(self.made.get_or_offer(Arc::new(images)))
    }

    /// The module is deleted: unused memories give up its images.
    pub fn retire(&self, pool: &MemoryPool) {
        let Some(images) = self.made.get() else { return };
        for image in images.by_memory.iter().flatten() {
            image.retired.store(true, Relaxed);
            pool.forget(image);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Decoded, Limits, decode};
    use crate::module::Bodies;
    use crate::types::{DefinedFuncIndex, TypeRegistry};

    fn module_with_data(bytes: usize) -> Decoded {
        let data = "x".repeat(bytes);
        let wat = format!("(module (memory 9) (data (i32.const 70000) \"{data}\"))");
        let bytes = wat::parse_str(wat).unwrap();
        decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap()
    }

    #[test]
    fn much_data_is_shared_from_the_first_instance_on() {
        let (decoded, images) = (module_with_data(MUCH), LateImages::default());
        let first = images.for_instance(&decoded.module).unwrap();
        let second = images.for_instance(&decoded.module).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        let image = first.get(0).unwrap();
        assert!(image.file().is_some());
        assert_eq!(image.bytes()[70000 - image.start()..][..MUCH], [b'x'; MUCH]);
    }

    #[test]
    fn images_are_prepared_where_they_are_small_beside_the_bodies() {
        let (mut decoded, images) = (module_with_data(MUCH), LateImages::default());
        images.prepare_beside(&decoded.module);
        assert!(images.made.get().is_none());
        decoded.module.bodies = Bodies::new(1).unwrap();
        decoded.module.bodies.set(DefinedFuncIndex(0), 1..(2 * BODIES * MUCH) as u32);
        images.prepare_beside(&decoded.module);
        let image = images.made.get().unwrap().get(0).unwrap().file().is_some();
        assert!(image && images.asked.load(Relaxed) == 0);
    }

    #[test]
    fn little_data_costs_a_module_with_few_instances_no_file() {
        let (decoded, images) = (module_with_data(MUCH / 2), LateImages::default());
        for _ in 0..COPIES {
            assert!(images.for_instance(&decoded.module).is_none());
        }
        assert!(images.for_instance(&decoded.module).unwrap().get(0).unwrap().file().is_some());
    }
}
