//! Values are passed correctly in every kind of location.

use crate::guest::*;
use crate::random::Random;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use std::sync::atomic::Ordering::*;
use wasmrt::abi::TrapCode;
use wasmrt::abi::TrapReason;
use wasmrt::abi::value::{RawVal, Values, is_lent};
use wasmrt::abi::vmctx::*;
use wasmrt::stubs::{ImportKind, StubError};
use wasmrt::types::FuncType;
use wasmrt::types::ValType::{self, *};

const TYPES: [ValType; 6] = [I32, I64, F32, F64, ValType::EXTERNREF, ValType::FUNCREF];

#[repr(C)]
pub struct ValVec {
    pub size: usize,
    pub data: *mut RawVal,
}

impl ValVec {
    pub fn slice(&self) -> &[RawVal] {
        if self.size == 0 {
            assert!(self.data.is_null());
            return &[];
        }
        // SAFETY: made by an import stub.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    #[allow(clippy::mut_from_ref)]
    pub fn slice_mut(&self) -> &mut [RawVal] {
        if self.size == 0 {
            return &mut [];
        }
        // SAFETY: made by an import stub, seen by one callback.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.size) }
    }
}

#[test]
fn two_numbers_are_added() {
    let world = World::new(256 << 10);
    let ty = func_type(&[I32, I32], &[I32]);
    let code = compile(&ty, |b, params| {
        let sum = b.ins().iadd(params[1], params[2]);
        b.ins().return_(&[sum]);
    });
    let garbage = 0xdead_beef_0000_0000;
    assert_eq!(world.call(&ty, code, &[garbage | 40, garbage | 2]), Ok(vec![42]));
    assert_eq!(world.call(&ty, code, &[u32::MAX.into(), 0]), Ok(vec![u32::MAX.into()]));
}

extern "C" fn identity(args: &ValVec, results: &ValVec) -> *mut () {
    results.slice_mut()[0] = args.slice()[0];
    std::ptr::null_mut()
}

#[test]
fn nobody_sees_what_lies_above_32_bits_in_a_register() {
    let world = World::new(256 << 10);
    let ty = func_type(&[I32], &[I32]);
    let callback = identity as *const () as usize;
    let host = world.host(&ty, ImportKind::Plain, callback, std::ptr::null_mut());
    let (vmctx, stub) = (&raw const *host as i64, host.slot.load(Relaxed) as i64);
    let dirty = func_type(&[I64], &[I32, I32]);
    let code = compile(&dirty, |b, params| {
        let vmctx = b.ins().iconst(PTR, vmctx);
        let stub = b.ins().iconst(PTR, stub);
        let half = b.ins().ireduce(types::I32, params[1]);
        let echoed = emit_call(b, &ty, vmctx, stub, &[half])[0];
        b.ins().return_(&[echoed, half]);
    });
    assert_eq!(world.call(&dirty, code, &[0xdead_beef_0000_0001]), Ok(vec![1, 1]));
}

/// What a host function expects and returns.
struct Echo {
    ty: FuncType,
    args: Vec<u64>,
    results: Vec<u64>,
    calls: usize,
    /// The results of every second call.
    own: Vec<RawVal>,
}

fn check_echo(echo: &mut Echo, args: &[RawVal], results: &mut [RawVal]) {
    echo.calls += 1;
    assert_eq!(args.len(), echo.ty.params.len());
    assert_eq!(results.len(), echo.ty.results.len());
    for ((arg, ty), bits) in args.iter().zip(&echo.ty.params).zip(&echo.args) {
        assert_eq!((arg.kind, arg.bits), (ty.kind(), *bits));
    }
    for ((result, ty), bits) in results.iter_mut().zip(&echo.ty.results).zip(&echo.results) {
        assert_eq!((result.kind, result.bits), (ty.kind(), 0));
        result.bits = *bits;
    }
}

extern "C" fn echo_with_env(env: *mut Echo, args: &ValVec, results: &mut ValVec) -> *mut () {
    // SAFETY: the test's own environment.
    let echo = unsafe { &mut *env };
    check_echo(echo, args.slice(), results.slice_mut());
    assert!(args.size == 0 || is_lent(args.data));
    assert!(results.size == 0 || is_lent(results.data));
    if echo.calls % 2 == 0 && results.size != 0 {
        echo.own = results.slice().to_vec();
        results.slice_mut().fill(RawVal { kind: 99, bits: !0 });
        results.data = echo.own.as_mut_ptr();
    }
    std::ptr::null_mut()
}

extern "C" fn echo_converted(
    host: &VmHostFunc,
    args: *const RawVal,
    results: *mut RawVal,
) -> *mut () {
    // SAFETY: the test's own environment; arrays of the arity.
    unsafe {
        let echo = &mut *host.env.get().cast::<Echo>();
        let (params, arity) = (echo.ty.params.len(), echo.ty.results.len());
        let results = std::slice::from_raw_parts_mut(results, arity);
        check_echo(echo, std::slice::from_raw_parts(args, params), results);
    }
    std::ptr::null_mut()
}

/// A payload as it must look: 32-bit values have zeros above.
fn payload(random: &mut Random, ty: ValType) -> u64 {
    let bits = random.next();
    if matches!(ty, I32 | F32) { bits & 0xffff_ffff } else { bits }
}

fn payloads(random: &mut Random, types: &[ValType]) -> Vec<u64> {
    types.iter().map(|ty| payload(random, *ty)).collect()
}

/// Sends values host -> guest -> host and back. The guest in between is Cranelift's, so that
/// neither stub can hide the other's mistake.
fn round_trip(world: &World, random: &mut Random, ty: FuncType, kind: ImportKind) {
    let (args, results) = (payloads(random, &ty.params), payloads(random, &ty.results));
    let mut echo = Echo {
        ty: ty.clone(),
        args: args.clone(),
        results: results.clone(),
        calls: 0,
        own: Vec::new(),
    };
    let callback = match kind {
        ImportKind::Converted => echo_converted as *const () as usize,
        _ => echo_with_env as *const () as usize,
    };
    let host = world.host(&ty, kind, callback, (&raw mut echo).cast());
    let host_vmctx = (&raw const *host).cast_mut().cast::<VmContext>();
    let stub = host.slot.load(Relaxed);
    let forward = compile(&ty, |b, params| {
        let vmctx = b.ins().iconst(PTR, host_vmctx as i64);
        let code = b.ins().iconst(PTR, stub as i64);
        let results = emit_call(b, &ty, vmctx, code, &params[1..]);
        b.ins().return_(&results);
    });
    // Above 32-bit values there may be anything.
    let dirty: Vec<u64> = ty
        .params
        .iter()
        .zip(&args)
        .map(|(ty, bits)| match ty {
            I32 | F32 => bits | random.next() << 32,
            _ => *bits,
        })
        .collect();
    assert_eq!(world.call(&ty, forward, &dirty).as_ref(), Ok(&results), "{ty:?}");
    assert_eq!(world.call_with(&ty, host_vmctx, stub, &dirty).as_ref(), Ok(&results), "{ty:?}");
    assert_eq!(echo.calls, 2);
}

#[test]
fn values_of_any_signature_arrive_unchanged() {
    let world = World::new(256 << 10);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for n in 0..250 {
        let ty = func_type(&random.types(&TYPES, 40), &random.types(&TYPES, 20));
        let kind = if n % 2 == 0 { ImportKind::WithEnv } else { ImportKind::Converted };
        round_trip(&world, &mut random, ty, kind);
    }
}

#[test]
fn a_thousand_parameters_and_results_arrive_unchanged() {
    let world = World::new(256 << 10);
    let mut random = Random(42);
    let mut many = |most| {
        let mut types = random.types(&TYPES, 10_000);
        types.resize(most, I64);
        types
    };
    let ty = func_type(&many(1000), &many(1000));
    round_trip(&world, &mut Random(7), ty, ImportKind::WithEnv);
}

#[test]
fn results_beyond_registers_come_from_the_buffer() {
    let world = World::new(256 << 10);
    let ty = func_type(&[], &[I64; 10]);
    let code = compile(&ty, |b, params| {
        let store = b.ins().load(PTR, MemFlagsData::trusted(), params[0], VMCTX_STORE);
        let buffer = b.ins().load(PTR, MemFlagsData::trusted(), store, STORE_OVERFLOW_RESULTS);
        let values: Vec<_> = (0..10).map(|n| b.ins().iconst(types::I64, 100 + n)).collect();
        b.ins().store(MemFlagsData::trusted(), values[8], buffer, 0);
        b.ins().store(MemFlagsData::trusted(), values[9], buffer, 16);
        b.ins().return_(&values[..8]);
    });
    assert_eq!(world.call(&ty, code, &[]), Ok((100..110).collect()));
}

#[test]
fn types_that_wasm_val_t_cannot_hold_have_no_stub() {
    let world = World::new(256 << 10);
    for ty in [func_type(&[V128], &[]), func_type(&[], &[V128]), func_type(&[I32; 1001], &[])] {
        assert_eq!(
            world.stubs.entry(world.stubs_of(&ty), &ty, Values::Narrow),
            Err(StubError::Unsupported)
        );
        let import = world.stubs.import(world.stubs_of(&ty), &ty, ImportKind::Plain);
        assert_eq!(import, Err(StubError::Unsupported));
    }
}

#[test]
fn stubs_are_made_once_per_type() {
    let world = World::new(256 << 10);
    let types: Vec<_> = (0..700).map(|n| func_type(&vec![I32; n], &[])).collect();
    let stubs = |ty: &FuncType| world.stubs.entry(world.stubs_of(ty), ty, Values::Narrow).unwrap();
    let first: Vec<usize> = types.iter().map(stubs).collect();
    assert_eq!(first, types.iter().map(stubs).collect::<Vec<_>>());
    let distinct: std::collections::HashSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), first.len());
}

