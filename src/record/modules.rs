//! Modules by number, for records that name functions of many.

use crate::module::Module;
use crate::quote::Visible;
use crate::types::{ExternType, FuncIndex};
use std::sync::{Arc, Weak};

/// The modules of a record. They stay, so that names can be looked up later.
#[derive(Default)]
pub struct Modules(Vec<Known>);

#[derive(Clone)]
enum Known {
    Complete(Arc<Module>),
    /// A module that will be another one when all of it is there. Its job must be the only one that has it.
    Arriving(Weak<Module>),
}

impl Known {
    fn is(&self, module: &Arc<Module>) -> bool {
        match self {
            Known::Complete(known) => Arc::ptr_eq(known, module),
            Known::Arriving(known) => Weak::as_ptr(known) == Arc::as_ptr(module),
        }
    }
}

impl Modules {
    /// The number of a module, which is added if it is new; `None` when memory is short.
    pub fn number_of(&mut self, module: &Arc<Module>) -> Option<u32> {
        let known = self.0.iter().rposition(|known| known.is(module));
        known.or_else(|| self.add(Known::Complete(module.clone()))).map(|number| number as u32)
    }

    /// Adds a module that is still arriving; `None` when memory is short.
    pub fn expect(&mut self, module: &Arc<Module>) -> Option<()> {
        self.add(Known::Arriving(Arc::downgrade(module))).map(drop)
    }

    /// A module that was expected is complete.
    pub fn complete(&mut self, expected: &Weak<Module>, module: &Arc<Module>) {
        let is_expected = |known: &&mut Known| match known {
            Known::Complete(_) => false,
            Known::Arriving(known) => known.ptr_eq(expected),
        };
        if let Some(known) = self.0.iter_mut().rfind(is_expected) {
            *known = Known::Complete(module.clone());
        }
    }

    fn add(&mut self, known: Known) -> Option<usize> {
        self.0.try_reserve(1).ok()?;
        self.0.push(known);
        Some(self.0.len() - 1)
    }

    /// A module, if it is complete.
    pub fn get(&self, number: u32) -> Option<&Module> {
        match &self.0[number as usize] {
            Known::Complete(module) => Some(module),
            Known::Arriving(_) => None,
        }
    }

    /// The name of a function for display.
    pub fn name(&self, number: u32, func: FuncIndex) -> String {
        let name = self.get(number).and_then(|module| module.display_name(func));
        name.unwrap_or_else(|| format!("wasm-function[{}]", func.0))
    }

    /// The name of a host function for display: that of the import.
    pub fn host_name(&self, number: u32, func: FuncIndex) -> String {
        let imports = self.get(number).into_iter().flat_map(|module| &module.imports);
        let mut functions = imports.filter(|import| matches!(import.ty, ExternType::Func(..)));
        let Some(import) = functions.nth(func.0 as usize) else { return "host function".into() };
        if import.name.is_empty() {
            return self.name(number, func);
        }
        Visible(&format!("{}.{}", import.module, import.name)).to_string()
    }

    pub fn copy(&self) -> Option<Modules> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(self.0.len()).ok()?;
        copy.extend_from_slice(&self.0);
        Some(Modules(copy))
    }
}
