//! The instance builder (spec: "Instantiation").
//!
//! Imports are checked first, then everything that may fail for want of memory is made, then the
//! instance is filled: its state is consistent at every step, because tables that others own may
//! refer to it from the first element segment on, and keep it when a later step traps.

use super::link::Imports;
use crate::abi::mode::{Bounds, CodeMode};
use crate::abi::trap::TrapCode;
use crate::abi::vmctx::{VmContext, VmGlobal, VmImport, VmMemory, VmTable};
use crate::error::{Error, Phase};
use crate::module::{Module, SegmentMode};
use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::object::{Gc, Header, OutOfMemory};
use crate::runtime::instances::const_expr::evaluate;
use crate::runtime::instances::instance::{Instance, give_up_root};
use crate::runtime::instances::lazy_table::Owner;
use crate::runtime::instances::segments;
use crate::runtime::memories::image::Images;
use crate::runtime::stores::limits::{Amounts, Refusal};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::trap::Trap;
use crate::sys::reserve;
use crate::types::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

/// Why there is no instance.
pub enum Failure {
    /// Imports do not fit, or memory is short.
    Error(Error),
    /// A segment or the start function trapped.
    Trap(Gc<Trap>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}

impl From<OutOfMemory> for Failure {
    fn from(_: OutOfMemory) -> Failure {
        Failure::Error(Error::out_of_memory().during(Phase::Instantiate))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Error(Error::from(refusal).during(Phase::Instantiate))
    }
}

/// Imports that stay until the instance has them, although the limiter or a finalizer may delete
/// their handles.
struct Kept<'a>(&'a [Option<&'a Header>]);

impl<'a> Kept<'a> {
    fn new(provided: &'a [Option<&'a Header>], imports: usize) -> Kept<'a> {
        let kept = provided.get(..imports).unwrap_or_default();
        kept.iter().flatten().for_each(|header| header.add_root());
        Kept(kept)
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.0.iter().flatten().for_each(|header| give_up_root(NonNull::from(*header)));
    }
}

impl Store {
    /// Makes an instance (rooted once, for the caller).
    pub fn instantiate(
        &self,
        compiled: &Arc<Compiled>,
        provided: &[Option<&Header>],
    ) -> Result<Gc<Instance>, Failure> {
        if !Arc::ptr_eq(compiled.engine(), &self.engine) {
            let text = "the module belongs to another engine";
            return Err(Error::argument(text).during(Phase::Instantiate).into());
        }
        reserve::begin().map_err(|_| OutOfMemory)?;
        self.collect_if_due();
        let imports = self.check_imports(compiled.module(), provided)?;
        let _kept = Kept::new(provided, compiled.module().imports.len());
        self.allow(Amounts::ONE_INSTANCE)?;
        let images = compiled.images();
        let images = images.as_deref();
        let instance = self.build(compiled, imports, images)?;
        let result = segments::initialize(self, instance, images)
            .and_then(|()| Ok(reserve::checkpoint().map_err(|_| OutOfMemory)?))
            .and_then(|()| self.start(instance));
        match result {
            Ok(()) => Ok(instance),
            Err(failure) => {
                give_up_root(instance.header_ptr());
                Err(failure)
            }
        }
    }

    /// An instance with everything but its segments; `images` are in its memories.
    fn build(
        &self,
        compiled: &Arc<Compiled>,
        imports: Imports,
        images: Option<&Images>,
    ) -> Result<Gc<Instance>, Failure> {
        let module = compiled.module();
        if compiled.overflows {
            self.need_overflow_results()?;
        }
        let Imports { funcs, globals, mut tables, mut memories } = imports;
        let imported = memories.len();
        let made = self.make_memories(module, &mut memories, images);
        let made = made.and_then(|()| self.make_tables(module, &mut tables));
        let result = made.map_err(Failure::from).and_then(|()| {
            let bounds = self.bounds_for(&memories);
            let code = compiled.code_set(CodeMode { bounds, ..self.code_mode() })?;
            self.metering.begin();
            let payload = Instance::new(compiled.clone(), code, funcs.into(), globals.into());
            // The limiter, asked about the memories and tables, may have made instances itself.
            self.limits.check(Amounts::ONE_INSTANCE)?;
            self.code_users.make_room()?;
            let extra = payload.extra_size();
            let instance = self.allocate(payload, extra)?;
            instance.set_place(instance);
            self.code_users.add(instance);
            self.limits.count(Amounts::ONE_INSTANCE);
            Ok(instance)
        });
        // From here on the instance (or nobody) keeps what was made for it.
        let own_memories = memories[imported..].iter().map(|m| m.header_ptr());
        let own_tables = tables[module.imported.tables as usize..].iter().map(|t| t.header_ptr());
        own_memories.chain(own_tables).for_each(give_up_root);
        let instance = result?;
        instance.memories.replace(memories);
        instance.tables.replace(tables);
        own_lazy_tables(instance);
        fill(self, instance);
        init_globals(instance)
            .and_then(|()| init_tables(instance))
            .inspect_err(|_| give_up_root(instance.header_ptr()))?;
        Ok(instance)
    }

    fn make_memories(
        &self,
        module: &Module,
        memories: &mut Vec<Gc<crate::runtime::memories::memory::Memory>>,
        images: Option<&Images>,
    ) -> Result<(), Refusal> {
        memories
            .try_reserve_exact(module.memories.len() - memories.len())
            .map_err(|_| OutOfMemory)?;
        for (i, ty) in module.memories[module.imported.memories as usize..].iter().enumerate() {
            let image = images.and_then(|images| images.get(i));
            memories.push(self.new_memory(*ty, image)?);
        }
        Ok(())
    }

