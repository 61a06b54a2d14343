//! A judge from outside: wasmi, an interpreter that shares no code with the library.
//!
//! What both compilers get wrong in the same way shows here. Compared are results, traps by their reason, and what
//! memories, tables and globals hold; there are no frames, and fuel is counted differently. So calls are compared up to
//! the first one that runs out of fuel or stack. Modules with proposals that wasmi does not know are left out: the tests
//! demand how many are not.

use super::c_api::*;
use super::host::{argument, is_nan, mixed};
use super::random::Random;
use super::run::{Call, Held, MOST_TABLE_ELEMENTS, Outcome, ROUNDS, Refused, Trapped, hash};
use super::shape::{Item, Shape, Signature};
use wasmi::errors::{ErrorKind, InstantiationError, TableError};
use wasmi::{
    Config, Engine, Error, Extern, F32, F64, Func, FuncType, Instance, Module, Ref, Store,
    StoreLimits, StoreLimitsBuilder, TrapCode, V128, Val, ValType,
};

/// More than any call takes that ends in metered code of ours.
const FUEL: u64 = 1 << 32;

/// More than fits onto a native stack of the usual size.
const MOST_CALLS: usize = 1 << 20;
const MOST_STACK: usize = 1 << 30;

pub struct Interpreter {
    engine: Engine,
    most_pages: u64,
}

/// An instance and what it lives in.
struct Running<'a> {
    store: Store<StoreLimits>,
    instance: Instance,
    shape: &'a Shape,
}

impl Interpreter {
    /// No memory has more pages.
    pub fn new(most_pages: u64) -> Interpreter {
        let mut config = Config::default();
        config.consume_fuel(true).wasm_wide_arithmetic(true);
        config.set_max_recursion_depth(MOST_CALLS).set_max_stack_height(MOST_STACK);
        Interpreter { engine: Engine::new(&config), most_pages }
    }

    /// How many calls it does as `outcome` says; None if it does not know what the module needs. An error is a
    /// difference.
    pub fn compare(
        &self,
        bytes: &[u8],
        shape: &Shape,
        seed: u64,
        outcome: &Outcome,
    ) -> Result<Option<usize>, String> {
        let refused = match &outcome.refused {
            Some(Refused::Module(_)) => return Ok(None),
            Some(Refused::Instance(message)) => Some(message),
            None => None,
        };
        let Ok(module) = Module::new(&self.engine, bytes) else { return Ok(None) };
        let mut store = self.store();
        let imports: Vec<Extern> =
            shape.imports.iter().map(|ty| host_function(&mut store, ty).into()).collect();
        match (Instance::new(&mut store, &module, &imports), refused) {
            (Ok(instance), None) => {
                Running { store, instance, shape }.compare(seed, outcome).map(Some)
            }
            (Err(error), Some(message)) if is_same_refusal(&error, message) => Ok(Some(0)),
            (interpreted, _) => Err(format!("{:?}\n  {interpreted:?}", outcome.refused)),
        }
    }

    fn store(&self) -> Store<StoreLimits> {
        let limits = StoreLimitsBuilder::new()
            .memory_size((self.most_pages << 16) as usize)
            .table_elements(MOST_TABLE_ELEMENTS);
        let mut store = Store::new(&self.engine, limits.build());
        store.limiter(|limits| limits);
        store.set_fuel(FUEL).expect("fuel");
        store
    }
}

impl Running<'_> {
    fn compare(mut self, seed: u64, outcome: &Outcome) -> Result<usize, String> {
        let mut random = Random::new(!seed);
        let mut calls = outcome.calls.iter().enumerate();
        for _ in 0..ROUNDS {
            for (name, ty) in self.shape.callable() {
                let Some((number, expected)) = calls.next() else { return Ok(outcome.calls.len()) };
                if expected.result.as_ref().is_err_and(Trapped::is_out_of_fuel) {
                    return Ok(number);
                }
                let result = self.call(name, ty, &mut random);
                if !is_same_result(expected, &result, &ty.results) {
                    return Err(format!("call {number}:\n  {expected:?}\n  {result:?}"));
                }
            }
        }
        for (name, item) in &self.shape.exports {
            let Some(held) = self.held(name, item) else { continue };
            let expected = outcome.held.iter().find(|(other, _)| other == name);
            let (_, expected) = expected.ok_or_else(|| format!("{name}: {held:?}"))?;
            if !is_same(expected, &held) {
                return Err(format!("{name}: {expected:?}\n  {held:?}"));
            }
        }
        Ok(outcome.calls.len())
    }

    fn call(
        &mut self,
        name: &str,
        ty: &Signature,
        random: &mut Random,
    ) -> Result<Vec<[u64; 2]>, Error> {
        let args: Vec<Val> =
            ty.params.iter().map(|kind| value(*kind, argument(*kind, random).of)).collect();
        let mut results: Vec<Val> = ty.results.iter().map(|kind| value(*kind, [0, 0])).collect();
        let func = self.instance.get_func(&self.store, name).expect("a function");
        self.store.set_fuel(FUEL).expect("fuel");
        func.call(&mut self.store, &args, &mut results)?;
        Ok(results.iter().map(bits).collect())
    }

    fn held(&self, name: &str, item: &Item) -> Option<Held> {
        let (store, instance) = (&self.store, &self.instance);
        Some(match item {
            Item::Memory => {
                let memory = instance.get_memory(store, name)?;
                let data = memory.data(store);
                Held::Memory(data.len(), hash(data))
            }
            Item::Table => {
                let table = instance.get_table(store, name)?;
                let is_null =
                    |at| table.get(store, at).is_none_or(|element| bits(&element)[0] == 0);
                Held::Table((0..table.size(store).min(1000)).map(is_null).collect())
            }
            Item::Global => {
                let value = instance.get_global(store, name)?.get(store);
                Held::Global(kind(&value), bits(&value))
            }
            Item::Func(_) | Item::Other => return None,
        })
    }
}

