//! Owners for the objects that C functions return.
//!
//! Each `own` pointer goes into an [`Owned`] that deletes it once, so that a whole script ends with nothing alive and
//! a leak checker may judge the library by it. Text and errors are copied out at once.

use super::c_api::*;
use std::ptr::NonNull;

pub struct Owned<T> {
    pointer: NonNull<T>,
    delete: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// Takes ownership of `pointer`; `None` for NULL.
    pub fn new(pointer: *mut T, delete: unsafe extern "C" fn(*mut T)) -> Option<Owned<T>> {
        Some(Owned { pointer: NonNull::new(pointer)?, delete })
    }

    pub fn get(&self) -> *mut T {
        self.pointer.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer was handed out as `own` and nobody else deletes it.
        unsafe { (self.delete)(self.pointer.as_ptr()) }
    }
}

/// A vector that the library filled; its elements and buffer are deleted with it.
pub struct OwnedVector<T> {
    pub vector: Vector<T>,
    delete: unsafe extern "C" fn(*mut Vector<T>),
}

impl<T> OwnedVector<T> {
    pub fn filled(
        fill: impl FnOnce(*mut Vector<T>),
        delete: unsafe extern "C" fn(*mut Vector<T>),
    ) -> OwnedVector<T> {
        let mut vector = Vector::EMPTY;
        fill(&mut vector);
        OwnedVector { vector, delete }
    }

    pub fn items(&self) -> &[T] {
        // SAFETY: the library filled the vector, and it lives until drop.
        unsafe { self.vector.as_slice() }
    }
}

impl<T> Drop for OwnedVector<T> {
    fn drop(&mut self) {
        // SAFETY: filled by the library, deleted once.
        unsafe { (self.delete)(&mut self.vector) }
    }
}

pub type Engine = Owned<wasm_engine_t>;
pub type Store = Owned<wasm_store_t>;
pub type Module = Owned<wasm_module_t>;
pub type Instance = Owned<wasm_instance_t>;
pub type Func = Owned<wasm_func_t>;
pub type Table = Owned<wasm_table_t>;
pub type Trap = Owned<wasm_trap_t>;
pub type Ref = Owned<wasm_ref_t>;

pub fn new_store(engine: &Engine) -> Option<Store> {
    // SAFETY: the engine is alive.
    Owned::new(unsafe { (api().wasm_store_new)(engine.get()) }, api().wasm_store_delete)
}

pub fn new_module(store: &Store, bytes: &[u8]) -> Option<Module> {
    // SAFETY: the store is alive, the vector is only read.
    let module = unsafe { (api().wasm_module_new)(store.get(), &Vector::borrowing(bytes)) };
    Owned::new(module, api().wasm_module_delete)
}

/// The module that results from serializing `module`, which is deleted.
pub fn round_trip(store: &Store, module: Module) -> Option<Module> {
    // SAFETY: the module is alive.
    let fill =
        |out: *mut wasm_byte_vec_t| unsafe { (api().wasm_module_serialize)(module.get(), out) };
    let bytes = OwnedVector::filled(fill, api().wasm_byte_vec_delete);
    drop(module);
    // SAFETY: the store is alive, the vector is only read.
    let module = unsafe { (api().wasm_module_deserialize)(store.get(), &bytes.vector) };
    Owned::new(module, api().wasm_module_delete)
}

pub fn validates(store: &Store, bytes: &[u8]) -> bool {
    // SAFETY: as for `new_module`.
    unsafe { (api().wasm_module_validate)(store.get(), &Vector::borrowing(bytes)) }
}

/// Instantiates; `Err` holds the trap's message, or says that there was none.
pub fn new_instance(
    store: &Store,
    module: &Module,
    imports: &[*mut wasm_extern_t],
) -> Result<Instance, String> {
    let mut trap = std::ptr::null_mut();
    let imports = Vector::borrowing(imports);
    // SAFETY: all handles are alive, the vector is only read, `trap` may be written.
    let instance =
        unsafe { (api().wasm_instance_new)(store.get(), module.get(), &imports, &mut trap) };
    let trap = Owned::new(trap, api().wasm_trap_delete);
    match (Owned::new(instance, api().wasm_instance_delete), trap) {
        (Some(instance), None) => Ok(instance),
        (Some(_), Some(trap)) => Err(format!("an instance and a trap: {}", trap_message(&trap))),
        (None, Some(trap)) => Err(trap_message(&trap)),
        (None, None) => Err(NO_TRAP.to_string()),
    }
}

