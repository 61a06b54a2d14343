//! Checking imports (spec: instantiation, "external values match").
//!
//! All imports are checked before an error is made, so that one error names every missing or mismatched import with
//! the expected and the actual type.

use crate::error::Error;
use crate::module::Import;
use crate::quote::Quoted;
use crate::runtime::engines::module::Compiled;
use crate::runtime::externs::func::Func;
use crate::runtime::externs::global::Global;
use crate::runtime::externs::table::Table;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Any, Gc, Header, give_up_root};
use crate::runtime::heap::root::Root;
use crate::runtime::instances::imports::{ImportedFunc, Imports};
use crate::runtime::memories::memory::Memory;
use crate::runtime::stores::store::Store;
use crate::types::ExternType;
use std::fmt::{self, Display, Formatter, Write};
use std::ptr::NonNull;
use std::sync::Arc;

/// An object that can be imported or was exported.
#[derive(Clone, Copy)]
pub enum Extern {
    Func(Gc<Func>),
    Global(Gc<Global>),
    Table(Gc<Table>),
    Memory(Gc<Memory>),
    Tag(Gc<Tag>),
}

impl Extern {
    pub fn from_header(header: &Header) -> Option<Extern> {
        (header.downcast().map(Extern::Func))
            .or_else(|| header.downcast().map(Extern::Global))
            .or_else(|| header.downcast().map(Extern::Table))
            .or_else(|| header.downcast().map(Extern::Memory))
            .or_else(|| header.downcast().map(Extern::Tag))
    }

    /// The current type.
    pub fn ty(self) -> ExternType {
        match self {
            Extern::Func(f) => ExternType::Func(f.signature.id, f.signature.ty.clone()),
            Extern::Global(g) => ExternType::Global(g.ty),
            Extern::Table(t) => t.current_type(),
            Extern::Memory(m) => m.current_type(),
            Extern::Tag(t) => ExternType::Tag(t.id, t.ty.clone()),
        }
    }

    /// Whether it may be imported where `expected` is required.
    fn matches(self, expected: &ExternType) -> bool {
        match (self, expected) {
            // Only compares numbers: some modules import hundreds of functions.
            (Extern::Func(f), ExternType::Func(id, _)) => f.vm.get().sig == id.as_u32(),
            _ => self.ty().matches(expected),
        }
    }
}

impl Imports {
    fn with_room(compiled: &Arc<Compiled>) -> Result<Imports, OutOfMemory> {
        let module = compiled.module();
        let mut imports = Imports {
            compiled: compiled.clone(),
            objects: Vec::new(),
            funcs: Vec::new(),
            globals: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            tags: Vec::new(),
        };
        let (funcs, globals) = (module.imported.functions, module.imported.globals);
        imports.objects.try_reserve_exact(module.imports.len()).map_err(|_| OutOfMemory)?;
        imports.funcs.try_reserve_exact(funcs as usize).map_err(|_| OutOfMemory)?;
        imports.globals.try_reserve_exact(globals as usize).map_err(|_| OutOfMemory)?;
        Ok(imports)
    }

    fn add(&mut self, import: Extern, object: &Header) -> Result<(), OutOfMemory> {
        fn push<T>(list: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
            list.try_reserve(1).map_err(|_| OutOfMemory)?;
            list.push(item);
            Ok(())
        }
        push(&mut self.objects, NonNull::from(object))?;
        match import {
            Extern::Func(f) => push(&mut self.funcs, ImportedFunc::new(f)),
            Extern::Global(g) => push(&mut self.globals, g),
            Extern::Table(t) => push(&mut self.tables, t),
            Extern::Memory(m) => push(&mut self.memories, m),
            Extern::Tag(t) => push(&mut self.tags, t),
        }
    }
}

