//! The host's side of the run: objects of the library beside what the model says they hold.

use super::c_api::*;
use super::handles::{Func, Owned, Store, call_func, trap_message};
use super::model::{self, Function, Reference, Shared};
use super::plan::PAGE;
use std::ffi::c_void;
use std::ptr;

pub type TableHandle = Owned<wasm_table_t>;
pub type MemoryHandle = Owned<wasm_memory_t>;
pub type GlobalHandle = Owned<wasm_global_t>;

pub struct Memory {
    pub handle: MemoryHandle,
    pub model: Shared<model::Memory>,
}

pub struct Table {
    pub handle: TableHandle,
    pub model: Shared<model::Table>,
}

pub struct Callable {
    pub handle: Func,
    pub model: Function,
}

impl Memory {
    pub fn new(store: &Store, min: u32, max: u32) -> Memory {
        // SAFETY: the store is alive, the limits are read, the type is borrowed.
        let handle = unsafe {
            let ty = (api().wasm_memorytype_new)(&wasm_limits_t { min, max });
            let ty = Owned::new(ty, api().wasm_memorytype_delete).expect("a memory type");
            (api().wasm_memory_new)(store.get(), ty.get())
        };
        Memory::owning(handle, model::Memory::new(min, max))
    }

    /// Another handle to an export.
    pub fn exported(export: *mut wasm_extern_t, model: Shared<model::Memory>) -> Memory {
        // SAFETY: the export is alive.
        let handle = unsafe { (api().wasm_memory_copy)((api().wasm_extern_as_memory)(export)) };
        Memory::owning(handle, model)
    }

    fn owning(handle: *mut wasm_memory_t, model: Shared<model::Memory>) -> Memory {
        let handle = Owned::new(handle, api().wasm_memory_delete).expect("a memory");
        Memory { handle, model }
    }

    pub fn as_extern(&self) -> *mut wasm_extern_t {
        // SAFETY: the handle is alive.
        unsafe { (api().wasm_memory_as_extern)(self.handle.get()) }
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the memory is alive, and nothing grows it or writes to it while the slice is there.
        unsafe {
            let size = (api().wasm_memory_data_size)(self.handle.get());
            std::slice::from_raw_parts_mut((api().wasm_memory_data)(self.handle.get()), size)
        }
    }

    pub fn grow(&self, delta: u32) {
        // SAFETY: the handle is alive.
        let grown = unsafe { (api().wasm_memory_grow)(self.handle.get(), delta) };
        assert_eq!(grown, self.model.borrow_mut().grow(delta) >= 0, "growing a memory by {delta}");
    }

    pub fn check(&mut self) {
        let model = self.model.clone();
        let expected = &model.borrow().bytes;
        let bytes = self.bytes();
        assert_eq!(bytes.len(), expected.len(), "size of a memory");
        if bytes != &expected[..] {
            let at = bytes.iter().zip(expected).position(|(a, b)| a != b).unwrap_or(0);
            let (found, wanted) = (bytes[at], expected[at]);
            let (page, count) =
                (at / PAGE, bytes.iter().zip(expected).filter(|(a, b)| a != b).count());
            panic!(
                "byte {at} (page {page}) is {found:#x} and not {wanted:#x}; {count} bytes are wrong"
            );
        }
    }
}

impl Table {
    pub fn new(store: &Store, min: u32, max: u32) -> Table {
        // SAFETY: the store is alive, the limits are read, the type is borrowed.
        let handle = unsafe {
            let content = (api().wasm_valtype_new)(WASM_FUNCREF);
            let ty = (api().wasm_tabletype_new)(content, &wasm_limits_t { min, max });
            let ty = Owned::new(ty, api().wasm_tabletype_delete).expect("a table type");
            (api().wasm_table_new)(store.get(), ty.get(), ptr::null_mut())
        };
        Table::owning(handle, model::Table::new(min, max, None))
    }

