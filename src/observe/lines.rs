//! Lines of the source, by place in machine code, where the module has debug information.
//!
//! What is known exactly are the sites: calls and instructions that trap. These are also the places where debuggers
//! show a line, since frames are at calls. So the code up to a site, from the one before it, has the site's line. For
//! code between sites that is a guess: it may belong to either.

use super::functions::{Functions, Part};
use crate::code::sites::sites_of;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use std::collections::{HashMap, TryReserveError};

/// The lines of some code, and the files that they are in.
#[derive(Default)]
pub(super) struct Lines {
    pub files: Vec<String>,
    /// The numbers of the files.
    numbers: HashMap<String, usize>,
    /// One for each function with lines, in the order of the code.
    pub functions: Vec<FunctionLines>,
}

pub(super) struct FunctionLines {
    pub end: usize,
    pub rows: Vec<Row>,
}

/// From an offset on, code belongs to a line.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub offset: usize,
    /// A number of the list.
    pub file: usize,
    pub line: u32,
}

/// A line of a function's body in the module, from an offset on.
type SourceLine = (u32, (usize, u32));

impl Lines {
    /// The lines of functions.
    pub fn of(functions: &Functions<'_>) -> Result<Lines, TryReserveError> {
        let mut lines = Lines::default();
        for part in functions.parts {
            let source = lines.source(functions.module, DefinedFuncIndex(part.span.function))?;
            if !source.is_empty() {
                let rows = rows(part, &source)?;
                let end = (part.span.code_start + part.span.code_len) as usize;
                lines.functions.try_reserve(1)?;
                lines.functions.push(FunctionLines { end, rows });
            }
        }
        Ok(lines)
    }

    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The lines of a body, in the order of the module.
    fn source(
        &mut self,
        module: &Module,
        func: DefinedFuncIndex,
    ) -> Result<Vec<SourceLine>, TryReserveError> {
        let (mut source, mut failed) = (Vec::new(), Ok(()));
        module.each_line(module.bodies.get(func), &mut |line| {
            let mut add = || {
                source.try_reserve(1)?;
                source.push((line.offset, (self.number_of(line.file)?, line.line)));
                Ok(())
            };
            if failed.is_ok() {
                failed = add();
            }
        });
        failed.map(|()| source)
    }

    /// The number of a file, which is added if it is new.
    fn number_of(&mut self, file: &str) -> Result<usize, TryReserveError> {
        if let Some(known) = self.numbers.get(file) {
            return Ok(*known);
        }
        self.files.try_reserve(1)?;
        self.numbers.try_reserve(1)?;
        self.files.push(file.to_owned());
        self.numbers.insert(file.to_owned(), self.files.len() - 1);
        Ok(self.files.len() - 1)
    }
}

fn rows(part: &Part<'_>, source: &[SourceLine]) -> Result<Vec<Row>, TryReserveError> {
    let mut rows: Vec<Row> = Vec::new();
    let start = part.span.code_start as usize;
    let mut offset = start;
    for site in sites_of(part.sites) {
        // Code that was inlined here is in another body; it has the line of what is before it.
        let after = source.partition_point(|(from, _)| *from <= site.wasm_offset);
        let place = source.get(after.saturating_sub(1)).map(|(_, place)| *place);
        let is_new = |(file, line): &(usize, u32)| {
            rows.last().is_none_or(|last| (last.file, last.line) != (*file, *line))
        };
        if let Some((file, line)) = place.filter(is_new) {
            rows.try_reserve(1)?;
            rows.push(Row { offset, file, line });
        }
        // A call ends at its site, an instruction that traps begins there.
        offset = start + site.code_offset as usize + usize::from(site.trap.is_some());
    }
    Ok(rows)
}
