//! Code memory and stacks, seen from outside: code that was written runs, nothing is ever writable and executable,
//! and forks, resource limits and small threads end in error messages, not in signals.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Arc, RwLock};
use wasmrt::code::memory::OWN_MAPPING_MIN;
use wasmrt::code::{Backing, CodeError, CodeMemory, PublishedCode};
use wasmrt::sys::stack::{current_thread_stack, on_own_stack, stack_pointer, with_room};
use wasmrt::sys::thread::spawn_worker;

const BACKINGS: [Backing; 4] =
    [Backing::Auto, Backing::Unnamed, Backing::Memfd, Backing::Anonymous];
const SIZES: [usize; 5] = [6, 5000, OWN_MAPPING_MIN, 1 << 20, 5 << 20];

/// `mov eax, value; ret`
fn returning(value: u32) -> [u8; 6] {
    let [a, b, c, d] = value.to_le_bytes();
    [0xb8, a, b, c, d, 0xc3]
}

fn call(code: *const u8) -> u32 {
    // SAFETY: the tests pass the address of bytes made by `returning`, published and alive.
    let function: extern "C" fn() -> u32 = unsafe { std::mem::transmute(code) };
    function()
}

/// A published function of `len` bytes that returns `value`.
fn publish(memory: &CodeMemory, len: usize, value: u32) -> Result<PublishedCode, CodeError> {
    let mut block = memory.allocate(len)?;
    block.write(0, &returning(value))?;
    block.publish()
}

/// Held while forking, and for reading by tests that a fork would disturb, since a fork ends all reuse.
static FORKS: RwLock<()> = RwLock::new(());

/// Runs `f` in a child process. A signal, a hang or `false` is a failure. Only this thread exists
/// in the child, so `f` neither panics nor prints.
struct Child(libc::pid_t);

impl Child {
    fn start(f: impl FnOnce() -> bool) -> Child {
        let _alone = FORKS.write();
        // SAFETY: the child only runs `f` and ends without running exit handlers.
        match unsafe { libc::fork() } {
            // SAFETY: as above.
            0 => unsafe {
                libc::alarm(20);
                libc::_exit(if f() { 0 } else { 1 })
            },
            pid => Child(pid),
        }
    }

    fn succeeded(self) -> bool {
        let mut status = 0;
        // SAFETY: waits for our own child.
        let pid = unsafe { libc::waitpid(self.0, &mut status, 0) };
        pid == self.0 && status == 0
    }
}

fn limit(resource: libc::__rlimit_resource_t, value: u64) -> bool {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: changes a limit of this (child) process.
    unsafe { libc::setrlimit(resource, &limit) == 0 }
}

/// A pipe of one-byte messages between parent and child.
struct Pipe([i32; 2]);

impl Pipe {
    fn new() -> Pipe {
        let mut ends = [0; 2];
        // SAFETY: the call fills both ends.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        Pipe(ends)
    }
    fn send(&self) -> bool {
        // SAFETY: writes one byte from a constant.
        unsafe { libc::write(self.0[1], b"x".as_ptr().cast(), 1) == 1 }
    }
    fn wait(&self) -> bool {
        let mut byte = 0u8;
        // SAFETY: reads one byte into a local.
        unsafe { libc::read(self.0[0], (&raw mut byte).cast(), 1) == 1 }
    }
}

struct Area {
    start: usize,
    end: usize,
    rights: String,
    inode: String,
}

fn areas() -> Vec<Area> {
    let text = fs::read_to_string("/proc/self/maps").unwrap();
    let area = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (start, end) = fields[0].split_once('-').unwrap();
        let address = |text| usize::from_str_radix(text, 16).unwrap();
        let (rights, inode) = (fields[1].to_owned(), fields[4].to_owned());
        Area { start: address(start), end: address(end), rights, inode }
    };
    text.lines().map(area).collect()
}

fn rights_of(address: *const u8) -> String {
    let inside = |area: &&Area| (area.start..area.end).contains(&(address as usize));
    areas().iter().find(inside).map(|area| area.rights.clone()).unwrap_or_default()
}

fn writable_and_executable() -> usize {
    areas().iter().filter(|area| area.rights.contains('w') && area.rights.contains('x')).count()
}

#[test]
fn published_code_runs_with_every_backing_and_size() {
    for backing in BACKINGS {
        let memory = CodeMemory::new(backing);
        for (value, len) in (1..).zip(SIZES) {
            let code = publish(&memory, len, value).unwrap();
            assert_eq!((call(code.rx()), code.len()), (value, len), "{backing:?}");
            assert_eq!(code.bytes()[..6], returning(value));
            assert_eq!(code.rx() as usize % 64, 0);
        }
    }
}

