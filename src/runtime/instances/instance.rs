//! Instances: one allocation that holds the object, followed by the vmctx that code reads.
//!
//! The runtime's side (the objects that the instance refers to, the segments that were dropped) is here;
//! `linking::instantiate` fills it. Objects for functions and globals are made on demand and then stay with the
//! instance, to preserve their identity.

use super::imports::{ImportedFunc, Imports};
use crate::abi::layout::GlobalPlace;
use crate::abi::vmctx::{Slot, VmContext, VmFunc, VmFuncEntry, VmGlobal};
use crate::compile::CodeSet;
use crate::module::{Module, SegmentMode};
use crate::runtime::engines::engine::Engine;
use crate::runtime::engines::module::Compiled;
use crate::runtime::externs::func::{Func, FuncBody};
use crate::runtime::externs::global::{Global, trace_cell};
use crate::runtime::externs::table::Table;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Gc, Header, Kind, Object, give_up_root};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::memories::memory::Memory;
use crate::runtime::stores::store::Store;
use crate::types::{
    DataIndex, DefinedFuncIndex, ElemIndex, ExternKind, FuncIndex, GlobalIndex, MemoryIndex,
    TableIndex, TagIndex,
};
use hashbrown::HashMap;
use std::cell::{Cell, RefCell};
use std::ptr;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub struct Instance {
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) code: Arc<CodeSet>,
    /// None if the module has no imports.
    imports: Option<Gc<Imports>>,
    /// By index, imports first; shorter while the instance is being built.
    pub(crate) memories: RefCell<Vec<Gc<Memory>>>,
    pub(crate) tables: RefCell<Vec<Gc<Table>>>,
    pub(crate) tags: RefCell<Vec<Gc<Tag>>>,
    /// Objects made for functions and globals of this instance.
    funcs: RefCell<HashMap<u32, Gc<Func>>>,
    globals: RefCell<HashMap<u32, Gc<Global>>>,
    used_elements: UsedSegments,
    used_data: UsedSegments,
    /// Null until the object has its address.
    object: Cell<*const Object<Instance>>,
}

impl Payload for Instance {
    const KIND: Kind = Kind::Instance;
    fn weight(&self) -> usize {
        1 + self.module().layout.size() as usize / WEIGHED_BYTES
    }

    fn amounts(&self) -> Amounts {
        Amounts::ONE_INSTANCE
    }

    fn leave(object: &Object<Instance>) {
        if let (Some(store), Some(code)) = (object.store(), object.code.object()) {
            store.code_users.remove(code, object.header());
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.imports.iter().for_each(|imports| tracer.visit(*imports));
        self.memories.borrow().iter().for_each(|m| tracer.visit(*m));
        self.tables.borrow().iter().for_each(|t| tracer.visit(*t));
        self.tags.borrow().iter().for_each(|t| tracer.visit(*t));
        self.funcs.borrow().values().for_each(|f| tracer.visit(*f));
        self.globals.borrow().values().for_each(|g| tracer.visit(*g));
        self.trace_own_globals(tracer);
    }
}

/// The instance whose vmctx this is.
///
/// # Safety
/// `vmctx` belongs to an instance (not to a host function) of a live store.
pub unsafe fn from_vmctx(vmctx: *const VmContext) -> Gc<Instance> {
    // SAFETY: the builder stored the object's address there.
    unsafe { Gc::from_ref(&*(*vmctx).instance.cast::<Object<Instance>>()) }
}

impl Instance {
    pub(crate) fn new(
        compiled: Arc<Compiled>,
        code: Arc<CodeSet>,
        imports: Option<Gc<Imports>>,
    ) -> Instance {
        Instance {
            compiled,
            code,
            imports,
            memories: RefCell::default(),
            tables: RefCell::default(),
            tags: RefCell::default(),
            funcs: RefCell::default(),
            globals: RefCell::default(),
            used_elements: UsedSegments::default(),
            used_data: UsedSegments::default(),
            object: Cell::new(ptr::null()),
        }
    }

    /// Bytes of the vmctx, which follows the object.
    pub(crate) fn vmctx_size(&self) -> usize {
        self.module().layout.size() as usize
    }

    pub(crate) fn set_place(&self, this: Gc<Instance>) {
        self.object.set(this.as_ptr());
    }

    fn this(&self) -> Gc<Instance> {
        // SAFETY: set right after allocation.
        unsafe { Gc::from_ref(&*self.object.get()) }
    }

    pub fn module(&self) -> &Module {
        self.compiled.module()
    }