    /// Another handle to an export.
    pub fn exported(export: *mut wasm_extern_t, model: Shared<model::Table>) -> Table {
        // SAFETY: the export is alive.
        let handle = unsafe { (api().wasm_table_copy)((api().wasm_extern_as_table)(export)) };
        Table::owning(handle, model)
    }

    fn owning(handle: *mut wasm_table_t, model: Shared<model::Table>) -> Table {
        let handle = Owned::new(handle, api().wasm_table_delete).expect("a table");
        Table { handle, model }
    }

    pub fn as_extern(&self) -> *mut wasm_extern_t {
        // SAFETY: the handle is alive.
        unsafe { (api().wasm_table_as_extern)(self.handle.get()) }
    }

    pub fn len(&self) -> u32 {
        // SAFETY: the handle is alive.
        unsafe { (api().wasm_table_size)(self.handle.get()) }
    }

    pub fn set(&self, at: u32, callable: Option<&Callable>) {
        // SAFETY: both handles are alive; the reference is borrowed.
        let set = unsafe { (api().wasm_table_set)(self.handle.get(), at, reference_of(callable)) };
        let mut model = self.model.borrow_mut();
        match model.elements.get_mut(at as usize) {
            Some(element) => *element = callable.map(|c| c.model),
            None => return assert!(!set, "an element out of bounds was set"),
        }
        assert!(set, "an element was not set");
    }

    pub fn grow(&self, delta: u32, callable: Option<&Callable>) {
        // SAFETY: both handles are alive; the reference is borrowed.
        let grown =
            unsafe { (api().wasm_table_grow)(self.handle.get(), delta, reference_of(callable)) };
        let expected = self.model.borrow_mut().grow(delta, callable.map(|c| c.model)) >= 0;
        assert_eq!(grown, expected, "growing a table by {delta}");
    }

    pub fn check_element(&self, at: u32) {
        // SAFETY: the handle is alive; the reference is ours.
        let element = unsafe { (api().wasm_table_get)(self.handle.get(), at) };
        assert_eq!(identify(element), self.model.borrow().elements[at as usize], "element {at}");
    }

    pub fn check(&self) {
        let len = self.model.borrow().elements.len() as u32;
        assert_eq!(self.len(), len, "size of a table");
        (0..len).for_each(|at| self.check_element(at));
    }
}

fn reference_of(callable: Option<&Callable>) -> *mut wasm_ref_t {
    // SAFETY: the handle is alive.
    callable.map_or(ptr::null_mut(), |c| unsafe { (api().wasm_func_as_ref)(c.handle.get()) })
}

/// Identifies the function of a reference by calling it; deletes the reference.
pub fn identify(reference: *mut wasm_ref_t) -> Reference {
    let reference = Owned::new(reference, api().wasm_ref_delete)?;
    // SAFETY: the reference is alive.
    let func = unsafe { (api().wasm_ref_as_func)(reference.get()) };
    assert!(!func.is_null(), "a reference in a table of functions is none");
    Some(identify_function(func))
}

pub fn identify_function(func: *const wasm_func_t) -> Function {
    const ARGUMENT: i32 = 1000;
    // SAFETY: the function is alive.
    let unary = unsafe { (api().wasm_func_param_arity)(func) } == 1;
    let argument = [i32_value(ARGUMENT)];
    match call(func, &argument[..usize::from(unary)]) {
        Ok(answer) if unary => Function { number: answer.wrapping_sub(ARGUMENT), unary },
        Ok(number) => Function { number, unary },
        Err(trap) => panic!("a function in a table traps: {trap}"),
    }
}

pub fn i32_value(value: i32) -> wasm_val_t {
    wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: value } }
}

/// Calls a function with one i32 result; `Err` is the trap's message.
pub fn call(func: *const wasm_func_t, arguments: &[wasm_val_t]) -> Result<i32, String> {
    let mut results = [i32_value(0)];
    match call_func(func, arguments, &mut results) {
        Some(trap) => Err(trap_message(&trap)),
        // SAFETY: the result is an i32.
        None => Ok(unsafe { results[0].of.i32 }),
    }
}

