//! Modules by number, for records that name functions of many.

use crate::module::Module;
use crate::types::FuncIndex;
use std::sync::Arc;

/// The modules of a record. They stay, so that names can be looked up later.
#[derive(Default)]
pub struct Modules(Vec<Arc<Module>>);

impl Modules {
    /// The number of a module, which is added if it is new; `None` when memory is short.
    pub fn number_of(&mut self, module: &Arc<Module>) -> Option<u32> {
        let known = self.0.iter().rposition(|known| Arc::ptr_eq(known, module));
        if let Some(known) = known {
            return Some(known as u32);
        }
        self.0.try_reserve(1).ok()?;
        self.0.push(module.clone());
        Some(self.0.len() as u32 - 1)
    }

    pub fn get(&self, number: u32) -> &Module {
        &self.0[number as usize]
    }

    /// The name of a function for display.
    pub fn name(&self, number: u32, func: FuncIndex) -> String {
        let name = self.get(number).display_name(func);
        name.unwrap_or_else(|| format!("wasm-function[{}]", func.0))
    }

    pub fn copy(&self) -> Option<Modules> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(self.0.len()).ok()?;
        copy.extend_from_slice(&self.0);
        Some(Modules(copy))
    }
}
