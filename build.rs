//! How the shared library is linked. The SONAME changes only with the ABI. `-Bsymbolic` keeps another library
//! with `wasm.h` in the same process from intercepting our own calls. `nodelete` keeps the code mapped after
//! `dlclose`, so that signal handlers, fork hooks and worker threads never point into nothing.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for argument in ["-Wl,-soname,libwasmrt.so.0", "-Wl,-Bsymbolic", "-Wl,-z,nodelete"] {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
}
