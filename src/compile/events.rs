//! What happens to a module's code, told to the embedder if it asks.
//!
//! Nothing is told under a lock, and asking whether somebody listens costs a load.

use crate::abi::Tier;
use crate::error::Error;
use crate::sys::lock::ForkMutex;
use crate::sys::once::OnceArc;
use crate::types::FuncIndex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Something that happened.
pub enum Event {
    /// All functions have code now, of whatever tier.
    Compiled,
    /// A function was optimized, and its callers will use that code.
    Optimized(FuncIndex),
    /// A function could not be compiled in a tier. It keeps the code it has.
    Failed(FuncIndex, Tier, Error),
}

/// Who is told.
pub struct Listener {
    tell: Box<dyn Fn(&Event) + Send + Sync>,
    knows_compiled: AtomicBool,
}

impl Listener {
    pub fn new(tell: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        Listener { tell: Box::new(tell), knows_compiled: AtomicBool::new(false) }
    }

    fn tell(&self, event: &Event) {
        // This one is told once.
        if !matches!(event, Event::Compiled) || !self.knows_compiled.swap(true, Relaxed) {
            (self.tell)(event);
        }
    }
}

/// The events of one module.
#[derive(Default)]
pub struct Events {
    /// Made when somebody asks to be told.
    listener: OnceArc<ForkMutex<Option<Arc<Listener>>>>,
}

impl Events {
    /// Replaces the listener.
    pub fn set(&self, listener: Option<Listener>) {
        let listener = listener.map(Arc::new);
        let place = self.listener.get();
        let place = place.unwrap_or_else(|| self.listener.get_or_offer(Arc::default()));
        let former = std::mem::replace(&mut *place.lock(), listener);
        drop(former);
    }

    /// Tells the listener, if there is one.
    #[inline]
    pub fn tell(&self, event: impl FnOnce() -> Option<Event>) {
        if let Some(place) = self.listener.get() {
            let listener = place.lock().clone();
            if let Some((listener, event)) = listener.zip(event()) {
                listener.tell(&event);
            }
        }
    }
}
