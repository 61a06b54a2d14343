//! From bytes to a module's binary and its code, trusting nothing that can be checked.

use super::seal::{SEAL_LEN, SerializeKey, is_sealed};
use super::{
    ENTRY, FINAL, FORMAT, GROWING, IDENTITY, KEYED, MAGIC, PART_RECORD, Subject, TARGET_RECORD,
    TIERED, refused,
};
use crate::abi::call_targets::LikelyTarget;
use crate::abi::{CodeMode, Features, Tier};
use crate::binary::strangers;
use crate::code::CodeMemory;
use crate::code::function_table::{FunctionSpan, SiteTableBuilder};
use crate::compile::linker::{code_error, sites_error};
use crate::compile::roles::{Form, PlacedPart, PlacedParts, Role, Warmth};
use crate::error::Error;
use crate::quote::Quoted;
use crate::types::DefinedFuncIndex;

/// Serialized bytes that are complete, were written by this build, and fit this machine and engine.
pub struct Contents<'a> {
    /// The original module, or the name of the entry.
    pub subject: Subject<'a>,
    /// The number of code sets that were not read yet.
    count: u32,
    sets: Reader<'a>,
}

/// The code of one mode, not placed yet.
pub struct SerializedSet<'a> {
    pub mode: CodeMode,
    pub form: Form,
    parts: &'a [[u8; PART_RECORD]],
    targets: &'a [[u8; TARGET_RECORD]],
    sites: &'a [u8],
    code: &'a [u8],
}

impl<'a> Contents<'a> {
    /// Checks everything up to the binary. `features` are those that the engine's code may use.
    pub fn open(
        bytes: &'a [u8],
        key: Option<&SerializeKey>,
        features: Features,
    ) -> Result<Contents<'a>, Error> {
        let (bytes, is_entry) = check_seal(bytes, key)?;
        let mut reader = Reader { bytes };
        let len = reader.u32()? as usize;
        let identity = reader.take(len)?;
        if identity != IDENTITY.as_bytes() {
            let text = String::from_utf8_lossy(&identity[..identity.len().min(200)]);
            let text = format!("written by {}, this is {}", Quoted(&text), Quoted(IDENTITY));
            return Err(refused(text));
        }
        let missing = Features::from_bits(reader.u32()?).beyond(features);
        if !missing.is_empty() {
            return Err(refused(format!(
                "its code uses extensions of the processor that this engine does not: {missing}"
            )));
        }
        let len = reader.len()?;
        let subject = reader.take(len)?;
        let subject = if is_entry { Subject::Entry(subject) } else { Subject::Module(subject) };
        let count = reader.u32()?;
        if count as usize > CodeMode::COUNT {
            return Err(refused(format!("{count} code sets")));
        }
        Ok(Contents { subject, count, sets: reader })
    }

    /// The next code set; none at the end.
    pub fn next_set(&mut self) -> Result<Option<SerializedSet<'a>>, Error> {
        let reader = &mut self.sets;
        if self.count == 0 {
            let is_end = reader.bytes.is_empty();
            return if is_end { Ok(None) } else { Err(refused("data behind the last code set")) };
        }
        self.count -= 1;
        let number = reader.u32()?;
        let mode = CodeMode::from_number(number as usize);
        let mode = mode.ok_or_else(|| refused(format!("unknown mode {number} of code")))?;
        let form = match reader.u32()? {
            FINAL => Form::Final,
            GROWING => Form::Growing { tiers_up: false },
            TIERED => Form::Growing { tiers_up: true },
            form => return Err(refused(format!("unknown form {form} of code"))),
        };
        let (parts, targets) = (reader.u32()? as usize, reader.u32()? as usize);
        let (site_len, code_len) = (reader.len()?, reader.len()?);
        let records = parts.checked_mul(PART_RECORD).ok_or_else(cut_short)?;
        let parts = reader.take(records)?.as_chunks().0;
        let records = targets.checked_mul(TARGET_RECORD).ok_or_else(cut_short)?;
        let targets = reader.take(records)?.as_chunks().0;
        let (sites, code) = (reader.take(site_len)?, reader.take(code_len)?);
        Ok(Some(SerializedSet { mode, form, parts, targets, sites, code }))
    }
}

