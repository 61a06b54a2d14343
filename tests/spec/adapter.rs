//! Small modules between the runner and exports whose types `wasm.h` cannot express.
//!
//! An adapter imports one function or global with its real type and exports one function whose parameters and results
//! values of C can hold: a `v128` as two `i64` unless the wide ones of `wasmrt.h` are used, any function reference as `funcref`, any external reference as
//! `externref`. A parameter that takes only null, or a reference to a type of the module, is not passed at all: the
//! adapter supplies the null. Types are those of the module under test, repeated in front (see `description`).

use super::c_api::Carrier;
use super::description::Description;
use super::values::Shape;
use wasm_encoder::{
    AbstractHeapType, CodeSection, Encode, ExportKind, ExportSection, Function, FunctionSection,
    HeapType, ImportSection, Instruction, Module, RawSection, RefType, ValType,
};

/// How to reach an export: directly, or through the adapter module in `adapter`.
#[derive(Debug, Clone)]
pub struct Route {
    /// `None` where the adapter supplies the null.
    pub params: Vec<Option<Shape>>,
    pub results: Vec<Shape>,
    pub adapter: Option<Vec<u8>>,
}

/// What the adapter does with one parameter.
#[derive(Clone, Copy)]
enum Passing {
    AsIs(Shape),
    TwoHalves,
    NonNull(Shape),
    Null(HeapType),
}

pub fn function(description: &Description, name: &str, carrier: Carrier) -> Result<Route, String> {
    let (type_index, ty) = description.function(name).ok_or("no such exported function")?;
    let passing = |&ty| passing(ty, carrier);
    let params = ty.params().iter().map(passing).collect::<Result<Vec<_>, _>>()?;
    let results = ty.results().iter().map(|&ty| result_shape(ty)).collect::<Result<Vec<_>, _>>()?;
    let direct = params.iter().all(|passing| matches!(passing, Passing::AsIs(_)))
        && ty.results().iter().all(|ty| matches!(passing(ty), Ok(Passing::AsIs(_))));
    let adapter =
        (!direct).then(|| function_adapter(description, type_index, &params, &results, carrier));
    Ok(Route { params: params.iter().map(passed_shape).collect(), results, adapter })
}

/// Globals always go through an adapter unless their value can be had directly.
pub fn global(description: &Description, name: &str, carrier: Carrier) -> Result<Route, String> {
    let ty = description.global(name).ok_or("no such exported global")?;
    let results = vec![result_shape(ty.content_type)?];
    let direct = matches!(passing(ty.content_type, carrier), Ok(Passing::AsIs(_)));
    let adapter =
        if direct { None } else { Some(global_adapter(description, ty, &results, carrier)?) };
    Ok(Route { params: Vec::new(), results, adapter })
}

fn passing(ty: wasmparser::ValType, carrier: Carrier) -> Result<Passing, String> {
    use wasmparser::ValType as Ty;
    Ok(match ty {
        Ty::I32 => Passing::AsIs(Shape::I32),
        Ty::I64 => Passing::AsIs(Shape::I64),
        Ty::F32 => Passing::AsIs(Shape::F32),
        Ty::F64 => Passing::AsIs(Shape::F64),
        Ty::V128 if carrier == Carrier::Wide => Passing::AsIs(Shape::V128),
        Ty::V128 => Passing::TwoHalves,
        Ty::Ref(wasmparser::RefType::FUNCREF) => Passing::AsIs(Shape::Func),
        Ty::Ref(wasmparser::RefType::EXTERNREF) => Passing::AsIs(Shape::Extern),
        Ty::Ref(wasmparser::RefType::FUNC) => Passing::NonNull(Shape::Func),
        Ty::Ref(wasmparser::RefType::EXTERN) => Passing::NonNull(Shape::Extern),
        Ty::Ref(ty) => Passing::Null(heap_type(ty.heap_type())?),
    })
}

fn passed_shape(passing: &Passing) -> Option<Shape> {
    match passing {
        Passing::AsIs(shape) | Passing::NonNull(shape) => Some(*shape),
        Passing::TwoHalves => Some(Shape::V128),
        Passing::Null(_) => None,
    }
}

/// Every function reference is a `funcref`, every external one an `externref`: results need no conversion.
fn result_shape(ty: wasmparser::ValType) -> Result<Shape, String> {
    let wasmparser::ValType::Ref(reference) = ty else {
        return Ok(passed_shape(&passing(ty, Carrier::Wide)?).unwrap_or(Shape::Func));
    };
    match heap_type(reference.heap_type())? {
        HeapType::Abstract {
            ty: AbstractHeapType::Extern | AbstractHeapType::NoExtern, ..
        } => Ok(Shape::Extern),
        HeapType::Abstract { ty: AbstractHeapType::Func | AbstractHeapType::NoFunc, .. } => {
            Ok(Shape::Func)
        }
        HeapType::Concrete(_) => Ok(Shape::Func),
        _ => Err(format!("no way to show a {reference:?}")),
    }
}

fn heap_type(ty: wasmparser::HeapType) -> Result<HeapType, String> {
    use wasmparser::AbstractHeapType as Abstract;
    match ty {
        wasmparser::HeapType::Concrete(index) => index
            .as_module_index()
            .map(HeapType::Concrete)
            .ok_or("a type without an index".to_string()),
        wasmparser::HeapType::Abstract { ty: Abstract::Func, .. } => Ok(HeapType::FUNC),
        wasmparser::HeapType::Abstract { ty: Abstract::NoFunc, .. } => {
            Ok(abstract_type(AbstractHeapType::NoFunc))
        }
        wasmparser::HeapType::Abstract { ty: Abstract::Extern, .. } => Ok(HeapType::EXTERN),
        wasmparser::HeapType::Abstract { ty: Abstract::NoExtern, .. } => {
            Ok(abstract_type(AbstractHeapType::NoExtern))
        }
        other => Err(format!("no way to pass a {other:?}")),
    }
}

