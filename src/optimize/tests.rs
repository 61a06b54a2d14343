//! Compiles small modules.