#[test]
fn blocks_outlive_the_code_memory_they_came_from() {
    for backing in BACKINGS {
        let code = SIZES.map(|len| publish(&CodeMemory::new(backing), len, 9).unwrap());
        assert!(code.iter().all(|code| call(code.rx()) == 9));
    }
}

#[test]
fn no_address_is_ever_writable_and_executable() {
    for backing in BACKINGS {
        let memory = CodeMemory::new(backing);
        for len in SIZES {
            let mut block = memory.allocate(len).unwrap();
            block.write(0, &returning(1)).unwrap();
            assert_eq!(writable_and_executable(), 0);
            let code = block.publish().unwrap();
            assert_eq!(writable_and_executable(), 0);
            assert!(rights_of(code.rx()).starts_with("r-x"), "{backing:?} {len}");
        }
    }
}

#[test]
fn a_published_module_has_no_writable_alias_left() {
    let memory = CodeMemory::new(Backing::Memfd);
    let aliases = |address: *const u8| {
        let all = areas();
        let inside = |area: &&Area| (area.start..area.end).contains(&(address as usize));
        let inode = all.iter().find(inside).unwrap().inode.clone();
        all.into_iter()
            .filter(|area| area.inode == inode)
            .map(|area| area.rights)
            .collect::<Vec<_>>()
    };
    let mut block = memory.allocate(1 << 20).unwrap();
    block.write(0, &returning(1)).unwrap();
    let mut writing = aliases(block.rx());
    writing.sort();
    assert_eq!(writing, ["r-xs", "rw-s"]);
    assert_eq!(aliases(block.publish().unwrap().rx()), ["r-xs"]);
}

#[test]
fn memory_that_was_freed_serves_again() {
    let _no_forks = FORKS.read();
    for backing in BACKINGS {
        let memory = CodeMemory::new(backing);
        let kept = publish(&memory, 100, 5).unwrap();
        let first = publish(&memory, 100, 6).unwrap().rx();
        for value in 0..1000 {
            let code = publish(&memory, 100, value).unwrap();
            assert_eq!((code.rx(), call(code.rx())), (first, value), "{backing:?}");
        }
        assert_eq!(call(kept.rx()), 5);
    }
}

#[test]
fn a_generous_estimate_is_trimmed() {
    let _no_forks = FORKS.read();
    for backing in BACKINGS {
        let memory = CodeMemory::new(backing);
        for len in [OWN_MAPPING_MIN - 1, 64 << 20] {
            let mut block = memory.allocate(len).unwrap();
            let end = block.rx().wrapping_add(len - 1);
            block.write(0, &returning(3)).unwrap();
            block.write(len - 6, &returning(4)).unwrap();
            block.shrink(6);
            assert_eq!(block.write(1, &returning(4)), Err(CodeError::OutOfRange));
            if len >= OWN_MAPPING_MIN {
                assert_eq!(rights_of(end), "", "the tail is still mapped");
            } else {
                let next = publish(&memory, len - (8 << 10), 1).unwrap();
                assert!(
                    next.range().contains(&(end as usize - (8 << 10))),
                    "the tail is not reused"
                );
            }
            let code = block.publish().unwrap();
            assert_eq!((call(code.rx()), code.len()), (3, 6));
        }
    }
}

#[test]
fn a_block_is_filled_in_any_order() {
    for backing in BACKINGS {
        for capacity in [60 << 10, 1 << 20] {
            let mut block = CodeMemory::new(backing).allocate(capacity).unwrap();
            for value in (0..4).flat_map(|first| (first..2000).step_by(4)) {
                block.write(16 * value as usize, &returning(value)).unwrap();
            }
            let code = block.publish().unwrap();
            for value in 0..2000 {
                assert_eq!(call(code.rx().wrapping_add(16 * value as usize)), value);
            }
        }
    }
}

/// A call may be a block's last instruction; its return address is just after it.
#[test]
fn the_address_behind_a_block_starts_no_other() {
    for backing in BACKINGS {
        let memory = CodeMemory::new(backing);
        let sizes = [1, 64, 128, 4096, OWN_MAPPING_MIN].repeat(20);
        let mut code: Vec<_> = sizes.iter().map(|len| publish_int3(&memory, *len)).collect();
        code.sort_by_key(|code| code.range().start);
        assert!(code.windows(2).all(|pair| pair[0].range().end < pair[1].range().start));
    }
}

fn publish_int3(memory: &CodeMemory, len: usize) -> PublishedCode {
    let mut block = memory.allocate(2 * len).unwrap();
    block.write(0, &vec![0xcc; len]).unwrap();
    block.shrink(len);
    block.publish().unwrap()
}

#[test]
fn code_beyond_the_end_of_a_block_is_refused() {
    let mut block = CodeMemory::new(Backing::Auto).allocate(16).unwrap();
    assert_eq!(block.write(10, &returning(0)), Ok(()));
    assert_eq!(block.write(11, &returning(0)), Err(CodeError::OutOfRange));
    assert_eq!(block.write(usize::MAX, &returning(0)), Err(CodeError::OutOfRange));
}

