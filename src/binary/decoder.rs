//! Decoding from bytes of which more may arrive.
//!
//! A [`Decoder`] reads as far as the bytes allow and goes on when there are more; where it stopped makes no difference
//! to what it finds. A [`Receiver`] gets the description as soon as all is known that the bodies need, then each body,
//! and at the end what came behind the bodies. So nothing here reads a body, and the first error is the first in the
//! order of the bytes.

use super::data::plain_segments;
use super::errors::{malformed, section_error};
use super::exports::{are_valid, read_exports};
use super::proposals;
use super::sections::{Late, Sections, byte_range};
use super::strangers;
use super::validation::Validation;
use crate::error::Error;
use crate::module::{DataSegment, Export, Module, ModuleBytes};
use crate::sys::claim::Claim;
use crate::sys::reserve;
use crate::types::{DefinedFuncIndex, TypeRegistry, ValType};
use std::ops::Range;
use std::sync::Arc;
use wasmparser::{
    BinaryReader, Chunk, ExportSectionReader, Parser, Payload, ValidPayload, Validator,
};

/// Receives what is decoded.
pub trait Receiver {
    /// All that bodies need is known; they have `size` bytes together, about.
    fn begin(
        &mut self,
        module: Arc<Module>,
        validation: Validation,
        size: usize,
    ) -> Result<(), Error>;

    /// A body has arrived.
    fn body(&mut self, func: DefinedFuncIndex) -> Result<(), Error>;

    /// The module is complete.
    fn end(&mut self, late: Late) -> Result<(), Error>;
}

/// See the top of the file.
pub struct Decoder {
    bytes: ModuleBytes,
    /// What was read so far.
    at: usize,
    /// Nothing more can be read before there are so many bytes.
    needed: usize,
    parser: Parser,
    validator: Validator,
    before: Sections,
    data_count: Option<u32>,
    /// Once the bodies have begun.
    module: Option<Arc<Module>>,
    late: Late,
    /// The next body.
    next: DefinedFuncIndex,
}

impl Decoder {
    pub fn new(bytes: ModuleBytes) -> Decoder {
        let mut parser = Parser::new(0);
        parser.set_features(proposals::SECTIONS);
        Decoder {
            bytes,
            at: 0,
            needed: 0,
            parser,
            validator: Validator::new_with_features(proposals::SECTIONS),
            before: Sections::default(),
            data_count: None,
            module: None,
            late: Late::default(),
            next: DefinedFuncIndex(0),
        }
    }

    /// Reads what has arrived; `ended` if that is everything.
    pub fn advance(
        &mut self,
        ended: bool,
        types: &TypeRegistry,
        receiver: &mut impl Receiver,
    ) -> Result<(), Error> {
        let bytes = self.bytes.clone();
        let bytes = &*bytes;
        reserve::begin()?;
        if self.at == 0 && !strangers::is_module(bytes, ended)? {
            return Ok(());
        }
        while ended || bytes.len() >= self.needed {
            let rest = &bytes[self.at..];
            match self.parser.parse(rest, ended).map_err(malformed)? {
                Chunk::NeedMoreData(hint) => {
                    self.needed = bytes.len().saturating_add(hint.max(1));
                }
                Chunk::Parsed { consumed, payload } => {
                    self.at += consumed;
                    if self.read(payload, types, receiver)? {
                        break;
                    }
                }
            }
        }
        Ok(reserve::checkpoint()?)
    }

    /// Reads a part of the module; true if it was the last.
    fn read(
        &mut self,
        payload: Payload<'_>,
        types: &TypeRegistry,
        receiver: &mut impl Receiver,
    ) -> Result<bool, Error> {
        if let Payload::DataSection(section) = &payload
            && let Some(segments) = self.plain_segments(section.range())?
        {
            self.begin_bodies(0..0, types, receiver)?;
            self.late.set_data(segments);
            return Ok(false);
        }
        if let Payload::ExportSection(section) = &payload
            && let Some(exports) = self.plain_exports(section.range())?
        {
            // What the validator must know of the section is where it stands among others.
            let empty = BinaryReader::new(&[0], section.range().start);
            let empty = ExportSectionReader::new(empty).map_err(malformed)?;
            self.validator.export_section(&empty).map_err(|e| section_error(e, &payload))?;
            self.before.exports(exports)?;
            return Ok(false);
        }
        let _claim = claim_for(&payload)?;
        let valid = self.validator.payload(&payload).map_err(|e| section_error(e, &payload))?;
        reserve::checkpoint()?;
        match valid {
            ValidPayload::Func(_, body) => {
                let Some(module) = &self.module else {
                    return Err(Error::internal("a body before its section"));
                };
                module.bodies.set(self.next, byte_range(body.range()));
                receiver.body(self.next)?;
                self.next.0 += 1;
            }
            ValidPayload::Ok => self.section(payload, types, receiver)?,
            ValidPayload::End(_) => {
                self.begin_bodies(0..0, types, receiver)?;
                receiver.end(std::mem::take(&mut self.late))?;
                return Ok(true);
            }
            ValidPayload::Parser(_) => return Err(strangers::component()),
        }
        Ok(false)
    }

