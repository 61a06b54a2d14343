//! What tools were not told, until it may be logged.
//!
//! A log is the embedder's function, which may use other engines, and may start processes or wait for threads that do.
//! Tools are told about code under locks that every fork waits for; if the log were called there, it would wait for
//! itself. So a failure is noted for its thread, and logged by who took the locks, after they are released.

use crate::log::{Level, Log};
use std::cell::RefCell;
use std::io;
use std::mem::{self, ManuallyDrop};

thread_local! {
    /// What has failed on this thread and was not logged yet. Without a destructor, which glibc may have no memory for, and
    /// ends the process then; nothing is left in here when all locks are released.
    static NOTED: ManuallyDrop<RefCell<Vec<String>>> =
        const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

/// Logs what was noted when it is dropped. Taken before locks, so that it is dropped after them.
#[must_use]
pub struct Reports<'a>(Option<&'a Log>);

impl<'a> Reports<'a> {
    pub(super) fn new(log: Option<&'a Log>) -> Reports<'a> {
        Reports(log)
    }
}

impl Drop for Reports<'_> {
    fn drop(&mut self) {
        let Some(log) = self.0 else { return };
        // Taken out first: the log may make code, too.
        let noted = NOTED.try_with(|noted| mem::take(&mut *noted.borrow_mut())).unwrap_or_default();
        for text in noted {
            log.say(Level::Warning, || text);
        }
    }
}

/// Notes what a tool was not told.
pub(super) fn note(tool: &str, told: io::Result<()>) {
    let Err(error) = told else { return };
    let text = format!("{tool} is not told about code: {error}");
    let _ = NOTED.try_with(|noted| {
        let mut noted = noted.borrow_mut();
        if noted.try_reserve(1).is_ok() {
            noted.push(text);
        }
    });
}