#[test]
fn a_file_size_limit_means_anonymous_pages_and_no_signal() {
    let child = Child::start(|| {
        let memory = CodeMemory::new(Backing::Auto);
        let runs = |len| publish(&memory, len, 7).is_ok_and(|code| call(code.rx()) == 7);
        limit(libc::RLIMIT_FSIZE, 0)
            && SIZES.into_iter().all(runs)
            && CodeMemory::new(Backing::Memfd).allocate(1).is_err()
    });
    assert!(child.succeeded());
}

/// As under systemd's `MemoryDenyWriteExecute=`.
#[test]
fn a_host_that_forbids_turning_data_into_code_still_gets_code() {
    let (set_mdwe, refuse_gain) = (65, 1);
    let child = Child::start(|| {
        let memory = CodeMemory::new(Backing::Auto);
        let runs = |len| publish(&memory, len, 7).is_ok_and(|code| call(code.rx()) == 7);
        // SAFETY: takes a right away from this child.
        let set = unsafe { libc::prctl(set_mdwe, refuse_gain, 0, 0, 0) } == 0;
        // The ban came late: the first attempt may be the one that notices it.
        let refused = publish(&CodeMemory::new(Backing::Anonymous), 6, 1).is_err();
        !set || (refused && SIZES.into_iter().all(runs))
    });
    assert!(child.succeeded());
}

#[test]
fn a_host_without_free_descriptors_still_gets_code() {
    let child = Child::start(|| {
        let memory = CodeMemory::new(Backing::Auto);
        let runs = |len| publish(&memory, len, 7).is_ok_and(|code| call(code.rx()) == 7);
        limit(libc::RLIMIT_NOFILE, 0) && SIZES.into_iter().all(runs)
    });
    assert!(child.succeeded());
}

#[test]
fn lack_of_address_space_is_an_error() {
    for backing in BACKINGS {
        let child = Child::start(|| {
            let memory = CodeMemory::new(backing);
            let early = publish(&memory, 100, 5);
            let space = limit(libc::RLIMIT_AS, 1 << 20); // less than the process already has
            let refused = |len| matches!(publish(&memory, len, 1), Err(CodeError::OutOfMemory(_)));
            let stack = on_own_stack(32 << 20, || ()).is_err();
            let mut more = Vec::with_capacity(0);
            let full = loop {
                match publish(&memory, 4000, 2) {
                    Ok(code) if more.len() < 1000 => more.push(code),
                    Ok(_) => break false,
                    Err(error) => break matches!(error, CodeError::OutOfMemory(_)),
                }
            };
            space
                && refused(1 << 20)
                && refused(1 << 60)
                && refused(usize::MAX)
                && stack
                && full
                && early.is_ok_and(|code| call(code.rx()) == 5)
        });
        assert!(child.succeeded(), "{backing:?}");
    }
}

/// Code made before a fork is not changed in either process, whatever the other one does.
#[test]
fn parent_and_child_do_not_write_into_each_others_code() {
    for backing in BACKINGS {
        for len in SIZES {
            let memory = CodeMemory::new(backing);
            let kept = publish(&memory, len, 1).unwrap();
            let freed_by_child = publish(&memory, len, 2).unwrap();
            let freed_by_parent = publish(&memory, len, 3).unwrap();
            let (to_child, to_parent) = (Pipe::new(), Pipe::new());
            let busy = |memory: &CodeMemory, value| {
                let code: Result<Vec<_>, _> =
                    (0..100).map(|_| publish(memory, len, value)).collect();
                code.is_ok_and(|code| code.iter().all(|code| call(code.rx()) == value))
            };
            // Not through `drop` in the other process: each process has its own value.
            let (kept_at, second, third) = (kept.rx(), freed_by_child.rx(), freed_by_parent.rx());
            let mut freed_by_child = Some(freed_by_child);
            let child = Child::start(|| {
                freed_by_child.take();
                let wrote = busy(&memory, 20);
                let told = to_parent.send() && to_child.wait();
                wrote && told && call(kept_at) == 1 && call(third) == 3 && busy(&memory, 21)
            });
            assert!(to_parent.wait());
            assert_eq!((call(kept_at), call(second), call(third)), (1, 2, 3), "{backing:?} {len}");
            drop(freed_by_parent);
            assert!(busy(&memory, 30));
            assert!(to_child.send());
            assert!(child.succeeded(), "{backing:?} {len}");
            assert_eq!((call(kept_at), call(second)), (1, 2), "{backing:?} {len}");
        }
    }
}

