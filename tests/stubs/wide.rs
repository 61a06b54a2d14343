//! Values with room for a v128 are passed correctly.

use crate::guest::*;
use crate::random::Random;
use cranelift_codegen::ir::InstBuilder;
use std::sync::atomic::Ordering::*;
use wasmrt::abi::value::{Value, Values, WideVal};
use wasmrt::abi::vmctx::*;
use wasmrt::stubs::ImportKind;
use wasmrt::types::FuncType;
use wasmrt::types::ValType::{self, *};

const TYPES: [ValType; 8] = [I32, I64, F32, F64, V128, V128, V128, ValType::EXTERNREF];

struct Echo {
    ty: FuncType,
    args: Vec<u128>,
    results: Vec<u128>,
    calls: usize,
}

extern "C" fn echo(host: &VmHostFunc, args: *const WideVal, results: *mut WideVal) -> *mut () {
    // SAFETY: the test's own environment; arrays of the arity.
    unsafe {
        let echo = &mut *host.env.get().cast::<Echo>();
        echo.calls += 1;
        for (n, (ty, bits)) in echo.ty.params.iter().zip(&echo.args).enumerate() {
            let arg = &*args.add(n);
            assert_eq!((arg.kind, arg.cell_bits()), (ty.kind(), *bits), "argument {n}");
        }
        for (n, (ty, bits)) in echo.ty.results.iter().zip(&echo.results).enumerate() {
            let result = &mut *results.add(n);
            assert_eq!((result.kind, result.wide_bits()), (ty.kind(), 0), "result {n}");
            *result = WideVal::new(ty.kind(), *bits);
        }
    }
    std::ptr::null_mut()
}

fn payloads(random: &mut Random, types: &[ValType]) -> Vec<u128> {
    let bits = |ty: &ValType| match ty {
        I32 | F32 => 0xffff_ffff,
        V128 => u128::MAX,
        _ => u64::MAX.into(),
    };
    let mut next = || u128::from(random.next()) << 64 | u128::from(random.next());
    types.iter().map(|ty| next() & bits(ty)).collect()
}

fn call(
    world: &World,
    vmctx: *mut VmContext,
    code: usize,
    ty: &FuncType,
    args: &[u128],
) -> Vec<u128> {
    // Above the payload of a value there may be anything.
    let dirt = |ty: &ValType| match ty {
        I32 | F32 => !0xffff_ffff,
        V128 => 0,
        _ => u128::MAX << 64,
    };
    let values = ty.params.iter().zip(args);
    let args: Vec<_> = values.map(|(ty, bits)| WideVal::new(ty.kind(), bits | dirt(ty))).collect();
    let mut results = vec![WideVal::new(77, u128::MAX / 2); ty.results.len() + 1];
    let stub = world.stubs.entry(world.stubs_of(ty), ty, Values::Wide).unwrap();
    let (from, to) = (args.as_ptr().cast(), results.as_mut_ptr().cast());
    // SAFETY: the code was compiled for this type; the arrays have its sizes.
    let trap = unsafe { enter(vmctx, code, from, to, stub, &world.context) };
    assert!(trap.is_null());
    let beyond = results.pop().unwrap();
    // SAFETY: made by `new`.
    assert_eq!((beyond.kind, unsafe { beyond.wide_bits() }), (77, u128::MAX / 2));
    let value = |(ty, result): (&ValType, &WideVal)| {
        assert_eq!(result.kind, ty.kind());
        // SAFETY: as above.
        unsafe { result.cell_bits() }
    };
    ty.results.iter().zip(&results).map(value).collect()
}

/// Sends values host -> guest -> host and back.
fn round_trip(world: &World, random: &mut Random, ty: FuncType) {
    let (args, results) = (payloads(random, &ty.params), payloads(random, &ty.results));
    let mut echo_env =
        Echo { ty: ty.clone(), args: args.clone(), results: results.clone(), calls: 0 };
    let callback = echo as *const () as usize;
    let host = world.host(&ty, ImportKind::Wide, callback, (&raw mut echo_env).cast());
    let host_vmctx = (&raw const *host).cast_mut().cast::<VmContext>();
    let stub = host.slot.load(Relaxed);
    let forward = compile(&ty, |b, params| {
        let vmctx = b.ins().iconst(PTR, host_vmctx as i64);
        let code = b.ins().iconst(PTR, stub as i64);
        let results = emit_call(b, &ty, vmctx, code, &params[1..]);
        b.ins().return_(&results);
    });
    assert_eq!(call(world, world.vmctx(), forward, &ty, &args), results, "{ty:?}");
    assert_eq!(call(world, host_vmctx, stub, &ty, &args), results, "{ty:?}");
    assert_eq!(echo_env.calls, 2);
}

#[test]
fn values_of_any_signature_with_vectors_arrive_unchanged() {
    let world = World::new(256 << 10);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..250 {
        let ty = func_type(&random.types(&TYPES, 40), &random.types(&TYPES, 20));
        round_trip(&world, &mut random, ty);
    }
}

#[test]
fn a_thousand_vectors_arrive_unchanged() {
    let world = World::new(256 << 10);
    round_trip(&world, &mut Random(7), func_type(&[V128; 1000], &[V128; 1000]));
}
