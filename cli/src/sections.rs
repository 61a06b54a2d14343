//! The sections of a binary: what a module consists of, without compiling it.

use std::ops::Range;
use wasmparser::{BinaryReaderError, Parser, Payload};

pub struct Section {
    pub name: String,
    /// The contents, without id and size.
    pub range: Range<u64>,
    /// What it has many of.
    pub count: Option<u32>,
}

pub struct Sections {
    pub list: Vec<Section>,
    /// The body of each defined function, in order.
    pub bodies: Vec<Range<u64>>,
    /// How many functions are imported.
    pub imported: u32,
    pub has_start: bool,
}

impl Sections {
    pub fn of(binary: &[u8]) -> Result<Sections, BinaryReaderError> {
        let mut sections =
            Sections { list: Vec::new(), bodies: Vec::new(), imported: 0, has_start: false };
        for payload in Parser::new(0).parse_all(binary) {
            sections.add(payload?);
        }
        Ok(sections)
    }

    fn add(&mut self, payload: Payload) {
        let (name, range, count) = match payload {
            Payload::TypeSection(s) => ("type", s.range(), Some(s.count())),
            Payload::ImportSection(s) => {
                let range = s.range();
                let imports: Vec<_> = s.into_imports().flatten().collect();
                self.imported = imports.iter().filter(|i| is_func(&i.ty)).count() as u32;
                ("import", range, Some(imports.len() as u32))
            }
            Payload::FunctionSection(s) => ("function", s.range(), Some(s.count())),
            Payload::TableSection(s) => ("table", s.range(), Some(s.count())),
            Payload::MemorySection(s) => ("memory", s.range(), Some(s.count())),
            Payload::TagSection(s) => ("tag", s.range(), Some(s.count())),
            Payload::GlobalSection(s) => ("global", s.range(), Some(s.count())),
            Payload::ExportSection(s) => ("export", s.range(), Some(s.count())),
            Payload::StartSection { range, .. } => {
                self.has_start = true;
                ("start", range, None)
            }
            Payload::ElementSection(s) => ("element", s.range(), Some(s.count())),
            Payload::DataCountSection { range, .. } => ("data count", range, None),
            Payload::DataSection(s) => ("data", s.range(), Some(s.count())),
            Payload::CodeSectionStart { count, unchecked_range, .. } => {
                ("code", unchecked_range, Some(count))
            }
            Payload::CodeSectionEntry(body) => return self.bodies.push(body.range()),
            Payload::CustomSection(s) => {
                let name = format!("custom \"{}\"", s.name().escape_debug());
                return self.list.push(Section { name, range: s.range(), count: None });
            }
            _ => return,
        };
        self.list.push(Section { name: name.into(), range, count });
    }
}

fn is_func(ty: &wasmparser::TypeRef) -> bool {
    matches!(ty, wasmparser::TypeRef::Func(_) | wasmparser::TypeRef::FuncExact(_))
}
