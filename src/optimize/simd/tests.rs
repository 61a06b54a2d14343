//! Every vector, atomic and wide-arithmetic instruction compiles, in every mode.
//!
//! The instructions are found rather than listed: every opcode after the three prefixes that can be decoded is
//! tried with operands of all types until the validator accepts it. So no instruction that the decoder knows can be
//! forgotten here.

use crate::abi::{
    Bounds, CodeMode, DirectCalls, Features, FunctionCode, Metering, TrapCode, Traps, Variant,
};
use crate::binary::{self, Limits};
use crate::optimize::{FunctionCompiler, Isa, IsaConfig, Request};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use wasm_encoder::{
    CodeSection, Function, FunctionSection, MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wasmparser::{
    BinaryReader, BlockType, ContType, FrameKind, FuncType, ModuleArity, OperatorsReader, RefType,
    SubType, Validator, WasmFeatures,
};

const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::WIDE_ARITHMETIC);

/// An instruction with its immediates, and its type.
struct Found {
    name: String,
    bytes: Vec<u8>,
    params: Vec<ValType>,
    results: Vec<ValType>,
}

/// Prefix byte, and the opcodes after it that belong to these families.
const SPACES: [(u8, std::ops::Range<u32>); 3] = [(0xfd, 0..0x120), (0xfe, 0..0x60), (0xfc, 19..32)];

const TYPES: [ValType; 5] = [ValType::V128, ValType::I32, ValType::I64, ValType::F32, ValType::F64];

fn find_all(memory64: bool) -> Vec<Found> {
    let opcodes = SPACES.into_iter().flat_map(|(prefix, range)| range.map(move |op| (prefix, op)));
    opcodes.filter_map(|(prefix, opcode)| find(prefix, opcode, memory64)).collect()
}

fn find(prefix: u8, opcode: u32, memory64: bool) -> Option<Found> {
    immediates().into_iter().find_map(|immediates| {
        let mut bytes = vec![prefix];
        leb(&mut bytes, opcode);
        bytes.extend(immediates);
        let (name, pops, pushes) = decode(&bytes)?;
        let (params, results) = types_of(&bytes, pops, pushes, memory64)?;
        Some(Found { name, bytes, params, results })
    })
}

