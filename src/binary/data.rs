//! Data sections as nearly all compilers write them, read and validated in one pass.
//!
//! A module may have a hundred thousand segments. Where all of them are active, in memory 0, at constant offsets of 32
//! bits, there is nothing to validate but that they are so. Any other section is read in the general way from its
//! beginning, which also finds what is wrong with it.

use super::const_expr::{END, I32_CONST};
use super::sections::byte_range;
use crate::error::Error;
use crate::module::{DataSegment, Offset, SegmentMode};
use crate::types::MemoryIndex;
use wasmparser::BinaryReader;

/// Flags of a segment for memory 0 that has an offset.
const ACTIVE: u8 = 0;

/// Sections of more segments are not valid.
const MOST: u32 = 100_000;

/// The segments of a section that begins at an offset of the module, if all are as described above. The module has a memory
/// 0 with addresses of 32 bits.
pub fn plain_segments(section: &[u8], offset: u64) -> Result<Option<Vec<DataSegment>>, Error> {
    let mut reader = BinaryReader::new(section, offset);
    let Some(count) = reader.read_var_u32().ok().filter(|count| *count <= MOST) else {
        return Ok(None);
    };
    let mut segments = Vec::new();
    segments.try_reserve_exact(count as usize)?;
    segments.extend((0..count).map_while(|_| plain_segment(&mut reader)));
    Ok((segments.len() == count as usize && reader.eof()).then_some(segments))
}

fn plain_segment(reader: &mut BinaryReader<'_>) -> Option<DataSegment> {
    let is_active = reader.read_u8().ok()? == ACTIVE && reader.read_u8().ok()? == I32_CONST;
    let offset = is_active.then(|| reader.read_var_i32().ok())??;
    let is_end = reader.read_u8().ok()? == END;
    let len = is_end.then(|| reader.read_var_u32().ok())??;
    let start = reader.original_position();
    reader.read_bytes(len as usize).ok()?;
    let offset = Offset::Constant(u64::from(offset as u32));
    let mode = SegmentMode::Active { target: MemoryIndex(0), offset };
    Some(DataSegment { mode, range: byte_range(start..start + u64::from(len)) })
}
