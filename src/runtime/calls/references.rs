//! References between host and guest: the host holds handles, guest code the address of a function
//! object's dispatch part, or of another object.

use crate::abi::value::{KIND_EXTERNREF, Value};
use crate::runtime::externs::func::Func;
use crate::runtime::externs::global::reference;
use crate::runtime::heap::object::{Gc, Header, Kind};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::emergency::fail;
use crate::runtime::trap_objects::trap::{Message, Trap};
use crate::types::{HeapType, ValType};
use std::ptr::NonNull;

/// Converts object addresses to guest references.
pub(super) fn lower_args<V: Value>(
    store: &Store,
    types: &[ValType],
    args: &mut [V],
) -> Result<(), Gc<Trap>> {
    for (ty, arg) in types.iter().zip(args) {
        if let ValType::Ref(_) = ty {
            let bits = store
                .lower_reference(*ty, arg.bits())
                .map_err(|text| fail(store, Message::refusal(text)))?;
            arg.set(ty.kind(), bits);
        }
    }
    Ok(())
}

impl Store {
    /// The guest reference for a handle (zero: null) where `ty` is expected.
    pub fn lower_reference(&self, ty: ValType, handle: u64) -> Result<u64, &'static str> {
        let ValType::Ref(expected) = ty else { return Err("a reference in the place of a number") };
        // SAFETY: a reference value of the C boundary is null or a handle of the embedder.
        let Some(header) = (unsafe { (handle as *const Header).as_ref() }) else {
            return if expected.nullable { Ok(0) } else { Err("null for a non-null reference") };
        };
        if !self.owns(header) {
            return Err("a reference of another store");
        }
        if !expected.is_func() {
            let is_exception = header.kind() == Kind::Exception;
            return match expected.heap {
                HeapType::Exn if is_exception => Ok(handle),
                HeapType::Exn | HeapType::NoExn => Err("an exnref that is no exception"),
                _ => Ok(handle),
            };
        }
        let func = header.downcast::<Func>().ok_or("a funcref that is no function")?;
        let actual = HeapType::Concrete(func.signature.id);
        if !actual.matches(expected.heap) {
            return Err("a function of another type");
        }
        Ok(func.as_vm() as u64)
    }
}

/// Converts references that guest code returned to rooted handles.
pub(super) fn lift<V: Value>(types: &[ValType], values: &mut [V]) {
    for (ty, value) in types.iter().zip(values) {
        if ty.is_ref() {
            value.set(ty.kind(), lift_reference(*ty, value.bits()));
        }
    }
}

/// A rooted handle for a guest reference.
pub fn lift_reference(ty: ValType, bits: u64) -> u64 {
    reference(bits, ty).map_or(0, |header| {
        // SAFETY: guest code holds only references to live objects of its store.
        unsafe { (*header).add_root() };
        header as u64
    })
}

/// Releases the handles in `values`.
pub(super) fn release<V: Value>(values: &[V]) {
    for value in values {
        if value.kind() >= KIND_EXTERNREF
            && let Some(header) = NonNull::new(value.bits() as *mut Header)
        {
            // SAFETY: an owned handle, of ours or given to us. The object stays until the next
            // collection, which is not before the call has returned.
            unsafe { Header::drop_root(header) };
        }
    }
}