const fn abstract_type(ty: AbstractHeapType) -> HeapType {
    HeapType::Abstract { shared: false, ty }
}

fn encoded(shape: Shape) -> ValType {
    match shape {
        Shape::I32 => ValType::I32,
        Shape::I64 => ValType::I64,
        Shape::F32 => ValType::F32,
        Shape::F64 => ValType::F64,
        Shape::V128 => ValType::V128,
        Shape::Func => ValType::Ref(RefType::FUNCREF),
        Shape::Extern => ValType::Ref(RefType::EXTERNREF),
    }
}

/// The types of the values of C that carry a value of this shape.
fn carriers(shape: Shape, carrier: Carrier) -> Vec<ValType> {
    match (shape, carrier) {
        (Shape::V128, Carrier::Narrow) => vec![ValType::I64, ValType::I64],
        _ => vec![encoded(shape)],
    }
}

fn function_adapter(
    description: &Description,
    ty: u32,
    params: &[Passing],
    results: &[Shape],
    carrier: Carrier,
) -> Vec<u8> {
    let passed = params.iter().filter_map(passed_shape);
    let carried: Vec<ValType> = passed.flat_map(|shape| carriers(shape, carrier)).collect();
    let mut body = new_body(results);
    let mut next = 0;
    for &passing in params {
        push_parameter(&mut body, passing, &mut next);
    }
    body.instruction(&Instruction::Call(0));
    finish_body(&mut body, next, results, carrier);
    let mut imports = ImportSection::new();
    imports.import("m", "f", wasm_encoder::EntityType::Function(ty));
    assemble(description, (&carried, results, carrier), &imports, 1, &body)
}

fn global_adapter(
    description: &Description,
    ty: wasmparser::GlobalType,
    results: &[Shape],
    carrier: Carrier,
) -> Result<Vec<u8>, String> {
    let val_type = match ty.content_type {
        wasmparser::ValType::Ref(reference) => ValType::Ref(RefType {
            nullable: reference.is_nullable(),
            heap_type: heap_type(reference.heap_type())?,
        }),
        _ => encoded(results[0]),
    };
    let ty = wasm_encoder::GlobalType { val_type, mutable: ty.mutable, shared: ty.shared };
    let mut body = new_body(results);
    body.instruction(&Instruction::GlobalGet(0));
    finish_body(&mut body, 0, results, carrier);
    let mut imports = ImportSection::new();
    imports.import("m", "f", wasm_encoder::EntityType::Global(ty));
    Ok(assemble(description, (&[], results, carrier), &imports, 0, &body))
}

/// The results wait in locals of their own while they are taken apart.
fn new_body(results: &[Shape]) -> Function {
    Function::new_with_locals_types(results.iter().map(|&shape| encoded(shape)))
}

fn push_parameter(body: &mut Function, passing: Passing, next: &mut u32) {
    let mut local = || {
        *next += 1;
        Instruction::LocalGet(*next - 1)
    };
    match passing {
        Passing::AsIs(_) => {
            body.instruction(&local());
        }
        Passing::NonNull(_) => {
            body.instruction(&local()).instruction(&Instruction::RefAsNonNull);
        }
        Passing::TwoHalves => {
            body.instruction(&local()).instruction(&Instruction::I64x2Splat);
            body.instruction(&local()).instruction(&Instruction::I64x2ReplaceLane(1));
        }
        Passing::Null(heap_type) => {
            body.instruction(&Instruction::RefNull(heap_type));
        }
    }
}

fn finish_body(body: &mut Function, first_local: u32, results: &[Shape], carrier: Carrier) {
    for index in (0..results.len() as u32).rev() {
        body.instruction(&Instruction::LocalSet(first_local + index));
    }
    for (index, &shape) in results.iter().enumerate() {
        let local = Instruction::LocalGet(first_local + index as u32);
        body.instruction(&local);
        if carriers(shape, carrier).len() == 2 {
            body.instruction(&Instruction::I64x2ExtractLane(0));
            body.instruction(&local).instruction(&Instruction::I64x2ExtractLane(1));
        }
    }
    body.instruction(&Instruction::End);
}

fn assemble(
    description: &Description,
    (params, results, carrier): (&[ValType], &[Shape], Carrier),
    imports: &ImportSection,
    imported_functions: u32,
    body: &Function,
) -> Vec<u8> {
    let results: Vec<ValType> =
        results.iter().flat_map(|&shape| carriers(shape, carrier)).collect();
    let mut types = Vec::new();
    (description.groups + 1).encode(&mut types);
    types.extend_from_slice(&description.group_bytes);
    types.push(0x60);
    params.encode(&mut types);
    results.as_slice().encode(&mut types);

    let mut functions = FunctionSection::new();
    functions.function(description.types.len() as u32);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, imported_functions);
    let mut code = CodeSection::new();
    code.function(body);

    let mut module = Module::new();
    module.section(&RawSection { id: 1, data: &types });
    module.section(imports).section(&functions).section(&exports).section(&code);
    module.finish()
}
