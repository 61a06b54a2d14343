//! What a module's own bytes say about its exports.
//!
//! `wasm.h` cannot show a type that mentions `v128`, a non-null or a typed reference. The runner needs such types to
//! pass and receive these values, so it reads them from the binary. Types stay indices into the module's type section,
//! whose bytes are kept: an adapter module repeats them in front of its own types, which makes both sides agree.

use std::collections::HashMap;
use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, GlobalType, Parser, Payload, TypeRef,
};

#[derive(Default)]
pub struct Description {
    /// Number of recursion groups, and their encoding without the count.
    pub groups: u32,
    pub group_bytes: Vec<u8>,
    pub types: Vec<Option<FuncType>>,
    functions: Vec<u32>,
    globals: Vec<GlobalType>,
    exports: HashMap<String, (ExternalKind, u32)>,
}

impl Description {
    /// Reads a module that the engine under test has already accepted.
    pub fn read(bytes: &[u8]) -> Result<Description, wasmparser::Error> {
        let mut description = Description::default();
        for payload in Parser::new(0).parse_all(bytes) {
            description.add(payload?, bytes)?;
        }
        Ok(description)
    }

    fn add(&mut self, payload: Payload<'_>, bytes: &[u8]) -> Result<(), wasmparser::Error> {
        match payload {
            Payload::TypeSection(section) => {
                self.groups = section.count();
                let start = section.original_position() as usize;
                self.group_bytes = bytes[start..section.range().end as usize].to_vec();
                for group in section {
                    self.types.extend(group?.into_types().map(
                        |ty| match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        },
                    ));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.functions.push(ty),
                        TypeRef::Global(ty) => self.globals.push(ty),
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports.insert(export.name.to_string(), (export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The type index and type of an exported function.
    pub fn function(&self, name: &str) -> Option<(u32, &FuncType)> {
        let (ExternalKind::Func | ExternalKind::FuncExact, index) = *self.exports.get(name)? else {
            return None;
        };
        let ty = *self.functions.get(index as usize)?;
        Some((ty, self.types.get(ty as usize)?.as_ref()?))
    }

    pub fn global(&self, name: &str) -> Option<GlobalType> {
        let (ExternalKind::Global, index) = *self.exports.get(name)? else { return None };
        self.globals.get(index as usize).copied()
    }
}
