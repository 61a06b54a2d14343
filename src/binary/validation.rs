//! What validating bodies needs to know of their module, in the form in which the validator compares it.

use crate::error::{Error, Phase};
use crate::module::{ConstExpr, ConstOp, ElementItems, Module};
use crate::types::{ExternKind, FuncIndex, FuncType, PackedType, RefType, ValType};
use std::sync::Arc;

/// The facts about a module that its bodies are validated with. Cheap to clone.
#[derive(Clone)]
pub struct Validation(Arc<Facts>);

/// See [`Validation`].
pub struct Facts {
    signatures: Vec<Signature>,
    /// Parameters and results of all signatures.
    packed: Vec<PackedType>,
    /// The type of every function.
    pub functions: Vec<u32>,
    pub tags: Vec<u32>,
    pub globals: Vec<Global>,
    pub tables: Vec<Table>,
    /// The type of the addresses of every memory.
    pub memories: Vec<PackedType>,
    pub elements: Vec<PackedType>,
    /// The number of data segments, if there is a data count section.
    pub data: Option<u32>,
    /// Functions that occur outside of bodies, as bits: bodies may take references to them.
    declared: Vec<u64>,
}

/// A function type: where its types lie in `packed`.
#[derive(Clone, Copy)]
struct Signature {
    start: usize,
    params: usize,
    results: usize,
    /// A reference to such a function, not null.
    reference: PackedType,
}

#[derive(Clone, Copy)]
pub struct Global {
    pub ty: PackedType,
    pub mutable: bool,
}

#[derive(Clone, Copy)]
pub struct Table {
    pub element: PackedType,
    /// The type of its indices.
    pub address: PackedType,
}

impl std::ops::Deref for Validation {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl Validation {
    /// `data` is the number in the data count section, if there is one.
    pub fn new(module: &Module, data: Option<u32>) -> Result<Validation, Error> {
        let table = |table: &crate::module::Table| {
            let address = address(table.ty.is_64);
            Ok(Table { element: reference(table.ty.element)?, address })
        };
        let global = |global: &crate::types::GlobalType| {
            Ok(Global { ty: packed(global.content)?, mutable: global.mutable })
        };
        let mut facts = Facts {
            signatures: Vec::new(),
            packed: Vec::new(),
            functions: collect(&module.functions, |ty| Ok(ty.0))?,
            tags: collect(&module.tags, |ty| Ok(ty.0))?,
            globals: collect(&module.globals, global)?,
            tables: collect(&module.tables, table)?,
            memories: collect(&module.memories, |memory| Ok(address(memory.is_64)))?,
            elements: collect(&module.elements, |segment| reference(segment.ty))?,
            data,
            declared: Vec::new(),
        };
        facts.signatures.try_reserve_exact(module.types.len())?;
        for (id, ty) in &module.types {
            let heap = crate::types::HeapType::Concrete(*id);
            facts.add_signature(ty, reference(RefType { nullable: false, heap })?)?;
        }
        facts.declare_all(module)?;
        Ok(Validation(Arc::new(facts)))
    }
}

impl Facts {
    fn add_signature(&mut self, ty: &FuncType, reference: PackedType) -> Result<(), Error> {
        let (params, results) = (ty.params.len(), ty.results.len());
        let start = self.packed.len();
        self.packed.try_reserve(params + results)?;
        for ty in ty.params.iter().chain(&ty.results) {
            self.packed.push(packed(*ty)?);
        }
        self.signatures.push(Signature { start, params, results, reference });
        Ok(())
    }

    #[inline]
    pub fn has_type(&self, ty: u32) -> bool {
        (ty as usize) < self.signatures.len()
    }

    /// The parameters of a function type; none if there is no such type.
    #[inline]
    pub fn params(&self, ty: u32) -> &[PackedType] {
        let Some(signature) = self.signatures.get(ty as usize) else { return &[] };
        self.packed.get(signature.start..signature.start + signature.params).unwrap_or_default()
    }

