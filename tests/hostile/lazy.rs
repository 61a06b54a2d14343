//! The modules of `values`, whose functions are compiled when they are called and optimized right after, under limits
//! of address space: each call returns or traps, and the process never ends.

use super::c_api::*;
use super::handles::*;
use super::support::skip;
use super::values::{limited, module, outcome, steps};
use super::{Host, TIERED, is_foreign};
use std::cell::Cell;
use std::ffi::c_void;

/// Of `WASMRT_TRAP_STACK_OVERFLOW` and `WASMRT_TRAP_OUT_OF_MEMORY`.
const ALLOWED: [i32; 2] = [10, 15];

/// The task that optimizes hot functions. It waits until the guest has returned.
#[derive(Default)]
struct Background(Cell<Option<(wasmrt_run_t, *mut c_void)>>);

extern "C" fn submit(env: *mut c_void, run: wasmrt_run_t, task: *mut c_void) -> bool {
    // SAFETY: the process has one thread, and the state lives as long as the process.
    let background = unsafe { &*env.cast::<Background>() };
    let is_free = background.0.get().is_none();
    if is_free {
        background.0.set(Some((run, task)));
    }
    is_free
}

impl Background {
    /// Optimizes what is hot.
    fn work(&self) {
        if let Some((run, task)) = self.0.take() {
            run(task);
        }
    }
}

/// An instance, everything that it needs, and its function.
struct Program {
    background: Box<Background>,
    run: *const wasm_func_t,
    _exports: OwnedVector<*mut wasm_extern_t>,
    _instance: Instance,
    _module: Module,
    _host: Host,
}

impl Program {
    fn new(bytes: &[u8]) -> Program {
        let background = Box::<Background>::default();
        let env = (&raw const *background).cast_mut().cast();
        let options = [
            (WASMRT_OPTION_COMPILE, TIERED),
            (WASMRT_OPTION_TIER_UP, 0),
            (WASMRT_OPTION_WORKERS, 0),
        ];
        let host = Host::configured(&options, |config| {
            let set = api().wasmrt_config_set_executor.expect("the function is there");
            // SAFETY: the configuration is alive; the state outlives the engine.
            unsafe { set(config, submit, env, None) }
        });
        let module = host.compile(bytes).expect("a valid module");
        let instance = new_instance(&host.store, &module, &[]).expect("an instance");
        let exports = instance_exports(&instance);
        // SAFETY: the export is alive, and a function.
        let run = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
        Program {
            background,
            run,
            _exports: exports,
            _instance: instance,
            _module: module,
            _host: host,
        }
    }

    /// 0 if the function returns, 1 if it could not be compiled or has no room on the stack, and what else it may be.
    fn call(&self) -> i32 {
        let Some(trap) = call_func(self.run, &[], &mut []) else { return 0 };
        // SAFETY: the trap is alive.
        let code = api().wasmrt_trap_code.map(|code| unsafe { code(trap.get()) });
        match code {
            Some(code) if ALLOWED.contains(&code) => 1,
            Some(code) => 100 + code,
            None => 99,
        }
    }
}

#[test]
fn functions_that_are_compiled_when_called_do_not_end_the_process_under_any_limit() {
    if is_foreign() {
        return skip("another library may end the process");
    }
    let (mut returned, mut trapped) = (0, 0);
    for (seed, more) in limited() {
        let bytes = module(seed, steps(seed));
        let call_before_and_after = |program: &Program| {
            let first = program.call();
            program.background.work();
            first.max(program.call())
        };
        match outcome(more, || Program::new(&bytes), call_before_and_after) {
            0 => returned += 1,
            1 => trapped += 1,
            other => panic!("module {seed} with {more} bytes more: outcome {other}"),
        }
    }
    println!("{returned} returned, {trapped} trapped");
    assert!(returned > 0 && trapped > 0);
}
