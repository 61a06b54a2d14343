//! The vector of results that is lent to a host function, which may replace it.
//!
//! The published header says that a callback owns its vector of results. So it may write into the array that it
//! finds there, which is in its caller's frame, or delete that vector and make another, whose array we must then
//! free. In the first case nothing is moved. In the second the values are moved into the lent array, so that the
//! rest of the call only deals with that.
//!
//! After a replacement, nobody owns what is left in a lent array: deleting a lent vector clears it, and otherwise
//! the values were moved to the new vector.

use super::references::release;
use crate::abi::trap::TrapCode;
use crate::abi::value::{RawVal, RawValVec, is_lent, kind_name};
use crate::abi::vmctx::VmImport;
use crate::panics::catch;
use crate::runtime::heap::object::Gc;
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::emergency::fail;
use crate::runtime::trap_objects::trap::{Message, Trap};
use crate::stubs::import::ResultHooks;
use std::fmt::Display;
use std::ptr;

pub const HOOKS: ResultHooks =
    ResultHooks { release: delete_hook, take: take_hook, refuse: refuse_hook };

unsafe extern "C" fn delete_hook(results: *mut RawValVec) {
    // SAFETY: a vector in the frame of an import stub, as its callback left it.
    unsafe { delete(&mut *results) };
}

unsafe extern "C" fn take_hook(
    context: *const VmImport,
    results: *mut RawValVec,
    lent: *mut RawVal,
    arity: usize,
) -> *mut () {
    // SAFETY: as promised by the stub: the vector and the array lie in its frame, and the store lives
    // as long as the call.
    let (store, results) = unsafe { (Store::of((*context).store), &mut *results) };
    let taken = catch(|| {
        // SAFETY: as above.
        unsafe { take(store, results, RawValVec { size: arity, data: lent }) }
    });
    match taken {
        Ok(Ok(())) => ptr::null_mut(),
        Ok(Err(trap)) => handle(trap),
        Err(_) => handle(fail(store, Message::Code(TrapCode::InternalError))),
    }
}

/// A trap in the form that callbacks return.
pub(super) fn handle(trap: Gc<Trap>) -> *mut () {
    trap.header_ptr().as_ptr().cast()
}

unsafe extern "C" fn refuse_hook(
    context: *const VmImport,
    result: *const RawVal,
    index: u32,
    kind: u32,
) -> *mut () {
    // SAFETY: as promised by the stub: the value lies in its frame, and the store lives as long as the call.
    let (store, found) = unsafe { (Store::of((*context).store), (*result).kind) };
    let expected = kind_name(kind as u8).unwrap_or("a reference");
    catch(|| fail(store, wrong_kind(index as usize, &expected, found)))
        .map_or(ptr::null_mut(), handle)
}

/// The message for a result whose kind is not that of its type.
pub fn wrong_kind(index: usize, expected: &dyn Display, found: u8) -> Message {
    let code = TrapCode::BadHostResult;
    let found = match kind_name(found) {
        Some(name) => name.to_owned(),
        None => format!("of the unknown kind {found}"),
    };
    let message = code.phrase();
    Message::detailed(code, format!("{message}: result {index} is {found}, expected {expected}"))
}

/// Moves the values of a vector by which a callback replaced its results into the `lent` array and makes `results`
/// the vector of that. If their number differs, they are deleted and the trap says so.
///
/// # Safety
/// `results` is a vector that the callback owns, `lent` one that nothing else refers to.
pub unsafe fn take(
    store: &Store,
    results: &mut RawValVec,
    lent: RawValVec,
) -> Result<(), Gc<Trap>> {
    if let Some(message) = misfit(results, lent.size) {
        // SAFETY: as promised by the caller.
        unsafe { delete(results) };
        return Err(fail(store, message));
    }
    // SAFETY: both arrays have so many values, and the first was given to us.
    unsafe {
        ptr::copy_nonoverlapping(results.data, lent.data, lent.size);
        libc::free(results.data.cast());
    }
    *results = lent;
    Ok(())
}

/// Why a vector cannot be the `arity` results.
fn misfit(results: &RawValVec, arity: usize) -> Option<Message> {
    if is_lent(results.data) {
        return Some(Message::text("a host function returned a vector that it does not own"));
    }
    let count = if results.data.is_null() { 0 } else { results.size };
    let text = || format!("a host function returned {count} results, expected {arity}");
    (count != arity).then(|| Message::owned(text()))
}

/// Deletes the values and their array, which is only cleared if it is lent, and leaves the vector empty.
///
/// # Safety
/// The vector is as a callback left it.
pub unsafe fn delete(results: &mut RawValVec) {
    let RawValVec { size, data } = std::mem::replace(results, RawValVec::EMPTY);
    if data.is_null() {
        return;
    }
    // SAFETY: as promised by the caller.
    unsafe {
        release(std::slice::from_raw_parts(data, size));
        if is_lent(data) {
            data.write_bytes(0, size);
        } else {
            libc::free(data.cast());
        }
    }
}
