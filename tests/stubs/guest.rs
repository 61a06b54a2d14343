//! Guest functions for these tests, made with Cranelift directly, and a store to run them in.

use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AbiParam, Function, InstBuilder, MemFlagsData, Signature, UserFuncName, Value, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::*};
use wasmrt::abi::signature::{self, ResultPlace};
use wasmrt::abi::trap_record::Thrown;
use wasmrt::abi::value::{RawVal, RawValVec, Values};
use wasmrt::abi::vmctx::*;
use wasmrt::abi::{Builtin, TrapCode};
use wasmrt::abi::{TrapReason, TrapRecord};
use wasmrt::code::CodeMemory;
use wasmrt::code::memory::Backing;
use wasmrt::observe::Tools;
use wasmrt::stubs::builtins::stack_overflow;
use wasmrt::stubs::entry::{EntryStub, unlink};
use wasmrt::stubs::import::ResultHooks;
use wasmrt::stubs::walk::EntryFrame;
use wasmrt::stubs::{FloatCheck, ImportKind, StubMaker, Stubs};
use wasmrt::traps::fault::{FaultTraps, GuestCode};
use wasmrt::traps::raise;
use wasmrt::types::{FuncType, ValType};

pub const PTR: ir::Type = types::I64;

/// Instructions that may fault: address and trap code.
static SITES: [(AtomicUsize, AtomicU8); 1024] =
    [const { (AtomicUsize::new(0), AtomicU8::new(0)) }; 1024];
static SITES_USED: AtomicUsize = AtomicUsize::new(0);

pub fn guest_at(pc: usize) -> Option<GuestCode> {
    trap_at(pc).map(|code| GuestCode { trap: Some(code) })
}

pub fn trap_at(pc: usize) -> Option<TrapCode> {
    let used = SITES_USED.load(Acquire).min(SITES.len());
    let site = SITES[..used].iter().find(|(address, _)| address.load(Relaxed) == pc)?;
    TrapCode::from_u8(site.1.load(Relaxed))
}

fn isa() -> &'static OwnedTargetIsa {
    static ISA: OnceLock<OwnedTargetIsa> = OnceLock::new();
    ISA.get_or_init(|| {
        let mut flags = settings::builder();
        flags.set("preserve_frame_pointers", "true").unwrap();
        flags.set("unwind_info", "false").unwrap();
        let isa = cranelift_native::builder().unwrap();
        isa.finish(settings::Flags::new(flags)).unwrap()
    })
}

pub fn user_trap(code: TrapCode) -> ir::TrapCode {
    ir::TrapCode::user(code as u8).unwrap()
}

pub fn clif_type(ty: ValType) -> ir::Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 | ValType::Ref(_) => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
    }
}

/// The signature of guest code: vmctx, parameters, results as far as registers go.
pub fn clif_signature(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.push(AbiParam::new(PTR));
    signature.params.extend(ty.params.iter().map(|ty| AbiParam::new(clif_type(*ty))));
    let in_registers = signature::results(ty).filter(|r| !matches!(r.1, ResultPlace::Overflow(_)));
    signature.returns.extend(in_registers.map(|(ty, _)| AbiParam::new(clif_type(ty))));
    signature
}

fn code_memory() -> &'static CodeMemory {
    static MEMORY: OnceLock<CodeMemory> = OnceLock::new();
    MEMORY.get_or_init(|| CodeMemory::new(Backing::Auto))
}

/// Compiles guest code that lives for ever; `build` gets the vmctx and the parameters, and must
/// end the function.
pub fn compile(ty: &FuncType, build: impl FnOnce(&mut FunctionBuilder, &[Value])) -> usize {
    let mut function = Function::with_name_signature(UserFuncName::default(), clif_signature(ty));
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let params = builder.block_params(block).to_vec();
    build(&mut builder, &params);
    builder.seal_all_blocks();
    builder.finalize(isa().frontend_config());

    let mut context = cranelift_codegen::Context::for_function(function);
    let code = context.compile(&**isa(), &mut ControlPlane::default()).unwrap();
    let bytes = code.code_buffer();
    assert!(code.buffer.relocs().is_empty());
    let mut block = code_memory().allocate(bytes.len()).unwrap();
    block.write(0, bytes).unwrap();
    let published = block.publish().unwrap();
    let address = published.rx() as usize;
    std::mem::forget(published);
    for trap in code.buffer.traps() {
        let at = SITES_USED.fetch_add(1, Relaxed);
        SITES[at].0.store(address + trap.offset as usize, Relaxed);
        let code = match trap.code {
            ir::TrapCode::INTEGER_DIVISION_BY_ZERO => TrapCode::IntegerDivideByZero as u8,
            code => code.as_raw().get(),
        };
        SITES[at].1.store(code, Relaxed);
    }
    address
}

/// A store with one instance, whose head is all that guest code sees.
pub struct World {
    pub vmctx: Box<VmContext>,
    pub context: Box<StoreContext>,
    pub record: Box<TrapRecord>,
    pub stubs: StubMaker,
    /// By type.
    made: RefCell<HashMap<FuncType, Box<Stubs>>>,
    /// Calls do not end in order.
    pub interleaved: Cell<bool>,
    _builtins: Box<[usize; Builtin::COUNT]>,
    _overflow: Box<[[u8; 16]; 1000]>,
    _faults: FaultTraps,
}

