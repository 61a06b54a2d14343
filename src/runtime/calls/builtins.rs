//! What guest code calls through thunks (see [`crate::abi::builtins`]).
//!
//! Every builtin catches panics and turns them into an "internal error" trap: generated frames have
//! no unwind information, so a panic that passed through them would end the host. A builtin that
//! traps records why and returns; its thunk unwinds.

use crate::abi::trap::TrapCode;
use crate::abi::vmctx::VmContext;
use crate::panics::catch_in_builtin;
use crate::runtime::heap::object::{Object, OutOfMemory};
use crate::runtime::instances::instance::{Instance, from_vmctx};
use crate::runtime::instances::segments::{SegmentError, init_memory, init_table};
use crate::runtime::stores::store::Store;
use crate::stubs::float_mode::in_host_mode;
use crate::stubs::leave::Place;
use crate::types::{DataIndex, ElemIndex, FuncIndex, MemoryIndex, TableIndex};

impl From<OutOfMemory> for TrapCode {
    fn from(_: OutOfMemory) -> TrapCode {
        TrapCode::OutOfMemory
    }
}

impl From<SegmentError> for TrapCode {
    fn from(error: SegmentError) -> TrapCode {
        match error {
            SegmentError::Trap(code) => code,
            SegmentError::OutOfMemory => TrapCode::OutOfMemory,
        }
    }
}

/// Runs a builtin's body and makes a trap of its failure or panic.
fn run(vmctx: *const VmContext, body: impl FnOnce(&Instance) -> Result<u64, TrapCode>) -> u64 {
    // SAFETY: thunks pass the vmctx of the calling code, which belongs to an instance.
    let instance = unsafe { from_vmctx(vmctx) };
    // SAFETY: the head of a live vmctx, whose store is alive while guest code runs.
    let context = unsafe { &*(*vmctx).store };
    let place = Place::of(context);
    let outcome = catch_in_builtin(|| body(&instance));
    // SAFETY: the thunk waits on this stack. A limiter may have left it meanwhile.
    unsafe { place.restore(context) };
    outcome.unwrap_or(Err(TrapCode::InternalError)).unwrap_or_else(|code| {
        crate::traps::raise(context, code);
        0
    })
}

/// The result of a growth that did not happen, as guest code expects it.
const REFUSED: u64 = u64::MAX;

/// The store of an object that guest code uses.
fn store_of<T>(object: &Object<T>) -> Result<&Store, TrapCode> {
    object.header().store().ok_or(TrapCode::InternalError)
}

/// What bulk instructions handle for one unit of fuel, besides the unit that each costs.
const BYTES_PER_UNIT: u64 = 32;
const ELEMENTS_PER_UNIT: u64 = 1;

