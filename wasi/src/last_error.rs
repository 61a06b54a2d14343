//! Why the last function of this library failed on a thread, in words.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
    /// A text that needs no memory, and counts if it is there. The first use of the other needs some.
    static FIXED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

pub fn set(text: Cow<'static, str>) {
    let fixed = match text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(text) => {
            let _ = LAST.try_with(|last| *last.borrow_mut() = Some(text));
            None
        }
    };
    let _ = FIXED.try_with(|last| last.set(fixed));
}

/// Takes the text; the next call finds none.
pub fn take() -> Option<Cow<'static, str>> {
    if let Some(text) = FIXED.try_with(Cell::take).ok().flatten() {
        return Some(Cow::Borrowed(text));
    }
    LAST.try_with(|last| last.borrow_mut().take()).ok().flatten().map(Cow::Owned)
}
