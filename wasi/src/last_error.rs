//! Why the last function of this library failed on a thread, in words.

use std::cell::RefCell;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

pub fn set(text: String) {
    let _ = LAST.try_with(|last| *last.borrow_mut() = Some(text));
}

/// Takes the text; the next call finds none.
pub fn take() -> Option<String> {
    LAST.try_with(|last| last.borrow_mut().take()).ok().flatten()
}
