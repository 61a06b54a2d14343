//! Debug information of modules: from an address in guest code to files, lines, columns and inlined functions.
//!
//! Compilers put DWARF into custom sections. It is read when somebody asks for a place in the source, and it is as
//! hostile as any other part of a module: it lies about sizes, refers to itself, and claims to be endless. So this
//! folder has a reader of its own, for the small part of DWARF that is needed here (versions 2 to 5: line programs,
//! ranges, names and inlined functions). What it keeps is an index of the code ranges that have lines (see
//! [`index`]), and the functions of units that somebody asked about. Rows, files and names are read anew for each
//! question. Every read costs a unit of [`reader::Work`], so that no input can take unbounded time; what is kept is
//! proportional to the sections, and allocated fallibly.
//!
//! Addresses are offsets from the start of the code section's contents.

mod abbreviations;
mod constants;
mod entries;
mod forms;
mod functions;
mod header;
mod index;
mod inlined;
mod ranges;
mod reader;
mod rows;
mod sections;
mod text;
mod units;

pub use index::Index;
pub use reader::Work;
pub use rows::Row;
pub use sections::Sections;

/// A place in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourcePlace {
    /// The function, if it was inlined here, as the compiler recorded its name (often mangled); `None` for the
    /// function that the code belongs to.
    pub func: Option<String>,
    /// The path, joined with the folder of the compilation.
    pub file: String,
    pub line: u32,
    /// Counted from 1; 0 if unknown.
    pub column: u32,
}

#[cfg(test)]
mod tests;