    pub fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// `None` once the store is gone.
    pub(crate) fn store(&self) -> Option<&Store> {
        // SAFETY: the object that this lies in.
        unsafe { (*self.object.get()).header().store() }
    }

    pub fn engine(&self) -> &Engine {
        self.compiled.engine()
    }

    /// The vmctx, which follows the object.
    pub fn vmctx(&self) -> *mut VmContext {
        // SAFETY: the allocation goes on behind the object.
        unsafe { self.object.get().add(1).cast_mut().cast() }
    }

    /// A field of the vmctx.
    pub(crate) fn field<T>(&self, offset: i32) -> *mut T {
        // SAFETY: offsets come from the module's layout, which sized the allocation.
        unsafe { self.vmctx().byte_add(offset as usize).cast() }
    }

    pub fn memory(&self, index: MemoryIndex) -> Gc<Memory> {
        self.memories.borrow()[index.index()]
    }

    /// The memory, if there is exactly one. Cannot panic.
    #[inline]
    pub fn only_memory(&self) -> Option<Gc<Memory>> {
        match self.memories.try_borrow().ok()?.as_slice() {
            [memory] => Some(*memory),
            _ => None,
        }
    }

    /// The memory that pointers of the guest refer to: the only one, or else the one that is exported as "memory", or
    /// else the first.
    pub fn main_memory(&self) -> Option<Gc<Memory>> {
        let memories = self.memories.borrow();
        let exported = || self.compiled.export(b"memory").filter(|e| e.kind == ExternKind::Memory);
        let named = if memories.len() > 1 { exported() } else { None };
        memories.get(named.map_or(0, |export| export.index as usize)).copied()
    }

    pub fn table(&self, index: TableIndex) -> Gc<Table> {
        self.tables.borrow()[index.index()]
    }

    pub fn tag(&self, index: TagIndex) -> Gc<Tag> {
        self.tags.borrow()[index.index()]
    }

    /// The address of a global's value.
    pub(crate) fn global_cell(&self, index: GlobalIndex) -> *const VmGlobal {
        match self.module().layout.global(index) {
            GlobalPlace::Inline(offset) => self.field(offset),
            // SAFETY: the builder filled the pointer in.
            GlobalPlace::Pointer(offset) => unsafe { *self.field(offset) },
        }
    }

    fn trace_own_globals(&self, tracer: &mut Tracer) {
        let module = self.module();
        let first = module.imported.globals;
        for (i, ty) in module.globals.iter().enumerate().skip(first as usize) {
            if ty.content.is_ref() {
                // SAFETY: an own global's cell lies in the vmctx, zeroed until initialised.
                trace_cell(
                    unsafe { &*self.global_cell(GlobalIndex(i as u32)) },
                    ty.content,
                    tracer,
                );
            }
        }
    }

    pub(crate) fn imported_funcs(&self) -> &[ImportedFunc] {
        self.imports.as_ref().map_or(&[], |imports| &imports.funcs)
    }

    pub(crate) fn imported_globals(&self) -> &[Gc<Global>] {
        self.imports.as_ref().map_or(&[], |imports| &imports.globals)
    }

    /// The function object of a function, made on demand.
    pub fn func(&self, index: FuncIndex) -> Result<Gc<Func>, OutOfMemory> {
        let Some(defined) = self.module().defined(index) else {
            return Ok(self.imported_funcs()[index.index()].func);
        };
        if let Some(func) = self.funcs.borrow().get(&index.0) {
            return Ok(*func);
        }
        let this = self.this();
        let store = this.header().store().ok_or(OutOfMemory)?;
        self.funcs.borrow_mut().try_reserve(1).map_err(|_| OutOfMemory)?;
        let (id, ty) = self.module().func_type(index);
        let signature = store.engine.signatures.get(id, ty)?;
        let slot = self.slot(defined);
        let (sig, own) = (id.as_u32(), defined.0);
        let vm = VmFunc { sig, own, slot, vmctx: self.vmctx() };
        let body = FuncBody::Guest { instance: this.any(), index };
        let func = store.heap.allocate(Func { vm: Cell::new(vm), signature, body }, 0)?;
        self.funcs.borrow_mut().insert(index.0, func);
        give_up_root(func.header_ptr());
        Ok(func)
    }

    /// The function object that the module defines.
    pub(crate) fn defined_func(&self, defined: DefinedFuncIndex) -> Result<Gc<Func>, OutOfMemory> {
        self.func(self.module().func_index(defined))
    }

