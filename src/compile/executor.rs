//! Where background work runs: on threads of ours, or wherever the embedder's executor runs it.

use std::fmt;
use std::sync::Arc;

/// Work to be done once, on any thread.
pub type Task = Box<dyn FnOnce() + Send>;

/// Hands tasks to the embedder. False if it refuses one; the task is dropped then.
type Submit = dyn Fn(Task) -> bool + Send + Sync;

/// The embedder's executor. It may run a task at once, within the call, or never.
#[derive(Clone)]
pub struct Executor(Arc<Submit>);

impl Executor {
    pub fn new(submit: impl Fn(Task) -> bool + Send + Sync + 'static) -> Executor {
        Executor(Arc::new(submit))
    }

    pub fn submit(&self, task: Task) -> bool {
        (self.0)(task)
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Executor")
    }
}