/// Runs the work of a bulk instruction, for which a metered store pays by length. What takes long is
/// asked about interrupts afterwards, since the code around it counts only what it pays.
fn metered(
    store: &Store,
    units: u64,
    work: impl FnOnce() -> Result<u64, TrapCode>,
) -> Result<u64, TrapCode> {
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

/// Work of so many units takes long enough to look at the clock.
const LONG_WORK: u64 = 1 << 12;

/// The builtins `Refuel` and `RefuelAtEntry`.
pub(crate) extern "C" fn refuel(vmctx: *const VmContext) {
    run(vmctx, |instance| store_in(instance)?.refuel().map(|()| 0));
}

/// The builtin `CheckCallee`.
pub(crate) extern "C" fn check_callee(vmctx: *const VmContext) {
    run(vmctx, |instance| instance.check_callee(store_in(instance)?).map(|()| 0));
}

fn store_in(instance: &Instance) -> Result<&Store, TrapCode> {
    instance.store().ok_or(TrapCode::InternalError)
}

/// Declares builtins: `name(args) => |instance| result`.
macro_rules! builtins {
    ($($name:ident($($arg:ident: $ty:ty),*) = |$instance:ident| $body:expr;)*) => {$(
        pub(crate) extern "C" fn $name(vmctx: *const VmContext $(, $arg: $ty)*) -> u64 {
            run(vmctx, |$instance| $body)
        }
    )*};
}

builtins! {
    memory_grow(memory: u32, delta: u64) = |instance| {
        let memory = instance.memory(MemoryIndex(memory));
        let store = store_of(&memory)?;
        // The limiter is the host's.
        let grow = || store.grow_memory(memory, delta);
        Ok(in_host_mode(&store.context, grow).unwrap_or(REFUSED))
    };
    memory_fill(memory: u32, to: u64, byte: u32, len: u64) = |instance| {
        let index = MemoryIndex(memory);
        let (memory, range) = (instance.memory(index), instance.memory_range(index, to, len)?);
        metered(store_of(&memory)?, len / BYTES_PER_UNIT, || {
            // SAFETY: the range is within the memory.
            unsafe { memory.base().add(range.start).write_bytes(byte as u8, range.len()) };
            Ok(0)
        })
    };
    memory_copy(target: u32, source: u32, to: u64, from: u64, len: u64) = |instance| {
        let (target, source) = (MemoryIndex(target), MemoryIndex(source));
        let to = instance.memory_range(target, to, len)?;
        let from = instance.memory_range(source, from, len)?;
        let (target, source) = (instance.memory(target), instance.memory(source));
        metered(store_of(&target)?, len / BYTES_PER_UNIT, || {
            // SAFETY: both ranges are within their memories; overlap is allowed.
            unsafe {
                let from_ptr = source.base().add(from.start);
                std::ptr::copy(from_ptr, target.base().add(to.start), from.len());
            }
            Ok(0)
        })
    };
    memory_init(memory: u32, segment: u32, to: u64, from: u32, len: u32) = |instance| {
        let (memory, segment) = (MemoryIndex(memory), DataIndex(segment));
        metered(store_of(&instance.memory(memory))?, u64::from(len) / BYTES_PER_UNIT, || {
            init_memory(instance, memory, segment, to, from.into(), len.into())?;
            Ok(0)
        })
    };
    data_drop(segment: u32) = |instance| {
        instance.drop_data(DataIndex(segment))?;
        Ok(0)
    };
    table_grow(table: u32, delta: u64, value: u64) = |instance| {
        let table = instance.table(TableIndex(table));
        let store = store_of(&table)?;
        // What is refused costs nothing. Growing copies what there was.
        let prepared = in_host_mode(&store.context, || store.prepare_table(table, delta));
        let Ok(storage) = prepared else { return Ok(REFUSED) };
        let units = if storage.is_some() { table.len().saturating_add(delta) } else { 0 };
        metered(store, units / ELEMENTS_PER_UNIT, || {
            Ok(store.grow_prepared_table(table, storage, value))
        })
    };
    table_fill(table: u32, start: u64, value: u64, len: u64) = |instance| {
        let index = TableIndex(table);
        let (table, range) = (instance.table(index), instance.table_range(index, start, len)?);
        metered(store_of(&table)?, len / ELEMENTS_PER_UNIT, || {
            table.fill(range, value);
            Ok(0)
        })
    };
    table_copy(target: u32, source: u32, to: u64, from: u64, len: u64) = |instance| {
        let (target, source) = (TableIndex(target), TableIndex(source));
        let to = instance.table_range(target, to, len)?;
        let from = instance.table_range(source, from, len)?;
        let (target, source) = (instance.table(target), instance.table(source));
        metered(store_of(&target)?, len / ELEMENTS_PER_UNIT, || {
            target.copy(to.start, &source, from);
            Ok(0)
        })
    };
    table_init(table: u32, segment: u32, to: u64, from: u32, len: u32) = |instance| {
        let (table, segment) = (TableIndex(table), ElemIndex(segment));
        metered(store_of(&instance.table(table))?, u64::from(len) / ELEMENTS_PER_UNIT, || {
            init_table(instance, table, segment, to, from.into(), len.into())?;
            Ok(0)
        })
    };
    elem_drop(segment: u32) = |instance| {
        instance.drop_element(ElemIndex(segment))?;
        Ok(0)
    };
    ref_func(index: u32) = |instance| Ok(instance.func(FuncIndex(index))?.as_vm() as u64);
    table_get_func(table: u32, index: u64) = |instance| {
        let table = instance.table(TableIndex(table));
        let range = table.range(index, 1)?;
        Ok(table.get(range.start)?)
    };
    memory_out_of_bounds(memory: u32, index: u64, offset: u64, len: u64) = |instance| {
        instance.explain_access(MemoryIndex(memory), index, offset, len);
        Err(TrapCode::MemoryOutOfBounds)
    };
    // Nobody can wait on a memory that is not shared.
    atomic_notify(memory: u32, address: u64, _count: u32) = |instance| {
        instance.memory_range(MemoryIndex(memory), address, 4)?;
        Ok(0)
    };
    atomic_wait32(memory: u32, address: u64, _expected: u32, _timeout: u64) = |instance| {
        instance.memory_range(MemoryIndex(memory), address, 4)?;
        Err(TrapCode::ExpectedSharedMemory)
    };
    atomic_wait64(memory: u32, address: u64, _expected: u64, _timeout: u64) = |instance| {
        instance.memory_range(MemoryIndex(memory), address, 8)?;
        Err(TrapCode::ExpectedSharedMemory)
    };
}