pub fn i32_global(store: &Store, value: i32) -> GlobalHandle {
    new_global(store, WASM_I32, &i32_value(value))
}

pub fn reference_global(store: &Store, callable: Option<&Callable>) -> GlobalHandle {
    let of = wasm_val_union { reference: reference_of(callable) };
    new_global(store, WASM_FUNCREF, &wasm_val_t { kind: WASM_FUNCREF, of })
}

fn new_global(store: &Store, kind: u8, value: &wasm_val_t) -> GlobalHandle {
    const CONST: u8 = 0;
    // SAFETY: the store is alive, type and value are borrowed.
    let global = unsafe {
        let ty = (api().wasm_globaltype_new)((api().wasm_valtype_new)(kind), CONST);
        let ty = Owned::new(ty, api().wasm_globaltype_delete).expect("a global type");
        (api().wasm_global_new)(store.get(), ty.get(), value)
    };
    Owned::new(global, api().wasm_global_delete).expect("a global")
}

/// The value of an exported `funcref` global.
pub fn check_global(export: *mut wasm_extern_t, expected: Reference) {
    let mut value = i32_value(0);
    // SAFETY: the export is alive; the reference in the value is ours.
    let reference = unsafe {
        (api().wasm_global_get)((api().wasm_extern_as_global)(export), &mut value);
        value.of.reference
    };
    assert_eq!(identify(reference), expected, "the global");
}

pub fn set_global(export: *mut wasm_extern_t, callable: Option<&Callable>) {
    let of = wasm_val_union { reference: reference_of(callable) };
    let value = wasm_val_t { kind: WASM_FUNCREF, of };
    // SAFETY: the export is alive, the value is borrowed.
    unsafe { (api().wasm_global_set)((api().wasm_extern_as_global)(export), &value) };
}

impl Callable {
    /// A host function that returns `number`, plus its argument if it is unary.
    pub fn host(store: &Store, model: Function) -> Callable {
        let kinds = |count: usize| {
            let mut out = Vector::EMPTY;
            // SAFETY: the types are given away with the vector, which is given away in turn.
            unsafe {
                let types: Vec<_> =
                    (0..count).map(|_| (api().wasm_valtype_new)(WASM_I32)).collect();
                (api().wasm_valtype_vec_new)(&mut out, count, types.as_ptr());
            }
            out
        };
        let (mut params, mut results) = (kinds(usize::from(model.unary)), kinds(1));
        let number = model.number as usize as *mut c_void;
        // SAFETY: the store is alive; the vectors are given away.
        let handle = unsafe {
            let ty = (api().wasm_functype_new)(&mut params, &mut results);
            let ty = Owned::new(ty, api().wasm_functype_delete).expect("a function type");
            (api().wasm_func_new_with_env)(store.get(), ty.get(), answer, number, None)
        };
        let handle = Owned::new(handle, api().wasm_func_delete).expect("a host function");
        Callable { handle, model }
    }

    /// Another handle to an export.
    pub fn exported(export: *mut wasm_extern_t, model: Function) -> Callable {
        // SAFETY: the export is alive.
        let handle = unsafe { (api().wasm_func_copy)((api().wasm_extern_as_func)(export)) };
        let handle = Owned::new(handle, api().wasm_func_delete).expect("an exported function");
        Callable { handle, model }
    }

    pub fn as_extern(&self) -> *mut wasm_extern_t {
        // SAFETY: the handle is alive.
        unsafe { (api().wasm_func_as_extern)(self.handle.get()) }
    }
}

extern "C" fn answer(
    env: *mut c_void,
    arguments: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // SAFETY: the library passes vectors of the function's type.
    unsafe {
        let argument = (*arguments).as_slice().first().map_or(0, |value| value.of.i32);
        *(*results).data = i32_value((env as usize as i32).wrapping_add(argument));
    }
    ptr::null_mut()
}
