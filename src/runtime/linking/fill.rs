//! The contents of a new instance before its segments are applied: the vmctx that code reads, globals, and tables
//! whose initial value is not null.

use super::failure::Failure;
use crate::abi::layout::GlobalPlace;
use crate::abi::vmctx::{VmContext, VmGlobal, VmMemory, VmTable};
use crate::runtime::calls::builtin_table;
use crate::runtime::externs::table::Owner;
use crate::runtime::heap::object::Gc;
use crate::runtime::instances::const_expr::evaluate;
use crate::runtime::instances::instance::Instance;
use crate::runtime::stores::store::Store;
use crate::types::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use std::cell::Cell;

/// Sets the owner of tables whose elements are written lazily.
pub(super) fn set_lazy_owners(instance: Gc<Instance>) {
    for (i, table) in instance.tables.borrow().iter().enumerate() {
        if let Some(owner) = Owner::of(instance, TableIndex(i as u32)) {
            table.owner.set(Some(owner));
        }
    }
}

/// Writes everything that code reads and that cannot fail.
pub(super) fn fill(store: &Store, instance: Gc<Instance>) {
    let module = instance.module();
    let layout = &module.layout;
    // SAFETY: here and below, the fields lie in the vmctx, whose size the same layout gave, and
    // nobody else has seen it yet.
    unsafe {
        instance.vmctx().write(VmContext {
            store: &store.context,
            code_table: instance.code.slots().as_ptr(),
            builtins: builtin_table::table(),
            instance: instance.as_ptr().cast(),
            callee: Cell::new(0),
        });
        for (i, (id, _)) in module.types.iter().enumerate() {
            instance.field::<u32>(layout.sig_id(TypeIndex(i as u32))).write(id.as_u32());
        }
        for (i, import) in instance.imported_funcs().iter().enumerate() {
            let place = instance.field(layout.imported_function(FuncIndex(i as u32)));
            import.write(place, store, instance.as_ptr().cast());
        }
        for (i, memory) in instance.memories.borrow().iter().enumerate() {
            let index = MemoryIndex(i as u32);
            instance.field::<*mut u8>(layout.memory_base(index)).write(memory.base());
            instance.field::<*const VmMemory>(layout.memory_definition(index)).write(memory.vm());
        }
        for (i, table) in instance.tables.borrow().iter().enumerate() {
            let index = TableIndex(i as u32);
            instance.field::<*mut u8>(layout.table_base(index)).write(table.vm.base.get());
            instance.field::<*const VmTable>(layout.table_definition(index)).write(&table.vm);
        }
        for (i, tag) in instance.tags.borrow().iter().enumerate() {
            instance.field::<*const ()>(layout.tag(TagIndex(i as u32))).write(tag.as_ptr().cast());
        }
        for (i, global) in instance.imported_globals().iter().enumerate() {
            if let GlobalPlace::Pointer(offset) = layout.global(GlobalIndex(i as u32)) {
                instance.field::<*const VmGlobal>(offset).write(global.cell());
            }
        }
    }
}

pub(super) fn init_globals(instance: Gc<Instance>) -> Result<(), Failure> {
    let module = instance.module();
    for (i, init) in module.global_inits.iter().enumerate() {
        let value = evaluate(&instance, &init.ops)?;
        let index = GlobalIndex(module.imported.globals + i as u32);
        // SAFETY: a defined global's cell.
        unsafe { (*instance.global_cell(index)).bytes.set(value.to_le_bytes()) };
    }
    Ok(())
}

/// Tables whose elements are not null initially.
pub(super) fn init_tables(instance: Gc<Instance>) -> Result<(), Failure> {
    let module = instance.module();
    for (i, table) in module.tables.iter().enumerate() {
        if let Some(init) = &table.init {
            let value = evaluate(&instance, &init.ops)? as u64;
            let table = instance.table(TableIndex(i as u32));
            table.fill(0..table.len() as usize, value);
        }
    }
    Ok(())
}