/// The runtime's part of entries, in its simplest form: the trap of an entry is its record.
static HOOKS: EntryHooks = EntryHooks { end, trapped, thrown, call: no_call };

unsafe extern "C" fn end(fp: usize) {
    // SAFETY: called by an entry stub in its frame.
    unsafe { unlink(EntryFrame::new(fp)) };
}

unsafe extern "C" fn trapped(fp: usize) -> *mut () {
    // SAFETY: as above.
    unsafe {
        let entry = EntryFrame::new(fp);
        unlink(entry);
        (*entry.store()).trap_record.cast_mut().cast()
    }
}

/// No trap carries an exception here.
unsafe extern "C" fn thrown(_: *const StoreContext, _: *mut ()) -> Thrown {
    Thrown { tag: std::ptr::null(), exception: std::ptr::null() }
}

unsafe extern "C" fn no_call(
    _: *const VmFunc,
    _: *mut *mut (),
    _: *const RawVal,
    _: *const StoreContext,
) -> u64 {
    unreachable!("no native entry was made")
}

/// The builtin `Trap`.
unsafe extern "C" fn trap(vmctx: *mut VmContext, code: u32) {
    // SAFETY: guest code passes its own context, whose store is alive.
    raise(unsafe { &*(*vmctx).store }, TrapCode::from_u8(code as u8).unwrap());
}

wasmrt::builtin_stub!(trap_stub, trap);

/// How often failed callbacks have left results behind.
pub static RELEASED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn release(results: *mut RawValVec) {
    // SAFETY: the stub's own vector.
    RELEASED.fetch_add(unsafe { (*results).size }, Relaxed);
}

/// Leaves it to the trap code to say what is wrong.
unsafe extern "C" fn refuse(_: *const VmImport, _: *const RawVal, _: u32, _: u32) -> *mut () {
    std::ptr::null_mut()
}

/// Takes over vectors that were replaced; refuses those of another size, by a trap that is no object.
unsafe extern "C" fn take(
    _: *const VmImport,
    results: *mut RawValVec,
    lent: *mut RawVal,
    arity: usize,
) -> *mut () {
    // SAFETY: the stub's own vector and array.
    unsafe {
        if (*results).size != arity {
            return NO_SUCH_RESULTS as *mut ();
        }
        std::ptr::copy_nonoverlapping((*results).data, lent, arity);
        results.write(RawValVec { size: arity, data: lent });
    }
    std::ptr::null_mut()
}

/// The trap for results of another number.
pub const NO_SUCH_RESULTS: usize = 0x7777;

impl World {
    /// With the stack limit so that `stack` bytes may be used from here on.
    pub fn new(stack: usize) -> World {
        let record = TrapRecord::new().unwrap();
        let context = Box::new(StoreContext::new(&record, &HOOKS));
        let mut overflow = Box::new([[0u8; 16]; 1000]);
        context.overflow_results.set(overflow.as_mut_ptr());
        let mut builtins = Box::new([0; Builtin::COUNT]);
        builtins[Builtin::Trap as usize] = trap_stub as *const () as usize;
        builtins[Builtin::StackOverflow as usize] = stack_overflow as *const () as usize;
        let vmctx = Box::new(VmContext {
            store: &*context,
            code_table: std::ptr::null(),
            builtins: builtins.as_ptr(),
            callee: Cell::new(0),
            instance: std::ptr::null(),
        });
        let world = World {
            vmctx,
            context,
            record,
            stubs: StubMaker::new(
                code_memory().clone(),
                Tools::default(),
                ResultHooks { release, take, refuse },
                FloatCheck::Probe,
            ),
            made: RefCell::default(),
            interleaved: Cell::new(false),
            _builtins: builtins,
            _overflow: overflow,
            _faults: FaultTraps::install(guest_at).unwrap(),
        };
        world.limit_stack(stack);
        world
    }

    pub fn limit_stack(&self, stack: usize) {
        let here = wasmrt::sys::stack::stack_pointer();
        self.context.stack_limit.store(here.saturating_sub(stack), Relaxed);
    }

    pub fn stubs_of(&self, ty: &FuncType) -> &Stubs {
        let mut made = self.made.borrow_mut();
        let stubs: *const Stubs = &**made.entry(ty.clone()).or_default();
        // SAFETY: in a box of its own, as long as the world.
        unsafe { &*stubs }
    }

    pub fn vmctx(&self) -> *mut VmContext {
        (&raw const *self.vmctx).cast_mut()
    }

    /// Runs guest code of this instance.
    pub fn call(&self, ty: &FuncType, code: usize, args: &[u64]) -> Result<Vec<u64>, TrapReason> {
        self.call_with(ty, self.vmctx(), code, args)
    }

