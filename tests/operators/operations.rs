//! The operations: every opcode of numbers and vectors that the decoder knows, with its type, found by trying what the
//! validator accepts.

use wasm_encoder::{CodeSection, Function, FunctionSection, Module, TypeSection, ValType};
use wasmparser::{BinaryReader, OperatorsReader, Validator, WasmFeatures};

const FEATURES: WasmFeatures = WasmFeatures::WASM2.union(WasmFeatures::RELAXED_SIMD);

/// An instruction that turns operands into one result, without memory.
pub struct Operation {
    pub name: String,
    pub bytes: Vec<u8>,
    pub params: Vec<ValType>,
    pub result: ValType,
}

impl Operation {
    /// The name without immediates.
    pub fn opcode(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }
}

/// Prefix byte, if there is one, and opcodes.
const SPACES: [(Option<u8>, std::ops::Range<u32>); 3] =
    [(None, 0x45..0xc5), (Some(0xfc), 0..8), (Some(0xfd), 12..0x120)];

pub fn find_all() -> Vec<Operation> {
    let opcodes = SPACES.into_iter().flat_map(|(prefix, range)| range.map(move |op| (prefix, op)));
    opcodes.flat_map(|(prefix, opcode)| find(prefix, opcode)).collect()
}

/// The operations of an opcode: one, or some with different lanes.
fn find(prefix: Option<u8>, opcode: u32) -> Vec<Operation> {
    let operation = |immediates: Vec<u8>| {
        let mut bytes: Vec<u8> = prefix.into_iter().collect();
        match prefix {
            Some(_) => leb(&mut bytes, opcode),
            None => bytes.push(opcode as u8),
        }
        bytes.extend(immediates);
        let name = decode(&bytes)?;
        let (params, result) = type_of(&bytes)?;
        Some(Operation { name, bytes, params, result })
    };
    immediates().into_iter().filter_map(operation).collect()
}

fn leb(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// None; a lane; lanes of a shuffle, or a constant.
fn immediates() -> Vec<Vec<u8>> {
    let mut all = vec![vec![]];
    all.extend([0, 1, 3, 7, 15].map(|lane| vec![lane]));
    all.extend([
        (0..16).collect(),
        (16..32).collect(),
        (5..21).collect(),
        vec![31; 16],
        vec![0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23],
        vec![12, 13, 14, 15, 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7],
        vec![28, 29, 30, 31, 16, 17, 18, 19, 24, 25, 26, 27, 24, 25, 26, 27],
        vec![3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3],
    ]);
    all
}

/// The name, if `bytes` is exactly one instruction.
fn decode(bytes: &[u8]) -> Option<String> {
    let mut reader = OperatorsReader::new(BinaryReader::new_features(bytes, 0, FEATURES));
    let op = reader.read().ok()?;
    reader.eof().then(|| format!("{op:?}"))
}

/// The types of operands and result with which the instruction is valid.
fn type_of(bytes: &[u8]) -> Option<(Vec<ValType>, ValType)> {
    use ValType::*;
    const TYPES: [ValType; 5] = [V128, I32, I64, F32, F64];
    let mut params = vec![vec![]];
    params.extend(TYPES.map(|ty| vec![ty]));
    params.extend(TYPES.map(|ty| vec![ty, ty]));
    params.extend([I32, I64, F32, F64].map(|ty| vec![V128, ty]));
    params.push(vec![V128; 3]);
    let all = params.into_iter().flat_map(|params| TYPES.map(|result| (params.clone(), result)));
    let is_valid = |(params, result): &(Vec<ValType>, ValType)| {
        let module = module(bytes, params, *result);
        Validator::new_with_features(FEATURES).validate_all(&module).is_ok()
    };
    all.into_iter().find(is_valid)
}

fn module(bytes: &[u8], params: &[ValType], result: ValType) -> Vec<u8> {
    let (mut types, mut declared, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function(params.iter().copied(), [result]);
    declared.function(0);
    let mut body = Function::new([]);
    for param in 0..params.len() as u32 {
        body.instructions().local_get(param);
    }
    body.raw(bytes.iter().copied());
    body.instructions().end();
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&code);
    module.finish()
}
