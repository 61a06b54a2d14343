//! The functions that guest code calls through stubs: one for each line of [`crate::abi::builtins`].
//!
//! Every builtin catches panics and turns them into an "internal error" trap: generated frames have no unwind
//! information, so a panic that passed through them would end the host. A builtin that traps returns why; its stub
//! unwinds.

use crate::abi::trap::TrapCode;
use crate::abi::vmctx::VmContext;
use crate::body::fuel::{BYTES_PER_UNIT, ELEMENTS_PER_UNIT};
use crate::error::ErrorKind;
use crate::panics::catch_in_builtin;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::object::{Gc, Object, give_up_root};
use crate::runtime::instances::instance::{Instance, from_vmctx};
use crate::runtime::instances::segments::{init_memory, init_table};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::exception::Exception;
use crate::stubs::float_mode::in_host_mode;
use crate::stubs::saved_state::SavedState;
use crate::types::{DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, MemoryIndex, TableIndex};

/// Runs a builtin's body and turns a failure or panic into a trap.
pub(super) fn run<R: Default>(
    vmctx: *const VmContext,
    body: impl FnOnce(&Instance) -> Result<R, TrapCode>,
) -> R {
    // SAFETY: stubs pass the vmctx of the calling code, which belongs to an instance.
    let instance = unsafe { from_vmctx(vmctx) };
    // SAFETY: the head of a live vmctx, whose store is alive while guest code runs.
    let context = unsafe { &*(*vmctx).store };
    let state = SavedState::of(context);
    let outcome = catch_in_builtin(|| body(&instance));
    // SAFETY: the stub waits on this stack. A limiter may have left it meanwhile.
    unsafe { state.restore(context) };
    outcome.unwrap_or(Err(TrapCode::InternalError)).unwrap_or_else(|code| {
        crate::traps::raise(context, code);
        R::default()
    })
}

/// The result of a failed growth, as guest code expects it.
const REFUSED: u64 = u64::MAX;

/// The store of an object that guest code uses.
fn store_of<T>(object: &Object<T>) -> Result<&Store, TrapCode> {
    object.header().store().ok_or(TrapCode::InternalError)
}

/// Runs a bulk instruction, for which a metered store pays by length. After long work interrupts are checked, since
/// the code around it only counts fuel.
fn metered<R>(
    store: &Store,
    units: u64,
    work: impl FnOnce() -> Result<R, TrapCode>,
) -> Result<R, TrapCode> {
    if !store.metering.is_on() {
        return work();
    }
    store.consume(units)?;
    let result = work()?;
    if units >= LONG_WORK {
        store.poll()?;
    }
    Ok(result)
}

/// Work of this many units takes long enough to check the clock.
const LONG_WORK: u64 = 1 << 12;

pub(super) fn store_in(instance: &Instance) -> Result<&Store, TrapCode> {
    instance.store().ok_or(TrapCode::InternalError)
}

/// The `Result` of a builtin: what it returns, or why it traps.
pub(super) type Outcome<R = ()> = Result<R, TrapCode>;

pub(super) use super::waiting::{atomic_notify, atomic_wait32, atomic_wait64};
pub(super) use libc::{memmove as copy_bytes, memset as fill_bytes};

pub(super) fn trap(code: u32) -> TrapCode {
    TrapCode::from_u8(code as u8).unwrap_or(TrapCode::InternalError)
}

pub(super) fn refuel(instance: &Instance) -> Outcome {
    store_in(instance)?.refuel()
}

pub(super) use refuel as refuel_at_entry;

pub(super) fn check_callee(instance: &Instance) -> Outcome {
    instance.check_callee(store_in(instance)?)
}

/// Where a call of a function continues: at its code, which is compiled if there is none. `called` is the address that
/// was called; if it is not the current one, and this was not found out without the runtime, too many calls went to
/// old addresses.
pub(super) fn current_code(
    instance: &Instance,
    function: DefinedFuncIndex,
    called: usize,
) -> Outcome<usize> {
    let store = store_in(instance)?;
    let current = instance.code_address(function);
    if current != called {
        store.refresh_tables();
        return Ok(current);
    }
    instance.code.current_code(function).map_err(|error| {
        if error.kind() == ErrorKind::OutOfMemory {
            return TrapCode::OutOfMemory;
        }
        store.explain_trap(error.to_string());
        TrapCode::Refused
    })
}

pub(super) fn loop_is_hot(instance: &Instance, function: DefinedFuncIndex, number: u32) -> Outcome {
    let code = instance.code.used_up_in_loop(function, number);
    instance.continue_loop_at(code.unwrap_or(0));
    Ok(())
}

pub(super) fn other_target(instance: &Instance, record: u32) -> Outcome {
    instance.code.other_target(record, instance.called_target());
    Ok(())
}

/// The tag object that guest code passes.
fn tag_at(tag: u64) -> Gc<Tag> {
    let tag: *const Object<Tag> = std::ptr::with_exposed_provenance(tag as usize);
    // SAFETY: guest code hands on what its vmctx or a throw gave it.
    unsafe { Gc::from_ref(&*tag) }
}

pub(super) fn make_exception(instance: &Instance, tag: u64) -> Outcome<u64> {
    let store = store_in(instance)?;
    store.collect_exceptions_if_due();
    let exception = store.exception_of_buffer(tag_at(tag))?;
    give_up_root(exception.header_ptr());
    Ok(exception.as_ptr() as u64)
}