    pub fn call_with(
        &self,
        ty: &FuncType,
        vmctx: *mut VmContext,
        code: usize,
        args: &[u64],
    ) -> Result<Vec<u64>, TrapReason> {
        assert_eq!(args.len(), ty.params.len());
        let args: Vec<RawVal> = ty
            .params
            .iter()
            .zip(args)
            .map(|(t, bits)| RawVal { kind: t.kind(), bits: *bits })
            .collect();
        let mut results = vec![RawVal { kind: 77, bits: 0x7777_7777_7777_7777 }; ty.results.len()];
        let stub = self.stubs.entry(self.stubs_of(ty), ty, Values::Narrow).unwrap();
        let former = self.context.exit_word();
        let entries = self.context.last_entry.get();
        // SAFETY: the code was compiled for this type; the arrays have its sizes.
        let trap =
            unsafe { enter(vmctx, code, args.as_ptr(), results.as_mut_ptr(), stub, &self.context) };
        if entries == 0 && !self.interleaved.get() {
            assert_eq!(self.context.exit_word(), former);
            assert_eq!(self.context.last_entry.get(), 0);
        }
        if !trap.is_null() {
            assert!(results.iter().all(|r| r.kind == 77 && r.bits == 0x7777_7777_7777_7777));
            return Err(self.record.reason().unwrap());
        }
        for (ty, value) in ty.results.iter().zip(&results) {
            assert_eq!(value.kind, ty.kind());
        }
        Ok(results.iter().map(|r| r.bits).collect())
    }

    /// A host function, whose slot holds the stub.
    pub fn host(
        &self,
        ty: &FuncType,
        kind: ImportKind,
        callback: usize,
        env: *mut (),
    ) -> Box<VmHostFunc> {
        let stub = self.stubs.import(self.stubs_of(ty), ty, kind).unwrap();
        let host = Box::new(VmHostFunc::new(&*self.context, stub, callback, env));
        host.set_place();
        host
    }
}

/// Calls guest code through an entry stub.
///
/// # Safety
/// As `EntryStub` says; the code belongs to `vmctx`.
pub unsafe fn enter(
    vmctx: *mut VmContext,
    code: usize,
    args: *const RawVal,
    results: *mut RawVal,
    stub: usize,
    store: &StoreContext,
) -> *mut () {
    let slot = Slot::new(code);
    let func = VmFunc { sig: 0, own: 0, slot: &slot, vmctx };
    // SAFETY: promised by the caller.
    unsafe {
        let stub: EntryStub = std::mem::transmute(stub);
        stub(&func, args, results, store)
    }
}

pub fn func_type(params: &[ValType], results: &[ValType]) -> FuncType {
    FuncType { params: params.into(), results: results.into() }
}

/// Emits a call of the trap builtin.
pub fn emit_trap_call(b: &mut FunctionBuilder, vmctx: Value, code: TrapCode) {
    let builtins = b.ins().load(PTR, MemFlagsData::trusted(), vmctx, VMCTX_BUILTINS);
    let address = b.ins().load(PTR, MemFlagsData::trusted(), builtins, Builtin::Trap.offset());
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(PTR));
    signature.params.push(AbiParam::new(types::I32));
    let signature = b.import_signature(signature);
    let code = b.ins().iconst(types::I32, code as i64);
    b.ins().call_indirect(signature, address, &[vmctx, code]);
    b.ins().trap(user_trap(TrapCode::InternalError));
}

/// Emits a call of any guest code or stub; results in registers only.
pub fn emit_call(
    b: &mut FunctionBuilder,
    ty: &FuncType,
    vmctx: Value,
    code: Value,
    args: &[Value],
) -> Vec<Value> {
    let signature = b.import_signature(clif_signature(ty));
    let all: Vec<Value> = std::iter::once(vmctx).chain(args.iter().copied()).collect();
    let call = b.ins().call_indirect(signature, code, &all);
    b.inst_results(call).to_vec()
}

/// Emits the check of the stack limit that functions start with, for a frame of `size`.
pub fn emit_stack_check(b: &mut FunctionBuilder, ty: &FuncType, params: &[Value], size: i64) {
    let vmctx = params[0];
    let store = b.ins().load(PTR, MemFlagsData::trusted(), vmctx, VMCTX_STORE);
    let limit = b.ins().load(PTR, MemFlagsData::trusted(), store, STORE_STACK_LIMIT);
    let sp = b.ins().get_stack_pointer(PTR);
    let end = b.ins().iadd_imm_s(sp, -size);
    let too_deep = b.ins().icmp(IntCC::UnsignedLessThan, end, limit);
    let (cold, go_on) = (b.create_block(), b.create_block());
    b.ins().brif(too_deep, cold, &[], go_on, &[]);
    b.switch_to_block(cold);
    let builtins = b.ins().load(PTR, MemFlagsData::trusted(), vmctx, VMCTX_BUILTINS);
    let target =
        b.ins().load(PTR, MemFlagsData::trusted(), builtins, Builtin::StackOverflow.offset());
    let signature = b.import_signature(clif_signature(ty));
    b.ins().return_call_indirect(signature, target, params);
    b.switch_to_block(go_on);
}
