//! Tables of the functions in a piece of code and their sites: which function is at an offset, and which site.
//!
//! A whole module's code has a [`SiteTable`], which is made once. Code to which functions are added has a table that
//! grows (`growing_table`). Both are read in the same way, by [`FunctionTable`].

use super::site_details::Details;
use super::sites::{FunctionSites, SitesError, find};
use crate::abi::Site;

/// The range of a function in a piece of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunctionSpan {
    /// The number that the builder was given.
    pub function: u32,
    /// Offset of its first byte.
    pub code_start: u32,
    /// Its length in bytes.
    pub code_len: u32,
}

#[derive(Clone, Copy, Debug)]
struct IndexEntry {
    span: FunctionSpan,
    /// Where its sites start; they end where the next function's start.
    position: u32,
}

/// Collects the functions of a piece of code.
#[derive(Debug, Default)]
pub struct SiteTableBuilder {
    index: Vec<IndexEntry>,
    bytes: Vec<u8>,
    /// The end of the last function: the next one starts there or later.
    end: u64,
}

impl SiteTableBuilder {
    /// Reserves room for this many functions and bytes of sites, to avoid moves later.
    pub fn with_capacity(functions: usize, bytes: usize) -> Result<SiteTableBuilder, SitesError> {
        let mut builder = SiteTableBuilder::default();
        builder.index.try_reserve_exact(functions)?;
        builder.bytes.try_reserve_exact(bytes)?;
        Ok(builder)
    }

    /// Adds a function. Functions must come in ascending order of their code and not overlap.
    pub fn push(&mut self, span: FunctionSpan, sites: FunctionSites) -> Result<(), SitesError> {
        self.push_encoded(span, sites.bytes())
    }

    /// As [`SiteTableBuilder::push`], with bytes from [`SiteTable::encoded`]. With invalid bytes, lookups find
    /// nothing.
    pub fn push_encoded(&mut self, span: FunctionSpan, sites: &[u8]) -> Result<(), SitesError> {
        if u64::from(span.code_start) < self.end {
            return Err(SitesError::Malformed);
        }
        let position = u32::try_from(self.bytes.len()).map_err(|_| SitesError::Malformed)?;
        self.index.try_reserve(1)?;
        self.bytes.try_reserve(sites.len())?;
        self.index.push(IndexEntry { span, position });
        self.bytes.extend_from_slice(sites);
        self.end = u64::from(span.code_start) + u64::from(span.code_len);
        Ok(())
    }

    /// The finished table.
    pub fn finish(self) -> SiteTable {
        SiteTable { index: self.index, bytes: self.bytes }
    }
}

/// The functions and sites of code that is complete.
#[derive(Debug, Default)]
pub struct SiteTable {
    index: Vec<IndexEntry>,
    bytes: Vec<u8>,
}

/// Functions with their sites, in order of their code. Lookups allocate nothing.
pub trait FunctionTable {
    /// The function whose code contains the offset, and its encoded sites.
    fn entry(&self, code_offset: u32) -> Option<(FunctionSpan, &[u8])>;

    /// The function whose code contains the offset.
    fn lookup_function(&self, code_offset: u32) -> Option<FunctionSpan> {
        self.entry(code_offset).map(|(span, _)| span)
    }

    /// The function that contains a return address or ends there: a call may be a function's last instruction.
    fn lookup_caller(&self, return_offset: u32) -> Option<FunctionSpan> {
        self.lookup_function(return_offset.checked_sub(1)?)
    }

    /// The trapping instruction at exactly this offset.
    fn lookup_trap(&self, code_offset: u32) -> Option<Site> {
        self.lookup_detailed_trap(code_offset).map(|(site, _)| site)
    }

    /// As [`FunctionTable::lookup_trap`], with the site's details.
    fn lookup_detailed_trap(&self, code_offset: u32) -> Option<(Site, Details<'_>)> {
        lookup(self.entry(code_offset)?, code_offset, |site| site.trap.is_some())
    }

    /// The call that returns to exactly this offset.
    fn lookup_call(&self, return_offset: u32) -> Option<Site> {
        self.lookup_detailed_call(return_offset).map(|(site, _)| site)
    }

    /// As [`FunctionTable::lookup_call`], with the site's details.
    fn lookup_detailed_call(&self, return_offset: u32) -> Option<(Site, Details<'_>)> {
        let caller = self.entry(return_offset.checked_sub(1)?)?;
        lookup(caller, return_offset, |site| site.trap.is_none())
    }
}

fn lookup(
    (span, sites): (FunctionSpan, &[u8]),
    code_offset: u32,
    wanted: impl Fn(&Site) -> bool,
) -> Option<(Site, Details<'_>)> {
    let (found, details) = find(sites, code_offset - span.code_start, wanted)?;
    Some((Site { code_offset, ..found }, details))
}

impl FunctionTable for SiteTable {
    fn entry(&self, code_offset: u32) -> Option<(FunctionSpan, &[u8])> {
        let at = self
            .index
            .partition_point(|entry| entry.span.code_start <= code_offset)
            .checked_sub(1)?;
        let entry = self.index.get(at)?;
        let inside = code_offset - entry.span.code_start < entry.span.code_len;
        inside.then(|| (entry.span, self.bytes_of(at)))
    }
}

impl SiteTable {
    /// All functions, in order of their code.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = FunctionSpan> + '_ {
        self.index.iter().map(|entry| entry.span)
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.index) + self.bytes.len()
    }

    /// All functions with their encoded sites, in order of their code.
    pub fn encoded(&self) -> impl ExactSizeIterator<Item = (FunctionSpan, &[u8])> + '_ {
        (0..self.index.len()).map(|at| (self.index[at].span, self.bytes_of(at)))
    }

    /// The sites of the function at this position of the index, which must exist.
    fn bytes_of(&self, at: usize) -> &[u8] {
        let start = self.index[at].position as usize;
        let end = self.index.get(at + 1).map_or(self.bytes.len(), |next| next.position as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }
}