    /// The segments of a data section, if its bytes alone say that they are valid.
    fn plain_segments(&self, section: Range<u64>) -> Result<Option<Vec<DataSegment>>, Error> {
        let memories = match &self.module {
            Some(module) => &module.memories,
            None => self.before.memories_so_far(),
        };
        if memories.first().is_none_or(|memory| memory.is_64) {
            return Ok(None);
        }
        let bytes = &self.bytes[section.start as usize..section.end as usize];
        plain_segments(bytes, section.start)
    }

    /// The exports of a section, if they are certainly valid.
    fn plain_exports(&self, section: Range<u64>) -> Result<Option<Vec<Export>>, Error> {
        let Some(exports) = self.exports(section)? else { return Ok(None) };
        Ok(are_valid(&exports, &self.bytes, &self.before)?.then_some(exports))
    }

    fn exports(&self, section: Range<u64>) -> Result<Option<Vec<Export>>, Error> {
        let bytes = &self.bytes[section.start as usize..section.end as usize];
        read_exports(bytes, section.start)
    }

    /// Records a section that the validator has accepted.
    fn section(
        &mut self,
        payload: Payload<'_>,
        types: &TypeRegistry,
        receiver: &mut impl Receiver,
    ) -> Result<(), Error> {
        if let Payload::ExportSection(section) = &payload {
            let exports = self.exports(section.range())?;
            let exports = exports.ok_or_else(|| Error::internal("unknown exports"))?;
            return self.before.exports(exports);
        }
        let before = &mut self.before;
        match payload {
            Payload::TypeSection(section) => before.types(section, types),
            Payload::ImportSection(section) => before.imports(section),
            Payload::FunctionSection(section) => before.functions(section),
            Payload::TableSection(section) => before.tables(section),
            Payload::MemorySection(section) => before.memories(section),
            Payload::GlobalSection(section) => before.globals(section),
            Payload::TagSection(section) => before.tags(section),
            Payload::StartSection { func, .. } => before.start(func),
            Payload::ElementSection(section) => before.elements(section),
            Payload::DataCountSection { count, .. } => {
                self.data_count = Some(count);
                Ok(())
            }
            Payload::CodeSectionStart { unchecked_range, .. } => {
                self.begin_bodies(byte_range(unchecked_range), types, receiver)
            }
            Payload::DataSection(section) => {
                self.begin_bodies(0..0, types, receiver)?;
                let module = self.module.as_ref().ok_or_else(Error::out_of_memory)?;
                self.late.data(section, &module.types)
            }
            Payload::CustomSection(section) => self.late.custom(&section),
            _ => Ok(()),
        }
    }

    /// Nothing that bodies need can follow. The code section is in this range.
    fn begin_bodies(
        &mut self,
        section: Range<u32>,
        types: &TypeRegistry,
        receiver: &mut impl Receiver,
    ) -> Result<(), Error> {
        if self.module.is_none() {
            let size = section.len();
            let mut module = std::mem::take(&mut self.before).finish(self.bytes.clone())?;
            module.code_section = section;
            let validation = Validation::new(&module, self.data_count)?;
            types.pin(referring_types(&module));
            let module = Arc::new(module);
            self.module = Some(module.clone());
            receiver.begin(module, validation, size)?;
        }
        Ok(())
    }
}

/// Types that describe other types and objects, which may outlive the module.
fn referring_types(module: &Module) -> impl Iterator<Item = ValType> + '_ {
    let funcs = module.types.iter().flat_map(|(_, ty)| ty.params.iter().chain(&ty.results));
    let globals = module.globals.iter().map(|global| global.content);
    let tables = module.tables.iter().map(|table| ValType::Ref(table.ty.element));
    funcs.copied().chain(globals).chain(tables)
}

/// Validator and description take several times the size of a section; bodies, data and custom sections are not
/// copied.
fn claim_for(payload: &Payload<'_>) -> Result<Option<Claim>, Error> {
    let Some((id, range)) = payload.as_section() else { return Ok(None) };
    if matches!(id, CUSTOM_SECTION | CODE_SECTION | DATA_SECTION) {
        return Ok(None);
    }
    let size = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    Ok(Some(Claim::new(size.saturating_mul(MEMORY_PER_BYTE))?))
}

const CUSTOM_SECTION: u8 = 0;
const CODE_SECTION: u8 = 10;
const DATA_SECTION: u8 = 11;
const MEMORY_PER_BYTE: usize = 128;