impl Store {
    /// The imports of an instance, if all match; `None` if the module has none. An import beyond the end of `provided` is
    /// missing; superfluous objects are ignored. The root keeps the objects until the instance has them, although the
    /// limiter or a finalizer may delete their handles.
    pub(super) fn link(
        &self,
        compiled: &Arc<Compiled>,
        provided: &[Option<&Header>],
    ) -> Result<Option<(Gc<Imports>, Root)>, Error> {
        if compiled.module().imports.is_empty() {
            return Ok(None);
        }
        let recent = self.recent_imports().and_then(Gc::<Any>::downcast::<Imports>);
        if let Some(recent) = recent.filter(|recent| recent.are(compiled, provided)) {
            return Ok(Some((recent, Root::new(recent.header()))));
        }
        let imports = self.heap.allocate(self.check_imports(compiled, provided)?, 0)?;
        let root = Root::new(imports.header());
        give_up_root(imports.header_ptr());
        self.remember_imports(imports.any());
        Ok(Some((imports, root)))
    }

    fn check_imports(
        &self,
        compiled: &Arc<Compiled>,
        provided: &[Option<&Header>],
    ) -> Result<Imports, Error> {
        let mut imports = Imports::with_room(compiled)?;
        let mut misfits = Misfits::default();
        for (number, import) in compiled.module().imports.iter().enumerate() {
            let header = provided.get(number).copied().flatten().ok_or(Found::Nothing);
            match header.and_then(|header| Ok((self.check_import(import, header)?, header))) {
                Ok((object, header)) => imports.add(object, header)?,
                Err(found) => misfits.add(number, import, found)?,
            }
        }
        if misfits.numbers.is_empty() { Ok(imports) } else { Err(misfits.into_error()) }
    }

    fn check_import(&self, import: &Import, header: &Header) -> Result<Extern, Found> {
        if !header.store().is_some_and(|store| std::ptr::eq(store, self)) {
            return Err(Found::OtherStore);
        }
        let object = Extern::from_header(header).ok_or(Found::NoExtern)?;
        if object.matches(&import.ty) { Ok(object) } else { Err(Found::Type(object.ty())) }
    }
}

/// What was given for an import that does not match.
enum Found {
    Nothing,
    OtherStore,
    NoExtern,
    Type(ExternType),
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Found::Nothing => f.write_str("nothing"),
            Found::OtherStore => f.write_str("an object of another store"),
            Found::NoExtern => f.write_str("an object that cannot be imported"),
            Found::Type(ty) => ty.fmt(f),
        }
    }
}

/// Imports that are missing or do not match.
#[derive(Default)]
struct Misfits {
    numbers: Vec<u32>,
    /// A line for each of the first ones.
    lines: String,
    wants_wasi: bool,
}

/// This many imports are described, the others only counted.
const DESCRIBED: usize = 32;

impl Misfits {
    fn add(&mut self, number: usize, import: &Import, found: Found) -> Result<(), Error> {
        self.numbers.try_reserve(1)?;
        self.numbers.push(number as u32);
        let missing = matches!(found, Found::Nothing);
        self.wants_wasi |= missing && WASI.iter().any(|name| import.module.starts_with(name));
        if self.numbers.len() <= DESCRIBED {
            let what = if missing { "unknown import" } else { "incompatible import type" };
            let (module, name) = (Quoted(&import.module), Quoted(&import.name));
            let expected = &import.ty;
            let _ = writeln!(
                self.lines,
                "{what}: import {number} {module} {name}: expected {expected}, found {found}"
            );
        }
        Ok(())
    }

    fn into_error(mut self) -> Error {
        let count = self.numbers.len();
        if let Some(more) = count.checked_sub(DESCRIBED).filter(|more| *more > 0) {
            let _ =
                writeln!(self.lines, "and {more} more (wasmrt_error_imports has their numbers)");
        }
        if self.wants_wasi {
            self.lines.push_str(WASI_ADVICE);
        }
        self.lines.truncate(self.lines.trim_end().len());
        if count > 1 {
            self.lines.insert_str(0, &format!("{count} imports are missing or do not fit\n"));
        }
        Error::link(self.numbers, self.lines)
    }
}

/// Prefixes of WASI's module names.
const WASI: [&str; 3] = ["wasi_snapshot_preview", "wasi_unstable", "wasi:"];
const WASI_ADVICE: &str =
    "The module was built for WASI: libwasmrt-wasi (wasmrt_wasi.h) has the functions of WASI.";
