//! The decoder: from bytes to a module description.
//!
//! `wasmparser` reads and validates; this folder keeps what the engine needs of each section ([`sections`],
//! [`types`], [`const_expr`]), refuses unsupported constructs with a message that names the proposal
//! ([`proposals`]), and turns every failure into our error with its byte offset ([`errors`]). Function bodies stay
//! ranges of the bytes; [`validation`] keeps what validating them later needs, [`bodies`] reads them. Everything sized by the
//! module is allocated fallibly.

pub mod bodies;
mod const_expr;
mod errors;
mod limits;
mod proposals;
mod sections;
pub mod strangers;
mod types;
pub mod validation;

pub use errors::{malformed, unsupported};
pub use limits::Limits;
#[cfg(test)]
pub use proposals::{BODIES, SECTIONS};
pub use validation::Validation;

use crate::error::{Error, Phase};
use crate::module::Module;
use crate::sys::claim::Claim;
use crate::sys::reserve;
use crate::types::{TypeRegistry, ValType};
use errors::section_error;
use sections::Sections;
use wasmparser::{Parser, Payload, ValidPayload, Validator};

/// A module whose sections are valid and whose bodies have not been validated yet.
pub struct Decoded {
    pub module: Module,
    pub validation: Validation,
}

/// Reads all sections but the function bodies, and keeps a copy of `bytes`.
pub fn decode(bytes: &[u8], types: &TypeRegistry, limits: &Limits) -> Result<Decoded, Error> {
    check_size(bytes, limits)?;
    strangers::refuse(bytes)?;
    let bytes = copy(bytes)?;
    let (sections, data_count) = read(&bytes, types)?;
    let module = sections.finish(bytes)?;
    let validation = Validation::new(&module, data_count)?;
    types.pin(referring_types(&module));
    Ok(Decoded { module, validation })
}

/// Types that describe other types and objects, which may outlive the module.
fn referring_types(module: &Module) -> impl Iterator<Item = ValType> + '_ {
    let funcs = module.types.iter().flat_map(|(_, ty)| ty.params.iter().chain(&ty.results));
    let globals = module.globals.iter().map(|global| global.content);
    let tables = module.tables.iter().map(|table| ValType::Ref(table.ty.element));
    funcs.copied().chain(globals).chain(tables)
}

fn check_size(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    if bytes.len() as u64 > u64::from(limits.module_size) {
        let (size, allowed) = (bytes.len(), limits.module_size);
        let text = format!(
            "module of {size} bytes, allowed are {allowed} (WASMRT_OPTION_MAX_MODULE_SIZE)"
        );
        return Err(Error::limit(Phase::Decode, text));
    }
    Ok(())
}

fn copy(bytes: &[u8]) -> Result<Box<[u8]>, Error> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy.into_boxed_slice())
}

/// The sections, and the number in the data count section.
fn read(bytes: &[u8], types: &TypeRegistry) -> Result<(Sections, Option<u32>), Error> {
    reserve::begin()?;
    let mut parser = Parser::new(0);
    parser.set_features(proposals::SECTIONS);
    let mut validator = Validator::new_with_features(proposals::SECTIONS);
    let mut sections = Sections::default();
    let mut data_count = None;
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(errors::malformed)?;
        let _claim = claim_for(&payload)?;
        let valid = validator.payload(&payload).map_err(|e| section_error(e, &payload))?;
        reserve::checkpoint()?;
        match valid {
            ValidPayload::Func(_, body) => sections.body(&body)?,
            ValidPayload::Ok if let Payload::DataCountSection { count, .. } = payload => {
                data_count = Some(count);
            }
            ValidPayload::Ok => read_section(&mut sections, payload, types)?,
            ValidPayload::End(_) => break,
            ValidPayload::Parser(_) => return Err(strangers::component()),
        }
    }
    reserve::checkpoint()?;
    Ok((sections, data_count))
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

/// Records a section that the validator has accepted.
fn read_section(
    sections: &mut Sections,
    payload: Payload<'_>,
    types: &TypeRegistry,
) -> Result<(), Error> {
    match payload {
        Payload::TypeSection(section) => sections.types(section, types),
        Payload::ImportSection(section) => sections.imports(section),
        Payload::FunctionSection(section) => sections.functions(section),
        Payload::TableSection(section) => sections.tables(section),
        Payload::MemorySection(section) => sections.memories(section),
        Payload::GlobalSection(section) => sections.globals(section),
        Payload::TagSection(section) => sections.tags(section),
        Payload::ExportSection(section) => sections.exports(section),
        Payload::StartSection { func, .. } => sections.start(func),
        Payload::ElementSection(section) => sections.elements(section),
        Payload::DataSection(section) => sections.data(section),
        Payload::CodeSectionStart { count, unchecked_range, .. } => {
            sections.code(count, unchecked_range)
        }
        Payload::CustomSection(section) => sections.custom(&section),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
