//! Maps code offsets to wasm instructions, for calls and traps only.
//!
//! A large module has tens of millions of sites, and almost none is ever looked up: the table must be small, be
//! made in parallel, and be readable without allocating, even in a signal handler. Each function is encoded on its
//! own, with offsets from its own start, and the finished functions are collected behind a sorted index.
//!
//! A function's bytes are: the number of skip points, the skip points, the sites. A site is a varint of twice the
//! distance from the previous code offset, plus one if a trap code follows; a zigzag varint of the distance from
//! the previous wasm offset; the trap code. That is two or three bytes in most code. A site with details (see
//! `site_details`) has a zero, which is no trap code, in place of the trap code; then the trap code, or another
//! zero for a call; then the length of the details as a varint, and the details. Every [`SKIP`] sites a skip point
//! says where to start reading, because there are functions with a hundred thousand sites.
//!
//! A call's return address may also be the address of an instruction that traps. Then both are sites, and a lookup
//! says which it wants.

use super::site_details::{self, Details};
use super::varint::{Reader, put_varint, unzigzag, varint_len, zigzag};
use crate::abi::{CallRelocation, Site, SiteDetails};
use crate::sys::OutOfMemory;
use crate::types::DefinedFuncIndex;
use std::num::NonZeroU8;

/// Sites between skip points.
const SKIP: usize = 128;
/// In the position of the trap code, which is never zero.
const DETAILED: u8 = 0;
/// Code offset, wasm offset, position of the next site: little-endian `u32` each.
const SKIP_BYTES: usize = 12;

/// Sites that cannot be stored in a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SitesError {
    /// No memory for the table.
    OutOfMemory(OutOfMemory),
    /// Code offsets decrease, functions overlap, or the table exceeds 4 GiB.
    Malformed,
}

impl std::fmt::Display for SitesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SitesError::OutOfMemory(error) => error.fmt(f),
            SitesError::Malformed => f.write_str("malformed site table"),
        }
    }
}

impl std::error::Error for SitesError {}

impl<E: Into<OutOfMemory>> From<E> for SitesError {
    fn from(error: E) -> Self {
        SitesError::OutOfMemory(error.into())
    }
}

/// One function's sites, encoded.
#[derive(Debug, Default)]
pub struct FunctionSites {
    bytes: Box<[u8]>,
}

impl FunctionSites {
    /// As they were encoded.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Encodes sites in ascending order of code offset from the function's start.
    pub fn encode(sites: &[Site]) -> Result<FunctionSites, SitesError> {
        FunctionSites::encode_with(sites, &[])
    }

    /// The same with details for some of them, by the site's position, ascending.
    pub fn encode_with(
        sites: &[Site],
        mut details: &[(u32, SiteDetails)],
    ) -> Result<FunctionSites, SitesError> {
        let mut stream = Vec::new();
        let mut skips = Vec::new();
        stream.try_reserve(sites.len().saturating_mul(3))?;
        let mut previous = Site { code_offset: 0, wasm_offset: 0, trap: None };
        let mut number = 0;
        while let Some(&site) = sites.get(number) {
            if number > 0 && number % SKIP == 0 {
                skips.try_reserve(SKIP_BYTES)?;
                let position = u32::try_from(stream.len()).map_err(|_| SitesError::Malformed)?;
                for word in [previous.code_offset, previous.wasm_offset, position] {
                    skips.extend_from_slice(&word.to_le_bytes());
                }
            }
            // The next site that is not plain, or that has a skip point in front.
            let detailed = details.first().map_or(usize::MAX, |(position, _)| *position as usize);
            let end = sites.len().min((number / SKIP + 1) * SKIP).min(detailed.max(number));
            let short = encode_short_sites(&mut stream, previous, &sites[number..end]);
            if short == 0 {
                let own = details.first().filter(|_| detailed == number);
                encode_site(&mut stream, previous, site, own.map(|(_, own)| own))?;
                details = &details[usize::from(own.is_some())..];
            }
            number += short.max(1);
            previous = sites[number - 1];
        }
        if !details.is_empty() {
            return Err(SitesError::Malformed);
        }
        assemble(&skips, &stream)
    }
}

