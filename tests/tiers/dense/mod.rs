//! Modules that compute with many values at once.
//!
//! What wasm-smith makes is wide but shallow: most values are dropped. These functions keep many operands, pass
//! them through blocks, branches and calls, and mix them into their results, so that a value that gets lost shows.

mod body;
mod control;
mod values;

use super::random::Random;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, MemoryType, Module,
    RefType, TableSection, TableType, TypeSection,
    ValType::{self, F32, F64, I32, I64, V128},
};

#[derive(Clone)]
struct Signature {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

/// Types of functions, one import and one function for each; then types of blocks.
struct Plan {
    functions: Vec<Signature>,
    blocks: Vec<Signature>,
    globals: Vec<ValType>,
    memory_64: bool,
}

pub fn module(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let random = &mut random;
    let plan = plan(random);
    let count = plan.functions.len() as u32;
    let mut types = TypeSection::new();
    for ty in plan.functions.iter().chain(&plan.blocks) {
        types.ty().function(ty.params.iter().copied(), ty.results.iter().copied());
    }
    let (mut imports, mut functions) = (ImportSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    for ty in 0..count {
        imports.import("host", &format!("f{ty}"), EntityType::Function(ty));
        functions.function(ty);
        exports.export(&format!("f{ty}"), ExportKind::Func, count + ty);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: u64::from(2 * count) + 2,
        maximum: random.chance(50).then_some(u64::from(2 * count) + 2),
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: random.chance(50).then_some(3),
        memory64: plan.memory_64,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    for (n, ty) in plan.globals.iter().enumerate() {
        let init = match ty {
            I32 => ConstExpr::i32_const(n as i32 * 77),
            _ => ConstExpr::i64_const(n as i64 * 0x1_2345_6789),
        };
        let ty = GlobalType { val_type: *ty, mutable: true, shared: false };
        globals.global(ty, &init);
        exports.export(&format!("g{n}"), ExportKind::Global, n as u32);
    }
    exports.export("m", ExportKind::Memory, 0);
    exports.export("t", ExportKind::Table, 0);
    let mut elements = ElementSection::new();
    let all: Vec<u32> = (0..2 * count).collect();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
    for own in 0..plan.functions.len() {
        code.function(&body::function(random, &plan, own));
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables);
    module.section(&memories).section(&globals).section(&exports).section(&elements);
    module.section(&code);
    module.finish()
}

fn plan(random: &mut Random) -> Plan {
    let kinds: &[ValType] = match random.below(10) {
        0..4 => &[I32, I64],
        4..7 => &[I32],
        7 | 8 => &[I32, I64, F32, F64],
        _ => &[I32, I64, F64, V128],
    };
    let most = [3, 8, 24, 45][random.below(4)];
    let row = |random: &mut Random, most: usize| -> Vec<ValType> {
        (0..random.below(most + 1)).map(|_| kinds[random.below(kinds.len())]).collect()
    };
    let mut functions: Vec<Signature> = (0..4 + random.below(4))
        .map(|_| Signature { params: row(random, most), results: row(random, most.min(14)) })
        .collect();
    // So that tail calls are possible.
    for n in 1..functions.len() {
        if random.chance(60) {
            functions[n].results = functions[n - 1].results.clone();
        }
    }
    let blocks = (0..9)
        .map(|n| {
            let params = row(random, 4);
            // Some fit into themselves.
            let results = if n % 3 == 0 { params.clone() } else { row(random, 4) };
            Signature { params, results }
        })
        .collect();
    let globals = (0..4).map(|n| if n % 2 == 0 { I32 } else { I64 }).collect();
    Plan { functions, blocks, globals, memory_64: random.chance(15) }
}