    fn make_tables(
        &self,
        module: &Module,
        tables: &mut Vec<Gc<crate::runtime::externs::table::Table>>,
    ) -> Result<(), Refusal> {
        tables.try_reserve_exact(module.tables.len() - tables.len()).map_err(|_| OutOfMemory)?;
        for table in &module.tables[module.imported.tables as usize..] {
            tables.push(self.new_table(table.ty)?);
        }
        Ok(())
    }

    /// Code without bounds checks serves only if every memory has its guard.
    fn bounds_for(&self, memories: &[Gc<crate::runtime::memories::memory::Memory>]) -> Bounds {
        let all_guarded = memories.iter().all(|m| m.bounds() == Bounds::Guard);
        if all_guarded { self.engine.config.default_mode().bounds } else { Bounds::Explicit }
    }

    fn start(&self, instance: Gc<Instance>) -> Result<(), Failure> {
        let Some(start) = instance.module().start else { return Ok(()) };
        let func = instance.func(start)?;
        crate::runtime::calls::call::call_converted::<crate::abi::value::RawVal>(
            func,
            &mut [],
            &mut [],
        )
        .map_err(Failure::Trap)
    }

    /// The failure for a trap without frames.
    pub(crate) fn trap_failure(&self, code: TrapCode) -> Failure {
        match self.new_trap(self.trap_message(code)) {
            Ok(trap) => Failure::Trap(trap),
            Err(error) => error.into(),
        }
    }
}

/// Lets the instance's own tables know whom to ask for elements that are not written yet.
fn own_lazy_tables(instance: Gc<Instance>) {
    for (i, table) in instance.tables.borrow().iter().enumerate() {
        if let Some(owner) = Owner::of(instance, TableIndex(i as u32)) {
            table.owner.set(Some(owner));
        }
    }
}

/// Writes everything that code reads and that cannot fail.
fn fill(store: &Store, instance: Gc<Instance>) {
    let module = instance.module();
    let layout = &module.layout;
    // SAFETY: here and below, the fields lie in the vmctx, whose size the same layout gave, and
    // nobody else has seen it yet.
    unsafe {
        instance.vmctx().write(VmContext {
            store: &store.context,
            code_table: instance.code.slots().as_ptr(),
            builtins: crate::runtime::calls::builtin_table::table(),
            instance: instance.as_ptr().cast(),
            callee: Cell::new(0),
        });
        for (i, (id, _)) in module.types.iter().enumerate() {
            instance.field::<u32>(layout.sig_id(TypeIndex(i as u32))).write(id.as_u32());
        }
        let mut hosts = 0;
        for (i, func) in instance.imported_funcs.iter().enumerate() {
            let vm = func.vm.get();
            let mut import = VmImport { slot: vm.slot, vmctx: vm.vmctx };
            if let Some(context) = func.host_context() {
                let own = instance.host_context(hosts);
                own.write(context.for_import(instance.as_ptr().cast()));
                import.vmctx = own.cast();
                hosts += 1;
            }
            instance.field::<VmImport>(layout.imported_function(FuncIndex(i as u32))).write(import);
        }
        for (i, memory) in instance.memories.borrow().iter().enumerate() {
            let index = MemoryIndex(i as u32);
            instance.field::<*mut u8>(layout.memory_base(index)).write(memory.base());
            instance.field::<*const VmMemory>(layout.memory_definition(index)).write(&memory.vm);
        }
        for (i, table) in instance.tables.borrow().iter().enumerate() {
            let index = TableIndex(i as u32);
            instance.field::<*mut u8>(layout.table_base(index)).write(table.vm.base.get());
            instance.field::<*const VmTable>(layout.table_definition(index)).write(&table.vm);
        }
        for (i, global) in instance.imported_globals.iter().enumerate() {
            use crate::abi::layout::GlobalPlace;
            if let GlobalPlace::Pointer(offset) = layout.global(GlobalIndex(i as u32)) {
                instance.field::<*const VmGlobal>(offset).write(global.cell());
            }
        }
    }
}

fn init_globals(instance: Gc<Instance>) -> Result<(), Failure> {
    let module = instance.module();
    for (i, init) in module.global_inits.iter().enumerate() {
        let value = evaluate(&instance, init)?;
        let index = GlobalIndex(module.imported.globals + i as u32);
        // SAFETY: an own global's cell.
        unsafe { (*instance.global_cell(index)).bytes.set(value.to_le_bytes()) };
    }
    Ok(())
}

/// Tables whose elements start as something else than null.
fn init_tables(instance: Gc<Instance>) -> Result<(), Failure> {
    let module = instance.module();
    for (i, table) in module.tables.iter().enumerate() {
        if let Some(init) = &table.init {
            let value = evaluate(&instance, init)? as u64;
            let table = instance.table(TableIndex(i as u32));
            table.fill(0..table.len() as usize, value);
        }
    }
    Ok(())
}

/// Where an active segment goes, or `None` for others.
pub(crate) fn active<T: Copy>(
    instance: &Instance,
    mode: &SegmentMode<T>,
    is_64: impl Fn(T) -> bool,
) -> Result<Option<(T, u64)>, OutOfMemory> {
    let SegmentMode::Active { target, offset } = mode else { return Ok(None) };
    let offset = evaluate(instance, offset)? as u64;
    let offset = if is_64(*target) { offset } else { u64::from(offset as u32) };
    Ok(Some((*target, offset)))
}

/// The numbers of a module's segments.
pub(crate) fn element_indices(module: &Module) -> impl Iterator<Item = ElemIndex> {
    (0..module.elements.len() as u32).map(ElemIndex)
}

pub(crate) fn data_indices(module: &Module) -> impl Iterator<Item = DataIndex> {
    (0..module.data.len() as u32).map(DataIndex)
}
