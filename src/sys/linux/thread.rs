//! Worker threads that do not disturb the host.
//!
//! The host's signals are meant for the host's threads: a worker must not receive a timer or terminal signal. All
//! signals are blocked before the thread exists, so none can arrive in between. Only the signals that a faulting
//! instruction raises in its own thread stay open: if blocked, they would end the process without the host's crash
//! reporter.
//!
//! A worker begins on another processor than the one of the thread that starts it, and may go anywhere from then on. Some
//! systems would put it behind that thread and notice only at their next tick, 4 ms later, that another processor is idle.
//!
//! The standard library's threads are not used because they end the process when the small allocations of a thread
//! fail.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

/// Signals that a thread raises by its own instructions.
const FAULTS: [i32; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// The bytes of a name that the system shows.
const NAME_MAX: usize = 15;

/// Starts a thread that receives none of the host's signals. The system shows only the beginning of the name.
pub fn spawn_worker<F, T>(name: &str, stack_size: usize, f: F) -> io::Result<Worker<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let mut attributes = Attributes::new()?;
    attributes.set_stack_size(stack_size)?;
    let processors = attributes.begin_elsewhere();
    let mut shown = [0; NAME_MAX + 1];
    let len = name.len().min(NAME_MAX);
    shown[..len].copy_from_slice(&name.as_bytes()[..len]);
    let outcome = Arc::new(ResultCell(UnsafeCell::new(None)));
    let start =
        Box::into_raw(Box::new(Start { f, name: shown, processors, outcome: outcome.clone() }));
    let _restored_on_drop = BlockedSignals::new()?;
    let mut thread = MaybeUninit::uninit();
    // SAFETY: `run` takes over the box, unless there is no thread, and then it is ours again.
    unsafe {
        let mut create = |attributes: &Attributes| {
            libc::pthread_create(thread.as_mut_ptr(), &attributes.0, run::<F, T>, start.cast())
        };
        let mut error = create(&attributes);
        if error != 0 && processors.is_some() {
            // The system may forbid to choose processors.
            attributes.begin_anywhere();
            error = create(&attributes);
        }
        match error {
            0 => Ok(Worker { thread: thread.assume_init(), outcome }),
            error => {
                drop(Box::from_raw(start));
                Err(io::Error::from_raw_os_error(error))
            }
        }
    }
}

/// A running thread and its result. Dropping it waits for the thread to end, except within the thread itself.
pub struct Worker<T> {
    thread: libc::pthread_t,
    outcome: Arc<ResultCell<T>>,
}

impl<T> Worker<T> {
    /// Lets the thread end whenever it does. Nobody gets its result.
    pub fn detach(self) {
        let this = ManuallyDrop::new(self);
        // SAFETY: neither joined nor detached before; the reference is dropped here only.
        unsafe {
            libc::pthread_detach(this.thread);
            drop(ptr::read(&this.outcome));
        }
    }

    /// Waits for the thread to end and returns its result, or its panic.
    pub fn join(self) -> Result<T, Box<dyn Any + Send>> {
        let outcome = self.outcome.clone();
        drop(self);
        // SAFETY: the thread has ended, and it wrote this before.
        let result = unsafe { (*outcome.0.get()).take() };
        result.unwrap_or_else(|| Err(Box::new("the thread left no result")))
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        // SAFETY: joined or detached here only.
        unsafe {
            if libc::pthread_equal(self.thread, libc::pthread_self()) != 0 {
                // Nobody else can join it; its stack would never be freed.
                libc::pthread_detach(self.thread);
            } else {
                libc::pthread_join(self.thread, ptr::null_mut());
            }
        }
    }
}

/// The thread's result: written by the thread, read after it has ended.
struct ResultCell<T>(UnsafeCell<Option<Result<T, Box<dyn Any + Send>>>>);

// SAFETY: the thread writes, and the owner of its handle reads after joining.
unsafe impl<T: Send> Sync for ResultCell<T> {}
// SAFETY: as above; the last to drop it may be either.
unsafe impl<T: Send> Send for ResultCell<T> {}

struct Start<F, T> {
    f: F,
    name: [u8; NAME_MAX + 1],
    /// Where the thread may go once it has begun, unless it could begin anywhere.
    processors: Option<libc::cpu_set_t>,
    outcome: Arc<ResultCell<T>>,
}

extern "C" fn run<F: FnOnce() -> T, T>(start: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: the box that `spawn_worker` made for this thread.
    let Start { f, name, processors, outcome } =
        *unsafe { Box::from_raw(start.cast::<Start<F, T>>()) };
    let _ = IS_WORKER.try_with(|is| is.set(true));
    if let Some(processors) = processors {
        // SAFETY: zero means the calling thread; the set has this size.
        unsafe { libc::sched_setaffinity(0, size_of_val(&processors), &processors) };
    }
    if name[0] != 0 {
        // SAFETY: ends in a zero byte.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr().cast()) };
    }
    let result = catch_unwind(AssertUnwindSafe(f));
    // SAFETY: read after this thread has been joined.
    unsafe { *outcome.0.get() = Some(result) };
    ptr::null_mut()
}

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether [`spawn_worker`] started the calling thread.
pub fn is_worker() -> bool {
    IS_WORKER.try_with(Cell::get).unwrap_or(false)
}

