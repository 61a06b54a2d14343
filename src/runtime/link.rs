//! Checking imports (spec: instantiation, "external values match").
//!
//! All imports are looked at before anything is said, so that one error names every missing or
//! unfit import with what was expected and what was found.

use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::object::{Gc, Header, OutOfMemory};
use super::store::Store;
use super::table::Table;
use crate::error::Error;
use crate::module::{Import, Module};
use crate::types::{ExternType, FuncType, GlobalType, Limits, RefType, ValType};
use std::fmt::Write;

/// Something that can be imported or was exported.
#[derive(Clone, Copy)]
pub enum Extern {
    Func(Gc<Func>),
    Global(Gc<Global>),
    Table(Gc<Table>),
    Memory(Gc<Memory>),
}

impl Extern {
    pub fn from_header(header: &Header) -> Option<Extern> {
        (header.downcast().map(Extern::Func))
            .or_else(|| header.downcast().map(Extern::Global))
            .or_else(|| header.downcast().map(Extern::Table))
            .or_else(|| header.downcast().map(Extern::Memory))
    }

    /// The current type.
    pub fn ty(self) -> ExternType {
        match self {
            Extern::Func(f) => ExternType::Func(f.signature.id, f.signature.ty.clone()),
            Extern::Global(g) => ExternType::Global(g.ty),
            Extern::Table(t) => t.current_type(),
            Extern::Memory(m) => m.current_type(),
        }
    }
}

/// The imports of an instance, by kind and in order.
#[derive(Default)]
pub struct Imports {
    pub funcs: Vec<Gc<Func>>,
    pub globals: Vec<Gc<Global>>,
    pub tables: Vec<Gc<Table>>,
    pub memories: Vec<Gc<Memory>>,
}

impl Imports {
    fn add(&mut self, import: Extern) -> Result<(), OutOfMemory> {
        fn push<T>(list: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
            list.try_reserve(1).map_err(|_| OutOfMemory)?;
            list.push(item);
            Ok(())
        }
        match import {
            Extern::Func(f) => push(&mut self.funcs, f),
            Extern::Global(g) => push(&mut self.globals, g),
            Extern::Table(t) => push(&mut self.tables, t),
            Extern::Memory(m) => push(&mut self.memories, m),
        }
    }
}

impl Store {
    /// Takes the objects for a module's imports, positional, if every one fits. An import beyond
    /// the end of `provided` is missing; more than needed are ignored.
    pub(super) fn check_imports(
        &self,
        module: &Module,
        provided: &[Option<&Header>],
    ) -> Result<Imports, Error> {
        let mut imports = Imports::default();
        let mut bad = Vec::new();
        let mut message = String::new();
        for (number, import) in module.imports.iter().enumerate() {
            match self.check_import(import, provided.get(number).copied().flatten()) {
                Ok(object) => imports.add(object)?,
                Err(found) => {
                    bad.try_reserve(1)?;
                    bad.push(number as u32);
                    describe(&mut message, number, import, &found);
                }
            }
        }
        if bad.is_empty() { Ok(imports) } else { Err(Error::link(bad, message)) }
    }

    fn check_import(&self, import: &Import, found: Option<&Header>) -> Result<Extern, String> {
        let header = found.ok_or("nothing")?;
        if !header.store().is_some_and(|store| std::ptr::eq(store, self)) {
            return Err("an object of another store".into());
        }
        let object = Extern::from_header(header).ok_or("an object that cannot be imported")?;
        let ty = object.ty();
        if ty.matches(&import.ty) { Ok(object) } else { Err(self.type_text(&ty)) }
    }

    fn type_text(&self, ty: &ExternType) -> String {
        let mut text = String::new();
        let _ = write_type(&mut text, ty);
        text
    }
}

/// How many bad imports are spelled out before the rest is only counted by number.
const DESCRIBED: usize = 64 << 10;

fn describe(message: &mut String, number: usize, import: &Import, found: &str) {
    if message.len() > DESCRIBED {
        return;
    }
    if !message.is_empty() {
        message.push_str("; ");
    }
    let mut expected = String::new();
    let _ = write_type(&mut expected, &import.ty);
    let what = if found == "nothing" { "unknown import" } else { "incompatible import type" };
    let _ = write!(
        message,
        "{what}: import {number} \"{}\" \"{}\": expected {expected}, found {found}",
        import.module, import.name
    );
}

/// A function type for messages.
pub(super) fn func_text(ty: &FuncType) -> String {
    let mut text = String::new();
    let _ = write_func(&mut text, ty);
    text
}

fn write_type(out: &mut String, ty: &ExternType) -> std::fmt::Result {
    match ty {
        ExternType::Func(_, ty) => write_func(out, ty),
        ExternType::Global(GlobalType { content, mutable }) => {
            out.write_str(if *mutable { "mutable global " } else { "global " })?;
            write_val(out, *content)
        }
        ExternType::Table(ty) => {
            out.write_str(if ty.is_64 { "64-bit table of " } else { "table of " })?;
            write_ref(out, ty.element)?;
            write_limits(out, &ty.limits, "elements")
        }
        ExternType::Memory(ty) => {
            out.write_str(if ty.is_64 { "64-bit memory" } else { "memory" })?;
            write_limits(out, &ty.limits, "pages")
        }
    }
}

fn write_func(out: &mut String, ty: &FuncType) -> std::fmt::Result {
    out.write_str("function ")?;
    write_list(out, &ty.params)?;
    out.write_str(" -> ")?;
    write_list(out, &ty.results)
}

fn write_list(out: &mut String, types: &[ValType]) -> std::fmt::Result {
    out.write_char('[')?;
    for (i, ty) in types.iter().enumerate() {
        if i != 0 {
            out.write_char(' ')?;
        }
        write_val(out, *ty)?;
    }
    out.write_char(']')
}

fn write_val(out: &mut String, ty: ValType) -> std::fmt::Result {
    match ty {
        ValType::I32 => out.write_str("i32"),
        ValType::I64 => out.write_str("i64"),
        ValType::F32 => out.write_str("f32"),
        ValType::F64 => out.write_str("f64"),
        ValType::V128 => out.write_str("v128"),
        ValType::Ref(ty) => write_ref(out, ty),
    }
}

fn write_ref(out: &mut String, ty: RefType) -> std::fmt::Result {
    use crate::types::HeapType::*;
    match (ty.nullable, ty.heap) {
        (true, Func) => out.write_str("funcref"),
        (true, Extern) => out.write_str("externref"),
        (false, Func) => out.write_str("(ref func)"),
        (false, Extern) => out.write_str("(ref extern)"),
        (true, Concrete(_)) => out.write_str("(ref null type)"),
        (false, Concrete(_)) => out.write_str("(ref type)"),
    }
}

fn write_limits(out: &mut String, limits: &Limits, unit: &str) -> std::fmt::Result {
    match limits.max {
        Some(max) => write!(out, " of {} to {max} {unit}", limits.min),
        None => write!(out, " of {} or more {unit}", limits.min),
    }
}