extern "C" fn wrong_kind(_: &ValVec, results: &ValVec) -> *mut () {
    results.slice_mut()[1].kind = 129;
    std::ptr::null_mut()
}

#[test]
fn a_callback_that_returns_the_wrong_kind_traps() {
    let world = World::new(256 << 10);
    let ty = func_type(&[], &[I32, I64]);
    let host =
        world.host(&ty, ImportKind::Plain, wrong_kind as *const () as usize, std::ptr::null_mut());
    let released = RELEASED.load(Relaxed);
    let vmctx = (&raw const *host).cast_mut().cast();
    let outcome = world.call_with(&ty, vmctx, host.slot.load(Relaxed), &[]);
    assert_eq!(outcome, Err(TrapReason::Code(TrapCode::BadHostResult)));
    assert!(RELEASED.load(Relaxed) >= released + 2);
}

extern "C" fn two_results(_: &ValVec, results: &mut ValVec) -> *mut () {
    (results.size, results.data) = (2, 16 as *mut RawVal);
    std::ptr::null_mut()
}

#[test]
fn a_callback_that_returns_too_many_results_traps() {
    let world = World::new(256 << 10);
    for ty in [func_type(&[], &[]), func_type(&[I32, I32], &[I32])] {
        let callback = two_results as *const () as usize;
        let host = world.host(&ty, ImportKind::Plain, callback, std::ptr::null_mut());
        let vmctx = (&raw const *host).cast_mut().cast();
        let outcome =
            world.call_with(&ty, vmctx, host.slot.load(Relaxed), &vec![1; ty.params.len()]);
        assert_eq!(outcome, Err(TrapReason::Host(NO_SUCH_RESULTS as *mut ())));
    }
}