/// Lets other threads of the host go before the calling one. It stays as it was if that is lower already, or the system
/// refuses.
pub fn lower_priority() {
    const NICE: i32 = 10;
    // SAFETY: zero means the calling thread.
    unsafe {
        let now = libc::getpriority(libc::PRIO_PROCESS, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, now.max(NICE));
    }
}

struct Attributes(libc::pthread_attr_t);

impl Attributes {
    fn new() -> io::Result<Attributes> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: initialises what it is given.
        match unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) } {
            // SAFETY: as above.
            0 => Ok(Attributes(unsafe { attributes.assume_init() })),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Lets the thread begin on any processor but this one. Returns all those that the calling thread may use; none, and
    /// nothing changes, if there is no other or the system does not say.
    fn begin_elsewhere(&mut self) -> Option<libc::cpu_set_t> {
        // SAFETY: an empty set is all zero. The functions get sets of this size and initialised attributes, which copy theirs.
        unsafe {
            let mut all: libc::cpu_set_t = std::mem::zeroed();
            let here = usize::try_from(libc::sched_getcpu()).ok()?;
            if libc::sched_getaffinity(0, size_of_val(&all), &mut all) != 0
                || here >= libc::CPU_SETSIZE as usize
            {
                return None;
            }
            let mut others = all;
            libc::CPU_CLR(here, &mut others);
            if libc::CPU_COUNT(&others) == 0 {
                return None;
            }
            let set = libc::pthread_attr_setaffinity_np(&mut self.0, size_of_val(&others), &others);
            (set == 0).then_some(all)
        }
    }

    fn begin_anywhere(&mut self) {
        // SAFETY: initialised attributes; without a set there is nothing to read.
        unsafe { libc::pthread_attr_setaffinity_np(&mut self.0, 0, ptr::null()) };
    }

    fn set_stack_size(&mut self, size: usize) -> io::Result<()> {
        let size = size.max(libc::PTHREAD_STACK_MIN).next_multiple_of(64 << 10);
        // SAFETY: initialised attributes.
        match unsafe { libc::pthread_attr_setstacksize(&mut self.0, size) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised, and not used any more.
        unsafe { libc::pthread_attr_destroy(&mut self.0) };
    }
}

/// Blocks this thread's signals while it lives.
struct BlockedSignals {
    before: libc::sigset_t,
}

impl BlockedSignals {
    fn new() -> io::Result<Self> {
        // SAFETY: a signal set is plain data, filled by `sigfillset` before use; `before` is
        // written by a successful call.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            for fault in FAULTS {
                libc::sigdelset(&mut all, fault);
            }
            match libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut before) {
                0 => Ok(BlockedSignals { before }),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: the set is the one that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_may_go_where_its_maker_may() {
        let processors = || {
            // SAFETY: fills the set, which has this size.
            unsafe {
                let mut all: libc::cpu_set_t = std::mem::zeroed();
                libc::sched_getaffinity(0, size_of_val(&all), &mut all);
                (0..libc::CPU_SETSIZE as usize)
                    .filter(|at| libc::CPU_ISSET(*at, &all))
                    .collect::<Vec<_>>()
            }
        };
        let worker = spawn_worker("anywhere", 64 << 10, processors).unwrap();
        assert_eq!(worker.join().unwrap(), processors());
    }

    fn is_blocked(signal: i32) -> bool {
        // SAFETY: only asks for this thread's mask.
        unsafe {
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
            libc::sigismember(&mask, signal) == 1
        }
    }

    #[test]
    fn a_worker_blocks_the_signals_of_the_host_and_the_starter_does_not() {
        let worker = spawn_worker("test", 64 << 10, || {
            assert!(is_worker());
            (is_blocked(libc::SIGINT), is_blocked(libc::SIGALRM), is_blocked(libc::SIGSEGV))
        });
        assert_eq!(worker.unwrap().join().unwrap(), (true, true, false));
        assert!(!is_blocked(libc::SIGINT) && !is_worker());
    }

    #[test]
    fn a_thread_that_the_system_refuses_is_an_error() {
        assert!(spawn_worker("test", 1 << 60, || ()).is_err());
        assert!(spawn_worker("a\0b", 64 << 10, || ()).unwrap().join().is_ok());
    }

    #[test]
    fn a_result_a_panic_and_the_name_arrive() {
        let name = || std::fs::read_to_string("/proc/thread-self/comm").unwrap();
        let worker = spawn_worker("a name that is too long", 256 << 10, name);
        assert_eq!(worker.unwrap().join().unwrap(), "a name that is \n");
        let panic = spawn_worker("test", 256 << 10, || std::panic::resume_unwind(Box::new(7)));
        let panic: Result<(), _> = panic.unwrap().join();
        assert_eq!(panic.unwrap_err().downcast_ref::<i32>(), Some(&7));
    }

    #[test]
    fn dropping_the_handle_waits() {
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let mark = done.clone();
        let worker = spawn_worker("test", 64 << 10, move || {
            std::thread::sleep(std::time::Duration::from_millis(30));
            mark.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        drop(worker.unwrap());
        assert!(done.load(std::sync::atomic::Ordering::Relaxed));
    }
}