fn host_function(store: &mut Store<StoreLimits>, ty: &Signature) -> Func {
    let types = |kinds: &[u8]| -> Vec<ValType> {
        kinds.iter().map(|kind| value(*kind, [0, 0]).ty()).collect()
    };
    let kinds = ty.results.clone();
    let ty = FuncType::new(types(&ty.params), types(&ty.results));
    Func::new(store, ty, move |_, args, results| {
        let mixed = mixed(args.iter().map(|arg| (kind(arg), bits(arg))), &kinds);
        let values = kinds.iter().zip(mixed).map(|(kind, bits)| value(*kind, bits));
        results.iter_mut().zip(values).for_each(|(result, value)| *result = value);
        Ok(())
    })
}

/// References are null.
fn value(kind: u8, bits: [u64; 2]) -> Val {
    match kind {
        WASM_I32 => Val::I32(bits[0] as i32),
        WASM_I64 => Val::I64(bits[0] as i64),
        WASM_F32 => Val::F32(F32::from_bits(bits[0] as u32)),
        WASM_F64 => Val::F64(F64::from_bits(bits[0])),
        WASMRT_V128 => Val::V128(V128::from(u128::from(bits[0]) | u128::from(bits[1]) << 64)),
        WASM_FUNCREF => Val::FuncRef(Ref::Null),
        _ => Val::ExternRef(Ref::Null),
    }
}

fn kind(value: &Val) -> u8 {
    match value {
        Val::I32(_) => WASM_I32,
        Val::I64(_) => WASM_I64,
        Val::F32(_) => WASM_F32,
        Val::F64(_) => WASM_F64,
        Val::V128(_) => WASMRT_V128,
        Val::FuncRef(_) => WASM_FUNCREF,
        Val::ExternRef(_) => WASM_EXTERNREF,
    }
}

/// A value as far as it can be compared, as `host::seen` has it.
fn bits(value: &Val) -> [u64; 2] {
    match value {
        Val::I32(value) => [u64::from(*value as u32), 0],
        Val::I64(value) => [*value as u64, 0],
        Val::F32(value) => [value.to_bits().into(), 0],
        Val::F64(value) => [value.to_bits(), 0],
        Val::V128(value) => [value.as_u128() as u64, (value.as_u128() >> 64) as u64],
        Val::FuncRef(reference) => [u64::from(!reference.is_null()), 0],
        Val::ExternRef(reference) => [u64::from(!reference.is_null()), 0],
    }
}

fn is_same_result(expected: &Call, result: &Result<Vec<[u64; 2]>, Error>, kinds: &[u8]) -> bool {
    match (&expected.result, result) {
        (Ok(expected), Ok(result)) => {
            let mut values = kinds.iter().zip(expected.iter().zip(result));
            values.all(|(kind, (one, two))| is_same_value(*kind, *one, *two))
        }
        (Err(trap), Err(error)) => {
            reason(error).is_some_and(|code| phrases(code).contains(&trap.message.as_str()))
        }
        _ => false,
    }
}

fn is_same(expected: &Held, held: &Held) -> bool {
    match (expected, held) {
        (Held::Global(kind, one), Held::Global(_, two)) => is_same_value(*kind, *one, *two),
        _ => expected == held,
    }
}

fn is_same_value(kind: u8, one: [u64; 2], two: [u64; 2]) -> bool {
    one == two || is_nan(kind, one) && is_nan(kind, two)
}

/// Whether an instance is refused for the reason that our message gives.
fn is_same_refusal(error: &Error, message: &str) -> bool {
    match reason(error) {
        Some(code) => phrases(code).contains(&message),
        // A memory or a table that is too large.
        None => matches!(
            error.kind(),
            ErrorKind::Instantiation(
                InstantiationError::FailedToInstantiateMemory(_)
                    | InstantiationError::FailedToInstantiateTable(_)
            )
        ),
    }
}

fn reason(error: &Error) -> Option<TrapCode> {
    match error.kind() {
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. })
        | ErrorKind::Table(TableError::CopyOutOfBounds) => Some(TrapCode::TableOutOfBounds),
        _ => error.as_trap_code(),
    }
}

/// What our messages call a reason for a trap. None, where a limit of this interpreter is the reason.
fn phrases(code: TrapCode) -> &'static [&'static str] {
    match code {
        TrapCode::UnreachableCodeReached => &["unreachable"],
        TrapCode::MemoryOutOfBounds => &["out of bounds memory access"],
        TrapCode::TableOutOfBounds => &["out of bounds table access", "undefined element"],
        TrapCode::IndirectCallToNull => &["uninitialized element"],
        TrapCode::IntegerDivisionByZero => &["integer divide by zero"],
        TrapCode::IntegerOverflow => &["integer overflow"],
        TrapCode::BadConversionToInteger => &["invalid conversion to integer"],
        TrapCode::BadSignature => &["indirect call type mismatch"],
        TrapCode::StackOverflow | TrapCode::OutOfFuel | TrapCode::GrowthOperationLimited => &[],
    }
}