fn leb(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// None, a lane, an ordering, a memory argument (with an offset), a memory argument and a lane, a constant.
fn immediates() -> Vec<Vec<u8>> {
    let mut all = vec![vec![], vec![0], vec![1], vec![31; 16]];
    all.extend((0..4).map(|align| vec![align, 24]));
    all.extend((0..2).map(|lane| vec![0, 24, lane]));
    all
}

/// Name, number of operands and of results, if `bytes` is exactly one instruction.
fn decode(bytes: &[u8]) -> Option<(String, usize, usize)> {
    let mut reader = OperatorsReader::new(BinaryReader::new_features(bytes, 0, FEATURES));
    let op = reader.read().ok()?;
    if !reader.eof() {
        return None;
    }
    let (pops, pushes) = op.operator_arity(&NoModule)?;
    Some((format!("{op:?}"), pops as usize, pushes as usize))
}

/// Operand and result types with which the instruction is valid.
fn types_of(
    bytes: &[u8],
    pops: usize,
    pushes: usize,
    memory64: bool,
) -> Option<(Vec<ValType>, Vec<ValType>)> {
    let all_results = combinations(pushes);
    combinations(pops).into_iter().find_map(|params| {
        let results = all_results.iter().find(|results| {
            let module = module(&[(bytes, &params, results)], memory64);
            Validator::new_with_features(FEATURES).validate_all(&module).is_ok()
        })?;
        Some((params, results.clone()))
    })
}

/// All sequences of `n` types; only of one type where `n` is large.
fn combinations(n: usize) -> Vec<Vec<ValType>> {
    if n > 3 {
        return TYPES.iter().map(|&ty| vec![ty; n]).collect();
    }
    (0..n).fold(vec![vec![]], |shorter, _| {
        let longer = |ty| shorter.iter().map(move |s| [s.as_slice(), &[ty]].concat());
        TYPES.into_iter().flat_map(longer).collect()
    })
}

/// A function for each instruction, from parameters to results.
fn module(functions: &[(&[u8], &[ValType], &[ValType])], memory64: bool) -> Vec<u8> {
    let (mut types, mut declared, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    for (i, (bytes, params, results)) in functions.iter().enumerate() {
        types.ty().function(params.iter().copied(), results.iter().copied());
        declared.function(i as u32);
        let mut body = Function::new([]);
        for param in 0..params.len() as u32 {
            body.instructions().local_get(param);
        }
        body.raw(bytes.iter().copied());
        body.instructions().end();
        code.function(&body);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&memories).section(&code);
    module.finish()
}

/// None of the instructions depends on a module's types.
struct NoModule;

impl ModuleArity for NoModule {
    fn sub_type_at(&self, _: u32) -> Option<&SubType> {
        None
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        0
    }

    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}

#[test]
fn all_instructions_of_the_families_are_found() {
    let found = find_all(false);
    let count = |prefix: u8| found.iter().filter(|f| f.bytes[0] == prefix).count();
    assert_eq!([count(0xfd), count(0xfe), count(0xfc)], [236 + 20, 67, 4]);
}

fn variant(mode: CodeMode) -> Variant {
    Variant { mode, direct_calls: DirectCalls::Own, counted: true }
}

const PLAIN: CodeMode =
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off };

/// Compiles all instructions for `isa`, in every mode, and checks where they can fault.
fn compile_all(isa: &Isa, memory64: bool) {
    let found = find_all(memory64);
    let functions: Vec<_> =
        found.iter().map(|f| (&f.bytes[..], &f.params[..], &f.results[..])).collect();
    let bytes = module(&functions, memory64);
    let decoded = binary::decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap();
    let mut compiler = FunctionCompiler::new();
    for mode in (0..CodeMode::COUNT).map(|number| CodeMode::from_number(number).unwrap()) {
        for (i, f) in found.iter().enumerate() {
            let func = DefinedFuncIndex(i as u32);
            let validation = &decoded.validation;
            let (module, variant) = (&decoded.module, variant(mode));
            let request = Request { module, variant, func, validation, observed: None };
            let code = compiler
                .compile(isa, request)
                .unwrap_or_else(|e| panic!("{} in {mode:?}: {e}", f.name));
            check_sites(&f.name, mode, memory64, &code.unwrap());
        }
    }
}

/// Guarded accesses trap by faulting, so each has at least one site; code without faults has none.
fn check_sites(name: &str, mode: CodeMode, memory64: bool, code: &FunctionCode) {
    let faults = code.sites.iter().filter(|site| site.trap.is_some()).count();
    let accesses = name.contains("memarg");
    match mode.traps {
        Traps::Calls => assert_eq!(faults, 0, "{name} can fault in {mode:?}"),
        Traps::Signals if accesses => assert!(faults > 0, "{name} never traps in {mode:?}"),
        Traps::Signals => assert_eq!(faults, 0, "{name} can fault in {mode:?}"),
    }
    let guarded_mode = mode.bounds == Bounds::Guard && mode.traps == Traps::Signals;
    if accesses && guarded_mode && !memory64 {
        let bounds = Some(TrapCode::MemoryOutOfBounds.as_non_zero());
        let guarded = code.sites.iter().any(|site| site.trap == bounds);
        assert!(guarded, "{name} is not known to fault out of bounds");
    }
}

#[test]
fn every_instruction_compiles_in_every_mode() {
    let isa = isa(true);
    compile_all(&isa, false);
    compile_all(&isa, true);
}

/// Nothing calls a library function, which code cannot do.
#[test]
fn every_instruction_compiles_for_the_least_processor() {
    compile_all(&isa(false), false);
}

fn isa(native_features: bool) -> Isa {
    let features = if native_features { Features::of_machine() } else { Features::NEEDED };
    Isa::new(IsaConfig { features, verifier: true }).unwrap()
}

/// Compiles the first function of a module.
fn compile_text(text: &str) {
    let bytes = wat::parse_str(text).unwrap();
    let decoded = binary::decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap();
    let func = DefinedFuncIndex(0);
    let validation = &decoded.validation;
    let isa = isa(true);
    let mut compiler = FunctionCompiler::new();
    let (module, variant) = (&decoded.module, variant(PLAIN));
    let request = Request { module, variant, func, validation, observed: None };
    compiler.compile(&isa, request).unwrap().unwrap();
}

/// Vectors of all lane types meet in blocks, locals, globals, calls and selections.
#[test]
fn vectors_keep_one_type_between_instructions() {
    compile_text(
        r#"(module
            (global $g (mut v128) (v128.const i64x2 1 2))
            (func (param $x v128) (param $n i32) (result v128 v128) (local $y v128)
                (local.set $y (f32x4.add (local.get $x) (global.get $g)))
                (loop $l (param) (result v128)
                    (global.set $g (i32x4.add (local.get $y) (local.get $x)))
                    (local.set $y (f64x2.mul (local.get $y) (global.get $g)))
                    (br_if $l (i64x2.gt_s (local.get $y) (local.get $x))
                        (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
                )
                (if (result v128) (local.get $n)
                    (then (i16x8.add (local.get $x) (local.get $y)))
                    (else (f64x2.sqrt (local.get $x))))
                (select (f32x4.eq (local.get $x) (local.get $y)) (local.get $y) (local.get $n))
                (drop)
            )
        )"#,
    );
}
