//! What a module imports and exports, as an independent parser reads it.

use super::c_api::*;
use wasmparser::{
    CompositeInnerType, Export, Parser, Payload, RefType, ValType, Validator, WasmFeatures,
    types::{EntityType, Types},
};

/// A function's type, by kinds of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    pub params: Vec<u8>,
    pub results: Vec<u8>,
    /// Null is an argument for every parameter that is a reference.
    pub is_callable: bool,
}

pub enum Item {
    Func(Signature),
    Memory,
    Table,
    Global,
    Other,
}

pub struct Shape {
    pub imports: Vec<Signature>,
    pub exports: Vec<(String, Item)>,
}

impl Shape {
    /// None if the module is not valid, or imports something that is not a function.
    pub fn of(bytes: &[u8]) -> Option<Shape> {
        let types = validated(bytes)?;
        let mut shape = Shape { imports: Vec::new(), exports: Vec::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let ty = types.as_ref().entity_type_from_import(&import.ok()?)?;
                        let EntityType::Func(_) = ty else { return None };
                        shape.imports.push(signature(&types, ty)?);
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export.ok()?;
                        shape.exports.push((export.name.to_string(), item(&types, &export)?));
                    }
                }
                _ => {}
            }
        }
        Some(shape)
    }

    /// The exported functions that can be called, in order.
    pub fn callable(&self) -> impl Iterator<Item = (&str, &Signature)> {
        self.exports.iter().filter_map(|(name, item)| match item {
            Item::Func(ty) if ty.is_callable => Some((name.as_str(), ty)),
            _ => None,
        })
    }
}

/// None if the module is not valid.
pub fn validated(bytes: &[u8]) -> Option<Types> {
    let features = WasmFeatures::WASM3 | WasmFeatures::WIDE_ARITHMETIC;
    Validator::new_with_features(features).validate_all(bytes).ok()
}

fn item(types: &Types, export: &Export<'_>) -> Option<Item> {
    let ty = types.as_ref().entity_type_from_export(export)?;
    Some(match ty {
        EntityType::Func(_) => signature(types, ty).map_or(Item::Other, Item::Func),
        EntityType::Memory(_) => Item::Memory,
        EntityType::Table(table) if kind(ValType::Ref(table.element_type)).is_some() => Item::Table,
        EntityType::Global(global) if kind(global.content_type).is_some() => Item::Global,
        _ => Item::Other,
    })
}

/// None if a type is none that the C functions know.
fn signature(types: &Types, ty: EntityType) -> Option<Signature> {
    let EntityType::Func(id) = ty else { return None };
    let CompositeInnerType::Func(func) = &types[id].composite_type.inner else { return None };
    let kinds = |types: &[ValType]| types.iter().map(|ty| kind(*ty)).collect::<Option<Vec<u8>>>();
    let is_nullable = |ty: &ValType| !matches!(ty, ValType::Ref(ty) if !ty.is_nullable());
    Some(Signature {
        params: kinds(func.params())?,
        results: kinds(func.results())?,
        is_callable: func.params().iter().all(is_nullable),
    })
}

fn kind(ty: ValType) -> Option<u8> {
    Some(match ty {
        ValType::I32 => WASM_I32,
        ValType::I64 => WASM_I64,
        ValType::F32 => WASM_F32,
        ValType::F64 => WASM_F64,
        ValType::V128 => WASMRT_V128,
        ValType::Ref(RefType::FUNCREF) => WASM_FUNCREF,
        ValType::Ref(RefType::EXTERNREF) => WASM_EXTERNREF,
        ValType::Ref(_) => return None,
    })
}
