//! Log messages, for embedders that ask for them. Nothing is printed.
//!
//! An engine has one [`Log`], usually empty, which costs a comparison at each place that could log. Faults of the
//! library have no engine: they go to the logs of all live engines. A log is called on the thread that logs, never
//! under a lock of the library.

use crate::sys::lock::Lock;
use std::cell::Cell;
use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Weak};

/// The importance of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// A bug in the library.
    Error,
    /// Something works, but not as well as intended.
    Warning,
    /// A choice that the library made.
    Info,
    /// What was done, and how long it took.
    Debug,
}

/// Receives messages.
pub type Sink = Box<dyn Fn(Level, &CStr) + Send + Sync>;

struct Listener {
    /// The least important level that is passed on.
    most: Level,
    sink: Sink,
}

/// Where an engine's messages go; nowhere by default. Clones go to the same place.
#[derive(Clone, Default)]
pub struct Log(Option<Arc<Listener>>);

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Log" } else { "no log" })
    }
}

impl Log {
    /// Passes messages of this level and more important ones on.
    pub fn new(most: Level, sink: Sink) -> Log {
        Log(Some(Arc::new(Listener { most, sink })))
    }

    /// Whether a message of this level would be passed on.
    pub fn wants(&self, level: Level) -> bool {
        self.0.as_ref().is_some_and(|listener| level <= listener.most)
    }

    /// Logs a message; `text` runs only if somebody listens.
    #[inline]
    pub fn say(&self, level: Level, text: impl FnOnce() -> String) {
        if let Some(listener) = &self.0
            && level <= listener.most
        {
            listener.tell(level, &text());
        }
    }

    /// Lets this log receive faults of the library, until its last clone is dropped.
    pub fn listen_for_faults(&self) {
        let Some(listener) = &self.0 else { return };
        if !WATCHED.swap(true, Relaxed) {
            LISTENERS.watch_forks();
        }
        let listener = Arc::downgrade(listener);
        let mut listeners = LISTENERS.lock();
        listeners.retain(|known| known.strong_count() != 0);
        if listeners.try_reserve(1).is_ok() {
            listeners.push(listener);
        }
    }
}

impl Listener {
    #[cold]
    fn tell(&self, level: Level, text: &str) {
        let text = CString::new(text)
            .unwrap_or_else(|_| CString::new(text.replace('\0', " ")).unwrap_or_default());
        (self.sink)(level, &text);
    }
}

static LISTENERS: Lock<Vec<Weak<Listener>>> = Lock::new(Vec::new());
static WATCHED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Set while a fault is reported: a fault during that is not reported.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Reports a fault of the library to the logs of all engines.
#[cold]
pub fn fault(text: &str) {
    if TELLING.try_with(|telling| telling.replace(true)).unwrap_or(true) {
        return;
    }
    let mut heard = Vec::new();
    {
        let listeners = LISTENERS.lock();
        if heard.try_reserve(listeners.len()).is_ok() {
            heard.extend(listeners.iter().filter_map(Weak::upgrade));
        }
    }
    heard.iter().for_each(|listener| listener.tell(Level::Error, text));
    // These may be the last clones of a log, and then run the embedder's finalizer.
    drop(heard);
    let _ = TELLING.try_with(|telling| telling.set(false));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn log_into(messages: &Arc<Mutex<Vec<String>>>, most: Level) -> Log {
        let messages = messages.clone();
        Log::new(
            most,
            Box::new(move |level, text| {
                messages.lock().unwrap().push(format!("{level:?} {}", text.to_str().unwrap()));
            }),
        )
    }

    #[test]
    fn less_important_messages_are_not_even_made() {
        let messages = Arc::default();
        let log = log_into(&messages, Level::Warning);
        log.say(Level::Warning, || "a\0b".into());
        log.say(Level::Info, || unreachable!());
        Log::default().say(Level::Error, || unreachable!());
        assert_eq!(*messages.lock().unwrap(), ["Warning a b"]);
    }

    #[test]
    fn faults_reach_every_log_that_lives() {
        let messages = Arc::default();
        let log = log_into(&messages, Level::Error);
        log.listen_for_faults();
        let gone = log_into(&messages, Level::Debug);
        gone.listen_for_faults();
        drop(gone);
        fault("a fault of this test");
        let messages = messages.lock().unwrap();
        assert_eq!(messages.iter().filter(|text| text.ends_with("of this test")).count(), 1);
    }
}
