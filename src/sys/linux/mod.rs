//! Linux with glibc. Every system's folder has the same file names.

pub mod cpu;
pub mod debugger;
pub mod exec;
pub mod folder;
pub(super) mod maps;
pub mod memory;
pub mod memory_file;
pub mod past_end;
pub mod process;
pub mod signals;
pub mod stack;
pub mod stack_growth;
pub mod thread;
pub mod unwinder;
pub mod valgrind;
pub mod wakeup;
pub mod written_pages;