#[test]
fn a_block_begun_before_a_fork_belongs_to_the_parent() {
    for len in SIZES {
        let mut block = CodeMemory::new(Backing::Memfd).allocate(len).unwrap();
        block.write(0, &returning(1)).unwrap();
        let child = Child::start(|| block.write(0, &returning(2)) == Err(CodeError::Inherited));
        assert!(child.succeeded());
        block.write(1, &7u32.to_le_bytes()).unwrap();
        block.shrink(6);
        assert_eq!(call(block.publish().unwrap().rx()), 7);
    }
}

#[test]
fn a_fork_in_the_midst_of_allocations_leaves_the_child_able_to_work() {
    let memory = CodeMemory::new(Backing::Auto);
    let stop = Arc::new(AtomicBool::new(false));
    let busy = || {
        let (memory, stop) = (memory.clone(), stop.clone());
        let work = move || {
            while !stop.load(Relaxed) {
                drop(publish(&memory, 1000, 1));
                drop(publish(&memory, 70_000, 1));
            }
        };
        std::thread::spawn(work)
    };
    let workers = [busy(), busy()];
    for value in 0..100 {
        let work = || publish(&memory, 100, value).is_ok_and(|code| call(code.rx()) == value);
        assert!(Child::start(work).succeeded(), "{value}");
    }
    stop.store(true, Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

/// Uses a little more than `depth` KiB of stack.
#[inline(never)]
fn dig(depth: usize) -> u64 {
    let page = std::hint::black_box([depth as u8; 1024]);
    let below = if depth > 1 { dig(depth - 1) } else { 0 };
    below + u64::from(std::hint::black_box(&page)[depth % 1024] > 0)
}

#[test]
fn deep_work_on_a_64_kib_thread_gets_a_stack_of_ours() {
    let work = || {
        let own = on_own_stack(4 << 20, || dig(3000));
        let room = with_room(4 << 20, || dig(3000));
        (own, room)
    };
    let (own, room) = spawn_worker("small", 64 << 10, work).unwrap().join().unwrap();
    assert!(own == room && own.unwrap() > 2900);
}

#[test]
fn a_panic_on_our_stack_comes_out_in_the_caller() {
    struct Payload(u32);
    let work = || {
        let panicking = || {
            on_own_stack(1 << 20, || -> u32 { std::panic::resume_unwind(Box::new(Payload(17))) })
        };
        let caught = std::panic::catch_unwind(panicking).err().unwrap();
        // The stack is used again afterwards.
        (caught.downcast::<Payload>().unwrap().0, on_own_stack(1 << 20, || dig(900)).unwrap() > 0)
    };
    let worker = spawn_worker("small", 64 << 10, work).unwrap();
    assert_eq!(worker.join().unwrap(), (17, true));
}

#[test]
fn a_backtrace_on_our_stack_reaches_back_to_the_caller() {
    #[inline(never)]
    fn the_caller_of_the_switch() -> String {
        let trace = on_own_stack(4 << 20, std::backtrace::Backtrace::force_capture);
        std::hint::black_box(trace.unwrap()).to_string()
    }
    let text = the_caller_of_the_switch();
    assert!(text.contains("the_caller_of_the_switch"), "{text}");
}

/// Runs before `main`, and therefore on the first thread, which the test harness gives to no test.
#[used]
#[unsafe(link_section = ".init_array")]
static ON_FIRST_THREAD: extern "C" fn() = probe_first_thread;

const PROBE: &std::ffi::CStr = c"WASMRT_TEST_FIRST_THREAD";

extern "C" fn probe_first_thread() {
    // SAFETY: reads the environment before any other thread exists; ends the process if asked to.
    unsafe {
        if !libc::getenv(PROBE.as_ptr()).is_null() {
            libc::_exit(first_thread_failures());
        }
    }
}

/// One bit for each expectation that does not hold.
fn first_thread_failures() -> i32 {
    // SAFETY: only reports numbers.
    let is_first = unsafe { libc::syscall(libc::SYS_gettid) == libc::getpid().into() };
    let Some(range) = current_thread_stack() else { return 64 };
    let mut files = areas().into_iter();
    let area = files.find(|area| (area.start..area.end).contains(&stack_pointer()));
    let promised = (range.len() >> 10) * 3 / 4;
    let holds = [
        is_first,
        range.contains(&stack_pointer()),
        range.len() >= 1 << 20,
        area.is_some_and(|area| area.end == range.end),
        with_room(256 << 10, || range.contains(&stack_pointer())) == Ok(true),
        dig(promised) > 0,
    ];
    holds.iter().rev().fold(0, |bits, holds| bits * 2 + i32::from(!holds))
}

#[test]
fn the_bounds_of_the_first_thread_are_found() {
    let mut probe = std::process::Command::new(std::env::current_exe().unwrap());
    let status = probe.env(PROBE.to_str().unwrap(), "1").status().unwrap();
    assert_eq!(status.code(), Some(0), "{status}");
}