    pub(crate) fn slot(&self, defined: DefinedFuncIndex) -> *const Slot {
        &self.code.slots()[defined.index()]
    }

    /// The address at which a function is called now.
    pub(crate) fn code_address(&self, defined: DefinedFuncIndex) -> usize {
        self.code.slots()[defined.index()].load(Ordering::Acquire)
    }

    /// The global object of a global, made on demand.
    pub fn global(&self, index: GlobalIndex) -> Result<Gc<Global>, OutOfMemory> {
        if let Some(imported) = self.imported_globals().get(index.index()) {
            return Ok(*imported);
        }
        if let Some(global) = self.globals.borrow().get(&index.0) {
            return Ok(*global);
        }
        let this = self.this();
        let store = this.header().store().ok_or(OutOfMemory)?;
        self.globals.borrow_mut().try_reserve(1).map_err(|_| OutOfMemory)?;
        let ty = self.module().globals[index.index()];
        let global = store.new_instance_global(ty, this.any(), self.global_cell(index))?;
        self.globals.borrow_mut().insert(index.0, global);
        give_up_root(global.header_ptr());
        Ok(global)
    }

    /// The object behind an export.
    pub fn export(&self, kind: ExternKind, index: u32) -> Result<NonNull<Header>, OutOfMemory> {
        Ok(match kind {
            ExternKind::Func => self.func(FuncIndex(index))?.header_ptr(),
            ExternKind::Global => self.global(GlobalIndex(index))?.header_ptr(),
            ExternKind::Table => self.table(TableIndex(index)).header_ptr(),
            ExternKind::Memory => self.memory(MemoryIndex(index)).header_ptr(),
            ExternKind::Tag => self.tag(TagIndex(index)).header_ptr(),
        })
    }

    /// The dispatch entry of a function; makes no object for a defined function.
    pub(crate) fn entry(&self, index: FuncIndex) -> VmFuncEntry {
        match self.module().defined(index) {
            Some(defined) => VmFuncEntry {
                sig: self.module().func_type(index).0.as_u32(),
                own: defined.0,
                code: self.code_address(defined),
                vmctx: self.vmctx(),
                func: ptr::null(),
            },
            // Not the context that this instance calls it with: the entry may outlive the instance.
            None => {
                let func = self.imported_funcs()[index.index()].func;
                // SAFETY: the address of a function object's dispatch part.
                unsafe { VmFuncEntry::from_bits(func.as_vm() as u64) }
            }
        }
    }

    /// Segments with a lower number that are not passive count as dropped.
    pub(crate) fn set_applied_elements(&self, count: usize) {
        self.used_elements.applied.set(count);
    }

    pub(crate) fn is_element_dropped(&self, segment: ElemIndex) -> bool {
        self.used_elements.contain(segment.index(), &self.module().element(segment).mode)
    }

    pub(crate) fn drop_element(&self, segment: ElemIndex) -> Result<(), OutOfMemory> {
        self.used_elements.add(segment.index(), self.module().elements.len())
    }

    /// As [`Instance::set_applied_elements`].
    pub(crate) fn set_applied_data(&self, count: usize) {
        self.used_data.applied.set(count);
    }

    pub(crate) fn is_data_dropped(&self, segment: DataIndex) -> bool {
        self.used_data.contain(segment.index(), &self.module().data[segment.index()].mode)
    }

    pub(crate) fn drop_data(&self, segment: DataIndex) -> Result<(), OutOfMemory> {
        self.used_data.add(segment.index(), self.module().data.len())
    }
}

/// Which segments of one kind can no longer be used.
#[derive(Default)]
struct UsedSegments {
    /// How many were applied or skipped.
    applied: Cell<usize>,
    /// Passive ones that were dropped; allocated on the first drop.
    dropped: RefCell<Vec<bool>>,
}

impl UsedSegments {
    fn contain<T>(&self, index: usize, mode: &SegmentMode<T>) -> bool {
        let is_passive = matches!(mode, SegmentMode::Passive);
        (!is_passive && index < self.applied.get())
            || self.dropped.borrow().get(index).copied().unwrap_or(false)
    }

    /// Marks one of `count` segments.
    fn add(&self, index: usize, count: usize) -> Result<(), OutOfMemory> {
        let mut flags = self.dropped.borrow_mut();
        if flags.is_empty() {
            flags.try_reserve_exact(count).map_err(|_| OutOfMemory)?;
            flags.resize(count, false);
        }
        flags[index] = true;
        Ok(())
    }
}