impl SerializedSet<'_> {
    /// How much code there is, as `CodeSet::amount` counts.
    pub fn amount(&self) -> u32 {
        self.roles().map(Role::amount).sum()
    }

    /// Whether all functions, of which there are so many, have code of this tier or better.
    pub fn has_all(&self, tier: Tier, functions: usize) -> bool {
        let is_one =
            |role: &Role| matches!(role, Role::Function(state) if state.tier() >= Some(tier));
        self.roles().filter(is_one).count() == functions
    }

    fn roles(&self) -> impl Iterator<Item = Role> {
        let role = |record: &[u8; PART_RECORD]| Reader { bytes: &record[4..] }.u32().map(Role::of);
        self.parts.iter().filter_map(move |record| role(record).ok())
    }

    /// Copies the code into executable memory. The module defines `functions` functions.
    pub fn place(&self, memory: &CodeMemory, functions: usize) -> Result<PlacedParts, Error> {
        if self.code.is_empty() || self.form == Form::Final && self.parts.len() != functions {
            return Err(refused("code for another number of functions"));
        }
        let mut parts = Vec::new();
        parts.try_reserve_exact(self.parts.len())?;
        let table = SiteTableBuilder::with_capacity(self.parts.len(), self.sites.len());
        let mut table = table.map_err(sites_error)?;
        let mut sites = Reader { bytes: self.sites };
        for record in self.parts {
            let (part, span, site_len) = self.part(record)?;
            let is_next = parts.last().is_none_or(|last| order(last) < order(&part));
            if span.function as usize >= functions || !is_next {
                return Err(refused("a function twice, or one that the module lacks"));
            }
            let sites = sites.take(site_len)?;
            table.push_encoded(span, sites).map_err(|_| refused("functions overlap"))?;
            parts.push(part);
        }
        if !sites.bytes.is_empty() {
            return Err(refused("sites of no function"));
        }
        self.check_roles(&parts)?;
        let mut block = memory.allocate(self.code.len()).map_err(code_error)?;
        block.write(0, self.code).map_err(code_error)?;
        let code = block.publish().map_err(code_error)?;
        Ok(PlacedParts { code, parts, sites: table.finish(), targets: self.targets()? })
    }

    fn targets(&self) -> Result<Vec<(u32, LikelyTarget)>, Error> {
        let mut targets = Vec::new();
        targets.try_reserve_exact(self.targets.len())?;
        for record in self.targets {
            let mut record = Reader { bytes: record };
            let number = record.u32()?;
            targets.push((number, LikelyTarget { function: record.u32()?, calls: record.u32()? }));
        }
        Ok(targets)
    }

    /// A part, the range of its code, and the length of its sites.
    fn part(&self, record: &[u8; PART_RECORD]) -> Result<(PlacedPart, FunctionSpan, usize), Error> {
        let mut record = Reader { bytes: record };
        let (function, role) = (record.u32()?, Role::of(record.u32()?));
        let (start, code_len) = (record.u32()?, record.u32()?);
        let site_len = record.u32()? as usize;
        let warmth = Warmth { heat: record.u32()?, budget: record.u64()? as i64 };
        if code_len == 0 || u64::from(start) + u64::from(code_len) > self.code.len() as u64 {
            return Err(refused("a function outside of the code"));
        }
        let span = FunctionSpan { function, code_start: start, code_len };
        Ok((PlacedPart { func: DefinedFuncIndex(function), role, warmth, start }, span, site_len))
    }

    /// Final code is that of functions, all of one tier.
    fn check_roles(&self, parts: &[PlacedPart]) -> Result<(), Error> {
        let mixed = parts.iter().any(|part| match part.role {
            Role::Loop(_) => true,
            role => Some(role) != parts.first().map(|first| first.role),
        });
        match self.form {
            Form::Final if mixed => Err(refused("final code of several kinds")),
            _ => Ok(()),
        }
    }
}

/// Parts are written in this order.
fn order(part: &PlacedPart) -> (u32, u64) {
    (part.func.0, part.role.order())
}

/// The bytes between length and seal, if the seal is correct, and whether they are an entry.
fn check_seal<'a>(bytes: &'a [u8], key: Option<&SerializeKey>) -> Result<(&'a [u8], bool), Error> {
    let mut reader = Reader { bytes };
    if reader.take(MAGIC.len()).ok() != Some(&MAGIC) {
        let text = format!("no serialized module: {}", strangers::describe(bytes));
        return Err(refused(text));
    }
    let format = reader.u32()?;
    if format != FORMAT {
        return Err(refused(format!("format {format}, this library reads {FORMAT}")));
    }
    let flags = reader.u32()?;
    let len = reader.u64()?;
    if len != bytes.len() as u64 {
        let short = if len > bytes.len() as u64 { "truncated" } else { "too long" };
        return Err(refused(format!("{short}: {} bytes instead of {len}", bytes.len())));
    }
    let wrong_seal = match (flags & !ENTRY, key) {
        (0, None) => "damaged: the checksum does not match",
        (KEYED, Some(_)) => "the seal does not match: damaged, forged, or of another key",
        (KEYED, None) => return Err(refused("sealed with a key, and the engine has none")),
        (0, Some(_)) => return Err(refused("not sealed with a key, and the engine has one")),
        _ => return Err(refused(format!("unknown flags {flags:#x}"))),
    };
    let (sealed, seal) = bytes.split_last_chunk::<SEAL_LEN>().ok_or_else(cut_short)?;
    if !is_sealed(key, sealed, seal) {
        return Err(refused(wrong_seal));
    }
    let body = reader.bytes.len().checked_sub(SEAL_LEN).ok_or_else(cut_short)?;
    Ok((&reader.bytes[..body], flags & ENTRY != 0))
}

#[cold]
fn cut_short() -> Error {
    refused("a length reaches beyond the end")
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or_else(cut_short)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Error> {
        let (word, rest) = self.bytes.split_first_chunk().ok_or_else(cut_short)?;
        self.bytes = rest;
        Ok(u32::from_le_bytes(*word))
    }

    fn u64(&mut self) -> Result<u64, Error> {
        let (word, rest) = self.bytes.split_first_chunk().ok_or_else(cut_short)?;
        self.bytes = rest;
        Ok(u64::from_le_bytes(*word))
    }

    fn len(&mut self) -> Result<usize, Error> {
        usize::try_from(self.u64()?).map_err(|_| cut_short())
    }
}