    #[inline]
    pub fn results(&self, ty: u32) -> &[PackedType] {
        let Some(signature) = self.signatures.get(ty as usize) else { return &[] };
        let start = signature.start + signature.params;
        self.packed.get(start..start + signature.results).unwrap_or_default()
    }

    /// A reference to a function of this type, not null.
    pub fn reference(&self, ty: u32) -> Option<PackedType> {
        self.signatures.get(ty as usize).map(|signature| signature.reference)
    }

    /// Whether bodies may take a reference to this function.
    pub fn is_declared(&self, func: u32) -> bool {
        self.declared.get(func as usize / 64).is_some_and(|bits| bits >> (func % 64) & 1 != 0)
    }

    fn declare_all(&mut self, module: &Module) -> Result<(), Error> {
        let words = module.functions.len().div_ceil(64);
        self.declared.try_reserve_exact(words)?;
        self.declared.resize(words, 0);
        let exported = |export: &&crate::module::Export| export.kind == ExternKind::Func;
        module.exports.iter().filter(exported).for_each(|e| self.declare(FuncIndex(e.index)));
        module.global_inits.iter().for_each(|init| self.declare_in(init));
        module.tables.iter().flat_map(|table| &table.init).for_each(|init| self.declare_in(init));
        for segment in &module.elements {
            match &segment.items {
                ElementItems::Functions(funcs) => funcs.iter().for_each(|func| self.declare(*func)),
                ElementItems::Expressions(exprs) => exprs.iter().for_each(|e| self.declare_in(e)),
            }
        }
        Ok(())
    }

    fn declare_in(&mut self, expr: &ConstExpr) {
        for op in &expr.ops {
            if let ConstOp::RefFunc(func) = op {
                self.declare(*func);
            }
        }
    }

    fn declare(&mut self, func: FuncIndex) {
        if let Some(bits) = self.declared.get_mut(func.index() / 64) {
            *bits |= 1 << (func.0 % 64);
        }
    }
}

fn address(is_64: bool) -> PackedType {
    if is_64 { PackedType::I64 } else { PackedType::I32 }
}

fn packed(ty: ValType) -> Result<PackedType, Error> {
    PackedType::new(ty).ok_or_else(too_many_types)
}

fn reference(ty: RefType) -> Result<PackedType, Error> {
    packed(ValType::Ref(ty))
}

#[cold]
fn too_many_types() -> Error {
    Error::limit(Phase::Validate, "too many function types in one engine")
}

fn collect<T, U>(from: &[T], convert: impl Fn(&T) -> Result<U, Error>) -> Result<Vec<U>, Error> {
    let mut list = Vec::new();
    list.try_reserve_exact(from.len())?;
    for item in from {
        list.push(convert(item)?);
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use crate::binary::{Limits, decode};
    use crate::types::{PackedType, TypeRegistry};

    #[test]
    fn functions_that_occur_outside_of_bodies_are_declared() {
        let bytes = wat::parse_str(
            "(module
                (func) (func) (func) (func) (func) (func (drop (ref.func 0)))
                (elem declare func 0)
                (elem funcref (ref.func 1))
                (global funcref (ref.func 2))
                (table 1 (ref null func) (ref.func 3))
                (export \"f\" (func 4))
                (start 5))",
        );
        let limits = Limits::default();
        let facts = decode(&bytes.unwrap(), &TypeRegistry::default(), &limits).unwrap().validation;
        assert!((0..5).all(|func| facts.is_declared(func)));
        assert!((5..200).all(|func| !facts.is_declared(func)));
    }

    #[test]
    fn parameters_and_results_are_those_of_the_type() {
        let bytes =
            wat::parse_str("(module (type (func (param i32 f64) (result i64))) (type (func)))");
        let limits = Limits::default();
        let facts = decode(&bytes.unwrap(), &TypeRegistry::default(), &limits).unwrap().validation;
        assert!(facts.params(0) == [PackedType::I32, PackedType::F64]);
        assert!(facts.results(0) == [PackedType::I64]);
        assert!(facts.params(1).is_empty() && facts.has_type(1) && !facts.has_type(2));
    }
}
