//! A linker: externs of one store by module and name, from which modules are instantiated.
//!
//! It belongs to the embedder, not to the store, and keeps its externs as handles do: when the store has been deleted,
//! they are dead objects, and a foreign object that has no other use tells so. Embedder code that runs during
//! instantiation may define names again, so instantiation has roots of its own.

use super::failure::Failure;
use super::link::Extern;
use crate::error::Error;
use crate::quote::{Quoted, quoted};
use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::alloc::{OutOfMemory, try_collect};
use crate::runtime::heap::object::{Gc, Header, give_up_root};
use crate::runtime::heap::root::Root;
use crate::runtime::instances::instance::Instance;
use crate::runtime::stores::store::Store;
use crate::types::ExternType;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::cell::{Cell, RefCell};
use std::hash::BuildHasher;
use std::sync::Arc;

pub struct Linker {
    /// Belongs to the store as long as that exists.
    anchor: Root,
    hasher: DefaultHashBuilder,
    definitions: RefCell<HashTable<Definition>>,
    /// Whether a name may be defined again.
    shadowing: Cell<bool>,
}

struct Definition {
    /// Both names, one behind the other.
    names: Box<[u8]>,
    /// Where the second begins.
    split: usize,
    object: Root,
}

impl Definition {
    fn new(module: &[u8], name: &[u8], object: &Header) -> Result<Definition, Error> {
        let mut names = Vec::new();
        names.try_reserve_exact(module.len() + name.len())?;
        names.extend_from_slice(module);
        names.extend_from_slice(name);
        let names = names.into_boxed_slice();
        Ok(Definition { names, split: module.len(), object: Root::new(object) })
    }

    fn names(&self) -> (&[u8], &[u8]) {
        self.names.split_at(self.split)
    }
}

impl Linker {
    pub fn new(store: &Store) -> Result<Linker, Error> {
        let anchor = store.new_foreign()?;
        let root = Root::new(anchor.header());
        give_up_root(anchor.header_ptr());
        Ok(Linker {
            anchor: root,
            hasher: DefaultHashBuilder::default(),
            definitions: RefCell::default(),
            shadowing: Cell::new(false),
        })
    }

    /// The store, unless it was deleted.
    pub fn store(&self) -> Result<&Store, Error> {
        let store = self.anchor.header().store().filter(|store| !store.is_dying());
        store.ok_or_else(|| Error::argument("the linker's store has been deleted"))
    }

    pub fn allow_shadowing(&self, allow: bool) {
        self.shadowing.set(allow);
    }

    /// The extern with these names.
    pub fn get(&self, module: &[u8], name: &[u8]) -> Option<Root> {
        let names = (module, name);
        let definitions = self.definitions.borrow();
        let found = definitions.find(self.hasher.hash_one(names), |d| d.names() == names)?;
        Some(Root::new(found.object.header()))
    }

    /// Refuses names that may not be defined.
    pub fn check_free(&self, module: &[u8], name: &[u8]) -> Result<(), Error> {
        if self.shadowing.get() || self.get(module, name).is_none() {
            return Ok(());
        }
        let (module, name) = (quoted(module), quoted(name));
        Err(Error::argument(format!("{module} {name} is already defined in the linker")))
    }

    /// Defines an extern of the store.
    pub fn define(&self, module: &[u8], name: &[u8], object: &Header) -> Result<(), Error> {
        if !self.store()?.owns(object) {
            let (module, name) = (quoted(module), quoted(name));
            let text = format!("the object for {module} {name} belongs to another store");
            return Err(Error::argument(text));
        }
        if Extern::from_header(object).is_none() {
            let (module, name) = (quoted(module), quoted(name));
            let text = format!("the object for {module} {name} is none that can be imported");
            return Err(Error::argument(text));
        }
        self.check_free(module, name)?;
        self.insert(Definition::new(module, name, object)?)
    }

    fn insert(&self, new: Definition) -> Result<(), Error> {
        let hash = |definition: &Definition| self.hasher.hash_one(definition.names());
        let mut definitions = self.definitions.borrow_mut();
        definitions.try_reserve(1, hash).map_err(|_| Error::out_of_memory())?;
        let place = definitions.entry(hash(&new), |old| old.names() == new.names(), hash);
        place.insert(new);
        Ok(())
    }

    /// Defines all exports of an instance of the store, or none.
    pub fn define_instance(&self, module: &[u8], instance: Gc<Instance>) -> Result<(), Error> {
        if !self.store()?.owns(instance.header()) {
            return Err(Error::argument("the instance belongs to another store than the linker"));
        }
        let mut new = Vec::new();
        new.try_reserve_exact(instance.module().exports.len())?;
        for export in &instance.module().exports {
            let name = export.name_in(&instance.module().bytes);
            self.check_free(module, name)?;
            let object = instance.export(export.kind, export.index)?;
            // SAFETY: an object of the instance.
            let object = unsafe { object.as_ref() };
            new.push(Definition::new(module, name, object)?);
        }
        let hash = |definition: &Definition| self.hasher.hash_one(definition.names());
        let room = self.definitions.borrow_mut().try_reserve(new.len(), hash);
        room.map_err(|_| Error::out_of_memory())?;
        new.into_iter().try_for_each(|definition| self.insert(definition))
    }

    /// Defines each function that the module imports and that is not defined yet: it traps when it is called.
    pub fn define_traps(&self, compiled: &Compiled) -> Result<(), Error> {
        let store = self.store()?;
        if !Arc::ptr_eq(compiled.engine(), &store.engine) {
            return Err(Error::argument("the module belongs to another engine"));
        }
        for import in &compiled.module().imports {
            let (module, name) = (import.module.as_bytes(), import.name.as_bytes());
            if let ExternType::Func(id, ty) = &import.ty
                && self.get(module, name).is_none()
            {
                let text = format!(
                    "the unknown import {} {} was called",
                    Quoted(&import.module),
                    Quoted(&import.name)
                );
                let func = store.new_trapping_func(*id, ty, text)?;
                let defined = self.define(module, name, func.header());
                give_up_root(func.header_ptr());
                defined?;
            }
        }
        Ok(())
    }

    /// Instantiates a module with what is defined for its imports (with one root, for the caller).
    pub fn instantiate(&self, compiled: &Arc<Compiled>) -> Result<Gc<Instance>, Failure> {
        let imports = compiled.module().imports.iter();
        let kept = imports.map(|i| self.get(i.module.as_bytes(), i.name.as_bytes()));
        let kept = try_collect(kept).ok_or(OutOfMemory)?;
        let provided = try_collect(kept.iter().map(|root| root.as_ref().map(Root::header)));
        self.store()?.instantiate(compiled, &provided.ok_or(OutOfMemory)?)
    }
}
