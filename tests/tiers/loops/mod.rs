//! Modules whose functions are entered in the middle of a loop.
//!
//! Loops of functions are nested in any way and run for hundreds of iterations, so that budgets end in any iteration of
//! any of them. Code that continues a loop must find every value: so operands of all types lie below blocks and loops,
//! and each operand that no branch drops goes into a sum of its function or its module.

mod body;
mod statements;

use super::random::Random;
use body::Body;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, HeapType, Instruction as I, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TagKind, TagSection, TagType,
    TypeSection,
    ValType::{self, F32, F64, I32, I64, V128},
};

/// A reference to one of the functions that return a number each.
const NUMBER: RefType = RefType { nullable: true, heap_type: HeapType::Concrete(TYPE_OF_NUMBERS) };
const FUNCREF: ValType = ValType::FUNCREF;
const KINDS: [ValType; 8] =
    [I32, I64, F32, F64, V128, ValType::Ref(NUMBER), FUNCREF, ValType::EXTERNREF];

const TYPE_OF_NUMBERS: u32 = 0;
const TYPE_OF_TAG: u32 = 1;

/// How many functions return numbers: the first of the module.
const NUMBERS: u32 = 4;

/// Places for references in the table.
const PLACES: u32 = 8;

/// The global that holds a sum of what functions have computed; the others have the kinds of `KINDS`.
const SUM: u32 = KINDS.len() as u32;

/// Parameters and results.
type Signature = (Vec<ValType>, Vec<ValType>);

/// What a module has.
struct Types {
    /// Types of functions and blocks, each once.
    signatures: Vec<Signature>,
    /// Kinds of values. The references to numbers are references to any functions in a plain module.
    kinds: [ValType; 8],
}

impl Types {
    fn new(is_plain: bool) -> Types {
        let plain = |ty| if ty == ValType::Ref(NUMBER) { FUNCREF } else { ty };
        Types {
            signatures: vec![(vec![], vec![I32]), (vec![I32, I64], vec![])],
            kinds: KINDS.map(|ty| if is_plain { plain(ty) } else { ty }),
        }
    }

    /// Whether interpreters know everything in the module: it has no exceptions and no typed references.
    fn is_plain(&self) -> bool {
        !self.kinds.contains(&ValType::Ref(NUMBER))
    }

    fn index(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let ty = (params.to_vec(), results.to_vec());
        let known = self.signatures.iter().position(|other| *other == ty);
        known.unwrap_or_else(|| {
            self.signatures.push(ty);
            self.signatures.len() - 1
        }) as u32
    }
}

/// Kinds of values, in any order.
fn row(random: &mut Random, kinds: &[ValType], most: usize) -> Vec<ValType> {
    (0..random.below(most + 1)).map(|_| kinds[random.below(kinds.len())]).collect()
}

pub fn module(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let random = &mut random;
    let mut types = Types::new(seed.is_multiple_of(2));
    let is_plain = types.is_plain();
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut exports = ExportSection::new();
    for number in 0..NUMBERS {
        functions.function(TYPE_OF_NUMBERS);
        code.function(&function([], [I::I32Const(number as i32 * 1117 + 5)]));
    }
    let has_calls = random.chance(30);
    let count = 3 + random.below(4) as u32;
    for own in 0..count {
        let results = row(random, &KINDS[..5], 3);
        functions.function(types.index(&[I32, I64], &results));
        let (locals, body) = Body::make(random, &mut types, &results, has_calls);
        code.function(&function(locals, body));
        exports.export(&format!("f{own}"), ExportKind::Func, NUMBERS + own);
    }
    // What the references that were left in the table are.
    functions.function(TYPE_OF_NUMBERS);
    code.function(&function([], look_at_table(is_plain)));
    exports.export("table", ExportKind::Func, NUMBERS + count);
    let mut all = TypeSection::new();
    for (params, results) in types.signatures {
        all.ty().function(params, results);
    }
    let mut tables = TableSection::new();
    let (minimum, maximum) = (PLACES.into(), Some(PLACES.into()));
    let element_type = if is_plain { RefType::FUNCREF } else { NUMBER };
    let places = TableType { element_type, table64: false, minimum, maximum, shared: false };
    tables.table(places);
    let mut memories = MemorySection::new();
    let page_size_log2 = None;
    let memory =
        MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2 };
    memories.memory(memory);
    exports.export("memory", ExportKind::Memory, 0);
    let mut tags = TagSection::new();
    tags.tag(TagType { kind: TagKind::Exception, func_type_idx: TYPE_OF_TAG });
    let mut globals = GlobalSection::new();
    for (number, val_type) in types.kinds.into_iter().chain([I64]).enumerate() {
        let ty = GlobalType { val_type, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::extended([zero(val_type)]));
        exports.export(&format!("g{number}"), ExportKind::Global, number as u32);
    }
    let mut elements = ElementSection::new();
    elements.declared(Elements::Functions((0..NUMBERS).collect::<Vec<_>>().into()));
    let mut module = Module::new();
    module.section(&all).section(&functions).section(&tables).section(&memories);
    if !is_plain {
        module.section(&tags);
    }
    module.section(&globals).section(&exports).section(&elements).section(&code);
    module.finish()
}

fn function<'a>(
    locals: impl IntoIterator<Item = ValType>,
    body: impl IntoIterator<Item = I<'a>>,
) -> Function {
    let locals: Vec<_> = locals.into_iter().map(|ty| (1, ty)).collect();
    let mut function = Function::new(locals);
    body.into_iter().chain([I::End]).for_each(|instruction| {
        function.instruction(&instruction);
    });
    function
}

fn zero(ty: ValType) -> I<'static> {
    match ty {
        I32 => I::I32Const(0),
        I64 => I::I64Const(0),
        F32 => I::F32Const(0.0.into()),
        F64 => I::F64Const(0.0.into()),
        V128 => I::V128Const(0),
        ValType::Ref(ty) => I::RefNull(ty.heap_type),
    }
}

/// Instructions that count which number is in which place.
fn look_at_table(is_plain: bool) -> Vec<I<'static>> {
    let mut out = vec![I::I32Const(0)];
    for place in 0..PLACES as i32 {
        out.extend([I::I32Const(31), I::I32Mul]);
        if is_plain {
            out.extend([I::I32Const(place), I::TableGet(0)]);
            let number = wasm_encoder::BlockType::Result(I32);
            let call = I::CallIndirect { type_index: TYPE_OF_NUMBERS, table_index: 0 };
            out.extend([I::RefIsNull, I::If(number), I::I32Const(77), I::Else]);
            out.extend([I::I32Const(place), call, I::End]);
        } else {
            out.extend([I::Block(wasm_encoder::BlockType::Result(I32))]);
            out.extend([
                I::Block(wasm_encoder::BlockType::Empty),
                I::I32Const(place),
                I::TableGet(0),
            ]);
            out.extend([I::BrOnNull(0), I::CallRef(TYPE_OF_NUMBERS), I::Br(1), I::End]);
            out.extend([I::I32Const(77), I::End]);
        }
        out.push(I::I32Add);
    }
    out
}
