//! Why the last function of this library failed on a thread, in words.

use std::borrow::Cow;
use std::ffi::c_void;
use std::ptr;
use wasmrt_process::thread_word::ThreadWord;

type Text = Cow<'static, str>;

/// A text, owned by the thread.
static LAST: ThreadWord = ThreadWord::new(forget);

unsafe extern "C" fn forget(text: *mut c_void) {
    // SAFETY: what `set` put there.
    drop(unsafe { owned(text) });
}

/// # Safety
/// NULL or what [`set`] made, which nobody refers to any more.
unsafe fn owned(text: *mut c_void) -> Option<Box<Text>> {
    // SAFETY: as promised by the caller.
    (!text.is_null()).then(|| unsafe { Box::from_raw(text.cast()) })
}

pub fn set(text: Text) {
    let new = Box::into_raw(Box::new(text)).cast();
    let former = LAST.get();
    let unwanted = if LAST.set(new) { former } else { new };
    // SAFETY: nothing refers to it any more.
    drop(unsafe { owned(unwanted) });
}

/// Takes the text; the next call finds none.
pub fn take() -> Option<Text> {
    let taken = LAST.get();
    if !taken.is_null() {
        LAST.set(ptr::null_mut());
    }
    // SAFETY: it is no longer the thread's.
    unsafe { owned(taken) }.map(|text| *text)
}
