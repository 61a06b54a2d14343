//! How much a module may ask for: settings of the engine.
//!
//! The specification lets an implementation set limits; hostile modules are why there are some.
//! The sizes of memories and tables bind the objects that are made, not the types that describe
//! them. The defaults are what other engines agreed upon.

/// Upper bounds for what a module or its instances use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Pages of a memory, also of a 64-bit one.
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
    /// Bytes of memory that compiling one function may need, by estimate.
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