fn assemble(skips: &[u8], stream: &[u8]) -> Result<FunctionSites, SitesError> {
    if stream.is_empty() {
        return Ok(FunctionSites::default());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(
        varint_len((skips.len() / SKIP_BYTES) as u64) + skips.len() + stream.len(),
    )?;
    put_varint(&mut bytes, (skips.len() / SKIP_BYTES) as u64)?;
    bytes.extend_from_slice(skips);
    bytes.extend_from_slice(stream);
    Ok(FunctionSites { bytes: bytes.into_boxed_slice() })
}

/// Encodes sites up to the first whose distances take more than a byte, as long as there is room; returns how many.
/// These are nearly all.
fn encode_short_sites(stream: &mut Vec<u8>, mut previous: Site, sites: &[Site]) -> usize {
    const SHORT: u32 = 0x40;
    let room = (stream.capacity() - stream.len()) / 3;
    for (number, &site) in sites.iter().enumerate() {
        let distance = site.code_offset.wrapping_sub(previous.code_offset);
        let wasm = site.wasm_offset.wrapping_sub(previous.wasm_offset);
        if distance >= SHORT || wasm >= SHORT || number >= room {
            return number;
        }
        let trap = site.trap.map_or(0, NonZeroU8::get);
        let has_trap = u8::from(trap != 0);
        let end = stream.len() + 2 + usize::from(has_trap);
        stream.extend_from_slice(&[(distance as u8) << 1 | has_trap, (wasm as u8) << 1, trap]);
        stream.truncate(end);
        previous = site;
    }
    sites.len()
}

fn encode_site(
    stream: &mut Vec<u8>,
    previous: Site,
    site: Site,
    details: Option<&SiteDetails>,
) -> Result<(), SitesError> {
    let distance =
        site.code_offset.checked_sub(previous.code_offset).ok_or(SitesError::Malformed)?;
    put_varint(
        stream,
        u64::from(distance) << 1 | u64::from(site.trap.is_some() || details.is_some()),
    )?;
    put_varint(stream, zigzag(i64::from(site.wasm_offset) - i64::from(previous.wasm_offset)))?;
    let trap = site.trap.map(NonZeroU8::get);
    let Some(details) = details else {
        stream.try_reserve(1)?;
        stream.extend(trap);
        return Ok(());
    };
    let details = site_details::encode(details)?;
    stream.try_reserve(2)?;
    stream.extend([DETAILED, trap.unwrap_or(0)]);
    put_varint(stream, details.len() as u64)?;
    stream.try_reserve(details.len())?;
    stream.extend_from_slice(&details);
    Ok(())
}

/// All sites of a function, with offsets from its start.
pub fn sites_of(bytes: &[u8]) -> impl Iterator<Item = Site> + '_ {
    Sites::before(bytes, 0).into_iter().flatten().map(|(site, _)| site)
}

/// The direct calls of a function that must be linked again when its code is moved.
pub fn moving_calls(bytes: &[u8]) -> impl Iterator<Item = CallRelocation> + '_ {
    Sites::before(bytes, 0).into_iter().flatten().filter_map(|(site, details)| {
        let target = DefinedFuncIndex(details.target()?);
        Some(CallRelocation { offset: site.code_offset.checked_sub(4)?, target })
    })
}

/// The site at exactly this offset from the function's start that is wanted, among a function's encoded sites. Skips
/// nothing that lies at the offset, and reads no further.
pub(super) fn find(
    bytes: &[u8],
    target: u32,
    wanted: impl Fn(&Site) -> bool,
) -> Option<(Site, Details<'_>)> {
    Sites::before(bytes, target)?
        .take_while(|(site, _)| site.code_offset <= target)
        .find(|(site, _)| site.code_offset == target && wanted(site))
}

/// Reads a function's sites; ends early where the bytes are invalid.
struct Sites<'a> {
    reader: Reader<'a>,
    previous: Site,
}

impl<'a> Sites<'a> {
    /// Starts at the last skip point before `target`, so that no site at `target` is missed.
    fn before(bytes: &'a [u8], target: u32) -> Option<Sites<'a>> {
        let mut reader = Reader { bytes };
        let count = usize::try_from(reader.varint()?).ok()?;
        let (skips, stream) = reader.bytes.split_at_checked(count.checked_mul(SKIP_BYTES)?)?;
        let (skips, _) = skips.as_chunks::<SKIP_BYTES>();
        let at = skips.partition_point(|skip| word(skip, 0) < target);
        let (code_offset, wasm_offset, position) =
            match at.checked_sub(1).and_then(|at| skips.get(at)) {
                Some(skip) => (word(skip, 0), word(skip, 4), word(skip, 8)),
                None => (0, 0, 0),
            };
        let reader = Reader { bytes: stream.get(position as usize..)? };
        Some(Sites { reader, previous: Site { code_offset, wasm_offset, trap: None } })
    }
}

impl<'a> Iterator for Sites<'a> {
    type Item = (Site, Details<'a>);

    fn next(&mut self) -> Option<(Site, Details<'a>)> {
        let head = self.reader.varint()?;
        let distance = unzigzag(self.reader.varint()?);
        let (mut trap, mut details) = (None, Details::default());
        if head & 1 == 1 {
            trap = NonZeroU8::new(self.reader.byte()?);
            if trap.is_none() {
                (trap, details) = self.details()?;
            }
        }
        self.previous = Site {
            code_offset: self.previous.code_offset.wrapping_add((head >> 1) as u32),
            wasm_offset: i64::from(self.previous.wasm_offset).wrapping_add(distance) as u32,
            trap,
        };
        Some((self.previous, details))
    }
}

impl<'a> Sites<'a> {
    /// What follows [`DETAILED`].
    #[cold]
    fn details(&mut self) -> Option<(Option<NonZeroU8>, Details<'a>)> {
        let trap = NonZeroU8::new(self.reader.byte()?);
        let len = usize::try_from(self.reader.varint()?).ok()?;
        let (bytes, rest) = self.reader.bytes.split_at_checked(len)?;
        self.reader.bytes = rest;
        Some((trap, Details { bytes }))
    }
}

fn word(skip: &[u8; SKIP_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([skip[at], skip[at + 1], skip[at + 2], skip[at + 3]])
}
