//! Another Rust library in the process: allocates, uses a thread, panics and catches it.

use std::panic::catch_unwind;
use std::thread;

/// The number of panics that were caught, `count` on success.
#[unsafe(no_mangle)]
pub extern "C" fn second_catches(count: usize) -> usize {
    let caught = thread::spawn(move || {
        let numbers: Vec<usize> = (0..count).collect();
        numbers.iter().filter(|&&n| catch_unwind(|| numbers[count + n]).is_err()).count()
    });
    caught.join().unwrap_or(0)
}