pub(super) fn open_exception(instance: &Instance, exception: u64) -> Outcome<u64> {
    let exception: *const Object<Exception> = std::ptr::with_exposed_provenance(exception as usize);
    // SAFETY: guest code has checked that the reference is not null.
    let exception = unsafe { Gc::from_ref(&*exception) };
    Ok(store_in(instance)?.open_exception(exception).tag as u64)
}

pub(super) fn memory_grow(instance: &Instance, memory: MemoryIndex, delta: u64) -> Outcome<u64> {
    let memory = instance.memory(memory);
    let store = store_of(&memory)?;
    // The limiter is host code.
    let grow = || store.grow_memory(memory, delta);
    Ok(in_host_mode(&store.context, grow).unwrap_or(REFUSED))
}

pub(super) fn memory_fill(
    instance: &Instance,
    index: MemoryIndex,
    to: u64,
    byte: u32,
    len: u64,
) -> Outcome {
    let (memory, range) = (instance.memory(index), instance.memory_range(index, to, len)?);
    metered(store_of(&memory)?, len / BYTES_PER_UNIT, || {
        // SAFETY: the range is within the memory.
        unsafe { memory.base().add(range.start).write_bytes(byte as u8, range.len()) };
        Ok(())
    })
}

pub(super) fn memory_copy(
    instance: &Instance,
    target: MemoryIndex,
    source: MemoryIndex,
    to: u64,
    from: u64,
    len: u64,
) -> Outcome {
    let to = instance.memory_range(target, to, len)?;
    let from = instance.memory_range(source, from, len)?;
    let (target, source) = (instance.memory(target), instance.memory(source));
    metered(store_of(&target)?, len / BYTES_PER_UNIT, || {
        // SAFETY: both ranges are within their memories; overlap is allowed.
        unsafe {
            let from_ptr = source.base().add(from.start);
            std::ptr::copy(from_ptr, target.base().add(to.start), from.len());
        }
        Ok(())
    })
}

pub(super) fn memory_init(
    instance: &Instance,
    memory: MemoryIndex,
    segment: DataIndex,
    to: u64,
    from: u32,
    len: u32,
) -> Outcome {
    metered(store_of(&instance.memory(memory))?, u64::from(len) / BYTES_PER_UNIT, || {
        init_memory(instance, memory, segment, to, from.into(), len.into())
    })
}

pub(super) fn data_drop(instance: &Instance, segment: DataIndex) -> Outcome {
    Ok(instance.drop_data(segment)?)
}

pub(super) fn table_grow(
    instance: &Instance,
    table: TableIndex,
    delta: u64,
    value: u64,
) -> Outcome<u64> {
    let table = instance.table(table);
    let store = store_of(&table)?;
    // A refused growth costs nothing. A granted one pays for copying the old elements.
    let prepared = in_host_mode(&store.context, || store.prepare_table(table, delta));
    let Ok(storage) = prepared else { return Ok(REFUSED) };
    let units = if storage.is_some() { table.len().saturating_add(delta) } else { 0 };
    metered(store, units / ELEMENTS_PER_UNIT, || {
        Ok(store.grow_prepared_table(table, storage, value))
    })
}

pub(super) fn table_fill(
    instance: &Instance,
    index: TableIndex,
    start: u64,
    value: u64,
    len: u64,
) -> Outcome {
    let (table, range) = (instance.table(index), instance.table_range(index, start, len)?);
    metered(store_of(&table)?, len / ELEMENTS_PER_UNIT, || {
        table.fill(range, value);
        Ok(())
    })
}

pub(super) fn table_copy(
    instance: &Instance,
    target: TableIndex,
    source: TableIndex,
    to: u64,
    from: u64,
    len: u64,
) -> Outcome {
    let to = instance.table_range(target, to, len)?;
    let from = instance.table_range(source, from, len)?;
    let (target, source) = (instance.table(target), instance.table(source));
    metered(store_of(&target)?, len / ELEMENTS_PER_UNIT, || {
        target.copy(to.start, &source, from);
        Ok(())
    })
}

pub(super) fn table_init(
    instance: &Instance,
    table: TableIndex,
    segment: ElemIndex,
    to: u64,
    from: u32,
    len: u32,
) -> Outcome {
    metered(store_of(&instance.table(table))?, u64::from(len) / ELEMENTS_PER_UNIT, || {
        Ok(init_table(instance, table, segment, to, from.into(), len.into())?)
    })
}

pub(super) fn elem_drop(instance: &Instance, segment: ElemIndex) -> Outcome {
    Ok(instance.drop_element(segment)?)
}

pub(super) fn ref_func(instance: &Instance, function: FuncIndex) -> Outcome<u64> {
    Ok(instance.func(function)?.as_vm() as u64)
}

pub(super) fn table_get_func(instance: &Instance, table: TableIndex, index: u64) -> Outcome<u64> {
    let table = instance.table(table);
    let range = table.range(index, 1)?;
    Ok(table.get(range.start)?)
}

pub(super) fn memory_out_of_bounds(
    instance: &Instance,
    memory: MemoryIndex,
    index: u64,
    offset: u64,
    len: u64,
) -> Outcome {
    instance.explain_access(memory, index, offset, len);
    Err(TrapCode::MemoryOutOfBounds)
}