pub const NO_TRAP: &str = "(neither instance nor trap)";

/// Calls a function; its trap, or the results overwritten.
pub fn call_func(
    function: *const wasm_func_t,
    arguments: &[wasm_val_t],
    results: &mut [wasm_val_t],
) -> Option<Trap> {
    let arguments = Vector::borrowing(arguments);
    let mut results = Vector { size: results.len(), data: results.as_mut_ptr() };
    // SAFETY: the function is alive; both vectors are valid for the call, which keeps neither.
    let trap = unsafe { (api().wasm_func_call)(function, &arguments, &mut results) };
    Owned::new(trap, api().wasm_trap_delete)
}

pub fn trap_message(trap: &Trap) -> String {
    // SAFETY: the trap is alive.
    let fill = |out: *mut wasm_byte_vec_t| unsafe { (api().wasm_trap_message)(trap.get(), out) };
    text(&OwnedVector::filled(fill, api().wasm_byte_vec_delete))
}

/// Takes the thread's last error, if the library supports that.
pub fn last_error() -> Option<String> {
    let (Some(take), Some(message), Some(delete)) =
        (api().wasmrt_last_error, api().wasmrt_error_message, api().wasmrt_error_delete)
    else {
        return None;
    };
    // SAFETY: no arguments; the error is ours from here on.
    let error = Owned::new(unsafe { take() }, delete)?;
    // SAFETY: the error is alive.
    let fill = |out: *mut wasm_byte_vec_t| unsafe { message(error.get(), out) };
    Some(text(&OwnedVector::filled(fill, api().wasm_byte_vec_delete)))
}

fn text(bytes: &OwnedVector<u8>) -> String {
    String::from_utf8_lossy(bytes.items()).trim_end_matches('\0').to_string()
}

/// The names of a module's imports, in order.
pub fn import_names(module: &Module) -> Vec<(String, String)> {
    // SAFETY: the module is alive.
    let fill =
        |out: *mut wasm_importtype_vec_t| unsafe { (api().wasm_module_imports)(module.get(), out) };
    let imports = OwnedVector::filled(fill, api().wasm_importtype_vec_delete);
    let pair = |import: &*mut wasm_importtype_t| {
        // SAFETY: the element is alive as long as the vector.
        unsafe {
            (
                name((api().wasm_importtype_module)(*import)),
                name((api().wasm_importtype_name)(*import)),
            )
        }
    };
    imports.items().iter().map(pair).collect()
}

/// The names of a module's exports, in order.
pub fn export_names(module: &Module) -> Vec<String> {
    // SAFETY: the module is alive.
    let fill =
        |out: *mut wasm_exporttype_vec_t| unsafe { (api().wasm_module_exports)(module.get(), out) };
    let exports = OwnedVector::filled(fill, api().wasm_exporttype_vec_delete);
    // SAFETY: the element is alive as long as the vector.
    exports
        .items()
        .iter()
        .map(|&export| unsafe { name((api().wasm_exporttype_name)(export)) })
        .collect()
}

pub fn instance_exports(instance: &Instance) -> OwnedVector<*mut wasm_extern_t> {
    // SAFETY: the instance is alive.
    let fill =
        |out: *mut wasm_extern_vec_t| unsafe { (api().wasm_instance_exports)(instance.get(), out) };
    OwnedVector::filled(fill, api().wasm_extern_vec_delete)
}

/// # Safety
/// `bytes` must be NULL or a valid name borrowed from a living object.
unsafe fn name(bytes: *const wasm_byte_vec_t) -> String {
    if bytes.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    String::from_utf8_lossy(unsafe { (*bytes).as_slice() }).into_owned()
}
