//! Limits on modules: settings of the engine.
//!
//! The specification lets an implementation set limits; hostile modules make them necessary. Sizes of memories and
//! tables are limited for actual objects, not for their types. The defaults are those that other engines agreed on.

/// Upper bounds for modules and their instances.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Pages of a memory, including 64-bit ones.
    pub memory_pages: u64,
    /// Elements of a table.
    pub table_elements: u64,
    /// Bytes of a function body.
    pub function_size: u32,
    /// Locals of a function, parameters included.
    pub locals: u32,
    /// Parameters of a function type.
    pub params: u32,
    /// Bytes of a module.
    pub module_size: u32,
    /// Bytes of memory that compiling one function may take, by estimate.
    pub compile_memory: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_pages: 1 << 18,
            table_elements: 10_000_000,
            function_size: 7_654_321,
            locals: 50_000,
            params: 1000,
            module_size: 1 << 30,
            compile_memory: 8 << 30,
        }
    }
}
